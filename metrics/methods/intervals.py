"""Intervals for shares, counts and quantiles. Arrays in, (lower, upper) arrays out.

Without observations there is no interval: n = 0 gives NaN on both sides. The level is that of the
two-sided interval. At the ceiling of 99.8 % the textbook interval p ± z·sqrt(p(1−p)/n) covers 4 %
of the time at n = 20 where it promises 95 %; none of the functions here is that one.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]
EXACT_BELOW = 10  # counts below it take the exact Poisson limits, as PHEindicatormethods does


def _shares(x: ArrayLike, n: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    good, all_ = np.broadcast_arrays(np.asarray(x, float), np.asarray(n, float))
    if np.any(good < 0) or np.any(good > all_):
        raise ValueError("expected 0 <= x <= n")
    return good, np.where(all_ > 0, all_, np.nan)


def wilson(x: ArrayLike, n: ArrayLike, level: float = 0.95) -> Bounds:
    """Wilson score interval of x out of n, shapes (k,): for showing a single share.

    Source: Wilson 1927, JASA 22:209; Newcombe 1998, Stat Med 17:857 (method 3).
    """
    good, size = _shares(x, n)
    z = stats.norm.ppf(0.5 + level / 2)
    share = good / size
    centre = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    lower = np.where(good == 0, 0.0, np.clip(centre - half, 0, 1))
    upper = np.where(good == size, 1.0, np.clip(centre + half, 0, 1))
    return np.where(np.isnan(size), np.nan, lower), np.where(np.isnan(size), np.nan, upper)


def jeffreys(x: ArrayLike, n: ArrayLike, level: float = 0.95) -> Bounds:
    """Equal-tailed Beta(x + 1/2, n − x + 1/2) interval; 0 and 1 are bounds at x = 0 and x = n.

    Source: Brown, Cai & DasGupta 2001, Statistical Science 16:101.
    """
    good, size = _shares(x, n)
    tail = (1 - level) / 2
    lower = np.where(good == 0, 0.0, stats.beta.ppf(tail, good + 0.5, size - good + 0.5))
    upper = np.where(good == size, 1.0, stats.beta.ppf(1 - tail, good + 0.5, size - good + 0.5))
    return np.where(np.isnan(size), np.nan, lower), np.where(np.isnan(size), np.nan, upper)


def clopper_pearson(x: ArrayLike, n: ArrayLike, level: float = 0.95) -> Bounds:
    """The interval that never covers less than it says: where a penalty hangs on it.

    Source: Clopper & Pearson 1934, Biometrika 26:404.
    """
    good, size = _shares(x, n)
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        lower = np.where(good == 0, 0.0, stats.beta.ppf(tail, good, size - good + 1))
        upper = np.where(good == size, 1.0, stats.beta.ppf(1 - tail, good + 1, size - good))
    return np.where(np.isnan(size), np.nan, lower), np.where(np.isnan(size), np.nan, upper)


def exact_poisson(x: ArrayLike, level: float = 0.95) -> Bounds:
    """Limits of an expected count of which x were seen, by chi-squared quantiles.

    Source: Garwood 1936, Biometrika 28:437.
    """
    seen = np.asarray(x, float)
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        lower = np.where(seen == 0, 0.0, stats.chi2.ppf(tail, 2 * seen) / 2)
    return lower, np.asarray(stats.chi2.ppf(1 - tail, 2 * seen + 2) / 2)


def byar(x: ArrayLike, level: float = 0.95) -> Bounds:
    """Byar's limits of a count, exact below ten: divide by the exposure or the expected number.

    Source: Breslow & Day 1987, vol. II, p. 69; PHEindicatormethods for the change at ten.
    """
    seen = np.asarray(x, float)
    z = stats.norm.ppf(0.5 + level / 2)
    at = np.maximum(seen, 1)
    lower = at * (1 - 1 / (9 * at) - z / (3 * np.sqrt(at))) ** 3
    upper = (at + 1) * (1 - 1 / (9 * (at + 1)) + z / (3 * np.sqrt(at + 1))) ** 3
    exact_lower, exact_upper = exact_poisson(seen, level)
    few = seen < EXACT_BELOW
    return np.where(few, exact_lower, lower), np.where(few, exact_upper, upper)


def quantile_ranks(n: ArrayLike, share: float, level: float = 0.95) -> Bounds:
    """Ranks (1-based) of the ordered values that hold a quantile; NaN where n is too small.

    The l-th and u-th of n values hold the quantile in at least `level` of all samples, whatever
    the distribution. Source: David & Nagaraja 2003, Order Statistics, §7.1.
    """
    size = np.asarray(n, float)
    tail = (1 - level) / 2
    lower = stats.binom.ppf(tail, size, share)
    upper = stats.binom.ppf(1 - tail, size, share) + 1
    # P(the l-th value lies above the quantile) must not exceed the tail.
    lower = np.where(stats.binom.cdf(lower - 1, size, share) > tail, lower - 1, lower)
    return (
        np.where(lower >= 1, lower, np.nan),
        np.where((size > 0) & (upper <= size), upper, np.nan),
    )


def quantile_interval(
    edges: ArrayLike,
    counts: ArrayLike,
    share: float,
    deff: ArrayLike = 1.0,
    level: float = 0.95,
) -> Bounds:
    """Bounds (K,) of a quantile by order statistics, from histograms (K, B) with B + 1 `edges`.

    The two ranks of `quantile_ranks`, each read at the outer edge of its bin, so that binning makes
    no interval narrower. `deff` (K,): so many events of a day say as much as one; the ranks are
    those of n / deff events. NaN where so few events hold no bound.
    """
    bounds, seen = np.asarray(edges, float), np.asarray(counts, float)
    n = seen.sum(axis=1)
    told = np.floor(n / np.broadcast_to(np.asarray(deff, float), n.shape))
    first, last = quantile_ranks(told, share, level)
    upto = np.cumsum(seen, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        lower, upper = np.floor((first - 1) / told * n) + 1, np.ceil(last / told * n)
    low = bounds[np.minimum((upto < np.nan_to_num(lower)[:, None]).sum(axis=1), seen.shape[1] - 1)]
    at = np.minimum((upto < np.nan_to_num(upper)[:, None]).sum(axis=1), seen.shape[1] - 1)
    high = bounds[at + 1]
    return np.where(np.isnan(lower), np.nan, low), np.where(np.isnan(upper), np.nan, high)


def day_block_interval(
    good: ArrayLike,
    size: ArrayLike,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile interval of Σ good / Σ size by drawing whole days, shapes (days,).

    Visits of a day are alike; drawing single visits would give an interval that is too narrow.
    Fewer than two days with visits give NaN. Source: Künsch 1989, Ann Stat 17:1217 (blocks).
    """
    x, n = np.asarray(good, float), np.asarray(size, float)
    kept = n > 0
    x, n = x[kept], n[kept]
    if len(n) < 2:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(n), (draws, len(n)))
    shares = x[picks].sum(axis=1) / n[picks].sum(axis=1)
    tail = (1 - level) / 2
    low, high = np.quantile(shares, [tail, 1 - tail])
    return float(low), float(high)
