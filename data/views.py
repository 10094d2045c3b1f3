"""The store as DuckDB sees it: one view per log with what counts, one table per reference table."""

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

from data.desks import desk_days
from data.disk import remove_old
from data.exempt import (
    LIFTS,
    case_stops,
    days_of,
    services_sql,
    spans_of_log,
    stops_digest,
    view_sql,
)
from data.exempt_days import STOPPED, stopped_keys
from data.loop import LOOP, is_kept, loop_facts, loop_of, loop_stamp
from data.settle import (
    Clockwork,
    case_members,
    changed_clocks,
    settle_cases,
    settle_ratings,
)
from data.staff_days import staff_days
from data.store import Snapshot
from data.tables import CASES, LOGS, REFERENCES, Table
from data.workdays import load_calendar

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
VOIDS = "SELECT rating_id, rated_month FROM voids_raw"


def connect(snap: Snapshot) -> duckdb.DuckDBPyConnection:
    """A private in-memory connection with one view per log and one table per reference table."""
    con = connect_raw(snap)
    for name in REFERENCES:
        con.register(name, snap.reference(name).to_arrow())
    _ratings_view(con, snap)
    _tickets_view(con, snap)
    _cases_view(con, snap)
    for name in ("inspections", "findings", "exemptions"):
        columns = ", ".join(LOGS[name].schema)
        con.execute(f"CREATE VIEW {name} AS SELECT {columns}, month FROM {name}_raw")
    _tallies_view(con)
    _conduct_views(con, snap)
    for name in LIFTS:
        _lifted_view(con, snap, name)
    days = days_of(spans_of_log(snap, "ratings"))
    con.execute(f"CREATE VIEW lifted_services AS {services_sql(days)}")
    _loop_views(con, snap)
    return con


def _lifted_view(con: duckdb.DuckDBPyConnection, snap: Snapshot, log: str) -> None:
    """Put `exempt` into the view of a log."""
    lifted = spans_of_log(snap, log)
    con.register(f"{log}_lifted", lifted.select("counter", "begins", "ends").to_arrow())
    columns = ", ".join((*LOGS[log].schema, "month"))
    con.execute(f"ALTER VIEW {log} RENAME TO {log}_counted")
    con.execute(f"CREATE VIEW {log} AS {view_sql(log, f'{log}_counted', columns, days_of(lifted))}")


def connect_raw(snap: Snapshot) -> duckdb.DuckDBPyConnection:
    """The same with the live stored rows alone (<log>_raw), nothing settled."""
    con = duckdb.connect(":memory:", config=CONFIG)
    for table in LOGS.values():
        _raw_view(con, snap, table)
    return con


def _raw_view(con: duckdb.DuckDBPyConnection, snap: Snapshot, table: Table) -> None:
    """Live rows of every stored version, with the month of the path."""
    columns = ", ".join(table.schema)
    files = snap.files[table.name]
    if not files:
        empty = pl.DataFrame(schema={**table.schema, "month": pl.Int32()})
        con.register(f"{table.name}_none", empty.to_arrow())
        con.execute(
            f"CREATE TABLE {table.name}_raw AS SELECT {columns}, month FROM {table.name}_none"
        )
        return
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    dead = ", ".join(
        str(b.no) for b in snap.batches if b.withdrawn is not None and b.log == table.name
    )
    live = f"WHERE batch NOT IN ({dead})" if dead else ""
    con.execute(
        f"CREATE VIEW {table.name}_raw AS SELECT {columns}, CAST(month AS INTEGER) AS month "
        f"FROM read_parquet([{listed}], hive_partitioning = true) {live}"
    )


def _ratings_view(con: duckdb.DuckDBPyConnection, snap: Snapshot) -> None:
    con.register("ratings_settled", settled_ratings(con, snap).to_arrow())
    columns = ", ".join(f"r.{name}" for name in LOGS["ratings"].schema)
    con.execute(
        f"CREATE VIEW ratings_all AS SELECT {columns}, r.month, "
        "COALESCE(s.counts, TRUE) AS counts FROM ratings_raw AS r "
        "LEFT JOIN ratings_settled AS s ON r.batch = s.batch AND r.line = s.line"
    )
    losers = "SELECT batch, line FROM ratings_settled WHERE NOT counts"
    con.execute(
        f"CREATE VIEW voided_ratings AS SELECT {columns}, r.month FROM ratings_raw AS r SEMI JOIN "
        "(SELECT batch, line FROM ratings_settled WHERE voided) AS s "
        "ON r.batch = s.batch AND r.line = s.line"
    )
    con.execute(
        f"CREATE VIEW ratings AS SELECT {columns}, r.month FROM ratings_raw AS r "
        f"ANTI JOIN ({losers}) AS s ON r.batch = s.batch AND r.line = s.line"
    )


