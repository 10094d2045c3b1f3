"""Periods as people write them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import HallscoreError
from metrics.periods import parse_period, period_of

KINDS = ("year", "half", "quarter", "month", "week", "day")
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("text", "kind", "start", "end"),
    [
        ("2019", "year", "2019-01-01", "2020-01-01"),
        ("2019-H1", "half", "2019-01-01", "2019-07-01"),
        ("2019-H2", "half", "2019-07-01", "2020-01-01"),
        ("2019-Q3", "quarter", "2019-07-01", "2019-10-01"),
        ("2019-Q4", "quarter", "2019-10-01", "2020-01-01"),
        ("2019-08", "month", "2019-08-01", "2019-09-01"),
        ("2019-12", "month", "2019-12-01", "2020-01-01"),
        ("2019-W35", "week", "2019-08-26", "2019-09-02"),
        ("2019-W01", "week", "2018-12-31", "2019-01-07"),
        ("2020-W53", "week", "2020-12-28", "2021-01-04"),
        ("2019-08-14", "day", "2019-08-14", "2019-08-15"),
        (" 2020-02-29 ", "day", "2020-02-29", "2020-03-01"),
    ],
)
def test_a_written_period_is_a_half_open_span_of_days(text, kind, start, end):
    period = parse_period(text)
    assert (period.kind, period.text) == (kind, text.strip())
    assert (period.start, period.end) == (date.fromisoformat(start), date.fromisoformat(end))
    assert period.last == period.end - timedelta(days=1)
    assert period.days == (period.end - period.start).days


@pytest.mark.parametrize(
    "text",
    [
        *("", "19", "2019-H3", "2019-Q5", "2019-13", "2019-00", "2019-8", "2019-W53", "2019-W00"),
        *("2019-02-29", "0000", "9999", "2019/08", "August", "2019-08-14-1"),
    ],
)
def test_what_is_no_period_is_refused_with_examples(text):
    with pytest.raises(HallscoreError, match="2019-H1, 2019-Q3, 2019-08, 2019-W35 or 2019-08-14"):
        parse_period(text)


@pytest.mark.parametrize(
    ("text", "previous", "following", "year_before"),
    [
        ("2019", "2018", "2020", "2018"),
        ("2019-H1", "2018-H2", "2019-H2", "2018-H1"),
        ("2019-Q1", "2018-Q4", "2019-Q2", "2018-Q1"),
        ("2019-01", "2018-12", "2019-02", "2018-01"),
        ("2020-02", "2020-01", "2020-03", "2019-02"),
        ("2019-W01", "2018-W52", "2019-W02", "2018-W01"),
        ("2020-W53", "2020-W52", "2021-W01", "2019-W52"),
        ("2021-W01", "2020-W53", "2021-W02", "2020-W01"),
        ("2020-02-29", "2020-02-28", "2020-03-01", "2019-02-28"),
        ("2020-03-01", "2020-02-29", "2020-03-02", "2019-03-01"),
        ("2020-01-01", "2019-12-31", "2020-01-02", "2019-01-01"),
    ],
)
def test_neighbours_and_the_same_period_a_year_before(text, previous, following, year_before):
    period = parse_period(text)
    assert period.previous() == parse_period(previous)
    assert period.next() == parse_period(following)
    assert period.year_before() == parse_period(year_before)


@pytest.mark.parametrize(
    ("text", "kind", "parts"),
    [
        ("2019", "month", 12),
        ("2019-H2", "month", 6),
        ("2019-Q1", "month", 3),
        ("2020-02", "day", 29),
        ("2019-W01", "day", 7),
    ],
)
def test_a_period_is_made_of_months_or_of_days(text, kind, parts):
    period = parse_period(text)
    children = period.children()
    assert {child.kind for child in children} == {kind}
    assert len(children) == parts
    assert (children[0].start, children[-1].end) == (period.start, period.end)
    assert all(a.end == b.start for a, b in pairwise(children))


def test_a_day_has_no_parts():
    assert parse_period("2019-08-14").children() == ()


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("2019", "2019年", "2019"),
        ("2019-H1", "2019年上半年", "H1 2019"),
        ("2019-H2", "2019年下半年", "H2 2019"),
        ("2019-Q4", "2019年第四季度", "Q4 2019"),
        ("2019-08", "2019年8月", "Aug 2019"),
        ("2019-W35", "2019年第35周(8.26—9.1)", "week 35 2019 (Aug 26 – Sep 1)"),
        ("2019-W01", "2019年第1周(12.31—1.6)", "week 1 2019 (Dec 31 – Jan 6)"),
        ("2019-08-14", "2019年8月14日", "Aug 14, 2019"),
    ],
)
def test_a_period_in_words(text, zh, en):
    assert parse_period(text).label("zh") == parse_period(text).label() == zh
    assert parse_period(text).label("en") == en


@given(kind=st.sampled_from(KINDS), day=DAYS)
def test_every_day_lies_in_one_period_of_a_kind_and_reads_back(kind, day):
    period = period_of(kind, day)
    assert period.contains(day)
    assert not period.contains(period.end)
    assert not period.contains(period.start - timedelta(days=1))
    assert parse_period(period.text) == period
    assert period.previous().end == period.start
    assert period.previous().next() == period


@given(day=DAYS)
def test_weeks_run_from_monday_to_sunday(day):
    week = period_of("week", day)
    assert (week.start.isoweekday(), week.last.isoweekday(), week.days) == (1, 7, 7)
    assert week.text == day.strftime("%G-W%V")
