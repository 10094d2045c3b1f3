"""The case clock: from acceptance to closing, in working or calendar days, with clock-stops.

行政许可法 Art. 42 and 82: limits run from acceptance in working days; the time of hearings, tests
and expert reviews does not count. The day of acceptance itself does not count (no clause found; see
docs/explanation/decisions.md; a Calendar with `first_day_counts` counts it).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.workdays import FIRST, Calendar, days_from, offsets_of

WORKDAY, DAY = "workday", "day"
STOP = re.compile(r"^\s*(?P<start>[^/;]+?)\s*/\s*(?P<end>[^/;]*?)\s*$")
Stops = list[tuple[datetime, datetime | None]]
Whole, Flags = NDArray[np.int64], NDArray[np.bool_]
NEVER = 2**62  # a moment after all others, in microseconds since FIRST
DAY_US = 86_400_000_000
LIMITS = ("promised_limit", "promised_unit", "statutory_limit", "statutory_unit")


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
class _Clocks:
    """Cases as arrays, shape (rows,): days as offsets from FIRST, moments in microseconds since."""

    start: Whole  # day
    limit: Whole  # 0 without one
    working: Flags  # whether the limit counts working days
    started_at: Whole
    closed_at: Whole  # NEVER while open
    given: Flags  # whether the source says when it is due
    due_at: Whole  # last moment on time before any stop; -1 without a limit


@dataclass(frozen=True)
class _Pauses:
    """What the stops change, shape (rows,); days in the unit of the limit."""

    stopped: Whole  # days in (stop start, stop end] between start and closing
    extended: Whole  # those of them that put off the due day
    standing: Flags  # open, and in a stop without an end
    held: Flags  # a stop without an end began before the due time passed


def _moments(times: pl.Series) -> Whole:
    since = (times - datetime(FIRST.year, FIRST.month, FIRST.day)).dt.total_microseconds()
    moments: Whole = since.fill_null(NEVER).to_numpy()
    return moments


def _turns(texts: pl.Series) -> Iterator[pl.DataFrame]:
    """The first stop of every case that has one, then the second, …: at, begun, ended."""
    rows = texts.to_frame("text").with_row_index("at").drop_nulls("text")
    found = [
        (at, turn, begun, ended)
        for at, text in rows.iter_rows()
        for turn, (begun, ended) in enumerate(parse_stops(text))
    ]
    moment = pl.Datetime("us")
    schema = {"at": pl.UInt32, "turn": pl.Int32, "begun": moment, "ended": moment}
    table = pl.DataFrame(found, schema=schema, orient="row")
    yield from table.partition_by("turn", maintain_order=True)


def _pauses(clocks: _Clocks, texts: pl.Series, calendar: Calendar) -> _Pauses:
    """A stop that begins after the due time passed puts nothing off: overdue stays overdue."""
    stopped, extended = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
    standing, held = np.zeros(len(texts), np.bool_), np.zeros(len(texts), np.bool_)
    due_at = clocks.due_at.copy()
    for turn in _turns(texts):
        at = turn["at"].to_numpy()
        working, closed_at = clocks.working[at], clocks.closed_at[at]
        begun = np.maximum(_moments(turn["begun"]), clocks.started_at[at])
        ended = _moments(turn["ended"])
        until = np.minimum(ended, closed_at)
        in_time = (begun <= due_at[at]) & (begun <= until)
        standing[at] |= until == NEVER
        held[at] |= (ended == NEVER) & in_time
        over = (begun <= until) & (until < NEVER)
        last = np.where(over, until, begun)
        days = _spans(begun // DAY_US, last // DAY_US, working, calendar)
        stopped[at] += days
        put_off = over & in_time & ~clocks.given[at]
        extended[at] += np.where(put_off, days, 0)
        due = _due(clocks.start[at], clocks.limit[at] + extended[at], working, calendar)
        due_at[at] = np.where(put_off, _end_of(due), due_at[at])
    return _Pauses(stopped, extended, standing, held)


def _end_of(days: Whole) -> Whole:
    return (days + 1) * DAY_US - 1


def _due(start: Whole, limit: Whole, working: Flags, calendar: Calendar) -> Whole:
    """The day on which a limit ends, never before its start."""
    plain = np.maximum(start + limit - calendar.first_day_counts, start)
    return np.where(working, calendar.shift(start, limit), calendar.clip(plain))


def _spans(start: Whole, end: Whole, working: Flags, calendar: Calendar) -> Whole:
    """Days in (start, end], working days where `working` is set."""
    return np.where(working, calendar.count(start, end), end - start)


def _limits(cases: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The case's own limits, else those of its item; one unit for both, the promised one first."""
    of_item = items.select(
        "item_id",
        *(pl.col(name).alias("item_" + name) for name in LIMITS),
    ).unique("item_id", keep="last")
    joined = cases.join(of_item, on="item_id", how="left", maintain_order="left")
    own = pl.col("promised_limit").is_not_null()
    legal = pl.col("statutory_limit").is_not_null()
    picked = joined.with_columns(
        _promised=pl.coalesce("promised_limit", "item_promised_limit"),
        _promised_unit=pl.when(own).then("promised_unit").otherwise("item_promised_unit"),
        _statutory=pl.coalesce("statutory_limit", "item_statutory_limit"),
        _statutory_unit=pl.when(legal).then("statutory_unit").otherwise("item_statutory_unit"),
    )
    promised_unit = pl.col("_promised_unit").fill_null(WORKDAY)
    statutory_unit = pl.col("_statutory_unit").fill_null(WORKDAY)
    has = pl.col("_promised").is_not_null()
    unit = (
        pl.when(has)
        .then(promised_unit)
        .when(pl.col("_statutory").is_not_null())
        .then(statutory_unit)
    )
    same = ~has | (promised_unit == statutory_unit)
    return picked.with_columns(
        limit=pl.coalesce("_promised", "_statutory"),
        limit_unit=unit,
        promised_days=pl.col("_promised").cast(pl.Int32),
        statutory_days=pl.when(same).then("_statutory").cast(pl.Int32),
    )


