"""Which counter a numbered desk (窗口号) belongs to, day by day."""

from datetime import date

import polars as pl

FIRST, LAST = date.min, date.max


def desk_days(desks: pl.DataFrame, halls: pl.DataFrame, counters: pl.DataFrame) -> pl.DataFrame:
    """hall, desk_no, counter (numbers), valid_from, valid_to (half-open) of every assignment.

    A later assignment ends the one before it, said or not: no ticket counts twice.
    """
    hall_numbers = halls.select("hall_id", pl.col("no").alias("hall")).unique()
    counter_numbers = counters.select("counter_id", pl.col("no").alias("counter")).unique()
    # In order of their beginning, an open beginning first: the next one is the later assignment.
    told = desks.with_columns(pl.col("valid_from").fill_null(FIRST)).sort("valid_from")
    after = pl.col("valid_from").shift(-1).over("hall_id", "desk_no")
    ended = told.with_columns(
        valid_to=pl.min_horizontal(pl.col("valid_to").fill_null(LAST), after.fill_null(LAST))
    )
    numbered = ended.join(hall_numbers, on="hall_id").join(counter_numbers, on="counter_id")
    return numbered.select("hall", "desk_no", "counter", "valid_from", "valid_to")