def _tickets_view(con: duckdb.DuckDBPyConnection, snap: Snapshot) -> None:
    """A ticket that names a desk is of the counter to which the desk is assigned that day."""
    names = list(LOGS["tickets"].schema)
    if snap.reference("desks").is_empty():
        con.execute(f"CREATE VIEW tickets AS SELECT {', '.join(names)}, month FROM tickets_raw")
        return
    told = desk_days(*(snap.reference(table) for table in ("desks", "halls", "counters")))
    con.register("desk_days", told.to_arrow())
    by_id = ", ".join(names)
    assigned = ", ".join("a.counter" if name == "counter" else f"t.{name}" for name in names)
    con.execute(
        f"CREATE VIEW tickets AS SELECT {by_id}, month FROM tickets_raw WHERE NOT by_desk "
        f"UNION ALL SELECT {assigned}, t.month FROM tickets_raw AS t "
        "JOIN desk_days AS a ON t.hall = a.hall AND t.desk_no = a.desk_no "
        "AND t.day >= a.valid_from AND t.day < a.valid_to WHERE t.by_desk"
    )


def _cases_view(con: duckdb.DuckDBPyConnection, snap: Snapshot) -> None:
    con.register("cases_settled", settled_cases(con, snap).to_arrow())
    columns = ", ".join(CASES.schema)
    month = "CAST(YEAR(day) * 100 + MONTH(day) AS INTEGER) AS month"
    con.execute(
        f"CREATE VIEW cases AS SELECT {columns}, month FROM cases_raw "
        "WHERE NOT contested AND key NOT IN (SELECT key FROM cases_settled) "
        f"UNION ALL SELECT {columns}, {month} FROM cases_settled"
    )


def _loop_views(con: duckdb.DuckDBPyConnection, snap: Snapshot) -> None:
    """`loop`: bad ratings and their redress; `rectifications`: the redress alone; decisions."""
    kept = is_kept(snap)
    told = settled_loop(snap) if kept else pl.DataFrame(schema=LOOP)
    con.register("loop", told.to_arrow())
    con.register("loop_facts", loop_facts(told).to_arrow())
    con.execute("CREATE VIEW rectifications AS SELECT * FROM loop WHERE id IS NOT NULL")
    columns = ", ".join(LOGS["voids"].schema)
    con.execute(f"CREATE VIEW voids AS SELECT {columns}, month FROM voids_raw")


def _tallies_view(con: duckdb.DuckDBPyConnection) -> None:
    """Of each tally what was reported last; whether a log overrules it is asked elsewhere."""
    columns = ", ".join(LOGS["tallies"].schema)
    con.execute(
        f"CREATE VIEW tallies AS SELECT DISTINCT ON (id) {columns}, month FROM tallies_raw "
        "ORDER BY id, updated_at DESC NULLS LAST, batch DESC, line DESC"
    )


def _conduct_views(con: duckdb.DuckDBPyConnection, snap: Snapshot) -> None:
    """Attendance by the counter of its day; bonuses without their free text; votes and vetoes."""
    told = staff_days(snap.reference("staff"), snap.reference("counters"))
    con.register("staff_days", told.to_arrow())
    names = [f"a.{one}" for one in LOGS["attendance"].schema]
    names[names.index("a.counter")] = "COALESCE(a.named_counter, s.staff_counter) AS counter"
    con.execute(
        f"CREATE VIEW attendance AS SELECT {', '.join(names)}, a.month FROM attendance_raw AS a "
        "LEFT JOIN staff_days AS s ON a.named_counter IS NULL AND a.staff_id = s.staff_id "
        "AND a.day >= s.since AND a.day < s.left_on"
    )
    for log in ("bonuses", "votes", "vetoes"):
        columns = ", ".join(one for one in LOGS[log].schema if one != "reason")
        con.execute(f"CREATE VIEW {log} AS SELECT {columns}, month FROM {log}_raw")


