"""How much of a value was reported as tallies (填报数) instead of counted from logs."""

from datetime import date
from pathlib import Path

import polars as pl

from metrics.catalogue import Metric, metric
from metrics.cube import CubeState
from metrics.periods import Period
from metrics.places import THEN, placement
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.sums import span_of
from metrics.tally_sums import tally_sums
from metrics.values import default_as_of, value_of, weighed

REPORTED = {"id": pl.String(), "n": pl.Int64(), "d": pl.Int64()}


def reported_part(
    state: CubeState,
    one: Metric,
    period: Period,
    by: str,
    scope: Scope,
    as_of: date | None = None,
    places: str = THEN,
) -> pl.DataFrame:
    """id, n, d of the units in whose value tallies count: the part of n and d that they make up.

    A count has no d. Where a ratio's d comes from a log and only its n was reported, d is 0.
    """
    day = as_of or default_as_of(state, period)
    place = placement(state, by, scope, period.start, period.end, places)
    span = span_of(period.start, period.end, day)
    sums = tally_sums(state, one, period, place, span)
    d = weighed(one.denominator) if one.denominator else pl.lit(None, pl.Int64)
    parts = sums.select("unit", n=weighed(one.numerator) if one.numerator else 0, d=d)
    named = place.units.join(parts, on="unit", maintain_order="left")
    return named.select("id", "n", "d").match_to_schema(REPORTED, integer_cast="upcast")


def value_and_reported(
    home: Path,
    metric_id: str,
    period: Period,
    by: str,
    scope: Scope,
    as_of: date | None = None,
    places: str = THEN,
) -> pl.DataFrame:
    """As `metrics.values.value`, with a last column `reported` only where some of it is.

    `reported` is the part of the base (d, else n) that tallies make up; null: nothing of it.
    """
    state, one = ensure(home), metric(metric_id)
    values = value_of(state, one, period, by, scope, as_of, places)
    part = reported_part(state, one, period, by, scope, as_of, places)
    if part.is_empty():
        return values
    base = part.select("id", reported="d" if one.denominator else "n")
    return values.join(base, on="id", how="left", maintain_order="left")
