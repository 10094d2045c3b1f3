"""A small town with three months of business, through the ordinary ingest."""

import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "metrics"))

from town import HALLS, Row, Town

from dashboard.charts import unchecked


@pytest.fixture(autouse=True)
def checked_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every chart that a page draws in a test is checked against Vega-Lite's schema."""
    monkeypatch.setattr(unchecked, "CHECK", True)


# Two counters of equal score tie; the last one has too little, one has nothing at all.
GRADES = {
    "n1": {5: 40},
    "n2": {5: 40},
    "n3": {5: 36, 2: 4},
    "n4": {5: 3},
    "n5": {},
    "c1": {5: 50, 1: 1},
}
COUNTERS: list[Row] = [
    {"counter_id": "n1", "name": "不动产登记窗口", "hall_id": "C1"},
    {"counter_id": "n2", "name": "=税务窗口", "hall_id": "C1"},
    {"counter_id": "n3", "name": "<b>社保</b>窗口", "hall_id": "C2"},
    {"counter_id": "n4", "name": "民政窗口", "hall_id": "C2"},
    {"counter_id": "n5", "name": "户政窗口", "hall_id": "C1"},
    {"counter_id": "c1", "name": "综合窗口", "hall_id": "C"},
]
# September is there so that the ratings of August are mature.
MONTHS = (date(2019, 7, 1), date(2019, 8, 1), date(2019, 9, 1))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the town: July to September 2019, ratings and tickets only."""
    town = Town(tmp_path_factory.mktemp("town") / "home", HALLS, COUNTERS)
    for first in MONTHS:
        last = date(first.year, first.month + 1, 1)
        days = [first + timedelta(days=7), first + timedelta(days=8)]
        ratings = [row for one, grades in GRADES.items() for row in town.rate(one, grades, days[0])]
        tickets = [
            row
            for one, grades in GRADES.items()
            if grades
            for row in town.queue(one, [*[120] * sum(grades.values()), 1200, None], days[0])
        ]
        town.deliver("ratings", ratings, (first, last))
        town.deliver("tickets", tickets, (first, last))
    return town.home
