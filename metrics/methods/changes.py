"""Whether a share changed by more than chance, for many units at once, with the false calls held.

Fisher's exact test of now against before, both counts divided by how alike the events of a day are;
then Benjamini & Hochberg over all tests (METHODS: multiple testing). Sources: Fisher 1935;
Benjamini & Hochberg 1995, JRSS-B 57:289.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import false_discovery_control

from metrics.methods.fisher import upper_tail

Floats = NDArray[np.float64]
LEAST_DEFF = 1.0


def change_p(
    x: ArrayLike, n: ArrayLike, x0: ArrayLike, n0: ArrayLike, deff: ArrayLike, deff0: ArrayLike
) -> Floats:
    """Two-sided p of x of n now against x0 of n0 before, shapes (K,): twice the lesser tail, ≤ 1.

    `deff`, `deff0` (K,), at least 1: of so many events one says something new; counts are divided
    by them and rounded, so that p rather errs to the large side. A unit without events on one side
    has p = 1. Raises ValueError where x is not within 0 … n.
    """
    good, size = _thinned(x, n, deff)
    old_good, old_size = _thinned(x0, n0, deff0)
    p = np.ones(len(good))
    known = (size > 0) & (old_size > 0)
    up = known & (good * old_size > old_good * size)
    down = known & (good * old_size < old_good * size)
    if up.any():
        p[up] = 2 * upper_tail(good[up], size[up], old_good[up], old_size[up])
    if down.any():
        p[down] = 2 * upper_tail(old_good[down], old_size[down], good[down], size[down])
    return np.minimum(p, 1.0)


def _thinned(
    x: ArrayLike, n: ArrayLike, deff: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Counts divided by the design effect, as whole numbers."""
    good, size = np.asarray(x, float), np.asarray(n, float)
    if ((good < 0) | (good > size)).any():
        raise ValueError("expected 0 <= x <= n")
    by = np.maximum(np.asarray(deff, float), LEAST_DEFF)
    total = np.round(size / by).astype(np.int64)
    part = np.minimum(np.round(good / by).astype(np.int64), total)
    return part, total


def adjusted(p: ArrayLike) -> Floats:
    """The p values of one family after Benjamini & Hochberg, in their order; none gives none."""
    given = np.asarray(p, float)
    if not given.size:
        return given
    told: Floats = false_discovery_control(given, method="bh")
    return told


def odds_ratio(x: ArrayLike, n: ArrayLike, x0: ArrayLike, n0: ArrayLike) -> Floats:
    """The odds of now over those of before, half an event added to each cell; shapes (K,).

    The half keeps a side without bad events finite (Haldane 1956; Anscombe 1956).
    """
    good, size, old_good, old_size = (np.asarray(one, float) for one in (x, n, x0, n0))
    now = (good + 0.5) / (size - good + 0.5)
    before = (old_good + 0.5) / (old_size - old_good + 0.5)
    ratio: Floats = now / before
    return ratio
