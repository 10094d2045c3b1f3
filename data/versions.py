"""Versions of reference rows over time: which one is in force on a day."""

from datetime import date, timedelta

import polars as pl

MOST_STEPS = 32  # four levels need four; a chain that is longer is a ring
ALWAYS = {"since": pl.lit(date.min), "until": pl.lit(date.max)}


def tiled(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """The versions of each key with since and until, without a gap: a row always has a place.

    A version holds until the next one of its key begins; the first also holds before it begins.
    """
    if rows[key].n_unique() == rows.height:
        return rows.sort(key).with_columns(**ALWAYS)
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
    return on_day(marked, last).drop("since", "until")


def on_day(tiles: pl.DataFrame, day: date) -> pl.DataFrame:
    """The tiles that hold on one day."""
    return tiles.filter(pl.col("since") <= day, pl.col("until") > day)


def within(tiles: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    """The tiles that hold on some day of [start, end)."""
    return tiles.filter(pl.col("since") < end, pl.col("until") > start)


def met(tiles: pl.DataFrame, others: pl.DataFrame, key: str) -> pl.DataFrame:
    """Both joined on `key`, for the days (since, until) on which both hold."""
    both = tiles.join(others, on=key, suffix="_other", maintain_order="left")
    return (
        both.with_columns(
            since=pl.max_horizontal("since", "since_other"),
            until=pl.min_horizontal("until", "until_other"),
        )
        .filter(pl.col("since") < pl.col("until"))
        .drop("since_other", "until_other")
    )


def counter_halls(counters: pl.DataFrame, halls: pl.DataFrame) -> pl.DataFrame:
    """counter, hall (numbers), since, until (half-open) of the reference tables of those names."""
    numbers = halls.select("hall_id", pl.col("no").alias("hall")).unique()
    placed = tiled(counters, "counter_id").join(numbers, on="hall_id")
    return placed.select(pl.col("no").alias("counter"), "hall", "since", "until")


def first_above(tiles: pl.DataFrame, stops: pl.Expr) -> pl.DataFrame:
    """hall_id, above, since, until: the nearest hall on the way up for which `stops` is true.

    `tiles`: hall versions with since and until. A hall itself is the first on its way; the way is
    that of each day: the versions of all halls on it are cut where one of them changes.
    """
    steps = tiles.select(
        "since",
        "until",
        pl.col("hall_id").alias("at"),
        pl.col("parent_id").alias("up"),
        stops.alias("stops"),
    )
    front = tiles.select("hall_id").unique(maintain_order=True)
    front = front.with_columns(at="hall_id", since=pl.lit(date.min), until=pl.lit(date.max))
    found: list[pl.DataFrame] = []
    for _ in range(MOST_STEPS):
        here = met(front, steps, "at")
        stopped = here.filter("stops")
        found.append(stopped.select("hall_id", pl.col("at").alias("above"), "since", "until"))
        onward = here.filter(~pl.col("stops"), pl.col("up").is_not_null())
        front = onward.select("hall_id", pl.col("up").alias("at"), "since", "until")
        if front.is_empty():
            break
    return pl.concat(found)
