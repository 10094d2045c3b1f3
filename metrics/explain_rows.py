"""What stands behind a contribution: rows that cost points, rounds made, what was lifted."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fractions import Fraction

import polars as pl

from data.exempt import LIFTS, decisions, spans
from metrics.catalogue import Metric, metric
from metrics.cube import CubeState
from metrics.entities import PEOPLE, members
from metrics.evidence import evidence
from metrics.exemptions import exemptions_of, lifted_rows
from metrics.scheme_items import DeductItem, Item, MeanItem, MetricItem
from metrics.scope import PERSONS, Scope
from metrics.score_inputs import graded
from metrics.scores import Scores
from metrics.values import value_of

SHOWN = 50  # rows of evidence that an explanation lists; it counts all
OF_PEOPLE = ("attendance",)  # logs whose ids may be those of a person
ROUNDS, COVERAGE = "points_per_round", "inspection_coverage"


@dataclass(frozen=True, eq=False)
class Behind:
    """`rows`: EVIDENCE of what cost points, the dearest first, at most SHOWN of `count`."""

    rows: pl.DataFrame
    count: int


@dataclass(frozen=True)
class Inspected:
    """Rounds that covered a unit, and how many of its open days were inspected."""

    rounds: int
    days: int
    open_days: int


def metric_of(item: Item) -> Metric | None:
    """The metric on which an item rests, if it rests on one."""
    if isinstance(item, MetricItem):
        return metric(item.metric)
    if isinstance(item, MeanItem) and item.of == "grades":
        return graded(item)
    return None


def behind(state: CubeState, scores: Scores, unit: str, item: Item, scope: Scope) -> Behind | None:
    """The rows that cost points in an item of a value; None where no rows tell it (votes, scores).

    Good is high: rows of d that are not in n. Good is low: rows of n. `unit`: id of a counter, hall
    or department; a chief is explained by the counter.
    """
    one = metric_of(item)
    if one is None or scores.entity == "staff":
        return None
    by = "counter" if scores.entity in PEOPLE else scores.entity
    beside = [each for other in scores.scheme.items if (each := metric_of(other)) is not None]
    rows = evidence(state, one, unit, by, scores.period, scope, scores.as_of, beside)
    dear = costing(rows, one)
    return Behind(dear.head(SHOWN), dear.height)


def costing(rows: pl.DataFrame, one: Metric) -> pl.DataFrame:
    """The rows of EVIDENCE that keep a metric from its best value, those that do most first.

    A row of d alone (a service) whose rating is among the rows counts with its rating.
    """
    of_rating = pl.col("log") == "ratings"
    told = rows.filter(of_rating, pl.col("d").fill_null(0) == 0)["service"].implode()
    single = rows.filter(of_rating | ~pl.col("row").is_in(told))
    if one.good == "low":
        dear = single.filter(pl.col("n") > 0)
        return dear.sort("n", "wait_s", "day", "row", descending=[True, True, False, False])
    if one.good == "none" or not one.denominator:
        return rows.clear()
    best = max(one.numerator.values()) if one.kind == "mean" else one.divide_by
    lack = pl.col("d") * best - pl.col("n")
    dear = single.filter(pl.col("d") > 0, lack > 0)
    return dear.sort(lack, "day", "row", descending=[True, False, False])


def named_unit(scores: Scores, unit: str) -> str:
    """Whose logs tell of a unit: itself, or the counter of a person."""
    row = scores.units.filter(pl.col("id") == unit).row(0, named=True)
    return str(row["counter_id"] if scores.entity in PEOPLE else unit)


def inspected(state: CubeState, scores: Scores, unit: str, scope: Scope) -> Inspected | None:
    """Coverage beside findings; None where the scheme does not look at inspections."""
    looks = any(
        (isinstance(item, DeductItem) and item.events == "findings")
        or (isinstance(item, MetricItem) and item.metric in (ROUNDS, "findings_n", COVERAGE))
        for item in scores.scheme.items
    )
    by = "counter" if scores.entity in PEOPLE else scores.entity
    if not looks:
        return None
    found = [
        value_of(state, metric(name), scores.period, by, scope, scores.as_of).filter(
            pl.col("id") == named_unit(scores, unit)
        )
        for name in (ROUNDS, COVERAGE)
    ]
    if any(one.is_empty() for one in found):
        return None
    numbers = [one.select(pl.col("n", "d").fill_null(0)).row(0) for one in found]
    return Inspected(rounds=numbers[0][1], days=numbers[1][0], open_days=numbers[1][1])


def lifted(state: CubeState, scores: Scores, unit: str, scope: Scope) -> pl.DataFrame:
    """The exemptions that mean a unit in the period, with what each lifted of its rows.

    exemption, system, cause, starts_at, ends_at, lifted_findings, lifted_tickets, lifted_ratings.
    One that only stops clocks of cases lifts no row.
    """
    period, mine = scores.period, scores.units.filter(pl.col("id") == unit)
    decided = exemptions_of(state, period, scope, scores.as_of)
    owners = members(state, scores.entity, mine, period, scope).select("counter").unique()
    start = datetime.combine(period.start, time())
    last = datetime.combine(min(period.last, scores.as_of) + timedelta(days=1), time())
    there = _stretches(state, decided).join(owners, on="counter", how="semi")
    meant = there.filter(pl.col("begins") < last, pl.col("ends") > start)["exemption"]
    ids = state.snap.reference("counters").join(owners, left_on="no", right_on="counter")
    found = decided.filter(pl.col("id").is_in(meant.unique().implode())).select(
        pl.col("id").alias("exemption"), "system", "cause", "starts_at", "ends_at"
    )
    for log in LIFTS:
        rows = lifted_rows(state, log, period, scope, scores.as_of)
        own = rows.filter(pl.col("counter_id").is_in(ids["counter_id"].implode()))
        counts = own.group_by("exemption").agg(pl.len().cast(pl.Int64).alias(f"lifted_{log}"))
        found = found.join(counts, on="exemption", how="left", maintain_order="left")
    return found.with_columns(pl.col(f"lifted_{log}").fill_null(0) for log in LIFTS)


def _stretches(state: CubeState, decided: pl.DataFrame) -> pl.DataFrame:
    kept = decisions(state.snap).filter(pl.col("id").is_in(decided["id"].implode()))
    return spans(state.snap, kept)


def shown(rows: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Rows with `log` and `row`; ids that may be those of a person only with the right."""
    if PERSONS in scope.rights:
        return rows
    of_people = pl.col("log").is_in(OF_PEOPLE)
    return rows.with_columns(row=pl.when(~of_people).then("row"))


def item_value(parts: pl.DataFrame, item: str) -> Fraction | None:
    """The exact value of an item among the parts of one unit, or None."""
    part = parts.filter(pl.col("item") == item)
    if part.is_empty() or part.item(0, "value_n") is None or not part.item(0, "value_d"):
        return None
    return Fraction(part.item(0, "value_n"), part.item(0, "value_d"))
