"""The tree of halls day by day: who stood above whom, and what a viewer may see, from when on."""

from datetime import date
from functools import lru_cache

import polars as pl

from data.versions import met, tiled
from metrics.cube import CubeState
from metrics.scope import Scope

MOST_STEPS = 32  # four levels need four; a chain that is longer is a ring


def first_above(tiles: pl.DataFrame, stops: pl.Expr) -> pl.DataFrame:
    """hall_id, above, since, until: the nearest hall on the way up for which `stops` is true.

    `tiles`: hall versions with since and until. A hall itself is the first on its way; the way is
    that of each day: the versions of all halls on it are cut where one of them changes.
    """
    steps = tiles.select(
        "since",
        "until",
        pl.col("hall_id").alias("at"),
        pl.col("parent_id").alias("up"),
        stops.alias("stops"),
    )
    front = tiles.select("hall_id").unique(maintain_order=True)
    front = front.with_columns(at="hall_id", since=pl.lit(date.min), until=pl.lit(date.max))
    found: list[pl.DataFrame] = []
    for _ in range(MOST_STEPS):
        here = met(front, steps, "at")
        stopped = here.filter("stops")
        found.append(stopped.select("hall_id", pl.col("at").alias("above"), "since", "until"))
        onward = here.filter(~pl.col("stops"), pl.col("up").is_not_null())
        front = onward.select("hall_id", pl.col("up").alias("at"), "since", "until")
        if front.is_empty():
            break
    return pl.concat(found)


@lru_cache(maxsize=16)
def above(state: CubeState, level: str) -> pl.DataFrame:
    """hall_id, above, since, until: the hall of that level over each hall (or itself)."""
    return first_above(hall_tiles(state), pl.col("level") == level)


@lru_cache(maxsize=32)
def visible(state: CubeState, scope: Scope) -> pl.DataFrame:
    """hall_id, since, until: the days on which a hall stands below (or is) one of the scope's."""
    roots = sorted(scope.hall_ids or ())
    seen = first_above(hall_tiles(state), pl.col("hall_id").is_in(roots))
    return seen.select("hall_id", "since", "until")


@lru_cache(maxsize=4)
def hall_tiles(state: CubeState) -> pl.DataFrame:
    """The versions of all halls with since and until."""
    return tiled(state.snap.reference("halls"), "hall_id")
