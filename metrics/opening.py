"""On which days a counter is open: its validity, its opening hours, the working days."""

from datetime import date, timedelta

import polars as pl

from data.store import Snapshot
from data.workdays import load_calendar

WEEKEND = "weekend"
SATURDAY = 6


def open_days(snap: Snapshot, first: date, last: date) -> pl.DataFrame:
    """counter, day for first <= day <= last on which the counter is valid and open.

    A working day counts unless the counter (else its hall) has opening hours, and none for that
    weekday; a make-up Saturday (调休) counts as a working day. A day off counts where the opening
    hours have the exception `weekend` for it (出入境 at weekends).
    """
    calendar = load_calendar(snap.home).frame(first, last + timedelta(days=1))
    days = calendar.select("day", "workday", weekday=pl.col("day").dt.weekday().cast(pl.Int32))
    counters = snap.reference("counters").select(
        pl.col("no").alias("counter"),
        "counter_id",
        "hall_id",
        since=pl.col("valid_from").fill_null(first),
        until=pl.col("valid_to").fill_null(last + timedelta(days=1)),
    )
    patterns = _patterns(counters, snap.reference("opening_hours"))
    known = counters.join(patterns.select("counter").unique(), on="counter", how="semi")
    makeup = pl.col("workday") & (pl.col("weekday") >= SATURDAY)
    plain = counters.join(known, on="counter", how="anti").join(days.filter("workday"), how="cross")
    ordinary = known.join(days, how="cross").join(patterns, on=["counter", "weekday"], how="left")
    listed = pl.col("weekends").is_not_null()
    opened = ordinary.filter(
        pl.when(pl.col("workday")).then(listed | makeup).otherwise(pl.col("weekends"))
    )
    both = pl.concat([part.select("counter", "day", "since", "until") for part in (plain, opened)])
    valid = both.filter(pl.col("day") >= pl.col("since"), pl.col("day") < pl.col("until"))
    found = valid.select("counter", "day")
    # Only versions that overlap can name a day twice.
    return found if counters["counter"].is_unique().all() else found.unique()


def _patterns(counters: pl.DataFrame, hours: pl.DataFrame) -> pl.DataFrame:
    """counter, weekday, weekends (the exception `weekend`); own hours go before the hall's."""
    weekends = (pl.col("exception") == WEEKEND).fill_null(value=False).any().alias("weekends")
    units = counters.select("counter", "counter_id", "hall_id").unique()
    own = units.join(hours.drop("hall_id"), on="counter_id")
    of_hall = units.join(own, on="counter", how="anti").join(
        hours.filter(pl.col("counter_id").is_null()), on="hall_id"
    )
    return pl.concat(part.group_by("counter", "weekday").agg(weekends) for part in (own, of_hall))
