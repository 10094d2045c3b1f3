"""Case mix: the on-time rate that a unit would have with the city's mix of items and channels.

Strata are item × channel. One with too few cases of others gives way to the item, then to the
department and kind of the item, then to everything. Nothing that the counter controls is adjusted.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from data.errors import HallscoreError, nearest
from metrics.catalogue import Metric, metric
from metrics.cube import CubeState
from metrics.periods import Period
from metrics.places import Placement, placement
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.sums import THERE, Span, span_of
from metrics.values import default_as_of

STRATA = "strata"
# What can be adjusted: n and d of the metric as they are kept by stratum.
ADJUSTABLE = {"on_time_rate": ("stratum_on_time", "stratum_with_limit")}
BY = ("counter", "hall", "township", "county", "city")
RUNGS = ("item × channel", "item", "department × case_kind", "all")
SHARED_ON = 1  # the rung (item) on which being alone means that nobody shares the business
ADJUSTED = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        "value": pl.Float64(),
        "o": pl.Float64(),
        "e": pl.Float64(),
        "sr": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "adjusted": pl.Float64(),
        "adjusted_low": pl.Float64(),
        "adjusted_high": pl.Float64(),
        "own_share": pl.Float64(),
        "merged": pl.Float64(),
        "merged_all": pl.Float64(),
        "direct": pl.Float64(),
        "state": pl.String(),
    }
)


@dataclass(frozen=True, eq=False)
class CaseMix:
    """`frame`: ADJUSTED. `counted`: which events o and e are, `numerator` or its `rest`.

    `overall`: the rate of all units of the scope, to which `adjusted` is brought.
    """

    frame: pl.DataFrame
    counted: str
    overall: float | None
    as_of: date


def adjusted(
    home: Path,
    metric_id: str,
    period: Period,
    scope: Scope,
    by: str = "counter",
    as_of: date | None = None,
) -> CaseMix:
    """A rate of every unit with cases, beside the one with the same mix as all units together.

    n, d, value as in `metrics.values.value`. The rarer outcome is counted, because the limits are
    Poisson: of an on-time rate the late cases, so that sr > 1 is worse than expected. o, e: events
    seen and expected in business that others share; low, high: Byar's 95 % limits of sr = o / e
    with e taken as known. adjusted (and its limits) is on the scale of the metric. own_share: part
    of d that nobody shares, neither in o nor in e. merged: part of the rest that was compared in a
    coarser stratum than its item; merged_all: in one stratum with everything. direct: directly
    standardised over department × case_kind where the unit has 20 cases in each. State `none`:
    no business that others share. Raises HallscoreError for a metric or unit without strata.
    Sources: metrics.methods.case_mix.
    """
    return adjusted_of(ensure(home), metric(metric_id), period, scope, by, as_of)


def adjusted_of(
    state: CubeState,
    one: Metric,
    period: Period,
    scope: Scope,
    by: str = "counter",
    as_of: date | None = None,
) -> CaseMix:
    """The same from a cube at hand."""
    from metrics.methods.case_mix import direct, indirect

    _check(one, by)
    day = as_of or default_as_of(state, period)
    place = placement(state, by, scope, period.start, period.end)
    own_only = by == "counter" and one.attributed_to == "department"
    cells = _cells(state, place, span_of(period.start, period.end, day), own_only)
    cells = _with_rungs(state, cells)
    good, size = (cells[name].to_numpy() for name in ADJUSTABLE[one.id])
    misses = bool(2 * good.sum() > size.sum())
    events = size - good if misses else good
    ladder = [cells[f"_rung{at}"].to_numpy() for at in range(len(RUNGS))]
    unit, units = cells["unit"].to_numpy(), place.units.height
    found = indirect(unit, ladder, events, size, units, shared_on=SHARED_ON)
    whole = direct(unit, ladder[2], events, size, units)
    sign, base = (-1.0, 1.0) if misses else (1.0, 0.0)
    limits = [base + sign * each * found.overall for each in (found.low, found.high)]
    sums = [np.bincount(unit, each, units).astype(np.int64) for each in (good, size)]
    frame = place.units.select("id", "name").with_columns(
        n=pl.Series(sums[0]),
        d=pl.Series(sums[1]),
        o=pl.Series(found.o),
        e=pl.Series(found.e),
        sr=pl.Series(found.sr),
        low=pl.Series(found.low),
        high=pl.Series(found.high),
        adjusted=pl.Series(base + sign * found.adjusted),
        adjusted_low=pl.Series(np.minimum(*limits)),
        adjusted_high=pl.Series(np.maximum(*limits)),
        own_share=pl.Series(found.own_share),
        merged=pl.Series(found.merged[:, SHARED_ON:].sum(axis=1)),
        merged_all=pl.Series(found.merged[:, -1]),
        direct=pl.Series(base + sign * whole),
    )
    overall = None if np.isnan(found.overall) else float(base + sign * found.overall)
    return CaseMix(_told(frame, one), "rest" if misses else "numerator", overall, day)


def _check(one: Metric, by: str) -> None:
    if one.id not in ADJUSTABLE:
        raise HallscoreError(
            f"metric {one.id!r} is not kept by what a case was about, so that its mix cannot be "
            f"adjusted. Known: {', '.join(ADJUSTABLE)}.{nearest(one.id, ADJUSTABLE)}"
        )
    if by not in BY:
        raise HallscoreError(f"--by {by!r}: expected one of {', '.join(BY)}.{nearest(by, BY)}")


def _cells(state: CubeState, place: Placement, span: Span, own_only: bool) -> pl.DataFrame:
    """unit, item, case_kind, channel and the sums over the days of the span, each at its place."""
    rows = state.between(STRATA, span.first, span.last)
    rows = rows.filter("own") if own_only else rows
    members, steady = place.between(span.first, span.last)
    placed = rows.join(members.drop_nulls("unit"), on="counter")
    placed = placed if steady else placed.filter(THERE)
    keys = ["unit", "item", "case_kind", "channel"]
    sums = [name for pair in ADJUSTABLE.values() for name in pair]
    return placed.group_by(keys).agg(pl.col(sums).sum()).sort(keys, nulls_last=True)


def _with_rungs(state: CubeState, cells: pl.DataFrame) -> pl.DataFrame:
    """The number of the stratum of each cell on every rung; what is not known is one stratum."""
    known = state.snap.reference("items").select(
        pl.col("item_id").alias("item"), "department_id", _kind="case_kind"
    )
    joined = cells.join(
        known.unique("item", keep="last"), on="item", how="left", maintain_order="left"
    ).with_columns(_kind=pl.coalesce("_kind", "case_kind"))
    rungs = (["item", "channel"], ["item"], ["department_id", "_kind"])
    numbered = (
        pl.struct(keys).rank("dense").cast(pl.Int64).alias(f"_rung{at}")
        for at, keys in enumerate(rungs)
    )
    return joined.with_columns(*numbered, _rung3=pl.lit(0, pl.Int64))


def _told(frame: pl.DataFrame, one: Metric) -> pl.DataFrame:
    """ADJUSTED rows of the units with cases; NaN becomes null, and the state is told."""
    floats = [name for name, kind in ADJUSTED.items() if kind == pl.Float64()]
    shown = frame.filter(pl.col("d") > 0).with_columns(value=pl.col("n") / pl.col("d"))
    state = (
        pl.when(pl.col("sr").is_null())
        .then(pl.lit("none"))
        .when(pl.col("d") < (one.min_n or 0))
        .then(pl.lit("few"))
        .otherwise(pl.lit("number"))
    )
    known = shown.with_columns(pl.col(floats).fill_nan(None)).with_columns(state=state)
    # A rate is a share: what the limits of a small count promise beyond it is cut.
    within = [pl.col(name).clip(0, 1) for name in floats if name.startswith("adjusted")]
    return known.with_columns(within).match_to_schema(ADJUSTED)
