"""The peer groups of a year as a scheme makes them: size, what was merged, on what volume."""

from dataclasses import dataclass

import polars as pl

from metrics.cube import CubeState
from metrics.entities import assessed
from metrics.fairness.peer_words import MERGED
from metrics.fairness.peers import VOLUME, basis_of, peer_groups, year_of
from metrics.periods import Period
from metrics.scheme_model import Scheme
from metrics.scope import Scope

BASIS = pl.Schema(
    {
        "group": pl.String(),
        "k": pl.Int64(),  # counters of the whole home in it
        "mine": pl.Int64(),  # of them in the scope
        "merged": pl.String(),  # what the ladder gave up; "" nothing
        "waiting": pl.Int64(),  # in the scope, without a volume of their own yet
        "small": pl.Boolean(),
    }
)
RUNGS = pl.Schema({"merged": pl.String(), "groups_n": pl.Int64(), "counters_n": pl.Int64()})


@dataclass(frozen=True, eq=False)
class PeerBasis:
    """BASIS by group, RUNGS down the ladder, and the text of the span whose volume counts.

    `span` None: no quarter is complete yet. `by_volume` false: the scheme does not ask for it.
    """

    groups: pl.DataFrame
    rungs: pl.DataFrame
    span: str | None
    by_volume: bool
    least: int


def peer_basis(state: CubeState, scheme: Scheme, period: Period, scope: Scope) -> PeerBasis:
    """The groups in which a scope has counters. Their sizes are those of the whole home.

    A group is one whoever looks; only which groups are listed depends on the scope.
    """
    rule = scheme.peers
    placed = peer_groups(state, "counter", period, rule.by, rule.bands, rule.volume, rule.least)
    mine = assessed(state, "counter", period, scope)["id"]
    rows = placed.filter(pl.col("id").is_in(mine.implode()))
    waits = pl.col("merged") == "new"
    groups = rows.group_by("group").agg(
        k=pl.col("k").first(),
        mine=pl.len().cast(pl.Int64),
        merged=pl.col("merged").filter(~waits).first().fill_null(""),
        waiting=waits.sum().cast(pl.Int64),
        small=pl.col("small").first(),
    )
    told = groups.sort("group").select(list(BASIS)).match_to_schema(BASIS)
    by_volume = VOLUME in rule.by
    span = basis_of(state, year_of(period)) if by_volume else None
    text = None if span is None else span.text
    return PeerBasis(told, _rungs(told), text, by_volume, rule.least)


def _rungs(groups: pl.DataFrame) -> pl.DataFrame:
    """RUNGS: groups and counters by what was given up, from nothing to all; then who waits."""
    settled = groups.group_by("merged").agg(
        groups_n=pl.len().cast(pl.Int64),
        counters_n=(pl.col("mine") - pl.col("waiting")).sum(),
    )
    every = pl.DataFrame({"merged": list(MERGED)}, schema={"merged": pl.String()})
    rows = every.join(settled, on="merged", how="left", maintain_order="left")
    waiting = int(groups["waiting"].sum())
    news = pl.col("merged") == "new"
    counters = pl.when(news).then(waiting).otherwise(pl.col("counters_n").fill_null(0))
    told = rows.select("merged", pl.col("groups_n").fill_null(0), counters_n=counters)
    return told.filter(pl.col("counters_n") > 0).match_to_schema(RUNGS, integer_cast="upcast")
