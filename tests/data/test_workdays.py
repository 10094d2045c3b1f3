"""Working days with 调休, overrides and the estimate beyond the last notice."""

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import HallscoreError
from data.workdays import FIRST, LAST, days_from, load_calendar, offsets_of

CALENDAR = load_calendar()
DAYS = st.dates(date(2003, 6, 1), date(2028, 6, 1))


def counted(start: date, end: date) -> int:
    """Working days in (start, end], one day at a time."""
    span = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
    return sum(CALENDAR.is_workday(day) for day in span)


def home_with(tmp_path: Path, text: str | bytes) -> Path:
    content = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "workdays.csv").write_bytes(content)
    return tmp_path


def test_2019_has_250_working_days_spread_as_published():
    months = [
        counted(date(2019, month, 1) - timedelta(days=1), last - timedelta(days=1))
        for month, last in (
            (month, date(2019 + month // 12, month % 12 + 1, 1)) for month in range(1, 13)
        )
    ]
    assert months == [22, 17, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22]
    assert CALENDAR.workdays_between(date(2018, 12, 31), date(2019, 12, 31)) == 250


def test_make_up_days_of_2019_are_its_only_weekend_working_days():
    year = CALENDAR.frame(date(2019, 1, 1), date(2020, 1, 1))
    weekend = year.filter("workday", pl.col("day").dt.weekday() > 5)["day"].to_list()
    assert weekend == [
        date(2019, 2, 2),
        date(2019, 2, 3),
        date(2019, 4, 28),
        date(2019, 5, 5),
        date(2019, 9, 29),
        date(2019, 10, 12),
    ]


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2019-09-30", 1, "2019-10-08"),
        ("2019-04-30", 1, "2019-05-05"),
        ("2019-09-27", 5, "2019-10-10"),
        ("2019-01-31", 5, "2019-02-12"),
        ("2019-12-20", 15, "2020-01-13"),
        ("2026-09-24", 5, "2026-10-09"),
        ("2020-01-23", 1, "2020-02-03"),
    ],
)
def test_limits_skip_holidays_and_use_make_up_days(start, count, end):
    assert CALENDAR.add_workdays(date.fromisoformat(start), count) == date.fromisoformat(end)


def test_no_working_day_later_is_the_day_itself_even_on_a_sunday():
    assert CALENDAR.add_workdays(date(2019, 8, 11), 0) == date(2019, 8, 11)


def test_the_first_day_counts_only_where_the_site_says_so():
    counting = load_calendar(first_day_counts=True)
    assert CALENDAR.add_workdays(date(2019, 8, 5), 1) == date(2019, 8, 6)
    assert counting.add_workdays(date(2019, 8, 5), 1) == date(2019, 8, 5)
    assert counting.add_workdays(date(2019, 8, 10), 1) == date(2019, 8, 12)
    assert counting.add_workdays(FIRST, 1) == date(2000, 1, 3)
    assert counting.digest != CALENDAR.digest


def test_every_day_of_the_notices_is_that_of_the_package():
    span = CALENDAR.frame(date(2004, 1, 1), date(2027, 1, 1))
    expected = [chinese_calendar.is_workday(day) for day in span["day"]]
    assert span["workday"].to_list() == expected
    assert span["known"].all()


def test_beyond_the_last_notice_weekdays_are_assumed_and_marked():
    assert CALENDAR.known(date(2026, 12, 31))
    assert not CALENDAR.known(date(2027, 1, 1))
    assert not CALENDAR.known(date(2003, 12, 31))
    assert CALENDAR.is_workday(date(2027, 1, 1))
    assert not CALENDAR.is_workday(date(2027, 1, 2))
    assert CALENDAR.add_workdays(date(2026, 12, 31), 5) == date(2027, 1, 7)


def test_a_span_is_known_only_if_every_day_of_it_is():
    starts = offsets_of(pl.Series([date(2026, 12, 1), date(2026, 12, 1), date(2003, 12, 30)]))
    ends = offsets_of(pl.Series([date(2026, 12, 31), date(2027, 1, 4), date(2004, 1, 2)]))
    assert CALENDAR.all_known(starts, ends).tolist() == [True, False, False]


def test_a_limit_beyond_the_calendar_ends_on_its_last_working_day():
    assert CALENDAR.add_workdays(LAST, 9999) == LAST
    assert CALENDAR.add_workdays(date(2019, 1, 1), 99999) == LAST


