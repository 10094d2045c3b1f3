"""The case clock: when a case is due, whether it was on time, and from which day it is overdue."""

from datetime import date, datetime, time, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.clock import add_clock
from data.clock_stops import bad_stops, parse_stops
from data.workdays import load_calendar

CALENDAR = load_calendar()
MOMENT = pl.Datetime("us")
SCHEMA = {
    "case_id": pl.String(),
    "item_id": pl.String(),
    "received_at": MOMENT,
    "accepted_at": MOMENT,
    "closed_at": MOMENT,
    "due_at": MOMENT,
    "due_is_date": pl.Boolean(),
    "promised_limit": pl.Int32(),
    "promised_unit": pl.String(),
    "statutory_limit": pl.Int32(),
    "statutory_unit": pl.String(),
    "clock_stops": pl.String(),
    "state": pl.String(),
}
LIMITS = ("promised_limit", "promised_unit", "statutory_limit", "statutory_unit")
ITEM_SCHEMA = {"item_id": pl.String(), **{name: SCHEMA[name] for name in LIMITS}}
NO_ITEMS = pl.DataFrame(schema=ITEM_SCHEMA)
TIMES = ("received_at", "accepted_at", "closed_at", "due_at")


def at(text):
    return datetime.fromisoformat(text)


def clock(*cases, items=NO_ITEMS, calendar=CALENDAR):
    rows = [{**dict.fromkeys(SCHEMA), **case} for case in cases]
    for row in rows:
        for name in TIMES:
            row[name] = at(row[name]) if isinstance(row[name], str) else row[name]
    return add_clock(pl.DataFrame(rows, schema=SCHEMA), items, calendar).to_dicts()


def one(calendar=CALENDAR, items=NO_ITEMS, **case):
    return clock({"received_at": "2019-09-25 09:00", **case}, items=items, calendar=calendar)[0]


PROMISE = {"promised_limit": 5, "promised_unit": "workday"}


def test_a_promise_over_the_national_day_is_due_on_the_eighth_of_october():
    """WE-5: accepted Wed 2019-09-25, 5 working days, closed 10 October: two working days late."""
    case = one(accepted_at="2019-09-25 10:00", closed_at="2019-10-10 11:00", **PROMISE)
    assert case["due_on"] == date(2019, 10, 8)
    assert case["overdue_on"] == date(2019, 10, 9)
    assert case["on_time"] is False
    assert case["used_days"] - case["promised_days"] == 2
    assert (case["limit_unit"], case["calendar_known"], case["state"]) == (
        "workday",
        True,
        "closed",
    )


@pytest.mark.parametrize(("closed", "on_time"), [("2019-10-08 23:59", True), ("2019-10-09", False)])
def test_the_due_day_lasts_until_its_end(closed, on_time):
    case = one(closed_at=closed, **PROMISE)
    assert case["on_time"] is on_time
    assert (case["overdue_on"] is None) is on_time


def test_the_clock_starts_with_acceptance_or_else_with_receipt():
    received = one(promised_limit=1, promised_unit="day")
    accepted = one(accepted_at="2019-09-27 16:00", promised_limit=1, promised_unit="day")
    assert (received["day"], received["accepted_on"]) == (date(2019, 9, 25), None)
    assert received["due_on"] == date(2019, 9, 26)
    assert (accepted["day"], accepted["due_on"]) == (date(2019, 9, 25), date(2019, 9, 28))


def test_calendar_days_run_through_holidays():
    case = one(promised_limit=5, promised_unit="day", closed_at="2019-10-01")
    assert (case["due_on"], case["used_days"]) == (date(2019, 9, 30), 6)
    assert case["limit_unit"] == "day"


def test_a_site_may_count_the_day_of_acceptance():
    counting = load_calendar(first_day_counts=True)
    for unit, due in (("workday", date(2019, 9, 30)), ("day", date(2019, 9, 29))):
        case = one(
            counting, promised_limit=5, promised_unit=unit, closed_at=datetime.combine(due, time(9))
        )
        assert (case["due_on"], case["used_days"], case["on_time"]) == (due, 5, True)


