"""DuckDB as the engine of the measures: attach a snapshot, run a measure, fetch a frame."""

from collections.abc import Collection
from datetime import date

import duckdb
import polars as pl

from data.store import Snapshot
from data.touched import touched_days
from data.views import connect
from metrics.measure_files import STRATA, MeasureFile

TYPES = {
    "counter": "INTEGER",
    "department": "INTEGER",
    "own": "BOOLEAN",
    "day": "DATE",
    "half_hour": "INTEGER",
    "lag_days": "INTEGER",
    "bin": "INTEGER",
    **dict.fromkeys(STRATA, "VARCHAR"),
}
MONTH = "CAST(YEAR(day) * 100 + MONTH(day) AS INTEGER) AS month"


class DuckEngine:
    """A private connection to one snapshot; it holds no locks and writes nothing.

    Of a frozen home there is none to connect to: it answers from the rows that it kept.
    """

    def __init__(self, snap: Snapshot) -> None:
        self.snap = snap
        self._open: duckdb.DuckDBPyConnection | None = None
        self._tables: dict[str, pl.DataFrame] = {}

    def __enter__(self) -> "DuckEngine":
        return self

    def __exit__(self, *_: object) -> None:
        if self._open is not None:
            self._open.close()

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The connection, opened by the first question."""
        if self._open is None:
            self._open = connect(self.snap.live_snap or self.snap)
            for name, frame in self._tables.items():
                self._open.register(name, frame.to_arrow())
        return self._open

    def register(self, name: str, frame: pl.DataFrame) -> None:
        """Give the measures a table that no log has, such as the open days."""
        self._tables[name] = frame
        if self._open is not None:
            self._open.register(name, frame.to_arrow())

    def ask(self, sql: str) -> pl.DataFrame:
        """The rows of any SQL text over the views of the store."""

        def rows(_: Snapshot) -> pl.DataFrame:
            found: pl.DataFrame = self.con.sql(sql).pl()
            return found

        return self.snap.told(sql, rows)

    def run(self, measure: MeasureFile, days: Collection[date] | None = None) -> pl.DataFrame:
        """month, grain and sums, sorted in this order; for all days or for the given ones."""
        grain = [f"CAST({name} AS {TYPES[name]}) AS {name}" for name in measure.grain]
        columns = ", ".join((MONTH, *grain, *measure.sums))
        where = "" if days is None else f"WHERE {_on(days)}"
        order = ", ".join(f"{name} NULLS FIRST" for name in ("month", *measure.grain))
        query = f"SELECT {columns} FROM ({measure.sql}) AS measured {where} ORDER BY {order}"
        rows: pl.DataFrame = self.con.sql(query).pl()
        return rows

    def touched(
        self,
        log: str,
        built: Collection[int],
        built_withdrawn: Collection[int],
        built_clock: str,
    ) -> set[date] | None:
        """Days of a log that differ from a cube of those batches; None means all."""
        return touched_days(self.con, self.snap, log, built, built_withdrawn, built_clock)


def _on(days: Collection[date]) -> str:
    """A day filter that also prunes files by their first and last day."""
    listed = ", ".join(f"DATE '{day}'" for day in sorted(days))
    return f"day >= DATE '{min(days)}' AND day <= DATE '{max(days)}' AND day IN ({listed})"
