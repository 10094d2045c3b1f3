"""Versions of reference rows over time: which one is in force on a day."""

from datetime import date, timedelta

import polars as pl

from data.tiles import tiled as tiled


def in_force(rows: pl.DataFrame, key: str, start: date, end: date) -> pl.DataFrame:
    """One row per key, as it stands on the last day of [start, end); `valid`: on any day of it."""
    last = end - timedelta(days=1)
    begun = pl.col("valid_from").fill_null(date.min) < end
    lasting = pl.col("valid_to").fill_null(date.max) > start
    marked = tiled(rows, key).with_columns(valid=(begun & lasting).any().over(key))
    there = (pl.col("since") <= last) & (pl.col("until") > last)
    return marked.filter(there).drop("since", "until")