def test_an_immediate_case_taken_in_on_a_sunday_is_due_that_sunday():
    case = one(received_at="2019-08-11 09:00", closed_at="2019-08-11 09:20", promised_limit=0)
    assert (case["due_on"], case["on_time"], case["used_days"]) == (date(2019, 8, 11), True, 0)


def test_a_case_without_any_limit_is_neither_on_time_nor_late():
    case = one(closed_at="2019-10-10")
    for name in ("on_time", "due_on", "overdue_on", "limit_unit", "promised_days"):
        assert case[name] is None
    assert case["used_days"] == 7


def test_limits_come_from_the_item_where_the_case_has_none():
    items = pl.DataFrame([["I1", 3, "day", 20, "workday"]], schema=ITEM_SCHEMA, orient="row")
    own, of_item, other = clock(
        {"received_at": "2019-09-25", "item_id": "I1", **PROMISE},
        {"received_at": "2019-09-25", "item_id": "I1"},
        {"received_at": "2019-09-25", "item_id": "I2"},
        items=items,
    )
    assert (own["due_on"], own["statutory_days"]) == (date(2019, 10, 8), 20)
    # A statutory limit in another unit than the promised one cannot be compared with used_days.
    assert (of_item["due_on"], of_item["statutory_days"]) == (date(2019, 9, 28), None)
    assert (other["due_on"], other["promised_days"]) == (None, None)


def test_the_statutory_limit_rules_where_nothing_is_promised():
    case = one(statutory_limit=10, statutory_unit="day")
    assert (case["due_on"], case["limit_unit"]) == (date(2019, 10, 5), "day")
    assert (case["promised_days"], case["statutory_days"]) == (None, 10)


@pytest.mark.parametrize(
    ("closed", "on_time", "overdue"),
    [
        ("2019-09-26 10:00:00", True, None),
        ("2019-09-26 10:00:01", False, date(2019, 9, 26)),
        ("2019-09-28 09:00:00", False, date(2019, 9, 26)),
        (None, None, date(2019, 9, 26)),
    ],
)
def test_a_due_time_of_the_source_wins_and_is_compared_as_a_time(closed, on_time, overdue):
    case = one(due_at="2019-09-26 10:00", closed_at=closed, **PROMISE)
    assert (case["on_time"], case["overdue_on"]) == (on_time, overdue)
    assert case["due_on"] == date(2019, 9, 26)


@pytest.mark.parametrize(("whole", "on_time"), [(None, False), (False, False), (True, True)])
def test_midnight_is_a_time_unless_the_source_says_that_it_is_a_date(whole, on_time):
    case = one(due_at="2019-09-26", due_is_date=whole, closed_at="2019-09-26 08:00")
    assert case["on_time"] is on_time
    assert case["overdue_on"] == (None if on_time else date(2019, 9, 26))


def test_a_source_without_the_column_of_whole_days_has_times():
    row = {**dict.fromkeys(SCHEMA), "received_at": at("2019-09-25"), "due_at": at("2019-09-26")}
    frame = pl.DataFrame([row], schema=SCHEMA).drop("due_is_date")
    clocked = add_clock(frame, NO_ITEMS, CALENDAR)
    assert clocked["overdue_on"].to_list() == [date(2019, 9, 26)]
    assert "due_is_date" not in clocked.columns


@pytest.mark.parametrize(
    ("unit", "due", "used"), [("workday", "2019-08-14", 5), ("day", "2019-08-14", 7)]
)
def test_stopped_days_are_left_out_and_put_the_due_day_off(unit, due, used):
    """Received Thu 1 August; the stop of 5 to 7 August takes two days: the 6th and the 7th."""
    case = one(
        received_at="2019-08-01",
        promised_limit=7 if unit == "workday" else 11,
        promised_unit=unit,
        clock_stops="2019-08-05 09:00/2019-08-07 09:00",
        closed_at="2019-08-10 10:00",
    )
    assert case["due_on"] == date.fromisoformat(due)
    assert (case["used_days"], case["on_time"]) == (used - (unit == "workday"), True)


