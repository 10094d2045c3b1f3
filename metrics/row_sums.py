"""What each single row of the logs adds to each measure, by the same SQL that makes the cube.

A measure file sums by `counter`. Here it runs over the rows of some counters in which `counter` is
a running number of the row, so that every group is one row, and the parts sum to the cube exactly.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from data.exempt import days_of, services_sql, spans_of_log
from data.loop import loop_facts
from data.tables import LOGS
from metrics.cube import CubeState
from metrics.engines import DuckEngine
from metrics.measure_files import MeasureFile, measure_files
from metrics.opening import open_days

OPEN_DAYS, ROUNDS, LOOP = "open_days", "inspections", "rectifications"
# Rows of a log that stand in a view of their own: view -> log.
BESIDE = {"voided_ratings": "ratings"}
# Facts that a bad rating and its redress have.
OF_LOOP = ("due_on", "closed_on")
# Logs whose measures are all dated by the day of the row: others are read over all days.
DATED = ("ratings", "voided_ratings", "tickets", "inspections", "findings", "attendance")
# Plain facts of a row that may be shown: never a name, a person or a text of a citizen.
FACTS = pl.Schema(
    {
        "grade": pl.Int32(),
        "origin": pl.String(),
        "status": pl.String(),
        "wait_s": pl.Int32(),
        "handle_s": pl.Int32(),
        "item_id": pl.String(),
        "service": pl.String(),  # of a rating: what it is about; of a case: its ticket
        "due_on": pl.Date(),
        "closed_on": pl.Date(),
        "on_time": pl.Boolean(),
        "used_days": pl.Int32(),
        "promised_days": pl.Int32(),
        "rule_code": pl.String(),
        "points_c": pl.Int32(),
        "kind": pl.String(),
        "minutes": pl.Int32(),
    }
)
SERVICE = {"ratings": "case_id", "cases": "ticket_id"}
TYPES = {pl.Int32: "INTEGER", pl.String: "VARCHAR", pl.Date: "DATE", pl.Boolean: "BOOLEAN"}


@dataclass(frozen=True)
class RowSums:
    """`rows`: no, log, row (id), counter (number), day and FACTS of the numbered rows.

    `sums`: by measure file its grain, in which `counter` is the number of a row, and its sums.
    """

    rows: pl.DataFrame
    sums: Mapping[str, pl.DataFrame]


@lru_cache(maxsize=16)
def row_sums(
    state: CubeState,
    names: tuple[str, ...],
    counters: frozenset[int],
    first: date,
    last: date,
    departments: frozenset[int] = frozenset(),
) -> RowSums:
    """The rows of some counters and their part in the sums of some measure files.

    Rows dated from first to last, of cases all up to last. `departments`: cases that these decide
    are read too, whoever received them.
    """
    files = [measure_files()[name] for name in names]
    listed = [one for one in files if not one.spans_data]
    logs = sorted({log for one in listed for log in one.sources})
    logs += ["voided_ratings"] if "voids" in names else []
    with DuckEngine(state.snap) as engine:
        engine.con.execute("CREATE SCHEMA counted")
        parts = [_rows_schema()]
        for log in logs:
            start = sum(part.height for part in parts)
            where = _where(log, counters, departments, first, last)
            number = _number_loop if log == LOOP else _number
            parts.append(number(engine, log, where, start))
        for name in _stretches(engine):  # registered tables go before every search path
            engine.con.unregister(name)
        engine.con.execute("SET search_path = 'counted,main'")
        if {"tickets", "cases"} <= set(logs):
            lifted = days_of(spans_of_log(state.snap, "ratings"))
            engine.con.execute(f"CREATE VIEW counted.lifted_services AS {services_sql(lifted)}")
        sums = {one.name: engine.run(one) for one in listed}
    for one in (one for one in files if one.spans_data):
        start = sum(part.height for part in parts)
        days, sums[one.name] = _by_open_day(state, one, counters, first, last, start)
        parts.append(days)
    return RowSums(pl.concat(parts), sums)


def _rows_schema() -> pl.DataFrame:
    keys = {"no": pl.Int32(), "log": pl.String(), "row": pl.String(), "counter": pl.Int32()}
    return pl.DataFrame(schema={**keys, "day": pl.Date(), **FACTS})


def _where(
    log: str, counters: Collection[int], departments: Collection[int], first: date, last: date
) -> str:
    """Which rows of a log are numbered."""
    here = f"counter IN ({_listed(counters)})"
    if log == "cases" and departments:
        here = f"({here} OR department IN ({_listed(departments)}))"
    if log in DATED:
        return f"{here} AND day >= DATE '{first}' AND day <= DATE '{last}'"
    return here


def _listed(numbers: Collection[int]) -> str:
    return ", ".join(map(str, sorted(numbers))) or "-1"


def _number(engine: DuckEngine, log: str, where: str, start: int) -> pl.DataFrame:
    """Put the rows of a log, numbered from `start`, in the place of its view."""
    source = f"main.{log}"
    if log == ROUNDS:  # a round of a hall is one row for each counter that it covered
        columns = ", ".join(name for name in LOGS[log].schema if name != "counters")
        source = f"(SELECT {columns}, UNNEST(counters) AS counter FROM main.{log})"
    engine.con.execute(
        f"CREATE TABLE counted.{log}_rows AS "
        f"SELECT CAST(ROW_NUMBER() OVER () + {start} AS INTEGER) AS no, v.* "
        f"FROM {source} AS v WHERE {where}"
    )
    shown = "*, [no] AS counters" if log == ROUNDS else "* REPLACE (no AS counter)"
    engine.con.execute(f"CREATE VIEW counted.{log} AS SELECT {shown} FROM counted.{log}_rows")
    for name in _stretches(engine):
        engine.con.execute(
            f"CREATE TABLE IF NOT EXISTS counted.{name} AS SELECT * FROM {name} LIMIT 0"
        )
        engine.con.execute(
            f"INSERT INTO counted.{name} SELECT r.no, e.begins, e.ends "
            f"FROM {name} AS e JOIN counted.{log}_rows AS r ON e.counter = r.counter"
        )
    told = BESIDE.get(log, log)
    facts = ", ".join(
        f"CAST({_source(told, name)} AS {TYPES[type(kind)]}) AS {name}"
        for name, kind in FACTS.items()
    )
    found = engine.ask(
        f"SELECT no, '{told}' AS log, id AS row, counter, day, {facts} FROM counted.{log}_rows"
    )
    return found.match_to_schema(_rows_schema().schema)


def _number_loop(engine: DuckEngine, log: str, where: str, start: int) -> pl.DataFrame:
    """The same for bad ratings and their redress, of which the measures read two tables.

    A bad rating for which nobody signed stands for itself.
    """
    told = engine.ask(f"SELECT * FROM loop WHERE {where}").sort("rating_id", "id", nulls_last=True)
    numbered = told.with_row_index("no", offset=start + 1).with_columns(pl.col("no").cast(pl.Int32))
    here = numbered.with_columns(counter="no").drop("no")
    engine.con.unregister("loop")
    engine.con.unregister("loop_facts")
    engine.register("loop", here)
    engine.register("loop_facts", loop_facts(here))
    signed = pl.col("id").is_not_null()
    rows = numbered.with_columns(
        log=pl.when(signed).then(pl.lit(log)).otherwise(pl.lit("ratings")),
        row=pl.coalesce("id", "rating_id"),
        **{name: pl.lit(None, kind) for name, kind in FACTS.items() if name not in OF_LOOP},
    )
    return rows.select(list(_rows_schema().schema)).match_to_schema(_rows_schema().schema)


def _source(log: str, fact: str) -> str:
    """The column of a log that holds a fact."""
    column = SERVICE.get(log, fact) if fact == "service" else fact
    return column if column in LOGS[log].schema else "NULL"


def _stretches(engine: DuckEngine) -> list[str]:
    """Tables of exempt stretches by counter that a measure may join its rows with."""
    found = engine.con.execute(
        "SELECT view_name FROM duckdb_views() WHERE view_name LIKE '%\\_lifted' ESCAPE '\\'"
    ).fetchall()
    return sorted(name for (name,) in found)


def _by_open_day(
    state: CubeState,
    measure: MeasureFile,
    counters: Collection[int],
    first: date,
    last: date,
    start: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Open days as rows: which of them a round covered. The rows, and their sums."""
    days = _open_days(state, first, last).filter(pl.col("counter").is_in(list(counters)))
    ids = state.snap.reference("counters").unique("no").select(counter="no", _id="counter_id")
    numbered = days.sort("counter", "day").with_row_index("no", offset=start + 1)
    rows = (
        numbered.join(ids, on="counter", maintain_order="left")
        .with_columns(
            no=pl.col("no").cast(pl.Int32),
            log=pl.lit(OPEN_DAYS),
            row=pl.concat_str("_id", pl.col("day").dt.to_string(), separator=" "),
            **{name: pl.lit(None, kind) for name, kind in FACTS.items()},
        )
        .select(list(_rows_schema().schema))
    )
    with DuckEngine(state.snap) as engine:
        engine.register("numbered_days", rows.select("no", "counter", "day"))
        engine.con.execute("CREATE SCHEMA counted")
        engine.con.execute(
            "CREATE TABLE counted.open_days AS SELECT no AS counter, day FROM numbered_days"
        )
        engine.con.execute(
            "CREATE TABLE counted.inspections AS SELECT i.day, LIST(n.no) AS counters "
            "FROM (SELECT day, UNNEST(counters) AS counter FROM main.inspections) AS i "
            "JOIN numbered_days AS n ON i.counter = n.counter AND i.day = n.day GROUP BY i.day"
        )
        engine.con.execute("SET search_path = 'counted,main'")
        return rows, engine.run(measure)


def _open_days(state: CubeState, first: date, last: date) -> pl.DataFrame:
    """The open days that the cube counts: those between its first and its last day."""
    months = state.manifest.files.get(OPEN_DAYS, {}).values()
    firsts = [one.first_day for one in months if one.first_day is not None]
    lasts = [one.last_day for one in months if one.last_day is not None]
    if not firsts or max(first, min(firsts)) > min(last, max(lasts)):
        return pl.DataFrame(schema={"counter": pl.Int32(), "day": pl.Date()})
    return open_days(state.snap, max(first, min(firsts)), min(last, max(lasts)))
