"""What a metric's certainty rests on: sums by unit, and by unit and day, as arrays."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.catalogue import Metric
from metrics.cube import CubeState
from metrics.expected import EVERYBODY
from metrics.histogram import OPEN
from metrics.periods import Period
from metrics.places import placement
from metrics.score_inputs import exact_values
from metrics.sums import bins_by_unit, day_sums_by_unit, span_of, sums_by_unit
from metrics.values import weighed

Floats = NDArray[np.float64]
BINS = OPEN + 1


@dataclass(frozen=True, eq=False)
class Evidence:
    """A metric over the K units `ids` of the home.

    `n`, `d` (K,): as `metrics.values` gives them (0 without business); `counts` (K, L): by level or
    by bin of the wait. By unit and day, of those with any: `place` (which unit), `day`, `day_n`,
    `day_d`, and `day_bin` where a row is one bin of a day.
    """

    metric: Metric
    ids: tuple[str, ...]
    n: Floats
    d: Floats
    counts: NDArray[np.int64]
    place: NDArray[np.int64]
    day: NDArray[np.int64]
    day_n: Floats
    day_d: Floats
    day_bin: NDArray[np.int64]

    @cached_property
    def at(self) -> dict[str, int]:
        """Where each unit stands in `ids`."""
        return {id_: place for place, id_ in enumerate(self.ids)}


@dataclass(frozen=True)
class _Named:
    """A metric by what it sums, so that its evidence can be kept."""

    sums: str
    metric: Metric = field(compare=False)


def evidence(state: CubeState, one: Metric, period: Period, by: str, as_of: date) -> Evidence:
    """The evidence of all units of `by` that have a number in a period, by their ids' order."""
    named = _Named(f"{one.id} {one.numerator} {one.denominator} {one.divide_by}", one)
    return _evidence(state, named, period, by, as_of)


@lru_cache(maxsize=32)
def _evidence(state: CubeState, named: _Named, period: Period, by: str, as_of: date) -> Evidence:
    one = named.metric
    told = exact_values(state, one, period, by, EVERYBODY, as_of)
    known = told.filter(pl.col("state").is_in(["number", "few"])).sort("id")
    ids = known.select("id").with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
    n, d = (known[name].fill_null(0).to_numpy().astype(float) for name in ("n", "d"))
    days = _days(state, one, period, by, as_of).join(ids, on="id").sort("place", "day", "bin")
    none = np.zeros((known.height, 0), dtype=np.int64)
    counts = _counts(state, one, period, by, as_of, ids) if one.drawn in WITH_COUNTS else none
    return Evidence(
        metric=one,
        ids=tuple(known["id"]),
        n=n,
        d=d,
        counts=counts,
        place=days["place"].to_numpy(),
        day=days["day"].to_physical().to_numpy().astype(np.int64),
        day_n=days["n"].to_numpy().astype(float),
        day_d=days["d"].to_numpy().astype(float),
        day_bin=days["bin"].to_numpy(),
    )


WITH_COUNTS = ("levels", "values")


def top_level(one: Metric) -> int:
    """The greatest weight of a metric of levels."""
    return max(one.numerator.values())


def _days(state: CubeState, one: Metric, period: Period, by: str, as_of: date) -> pl.DataFrame:
    """id, day, n, d, bin; of levels n counts the best one, of a quantile a row is a bin."""
    place = placement(state, by, EVERYBODY, period.start, period.end)
    span = span_of(period.start, period.end, as_of).ripe(one.matures_after)
    own_only = one.attributed_to == "department" and by == "counter"
    named = place.units.select("unit", "id")
    sums = day_sums_by_unit(state, place, one.measures, span, own_only, by_bin=bool(one.histogram))
    if one.histogram:
        told = sums.rename({one.histogram: "d"}).with_columns(n=pl.col("d"))
    else:
        best = {key: 1 for key, value in one.numerator.items() if value == top_level(one)}
        terms = best if one.drawn == "levels" else one.numerator
        told = sums.with_columns(n=weighed(terms), d=weighed(one.denominator), bin=pl.lit(0))
    joined = told.join(named, on="unit").filter(pl.col("d") > 0)
    return joined.select("id", "day", "n", "d", pl.col("bin").cast(pl.Int64))


def _counts(
    state: CubeState, one: Metric, period: Period, by: str, as_of: date, ids: pl.DataFrame
) -> NDArray[np.int64]:
    """(K, L) by level, in the order of the numerator's terms, or (K, B) by bin of the wait."""
    place = placement(state, by, EVERYBODY, period.start, period.end)
    span = span_of(period.start, period.end, as_of).ripe(one.matures_after)
    units = place.units.select("unit", "id").join(ids, on="id")
    if one.histogram:
        bins = bins_by_unit(state, place, one.histogram, span).join(units, on="unit")
        found = np.zeros((ids.height, BINS), dtype=np.int64)
        found[bins["place"].to_numpy(), bins["bin"].to_numpy()] = bins[one.histogram].to_numpy()
        return found
    names = tuple(one.numerator)
    sums = sums_by_unit(state, place, names, span, own_only=False, by_decider=False)
    placed = sums.join(units, on="unit").sort("place")
    return placed.select(names).to_numpy().astype(np.int64)