def test_overlapping_stops_count_once():
    stops = "2019-08-06/2019-08-09;2019-08-05/2019-08-07; 2019-08-05 12:00/2019-08-06"
    apart = one(received_at="2019-08-01", clock_stops=stops, **PROMISE)
    joined = one(received_at="2019-08-01", clock_stops="2019-08-05/2019-08-09", **PROMISE)
    assert apart["due_on"] == joined["due_on"] == date(2019, 8, 14)


def test_a_stop_before_acceptance_changes_nothing():
    case = one(
        received_at="2019-08-01",
        accepted_at="2019-08-05",
        clock_stops="2019-08-01/2019-08-02",
        closed_at="2019-08-12",
        **PROMISE,
    )
    assert (case["due_on"], case["used_days"]) == (date(2019, 8, 12), 5)


def test_while_the_clock_stands_still_nothing_is_due():
    case = one(clock_stops="2019-09-26 09:00/", **PROMISE)
    assert (case["state"], case["due_on"], case["overdue_on"]) == ("suspended", None, None)


def test_a_case_closed_in_a_stop_without_an_end_used_the_days_before_it():
    case = one(clock_stops="2019-09-26 09:00/", closed_at="2019-12-30 09:00", **PROMISE)
    assert (case["state"], case["on_time"], case["used_days"]) == ("closed", True, 1)
    assert case["overdue_on"] is None


def test_a_stop_after_the_due_day_does_not_undo_that_it_was_overdue():
    """Otherwise the overdue cases of an earlier day would change afterwards."""
    still_open = one(clock_stops="2019-10-10/", **PROMISE)
    ended = one(clock_stops="2019-10-10/2019-10-16", closed_at="2019-10-17", **PROMISE)
    assert (still_open["state"], still_open["overdue_on"]) == ("suspended", date(2019, 10, 9))
    assert (ended["due_on"], ended["overdue_on"]) == (date(2019, 10, 8), date(2019, 10, 9))
    assert (ended["on_time"], ended["used_days"]) == (False, 8)


def test_a_due_time_of_the_source_is_not_put_off_by_ended_stops():
    stop = {"clock_stops": "2019-09-26 09:00/2019-09-29 09:00"}
    case = one(due_at="2019-09-27 17:00", closed_at="2019-09-30", **stop)
    assert (case["on_time"], case["overdue_on"]) == (False, date(2019, 9, 27))


def test_a_due_time_of_the_source_does_not_pass_while_the_clock_stands_still():
    stop = {"due_at": "2019-09-27 17:00", "clock_stops": "2019-09-27 16:00/"}
    late = {"due_at": "2019-09-27 17:00", "clock_stops": "2019-09-27 18:00/"}
    assert one(**stop)["overdue_on"] is None
    assert one(closed_at="2019-10-10", **stop)["on_time"] is True
    assert one(**late)["overdue_on"] == date(2019, 9, 27)
    assert one(closed_at="2019-10-10", **late)["on_time"] is False
    both = {**late, "clock_stops": "2019-09-26 09:00/2019-09-27 09:00;2019-09-27 18:00/"}
    assert one(**both, **PROMISE)["overdue_on"] == date(2019, 9, 27)


def test_a_limit_beyond_the_last_notice_is_estimated_and_marked():
    december = {"received_at": "2026-12-24", "promised_unit": "workday"}
    assert one(promised_limit=5, **december)["calendar_known"] is True
    assert one(promised_limit=15, **december)["calendar_known"] is False
    assert one(promised_limit=15, **december)["due_on"] == date(2027, 1, 14)
    assert one(closed_at="2027-01-04", **december)["calendar_known"] is False
    by_days = {**december, "promised_unit": "day", "promised_limit": 15}
    assert one(**by_days)["calendar_known"] is True


