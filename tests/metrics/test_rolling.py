"""Rolling three months: sums of months for those who have too few, and every row says so."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.errors import HallscoreError
from metrics.fairness.rolling import rolled, span_words
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value
from tests.metrics.town import COUNTERS, HALLS, Town

LOCAL = Scope("local", None)
MONTHS = (date(2019, 6, 1), date(2019, 7, 1), date(2019, 8, 1), date(2019, 9, 1))
GRADES = {  # per month
    "c-tax": {5: 40, 1: 1},
    "n-tax": {5: 11, 1: 1},
    "s-tax": {5: 3},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """June to September: the city counter has enough each month, the north in three only.

    The township counter had visitors in July alone, the village counter none.
    """
    town = Town(tmp_path_factory.mktemp("rolling") / "home", HALLS, COUNTERS)
    for first in MONTHS:
        rows = [row for who, grades in GRADES.items() for row in town.rate(who, grades, first)]
        if first.month == 7:
            rows += town.rate("t-all", {5: 30, 2: 2}, first)
        town.deliver("ratings", rows, (first, date(first.year, first.month + 1, 1)))
    return town.home


def told(home: Path, period: str = "2019-08", **more: Any) -> dict[str, dict[str, Any]]:
    frame = rolled(home, "bad_rate", parse_period(period), "counter", LOCAL, **more)
    return {row["id"]: row for row in frame.to_dicts()}


def test_who_has_enough_keeps_the_month_and_the_others_get_the_sum_of_three(home: Path) -> None:
    rows = told(home)
    city, north = rows["c-tax"], rows["n-tax"]
    assert (city["n"], city["d"], city["span"], city["months"]) == (1, 41, "2019-08", 1)
    assert (north["n"], north["d"], north["state"]) == (3, 36, "number")
    assert (north["span"], north["months"], north["month_state"]) == ("2019-06…2019-08", 3, "few")
    assert north["value"] == pytest.approx(3 / 36)
    assert north["label_zh"].startswith("近三月合计")


def test_three_months_of_too_few_are_still_too_few(home: Path) -> None:
    south = told(home)["s-tax"]
    assert (south["d"], south["state"], south["span"]) == (9, "few", "2019-06…2019-08")


def test_business_of_an_earlier_month_is_told_as_such_and_none_stays_none(home: Path) -> None:
    rows = told(home)
    assert (rows["t-all"]["month_state"], rows["t-all"]["d"]) == ("none", 32)
    assert (rows["v-all"]["state"], rows["v-all"]["span"]) == ("none", "2019-08")


def test_the_sum_is_that_of_the_days_and_no_mean_of_rates(home: Path) -> None:
    """The same as the value of the quarter that has the same months, where one has."""
    quarter = value(home, "bad_rate", parse_period("2019-Q3"), "counter", LOCAL, date(2019, 9, 30))
    sums = {row["id"]: (row["n"], row["d"]) for row in quarter.to_dicts()}
    rows = told(home, "2019-09", as_of=date(2019, 9, 30))
    for name in ("n-tax", "s-tax", "t-all"):
        assert (rows[name]["n"], rows[name]["d"]) == sums[name]


def test_the_span_begins_with_the_logs(home: Path) -> None:
    assert told(home, "2019-07")["n-tax"]["span"] == "2019-06…2019-07"
    assert told(home, "2019-07")["n-tax"]["label_en"].startswith("last 2 months")
    assert told(home, "2019-06")["n-tax"]["span"] == "2019-06"


def test_a_missing_month_is_not_summed_over(tmp_path: Path) -> None:
    """Nobody delivered July: two months must not pass for three."""
    town = Town(tmp_path / "home", HALLS, COUNTERS)
    for first in (MONTHS[0], MONTHS[2], MONTHS[3]):
        rows = town.rate("n-tax", GRADES["n-tax"], first)
        town.deliver("ratings", rows, (first, date(first.year, first.month + 1, 1)))
    north = told(town.home)["n-tax"]
    assert (north["lacking"], north["span"], north["state"]) == ("2019-07", "2019-08", "few")
    assert told(town.home, "2019-07")["n-tax"]["state"] == "missing"


@pytest.mark.parametrize(
    ("metric", "period", "months", "said"),
    [
        ("bad_rate", "2019-Q3", 3, "rolling sums are of months"),
        ("open_bad", "2019-08", 3, "is a stock"),
        ("bad_rate", "2019-08", 1, "two months or more"),
    ],
)
def test_what_does_not_add_up_is_refused(
    home: Path, metric: str, period: str, months: int, said: str
) -> None:
    with pytest.raises(HallscoreError, match=said):
        rolled(home, metric, parse_period(period), "counter", LOCAL, months)


def test_a_span_reads_as_words() -> None:
    assert span_words("2019-06…2019-08") == "近三月合计（2019年6月至2019年8月）"
    assert span_words("2018-12…2019-01") == "近两月合计（2018年12月至2019年1月）"
    assert span_words("2019-08", "en") == "Aug 2019"
