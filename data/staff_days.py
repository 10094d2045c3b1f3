"""Where a member of staff belongs, day by day."""

from datetime import date

import polars as pl

from data.errors import nearest
from data.valid_days import NOTHING
from data.versions import tiled

NAMED_IN_FULL = 20  # a nearest id is looked up for the first few unknown ones only


def staff_days(staff: pl.DataFrame, counters: pl.DataFrame) -> pl.DataFrame:
    """staff_id, staff_counter (number or null), since, until (half-open), left_on.

    Of the reference tables of those names. Days before a first version are its own, as they are of
    a counter; from `left_on` on the person is not there any more.
    """
    numbers = counters.select("counter_id", pl.col("no").alias("staff_counter")).unique()
    tiles = tiled(staff, "staff_id").join(numbers, on="counter_id", how="left")
    left = pl.col("valid_to").fill_null(date.max)
    return tiles.select(
        "staff_id", "staff_counter", "since", "until", left_on=pl.min_horizontal(left, "until")
    )


def on_staff(rows: pl.DataFrame, staff: pl.DataFrame, day: str) -> pl.DataFrame:
    """line and staff_counter of the rows whose person is on the staff on their day.

    `rows` has line, staff_id and the column `day`; `staff` comes from `staff_days`.
    """
    asked = rows.lazy().select("line", "staff_id", pl.col(day).alias("_on"))
    told = asked.join(staff.lazy(), on="staff_id", how="inner")
    here = told.filter(pl.col("_on") >= pl.col("since"), pl.col("_on") < pl.col("left_on"))
    return here.select("line", "staff_counter").collect()


def strange_staff(
    rows: pl.DataFrame, staff: pl.DataFrame, day: str, named: pl.Expr
) -> pl.DataFrame:
    """Quarantine entries for rows whose person is not on the staff on their day.

    Where the home has no staff table at all, the rows under `named` say by themselves where they
    belong, and are taken as they are.
    """
    asked = rows.filter(pl.col("staff_id").is_not_null())
    if staff.is_empty():
        missed = asked.filter(~named)
    else:
        there = on_staff(asked, staff, day).select("line")
        missed = asked.join(there, on="line", how="anti", maintain_order="left")
    if missed.is_empty():
        return pl.DataFrame(schema=NOTHING)
    known = staff["staff_id"].unique(maintain_order=True).to_list()
    ids = missed["staff_id"].unique(maintain_order=True).to_list()
    hints = {one: nearest(one, known) for one in ids[:NAMED_IN_FULL] if one not in known}
    hint = pl.col("staff_id").replace_strict(hints, default="", return_dtype=pl.String)
    said = (
        pl.when(pl.col("staff_id").is_in(pl.Series(known, dtype=pl.String).implode()))
        .then(
            pl.format(
                "staff member '{}' is not on the staff on {} by the table `staff`. Correct the day "
                "or valid_to.",
                "staff_id",
                pl.col(day),
            )
        )
        .otherwise(pl.format("staff member '{}' is not in the table `staff`.{}", "staff_id", hint))
    )
    return missed.select("line", reason=pl.lit("unknown_staff"), detail=said)
