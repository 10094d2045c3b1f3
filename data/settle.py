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
from data.progress import CASES_PROGRESS, fold_versions
from data.tables import CASES, CLOCK_OF_CASE
from data.workdays import Calendar

COUNTING = {
    "batch": pl.Int32(),
    "line": pl.Int32(),
    "counts": pl.Boolean(),
    "voided": pl.Boolean(),
}
VOIDED: dict[str, pl.DataType] = {
    "batch": pl.Int32(),
    "line": pl.Int32(),
    "id": pl.String(),
    "pair": pl.Int64(),
    "day": pl.Date(),
}


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


def settle_cases(members: pl.DataFrame, clockwork: Clockwork) -> pl.DataFrame:
    """The rows that stand for the given versions, in the columns of the cases table."""
    if members.is_empty():
        return pl.DataFrame(schema=CASES.schema)
    wound = clockwork.wind(fold_versions(members, CASES_PROGRESS))
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


def settle_ratings(
    con: duckdb.DuckDBPyConnection, source: str, voids: pl.DataFrame
) -> pl.DataFrame:
    """Ratings of which it must be said whether they count: repeated ones and voided ones.

    The earliest of a case and counter that is not voided, by `rated_at`, then id, counts (一次一评;
    GB/T 39734 7.1). Columns batch, line, counts, voided. `voids` as for `voided_ratings`.
    """
    voided = voided_ratings(con, source, voids)
    contested = f"SELECT pair FROM {source} WHERE contested GROUP BY pair"
    members: pl.DataFrame = con.sql(
        "SELECT batch, line, case_id, counter, rated_at, id "
        f"FROM {source} WHERE pair IN ({contested})"
    ).pl()
    if members.is_empty() and voided.is_empty():
        return pl.DataFrame(schema=COUNTING)
    where = ["batch", "line"]
    standing = members.join(voided, on=where, how="anti", maintain_order="left")
    ranked = standing.sort("rated_at", "id", nulls_last=True).with_columns(
        counts=pl.int_range(pl.len()).over("case_id", "counter") == 0, voided=pl.lit(value=False)
    )
    gone = voided.with_columns(counts=pl.lit(value=False), voided=pl.lit(value=True))
    return pl.concat(
        [
            frame.select(pl.col(name).cast(kind) for name, kind in COUNTING.items())
            for frame in (ranked, gone)
        ]
    )


def voided_ratings(
    con: duckdb.DuckDBPyConnection, source: str, voids: pl.DataFrame
) -> pl.DataFrame:
    """batch, line, id, pair, day of the ratings that decisions (rating_id, rated_month) name.

    They are looked for in the month where they lay when they were voided; only one that came again
    on another day is looked for everywhere.
    """
    found = pl.DataFrame(schema=VOIDED)
    if voids.is_empty():
        return found
    columns = ", ".join(VOIDED)
    ids = voids["rating_id"].unique()
    months = ", ".join(str(one) for one in voids["rated_month"].drop_nulls().unique())
    for where in (f"month IN ({months}) AND", ""):
        asked = ids.filter(~ids.is_in(found["id"].implode()))
        if asked.is_empty():
            break
        con.register("void_ids", asked.to_frame("id").to_arrow())
        rows = con.sql(
            f"SELECT {columns} FROM {source} WHERE {where} id IN (SELECT id FROM void_ids)"
        ).pl()
        found = pl.concat([found, rows.cast(VOIDED)])
        con.unregister("void_ids")
    return found
