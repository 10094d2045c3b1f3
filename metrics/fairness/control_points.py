"""The series behind control charts: n and d by unit and week, or by unit and the day known.

Weeks are whole, from Monday to Sunday, and mature: a chart of days would show the weekdays, one of
unripe weeks would fall at its end every time. Rare events are taken on the day on which they become
known, so that what a chart said of a day never changes by the ordinary course of things.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from metrics.catalogue import Metric, catalogue, metric
from metrics.cube import CubeState
from metrics.expected import EVERYBODY
from metrics.measure_files import homes_of_measures
from metrics.periods import period_of
from metrics.places import Placement, placement
from metrics.scope import Scope
from metrics.sums import Span, day_sums_by_unit, week_sums_by_unit
from metrics.values import weighed

CEILING = 0.02  # of bad events over the whole city: rarer ones are no series of middling values
# Fewer of either kind a week, and the share is too skew for limits of three sigma (n·p ≥ 10).
RARE = 10
WEEK = 7
SUMS = pl.Schema({"id": pl.String(), "day": pl.Date(), "n": pl.Int64(), "d": pl.Int64()})


@dataclass(frozen=True)
class Weeks:
    """The whole weeks that are final: `first` is a Monday, `end` the Monday after the last."""

    first: date
    end: date

    @property
    def starts(self) -> list[date]:
        """The Monday of each week, in order."""
        count = max(0, (self.end - self.first).days // WEEK)
        return [self.first + timedelta(days=WEEK * place) for place in range(count)]


def control_metrics() -> tuple[str, ...]:
    """Ids of the metrics that have a control chart: a sum over a sum, of flows, good one way."""
    return tuple(
        name
        for name, one in catalogue().items()
        if one.denominator
        and not any(measure in homes_of_measures()[measure].stocks for measure in one.measures)
    )


def weeks_of(state: CubeState, one: Metric, as_of: date) -> Weeks:
    """From the first whole week with data to the last one that is mature on `as_of`."""
    begin = state.first_day or as_of
    first = period_of("week", begin)
    first = first if first.start == begin else first.next()
    ripe = as_of - timedelta(days=one.matures_after)
    return Weeks(first.start, max(first.start, period_of("week", ripe + timedelta(days=1)).start))


@lru_cache(maxsize=64)
def week_sums(state: CubeState, name: str, by: str, scope: Scope, as_of: date) -> pl.DataFrame:
    """SUMS by week (`day` is its Monday) of the units of a scope, weeks with d > 0."""
    one = metric(name)
    weeks, place = weeks_of(state, one, as_of), _place(state, by, scope, as_of)
    span = Span(weeks.first, weeks.end - timedelta(days=1), as_of)
    sums = week_sums_by_unit(state, place, one.measures, span, _own_only(one, by))
    return _named(sums, one, place)


@lru_cache(maxsize=16)
def known_sums(state: CubeState, name: str, by: str, scope: Scope, as_of: date) -> pl.DataFrame:
    """SUMS by the day on which events became known, up to `as_of`."""
    one, place = metric(name), _place(state, by, scope, as_of)
    span = Span(_begin(state, as_of), as_of, as_of)
    sums = day_sums_by_unit(state, place, one.measures, span, _own_only(one, by), known=True)
    return _named(sums, one, place)


def _begin(state: CubeState, as_of: date) -> date:
    return min(state.first_day or as_of, as_of)


def _place(state: CubeState, by: str, scope: Scope, as_of: date) -> Placement:
    return placement(state, by, scope, _begin(state, as_of), as_of + timedelta(days=1))


def _own_only(one: Metric, by: str) -> bool:
    return one.attributed_to == "department" and by == "counter"


def _named(sums: pl.DataFrame, one: Metric, place: Placement) -> pl.DataFrame:
    told = sums.with_columns(n=weighed(one.numerator), d=weighed(one.denominator))
    rows = told.filter(pl.col("d") > 0).join(place.units.select("unit", "id"), on="unit")
    return rows.select(list(SUMS)).sort("id", "day")


def with_value(one: Metric) -> pl.Expr:
    """n / d, in the unit of the metric."""
    return pl.col("n") / (pl.col("d") * one.divide_by)


def bad_of(one: Metric) -> pl.Expr:
    """How many of d are bad, of a metric that counts events of a kind."""
    return pl.col("n") if one.good == "low" else pl.col("d") - pl.col("n")


@lru_cache(maxsize=64)
def at_ceiling(state: CubeState, name: str, as_of: date) -> bool:
    """Whether bad events are rare in the whole home: then a unit's chart is a CUSUM of them."""
    one = metric(name)
    if one.drawn != "events" or one.good == "none":
        return False
    rows = week_sums(state, name, "all", EVERYBODY, as_of)
    if rows.is_empty() or rows.select((pl.col("n") > pl.col("d")).any()).item():
        return False
    pooled = rows.select(bad_of(one).sum() / pl.col("d").sum()).item()
    return bool(pooled <= CEILING)


def kinds(state: CubeState, one: Metric, by: str, scope: Scope, as_of: date) -> pl.DataFrame:
    """id, kind of every unit with weeks: xmr; cusum of rare bad events; few (too few a week).

    xmr: the median week has the least base of the metric and, of a metric of events, ten of either
    kind come in a week. Where they do not: cusum if the metric is at the ceiling, else few.
    """
    rows = week_sums(state, one.id, by, scope, as_of)
    size = max(len(weeks_of(state, one, as_of).starts), 1)
    told = rows.group_by("id", maintain_order=True).agg(
        base=pl.col("d").median(),
        rarer=pl.min_horizontal(pl.col("n").sum(), pl.col("d").sum() - pl.col("n").sum()) / size,
    )
    enough = pl.col("base") >= (one.min_n or 1)
    if one.drawn == "events":
        enough &= pl.col("rarer") >= RARE
    other = "cusum" if at_ceiling(state, one.id, as_of) else "few"
    return told.select("id", kind=pl.when(enough).then(pl.lit("xmr")).otherwise(pl.lit(other)))
