"""Changes and the periods before."""

from datetime import date

import pytest

from metrics.comparison import Change, change, months_between, trailing
from metrics.periods import parse_period


@pytest.mark.parametrize(
    ("kind", "now", "before", "expected"),
    [
        ("ratio", 0.75, 0.5, Change("difference", 0.25)),
        ("mean", 2.0, 3.5, Change("difference", -1.5)),
        ("quantile", 300.0, 300.0, Change("difference", 0.0)),
        ("count", 150.0, 100.0, Change("share", 0.5)),
        ("stock", 0.0, 4.0, Change("share", -1.0)),
        ("count", 5.0, 0.0, None),
        ("ratio", None, 0.5, None),
        ("ratio", 0.5, None, None),
    ],
)
def test_rates_change_by_points_and_counts_by_a_share(kind, now, before, expected):
    assert change(kind, now, before) == expected


def test_trailing_periods_end_with_the_one_asked_for():
    assert [p.text for p in trailing(parse_period("2019-02"), 3)] == [
        "2018-12",
        "2019-01",
        "2019-02",
    ]
    assert trailing(parse_period("2019-W01"), 1) == (parse_period("2019-W01"),)


def test_months_between_two_days_are_newest_first():
    months = months_between(date(2018, 12, 31), date(2019, 2, 1))
    assert [month.text for month in months] == ["2019-02", "2019-01", "2018-12"]
    assert [m.text for m in months_between(date(2019, 2, 1), date(2019, 2, 1))] == ["2019-02"]
