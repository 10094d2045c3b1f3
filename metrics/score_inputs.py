"""What the items of a scheme rest on: values by unit with exact fractions, and events by unit."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from math import lcm

import polars as pl

from metrics.catalogue import Metric, catalogue, metric
from metrics.cube import CubeState
from metrics.engines import DuckEngine
from metrics.entities import PEOPLE, members
from metrics.periods import Period
from metrics.scheme_items import (
    AwaitedItem,
    BonusItem,
    DeductItem,
    Item,
    MeanItem,
    MetricItem,
    ScoreItem,
    VoteItem,
)
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from metrics.score_events import events_of, told_twice
from metrics.scoring import VALUES, ItemInput
from metrics.sums import Span, span_of
from metrics.values import value_of

# Whether a source of events reported: by a metric that rests on it. Bonuses and vetoes are facts
# that somebody enters: that there is none is no silence.
REPORTS = {
    "findings": "points_per_round",
    "attendance": "attendance_rate",
    "late_cases": "on_time_rate",
    "bad_ratings": "bad_rate",
}
MILLI = 1000
# The score of the units under another scheme: id, state, score_u and full (units).
ScoresOf = Callable[[str, str], pl.DataFrame]


def inputs_of(
    state: CubeState,
    chosen: Scheme,
    entity: str,
    units: pl.DataFrame,
    period: Period,
    scope: Scope,
    as_of: date,
    scores_of: ScoresOf,
) -> dict[str, ItemInput]:
    """The input of every item by its id. `scores_of(scheme, entity)` scores by another scheme."""
    span = span_of(period.start, period.end, as_of)
    owners = members(state, entity, units, period, scope)
    twice = told_twice(state, chosen.items, as_of)
    found: dict[str, ItemInput] = {}
    for item in chosen.items:
        if isinstance(item, DeductItem | BonusItem):
            elsewhere = chosen.elsewhere(item)
            events = events_of(state, item, owners, units, entity, span, elsewhere, twice)
            values = _reported(state, item, entity, units, period, scope, as_of)
            found[item.id] = ItemInput(values, events)
        else:
            found[item.id] = ItemInput(
                _values(state, item, entity, units, period, scope, as_of, scores_of)
            )
    return found


def _values(
    state: CubeState,
    item: Item,
    entity: str,
    units: pl.DataFrame,
    period: Period,
    scope: Scope,
    as_of: date,
    scores_of: ScoresOf,
) -> pl.DataFrame:
    if isinstance(item, AwaitedItem):
        return _all(units, "missing")
    if isinstance(item, MetricItem):
        told = _of_metric(state, metric(item.metric), entity, units, period, scope, as_of)
        return told if item.min_n is None else _from_base(told, item.min_n)
    if isinstance(item, VoteItem):
        return _votes(state, item, entity, units, span_of(period.start, period.end, as_of))
    if isinstance(item, ScoreItem):
        return _of_scores(scores_of(item.scheme, entity), units)
    assert isinstance(item, MeanItem)
    if item.of == "staff":
        assert item.scheme is not None
        return _staff_mean(scores_of(item.scheme, "staff"), units)
    if entity == "staff":
        return _grades_of_staff(state, item, units, span_of(period.start, period.end, as_of))
    return _of_metric(state, graded(item), entity, units, period, scope, as_of)


def _all(units: pl.DataFrame, said: str, d: int | None = None) -> pl.DataFrame:
    rows = units.select(
        "id", state=pl.lit(said), d=pl.lit(d, pl.Int64), value_d=pl.lit(d, pl.Int64)
    )
    return _shaped(rows)


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in VALUES.items()
    )


def _of_metric(
    state: CubeState,
    one: Metric,
    entity: str,
    units: pl.DataFrame,
    period: Period,
    scope: Scope,
    as_of: date,
) -> pl.DataFrame:
    """VALUES of a metric; a chief's are those of the counter."""
    by = "counter" if entity in PEOPLE else entity
    of_catalogue = catalogue().get(one.id) is one
    told = (
        metric_values(state, one.id, period, by, scope, as_of)
        if of_catalogue
        else exact_values(state, one, period, by, scope, as_of)
    )
    # Beside units that reported tallies others may be missing: then so are those not listed.
    absent = "missing" if told.is_empty() or (told["state"] == "missing").any() else "none"
    pairs = units.select("id", key="counter_id" if entity in PEOPLE else "id")
    joined = pairs.join(told.rename({"id": "key"}), on="key", how="left", maintain_order="left")
    return _shaped(joined.with_columns(pl.col("state").fill_null(absent)))