def test_times_far_outside_the_calendar_stop_no_batch():
    case = one(
        promised_limit=2_000_000_000,
        closed_at="2099-01-01",
        clock_stops="1970-01-01/1980-01-01;2098-01-01/2098-02-01",
    )
    assert case["calendar_known"] is False
    assert one(promised_limit=2_000_000_000, promised_unit="day")["due_on"] == date(2040, 12, 31)


@pytest.mark.parametrize(
    ("state", "stops", "closed", "expected"),
    [
        (None, None, None, "open"),
        ("suspended", None, None, "suspended"),
        (None, "2019-09-26/", None, "suspended"),
        ("suspended", None, "2019-10-01", "closed"),
    ],
)
def test_the_state_is_what_the_dates_tell_and_else_what_the_source_says(
    state, stops, closed, expected
):
    assert one(state=state, clock_stops=stops, closed_at=closed)["state"] == expected


def test_stops_are_read_in_order_and_joined_up():
    assert parse_stops(" 2019-08-05 / 2019-08-06 ; 2019-08-01T09:00/2019-08-02;") == [
        (at("2019-08-01 09:00"), at("2019-08-02")),
        (at("2019-08-05"), at("2019-08-06")),
    ]
    assert parse_stops("2019-08-05/;2019-08-06/2019-08-07") == [(at("2019-08-05"), None)]
    assert parse_stops("2019-08-05/2019-08-07;2019-08-06/") == [(at("2019-08-05"), None)]
    nested = "2019-08-05/2019-08-09;2019-08-06/2019-08-07"
    assert parse_stops(nested) == [(at("2019-08-05"), at("2019-08-09"))]
    assert parse_stops("") == []


def test_texts_that_are_no_stops_are_marked():
    texts = {
        "2019-08-05/2019-08-06": False,
        "2019-08-05/": False,
        None: False,
        "": False,
        "2019-08-05": True,
        "/2019-08-06": True,
        "2019-08-06/2019-08-05": True,
        "5.8.2019/6.8.2019": True,
        "2019-08-05/2019-08-06/2019-08-07": True,
        "2019-08-05T09:00+08:00/": True,
    }
    assert bad_stops(pl.Series(list(texts), dtype=pl.String)).to_list() == list(texts.values())


# The slow referee: one day at a time, no arrays.

FIRST = datetime(2019, 9, 20)
MOMENTS = st.integers(0, 60 * 24).map(lambda hours: FIRST + timedelta(hours=hours))
END = time(23, 59, 59, 999999)
FAR = FIRST + timedelta(days=9999)


@st.composite
def cases(draw):
    received, accepted, closed = sorted(draw(st.tuples(MOMENTS, MOMENTS, MOMENTS)))
    stops = []
    for begun, length in draw(st.lists(st.tuples(MOMENTS, st.integers(0, 200)), max_size=3)):
        stops.append((begun, begun + timedelta(hours=length)))
    if draw(st.booleans()):
        stops.append((draw(MOMENTS), None))
    due = draw(st.none() | MOMENTS)
    texts = [f"{begun}/{ended or ''}" for begun, ended in stops]
    return {
        "received_at": received,
        "accepted_at": draw(st.sampled_from([None, accepted])),
        "closed_at": draw(st.sampled_from([None, closed])),
        "due_at": due,
        "due_is_date": draw(st.sampled_from([None, False, True])),
        "promised_limit": draw(st.none() | st.integers(0, 12)),
        "promised_unit": draw(st.sampled_from(["workday", "day"])),
        "clock_stops": ";".join(texts) if draw(st.booleans()) else None,
    }


def ticks(unit, start, end):
    """Days in (start, end] that count in the unit."""
    span = [start + timedelta(days=step) for step in range(1, (end - start).days + 1)]
    return [day for day in span if unit == "day" or CALENDAR.is_workday(day)]


def day_after(unit, start, count):
    day = start
    while count:
        day += timedelta(days=1)
        count -= unit == "day" or CALENDAR.is_workday(day)
    return day


