"""Rank sets of rates: the closed form that fits where the rates lie.

At the ceiling (or the floor) a normal test says nothing true, and its standard error is 0 for most
units: there exact conditional tests. Elsewhere Holm on the arcsine of the root, whose standard
error does not hang on the rate (Anscombe 1948, Biometrika 35:246).
"""

import numpy as np
from numpy.typing import ArrayLike

from metrics.methods.ranks import Ranks, exact_sets, holm_sets

CEILING = 0.05  # pooled shares below it, or above 1 − it, take the exact tests


def rate_sets(bad: ArrayLike, size: ArrayLike, deff: ArrayLike = 1.0, level: float = 0.95) -> Ranks:
    """Simultaneous sets of K bad rates, the lowest is best, shapes (K,); every size above 0.

    `deff` (K,) or number: design effects; counts are divided by them (exact tests: and rounded, an
    event at the least). Raises ValueError for bad outside 0..size.
    """
    effect = np.asarray(deff, float)
    x, n = np.asarray(bad, float) / effect, np.asarray(size, float) / effect
    if np.any(x < 0) or np.any(x > n) or np.any(n <= 0):
        raise ValueError("expected 0 <= bad <= size and size > 0")
    pooled = float(x.sum() / n.sum()) if len(n) else 0.0
    if CEILING <= pooled <= 1 - CEILING:
        angle = np.arcsin(np.sqrt((x + 0.375) / (n + 0.75)))
        return holm_sets(-angle, 0.5 / np.sqrt(n + 0.5), level)
    whole = np.maximum(1, np.rint(n))
    return exact_sets(np.minimum(np.rint(x), whole), whole, level)