def _from_base(told: pl.DataFrame, least: int) -> pl.DataFrame:
    """VALUES in which number and few are told apart by a base of the scheme's own."""
    enough = pl.coalesce("d", "n") >= least
    said = pl.when(enough).then(pl.lit("number")).otherwise(pl.lit("few"))
    counted = pl.col("state").is_in(["number", "few"])
    return told.with_columns(state=pl.when(counted).then(said).otherwise("state"))


@lru_cache(maxsize=512)
def metric_values(
    state: CubeState, name: str, period: Period, by: str, scope: Scope, as_of: date
) -> pl.DataFrame:
    """`exact_values` of a metric of the catalogue, kept while the cube stands."""
    return exact_values(state, metric(name), period, by, scope, as_of)


def exact_values(
    state: CubeState, one: Metric, period: Period, by: str, scope: Scope, as_of: date
) -> pl.DataFrame:
    """VALUES, name and value of every unit that is valid or has rows."""
    found = value_of(state, one, period, by, scope, as_of)
    if one.histogram:  # a quantile is a number of seconds; thousandths are below any bin
        exact = (pl.col("value") * MILLI).round().cast(pl.Int64)
        part = {"value_n": exact, "value_d": pl.lit(MILLI, pl.Int64)}
    elif one.denominator:
        part = {"value_n": pl.col("n"), "value_d": pl.col("d") * one.divide_by}
    else:
        part = {"value_n": pl.col("n"), "value_d": pl.lit(1, pl.Int64)}
    return found.with_columns(**part)


def graded(item: MeanItem) -> Metric:
    """The metric of a mean of grade points, beside the catalogue's own."""
    scale = lcm(*(points.denominator for points in item.grades.values()))
    terms = {f"active_grade_{grade}": int(points * scale) for grade, points in item.grades.items()}
    changes = {"id": item.id, "numerator": terms, "divide_by": scale, "min_n": None}
    return metric("active_satisfaction").model_copy(update=changes)


def _grades_of_staff(
    state: CubeState, item: MeanItem, units: pl.DataFrame, span: Span
) -> pl.DataFrame:
    """The mean of grade points of the active ratings that name a member of staff."""
    told = _staff_grades(state, span.first, span.last, span.as_of)
    scale = lcm(*(points.denominator for points in item.grades.values()))
    grades = [int(one) for one in item.grades]
    points = [int(one * scale) for one in item.grades.values()]
    priced = told.with_columns(p=pl.col("grade").replace_strict(grades, points))
    sums = priced.group_by("id").agg(
        n=(pl.col("p") * pl.col("count")).sum(), d=pl.col("count").sum()
    )
    joined = units.select("id").join(sums, on="id", how="left", maintain_order="left")
    state_of = pl.when(pl.col("d") > 0).then(pl.lit("number")).otherwise(pl.lit("none"))
    return _shaped(joined.with_columns(state=state_of, value_n="n", value_d=pl.col("d") * scale))


@lru_cache(maxsize=16)
def _staff_grades(state: CubeState, first: date, last: date, as_of: date) -> pl.DataFrame:
    with DuckEngine(state.snap) as engine:
        return engine.ask(
            "SELECT staff_id AS id, CAST(grade AS BIGINT) AS grade, COUNT(*) AS count "
            "FROM ratings WHERE origin = 'active' AND staff_id IS NOT NULL "
            f"AND day >= DATE '{first}' AND day <= DATE '{last}' AND rated_on <= DATE '{as_of}' "
            "GROUP BY staff_id, grade"
        )


