"""The case clock: from acceptance to closing, in working or calendar days, with clock-stops.

行政许可法 Art. 42 and 82: limits run from acceptance in working days; the time of hearings, tests
and expert reviews does not count. The day of acceptance itself does not count (no clause found; see
docs/explanation/decisions.md).
"""

import re
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.workdays import Calendar, days_from, offsets_of

WORKDAY, DAY = "workday", "day"
STOP = re.compile(r"^\s*(?P<start>[^/;]+?)\s*/\s*(?P<end>[^/;]*?)\s*$")
Stops = list[tuple[datetime, datetime | None]]


def parse_stops(text: str) -> Stops:
    """Intervals of 'start/end;start/end' (ISO times, an open end allowed), in order, joined up.

    Raises ValueError on anything else.
    """
    found: Stops = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        match = STOP.match(part)
        if match is None:
            raise ValueError(part)
        start = datetime.fromisoformat(match["start"]).replace(tzinfo=None)
        end = datetime.fromisoformat(match["end"]).replace(tzinfo=None) if match["end"] else None
        if end is not None and end < start:
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


def _stopped(cases: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """stopped_work and stopped_cal (days in (start, end] of stops), standing (open stop)."""
    height = cases.height
    work, plain = np.zeros(height, np.int64), np.zeros(height, np.int64)
    standing = np.zeros(height, np.bool_)
    rows = cases.with_row_index("at").filter(pl.col("clock_stops").is_not_null())
    picked = rows.select("at", "clock_stops", "closed_at")
    for at, text, closed_at in picked.iter_rows():
        for start, end in parse_stops(text):
            if end is None and closed_at is None:
                standing[at] = True
                continue
            until = end if end is not None else closed_at
            if closed_at is not None and until > closed_at:
                until = closed_at
            if until > start:
                work[at] += calendar.workdays_between(start.date(), until.date())
                plain[at] += (until.date() - start.date()).days
    return pl.DataFrame({"stopped_work": work, "stopped_cal": plain, "standing": standing})


def _limits(cases: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The case's own limits, else those of its item; one unit for both, the promised one first."""
    of_item = items.select(
        "item_id",
        *(
            pl.col(name).alias("item_" + name)
            for name in ("promised_limit", "promised_unit", "statutory_limit", "statutory_unit")
        ),
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
        promised_days="_promised",
        statutory_days=pl.when(same).then("_statutory"),
    )


def _where(values: NDArray[np.int64], mask: NDArray[np.bool_]) -> pl.Series:
    return days_from(values).set(pl.Series(~mask), None)


def _spans(
    start: NDArray[np.int64], end: NDArray[np.int64], working: NDArray[np.bool_], calendar: Calendar
) -> NDArray[np.int64]:
    """Days in (start, end], working days where `working` is set."""
    counted = calendar.ordinals[calendar.clip(end)] - calendar.ordinals[calendar.clip(start)]
    return np.where(working, counted, end - start)


def add_clock(cases: pl.DataFrame, items: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """Add day, accepted_on, closed_on, due_on, overdue_on, on_time, used_days, promised_days,
    statutory_days, limit_unit, calendar_known and state to typed rows of cases.

    A `due_at` of the source rules and is compared as a time (with `due_is_date`: to the end of its
    day); otherwise the limit does, in days. An open case whose clock stands still is not overdue.
    """
    timed = _limits(cases, items).with_columns(
        day=pl.col("received_at").dt.date(),
        accepted_on=pl.col("accepted_at").dt.date(),
        closed_on=pl.col("closed_at").dt.date(),
        _start=pl.coalesce("accepted_at", "received_at").dt.date(),
    )
    stopped = _stopped(cases, calendar)
    working = (timed["limit_unit"].fill_null(WORKDAY) == WORKDAY).to_numpy()
    stopped_days = np.where(working, stopped["stopped_work"], stopped["stopped_cal"])
    start = offsets_of(timed["_start"])
    closed = timed["closed_on"].is_not_null().to_numpy()
    end = offsets_of(timed["closed_on"].fill_null(timed["_start"]))
    used = np.maximum(_spans(start, end, working, calendar) - stopped_days, 0)
    limit = timed["limit"].fill_null(0).to_numpy().astype(np.int64) + stopped_days
    due = np.where(working, calendar.shift(start, limit), start + limit)
    standing = stopped["standing"].to_numpy()
    limited = timed["limit"].is_not_null().to_numpy() & ~standing
    furthest = calendar.clip(np.maximum(np.where(limited, due, start), end))
    added = timed.with_columns(
        _due=_where(due, limited),
        _standing=pl.Series(standing),
        used_days=pl.Series(used.astype(np.int32)).set(pl.Series(~closed), None),
        calendar_known=pl.Series(calendar.known_days[furthest]),
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
    whole_day = pl.col("due_is_date").fill_null(value=False)
    given = pl.col("due_at").is_not_null()
    by_time = given & ~whole_day
    due_on = pl.when(given).then(pl.col("due_at").dt.date()).otherwise("_due")
    on_time = (
        pl.when(by_time)
        .then(pl.col("closed_at") <= pl.col("due_at"))
        .otherwise(pl.col("closed_on") <= pl.col("due_on"))
    )
    # A due time passes within its own day, a due day only when it is over.
    overdue_on = (
        pl.when(by_time).then(pl.col("due_on")).otherwise(pl.col("due_on") + timedelta(days=1))
    )
    still = pl.col("_standing") & pl.col("closed_at").is_null()
    state = (
        pl.when(pl.col("closed_at").is_not_null())
        .then(pl.lit("closed"))
        .when(pl.col("_standing"))
        .then(pl.lit("suspended"))
        .otherwise(pl.coalesce("state", pl.lit("open")))
    )
    late = ~pl.col("on_time").fill_null(value=False)
    return (
        timed.with_columns(due_on=due_on)
        .with_columns(on_time=on_time)
        .with_columns(overdue_on=pl.when(late & ~still).then(overdue_on), state=state)
    )