def stopped_days(case, unit, begun_by):
    """Days taken out by the stops that began at or before a moment; one day counts once."""
    start = case["accepted_at"] or case["received_at"]
    found = set()
    for begun, ended in parse_stops(case["clock_stops"] or ""):
        ends = [end for end in (ended, case["closed_at"]) if end is not None]
        if ends and max(begun, start) <= min(ends) and max(begun, start) <= begun_by:
            found.update(ticks(unit, max(begun, start).date(), min(ends).date()))
    return found


def last_moment(case):
    """The last moment at which closing is on time; None without one or while the clock stands."""
    unit, start = case["promised_unit"], case["accepted_at"] or case["received_at"]
    if case["due_at"]:
        due = case["due_at"]
        due = datetime.combine(due, END) if case["due_is_date"] else due
    elif case["promised_limit"] is None:
        return None
    else:
        before = None
        due = datetime.combine(day_after(unit, start.date(), case["promised_limit"]), END)
        while due != before:
            before, out = due, len(stopped_days(case, unit, due))
            due = datetime.combine(day_after(unit, start.date(), case["promised_limit"] + out), END)
    until = case["closed_at"] or FAR
    for begun, ended in parse_stops(case["clock_stops"] or ""):
        if ended is None and max(begun, start) <= min(due, until):
            return None if case["closed_at"] is None else until
    return due


@settings(max_examples=300, deadline=None)
@given(st.lists(cases(), min_size=1, max_size=8))
def test_the_clock_agrees_with_a_walk_through_the_days(rows):
    for case, clocked in zip(rows, clock(*rows), strict=True):
        unit, start = case["promised_unit"], case["accepted_at"] or case["received_at"]
        if case["promised_limit"] is None:
            unit = "workday"
        last, closed = last_moment(case), case["closed_at"]
        on_time = closed <= last if closed and last else None
        used = None
        if closed:
            out = stopped_days(case, unit, FAR)
            used = len(set(ticks(unit, start.date(), closed.date())) - out)
        assert (clocked["on_time"], clocked["used_days"]) == (on_time, used), case


@settings(max_examples=200, deadline=None)
@given(st.lists(cases(), min_size=1, max_size=8), st.integers(0, 70))
def test_overdue_at_the_end_of_a_day_is_a_sum_of_flows(rows, days):
    """Stock = became overdue by then − closed late by then (ARCHITECTURE 5.8)."""
    today = (FIRST + timedelta(days=days)).date()
    tonight = datetime.combine(today, END)
    clocked = clock(*rows)
    became = sum(1 for c in clocked if c["overdue_on"] and c["overdue_on"] <= today)
    closed = sum(
        1 for c in clocked if c["overdue_on"] and c["closed_on"] and c["closed_on"] <= today
    )
    overdue = 0
    for case in rows:
        last, end = last_moment(case), case["closed_at"]
        # The last moment of a day has not passed at the end of that day; the next day it has.
        if last and (last < tonight) and (end is None or end > tonight) and not _kept(case, last):
            overdue += 1
    assert became - closed == overdue
    assert all(
        c["overdue_on"] <= c["closed_on"] for c in clocked if c["overdue_on"] and c["closed_on"]
    )


def _kept(case, last):
    return case["closed_at"] is not None and case["closed_at"] <= last


@settings(max_examples=100, deadline=None)
@given(cases(), MOMENTS)
def test_closing_a_case_changes_no_earlier_day(case, closed):
    """Overdue at the end of a day before the closing is the same before and after the news."""
    opened = {**case, "closed_at": None}
    start = case["accepted_at"] or case["received_at"]
    later = {**case, "closed_at": max(closed, start)}
    before, after = clock(opened, later)
    day = later["closed_at"].date()
    was = before["overdue_on"] if before["overdue_on"] and before["overdue_on"] < day else None
    became = after["overdue_on"] if after["overdue_on"] and after["overdue_on"] < day else None
    assert was == became
