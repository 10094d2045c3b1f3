"""Events that cost or bring points: rows of the logs with what a scheme's rules give them."""

from datetime import date
from functools import lru_cache

import numpy as np
import polars as pl

from data.exempt import LIFTS, spans_of_log
from data.workdays import load_calendar, offsets_of
from metrics.cube import CubeState
from metrics.engines import DuckEngine
from metrics.scheme_items import ANY, PER, BonusItem, DeductItem, Item, Rule
from metrics.scoring import EVENTS
from metrics.sums import Span

# What each source of events is, as rows with one shape whatever the log.
RAW = pl.Schema(
    {
        "log": pl.String(),
        "row": pl.String(),
        "day": pl.Date(),  # by which it counts into a period
        "known_on": pl.Date(),  # from which it can be known
        "counter": pl.Int32(),
        "hall": pl.Int32(),
        "department": pl.Int32(),
        "staff_id": pl.String(),
        "code": pl.String(),
        "points_u": pl.Int64(),  # as recorded, or null
        "minutes": pl.Int32(),
        "since": pl.Date(),  # of a late case: the last day in time; till: the day of closing
        "till": pl.Date(),
        "exempt": pl.String(),
        "same_as": pl.String(),  # of a veto: the finding that is the same event
    }
)
NOBODY = "CAST(NULL AS INTEGER) AS hall, CAST(NULL AS INTEGER) AS department"
PLAIN = "NULL AS minutes, NULL AS since, NULL AS till"


def _lifted(log: str) -> str:
    """The exemption that lifts a row r of a log: the first by id, as in metrics/exemptions.py."""
    if log not in LIFTS:
        return "NULL AS exempt"
    moment = LIFTS[log][1]
    return (
        "(SELECT MIN(e.exemption) FROM lifting AS e WHERE r.exempt AND e.counter = r.counter "
        f"AND {moment} >= e.begins AND {moment} < e.ends) AS exempt"
    )


SQL = {
    "findings": f"""
        SELECT 'findings' AS log, id AS row, day, day AS known_on, counter, {NOBODY}, staff_id,
            rule_code AS code, CAST(points_c AS BIGINT) * 100 AS points_u, {PLAIN},
            {_lifted("findings")}
        FROM findings AS r
    """,
    # Leave that was approved is nobody's fault, so that it is no event.
    "attendance": f"""
        SELECT 'attendance' AS log, id AS row, day, day AS known_on, counter, {NOBODY}, staff_id,
            kind AS code, NULL AS points_u, minutes, NULL AS since, NULL AS till,
            {_lifted("attendance")}
        FROM attendance AS r
        WHERE kind <> 'present' AND NOT (kind = 'leave' AND COALESCE(approved, FALSE))
    """,
    # A late case scores once, when it is closed; only those that the counter itself decides.
    "late_cases": f"""
        SELECT 'cases' AS log, id AS row, closed_on AS day, closed_on AS known_on, counter,
            {NOBODY}, NULL AS staff_id, 'late' AS code, NULL AS points_u, NULL AS minutes,
            overdue_on - 1 AS since, closed_on AS till, NULL AS exempt
        FROM cases WHERE own AND NOT on_time AND closed_on IS NOT NULL AND overdue_on IS NOT NULL
    """,
    "bad_ratings": f"""
        SELECT 'ratings' AS log, id AS row, day, rated_on AS known_on, counter, {NOBODY}, staff_id,
            CAST(grade AS VARCHAR) AS code, NULL AS points_u, {PLAIN},
            {_lifted("ratings")}
        FROM ratings AS r WHERE origin = 'active' AND grade <= 2
    """,
    "vetoes": f"""
        SELECT 'vetoes' AS log, id AS row, day, day AS known_on, counter, hall, department,
            staff_id, rule_code AS code, NULL AS points_u, {PLAIN}, {_lifted("vetoes")},
            finding_id AS same_as
        FROM vetoes AS r
    """,
    "bonuses": f"""
        SELECT 'bonuses' AS log, id AS row, day, day AS known_on, counter, hall, department,
            staff_id, rule_code AS code, CAST(points_c AS BIGINT) * 100 AS points_u, {PLAIN},
            {_lifted("bonuses")}
        FROM bonuses AS r
    """,
}
assert {*PER, "bonuses"} == set(SQL)
OF_LOG = {"late_cases": "cases", "bad_ratings": "ratings"}


