"""Wait histogram: the bins of measures/waits.sql and quantiles read from their sums.

A quantile is interpolated inside the bin of its nearest rank (the smallest wait that at least the
share q of all waits do not exceed), so it differs from the exact nearest-rank wait by less than the
width of that bin: 1 minute below 2 hours, 5 minutes below 10 hours; beyond 10 hours it is
"at least 10 hours".
"""

import polars as pl

MINUTE, FIVE = 60, 300
FINE, COARSE = 120, 96  # numbers of 1-minute and of 5-minute bins
OPEN = FINE + COARSE
FINE_END, COARSE_END = FINE * MINUTE, FINE * MINUTE + COARSE * FIVE


def bin_of(wait_s: int) -> int:
    """The bin of a wait in whole seconds, as measures/waits.sql assigns it."""
    if wait_s < FINE_END:
        return wait_s // MINUTE
    return FINE + (wait_s - FINE_END) // FIVE if wait_s < COARSE_END else OPEN


def edges() -> list[int]:
    """Where the bins begin, in seconds, and where the last one ends: it has no width."""
    fine = [place * MINUTE for place in range(FINE)]
    coarse = [FINE_END + place * FIVE for place in range(COARSE)]
    return [*fine, *coarse, COARSE_END, COARSE_END]


def _lower() -> pl.Expr:
    place = pl.col("bin")
    return (
        pl.when(place < FINE)
        .then(place * MINUTE)
        .otherwise(FINE_END + (place - FINE).clip(upper_bound=COARSE) * FIVE)
    )


def _width() -> pl.Expr:
    place = pl.col("bin")
    return pl.when(place < FINE).then(MINUTE).when(place < OPEN).then(FIVE).otherwise(0)


def quantiles(bins: pl.DataFrame, key: str, percent: int) -> pl.DataFrame:
    """key, n, value (seconds) from rows of (key, bin, waits); one row per key with any wait."""
    ordered = bins.group_by(key, "bin").agg(pl.col("waits").sum()).sort(key, "bin")
    # One running total over all keys, less what came before the key: cheaper than per key.
    running = ordered.with_columns(upto=pl.col("waits").cum_sum())
    totals = ordered.group_by(key, maintain_order=True).agg(n=pl.col("waits").sum())
    ranks = totals.with_columns(
        earlier=pl.col("n").cum_sum() - pl.col("n"), rank=(pl.col("n") * percent + 99) // 100
    )
    joined = running.join(ranks, on=key, maintain_order="left").with_columns(
        upto=pl.col("upto") - pl.col("earlier")
    )
    reached = joined.filter(pl.col("upto") >= pl.col("rank"))
    first = reached.unique(key, keep="first", maintain_order=True)
    before = pl.col("upto") - pl.col("waits")
    share = (pl.col("rank") - before) / pl.col("waits")
    return first.select(key, "n", value=(_lower() + _width() * share).cast(pl.Float64))
