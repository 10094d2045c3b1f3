"""Units: which counters are whose, on which day, and which of them a viewer may see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import polars as pl

from data.errors import HallscoreError, nearest
from metrics.cube import CubeState
from metrics.scope import Scope, visible_halls
from metrics.versions import in_force, tiled

BY = ("counter", "hall", "township", "county", "department", "city", "all")


@dataclass(frozen=True, eq=False)
class Placement:
    """Units, and the counters that belong to them from `since` until before `until`.

    `units`: unit, id, name, valid (on some day of the period). `members`: counter, unit (null: to
    none), since, until, without overlap. `departments`: department, unit, where units are those.
    `halls`: hall, unit, where what is known of a whole hall alone counts for a unit.
    """

    units: pl.DataFrame
    members: pl.DataFrame
    departments: pl.DataFrame | None = None
    halls: pl.DataFrame | None = None

    @property
    def settled(self) -> bool:
        """Whether no counter ever changed its place."""
        return self.members["counter"].n_unique() == self.members.height

    def on(self, day: date) -> pl.DataFrame:
        """counter, unit as they stand on one day."""
        there = (pl.col("since") <= day) & (pl.col("until") > day)
        return self.members.filter(there).select("counter", "unit")


@dataclass(frozen=True, eq=False)
class Tree:
    """Halls of a scope as they stand at the end of a period, and the versions of its counters."""

    halls: pl.DataFrame
    counters: pl.DataFrame
    scope: Scope

    def ancestors(self, level: str) -> Mapping[str, str]:
        """hall_id -> hall_id of that level on the way up, the hall itself included."""
        parents = dict(self.halls.select("hall_id", "parent_id").iter_rows())
        levels = dict(self.halls.select("hall_id", "level").iter_rows())
        found: dict[str, str] = {}
        for hall in parents:
            at: str | None = hall
            steps = len(parents)  # a ring of parents must end too
            while at in parents and levels[at] != level and steps:
                at, steps = parents[at], steps - 1
            if at is not None and levels.get(at) == level:
                found[hall] = at
        return found

    def below(self, root: str) -> set[str]:
        """The halls of the subtree of a hall, itself included."""
        return set(visible_halls(self.halls, Scope("", frozenset([root])))["hall_id"])


@lru_cache(maxsize=32)
def tree(state: CubeState, scope: Scope, start: date, end: date) -> Tree:
    """The halls and counters of a scope; an unknown hall in it raises HallscoreError."""
    halls = in_force(state.snap.reference("halls"), "hall_id", start, end)
    counters = tiled(state.snap.reference("counters"), "counter_id")
    known = halls["hall_id"].to_list()
    for one in sorted((scope.hall_ids or frozenset()) - set(known)):
        raise HallscoreError(
            f"access.toml, user {scope.user!r}: hall {one!r} is not in the table `halls`."
            f"{nearest(one, known)}"
        )
    seen = visible_halls(halls, scope)
    if scope.hall_ids is not None:
        counters = counters.filter(pl.col("hall_id").is_in(seen["hall_id"].to_list()))
    return Tree(seen, counters, scope)


@lru_cache(maxsize=64)
def placement(state: CubeState, by: str, scope: Scope, start: date, end: date) -> Placement:
    """The units of `by` in a scope for [start, end), each with its counters."""
    if by not in BY:
        raise HallscoreError(f"--by {by!r}: expected one of {', '.join(BY)}.{nearest(by, BY)}")
    found = tree(state, scope, start, end)
    if by == "counter":
        listed = in_force(found.counters.drop("since", "until"), "counter_id", start, end)
        return _placed(_units(listed, "counter_id"), found.counters, "counter_id")
    if by == "department":
        return _by_department(found, state.snap.reference("departments"))
    if by == "city":
        return _by_city(found)
    if by == "all":
        return _all(found)
    if by == "hall":
        placed = _placed(_units(found.halls, "hall_id"), found.counters, "hall_id")
        return replace(placed, halls=_halls(found, placed.units, pl.col("hall_id")))
    return _by_level(found, by)


def _halls(found: Tree, units: pl.DataFrame, above: pl.Expr) -> pl.DataFrame:
    """hall (number) and unit of the halls that lie in a unit; `above` names its id."""
    numbered = found.halls.select(pl.col("no").alias("hall"), above.alias("id"))
    return numbered.join(units.select("id", "unit"), on="id").select("hall", "unit")


def _units(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """unit, id, name, valid in the order of the ids."""
    ordered = rows.sort(key).with_row_index("unit")
    return ordered.select(
        pl.col("unit").cast(pl.Int32),
        pl.col(key).alias("id"),
        pl.coalesce("name", key).alias("name"),
        "valid",
    )


def _placed(units: pl.DataFrame, tiles: pl.DataFrame, key: str) -> Placement:
    """Counters by the unit that their column `key` names."""
    numbered = tiles.join(
        units.select(pl.col("id").alias(key), "unit"), on=key, how="left", maintain_order="left"
    )
    return Placement(units, _merged(numbered))


def _merged(tiles: pl.DataFrame) -> pl.DataFrame:
    """counter, unit, since, until; neighbouring versions in the same unit become one."""
    rows = tiles.select(pl.col("no").alias("counter"), "unit", "since", "until")
    if rows["counter"].n_unique() == rows.height:
        return rows
    ordered = rows.sort("counter", "since")
    here = pl.struct("counter", "unit")
    starts = (here != here.shift(1)) | (pl.col("since") != pl.col("until").shift(1))
    runs = ordered.with_columns(_run=starts.fill_null(value=True).cum_sum())
    return (
        runs.group_by("_run", maintain_order=True)
        .agg(
            pl.col("counter").first(),
            pl.col("unit").first(),
            pl.col("since").min(),
            pl.col("until").max(),
        )
        .drop("_run")
    )


def _by_level(found: Tree, level: str) -> Placement:
    above = found.ancestors(level)
    units = _units(found.halls.filter(pl.col("level") == level), "hall_id")
    of_hall = pl.DataFrame(
        {"hall_id": list(above), "_above": list(above.values())},
        schema={"hall_id": pl.String(), "_above": pl.String()},
    )
    tiles = found.counters.join(of_hall, on="hall_id", how="left", maintain_order="left")
    placed = _placed(units, tiles, "_above")
    one = pl.col("hall_id").replace_strict(above, default=None, return_dtype=pl.String)
    return replace(placed, halls=_halls(found, units, one))


def _by_city(found: Tree) -> Placement:
    """The city halls with all below them; where the viewer sees none, all that is seen."""
    if not found.halls.filter(pl.col("level") == "city").is_empty():
        return _by_level(found, "city")
    return _all(found)


def _all(found: Tree) -> Placement:
    """One unit of all that the viewer sees: a home may hold several city halls, or none."""
    roots = sorted(found.scope.hall_ids or ())
    names = found.halls.filter(pl.col("hall_id").is_in(roots)).sort("hall_id")["name"].to_list()
    units = pl.DataFrame(
        {
            "unit": [0],
            "id": ["+".join(roots) or "all"],
            "name": ["、".join(names) or "全部"],
            "valid": [True],
        },
        schema_overrides={"unit": pl.Int32()},
    )
    members = _merged(found.counters.with_columns(unit=pl.lit(0, pl.Int32)))
    return Placement(units, members, halls=_halls(found, units, pl.lit(units.item(0, "id"))))


def _by_department(found: Tree, departments: pl.DataFrame) -> Placement:
    """Departments with the counters that they staff, as far as the viewer sees them."""
    present = departments.with_columns(
        valid=pl.lit(found.scope.hall_ids is None)
        | pl.col("department_id").is_in(found.counters["department_id"].unique().to_list())
    )
    units = _units(present, "department_id")
    placed = _placed(units, found.counters, "department_id")
    numbers = departments.select(
        pl.col("no").alias("department"), pl.col("department_id").alias("id")
    )
    pairs = numbers.join(units.select("id", "unit"), on="id").select("department", "unit")
    return Placement(units, placed.members, pairs)
