"""The ledger of a unit: every record that took or brought points, and those that no rule took."""

import polars as pl

from metrics.cube import CubeState
from metrics.entities import members
from metrics.explain import Explanation
from metrics.explain_rows import shown
from metrics.scope import Scope
from metrics.score_events import raw_events
from metrics.sums import Span

SOURCES = ("findings", "vetoes", "bonuses", "attendance")
LEDGER = pl.Schema(
    {
        "day": pl.Date(),
        "log": pl.String(),
        "row": pl.String(),  # null: withheld, it may be the id of a person
        "rule": pl.String(),
        "item": pl.String(),  # null: the scheme takes no points for it
        "points_u": pl.Int64(),  # what it costs (−) or brings in the score, null as `item`
        "recorded_u": pl.Int64(),  # what the record itself says, if it says any
        "exempt": pl.String(),  # the exemption that lifts it
    }
)


def ledger(state: CubeState, told: Explanation, scope: Scope) -> pl.DataFrame:
    """LEDGER of the unit of an explanation, by day: its lines with a record, and the others.

    The points of the records are the lines of the score: those of events add up to what the score
    says of them. Records of the unit's counters that no rule takes stand beside them.
    """
    taken = told.lines.filter(pl.col("log").is_not_null()).select(
        "day", "log", "row", "rule", "item", "points_u", "exempt"
    )
    every = _recorded(state, told, scope)
    known = taken.join(every.select("log", "row", "recorded_u"), on=["log", "row"], how="left")
    rest = every.join(taken, on=["log", "row"], how="anti")
    # An id that is withheld cannot be joined: what may be a person's is told by its lines alone.
    both = pl.concat([known, rest.filter(pl.col("row").is_not_null())], how="diagonal")
    return both.match_to_schema(LEDGER, missing_columns="insert").sort("day", "log", "row")


def _recorded(state: CubeState, told: Explanation, scope: Scope) -> pl.DataFrame:
    """day, log, row, rule, recorded_u, exempt of all records of the unit's counters."""
    scores = told.scores
    mine = scores.units.filter(pl.col("id") == told.unit)
    owners = members(state, scores.entity, mine, scores.period, scope)
    span = Span(scores.period.start, min(scores.period.last, scores.as_of), scores.as_of)
    parts = []
    for source in SOURCES:
        rows = raw_events(state, source).filter(
            pl.col("day") >= span.first,
            pl.col("day") <= span.last,
            pl.col("known_on") <= span.as_of,
        )
        there = rows.drop("since").join(owners, on="counter")
        inside = (pl.col("day") >= pl.col("since")) & (pl.col("day") < pl.col("until"))
        parts.append(
            there.filter(inside).select(
                "day", "log", "row", pl.col("code").alias("rule"), "exempt", recorded_u="points_u"
            )
        )
    return shown(pl.concat(parts), scope)
