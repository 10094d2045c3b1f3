"""On which days a counter was not open: an event of such a day waits in quarantine."""

from datetime import date

import polars as pl

from data.versions import tiled

NOTHING = {"line": pl.Int32(), "reason": pl.String(), "detail": pl.String()}


def closures(rows: pl.DataFrame) -> pl.DataFrame:
    """counter_id, counter, closed_from, closed_to: days after a version ended and no other held.

    Days before the first version are not among them: many a table begins on the day on which it
    was made, and what came before it counts (doctor lists it).
    """
    tiles = tiled(rows, "counter_id").filter(pl.col("valid_to") < pl.col("until"))
    return tiles.select(
        "counter_id",
        pl.col("no").alias("counter"),
        closed_from=pl.max_horizontal("valid_to", "since"),
        closed_to="until",
    )


def open_places(rows: pl.DataFrame) -> pl.DataFrame:
    """counter, hall_id, since, until: where each counter stood, without the days of a closure."""
    ends = pl.min_horizontal("until", pl.col("valid_to").fill_null(date.max))
    tiles = tiled(rows, "counter_id").with_columns(until=ends)
    held = tiles.filter(pl.col("since") < pl.col("until"))
    return held.select(pl.col("no").alias("counter"), "hall_id", "since", "until")


def not_open(rows: pl.DataFrame, closed: pl.DataFrame, day: pl.Expr, key: str) -> pl.DataFrame:
    """Quarantine entries for rows whose counter (`key`: counter_id or counter) was closed."""
    if closed.is_empty():
        return pl.DataFrame(schema=NOTHING)
    named = closed.with_columns(named="counter_id")
    told = rows.select("line", key, day.alias("_on")).join(named, on=key)
    shut = told.filter(pl.col("_on") >= pl.col("closed_from"), pl.col("_on") < pl.col("closed_to"))
    again = pl.when(pl.col("closed_to") != date.max).then(pl.format(" until {}", "closed_to"))
    detail = pl.format(
        "counter '{}' was not open on {}: closed from {}{} in the table `counters`. Correct the "
        "day, the counter or its valid_to.",
        "named",
        "_on",
        "closed_from",
        again.otherwise(pl.lit("")),
    )
    return shut.select("line", reason=pl.lit("unit_not_open"), detail=detail)
