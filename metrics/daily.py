"""The daily board (日巡查): what was found, rated badly or became overdue on a day, out of what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from data.workdays import load_calendar, offsets_of, workdays_left
from metrics.backlog import backlog, closing_known, known_on, located, named
from metrics.catalogue import metric
from metrics.comparison import to_date
from metrics.cube import CubeState
from metrics.loop import loop
from metrics.periods import Period, period_of
from metrics.places import placement
from metrics.receipts import receipts
from metrics.rollup import ensure
from metrics.rounds import rounds
from metrics.scope import Scope
from metrics.values import default_as_of, value_of

COUNTS = pl.Schema(
    {
        "kind": pl.String(),
        "n": pl.Int64(),
        "d": pl.Int64(),  # what n is out of
        "state": pl.String(),  # number; none: nothing it could be out of; missing: not reported
    }
)


@dataclass(frozen=True, eq=False)
class DailyBoard:
    """One day as known on `as_of` (without a wish: at the end of that day).

    `counts`: COUNTS, one row per kind: halls_covered and counters_covered out of those open,
    findings out of counters covered, findings_closed out of findings, bad_ratings out of active
    ratings made that day, bad_waiting out of all bad ratings so far, became_overdue out of cases
    open at some time of the day, open_overdue out of open cases, late_sources out of those due.
    `halls`: metrics/rounds.py, by hall. `findings`, `bad`, `waiting`, `overdue`: rows with row,
    counter_id, name, hall_id, hall, opened_on and closed_on; findings have code (the rule),
    points_u and exempt (not among the counts), ratings have code (the grade) and exempt, waiting
    ones and overdue cases workdays (from the first day of it to this one, both included), waiting
    ones due_on and left (working days to it, negative: over), cases due_on and new (became overdue
    today). `late`: the receipts that are missing, or came today
    after they were due.
    """

    day: date
    as_of: date
    counts: pl.DataFrame
    halls: pl.DataFrame
    findings: pl.DataFrame
    bad: pl.DataFrame
    waiting: pl.DataFrame
    overdue: pl.DataFrame
    late: pl.DataFrame


def daily_board(home: Path, day: date, scope: Scope, as_of: date | None = None) -> DailyBoard:
    """The board of a day for the halls of a scope."""
    state, period = ensure(home), period_of("day", day)
    known = as_of or default_as_of(state, period)
    today = to_date(period, known).last
    places = located(state, scope, day)
    found = _rows(state, "findings", places, known).filter(pl.col("opened_on") == day)
    bad = _rows(state, "bad_ratings", places, known).filter(pl.col("opened_on") == day)
    waiting = _waiting(state, places, scope, today)
    overdue = _overdue(state, places, day, known)
    owing, due = _late(state, day, scope)
    halls = rounds(state, "hall", period, scope, known)
    whole = rounds(state, "all", period, scope, known).row(0, named=True)
    counts = [
        *_inspected(whole, halls, found),
        *_rated(state, period, scope, known, bad, waiting, places, today),
        *_late_cases(state, period, scope, known, overdue),
        ("late_sources", owing.height, due, "number" if due else "none"),
    ]
    return DailyBoard(
        day=day,
        as_of=known,
        counts=pl.DataFrame(counts, schema=COUNTS, orient="row"),
        halls=halls,
        findings=found.drop("due_on").sort("hall_id", "counter_id", "row"),
        bad=bad.drop("due_on", "points_u").sort("hall_id", "counter_id", "row"),
        waiting=waiting,
        overdue=overdue,
        late=owing,
    )


Count = tuple[str, int | None, int | None, str]


def _rows(state: CubeState, kind: str, places: pl.DataFrame, as_of: date) -> pl.DataFrame:
    return named(known_on(backlog(state, kind), as_of), places)


def _count(kind: str, n: int, d: int) -> Count:
    return kind, n, d, "number" if d or n else "none"


def _missing(*kinds: str) -> list[Count]:
    return [(kind, None, None, "missing") for kind in kinds]


def _inspected(whole: Mapping[str, Any], halls: pl.DataFrame, found: pl.DataFrame) -> list[Count]:
    """Coverage and findings; where no inspector reported there is nothing to count."""
    if whole["state"] == "missing":
        return _missing("halls_covered", "counters_covered", "findings", "findings_closed")
    covered, due = whole["covered"] or 0, whole["due"] or 0
    seen = halls.filter(pl.col("covered") > 0).height
    counting = found.filter(~pl.col("exempt"))
    closed = counting.filter(pl.col("closed_on").is_not_null()).height
    return [
        _count("halls_covered", seen, halls.filter(pl.col("due") > 0).height),
        _count("counters_covered", covered, due),
        _count("findings", counting.height, covered),
        _count("findings_closed", closed, counting.height),
    ]


def _rated(
    state: CubeState,
    period: Period,
    scope: Scope,
    as_of: date,
    bad: pl.DataFrame,
    waiting: pl.DataFrame,
    places: pl.DataFrame,
    today: date,
) -> list[Count]:
    """Bad ratings made on the day out of all active ones made then, and those that wait."""
    silent = value_of(state, metric("bad_rate"), period, "all", scope, as_of)
    first = silent.item(0, "state") == "missing"
    new = (
        _missing("bad_ratings")
        if first
        else [
            _count(
                "bad_ratings", bad.filter(~pl.col("exempt")).height, _ratings(state, period, scope)
            )
        ]
    )
    if not closing_known(state, "bad_ratings"):
        return [*new, *_missing("bad_waiting")]
    ever = _rows(state, "bad_ratings", places, today).filter(~pl.col("exempt")).height
    return [*new, _count("bad_waiting", waiting.height, ever)]


def _ratings(state: CubeState, period: Period, scope: Scope) -> int:
    """Active ratings made on a day, whenever the service was."""
    if state.first_day is None:
        return 0
    day = period.start
    rows = state.between("ratings", state.first_day, day)
    made = pl.col("day") + pl.duration(days=pl.col("lag_days")) == day
    place = placement(state, "all", scope, day, period.end)
    mine = rows.filter(made).join(place.on(day).drop_nulls("unit"), on="counter")
    return int(mine["active_ratings"].sum())


def _waiting(state: CubeState, places: pl.DataFrame, scope: Scope, today: date) -> pl.DataFrame:
    """Bad ratings that are not closed at the end of the day, with their clock; the nearest first.

    due_on: the last day of the whole loop; left: working days from today to it, 0 on it, negative
    when it is over; both null where no limit is known.
    """
    rows = _rows(state, "bad_ratings", places, today)
    if not closing_known(state, "bad_ratings"):
        rows = rows.clear()
    waiting = rows.filter(pl.col("closed_on").is_null(), ~pl.col("exempt"))
    told = _aged(state, waiting.drop("due_on", "points_u", "exempt", "closed_on"), today)
    clock = loop(state.home, scope, today).select("due_on", row="rating_id").unique("row")
    dated = told.join(clock, on="row", how="left", maintain_order="left")
    left = workdays_left(load_calendar(state.home), dated["due_on"], today)
    ordered = dated.with_columns(left=left)
    return ordered.sort("due_on", "opened_on", "row", nulls_last=True)


def _overdue(state: CubeState, places: pl.DataFrame, day: date, as_of: date) -> pl.DataFrame:
    """Cases that are overdue at the end of the day or became so on it, the oldest first."""
    rows = _rows(state, "overdue_cases", places, as_of)
    shut = pl.col("closed_on").is_not_null() & (pl.col("closed_on") <= day)
    new = pl.col("opened_on") == day
    kept = rows.filter(pl.col("opened_on") <= day, ~shut | new).with_columns(new=new, open=~shut)
    told = _aged(state, kept.drop("code", "points_u", "exempt"), min(day, as_of))
    return told.sort("opened_on", "row")


def _aged(state: CubeState, rows: pl.DataFrame, today: date) -> pl.DataFrame:
    """Rows with the working days from the one on which they opened to this one."""
    ends = pl.Series([today] * rows.height, dtype=pl.Date())
    before = rows["opened_on"] - timedelta(days=1)
    days = load_calendar(state.home).count(offsets_of(before), offsets_of(ends))
    return rows.with_columns(pl.Series("workdays", days, pl.Int64()))


def _late_cases(
    state: CubeState, period: Period, scope: Scope, as_of: date, overdue: pl.DataFrame
) -> list[Count]:
    """Cases that became overdue out of those open at some time of the day, and all open overdue."""
    stock = metric("open_cases")
    now = value_of(state, stock, period, "all", scope, as_of).row(0, named=True)
    eve = value_of(state, stock, period.previous(), "all", scope).row(0, named=True)
    if now["state"] == "missing":
        return _missing("became_overdue", "open_overdue")
    came = value_of(state, metric("received_cases"), period, "all", scope, as_of)
    new, still = overdue.filter("new").height, overdue.filter("open").height
    return [
        _count("became_overdue", new, (eve["n"] or 0) + (came.item(0, "n") or 0)),
        _count("open_overdue", still, now["n"] or 0),
    ]


def _late(state: CubeState, day: date, scope: Scope) -> tuple[pl.DataFrame, int]:
    """Deliveries that are missing or came today after they were due, and how many were due.

    Looked at from the first day of the month before: a month's delivery is due in the next.
    """
    first = period_of("month", day).previous().start
    span = Period(f"{first}/{day}", "span", first, day + timedelta(days=1))
    told = receipts(state, span, scope, day)
    due = told.filter(pl.col("due_on") < day)
    today = (pl.col("state") == "late") & (pl.col("received_on") == day)
    owing = due.filter((pl.col("state") == "missing") | today)
    return owing.sort("due_on", "source", "hall_id"), due.height
