"""Changes and the periods before."""

from datetime import date, datetime

import pytest

from data.errors import HallscoreError
from data.workdays import load_calendar
from metrics.comparison import (
    Change,
    Working,
    board_day,
    change,
    counterpart,
    months_between,
    per_workday,
    to_date,
    trailing,
    working,
)
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


def test_a_running_period_goes_to_the_day_and_a_past_one_to_its_end() -> None:
    october = parse_period("2019-10")
    assert to_date(october, date(2019, 10, 9)) == (date(2019, 10, 1), date(2019, 10, 9))
    assert to_date(october, date(2020, 1, 1)) == (date(2019, 10, 1), date(2019, 10, 31))
    with pytest.raises(HallscoreError, match="begins on 2019-10-01"):
        to_date(october, date(2019, 9, 30))


@pytest.mark.parametrize(
    ("period", "as_of", "earlier", "first", "last"),
    [
        # Off until 7 October: the 8th is the first working day, the 12th (a Saturday made up) the
        # fifth. September 2019 begins on a Sunday; its fifth working day is Friday the 6th.
        ("2019-10", "2019-10-08", "previous", "2019-09-01", "2019-09-02"),
        ("2019-10", "2019-10-12", "previous", "2019-09-01", "2019-09-06"),
        # On a Sunday the days off go with it: the weekend of 7 and 8 September.
        ("2019-10", "2019-10-13", "previous", "2019-09-01", "2019-09-08"),
        # In the holiday nothing has passed: Sunday 1 September alone is beside it.
        ("2019-10", "2019-10-03", "previous", "2019-09-01", "2019-09-01"),
        # September 2019 to the 6th has five working days; October 2018 has them on the 8th to 12th.
        ("2019-09", "2019-09-06", "previous", "2019-08-01", "2019-08-07"),
        ("2019-10", "2019-10-12", "year_before", "2018-10-01", "2018-10-12"),
        ("2019-11", "2019-11-01", "previous", "2019-10-01", "2019-10-08"),
        # A whole period stands beside a whole one, also on its own last day.
        ("2019-10", "2019-10-31", "previous", "2019-09-01", "2019-09-30"),
        ("2019-10", "2019-12-01", "year_before", "2018-10-01", "2018-10-31"),
        # 30 days of March 2019 hold 20 working days, February has 17: never beyond it.
        ("2019-03", "2019-03-29", "previous", "2019-02-01", "2019-02-28"),
        ("2019-W41", "2019-10-09", "previous", "2019-09-30", "2019-10-06"),
        ("2019", "2019-01-02", "year_before", "2018-01-01", "2018-01-02"),
        ("2019-H2", "2019-07-01", "previous", "2019-01-01", "2019-01-02"),
    ],
)
def test_the_counterpart_has_as_many_working_days_from_its_start(
    period: str, as_of: str, earlier: str, first: str, last: str
) -> None:
    asked = (parse_period(period), date.fromisoformat(as_of))
    found = counterpart(*asked, earlier, load_calendar())
    assert found == (date.fromisoformat(first), date.fromisoformat(last))


def test_nothing_is_beside_a_day_off_where_the_earlier_period_begins_with_work() -> None:
    """Sunday 1 September 2019; 1 August was a working day: no day is the counterpart of none."""
    none = counterpart(parse_period("2019-09"), date(2019, 9, 1), "previous", load_calendar())
    assert none == (date(2019, 8, 1), date(2019, 7, 31))


def test_an_unknown_comparison_names_the_nearest() -> None:
    with pytest.raises(HallscoreError, match="Did you mean 'previous'"):
        counterpart(parse_period("2019-10"), date(2019, 10, 9), "previos", load_calendar())


def test_a_count_per_working_day_and_whether_the_calendar_is_known() -> None:
    october = (date(2019, 10, 1), date(2019, 10, 12))
    assert working(october, load_calendar()) == Working(5, estimated=False)
    assert per_workday(40, october, load_calendar()) == 8.0
    holiday = (date(2019, 10, 1), date(2019, 10, 7))
    assert per_workday(40, holiday, load_calendar()) is None
    assert working((date(2019, 10, 1), date(2019, 9, 30)), load_calendar()).days == 0


def test_a_year_without_a_calendar_counts_mondays_to_fridays_and_says_so() -> None:
    """2035 has no notice yet: 1 October 2035 is a Monday like any other."""
    first = date(2035, 10, 1)
    assert working((first, date(2035, 10, 7)), load_calendar()) == Working(5, estimated=True)
    found = counterpart(parse_period("2035-10"), date(2035, 10, 5), "previous", load_calendar())
    assert found == (date(2035, 9, 1), date(2035, 9, 7))


@pytest.mark.parametrize(
    ("last", "now", "opens_on"),
    [
        # Tuesday morning: the rows of Tuesday are not there yet, Monday is the last whole day.
        (date(2019, 8, 13), datetime(2019, 8, 13, 8, 59), date(2019, 8, 12)),
        (date(2019, 8, 13), datetime(2019, 8, 13, 9, 0), date(2019, 8, 13)),
        # Monday before nine: Friday.
        (date(2019, 8, 12), datetime(2019, 8, 12, 8, 0), date(2019, 8, 9)),
        # A Saturday with a few rows is no working day; 29 September 2019 (Sunday) is one.
        (date(2019, 8, 17), datetime(2019, 8, 19, 10, 0), date(2019, 8, 16)),
        (date(2019, 9, 29), datetime(2019, 9, 30, 7, 0), date(2019, 9, 29)),
        (date(2019, 10, 7), datetime(2020, 1, 1, 7, 0), date(2019, 9, 30)),
    ],
)
def test_the_board_opens_on_the_last_complete_working_day(last, now, opens_on):
    assert board_day(date(2019, 1, 1), last, now, load_calendar()) == opens_on


def test_a_home_of_one_day_off_opens_on_it():
    day = date(2019, 8, 17)
    assert board_day(day, day, datetime(2019, 8, 20, 10), load_calendar()) == day