def test_a_day_outside_the_calendar_is_refused_by_name():
    with pytest.raises(HallscoreError, match="1999-12-31: outside the calendar"):
        CALENDAR.is_workday(date(1999, 12, 31))
    with pytest.raises(HallscoreError, match="2041-01-01"):
        CALENDAR.add_workdays(date(2041, 1, 1), 1)


@given(start=DAYS, count=st.integers(0, 60))
def test_adding_working_days_is_walking_them_one_by_one(start, count):
    day, left = start, count
    while left:
        day += timedelta(days=1)
        left -= CALENDAR.is_workday(day)
    assert CALENDAR.add_workdays(start, count) == day


@given(start=DAYS, length=st.integers(0, 200))
def test_working_days_between_are_those_counted_one_by_one(start, length):
    end = start + timedelta(days=length)
    assert CALENDAR.workdays_between(start, end) == counted(start, end)


@given(st.lists(st.tuples(DAYS, st.integers(0, 60)), min_size=1, max_size=20))
def test_columns_give_what_single_days_give(rows):
    starts = pl.Series([day for day, _ in rows])
    counts = np.array([count for _, count in rows])
    ends = days_from(CALENDAR.shift(offsets_of(starts), counts))
    assert ends.to_list() == [CALENDAR.add_workdays(day, count) for day, count in rows]
    spans = CALENDAR.count(offsets_of(starts), offsets_of(ends)).tolist()
    assert spans == [CALENDAR.workdays_between(*pair) for pair in zip(starts, ends, strict=True)]


def test_a_home_overrides_single_days(tmp_path):
    text = (
        "\ufeffdate,kind,note,source\n2019-08-15,off,停电,本市通知\n2019-08-17,work,补班,本市通知\n"
    )
    calendar = load_calendar(home_with(tmp_path, text))
    assert not calendar.is_workday(date(2019, 8, 15))
    assert calendar.is_workday(date(2019, 8, 17))
    assert calendar.digest != CALENDAR.digest
    assert CALENDAR.is_workday(date(2019, 8, 15))


def test_a_home_without_overrides_has_the_shipped_calendar(tmp_path):
    assert load_calendar(tmp_path).digest == CALENDAR.digest
    assert load_calendar(home_with(tmp_path, "")).add_workdays(FIRST, 1) == date(2000, 1, 3)


def test_a_single_day_of_a_later_year_does_not_make_the_year_known(tmp_path):
    calendar = load_calendar(home_with(tmp_path, "date,kind\n2027-01-01,off\n"))
    assert calendar.known(date(2027, 1, 1))
    assert not calendar.known(date(2027, 1, 4))


def test_a_whole_notice_of_a_later_year_makes_the_year_known(tmp_path):
    rows = (
        "date,kind,note,source\n2027-01-01,off,元旦,\n2027-10-01,off,国庆,\n2027-10-09,work,补班,\n"
    )
    calendar = load_calendar(home_with(tmp_path, rows))
    assert calendar.known(date(2027, 6, 1))
    assert calendar.is_workday(date(2027, 10, 9))
    assert not calendar.known(date(2028, 1, 3))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,kind\n2019-08-15,of\n", r"workdays.csv, line 2: kind 'of'; .*Did you mean 'off'"),
        ("date,kind\n2019-08-15\n", r"line 2: kind ''; expected 'off' or 'work'"),
        ("date,kind\n2019-08-15,off\n15.8.2019,off\n", r"line 3: date '15\.8\.2019' is not a date"),
        ("date,kind\n1999-08-15,off\n", r"line 2: 1999-08-15 is outside 2000-01-01 to 2040-12-31"),
        ("date,kind\n2019-08-15,off\n2019-08-15,work\n", r"line 3: 2019-08-15 is 'work', but an"),
        ("day,kind\n2019-08-15,off\n", r"line 1: no column 'date' in 'day,kind'"),
        ("日期,kind\n".encode("gb18030"), r"workdays.csv: byte 0xc8 at position 0 is not UTF-8"),
        ('date,note,kind\n2019-08-15,"a\nb",off\n2019-08-16,c,no\n', r"line 4: kind 'no'"),
    ],
)
def test_a_bad_override_names_file_line_and_what_was_expected(tmp_path, text, said):
    with pytest.raises(HallscoreError, match=said):
        load_calendar(home_with(tmp_path, text))


def test_the_shared_calendar_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        CALENDAR.workday[0] = True
