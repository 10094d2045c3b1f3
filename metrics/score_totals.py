"""Whether a unit has a score: what of it is reported and observed, and how large its base is."""

from collections.abc import Sequence

import polars as pl

from metrics.scheme_items import DeductItem, ScoreItem, VoteItem
from metrics.scheme_model import Scheme

BASELESS = (ScoreItem, VoteItem)


def totals_of(
    units: Sequence[str], parts: pl.DataFrame, sums: pl.DataFrame, chosen: Scheme
) -> pl.DataFrame:
    """id, score_u, observed (share of the reported weight), n (largest base), state."""
    masses = _masses(chosen)
    mass = pl.col("item").replace_strict(list(masses), list(masses.values()))
    # A score or a ballot has no base of cases behind it that could be too small.
    based = ~pl.col("item").is_in([one.id for one in chosen.items if isinstance(one, BASELESS)])

    def where(state: str, alike: bool = True) -> pl.Expr:
        chosen_rows = (pl.col("state") == state) == alike
        return pl.when(chosen_rows).then(mass).otherwise(0).sum()

    told = parts.group_by("id").agg(
        n=pl.coalesce("d", "n").filter(based).max().fill_null(0),
        reported=where("missing", alike=False),
        idle=where("none"),
        seen=where("number"),
        lacking=(pl.col("state") == "missing").any(),
    )
    everyone = pl.DataFrame({"id": list(units)}, schema={"id": pl.String()})
    joined = everyone.join(told, on="id", how="left", maintain_order="left").join(
        sums, on="id", how="left", maintain_order="left"
    )
    stated = joined.with_columns(
        observed=pl.when(pl.col("reported") > 0).then(pl.col("seen") / pl.col("reported")),
        state=_state(chosen),
    )
    score = pl.when(pl.col("state") == "number").then(pl.col("points_u").fill_null(0))
    return stated.select("id", score.alias("score_u"), "observed", "n", "state")


def _masses(chosen: Scheme) -> dict[str, int]:
    """How much of a score rests on each item: its weight, or its part of the base it takes from.

    That nobody entered a bonus or a veto is no report, so a score cannot rest on these alone.
    """
    masses = {item.id: item.weight for item in chosen.items}
    takers = [
        item.id
        for item in chosen.items
        if isinstance(item, DeductItem) and item.events != "vetoes" and not item.weight
    ]
    if chosen.base:
        masses |= dict.fromkeys(takers, max(1, chosen.base // max(1, len(takers))))
    return masses if any(masses.values()) else dict.fromkeys(masses, 1)


def _state(chosen: Scheme) -> pl.Expr:
    """number = scored; else missing (not reported), none (no business), few (too little)."""
    missing = pl.col("reported") == 0
    if chosen.missing == "withhold":
        missing |= pl.col("lacking")
    share, least = (
        chosen.min_observed,
        pl.col("seen") + (pl.col("idle") if chosen.none != "spread" else 0),
    )
    enough = (least * share.denominator >= pl.col("reported") * share.numerator) & (least > 0)
    big = (pl.col("n") >= chosen.min_n) | pl.lit(chosen.small == "ranked")
    return (
        pl.when(missing)
        .then(pl.lit("missing"))
        .when((pl.col("idle") == pl.col("reported")) & pl.lit(chosen.none == "spread"))
        .then(pl.lit("none"))
        .when(enough & big)
        .then(pl.lit("number"))
        .otherwise(pl.lit("few"))
    )
