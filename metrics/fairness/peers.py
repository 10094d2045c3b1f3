"""Peer groups: who is shrunk towards whom. Level and business family, the small ones together."""

import polars as pl

from metrics.cube import CubeState
from metrics.entities import assessed
from metrics.expected import EVERYBODY
from metrics.periods import Period

LEAST = 8


def peer_groups(state: CubeState, entity: str, period: Period) -> pl.DataFrame:
    """id, group and k (units in it) of every unit of the home."""
    units = assessed(state, entity, period, EVERYBODY)
    family = pl.lit("", pl.String)
    if entity == "counter":
        rows = state.snap.reference("counters").sort("counter_id").unique("counter_id", keep="last")
        units = units.join(
            rows.select(id="counter_id", family="family"),
            on="id",
            maintain_order="left",
            how="left",
        )
        family = pl.col("family").fill_null("")
    level = pl.col("level").fill_null("all")
    named = units.with_columns(fine=pl.concat_str(level, family, separator="/"), level=level)
    small = pl.len().over("fine") < LEAST
    group = pl.when(small).then("level").otherwise("fine")
    return named.select("id", group=group).with_columns(k=pl.len().over("group"))
