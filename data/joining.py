"""Typed rows joined to their units, and those that cannot be: what all derivations share."""

import polars as pl

from data.units import Units, unknown
from data.valid_days import not_open

Derived = tuple[pl.DataFrame, pl.DataFrame]  # stored columns; rejects (line, reason, detail)


def split(rows: pl.DataFrame, rejects: list[pl.DataFrame]) -> Derived:
    """Rows without the rejected lines, and the rejects, one reason per line: the first found."""
    found = pl.concat(rejects).unique("line", keep="first", maintain_order=True)
    if found.is_empty():
        return rows, found
    return rows.join(found.select("line"), on="line", how="anti", maintain_order="left"), found


def at_counter(rows: pl.DataFrame, units: Units) -> pl.DataFrame:
    """Rows with counter, counter_hall and counter_department, the numbers of their counter."""
    return rows.join(units.counters, on="counter_id", how="left", maintain_order="left")


def strange_counters(rows: pl.DataFrame, units: Units, day: pl.Expr) -> list[pl.DataFrame]:
    """Quarantine entries for rows of a counter that is not known, or not open on their day."""
    return [
        unknown(rows, "counter_id", "counters", "unknown_counter", units),
        not_open(rows, units.closed, day, "counter_id"),
    ]


def hundredths(name: str) -> pl.Expr:
    """Points as whole hundredths, so that sums are exact."""
    return (pl.col(name).cast(pl.Float64) * 100).round().cast(pl.Int32)
