"""Two sources on the same redress: what the call-back noted, and what the citizen rated again.

The office writes down whether the citizen was content when called (回访满意); the citizen says the
same with a second rating (复评, 3 and better). Where they part, the record is worth a look. Both
are there for few bad ratings, and those who rate again are no random part of all.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from data.errors import HallscoreError, nearest
from data.loop_clock import is_upheld
from data.views import settled_loop
from metrics.loop import as_known, last_known, placed
from metrics.periods import Period
from metrics.rollup import ensure
from metrics.scope import Scope

if TYPE_CHECKING:
    from metrics.methods.agreement import Agreement

CONTENT = 3  # the least grade that says so
BY = ("counter", "hall")
LOOKS = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "pairs": pl.Int64(),  # redresses with both
        "both": pl.Int64(),  # content by both
        "callback_only": pl.Int64(),
        "rerating_only": pl.Int64(),
        "neither": pl.Int64(),
        "agree": pl.Float64(),  # share of pairs that say the same, 0–1
    }
)
CELLS = ("neither", "rerating_only", "callback_only", "both")


@dataclass(frozen=True, eq=False)
class SecondLook:
    """`units`: LOOKS, one row per unit with any pair, most pairs first; `whole`: all together.

    `whole` has Cohen's kappa and Gwet's AC2 with 95 % intervals by drawing whole counters; NaN
    without pairs, the interval also with one counter alone.
    """

    period: Period
    by: str
    as_of: date
    units: pl.DataFrame
    whole: "Agreement"


def second_look(
    home: Path, period: Period, scope: Scope, by: str = "counter", as_of: date | None = None
) -> SecondLook:
    """Call-back against second rating, of the valid bad ratings that were opened in the period.

    Known by the end of `as_of`. Raises HallscoreError for another `by` than counter or hall.
    """
    from metrics.methods.agreement import agreement_of_units

    if by not in BY:
        raise HallscoreError(f"--by {by!r}: expected counter or hall.{nearest(by, BY)}")
    cube = ensure(home)
    day = as_of or last_known(cube, period)
    rows = as_known(settled_loop(cube.snap), day).filter(
        is_upheld() & ~pl.col("voided"),
        pl.col("day") >= period.start,
        pl.col("day") < period.end,
        pl.col("called_back_at").is_not_null(),
    )
    told = placed(cube, rows, scope, day).select(
        *(f"{one}_id" for one in BY),
        *BY,
        first=pl.col("callback_satisfied"),
        second=pl.col("rerated_grade") >= CONTENT,
    )
    pairs = told.drop_nulls(["first", "second"])
    tables = _summed(pairs, "counter").select(CELLS).to_numpy().reshape(-1, 2, 2)
    whole = agreement_of_units(tables if len(tables) else [[[0, 0], [0, 0]]])
    return SecondLook(period, by, day, _summed(pairs, by), whole)


def _summed(pairs: pl.DataFrame, by: str) -> pl.DataFrame:
    first, second = pl.col("first"), pl.col("second")
    counted = pairs.group_by(id=f"{by}_id").agg(
        name=pl.col(by).first(),
        pairs=pl.len(),
        both=(first & second).sum(),
        callback_only=(first & ~second).sum(),
        rerating_only=(~first & second).sum(),
        neither=(~first & ~second).sum(),
    )
    told = counted.with_columns(agree=(pl.col("both") + pl.col("neither")) / pl.col("pairs"))
    sorted_ = told.sort("pairs", "id", descending=[True, False])
    return sorted_.select(pl.col(name).cast(kind) for name, kind in LOOKS.items())
