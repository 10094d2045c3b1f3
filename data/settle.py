"""Which rows count, where several rows speak of one thing: repeated ratings, cases that progressed.

Stored rows never change. A row whose key was seen before is marked `contested` when it is written;
only such keys are looked at here, and the answer is derived: it depends on the live rows alone, not
on the order in which they came, so a late file or a withdrawn batch changes it without a rewrite.
"""

from dataclasses import dataclass

import duckdb
import polars as pl

from data.clock import add_clock
from data.exempt_stops import with_stops
from data.tables import CASES, CLOCK_OF_CASE, SOURCE_OF_CASE
from data.workdays import Calendar

STATES = ("open", "suspended", "closed")
COUNTING = {"batch": pl.Int32(), "line": pl.Int32(), "counts": pl.Boolean()}


@dataclass(frozen=True)
class Clockwork:
    """What the clock of a case needs beside the case: limits, calendar, who owns which counter."""

    items: pl.DataFrame
    calendar: Calendar
    counter_departments: pl.DataFrame  # counter Int32, counter_department Int32
    stops: pl.DataFrame | None = None  # counter, begins, ends: exemptions that stop the clock

    def wind(self, cases: pl.DataFrame) -> pl.DataFrame:
        """Add the clock columns and `own` to rows with the source's columns of a case."""
        sources = cases.rename({"source_state": "state"})
        timed = add_clock(with_stops(sources, self.stops), self.items, self.calendar)
        own = pl.col("department").is_null() | pl.col("department").eq_missing(
            pl.col("counter_department")
        )
        return (
            timed.with_columns(cases["source_state"], cases["clock_stops"])
            .join(self.counter_departments, on="counter", how="left", maintain_order="left")
            .with_columns(own.alias("own"))
            .drop("counter_department")
        )


def in_order(rows: pl.DataFrame, *ties: str) -> pl.DataFrame:
    """Versions of cases by `updated_at`, then by how far they are, then by `ties`.

    A closing says more than a state word, and of two lists of stops the longer is the later.
    """
    told = pl.col("source_state").replace_strict(
        list(STATES), [0, 1, 2], default=0, return_dtype=pl.Int8
    )
    rank = pl.when(pl.col("closed_at").is_not_null()).then(pl.lit(2, pl.Int8)).otherwise(told)
    stops = pl.col("clock_stops").str.len_bytes().fill_null(0)
    return rows.sort("updated_at", rank, stops, *ties, "batch", "line", nulls_last=False)


def fold_versions(members: pl.DataFrame) -> pl.DataFrame:
    """One row per case id: of each field the last filled value in the order of versions.

    Fields that disagree without a later `updated_at` were refused at ingest.
    """
    fields = [pl.col(name).drop_nulls().last() for name in ("key", *SOURCE_OF_CASE)]
    grouped = in_order(members).group_by("id", maintain_order=True)
    return grouped.agg(*fields, pl.col("batch").max(), pl.col("line").last())


def settle_cases(members: pl.DataFrame, clockwork: Clockwork) -> pl.DataFrame:
    """The rows that stand for the given versions, in the columns of the cases table."""
    if members.is_empty():
        return pl.DataFrame(schema=CASES.schema)
    wound = clockwork.wind(fold_versions(members))
    return wound.with_columns(contested=pl.lit(value=True)).select(
        pl.col(name).cast(kind) for name, kind in CASES.schema.items()
    )


def case_members(
    con: duckdb.DuckDBPyConnection,
    source: str,
    stale: frozenset[int],
    keys: str | None = None,
    also: str = "",
) -> pl.DataFrame:
    """All live versions of the cases that need settling; `keys` names a table of keys instead.

    `also`: a table of more keys.
    """
    stale_list = ", ".join(map(str, sorted(stale))) or "-1"
    chosen = keys or (
        f"SELECT key FROM {source} WHERE contested OR batch IN ({stale_list}) GROUP BY key"
    )
    chosen = f"{chosen} UNION {also}" if also else chosen
    columns = ", ".join(CASES.schema)
    members: pl.DataFrame = con.sql(f"SELECT {columns} FROM {source} WHERE key IN ({chosen})").pl()
    return members


def changed_clocks(members: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """Settled rows that differ from the only stored version of their case, or have several."""
    single = members.filter(pl.len().over("id") == 1, ~pl.col("contested"))
    changed: pl.DataFrame = settled.join(
        single.select("id", *CLOCK_OF_CASE, "own"),
        on=["id", *CLOCK_OF_CASE, "own"],
        how="anti",
        nulls_equal=True,
    )
    return changed


def settle_ratings(con: duckdb.DuckDBPyConnection, source: str) -> pl.DataFrame:
    """Members of the pairs of case and counter that were rated more than once, with who counts.

    The earliest by `rated_at`, then id, counts (一次一评; GB/T 39734 7.1).
    Columns batch, line, counts.
    """
    contested = f"SELECT pair FROM {source} WHERE contested GROUP BY pair"
    members: pl.DataFrame = con.sql(
        "SELECT batch, line, case_id, counter, rated_at, id "
        f"FROM {source} WHERE pair IN ({contested})"
    ).pl()
    if members.is_empty():
        return pl.DataFrame(schema=COUNTING)
    ranked: pl.DataFrame = members.sort("rated_at", "id", nulls_last=True).with_columns(
        counts=pl.int_range(pl.len()).over("case_id", "counter") == 0
    )
    return ranked.select(pl.col(name).cast(kind) for name, kind in COUNTING.items())
