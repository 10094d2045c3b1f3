"""The board of the rating loop: where each bad rating stands, how old it is, what is late."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from data.loop import is_kept
from data.workdays import load_calendar, offsets_of, workdays_left
from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.loop import UNSIGNED, loop
from metrics.periods import Period
from metrics.places import tree
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import default_as_of, value_of

OPEN = ("contact", "verify", "redress", "reply")
LANES = (*OPEN, "rerate", "done", "rejected")
# Where a loop stands by the times that are filled; a reply before the redress ends nothing.
LANE_OF = {
    UNSIGNED: "contact",
    "open": "contact",
    "signed": "verify",
    "verified": "redress",
    "replied": "redress",
    "rectified": "reply",
}
# Working days after the day on which it was opened, which does not count (data/loop_clock.py).
AGES = {"age_0_1": (0, 1), "age_2_3": (2, 3), "age_4_5": (4, 5), "age_over_5": (6, 10**6)}
COUNTED = ("n", *AGES, "late", "overdue")
BOARD = pl.Schema({"lane": pl.String(), **dict.fromkeys(COUNTED, pl.Int64())})
ROWS = pl.Schema(
    {
        "lane": pl.String(),
        "rating_id": pl.String(),
        "counter_id": pl.String(),
        "counter": pl.String(),
        "hall_id": pl.String(),
        "hall": pl.String(),
        "opened_on": pl.Date(),
        "age": pl.Int64(),  # working days since
        "next_stage": pl.String(),
        "next_due_on": pl.Date(),
        "workdays_left": pl.Int64(),  # to it, negative when it is over
        "late": pl.Boolean(),  # the next step is
        "due_on": pl.Date(),
        "overdue": pl.Boolean(),  # the whole is
        "closed_on": pl.Date(),
        "rerated_grade": pl.Int8(),
        "calendar_known": pl.Boolean(),
    }
)


@dataclass(frozen=True, eq=False)
class LoopBoard:
    """What is open on `as_of`, whenever it was opened, and what was closed in the period.

    `lanes`: BOARD, one row per lane and first the sum of the open ones (lane `open`); ages only of
    what is open. `rows`: ROWS, what is late first. `known`: whether redress is reported at all;
    else there are no rows, and no number.
    """

    period: Period
    as_of: date
    lanes: pl.DataFrame
    rows: pl.DataFrame
    known: bool


def loop_board(
    home: Path,
    by: str,
    unit_id: str,
    period: Period,
    scope: Scope,
    as_of: date | None = None,
) -> LoopBoard:
    """The board of one unit of `by` (all, county, hall) that a scope sees."""
    state = ensure(home)
    day = as_of or default_as_of(state, period)
    if not _known(state, by, unit_id, period, scope, day):
        nothing = pl.DataFrame(schema=ROWS)
        silent = pl.col("lane") != ""  # a number of a lane that nobody told is none
        told = _lanes(nothing).with_columns(pl.when(~silent).then(pl.col(COUNTED)))
        return LoopBoard(period, day, told, nothing, known=False)
    rows = _here(state, loop(home, scope, day), by, unit_id, scope, day)
    shut = pl.col("closed_on")
    standing = rows.filter(shut.is_null() | shut.is_between(period.start, day))
    told = _dated(state, standing.with_columns(lane=_lane()), day)
    listed = told.sort(
        ~pl.col("overdue"),
        ~pl.col("late"),
        "next_due_on",
        "opened_on",
        "rating_id",
        nulls_last=True,
    )
    return LoopBoard(period, day, _lanes(listed), listed, known=True)


def _known(
    state: CubeState, by: str, unit_id: str, period: Period, scope: Scope, day: date
) -> bool:
    found = value_of(state, metric("open_bad"), period, by, scope, day)
    told = found.filter(pl.col("id") == unit_id, pl.col("state") != "missing")
    return is_kept(state.snap) and not told.is_empty()


def _here(
    state: CubeState, rows: pl.DataFrame, by: str, unit_id: str, scope: Scope, day: date
) -> pl.DataFrame:
    """The rows of the halls of a unit, as they stand on the day."""
    if by == "all":
        return rows
    found = tree(state, scope, day, day + timedelta(days=1))
    halls = found.below(unit_id) if by != "hall" else {unit_id}
    return rows.filter(pl.col("hall_id").is_in(sorted(halls)))


def _lane() -> pl.Expr:
    closed = pl.col("closed_on").is_not_null()
    return (
        pl.when(~pl.col("valid"))
        .then(pl.lit("rejected"))
        .when(closed & pl.col("rerated_grade").is_null())
        .then(pl.lit("rerate"))
        .when(closed)
        .then(pl.lit("done"))
        .otherwise(pl.col("state").replace_strict(LANE_OF, default="reply", return_dtype=pl.String))
    )


def _dated(state: CubeState, rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """Rows with age and days left in working days, and late: in the columns of ROWS."""
    calendar = load_calendar(state.home)
    today = offsets_of(pl.Series([day] * rows.height, dtype=pl.Date()))
    age = calendar.count(offsets_of(rows["opened_on"]), today)
    left = workdays_left(calendar, rows["next_due_on"], day)
    is_open = pl.col("lane").is_in(OPEN)
    told = rows.with_columns(pl.Series("age", age), workdays_left=left).with_columns(
        age=pl.when(is_open).then("age"),
        late=(pl.col("next_due_on") < day).fill_null(value=False),
    )
    return told.select(pl.col(name).cast(kind) for name, kind in ROWS.items())


def _lanes(rows: pl.DataFrame) -> pl.DataFrame:
    """BOARD: the open ones together, then lane by lane."""
    ages = {name: pl.col("age").is_between(*span).sum() for name, span in AGES.items()}
    sums = {"n": pl.len(), **ages, "late": pl.col("late").sum(), "overdue": pl.col("overdue").sum()}
    whole = rows.filter(pl.col("lane").is_in(OPEN)).select(pl.lit("open").alias("lane"), **sums)
    counted = rows.group_by("lane").agg(**sums)
    every = pl.DataFrame({"lane": LANES}).join(
        counted, on="lane", how="left", maintain_order="left"
    )
    aged = pl.col("lane").is_in(["open", *OPEN])
    both = pl.concat([whole.head(1), every], how="vertical_relaxed").with_columns(
        pl.col(COUNTED).fill_null(0)
    )
    told = both.with_columns(
        pl.when(aged).then(pl.col(name)).alias(name) for name in COUNTED if name != "n"
    )
    return told.select(pl.col(name).cast(kind) for name, kind in BOARD.items())
