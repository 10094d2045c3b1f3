"""Exemptions as clock-stops of the cases that ran while they held."""

import polars as pl

ISO = "%Y-%m-%dT%H:%M:%S%.6f"


def with_stops(cases: pl.DataFrame, stops: pl.DataFrame | None) -> pl.DataFrame:
    """Typed cases whose `clock_stops` hold, beside the source's own, the exemptions that they met.

    `stops`: counter, begins, ends. The day of the rows and their order stay.
    """
    if stops is None or stops.is_empty():
        return cases
    at = cases.with_row_index("_at")
    met = at.join(stops, on="counter").filter(
        pl.col("received_at") < pl.col("ends"),
        pl.col("closed_at").is_null() | (pl.col("closed_at") >= pl.col("begins")),
    )
    stop = pl.concat_str(pl.col("begins", "ends").dt.strftime(ISO), separator="/")
    told = met.group_by("_at").agg(stop.sort().str.join(";").alias("_lifted"))
    both = at.join(told, on="_at", how="left", maintain_order="left")
    own = pl.concat_str("clock_stops", "_lifted", separator=";", ignore_nulls=True)
    changed = pl.when(pl.col("_lifted").is_not_null()).then(own).otherwise("clock_stops")
    return both.with_columns(changed.alias("clock_stops")).select(cases.columns)
