"""The tree of halls day by day: who stood above whom, and what a viewer may see, from when on."""

from functools import lru_cache

import polars as pl

from data.versions import first_above, tiled
from metrics.cube import CubeState
from metrics.scope import Scope


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
