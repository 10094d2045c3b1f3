"""Counters of an inspection round that are listed by their names: '公安窗口；税务窗口'."""

import polars as pl

EVERYWHERE = ("all", "全部")


def needs_list(rows: pl.DataFrame) -> pl.Expr:
    """Rows that list names where the ids of their counters should be."""
    if "counter_names" not in rows.columns:
        return pl.lit(value=False)
    return pl.col("counters").is_null() & pl.col("counter_names").is_not_null()


def one_by_one(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per listed name: line, hall_id, _day, _since, counter_name, an empty counter_id.

    A round of all counters keeps that word as its id.
    """
    listed = rows.select(
        "line",
        "hall_id",
        "_day",
        "_since",
        counter_name=pl.col("counter_names").str.replace_all("；", ";").str.split(";"),
    ).explode("counter_name")
    name = pl.col("counter_name").str.strip_chars()
    everywhere = name.str.to_lowercase().is_in(EVERYWHERE)
    return listed.with_columns(
        counter_name=name, counter_id=pl.when(everywhere).then(pl.lit(EVERYWHERE[0]))
    ).filter(pl.col("counter_name") != "")


def joined(named: pl.DataFrame) -> pl.DataFrame:
    """line and _listed: the ids of each row as the contract writes them."""
    ids = pl.col("counter_id").unique(maintain_order=True).str.join(";")
    return named.group_by("line").agg(_listed=ids)
