"""How a metric of a unit went: period by period, and day by day of a month."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from data.workdays import load_calendar
from metrics.catalogue import Metric
from metrics.comparison import trailing
from metrics.cube import CubeState
from metrics.methods.intervals import wilson
from metrics.periods import Period, period_of
from metrics.places import placement
from metrics.scope import Scope
from metrics.sums import day_sums_by_unit, span_of
from metrics.values import default_as_of, value_of, weighed

GRAINS = ("month", "week")
LONGEST = 24
COURSE = pl.Schema(
    {
        "period": pl.String(),
        "start": pl.Date(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        "value": pl.Float64(),
        "state": pl.String(),
        "low": pl.Float64(),  # 95 %, Wilson; only of shares
        "high": pl.Float64(),
    }
)
# state: number; none: no business; missing; ahead: not there yet, or not mature (未到期).
DAYS = pl.Schema(
    {
        "day": pl.Date(),
        "week": pl.Int64(),  # row of the sheet, from 0
        "weekday": pl.Int64(),  # 1 Monday – 7 Sunday
        "workday": pl.Boolean(),
        "holiday": pl.Boolean(),  # off by a notice
        "known": pl.Boolean(),  # False: the working days are a guess
        "n": pl.Int64(),
        "d": pl.Int64(),
        "value": pl.Float64(),
        "state": pl.String(),
    }
)


def stretch(
    state: CubeState, period: Period, grain: str, most: int = LONGEST
) -> tuple[Period, ...]:
    """The periods of a grain up to the one that holds the last known day of `period`.

    At most `most`, oldest first, none that ended before the first day of the home.
    """
    last = period_of(grain, default_as_of(state, period))
    first = state.first_day or period.start
    return tuple(one for one in trailing(last, most) if one.end > first)


def course(
    state: CubeState,
    one: Metric,
    by: str,
    unit: str,
    period: Period,
    grain: str,
    scope: Scope,
    most: int = LONGEST,
) -> pl.DataFrame:
    """COURSE of one unit: a row per period; one in which it was not on the list has state none.

    All periods as known at the end of `period`: at the end of a week its ratings are not mature.
    """
    rows, as_of = [], default_as_of(state, period)
    for each in stretch(state, period, grain, most):
        told = value_of(state, one, each, by, scope, as_of).filter(pl.col("id") == unit)
        row = told.row(0, named=True) if told.height else {"state": "none"}
        kept = {name: row.get(name) for name in ("n", "d", "value", "state")}
        rows.append({"period": each.text, "start": each.start, **kept})
    found = pl.DataFrame(rows, schema={k: v for k, v in COURSE.items() if k not in ("low", "high")})
    return _with_interval(found, one).match_to_schema(COURSE)


def _with_interval(rows: pl.DataFrame, one: Metric) -> pl.DataFrame:
    """low and high of shares of events; of what can exceed its base there is none."""
    n, d = rows["n"].fill_null(0).to_numpy(), rows["d"].fill_null(0).to_numpy()
    fits = (d > 0) & (n >= 0) & (n <= d) & rows["value"].is_not_null().to_numpy()
    if one.kind != "ratio" or one.drawn != "events" or one.divide_by != 1:
        fits = np.zeros_like(fits)
    low, high = wilson(np.where(fits, n, 0), np.where(fits, d, 0))
    return rows.with_columns(
        pl.Series("low", low, pl.Float64()).fill_nan(None),
        pl.Series("high", high, pl.Float64()).fill_nan(None),
    )


def by_day(one: Metric, by: str) -> bool:
    """Whether a metric can be told day by day: flows that are the counter's own."""
    decided = one.attributed_to == "department" and by == "department"
    return one.kind in ("count", "ratio", "mean") and not decided


def month_days(
    state: CubeState, one: Metric, by: str, unit: str, period: Period, scope: Scope
) -> pl.DataFrame:
    """DAYS of a unit in the month that holds the end of a period: all seven days of each week.

    n and d of the days add up to those of the month, reported tallies apart. The metric must be
    one that `by_day` allows.
    """
    month = period_of("month", default_as_of(state, period))
    as_of = default_as_of(state, month)
    sheet = load_calendar(state.home).frame(month.start, month.end)
    sums = _day_sums(state, one, by, unit, month, scope, as_of)
    told = sheet.join(sums, on="day", how="left", maintain_order="left")
    whole = value_of(state, one, month, by, scope, as_of).filter(pl.col("id") == unit)
    missing = whole.height == 1 and whole.item(0, "state") == "missing"
    ripe = as_of - timedelta(days=one.matures_after)
    base = pl.col("d") if one.denominator else pl.col("n")
    state_of = (
        pl.when(pl.lit(missing))
        .then(pl.lit("missing"))
        .when(pl.col("day") > ripe)
        .then(pl.lit("ahead"))
        .when(base.fill_null(0) == 0)
        .then(pl.lit("none"))
        .otherwise(pl.lit("number"))
    )
    value = pl.col("n") / (pl.col("d") * one.divide_by) if one.denominator else pl.col("n") / 1
    stated = told.with_columns(state=state_of, value=value).with_columns(
        pl.when(pl.col("state") == "number").then(name).alias(name) for name in ("n", "d", "value")
    )
    offset = month.start.isoweekday() - 1
    return stated.with_columns(
        week=(pl.int_range(pl.len(), dtype=pl.Int64()) + offset) // 7,
        weekday=pl.col("day").dt.weekday().cast(pl.Int64),
    ).match_to_schema(DAYS, extra_columns="ignore")


def _day_sums(
    state: CubeState,
    one: Metric,
    by: str,
    unit: str,
    month: Period,
    scope: Scope,
    as_of: date,
) -> pl.DataFrame:
    """day, n, d of one unit."""
    place = placement(state, by, scope, month.start, month.end)
    mine = place.units.filter(pl.col("id") == unit).select("unit")
    span = span_of(month.start, month.end, as_of).ripe(one.matures_after)
    own = one.attributed_to == "department" and by == "counter"
    sums = day_sums_by_unit(state, place, one.measures, span, own_only=own)
    d = weighed(one.denominator) if one.denominator else pl.lit(None, pl.Int64)
    return sums.join(mine, on="unit", how="semi").select("day", n=weighed(one.numerator), d=d)
