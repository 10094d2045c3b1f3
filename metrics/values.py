"""Values: a metric by unit in a period, as known on a day: a number with n and d, or a state."""

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from metrics.catalogue import Metric, metric
from metrics.cube import CubeState
from metrics.histogram import quantiles
from metrics.periods import Period
from metrics.places import THEN, Placement, placement
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.silence import silent_units
from metrics.sums import Span, bins_by_unit, span_of, sums_by_unit
from metrics.tally_sums import tallied_members, tally_sums, with_tallies

COLUMNS = {
    "id": pl.String(),
    "name": pl.String(),
    "n": pl.Int64(),
    "d": pl.Int64(),
    "value": pl.Float64(),
    "state": pl.String(),
}


def value(
    home: Path,
    metric_id: str,
    period: Period,
    by: str,
    scope: Scope,
    as_of: date | None = None,
    places: str = THEN,
) -> pl.DataFrame:
    """id, name, n, d, value, state of every unit of `by` that is valid in the period or has rows.

    Ratios are 0–1, times in seconds; a count has no d. Days after `as_of` and days that are not
    mature on it are outside n and d. `places` then (当时口径) counts each day where the counter
    stood on it, now (现行口径) where it stands on the last day with data. Unknown names raise
    HallscoreError with the nearest.
    """
    return value_of(ensure(home), metric(metric_id), period, by, scope, as_of, places)


def default_as_of(state: CubeState, period: Period) -> date:
    """The last day of a past period, else the last day with data."""
    return known_until(state.last_day, period)


def known_until(last_day: date | None, period: Period) -> date:
    """The same, where the last day with data is at hand."""
    last = period.end - timedelta(days=1)
    return last if last_day is None else min(last, last_day)


def value_of(
    state: CubeState,
    one: Metric,
    period: Period,
    by: str,
    scope: Scope,
    as_of: date | None = None,
    places: str = THEN,
) -> pl.DataFrame:
    """The same from a cube at hand."""
    day = as_of or default_as_of(state, period)
    place = placement(state, by, scope, period.start, period.end, places)
    span = span_of(period.start, period.end, day)
    silent = silent_units(state, one, place, by, span)
    ripe = span.ripe(one.matures_after)
    if silent is None:
        return _tallied_or_missing(state, one, place, period, span, by)
    # A reported sum is final with the last day of its span: nothing comes late to a paper.
    told = tally_sums(state, one, period, place, span)
    numbers = (
        _quantile(state, one, place, ripe)
        if one.histogram
        else _quotient(state, one, place, ripe, by, told)
    )
    if silent:  # who reported sums in the place of a log has reported
        silent = silent - set(place.units.join(told, on="unit", how="semi")["id"])
    return _silenced(_with_state(place, numbers, one), silent, one, by)


def immature(
    home: Path, metric_id: str, period: Period, by: str, scope: Scope, as_of: date | None = None
) -> pl.DataFrame:
    """id, name and how much of the base (d, else n) lies on days not mature yet (未到期)."""
    state, one = ensure(home), metric(metric_id)
    day = as_of or default_as_of(state, period)
    place = placement(state, by, scope, period.start, period.end)
    span = span_of(period.start, period.end, day)
    first = max(span.first, span.ripe(one.matures_after).last + timedelta(days=1))
    numbers = _quotient(state, one, place, Span(first, span.last, day), by)
    base = "d" if one.denominator else "n"
    joined = place.units.join(numbers, on="unit", how="left", maintain_order="left")
    kept = joined.filter(pl.col("valid") | (pl.col(base) != 0))
    return kept.select("id", "name", pl.col(base).fill_null(0).alias("immature"))


