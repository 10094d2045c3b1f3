"""The arithmetic of a roll-up: sums and quotients of whole units, rounded once by division."""

import polars as pl

from metrics.points import WIDE, rounded
from metrics.scheme_model import RollUp, Scheme


def rolled_units(
    wide: pl.DataFrame,
    n: int,
    rule: RollUp,
    chosen: Scheme,
    votes: pl.DataFrame | None = None,
    *,
    loose: bool = False,
) -> pl.DataFrame:
    """Units with score_u, state, scored and held by a rule over their parts.

    `wide`: id and for each of `n` parts _0 … (units of 1/10,000 point, or null) and _said_0 … (its
    state). `votes`: id, electorate, n, d. The result is rounded once, half away from zero, to the
    scheme's decimals. `loose`: for a projection, `least` and part-time are not asked, and the mean
    stands alone where ballots are still to come.
    """
    parts, said = [f"_{at}" for at in range(n)], [f"_said_{at}" for at in range(n)]
    held = sum(wide[name].count() > 0 for name in parts)
    counted = wide.with_columns(
        scored=pl.sum_horizontal(pl.col(name).is_not_null() for name in parts).cast(pl.Int64),
        held=pl.lit(held, pl.Int64),
        _sum=pl.sum_horizontal(pl.col(name).fill_null(0) for name in parts).cast(pl.Int64),
        _silent=pl.any_horizontal((pl.col(name) == "missing").fill_null(False) for name in said),
        _small=pl.any_horizontal((pl.col(name) == "few").fill_null(False) for name in said),
    )
    if rule.rule == "weighted":
        told = _weighted(counted, rule, chosen, votes, loose=loose)
    else:
        told = counted.with_columns(_u=_plain(rule, chosen.step), _unvoted=pl.lit(value=False))
    stated = told.with_columns(state=_state(rule, loose=loose))
    final = stated.with_columns(score_u=pl.when(pl.col("state") == "number").then("_u"))
    return final.drop("_sum", "_silent", "_small", "_u", "_unvoted", *said)


def _plain(rule: RollUp, step: int) -> pl.Expr:
    """Mean of the scored parts; or their sum, for part-time times all / scored."""
    n, d = pl.col("_sum"), pl.lit(1, pl.Int64)
    scored = pl.max_horizontal(pl.col("scored"), 1)
    if rule.rule == "mean":
        d = scored
    elif rule.part == "scaled":
        n, d = pl.col("_sum") * pl.col("held"), scored
    return rounded(n, d, step)


def _weighted(
    counted: pl.DataFrame, rule: RollUp, chosen: Scheme, votes: pl.DataFrame | None, *, loose: bool
) -> pl.DataFrame:
    """share × mean + (1 − share) × ballots of full points, as one fraction, rounded once."""
    assert rule.share is not None
    assert votes is not None
    mine = votes.filter(pl.col("electorate") == rule.electorate).select("id", _vn="n", _vd="d")
    joined = counted.join(mine, on="id", how="left", maintain_order="left")
    a, b = rule.share.numerator, rule.share.denominator
    total, scored = pl.col("_sum").cast(WIDE), pl.max_horizontal(pl.col("scored"), 1).cast(WIDE)
    n, d = pl.col("_vn").cast(WIDE), pl.col("_vd").cast(WIDE)
    exact = total * a * d + n * scored * ((b - a) * chosen.readable)
    both = rounded(exact, scored * d * b, chosen.step)
    voted = pl.col("_vd").fill_null(0) > 0
    alone = rounded(pl.col("_sum"), pl.max_horizontal(pl.col("scored"), 1), chosen.step)
    unvoted = pl.lit(value=False) if loose else ~voted
    found = joined.with_columns(_u=pl.when(voted).then(both).otherwise(alone), _unvoted=unvoted)
    return found.drop("_vn", "_vd")


def _state(rule: RollUp, *, loose: bool) -> pl.Expr:
    """number; else none or missing without a scored part, few with too few, missing unvoted."""
    short = pl.lit(value=False) if loose else pl.col("scored") < rule.least
    if rule.part == "apart" and not loose:
        short |= pl.col("scored") < pl.col("held")
    nothing = pl.col("scored") == 0
    return (
        pl.when(nothing & pl.col("_silent"))
        .then(pl.lit("missing"))
        .when(nothing & ~pl.col("_small"))
        .then(pl.lit("none"))
        .when(nothing | short)
        .then(pl.lit("few"))
        .when("_unvoted")
        .then(pl.lit("missing"))
        .otherwise(pl.lit("number"))
    )
