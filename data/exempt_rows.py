"""From a typed exemption to a stored one."""

from collections.abc import Mapping

import polars as pl

from data.masking import mask_series


def exemption_columns(rows: pl.DataFrame, halls: Mapping[str, int]) -> pl.DataFrame:
    """Rows with the columns of the table `exemptions`; a counter stands for itself alone.

    `halls`: numbers of the halls by id. Words are masked here: grounds are written freely.
    """
    hall = pl.col("hall_id").replace_strict(halls, default=None, return_dtype=pl.Int32)
    named = pl.col("counter").is_not_null()
    return rows.with_columns(
        *(mask_series(rows[name]).alias(name) for name in ("grounds", "decided_by")),
        id="exemption_id",
        hall=pl.when(~named).then(hall),
        includes_below=pl.col("includes_below").fill_null(value=False) & ~named,
        system=pl.col("system").fill_null("all"),
        day=pl.col("starts_at").dt.date(),
    )
