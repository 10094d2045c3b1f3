"""Inspection rounds: how many were made, and how many open counters they covered of those due."""

from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.engines import DuckEngine
from metrics.periods import Period
from metrics.places import placement
from metrics.scope import Scope
from metrics.values import value_of

ROUNDS = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "rounds": pl.Int64(),
        "covered": pl.Int64(),  # open counter-days with at least one round
        "due": pl.Int64(),  # open counter-days
        "findings": pl.Int64(),  # without those that an exemption lifts
        "state": pl.String(),  # number; none: not open; missing: no inspection log
    }
)


def rounds(state: CubeState, by: str, period: Period, scope: Scope, as_of: date) -> pl.DataFrame:
    """ROUNDS of every unit of `by` (hall, county, all) in a period up to `as_of`.

    Without a word from the inspectors there are no rounds to count: null, which is not zero.
    """
    coverage = value_of(state, metric("inspection_coverage"), period, by, scope, as_of)
    found = value_of(state, metric("findings_n"), period, by, scope, as_of)
    last = min(period.last, as_of)
    place = placement(state, by, scope, period.start, last + timedelta(days=1))
    assert place.halls is not None
    made = (
        _made(state)
        .filter(pl.col("day").is_between(period.start, last))
        .join(place.halls, on="hall")
        .filter(pl.col("day") >= pl.col("since"), pl.col("day") < pl.col("until"))
        .group_by("unit")
        .agg(pl.col("rounds").sum())
        .join(place.units.select("unit", "id"), on="unit")
    )
    told = (
        coverage.select(
            "id", "name", covered="n", due="d", state=pl.col("state").replace("few", "number")
        )
        .join(made.select("id", "rounds"), on="id", how="left", maintain_order="left")
        .join(found.select("id", findings="n"), on="id", how="left", maintain_order="left")
    )
    heard = pl.col("state") != "missing"
    return told.with_columns(
        pl.when(heard).then(pl.col(name).fill_null(0)).alias(name)
        for name in ("rounds", "findings")
    ).match_to_schema(ROUNDS)


@lru_cache(maxsize=4)
def _made(state: CubeState) -> pl.DataFrame:
    """hall (number), day and how many rounds were made there."""
    with DuckEngine(state.snap) as engine:
        return engine.ask(
            "SELECT hall, day, COUNT(*) AS rounds FROM inspections GROUP BY hall, day"
        )
