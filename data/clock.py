"""The case clock: from acceptance to closing, in working or calendar days, with clock-stops.

行政许可法 Art. 42 and 82: limits run from acceptance in working days; the time of hearings, tests
and expert reviews does not count. The day of acceptance itself does not count (no clause found; see
docs/explanation/decisions.md; a Calendar with `first_day_counts` counts it).
"""

from datetime import timedelta

import numpy as np
import polars as pl

from data.clock_stops import DAY_US, NEVER, Clocks, due_days, end_of, moments, pauses, spans
from data.workdays import Calendar, days_from, offsets_of

WORKDAY = "workday"
LIMITS = ("promised_limit", "promised_unit", "statutory_limit", "statutory_unit")


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


def _clocks(timed: pl.DataFrame, calendar: Calendar) -> Clocks:
    started = pl.coalesce("accepted_at", "received_at")
    whole_day = pl.col("due_is_date").fill_null(value=False)
    day_end = pl.col("due_at").dt.truncate("1d") + timedelta(days=1, microseconds=-1)
    derived = timed.select(
        started=started,
        day=started.dt.date(),
        due=pl.when(whole_day).then(day_end).otherwise("due_at"),
    )
    start = offsets_of(derived["day"])
    limit = timed["limit"].fill_null(0).to_numpy().astype(np.int64)
    working = (timed["limit_unit"].fill_null(WORKDAY) == WORKDAY).to_numpy()
    given = timed["due_at"].is_not_null().to_numpy()
    by_limit = np.where(
        timed["limit"].is_not_null().to_numpy(),
        end_of(due_days(start, limit, working, calendar)),
        -1,
    )
    return Clocks(
        start,
        limit,
        working,
        moments(derived["started"]),
        moments(timed["closed_at"]),
        given,
        np.where(given, moments(derived["due"]), by_limit),
    )


def add_clock(cases: pl.DataFrame, items: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """Add day, accepted_on, closed_on, due_on, overdue_on, on_time, used_days, promised_days,
    statutory_days, limit_unit, calendar_known and state to typed rows of cases.

    A `due_at` of the source rules and is compared as a time (with `due_is_date`: to the end of its
    day); otherwise the limit does, in days. Only intervals in `clock_stops` stop the clock; while
    it stands still a case is not overdue, unless it was before. `used_days` are in `limit_unit`
    (without a limit: working days); a statutory limit in another unit than the promised one is
    left out.
    """
    whole_day = pl.col("due_is_date") if "due_is_date" in cases.columns else pl.lit(value=False)
    timed = _limits(cases, items).with_columns(
        day=pl.col("received_at").dt.date(),
        accepted_on=pl.col("accepted_at").dt.date(),
        closed_on=pl.col("closed_at").dt.date(),
        due_is_date=whole_day,
    )
    clocks = _clocks(timed, calendar)
    paused = pauses(clocks, timed["clock_stops"], calendar)
    is_closed = clocks.closed_at < NEVER
    end = np.where(is_closed, clocks.closed_at // DAY_US, clocks.start)
    first = clocks.start - calendar.first_day_counts
    used = np.maximum(spans(first, end, clocks.working, calendar) - paused.stopped, 0)
    due = due_days(clocks.start, clocks.limit + paused.extended, clocks.working, calendar)
    limited = timed["limit"].is_not_null().to_numpy() & (is_closed | ~paused.held)
    furthest = np.maximum(np.where(limited & ~clocks.given, due, clocks.start), end)
    added = timed.with_columns(
        _due=days_from(due).set(pl.Series(~limited), None),
        _standing=pl.Series(paused.standing),
        _held=pl.Series(paused.held),
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
