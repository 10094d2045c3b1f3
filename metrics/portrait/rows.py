"""Raw rows of a unit in a period, log by log, a page at a time: what identifies people is left out.

Columns are plain facts. Never a member of staff, an inspector, a free text or a citizen's number.
"""

from dataclasses import dataclass

import polars as pl

from data.masking import mask_series
from metrics.catalogue import Metric
from metrics.cube import CubeState
from metrics.engines import DuckEngine
from metrics.evidence import evidence
from metrics.explain_rows import shown
from metrics.periods import Period
from metrics.places import placement
from metrics.portrait.nodes import nodes
from metrics.scope import Scope
from metrics.values import value_of

PAGE = 50
MOST = 100_000  # rows of a file
MOST_BEHIND = 50_000  # rows behind a value that are looked up
ITEM = "COALESCE(i.name, r.item_id) AS item"
ITEMS = (
    "LEFT JOIN (SELECT item_id, MIN(name) AS name FROM items GROUP BY item_id) AS i "
    "ON r.item_id = i.item_id"
)
HERE = "JOIN mine AS m ON r.counter = m.counter AND r.day >= m.since AND r.day < m.until"
# By log: its columns, its source with what is joined.
LOGS: dict[str, tuple[str, str]] = {
    "ratings": (
        f"r.id AS row, m.counter_id, r.served_at, r.rated_at, r.grade, r.origin, r.channel, "
        f"{ITEM}, r.exempt",
        f"ratings AS r {HERE} {ITEMS}",
    ),
    "tickets": (
        "r.id AS row, m.counter_id, r.taken_at, r.called_at, r.finished_at, r.wait_s, r.handle_s, "
        f"r.status, {ITEM}, r.exempt",
        f"tickets AS r {HERE} {ITEMS}",
    ),
    "cases": (
        f"r.id AS row, m.counter_id, {ITEM}, r.case_kind, r.received_at, r.closed_at, r.due_on, "
        "r.used_days, r.promised_days, r.on_time, r.state",
        f"cases AS r {HERE} {ITEMS}",
    ),
    "inspections": (
        "r.id AS row, m.counter_id, r.started_at, r.findings_n",
        f"(SELECT id, day, started_at, findings_n, UNNEST(counters) AS counter FROM inspections) "
        f"AS r {HERE}",
    ),
    "findings": (
        "r.id AS row, m.counter_id, r.found_at, r.rule_code, CAST(r.points_c AS BIGINT) * 100 "
        "AS points_u, r.closed_on, r.exempt",
        f"findings AS r {HERE}",
    ),
    "rectifications": (
        "r.rating_id AS row, m.counter_id, r.opened_at, r.due_on, r.closed_on, r.state, "
        "r.rerated_grade",
        f"rectifications AS r {HERE}",
    ),
}


@dataclass(frozen=True, eq=False)
class RawRows:
    """`rows`: some of the `count` rows of a log, from `start` on: row (id), counter_id, name,
    hall and the facts of the log.
    """

    log: str
    count: int
    start: int
    rows: pl.DataFrame


def raw_rows(
    state: CubeState,
    log: str,
    by: str,
    unit: str,
    period: Period,
    scope: Scope,
    start: int = 0,
    most: int = PAGE,
) -> RawRows:
    """The rows of a log whose day is in the period and whose counter is the unit's on that day.

    A case is dated by its receipt and stands with the counter that received it. Sorted by day and
    id. A unit that the scope does not see has none.
    """
    place = placement(state, by, scope, period.start, period.end)
    mine = place.units.filter(pl.col("id") == unit).select("unit")
    ids = _counters(state)
    members = place.members.join(mine, on="unit", how="semi").join(ids, on="counter")
    columns, source = LOGS[log]
    where = f"WHERE r.day >= DATE '{period.start}' AND r.day < DATE '{period.end}'"
    with DuckEngine(state.snap) as engine:
        engine.register("mine", members.select("counter", "counter_id", "since", "until"))
        count = engine.ask(f"SELECT COUNT(*) AS rows FROM {source} {where}").item()
        found = engine.ask(
            f"SELECT {columns} FROM {source} {where} "
            f"ORDER BY r.day, r.id, m.counter_id LIMIT {most} OFFSET {start}"
        )
    named = _named(state, found, period, scope)
    return RawRows(log, int(count), start, named.with_columns(mask_series(named["row"])))


def _counters(state: CubeState) -> pl.DataFrame:
    rows = state.snap.reference("counters").unique("no")
    return rows.select("counter_id", counter="no")


def _named(state: CubeState, rows: pl.DataFrame, period: Period, scope: Scope) -> pl.DataFrame:
    """Rows with the name and the hall of their counter after its id."""
    listed = nodes(state, period, scope).filter(pl.col("kind") == "counter")
    names = listed.select("name", "hall", counter_id="id")
    told = rows.join(names, on="counter_id", how="left", maintain_order="left")
    first = ["row", "counter_id", "name", "hall"]
    return told.select(*first, pl.exclude(first))


@dataclass(frozen=True, eq=False)
class Behind:
    """The rows that make up n and d of a value: `rows`, EVIDENCE, some of the `count` there are.

    `n` and `d` are the sums over all of them: those of the value itself.
    """

    n: int
    d: int | None
    count: int
    rows: pl.DataFrame


def behind(
    state: CubeState,
    one: Metric,
    by: str,
    unit: str,
    period: Period,
    scope: Scope,
    start: int = 0,
    most: int = PAGE,
) -> Behind | None:
    """The rows behind a metric of a unit; None where they are more than MOST_BEHIND."""
    told = value_of(state, one, period, by, scope).filter(pl.col("id") == unit)
    base = told.select(pl.max_horizontal(pl.col("n", "d").fill_null(0).abs()).max()).item() or 0
    if base > MOST_BEHIND:
        return None
    rows = shown(evidence(state, one, unit, by, period, scope), scope)
    page = rows.slice(start, most)
    d = int(rows["d"].sum()) if one.denominator else None
    masked = page.with_columns(mask_series(page["row"]))
    return Behind(int(rows["n"].sum()), d, rows.height, masked)