@lru_cache(maxsize=24)
def raw_events(state: CubeState, source: str) -> pl.DataFrame:
    """All events of a source in a home, in RAW."""
    log = OF_LOG.get(source, source)
    with DuckEngine(state.snap) as engine:
        if log in LIFTS:
            engine.register("lifting", spans_of_log(state.snap, log))
        found = engine.ask(SQL[source])
    return found.select(
        (pl.col(name) if name in found.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in RAW.items()
    )


def told_twice(state: CubeState, items: tuple[Item, ...], as_of: date) -> frozenset[str]:
    """Findings that cost points as a veto record already: one event scores once, by any path."""
    rows = raw_events(state, "vetoes").filter(
        pl.col("known_on") <= as_of, pl.col("same_as").is_not_null()
    )
    found: set[str] = set()
    for item in items:
        if isinstance(item, DeductItem) and item.events == "vetoes" and not rows.is_empty():
            found |= set(_priced(rows, item.rules)["same_as"])
    return frozenset(found)


def events_of(
    state: CubeState,
    item: DeductItem | BonusItem,
    members: pl.DataFrame,
    units: pl.DataFrame,
    entity: str,
    span: Span,
    elsewhere: frozenset[str] = frozenset(),
    twice: frozenset[str] = frozenset(),
) -> pl.DataFrame:
    """EVENTS of an item for the units: whose they are on their day, and what they cost or bring.

    `members`: counter, id, since, until; `units`: id. Events of people go by staff_id. `elsewhere`:
    the codes that other items of the scheme name, which the rule "*" leaves to them. `twice`:
    findings that `told_twice` names.
    """
    source = "bonuses" if isinstance(item, BonusItem) else item.events
    rows = raw_events(state, source)
    inside = rows.filter(
        pl.col("day") >= span.first, pl.col("day") <= span.last, pl.col("known_on") <= span.as_of
    )
    if source == "findings" and twice:
        inside = inside.filter(~pl.col("row").is_in(sorted(twice)))
    owned = _owned(state, inside, members, units, entity)
    priced = _priced(owned, item.rules, elsewhere)
    if isinstance(item, DeductItem) and item.per == "workday":
        priced = _by_workday(state, priced)
    return priced.select(
        (pl.col(name) if name != "rule" else pl.col("code").alias("rule")) for name in EVENTS
    )


def _owned(
    state: CubeState, rows: pl.DataFrame, members: pl.DataFrame, units: pl.DataFrame, entity: str
) -> pl.DataFrame:
    """Rows with the id of the unit whose they are; rows of nobody here are left out."""
    if entity == "staff":
        mine = rows.with_columns(id="staff_id")
        return mine.join(units.select("id"), on="id", how="semi")
    if entity == "chief":
        # A chief answers for the counter; a record that names another person is that person's.
        own = rows.filter(pl.col("staff_id").is_not_null()).with_columns(id="staff_id")
        own = own.join(units.select("id"), on="id", how="semi")
        shared = _by_counter(rows.filter(pl.col("staff_id").is_null()), members)
        return pl.concat([own, shared.select(own.columns)])
    there = _by_counter(rows.drop_nulls("counter"), members)
    if entity == "counter":
        return there
    column = "hall" if entity == "hall" else "department"
    table, key = ("halls", "hall_id") if entity == "hall" else ("departments", "department_id")
    names = state.snap.reference(table).select(pl.col("no").alias(column), pl.col(key).alias("id"))
    alone = rows.filter(pl.col("counter").is_null()).join(names.unique(column), on=column)
    alone = alone.join(units.select("id"), on="id", how="semi")
    return pl.concat([there, alone.select(there.columns)])


def _by_counter(rows: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    placed = rows.join(members, on="counter", suffix="_there")
    since = "since_there" if "since_there" in placed.columns else "since"
    there = (pl.col("day") >= pl.col(since)) & (pl.col("day") < pl.col("until"))
    return placed.filter(there).select(*rows.columns, "id")


def _priced(
    rows: pl.DataFrame, rules: tuple[Rule, ...], elsewhere: frozenset[str] = frozenset()
) -> pl.DataFrame:
    """The points of the first rule that takes each row; rows that no rule takes are left out."""
    named = [*(rule.code for rule in rules if rule.code != ANY), *sorted(elsewhere)]
    price = pl.lit(None, pl.Int64)
    taken = pl.lit(value=False)
    for rule in reversed(rules):
        mine = ~pl.col("code").is_in(named) if rule.code == ANY else pl.col("code") == rule.code
        minutes = pl.col("minutes").fill_null(0)
        if rule.min_minutes is not None:
            mine &= minutes >= rule.min_minutes
        if rule.below_minutes is not None:
            mine &= minutes < rule.below_minutes
        cost = pl.col("points_u") if rule.points is None else pl.lit(rule.points, pl.Int64)
        price = pl.when(mine).then(cost).otherwise(price)
        taken |= mine
    return rows.filter(taken).with_columns(points_u=price.fill_null(0))


def _by_workday(state: CubeState, rows: pl.DataFrame) -> pl.DataFrame:
    """Points times the working days from the day after `since` to `till`."""
    if rows.is_empty():
        return rows
    calendar = load_calendar(state.home)
    days = calendar.count(offsets_of(rows["since"]), offsets_of(rows["till"]))
    return rows.with_columns(points_u=pl.col("points_u") * pl.Series(np.maximum(days, 0)))


def events_by_unit(lines: pl.DataFrame, item: str) -> pl.DataFrame:
    """id and <item>_events: how many records count in an item, among the lines of scores."""
    counting = pl.col("line").is_in(["event", "evidence"])
    mine = lines.filter(pl.col("item") == item, counting)
    return mine.group_by("id").agg(pl.len().cast(pl.Int64).alias(f"{item}_events"))


def unscored(state: CubeState, items: tuple[object, ...], span: Span) -> pl.DataFrame:
    """code, n of the findings in a span that no rule of the items takes: nothing is lost unsaid."""
    rules = [
        rule
        for item in items
        if isinstance(item, DeductItem) and item.events == "findings"
        for rule in item.rules
    ]
    rows = raw_events(state, "findings").filter(pl.col("day").is_between(span.first, span.last))
    taken = _priced(rows, tuple(rules)) if rules else rows.clear()
    rest = rows.join(taken.select("row"), on="row", how="anti")
    return rest.group_by("code").agg(n=pl.len()).sort("code")
