"""The cards say what they compare with: to date with to date, counts per working day."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from town import COUNTERS, HALLS, Town

from dashboard.components.compared import compared_text
from dashboard.text import Words
from dashboard.viewer import Viewer, viewer
from metrics.catalogue import metric
from metrics.periods import parse_period


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tickets on each working day from July to 10 September 2019, three in September."""
    town = Town(tmp_path_factory.mktemp("compared") / "home", HALLS, COUNTERS)
    days = [date(2019, 7, 1) + timedelta(days=n) for n in range(72)]
    rows = []
    for day in (one for one in days if one.weekday() < 5):
        rows += town.queue("c-tax", [60] * (3 if day.month == 9 else 2), day)
    town.deliver("tickets", rows)
    return town.home


def seen(home: Path, lang: str = "zh") -> Viewer:
    found = viewer(home, None, Words(lang))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "period", "expected"),
    [
        # 44 on 22 days are as many a day as 46 on 23.
        ("tickets", "2019-08", "较上月 ±0.0%（按工作日平均，22 天比 23 天）"),
        ("wait_within_15_rate", "2019-08", "较上月 ±0.00 个百分点"),
        # 21 tickets on 7 working days beside the 14 of the first 7 of August.
        ("tickets", "2019-09", "较上月同期（同为前 7 个工作日）+50.0%"),
        ("wait_within_15_rate", "2019-09", "较上月同期（同为前 7 个工作日）±0.00 个百分点"),
        ("tickets", "2019-07", "上月无可比数据"),
    ],
)
def test_the_words_say_which_parts_are_compared(place: Path, name: str, period: str, expected: str):
    assert compared_text(seen(place), metric(name), parse_period(period)) == expected


def test_english_says_the_same(place: Path):
    told = compared_text(seen(place, "en"), metric("tickets"), parse_period("2019-09"))
    assert told == "+50.0% on last month to date (the first 7 working days of both)"
