"""Units: which counters are whose, on which day, and which of them a viewer may see."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from data.errors import HallscoreError, nearest
from data.versions import ALWAYS, in_force, met, on_day, tiled, within
from metrics.cube import CubeState
from metrics.lineage import above, visible
from metrics.scope import Scope, visible_halls
from metrics.succession import succeeded

THEN, NOW = "then", "now"
PLACES = (THEN, NOW)
BY = ("counter", "hall", "township", "county", "department", "city", "all")


@dataclass(frozen=True, eq=False)
class Placement:
    """Units, and the counters that belong to them from `since` until before `until`.

    `units`: unit, id, name, valid (on some day of the period). `members`: counter, unit (null: to
    none), since, until, without overlap. `departments`: department, unit, where units are those.
    `halls`: hall, unit, since, until, where what is known of a whole hall alone counts for a unit.
    """

    units: pl.DataFrame
    members: pl.DataFrame
    departments: pl.DataFrame | None = None
    halls: pl.DataFrame | None = None

    def between(self, first: date, last: date) -> tuple[pl.DataFrame, bool]:
        """Members on some day of first <= day <= last, and whether all stay where they are.

        The ordinary period has no change: then a counter is looked up once, not once a day.
        """
        there = within(self.members, first, last + timedelta(days=1))
        throughout = (pl.col("since") <= first) & (pl.col("until") > last)
        return there, bool(there.select(throughout.all()).item())

    def on(self, day: date) -> pl.DataFrame:
        """counter, unit as they stand on one day."""
        return on_day(self.members, day).select("counter", "unit")


@dataclass(frozen=True, eq=False)
class Tree:
    """Halls and counters of a scope in a period.

    `halls`, `ranked`: halls and counters in scope on the last day, as they stand then. `listed`,
    `named`: halls and counters in scope on any day, with the attributes of the last day.
    `counters`: versions of counters with the days on which they are in scope. `whole`: the same,
    but what is in scope on the last day comes with all its days, for scores follow the counter.
    """

    state: CubeState
    scope: Scope
    halls: pl.DataFrame
    ranked: pl.DataFrame
    listed: pl.DataFrame
    named: pl.DataFrame
    counters: pl.DataFrame
    whole: pl.DataFrame
    start: date
    end: date
    as_now: bool = False

    def below(self, root: str) -> set[str]:
        """The halls of the subtree of a hall on the last day, itself included."""
        return set(visible_halls(self.halls, Scope("", frozenset([root])))["hall_id"])


@lru_cache(maxsize=32)
def tree(state: CubeState, scope: Scope, start: date, end: date) -> Tree:
    """The halls and counters of a scope; an unknown hall in it raises HallscoreError."""
    halls = in_force(state.snap.reference("halls"), "hall_id", start, end)
    rows = state.snap.reference("counters")
    counters, tiles = in_force(rows, "counter_id", start, end), tiled(rows, "counter_id")
    if scope.hall_ids is None:
        same = (halls, counters, halls, counters, tiles, tiles)
        return Tree(state, scope, *same, start, end)
    known = halls["hall_id"].to_list()
    for one in sorted(scope.hall_ids - set(known)):
        raise HallscoreError(
            f"access.toml, user {scope.user!r}: hall {one!r} is not in the table `halls`."
            f"{nearest(one, known)}"
        )
    seen = visible(state, scope)
    mine = met(tiles, seen, "hall_id")
    last = on_day(seen, end - timedelta(days=1))
    ranked = counters.join(last, on="hall_id", how="semi")
    parted = mine.join(ranked, on="counter_id", how="anti")
    return Tree(
        state=state,
        scope=scope,
        halls=halls.join(last, on="hall_id", how="semi"),
        ranked=ranked,
        listed=halls.join(within(seen, start, end), on="hall_id", how="semi"),
        named=counters.join(within(mine, start, end), on="counter_id", how="semi"),
        counters=mine,
        whole=pl.concat([tiles.join(ranked, on="counter_id", how="semi"), parted]),
        start=start,
        end=end,
    )


@lru_cache(maxsize=64)
def placement(
    state: CubeState, by: str, scope: Scope, start: date, end: date, places: str = THEN
) -> Placement:
    """The units of `by` in a scope for [start, end), each with its counters.

    `places` then (当时口径): each day by the halls and counters of that day. now (现行口径):
    every day by those of the last day with data, closed units with their successors.
    """
    for option, said, known in (("--by", by, BY), ("--places", places, PLACES)):
        if said not in known:
            raise HallscoreError(
                f"{option} {said!r}: expected one of {', '.join(known)}.{nearest(said, known)}"
            )
    if places == NOW:
        return _placement_of(_as_now(state, scope, end), by)
    return _placement_of(tree(state, scope, start, end), by)


def _as_now(state: CubeState, scope: Scope, end: date) -> Tree:
    """The tree of the last day with data for all days, with heirs in the place of the closed."""
    day = state.last_day or end - timedelta(days=1)
    return inherited(tree(state, scope, day, day + timedelta(days=1)), day)


def inherited(found: Tree, day: date) -> Tree:
    """A tree of one day whose counters stand, for all days, where they or their heirs stand."""
    snap = found.state.snap
    everyone = in_force(snap.reference("counters"), "counter_id", day, day + timedelta(days=1))
    stand = succeeded(everyone, snap.reference("successors"), day)
    if found.scope.hall_ids is not None:
        stand = stand.join(found.halls, on="hall_id", how="semi")
    tiles = stand.with_columns(**ALWAYS)
    return replace(found, counters=tiles, whole=tiles, as_now=True)


def _placement_of(found: Tree, by: str) -> Placement:
    if by == "counter":
        return _placed(_units(found.named, "counter_id"), found.whole, "counter_id")
    if by == "department":
        return _by_department(found, found.state.snap.reference("departments"))
    if by == "city":
        return _by_city(found)
    if by == "all":
        return _all(found)
    if by == "hall":
        units = _units(found.listed, "hall_id")
        placed = _placed(units, found.counters, "hall_id")
        return replace(placed, halls=_halls(found, units, _itself(found)))
    return _by_level(found, by)


def _itself(found: Tree) -> pl.DataFrame:
    """Each hall above itself on all days: hall_id, above, since, until."""
    halls = found.state.snap.reference("halls").select("hall_id").unique()
    return halls.with_columns(pl.col("hall_id").alias("above"), **ALWAYS)


def _halls(found: Tree, units: pl.DataFrame, over: pl.DataFrame) -> pl.DataFrame:
    """hall (number), unit, since, until of the halls in scope that lie in a unit on those days.

    `over`: hall_id, above (the id of the unit), since, until.
    """
    if found.scope.hall_ids is not None and not found.as_now:
        over = met(over, visible(found.state, found.scope), "hall_id")
    elif found.scope.hall_ids is not None:
        over = over.join(found.halls, on="hall_id", how="semi")
    numbers = found.state.snap.reference("halls").select("hall_id", pl.col("no").alias("hall"))
    named = over.join(numbers.unique(), on="hall_id").rename({"above": "id"})
    return named.join(units.select("id", "unit"), on="id").select("hall", "unit", "since", "until")


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
    over = above(found.state, level)
    itself = within(over.filter(pl.col("hall_id") == pl.col("above")), found.start, found.end)
    units = _units(found.listed.join(itself, on="hall_id", how="semi"), "hall_id")
    # Heirs (现行口径) stand for all days where they stand now, and so do the halls above them.
    if found.as_now:
        over = on_day(over, found.end - timedelta(days=1)).with_columns(**ALWAYS)
    placed = _placed(units, met(found.counters, over, "hall_id"), "above")
    return replace(placed, halls=_halls(found, units, over))


def _by_city(found: Tree) -> Placement:
    """The city halls with all below them; where the viewer sees none, all that is seen."""
    if not found.listed.filter(pl.col("level") == "city").is_empty():
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
    everywhere = _itself(found).with_columns(above=pl.lit(units.item(0, "id")))
    return Placement(units, members, halls=_halls(found, units, everywhere))


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
