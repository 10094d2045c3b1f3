"""A reported tally from its typed row: its unit, its span of days, and who it is."""

from collections.abc import Mapping

import polars as pl

from data.masking import pseudonymise


def first_day() -> pl.Expr:
    """The first day of a typed row's span; null where day and month do not tell one."""
    month = pl.col("month").str.slice(0, 7) + "-01"
    return pl.coalesce("day", month.str.to_date("%Y-%m-%d", strict=False))


def tally_columns(rows: pl.DataFrame, halls: Mapping[str, int]) -> pl.DataFrame:
    """Add id, hall, since and day to typed rows that have `counter`; `halls` are the numbers.

    Without an id of its own a tally is known by unit, span, measure and source.
    """
    of_hall = pl.col("counter_id").is_null()
    since = first_day()
    number = pl.col("hall_id").replace_strict(dict(halls), default=None, return_dtype=pl.Int32)
    spanned = rows.with_columns(
        # Who reports is an office; a citizen's number in its name leaves no trace.
        pseudonymise(rows["source"]).fill_null("").alias("source"),
        hall=pl.when(of_hall).then(number),
        since=since,
        day=pl.when(pl.col("month").is_null()).then("day").otherwise(since.dt.month_end()),
    )
    unit = pl.when(of_hall).then(pl.lit("hall:") + pl.col("hall_id"))
    known_by = pl.concat_str(
        unit.otherwise(pl.lit("counter:") + pl.col("counter_id")),
        pl.coalesce("month", pl.col("since").cast(pl.String)),
        "measure",
        "source",
        separator="|",
    )
    return spanned.with_columns(id=pl.coalesce("tally_id", known_by))