def _tallied_or_missing(
    state: CubeState, one: Metric, place: Placement, period: Period, span: Span, by: str
) -> pl.DataFrame:
    """The units that reported tallies in the place of a log that never came; the rest is missing.

    Of the measures whose log did come, the rows of those counters and halls alone are their base.
    """
    told = tally_sums(state, one, period, place, span)
    if told.is_empty():
        return _missing(place)
    members = tallied_members(state, one, period, place, span)
    numbers = _quotient(state, one, members, span.ripe(one.matures_after), by, told)
    units = place.units.join(told, on="unit", how="semi", maintain_order="left")
    found = _with_state(replace(place, units=units), numbers, one)
    rest = place.units.join(told, on="unit", how="anti", maintain_order="left")
    both = pl.concat([found, _missing(replace(place, units=rest))])
    return place.units.select("id").join(both, on="id", maintain_order="left")


def _quotient(
    state: CubeState,
    one: Metric,
    place: Placement,
    span: Span,
    by: str,
    told: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """unit, n, d, value: the logs' sums and the reported ones; sum first, divide last."""
    decided = one.attributed_to == "department"
    sums = sums_by_unit(
        state,
        place,
        one.measures,
        span,
        own_only=decided and by == "counter",
        by_decider=decided and by == "department",
    )
    sums = sums if told is None else with_tallies(sums, told)
    n = weighed(one.numerator)
    if not one.denominator:
        return sums.select("unit", n.alias("n"), pl.lit(None, pl.Int64).alias("d"), value=n / 1)
    d = weighed(one.denominator)
    quotient = pl.when(d != 0).then(n / (d * one.divide_by))
    return sums.select("unit", n.alias("n"), d.alias("d"), value=quotient)


def weighed(terms: Mapping[str, int]) -> pl.Expr:
    """n or d from the columns of the measures."""
    return pl.sum_horizontal(pl.col(name) * weight for name, weight in terms.items()).cast(pl.Int64)


def _quantile(state: CubeState, one: Metric, place: Placement, span: Span) -> pl.DataFrame:
    assert one.histogram is not None
    assert one.percent is not None
    bins = bins_by_unit(state, place, one.histogram, span)
    found = quantiles(bins, "unit", one.percent)
    joined = place.units.select("unit").join(found, on="unit", how="left", maintain_order="left")
    return joined.select(
        "unit", pl.col("n").fill_null(0), pl.lit(None, pl.Int64).alias("d"), "value"
    )


def _missing(place: Placement) -> pl.DataFrame:
    absent = [pl.lit(None, COLUMNS[name]).alias(name) for name in ("n", "d", "value")]
    units = place.units.filter("valid")
    return units.select("id", "name", *absent, pl.lit("missing", pl.String).alias("state"))


def _silenced(told: pl.DataFrame, silent: Set[str], one: Metric, by: str) -> pl.DataFrame:
    """Units of which nothing was heard are missing, whatever older rows they have."""
    if not silent:
        return told
    mute = pl.col("id").is_in(sorted(silent))
    if by == "department" and one.attributed_to == "department":
        # What a department decided for counters of others was reported by those.
        mute &= pl.col("d" if one.denominator else "n").fill_null(0) == 0
    return told.with_columns(
        *(pl.when(~mute).then(name).alias(name) for name in ("n", "d", "value")),
        state=pl.when(mute).then(pl.lit("missing")).otherwise("state"),
    )


def _with_state(place: Placement, numbers: pl.DataFrame, one: Metric) -> pl.DataFrame:
    """Every unit that is valid or has rows, with `none` for no base and `few` for a small one."""
    joined = place.units.join(numbers, on="unit", maintain_order="left")
    base = pl.col("d") if one.denominator else pl.col("n")
    kept = joined.filter(pl.col("valid") | (pl.col("n") != 0) | (base != 0))
    state = (
        pl.when(pl.col("value").is_null())
        .then(pl.lit("none"))
        .when(base < (one.min_n or 0))
        .then(pl.lit("few"))
        .otherwise(pl.lit("number"))
    )
    told = kept.select("id", "name", "n", "d", "value", state.alias("state"))
    return told.match_to_schema(COLUMNS)
