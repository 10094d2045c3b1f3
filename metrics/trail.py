"""The scores of the last months of every unit, for the small line beside its name."""

from pathlib import Path

import polars as pl

from metrics.comparison import trailing
from metrics.months import published_or_computed
from metrics.periods import Period
from metrics.points import as_points
from metrics.rollup import ensure
from metrics.scheme_files import DEFAULT, versions
from metrics.scope import Scope

MONTHS = 12


def trailing_of(period: Period) -> tuple[Period, ...]:
    """The periods of the line, oldest first; the last one is the period itself."""
    return tuple(trailing(period, MONTHS))


def scores_of(home: Path, period: Period, scope: Scope, scheme: str = DEFAULT) -> pl.DataFrame:
    """id, score (points; null unless it is a number) of a period, published or else computed.

    Empty before the data begin, after they end, and where no version of the scheme holds.
    """
    state = ensure(home)
    held = [one for one in versions(scheme, home) if one.in_force(period.start)]
    first, last = state.first_day, state.last_day
    if not held or first is None or last is None or period.end <= first or period.start > last:
        return pl.DataFrame(schema={"id": pl.String(), "score": pl.Float64()})
    rows = published_or_computed(home, scheme, period, scope).units
    scored = rows.with_columns(score=as_points("score_u"))
    return scored.select("id", pl.when(pl.col("state") == "number").then("score").alias("score"))
