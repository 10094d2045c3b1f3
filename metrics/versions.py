"""Versions of reference rows over time: which one is in force on a day."""

from datetime import date, timedelta

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


def in_force(rows: pl.DataFrame, key: str, start: date, end: date) -> pl.DataFrame:
    """One row per key, as it stands on the last day of [start, end); `valid`: on any day of it."""
    last = end - timedelta(days=1)
    begun = pl.col("valid_from").fill_null(date.min) < end
    lasting = pl.col("valid_to").fill_null(date.max) > start
    marked = tiled(rows, key).with_columns(valid=(begun & lasting).any().over(key))
    there = (pl.col("since") <= last) & (pl.col("until") > last)
    return marked.filter(there).drop("since", "until")
