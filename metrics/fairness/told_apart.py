"""A ranking summed up: how many groups hold an order, who lies beyond it, how much data it takes.

Frames in, frames out; every number comes from the certainty of a ranking (SURE, FRAMES).
"""

from dataclasses import dataclass

import polars as pl

from metrics.fairness.certainty import RANKABLE
from metrics.fairness.ranking import FairRanking
from metrics.methods.reliability import reading

ORDER = pl.Schema(
    {
        "frame": pl.String(),
        "k": pl.Int64(),  # ranked units
        "rankability": pl.Float64(),
        "reading": pl.String(),  # poor, moderate, high; unknown: nothing to compare or facts alone
        "told_apart": pl.Int64(),
        "pairs": pl.Int64(),  # k (k − 1) / 2
        "above": pl.Int64(),
        "expected": pl.Int64(),
        "below": pl.Int64(),
    }
)
BINS = pl.Schema({"low": pl.Float64(), "high": pl.Float64(), "units_n": pl.Int64()})
NEEDED = pl.Schema(
    {
        "frame": pl.String(),
        "known": pl.Int64(),  # units whose score rests on records
        "reliability": pl.Float64(),  # the median of them
        "half_n": pl.Int64(),  # units with a reliability of .5 or more
        "high_n": pl.Int64(),  # .8 or more
        "base": pl.Float64(),  # median of the bases
        "half_base": pl.Float64(),  # median of the bases needed for .5
        "high_base": pl.Float64(),
        "half_times": pl.Float64(),  # median of needed base / base
        "high_times": pl.Float64(),
    }
)
BEYOND = ("frame", "tier", "id", "name", "hall", "score", "rank_low", "rank_high", "reliability")
HALF, HIGH = 0.5, 0.8  # half of what is seen is real; enough to judge a single unit by
TENTHS = 10


@dataclass(frozen=True)
class Headline:
    """How much order all groups hold together.

    `groups` with ranked units, of which `rankable` reach a rankability of one half, `poor` do not
    and `unknown` have none; `told_apart` of the `pairs` inside groups have a sure order; in
    `silent` groups no pair has one. `above`, `below`: units beyond their group.
    """

    groups: int
    rankable: int
    poor: int
    unknown: int
    silent: int
    pairs: int
    told_apart: int
    above: int
    below: int


def order(ranking: FairRanking) -> pl.DataFrame:
    """ORDER: one row per group, the one that holds most order first, then those without any."""
    calls = ranking.frame.group_by("frame").agg(expected=(pl.col("tier") == "expected").sum())
    rows = ranking.groups.join(calls, on="frame", how="left", maintain_order="left")
    words = pl.Series(
        [reading(float("nan") if one is None else one) for one in rows["rankability"]],
        dtype=pl.String,
    )
    told = rows.with_columns(
        reading=words,
        pairs=pl.col("k") * (pl.col("k") - 1) // 2,
        expected=pl.when(pl.col("told_apart").is_not_null()).then(pl.col("expected")),
    )
    ordered = told.sort("rankability", "frame", descending=[True, False], nulls_last=True)
    return ordered.select(list(ORDER)).match_to_schema(ORDER, integer_cast="upcast")


def headline(ranking: FairRanking) -> Headline:
    """The groups of a ranking together; pairs of groups of facts alone do not count."""
    rows = order(ranking)
    known = rows.filter(pl.col("told_apart").is_not_null())
    share = pl.col("rankability")
    return Headline(
        groups=rows.height,
        rankable=rows.filter(share >= RANKABLE).height,
        poor=rows.filter(share < RANKABLE).height,
        unknown=rows.filter(share.is_null()).height,
        silent=known.filter(pl.col("told_apart") == 0).height,
        **{name: int(known[name].sum()) for name in ("pairs", "told_apart", "above", "below")},
    )


def beyond(ranking: FairRanking) -> pl.DataFrame:
    """The columns BEYOND of units above or below their group, by group; above first, best first."""
    rows = ranking.frame.filter(pl.col("tier").is_in(["above", "below"]))
    return rows.sort("frame", "tier", "rank", "id").select(BEYOND)


def spread(ranking: FairRanking) -> pl.DataFrame:
    """BINS: units by reliability in tenths; a bin holds its lower end, the last one both."""
    known = ranking.frame.select("reliability").drop_nulls()
    # A value on an edge must not fall below it by a rounding of its tenfold.
    at = (pl.col("reliability") * TENTHS + 1e-9).floor().clip(0, TENTHS - 1).cast(pl.Int64)
    counted = known.select(at.alias("at")).group_by("at").agg(units_n=pl.len().cast(pl.Int64))
    every = pl.DataFrame({"at": range(TENTHS)}, schema={"at": pl.Int64})
    rows = every.join(counted, on="at", how="left", maintain_order="left")
    told = rows.select(
        low=pl.col("at") / TENTHS,
        high=(pl.col("at") + 1) / TENTHS,
        units_n=pl.col("units_n").fill_null(0),
    )
    return told.match_to_schema(BINS)


def times_needed(target: float) -> pl.Expr:
    """How many times its base a unit of some `reliability` needs to reach the target, > 0.

    target (1 − r) / ((1 − target) r): the formula of Spearman and Brown (1910), solved for the
    length. Null at 0, where no amount would do.
    """
    share = pl.col("reliability")
    return pl.when(share > 0).then(target * (1 - share) / ((1 - target) * share))


def needed(ranking: FairRanking) -> pl.DataFrame:
    """NEEDED: one row per group that has units with a reliability, in the order of the groups.

    Chance shrinks with the base, all items alike; what varies from day to day or is printed in
    steps does not, so that the needed bases are the least that can be hoped for.
    """
    rows = ranking.frame.filter(pl.col("reliability") > 0).with_columns(
        half_times=times_needed(HALF), high_times=times_needed(HIGH)
    )
    share = pl.col("reliability")
    told = rows.group_by("frame").agg(
        known=pl.len().cast(pl.Int64),
        half_n=(share >= HALF).sum().cast(pl.Int64),
        high_n=(share >= HIGH).sum().cast(pl.Int64),
        reliability=share.median(),
        base=pl.col("n").median(),
        half_base=(pl.col("n") * pl.col("half_times")).median(),
        high_base=(pl.col("n") * pl.col("high_times")).median(),
        half_times=pl.col("half_times").median(),
        high_times=pl.col("high_times").median(),
    )
    listed = ranking.groups.select("frame").join(told, on="frame", maintain_order="left")
    return listed.select(list(NEEDED)).match_to_schema(NEEDED)


def middle(ranking: FairRanking) -> tuple[int, float | None, int, int]:
    """Units with a reliability, its median, and how many reach HALF and HIGH; all groups."""
    known = ranking.frame["reliability"].drop_nulls()
    median = known.median()
    assert median is None or isinstance(median, float)
    return len(known), median, int((known >= HALF).sum()), int((known >= HIGH).sum())