def _votes(
    state: CubeState, item: VoteItem, entity: str, units: pl.DataFrame, span: Span
) -> pl.DataFrame:
    """Σ score / Σ scale of the ballots of an electorate; without a ballot: missing."""
    told = ballots(state, entity, span.first, span.last)
    sums = told.filter(pl.col("electorate") == item.electorate)
    joined = units.select("id").join(sums, on="id", how="left", maintain_order="left")
    said = pl.when(pl.col("d") > 0).then(pl.lit("number")).otherwise(pl.lit("missing"))
    return _shaped(joined.with_columns(state=said, value_n="n", value_d="d"))


OWNER = {
    "counter": ("counter", "counters", "counter_id"),
    "hall": ("hall", "halls", "hall_id"),
    "department": ("department", "departments", "department_id"),
}


@lru_cache(maxsize=32)
def ballots(state: CubeState, entity: str, first: date, last: date) -> pl.DataFrame:
    """id, electorate, n, d (Σ score and Σ scale in hundredths) of the votes of an entity."""
    schema = {"id": pl.String(), "electorate": pl.String(), "n": pl.Int64(), "d": pl.Int64()}
    key = "staff_id" if entity in PEOPLE else OWNER[entity][0]
    with DuckEngine(state.snap) as engine:
        found = engine.ask(
            f"SELECT {key} AS owner, electorate, "
            "CAST(SUM(CAST(score_c AS BIGINT) * ballots) AS BIGINT) AS n, "
            "CAST(SUM(CAST(scale_c AS BIGINT) * ballots) AS BIGINT) AS d FROM votes "
            f"WHERE {key} IS NOT NULL AND day >= DATE '{first}' AND day <= DATE '{last}' "
            f"GROUP BY {key}, electorate"
        )
    if entity in PEOPLE:
        return found.rename({"owner": "id"})
    _, table, name = OWNER[entity]
    names = state.snap.reference(table).select(owner="no", id=name).unique("owner")
    return found.join(names, on="owner").select(list(schema))


def _of_scores(told: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """The score under another scheme as a share of its full score."""
    joined = units.select("id").join(told, on="id", how="left", maintain_order="left")
    shown = joined.with_columns(
        state=pl.col("state").fill_null("none"),
        n=pl.col("score_u"),
        d=pl.lit(None, pl.Int64),
        value_n=pl.col("score_u"),
        value_d="full",
    )
    return _shaped(shown)


def _staff_mean(told: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Σ score of a counter's scored staff and how many they are; value in points."""
    sums = (
        told.filter(pl.col("state") == "number")
        .group_by(id="counter_id")
        .agg(n=pl.col("score_u").sum(), d=pl.len().cast(pl.Int64))
    )
    joined = units.select("id").join(sums, on="id", how="left", maintain_order="left")
    anyone = told.select(pl.col("counter_id").alias("id")).unique().with_columns(_staffed=True)
    known = joined.join(anyone, on="id", how="left", maintain_order="left")
    said = (
        pl.when(pl.col("d") > 0)
        .then(pl.lit("number"))
        .when(pl.col("_staffed"))
        .then(pl.lit("missing"))
        .otherwise(pl.lit("none"))
    )
    return _shaped(known.with_columns(state=said, value_n="n", value_d=pl.col("d") * 10_000))


def _reported(
    state: CubeState,
    item: DeductItem | BonusItem,
    entity: str,
    units: pl.DataFrame,
    period: Period,
    scope: Scope,
    as_of: date,
) -> pl.DataFrame:
    """Whether the source of the events reported on the unit; value_d: rounds of inspection."""
    source = "bonuses" if isinstance(item, BonusItem) else item.events
    name = REPORTS.get(source)
    if name is None:
        return _all(units, "number")
    told = _of_metric(state, metric(name), entity, units, period, scope, as_of)
    said = pl.col("state").replace("few", "number")
    if source == "findings":  # no round is no clean sheet
        said = said.replace("none", "missing")
    joined = units.select("id").join(told, on="id", how="left", maintain_order="left")
    absent = "missing" if source == "findings" else "none"
    rounds = pl.col("d") if source == "findings" else pl.lit(None, pl.Int64)
    return _shaped(
        joined.with_columns(state=said.fill_null(absent), n=None, d=rounds, value_d=rounds)
    )
