"""The queue and the cases of one unit: day by day, and by weekday and half hour."""

from datetime import date, timedelta

import polars as pl

from data.workdays import load_calendar, offsets_of
from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.periods import Period
from metrics.places import placement
from metrics.scope import Scope
from metrics.sums import day_sums_by_unit, rows_of_unit, span_of, sums_by_unit
from metrics.values import value_of

COUNTS = ("tickets", "received_cases", "closed_cases")
DAYS = pl.Schema({"day": pl.Date(), "workday": pl.Boolean(), **dict.fromkeys(COUNTS, pl.Int64())})
VOLUME, WAIT, ABANDONMENT = KINDS = ("volume", "wait", "abandonment")
# The metric whose least base a cell of a kind needs; a volume needs none.
LEAST = {WAIT: "wait_mean", ABANDONMENT: "abandonment_rate"}
HEAT = pl.Schema(
    {
        "kind": pl.String(),
        "weekday": pl.Int8(),  # 1 Monday … 7 Sunday
        "half_hour": pl.Int32(),  # 0: from midnight … 47: from 23:30
        "n": pl.Int64(),
        "d": pl.Int64(),
        "value": pl.Float64(),
        "state": pl.String(),  # number, few, none
    }
)
OWN, BACK = WHOSE = ("own", "back")
LATENESS = pl.Schema(
    {
        "whose": pl.String(),  # own: the counter's own department decides; back: another one does
        "n": pl.Int64(),  # closed on time
        "d": pl.Int64(),  # closed with a limit
        "value": pl.Float64(),
        "late": pl.Int64(),  # closed late
        "open_overdue": pl.Int64(),  # open and overdue at the end
        "state": pl.String(),
    }
)
CASE_SUMS = ("closed_on_time", "closed_with_limit", "closed_late", "open_overdue")


def unit_days(
    state: CubeState, by: str, unit_id: str, period: Period, scope: Scope, as_of: date
) -> pl.DataFrame:
    """DAYS of one unit up to `as_of`: 0 where nothing happened, null where nobody reported."""
    place = placement(state, by, scope, period.start, period.end)
    span = span_of(period.start, period.end, as_of)
    days = pl.date_range(span.first, max(span.last, span.first - timedelta(1)), eager=True)
    frame = pl.DataFrame({"day": days}, schema={"day": pl.Date()})
    units = place.units.filter(pl.col("id") == unit_id).select("unit")
    sums = day_sums_by_unit(state, place, COUNTS, span, own_only=False).join(units, on="unit")
    told = frame.join(sums.drop("unit"), on="day", how="left", maintain_order="left")
    heard = {name: _state(state, name, by, unit_id, period, scope, as_of) for name in COUNTS}
    dates = told["day"]
    worked = load_calendar(state.home).count(
        offsets_of(dates - timedelta(days=1)), offsets_of(dates)
    )
    return told.with_columns(
        *(
            pl.lit(None).alias(name) if heard[name] == "missing" else pl.col(name).fill_null(0)
            for name in COUNTS
        ),
        workday=pl.Series(worked > 0),
    ).select(pl.col(name).cast(kind) for name, kind in DAYS.items())


def _state(
    state: CubeState,
    name: str,
    by: str,
    unit_id: str,
    period: Period,
    scope: Scope,
    as_of: date,
) -> str:
    """The state of a metric for one unit; missing where the unit is not there at all."""
    found = value_of(state, metric(name), period, by, scope, as_of)
    rows = found.filter(pl.col("id") == unit_id)
    return "missing" if rows.is_empty() else str(rows.item(0, "state"))


def heat(
    state: CubeState, by: str, unit_id: str, period: Period, scope: Scope, as_of: date
) -> pl.DataFrame:
    """HEAT of one unit: by the half hour in which tickets were taken; no row where none was.

    volume: n tickets on d days of that weekday on which the unit gave out any. wait: n seconds of d
    who were called, value their mean. abandonment: n of d tickets but those that are lifted.
    """
    place = placement(state, by, scope, period.start, period.end)
    span = span_of(period.start, period.end, as_of)
    rows = rows_of_unit(state, place, "half_hours", unit_id, span).with_columns(
        weekday=pl.col("day").dt.weekday()
    )
    open_ = rows.group_by("weekday").agg(days=pl.col("day").n_unique())
    sums = (
        rows.group_by("weekday", "half_hour")
        .agg(pl.col("^arrivals.*$").sum())
        .join(open_, on="weekday")
    )
    pairs = {
        VOLUME: ("arrivals", "days"),
        WAIT: ("arrivals_wait_s", "arrivals_waited"),
        ABANDONMENT: ("arrivals_abandoned", "arrivals_counting"),
    }
    parts = [pl.DataFrame(schema=HEAT)]
    for kind, (n, d) in pairs.items():
        least = (metric(LEAST[kind]).min_n or 0) if kind in LEAST else 0
        cells = sums.select("weekday", "half_hour", kind=pl.lit(kind), n=n, d=d)
        parts.append(_cells(cells, least))
    return pl.concat(parts).sort("kind", "weekday", "half_hour")


def _cells(rows: pl.DataFrame, least: int) -> pl.DataFrame:
    """value and state of cells with n and d."""
    empty = pl.col("d") == 0
    stated = (
        pl.when(empty)
        .then(pl.lit("none"))
        .when(pl.col("d") < least)
        .then(pl.lit("few"))
        .otherwise(pl.lit("number"))
    )
    told = rows.with_columns(value=pl.when(~empty).then(pl.col("n") / pl.col("d")), state=stated)
    return told.select(pl.col(name).cast(kind) for name, kind in HEAT.items())


def lateness(
    state: CubeState, by: str, unit_id: str, period: Period, scope: Scope, as_of: date
) -> pl.DataFrame:
    """LATENESS of one unit: what its own departments decide, and what another one does (后台审批).

    The two add up to `on_time_rate` of the unit. No rows where nobody reported.
    """
    one = metric("on_time_rate")
    if _state(state, one.id, by, unit_id, period, scope, as_of) == "missing":
        return pl.DataFrame(schema=LATENESS)
    place = placement(state, by, scope, period.start, period.end)
    span = span_of(period.start, period.end, as_of).ripe(one.matures_after)
    unit = place.units.filter(pl.col("id") == unit_id).select("unit")
    own, whole = (
        sums_by_unit(state, place, CASE_SUMS, span, own_only=only, by_decider=False)
        .join(unit, on="unit")
        .select(CASE_SUMS)
        for only in (True, False)
    )
    both = pl.concat([own, whole.select(pl.col(name) - own[name] for name in CASE_SUMS)])
    base = pl.col("closed_with_limit")
    stated = (
        pl.when(base == 0)
        .then(pl.lit("none"))
        .when(base < (one.min_n or 0))
        .then(pl.lit("few"))
        .otherwise(pl.lit("number"))
    )
    told = both.with_columns(
        whose=pl.Series(WHOSE),
        value=pl.when(base > 0).then(pl.col("closed_on_time") / base),
        state=stated,
        n="closed_on_time",
        d=base,
        late="closed_late",
    )
    return told.select(pl.col(name).cast(kind) for name, kind in LATENESS.items())
