"""Who is assessed: counters, halls, departments, staff or chief representatives of a scope."""

import polars as pl

from data.errors import HallscoreError
from data.versions import in_force
from metrics.cube import CubeState
from metrics.periods import Period
from metrics.places import placement, tree
from metrics.scope import PERSONS, Scope

LEVELS = ("city", "county", "township", "village")
PEOPLE = ("staff", "chief")
UNITS = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "counter_id": pl.String(),  # of a counter itself, or of a person
        "hall_id": pl.String(),
        "hall": pl.String(),
        "level": pl.String(),
    }
)


def assessed(state: CubeState, entity: str, period: Period, scope: Scope) -> pl.DataFrame:
    """UNITS: one row per entity that is valid in the period; people need the right `persons`."""
    if entity in PEOPLE:
        return _people(state, entity, period, scope)
    if entity == "department":
        place = placement(state, "department", scope, period.start, period.end)
        return _filled(place.units.filter("valid").select("id", "name"))
    found = tree(state, scope, period.start, period.end)
    halls = found.halls.select("hall_id", pl.coalesce("name", "hall_id").alias("hall"), "level")
    if entity == "hall":
        return _filled(
            halls.select(
                pl.col("hall_id").alias("id"),
                pl.col("hall").alias("name"),
                "hall_id",
                "hall",
                "level",
            )
        )
    counters = found.ranked.join(halls, on="hall_id", how="left", maintain_order="left")
    name = pl.coalesce("name", "counter_id")
    return _filled(counters.with_columns(pl.col("counter_id").alias("id"), name=name))


def _people(state: CubeState, entity: str, period: Period, scope: Scope) -> pl.DataFrame:
    """Staff of the counters of the scope on the last day of the period."""
    if PERSONS not in scope.rights:
        raise HallscoreError(
            f"user {scope.user!r} may not see scores of persons: the right {PERSONS!r} is missing. "
            "Give it in access.toml, rights."
        )
    rows = in_force(state.snap.reference("staff"), "staff_id", period.start, period.end)
    chosen = rows.filter(pl.col("chief").fill_null(value=False)) if entity == "chief" else rows
    counters = assessed(state, "counter", period, scope).rename({"name": "counter"})
    placed = chosen.select("staff_id", "counter_id").join(counters, on="counter_id")
    return _filled(
        placed.select(
            pl.col("staff_id").alias("id"),
            pl.col("staff_id").alias("name"),
            "counter_id",
            "hall_id",
            "hall",
            "level",
        )
    )


def _filled(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in UNITS.items()
    ).sort("id")


def members(
    state: CubeState, entity: str, units: pl.DataFrame, period: Period, scope: Scope
) -> pl.DataFrame:
    """counter (number), id, since, until: whose events a counter's are on which days."""
    by = entity if entity in ("counter", "hall", "department") else "counter"
    place = placement(state, by, scope, period.start, period.end)
    rows = place.members.drop_nulls("unit").join(place.units.select("unit", key="id"), on="unit")
    key = "counter_id" if entity in PEOPLE else "id"
    pairs = units.select("id", key=key)
    return rows.join(pairs, on="key").select("counter", "id", "since", "until")
