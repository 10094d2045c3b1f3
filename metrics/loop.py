"""The rating loop as a list: one row per valid or judged bad rating, what is next, and how late."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from data.contracts_loop import STAGES, STATES
from data.errors import HallscoreError, nearest
from data.loop_clock import DUES, add_deadlines, is_upheld
from data.loop_rules import LoopRules, load_loop
from data.views import settled_loop
from data.workdays import Calendar, load_calendar, offsets_of
from metrics.cube import CubeState
from metrics.periods import Period
from metrics.places import tree
from metrics.rollup import ensure
from metrics.scope import Scope

UNSIGNED = "unsigned"  # nobody signed for it: there is no row of redress
FILTERS = (UNSIGNED, *STATES, "overdue", "voided")
COLUMNS: dict[str, pl.DataType] = {
    "id": pl.String(),
    "rating_id": pl.String(),
    "counter_id": pl.String(),
    "counter": pl.String(),
    "hall_id": pl.String(),
    "hall": pl.String(),
    "opened_on": pl.Date(),
    "state": pl.String(),
    "next_stage": pl.String(),
    "next_due_on": pl.Date(),
    "days_left": pl.Int32(),
    "step": pl.Int32(),
    "due_on": pl.Date(),
    "overdue": pl.Boolean(),
    "calendar_known": pl.Boolean(),
    "closed_on": pl.Date(),
    "verdict": pl.String(),
    "rerated_grade": pl.Int8(),
    "preset": pl.String(),
    "complexity": pl.String(),
    "owner": pl.String(),
    "voided": pl.Boolean(),
    "valid": pl.Boolean(),
}


def loop(
    home: Path,
    scope: Scope,
    as_of: date | None = None,
    period: Period | None = None,
    state: str | None = None,
) -> pl.DataFrame:
    """The bad ratings in scope as they stood at the end of `as_of`, in the columns of COLUMNS.

    `as_of` defaults to the end of a past period, else the last day with rows. `period`: those that
    were opened in it. `state`: unsigned, a state, overdue, or voided (in no other list).
    days_left: to the due day of the next stage, negative when over, in the unit of its limit;
    step: of the ladder, from 1, null when not late. Most urgent first.
    """
    if state is not None and state not in FILTERS:
        raise HallscoreError(
            f"--state {state!r}: expected one of {', '.join(FILTERS)}.{nearest(state, FILTERS)}"
        )
    cube = ensure(home)
    day = as_of or last_known(cube, period)
    rules, calendar = load_loop(home), load_calendar(home)
    known = add_deadlines(as_known(settled_loop(cube.snap), day), rules, calendar)
    known = known.with_columns(valid=is_upheld() & ~pl.col("voided"))
    if period is not None:
        known = known.filter(pl.col("day") >= period.start, pl.col("day") < period.end)
    told = _with_next(placed(cube, known, scope, day), rules, calendar, day)
    signed = pl.when(pl.col("id").is_null()).then(pl.lit(UNSIGNED)).otherwise("state")
    rows = told.with_columns(state=signed, opened_on="day").select(
        pl.col(name).cast(kind) for name, kind in COLUMNS.items()
    )
    return _filtered(rows, state).sort("next_due_on", "opened_on", "rating_id", nulls_last=True)


def last_known(cube: CubeState, period: Period | None) -> date:
    """The last day of a past period, else the last day with data."""
    last = cube.last_day
    if period is None or (last is not None and last <= period.last):
        return last or date.max.replace(year=2040)
    return period.last


def as_known(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """Rows opened by the end of a day, without what was done after it."""
    begun = rows.filter(pl.col("day") <= day, ~pl.col("superseded"))
    named = ("signed_at", "verified_at", "rectified_at", "replied_at", "called_back_at")
    before = {name: pl.col(name).dt.date() <= day for name in (*named, "rerated_at")}
    hidden = [pl.when(known).then(name).alias(name) for name, known in before.items()]
    # A verdict is known from the verification on; one without a time always was.
    verified = pl.col("verified_at").is_null() | before["verified_at"]
    known_verdict = pl.when(verified).then("verdict")
    ended = pl.col("closed_on").is_null() | (pl.col("closed_on") <= day)
    return begun.with_columns(
        *hidden,
        verdict=known_verdict,
        rerated_grade=pl.when(before["rerated_at"]).then("rerated_grade"),
        source_state=pl.when(ended).then("source_state"),
    )


def placed(cube: CubeState, rows: pl.DataFrame, scope: Scope, day: date) -> pl.DataFrame:
    """Rows of counters that the viewer sees on their day, with names of counter and hall."""
    found = tree(cube, scope, date(2000, 1, 1), date(2041, 1, 1))
    tiles = found.whole.select(
        "counter_id", "hall_id", "since", "until", counter="no", counter_name="name"
    )
    halls = cube.snap.reference("halls").unique("hall_id", keep="last")
    there = rows.join(tiles, on="counter").filter(
        pl.col("day") >= pl.col("since"), pl.col("day") < pl.col("until")
    )
    named = there.join(halls.select("hall_id", hall="name"), on="hall_id", how="left")
    return named.with_columns(
        counter=pl.coalesce("counter_name", "counter_id"), hall=pl.coalesce("hall", "hall_id")
    )


def _with_next(rows: pl.DataFrame, rules: LoopRules, calendar: Calendar, day: date) -> pl.DataFrame:
    """next_stage, next_due_on, days_left, step and overdue on a day."""
    is_open = pl.col("closed_on").is_null() & pl.col("valid")
    waits = [
        is_open & pl.col(f"{stage}_at").is_null() & pl.col(due).is_not_null()
        for stage, due in zip(STAGES, DUES, strict=True)
    ]
    stage = pl.coalesce(
        pl.when(one).then(pl.lit(name)) for one, name in zip(waits, STAGES, strict=True)
    )
    due = pl.coalesce(pl.when(one).then(name) for one, name in zip(waits, DUES, strict=True))
    dated = rows.with_columns(
        next_stage=stage,
        next_due_on=due,
        overdue=(is_open & (pl.col("due_on") < day)).fill_null(value=False),
    ).join(rules.limits, on=["preset", "complexity"], how="left", maintain_order="left")
    working = pl.coalesce(
        pl.when(pl.col("next_stage") == name).then(f"{name}_working") for name in STAGES
    )
    counts_workdays = dated.select(working.fill_null(value=False)).to_series()
    left = _days_left(dated["next_due_on"], counts_workdays, calendar, day)
    ladders = {name: list(preset.ladder) for name, preset in rules.presets.items()}
    ladder = pl.col("preset").replace_strict(
        list(ladders), list(ladders.values()), return_dtype=pl.List(pl.Int64)
    )
    longest = max(map(len, ladders.values()))
    return dated.with_columns(days_left=left).with_columns(
        step=_step(ladder, pl.col("days_left"), longest)
    )


def _step(ladder: pl.Expr, days_left: pl.Expr, longest: int) -> pl.Expr:
    """How many steps of the ladder are reached; null when not late."""
    over = -days_left
    reached = pl.sum_horizontal(
        (ladder.list.get(place, null_on_oob=True) <= over).fill_null(value=False).cast(pl.Int32)
        for place in range(longest)
    )
    return pl.when(over > 0).then(reached)


def _days_left(due: pl.Series, working: pl.Series, calendar: Calendar, day: date) -> pl.Series:
    """Days from `day` to each due day, negative when it is over; working days where told."""
    filled = due.fill_null(day)
    ends = offsets_of(filled)
    today = np.full(len(ends), offsets_of(pl.Series([day]))[0])
    plain = ends - today
    worked = calendar.count(today, ends)
    left = np.where(working.to_numpy(), worked, plain).astype(np.int32)
    return pl.Series(left).set(due.is_null(), None)


def _filtered(rows: pl.DataFrame, state: str | None) -> pl.DataFrame:
    if state == "voided":
        return rows.filter("voided")
    kept = rows.filter(~pl.col("voided"))
    if state == "overdue":
        return kept.filter("overdue")
    return kept if state is None else kept.filter(state=state)
