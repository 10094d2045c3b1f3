"""Versions of reference rows laid side by side: every day has one."""

from datetime import date

import polars as pl


def tiled(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """The versions of each key with since and until, without a gap: a row always has a place.

    A version holds until the next one of its key begins; the first also holds before it begins.
    """
    if rows[key].n_unique() == rows.height:
        always = {"since": pl.lit(date.min), "until": pl.lit(date.max)}
        return rows.sort(key).with_columns(**always)
    begins = pl.col("valid_from").fill_null(date.min)
    ordered = rows.with_columns(_begins=begins).sort(key, "_begins")
    first = pl.int_range(pl.len()).over(key) == 0
    return ordered.with_columns(
        since=pl.when(first).then(pl.lit(date.min)).otherwise("_begins"),
        until=pl.col("_begins").shift(-1).over(key).fill_null(date.max),
    ).drop("_begins")


def counter_halls(counters: pl.DataFrame, halls: pl.DataFrame) -> pl.DataFrame:
    """counter, hall (numbers), since, until (half-open) of the reference tables of those names."""
    numbers = halls.select("hall_id", pl.col("no").alias("hall")).unique()
    placed = tiled(counters, "counter_id").join(numbers, on="hall_id")
    return placed.select(pl.col("no").alias("counter"), "hall", "since", "until")
