"""Clock-stops: which days stand outside a limit, because a hearing, a test or a review took them.

行政许可法 Art. 42: the time of hearings, inspections, tests and expert reviews does not count.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.workdays import FIRST, Calendar

STOP = re.compile(r"^\s*(?P<start>[^/;]+?)\s*/\s*(?P<end>[^/;]*?)\s*$")
Stops: TypeAlias = list[tuple[datetime, datetime | None]]
Whole: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
NEVER = 2**62  # a moment after all others, in microseconds since FIRST
DAY_US = 86_400_000_000
EPOCH_US = (FIRST - date(1970, 1, 1)).days * DAY_US


def parse_stops(text: str) -> Stops:
    """Intervals of 'start/end;start/end' (ISO times, an open end allowed), in order, joined up.

    Raises ValueError on anything else, a time with a zone included: those of the row have none.
    """
    found: Stops = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        match = STOP.match(part)
        if match is None:
            raise ValueError(part)
        start = datetime.fromisoformat(match["start"])
        end = datetime.fromisoformat(match["end"]) if match["end"] else None
        zoned = start.tzinfo is not None or (end is not None and end.tzinfo is not None)
        if zoned or (end is not None and end < start):
            raise ValueError(part)
        found.append((start, end))
    return _joined(sorted(found, key=lambda stop: stop[0]))


def _joined(stops: Stops) -> Stops:
    joined: Stops = []
    for start, end in stops:
        if joined and (joined[-1][1] is None or start <= joined[-1][1]):
            before_start, before_end = joined[-1]
            later = None if before_end is None or end is None else max(before_end, end)
            joined[-1] = (before_start, later)
        else:
            joined.append((start, end))
    return joined


def bad_stops(texts: pl.Series) -> pl.Series:
    """Mask of the texts that `parse_stops` refuses; nulls are fine."""
    bad = []
    for text in texts.drop_nulls().unique().to_list():
        try:
            parse_stops(text)
        except ValueError:
            bad.append(text)
    return texts.is_in(pl.Series(bad, dtype=pl.String).implode()).fill_null(value=False)


@dataclass(frozen=True)
class Clocks:
    """Cases as arrays, shape (rows,): days as offsets from FIRST, moments in microseconds since."""

    start: Whole  # day
    limit: Whole  # 0 without one
    working: Flags  # whether the limit counts working days
    started_at: Whole
    closed_at: Whole  # NEVER while open
    given: Flags  # whether the source says when it is due
    due_at: Whole  # last moment on time before any stop; -1 without a limit


@dataclass(frozen=True)
class Pauses:
    """What the stops change, shape (rows,); days in the unit of the limit."""

    stopped: Whole  # days in (stop start, stop end] between start and closing
    extended: Whole  # those of them that put off the due day
    standing: Flags  # open, and in a stop without an end
    held: Flags  # a stop without an end began before the due time passed


def moments(times: pl.Series) -> Whole:
    """Microseconds since FIRST, NEVER where there is no time."""
    since = times.cast(pl.Datetime("us")).to_physical() - EPOCH_US
    counted: Whole = since.fill_null(NEVER).to_numpy()
    return counted


def _turns(texts: pl.Series) -> Iterator[pl.DataFrame]:
    """The first stop of every case that has one, then the second, …: at, begun, ended."""
    rows = texts.to_frame("text").with_row_index("at").drop_nulls("text")
    found = [
        (at, turn, begun, ended)
        for at, text in rows.iter_rows()
        for turn, (begun, ended) in enumerate(parse_stops(text))
    ]
    moment = pl.Datetime("us")
    schema = [("at", pl.UInt32()), ("turn", pl.Int32()), ("begun", moment), ("ended", moment)]
    table = pl.DataFrame(found, schema=schema, orient="row")
    yield from table.partition_by("turn", maintain_order=True)


def pauses(clocks: Clocks, texts: pl.Series, calendar: Calendar) -> Pauses:
    """A stop that begins after the due time passed puts nothing off: overdue stays overdue."""
    stopped, extended = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
    standing, held = np.zeros(len(texts), np.bool_), np.zeros(len(texts), np.bool_)
    due_at = clocks.due_at.copy()
    for turn in _turns(texts):
        at = turn["at"].to_numpy()
        working, closed_at = clocks.working[at], clocks.closed_at[at]
        begun = np.maximum(moments(turn["begun"]), clocks.started_at[at])
        ended = moments(turn["ended"])
        until = np.minimum(ended, closed_at)
        in_time = begun <= due_at[at]
        standing[at] |= until == NEVER
        held[at] |= (ended == NEVER) & in_time
        over = (begun <= until) & (until < NEVER)
        last = np.where(over, until, begun)
        days = spans(begun // DAY_US, last // DAY_US, working, calendar)
        stopped[at] += days
        put_off = over & in_time & ~clocks.given[at]
        extended[at] += np.where(put_off, days, 0)
        due = due_days(clocks.start[at], clocks.limit[at] + extended[at], working, calendar)
        due_at[at] = np.where(put_off, end_of(due), due_at[at])
    return Pauses(stopped, extended, standing, held)


def end_of(days: Whole) -> Whole:
    """The last moment of each day, as microseconds since FIRST."""
    return (days + 1) * DAY_US - 1


def due_days(start: Whole, limit: Whole, working: Flags, calendar: Calendar) -> Whole:
    """The day on which a limit ends, never before its start."""
    plain = np.maximum(start + limit - calendar.first_day_counts, start)
    return np.where(working, calendar.shift(start, limit), calendar.clip(plain))


def spans(start: Whole, end: Whole, working: Flags, calendar: Calendar) -> Whole:
    """Days in (start, end], working days where `working` is set."""
    return np.where(working, calendar.count(start, end), end - start)