def clockwork(snap: Snapshot, stops: pl.DataFrame | None = None) -> Clockwork:
    """The clock as it stands in this snapshot: calendar, limits, departments of counters.

    Rows are stored without the `stops` of exemptions; those are put in where cases are settled.
    """
    counters = snap.reference("counters")
    departments = snap.reference("departments").select("department_id", "no")
    owners = (
        counters.select("no", "department_id")
        .unique("no", keep="last")
        .join(departments.rename({"no": "counter_department"}), on="department_id", how="left")
        .select(pl.col("no").alias("counter"), "counter_department")
    )
    return Clockwork(snap.reference("items"), load_calendar(snap.home), owners, stops)


def clock_digest(snap: Snapshot) -> str:
    """What the stored clock columns of a batch depend on; another digest means: wind again."""
    calendar = load_calendar(snap.home).digest
    return f"{calendar[:12]}-{snap.stamp_of('items')}-{snap.stamp_of('counters', 'departments')}"


def settled_cases(con: duckdb.DuckDBPyConnection, snap: Snapshot) -> pl.DataFrame:
    """The cases that have several versions, or whose clock changed since they were stored."""
    stops = case_stops(snap)
    parts = (snap.stamp_of("cases"), clock_digest(snap), stops_digest(stops))
    stamp = "-".join(part for part in parts if part)

    def derive() -> pl.DataFrame:
        now = clock_digest(snap)
        stale = frozenset(b.no for b in snap.live if b.log == "cases" and b.clock != now)
        con.register(STOPPED, stops.to_arrow())
        also = "" if stops.is_empty() else stopped_keys("cases_raw")
        members = case_members(con, "cases_raw", stale, also=also)
        return changed_clocks(members, settle_cases(members, clockwork(snap, stops)))

    return _cached(snap.home, "cases", stamp, derive)


def settled_ratings(con: duckdb.DuckDBPyConnection, snap: Snapshot) -> pl.DataFrame:
    """Who counts among ratings of the same case and counter, and who was voided."""

    def derive() -> pl.DataFrame:
        return settle_ratings(con, "ratings_raw", con.sql(VOIDS).pl())

    return _cached(snap.home, "ratings", snap.stamp_of("ratings", "voids"), derive)


def settled_loop(snap: Snapshot) -> pl.DataFrame:
    """The rating loop (data.loop.LOOP), in a home without redress that of its bad ratings."""
    return _cached(snap.home, "loop", loop_stamp(snap), lambda: loop_of(snap))


def _cached(home: Path, name: str, stamp: str, derive: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """A derived frame by its stamp; any process may derive it, all get the same."""
    path = home / "settled" / f"{name}-{stamp}.parquet"
    if path.exists():
        try:
            return pl.read_parquet(path)
        except (OSError, pl.exceptions.PolarsError):
            path.unlink(missing_ok=True)  # cut short by a crash: derive it again
    frame = derive()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    frame.write_parquet(draft)
    draft.replace(path)
    remove_old(path.parent.glob(f"{name}-*.parquet"), keep={path})
    return frame


def everything(con: duckdb.DuckDBPyConnection, snap: Snapshot, log: str) -> str:
    """Name of a view of all stored rows of a log, withdrawn ones too."""
    name = f"{log}_everything"
    files = snap.files[log]
    if not files:
        return f"{log}_raw"
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    columns = ", ".join(LOGS[log].schema)
    con.execute(
        f"CREATE OR REPLACE VIEW {name} AS SELECT {columns} "
        f"FROM read_parquet([{listed}], hive_partitioning = true)"
    )
    return name


def stranded_tickets(snap: Snapshot) -> pl.DataFrame:
    """hall_id, desk_no, n, first_day, last_day of stored tickets whose desk has no counter now.

    They were taken in when it had one; while it has none no view counts them.
    """
    con = connect_raw(snap)
    told = desk_days(*(snap.reference(table) for table in ("desks", "halls", "counters")))
    con.register("desk_days", told.to_arrow())
    con.register("halls", snap.reference("halls").select("no", "hall_id").unique().to_arrow())
    found: pl.DataFrame = con.sql(
        "SELECT h.hall_id, t.desk_no, COUNT(*) AS n, MIN(t.day) AS first_day, "
        "MAX(t.day) AS last_day FROM tickets_raw AS t ANTI JOIN desk_days AS a "
        "ON t.hall = a.hall AND t.desk_no = a.desk_no "
        "AND t.day >= a.valid_from AND t.day < a.valid_to "
        "LEFT JOIN halls AS h ON t.hall = h.no WHERE t.by_desk GROUP BY ALL ORDER BY ALL"
    ).pl()
    con.close()
    return found
