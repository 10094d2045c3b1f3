"""n and d of a metric by unit and day: what shows how alike the events of a day are."""

from datetime import date

import polars as pl

from metrics.catalogue import Metric
from metrics.cube import CubeState
from metrics.expected import EVERYBODY
from metrics.periods import Period
from metrics.places import placement
from metrics.sums import day_sums_by_unit, span_of
from metrics.values import weighed

DAY_SUMS = pl.Schema({"id": pl.String(), "day": pl.Date(), "n": pl.Int64(), "d": pl.Int64()})


def day_sums(state: CubeState, one: Metric, period: Period, by: str, as_of: date) -> pl.DataFrame:
    """DAY_SUMS of all units of `by` in the home, days with d > 0, the mature ones only.

    The days of a unit add up to its n and d of `metrics.values.value` less what tallies report.
    Metrics of a quantile or a count have none: an empty frame.
    """
    if not one.denominator:
        return pl.DataFrame(schema=DAY_SUMS)
    place = placement(state, by, EVERYBODY, period.start, period.end)
    span = span_of(period.start, period.end, as_of).ripe(one.matures_after)
    own_only = one.attributed_to == "department" and by == "counter"
    sums = day_sums_by_unit(state, place, one.measures, span, own_only)
    told = sums.with_columns(n=weighed(one.numerator), d=weighed(one.denominator))
    named = told.join(place.units.select("unit", "id"), on="unit", maintain_order="left")
    return named.filter(pl.col("d") > 0).select(list(DAY_SUMS))