def _clocks(timed: pl.DataFrame, calendar: Calendar) -> _Clocks:
    started = pl.coalesce("accepted_at", "received_at")
    whole_day = pl.col("due_is_date").fill_null(value=False)
    midnight = pl.col("due_at").dt.truncate("1d") + timedelta(days=1, microseconds=-1)
    derived = timed.select(
        started=started,
        day=started.dt.date(),
        due=pl.when(whole_day).then(midnight).otherwise("due_at"),
    )
    start = offsets_of(derived["day"])
    limit = timed["limit"].fill_null(0).to_numpy().astype(np.int64)
    working = (timed["limit_unit"].fill_null(WORKDAY) == WORKDAY).to_numpy()
    given = timed["due_at"].is_not_null().to_numpy()
    by_limit = np.where(
        timed["limit"].is_not_null().to_numpy(), _end_of(_due(start, limit, working, calendar)), -1
    )
    return _Clocks(
        start,
        limit,
        working,
        _moments(derived["started"]),
        _moments(timed["closed_at"]),
        given,
        np.where(given, _moments(derived["due"]), by_limit),
    )


def add_clock(cases: pl.DataFrame, items: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """Add day, accepted_on, closed_on, due_on, overdue_on, on_time, used_days, promised_days,
    statutory_days, limit_unit, calendar_known and state to typed rows of cases.

    A `due_at` of the source rules and is compared as a time (with `due_is_date`: to the end of its
    day); otherwise the limit does, in days. Only intervals in `clock_stops` stop the clock: while it
    stands still a case is not overdue, unless it was before. `used_days` are in `limit_unit`
    (without a limit: working days); a limit of the other unit than the promised one is left out.
    """
    whole_day = pl.col("due_is_date") if "due_is_date" in cases.columns else pl.lit(value=False)
    timed = _limits(cases, items).with_columns(
        day=pl.col("received_at").dt.date(),
        accepted_on=pl.col("accepted_at").dt.date(),
        closed_on=pl.col("closed_at").dt.date(),
        due_is_date=whole_day,
    )
    clocks = _clocks(timed, calendar)
    pauses = _pauses(clocks, timed["clock_stops"], calendar)
    is_closed = clocks.closed_at < NEVER
    end = np.where(is_closed, clocks.closed_at // DAY_US, clocks.start)
    first = clocks.start - calendar.first_day_counts
    used = np.maximum(_spans(first, end, clocks.working, calendar) - pauses.stopped, 0)
    due = _due(clocks.start, clocks.limit + pauses.extended, clocks.working, calendar)
    limited = timed["limit"].is_not_null().to_numpy() & (is_closed | ~pauses.held)
    furthest = np.maximum(np.where(limited & ~clocks.given, due, clocks.start), end)
    added = timed.with_columns(
        _due=days_from(due).set(pl.Series(~limited), None),
        _standing=pl.Series(pauses.standing),
        _held=pl.Series(pauses.held),
        used_days=pl.Series(used.astype(np.int32)).set(pl.Series(~is_closed), None),
        calendar_known=pl.Series(~clocks.working | calendar.all_known(clocks.start, furthest)),
    )
    kept = [name for name in cases.columns if name not in _ADDED]
    return _with_due(added).select(*kept, *_ADDED)


_ADDED = (
    "day",
    "accepted_on",
    "closed_on",
    "due_on",
    "overdue_on",
    "on_time",
    "used_days",
    "promised_days",
    "statutory_days",
    "limit_unit",
    "calendar_known",
    "state",
)


def _with_due(timed: pl.DataFrame) -> pl.DataFrame:
    """due_on, on_time, overdue_on and the state that the dates tell."""
    given, is_closed = pl.col("due_at").is_not_null(), pl.col("closed_at").is_not_null()
    by_time = given & ~pl.col("due_is_date").fill_null(value=False)
    due_on = pl.when(given).then(pl.col("due_at").dt.date()).otherwise("_due")
    on_time = (
        pl.when(is_closed & pl.col("_held"))
        .then(pl.lit(value=True))
        .when(by_time)
        .then(pl.col("closed_at") <= pl.col("due_at"))
        .otherwise(pl.col("closed_on") <= pl.col("due_on"))
    )
    # A due time passes within its own day, a due day only when it is over.
    overdue_on = pl.when(by_time).then("due_on").otherwise(pl.col("due_on") + timedelta(days=1))
    state = (
        pl.when(is_closed)
        .then(pl.lit("closed"))
        .when("_standing")
        .then(pl.lit("suspended"))
        .otherwise(pl.coalesce("state", pl.lit("open")))
    )
    late = ~pl.col("on_time").fill_null(value=False) & ~pl.col("_held")
    return (
        timed.with_columns(due_on=due_on)
        .with_columns(on_time=on_time)
        .with_columns(overdue_on=pl.when(late).then(overdue_on), state=state)
    )
