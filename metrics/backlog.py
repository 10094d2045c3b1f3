"""The backlog: findings, bad ratings and overdue cases, from the day they open to their closing.

Stocks follow from it by counting: start + opened − closed = end, for every unit and span.
"""

from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from data.loop import is_kept
from data.versions import on_day
from metrics.cube import CubeState
from metrics.engines import DuckEngine
from metrics.places import tree
from metrics.scope import Scope

KINDS = ("findings", "bad_ratings", "overdue_cases")
ROWS = pl.Schema(
    {
        "row": pl.String(),
        "counter": pl.Int32(),
        "opened_on": pl.Date(),
        "closed_on": pl.Date(),  # null: open as far as is known
        "code": pl.String(),  # the rule of a finding, the grade of a rating
        "points_u": pl.Int64(),  # what a finding deducts, as recorded
        "due_on": pl.Date(),  # of a case
        "exempt": pl.Boolean(),
    }
)
NO_POINTS = "CAST(NULL AS BIGINT) AS points_u"
# A closing before the opening is a slip of the pen; the matter was never open then.
FINDINGS = """
    SELECT id AS row, counter, day AS opened_on,
        CASE WHEN closed_on IS NULL THEN NULL ELSE GREATEST(closed_on, day) END AS closed_on,
        rule_code AS code, CAST(points_c AS BIGINT) * 100 AS points_u, NULL AS due_on, exempt
    FROM findings
"""
BAD = f"""
    SELECT id AS row, counter, rated_on AS opened_on, NULL AS closed_on,
        CAST(grade AS VARCHAR) AS code, {NO_POINTS}, NULL AS due_on, exempt
    FROM ratings WHERE origin = 'active' AND grade <= 2
"""
# As the stock `open_bad` counts them: one that was voided, or judged to be none, is none here.
BAD_WITH_LOOP = f"""
    SELECT l.rating_id AS row, l.counter AS counter, l.day AS opened_on,
        CASE WHEN l.closed_on IS NULL THEN NULL ELSE GREATEST(l.closed_on, l.day) END
            AS closed_on,
        CAST(r.grade AS VARCHAR) AS code, {NO_POINTS}, NULL AS due_on,
        COALESCE(r.exempt, FALSE) AS exempt
    FROM loop AS l
    LEFT JOIN ratings AS r ON r.id = l.rating_id
    WHERE l.valid
"""
OVERDUE = f"""
    SELECT id AS row, counter, overdue_on AS opened_on,
        CASE WHEN closed_on IS NULL THEN NULL ELSE GREATEST(closed_on, overdue_on) END
            AS closed_on,
        NULL AS code, {NO_POINTS}, due_on, FALSE AS exempt
    FROM cases WHERE overdue_on IS NOT NULL
"""


@lru_cache(maxsize=8)
def backlog(state: CubeState, kind: str) -> pl.DataFrame:
    """All rows of a kind in a home, in ROWS."""
    text = {"findings": FINDINGS, "bad_ratings": BAD, "overdue_cases": OVERDUE}[kind]
    if kind == "bad_ratings" and closing_known(state, kind):
        text = BAD_WITH_LOOP
    with DuckEngine(state.snap) as engine:
        found = engine.ask(text)
    return found.select(pl.col(name).cast(kind_) for name, kind_ in ROWS.items())


def closing_known(state: CubeState, kind: str) -> bool:
    """Whether the home has been told when matters of a kind are closed.

    Without it there is no stock to speak of: what is open is not known, which is not zero.
    """
    return kind != "bad_ratings" or is_kept(state.snap)


def known_on(rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The rows as they stood at the end of a day: later ones are gone, later closings open."""
    shut = pl.when(pl.col("closed_on") <= as_of).then("closed_on")
    return rows.filter(pl.col("opened_on") <= as_of).with_columns(closed_on=shut)


def located(state: CubeState, scope: Scope, day: date) -> pl.DataFrame:
    """counter (number), counter_id, name, hall_id, hall of the counters in scope on a day.

    A closed counter stands where it stood last: what it left open does not vanish with it.
    """
    found = tree(state, scope, day, day + timedelta(days=1))
    halls = found.halls.select("hall_id", hall=pl.coalesce("name", "hall_id"))
    rows = on_day(found.counters, day).join(halls, on="hall_id", how="left")
    return rows.select(
        pl.col("no").alias("counter"),
        "counter_id",
        pl.coalesce("name", "counter_id").alias("name"),
        "hall_id",
        "hall",
    )


def named(rows: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Rows of counters in `places`, which take the place of the counter's number."""
    joined = rows.join(places, on="counter")
    return joined.select("row", *places.columns[1:], pl.exclude("row", *places.columns))
