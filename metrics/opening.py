"""On which days a counter is open: its validity, its opening hours, the working days."""

from datetime import date, timedelta

import polars as pl

from data.store import Snapshot
from data.versions import tiled
from data.workdays import load_calendar

# What the column `exception` of opening hours says; anything else is ordinary hours.
ORDINARY, WEEKEND, HOLIDAY = "ordinary", "weekend", "holiday"
SATURDAY = 6


def open_days(snap: Snapshot, first: date, last: date) -> pl.DataFrame:
    """counter, day for first <= day <= last on which the counter is valid and open.

    A working day counts unless the counter (else its hall) has opening hours, and none for that
    weekday; a make-up Saturday (调休) counts as a working day. A day off counts where hours with
    the exception `weekend` name its weekday (出入境 at weekends), a day off of a public holiday,
    its Saturday too, only where hours with the exception `holiday` do.
    """
    frame = load_calendar(snap.home).frame(first, last + timedelta(days=1))
    days = frame.select(
        "day", "workday", "holiday", weekday=pl.col("day").dt.weekday().cast(pl.Int32)
    )
    counters = _stays(snap.reference("counters"), first)
    hours = snap.reference("opening_hours")
    parts = []
    for start, end in _steady(hours, first, last):
        begun = pl.col("valid_from").fill_null(date.min) <= start
        lasting = pl.col("valid_to").fill_null(date.max) > start
        there = days.filter(pl.col("day") >= start, pl.col("day") < end)
        parts.append(_opened(counters, hours.filter(begun, lasting), there))
    both = pl.concat(parts)
    valid = both.filter(pl.col("day") >= pl.col("since"), pl.col("day") < pl.col("until"))
    return valid.select("counter", "day")


def _stays(counters: pl.DataFrame, first: date) -> pl.DataFrame:
    """Versions of counters: stay (a number), counter, counter_id, hall_id, since, until."""
    return (
        tiled(counters, "counter_id")
        .with_row_index("stay")
        .select(
            "stay",
            pl.col("no").alias("counter"),
            "counter_id",
            "hall_id",
            since=pl.col("valid_from").fill_null(first),
            until=pl.min_horizontal("until", pl.col("valid_to").fill_null(date.max)),
        )
    )


def _steady(hours: pl.DataFrame, first: date, last: date) -> list[tuple[date, date]]:
    """The spans (half-open) of first..last in which the same opening hours hold; mostly one."""
    turns = {*hours["valid_from"].drop_nulls(), *hours["valid_to"].drop_nulls()}
    starts = [first, *sorted(day for day in turns if first < day <= last)]
    return list(zip(starts, [*starts[1:], last + timedelta(days=1)], strict=True))


def _opened(counters: pl.DataFrame, hours: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """counter, day, since, until of the open days under hours that hold on all the days."""
    ordinary, working = _weekdays(counters, hours, ORDINARY), days.filter("workday")
    with_hours = counters.join(ordinary, on="stay", how="semi")
    always = counters.join(ordinary, on="stay", how="anti").join(working, how="cross")
    makeup = with_hours.join(working.filter(pl.col("weekday") >= SATURDAY), how="cross")
    weekly = ordinary.join(working.filter(pl.col("weekday") < SATURDAY), on="weekday")
    off, holiday = ~pl.col("workday"), pl.col("holiday")
    weekends = _weekdays(counters, hours, WEEKEND).join(days.filter(off, ~holiday), on="weekday")
    holidays = _weekdays(counters, hours, HOLIDAY).join(days.filter(off, holiday), on="weekday")
    named = pl.concat(part.select("stay", "day") for part in (weekly, weekends, holidays))
    columns = ["counter", "day", "since", "until"]
    parts = (always, makeup, named.join(counters, on="stay"))
    return pl.concat(part.select(columns) for part in parts)


def _weekdays(counters: pl.DataFrame, hours: pl.DataFrame, kind: str) -> pl.DataFrame:
    """stay, weekday for which there are hours of a kind; own ones go before the hall's."""
    told = pl.col("exception").fill_null(ORDINARY)
    special = told.is_in([WEEKEND, HOLIDAY])
    mine = hours.filter(~special if kind == ORDINARY else told == kind)
    own = counters.join(mine.select("counter_id", "weekday"), on="counter_id")
    of_hall = counters.join(own, on="stay", how="anti").join(
        mine.filter(pl.col("counter_id").is_null()).select("hall_id", "weekday"), on="hall_id"
    )
    return pl.concat(part.select("stay", "weekday") for part in (own, of_hall)).unique()
