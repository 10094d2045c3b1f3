"""The clock of the rating loop: until when each stage is due, and when a loop is at its end.

The day on which a bad rating is opened does not count. Clock-stops put a deadline off as they do
for cases; while a stop without an end stands, nothing is due.
"""

from datetime import timedelta

import numpy as np
import polars as pl

from data.clock_stops import Clocks, Flags, Whole, due_days, end_of, moments, pauses
from data.contracts_loop import STAGES, UPHELD
from data.loop_rules import LoopRules
from data.workdays import Calendar, days_from, offsets_of

DUES = tuple(f"{stage}_due_on" for stage in STAGES)


def is_upheld() -> pl.Expr:
    """Whether the rating stays a bad one; what nobody has judged yet does."""
    return pl.col("verdict").is_in(list(UPHELD)).fill_null(value=True)


def closing_day() -> pl.Expr:
    """The day on which a loop was at its end, or null.

    That is when the matter is put right and the citizen has a reply, or when the source says so; a
    rating that is not upheld needs no redress, and ends with the reply or the verdict.
    """
    last = pl.max_horizontal("verified_at", "rectified_at", "replied_at", "called_back_at")
    both = pl.col("rectified_at").is_not_null() & pl.col("replied_at").is_not_null()
    ended = (
        pl.when(~is_upheld())
        .then(pl.coalesce("replied_at", "verified_at"))
        .when(both)
        .then(pl.max_horizontal("rectified_at", "replied_at"))
    )
    said = pl.when(pl.col("source_state") == "closed").then(last)
    return pl.coalesce(ended, said).dt.date()


def add_deadlines(rows: pl.DataFrame, rules: LoopRules, calendar: Calendar) -> pl.DataFrame:
    """Add preset, <stage>_due_on, due_on, overdue_on, closed_on, settled_on, calendar_known, state.

    `due_on`: the last day for redress and reply; `overdue_on`: the first day on which the loop was
    overdue; `settled_on`: the day from which it counts, its due day or, if earlier, its closing.
    """
    # A preset of the home's own may have been taken out of its file since.
    known = pl.col("preset").is_in(list(rules.presets)).fill_null(value=False)
    joined = rows.with_columns(
        preset=pl.when(known).then("preset").otherwise(pl.lit(rules.preset)),
        complexity=pl.col("complexity").fill_null("simple"),
        closed_on=closing_day(),
        day=pl.col("opened_at").dt.date(),
    ).join(rules.limits, on=["preset", "complexity"], how="left", maintain_order="left")
    sure = np.ones(joined.height, np.bool_)
    for stage in STAGES:
        due, covered = _due(joined, stage, calendar)
        joined = joined.with_columns(due.alias(f"{stage}_due_on"))
        sure &= covered
    helpers = [f"{stage}_{part}" for stage in STAGES for part in ("limit", "working")]
    due_on = pl.max_horizontal("rectified_due_on", "replied_due_on")
    # A stop without an end may hold one of the two alone: then the loop as a whole waits.
    held = pl.any_horizontal(
        pl.col(f"{stage}_limit").is_not_null() & pl.col(f"{stage}_due_on").is_null()
        for stage in ("rectified", "replied")
    )
    dated = joined.with_columns(
        due_on=pl.when(~held).then(due_on), calendar_known=pl.Series(sure)
    ).drop(helpers)
    return _with_state(dated)


def _due(rows: pl.DataFrame, stage: str, calendar: Calendar) -> tuple[pl.Series, Flags]:
    """The due day of a stage (null: no limit, or it stands still), and whether notices cover it."""
    limited = rows[f"{stage}_limit"].is_not_null().to_numpy()
    limit: Whole = rows[f"{stage}_limit"].fill_null(0).to_numpy().astype(np.int64)
    working = rows[f"{stage}_working"].fill_null(value=False).to_numpy()
    start = offsets_of(rows["day"])
    by_limit = np.where(limited, end_of(due_days(start, limit, working, calendar)), -1)
    done = moments(rows[f"{stage}_at"])
    given = np.zeros(rows.height, np.bool_)
    clocks = Clocks(start, limit, working, moments(rows["opened_at"]), done, given, by_limit)
    paused = pauses(clocks, rows["clock_stops"], calendar)
    due = due_days(start, limit + paused.extended, working, calendar)
    waits = paused.held & rows[f"{stage}_at"].is_null().to_numpy()
    days = days_from(due).set(pl.Series(~limited | waits), None)
    return days, ~limited | ~working | calendar.all_known(start, due)


def _with_state(rows: pl.DataFrame) -> pl.DataFrame:
    """overdue_on, settled_on and the state that the times tell."""
    told = (
        pl.when(pl.col("closed_on").is_not_null())
        .then(pl.lit("closed"))
        .when(pl.col("replied_at").is_not_null())
        .then(pl.lit("replied"))
        .when(pl.col("rectified_at").is_not_null())
        .then(pl.lit("rectified"))
        .when(pl.col("verified_at").is_not_null())
        .then(pl.lit("verified"))
        .when(pl.col("signed_at").is_not_null())
        .then(pl.lit("signed"))
        .otherwise(pl.coalesce("source_state", pl.lit("open")))
    )
    late = pl.col("closed_on").is_null() | (pl.col("closed_on") > pl.col("due_on"))
    return rows.with_columns(
        overdue_on=pl.when(late).then(pl.col("due_on") + timedelta(days=1)),
        settled_on=pl.min_horizontal("due_on", "closed_on"),
        state=told,
    )
