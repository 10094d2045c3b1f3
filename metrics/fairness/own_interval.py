"""The interval of a raw value from the unit's own data alone, by what chance does to the metric."""

import numpy as np
from numpy.typing import NDArray

from metrics.fairness.chance import EDGES, Drawn
from metrics.fairness.evidence import Evidence, Floats
from metrics.methods.intervals import quantile_interval, wilson
from metrics.methods.levels import level_interval

LEVEL = 0.95
KINDS = {"events": "wilson", "levels": "dirichlet", "days": "days", "values": "order"}


def own_interval(
    told: Evidence, group: NDArray[np.int64], found: Drawn, seed: list[int]
) -> tuple[Floats, Floats]:
    """(low, high) at 95 % of the units at the places `group`, in the unit of the metric.

    Shares: Wilson on n / deff and d / deff. Means of levels: Dirichlet. Other means: the days as
    clusters. Quantiles: order statistics, read outward to the edges of their bins; NaN where so few
    events hold no bound. See KINDS.
    """
    one = told.metric
    if one.drawn == "events":
        d = told.d[group]
        # Weighed sums may leave 0..d; the draws are cut in the same place.
        n = np.clip(told.n[group], 0, d)
        return wilson(n / found.deff, d / found.deff, LEVEL)
    if one.drawn == "levels":
        points = np.array(list(one.numerator.values()), dtype=float) / one.divide_by
        return level_interval(told.counts[group], points, deff=found.deff, level=LEVEL, seed=seed)
    if one.drawn == "values":
        assert one.percent is not None
        return quantile_interval(
            EDGES, told.counts[group], one.percent / 100, found.deff, level=LEVEL
        )
    assert found.own is not None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(found.own, [tail, 1 - tail], axis=1)
    return low, high
