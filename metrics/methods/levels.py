"""Shrinkage of a mean of grades: counts of each level, Dirichlet-multinomial, its size integrated.

Given M the posterior of a unit's shares is Dirichlet(M·pi + c); pi are the pooled shares (half a
count added per level), M has the prior of metrics/methods/shrinkage.py. A unit's mean grade is
Σ w_k·share_k. Source: Mosimann 1962, Biometrika 49:65; METHODS: posterior mean and variance of m.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.methods.grid import draw_shrinkage
from metrics.methods.rising import Rising
from metrics.methods.shrinkage import DRAWS, Floats

TIGHT = 1e-9  # error of a log likelihood


@dataclass(frozen=True)
class Levels:
    """Posterior of K mean grades: `mean`, `sd`, `low`, `high`, `reliability` (K,), NaN without.

    `draws` (K, D) float32; `strength` (D,) the M of each column; `between`: variance of the true
    means between units; `within` (K,): variance of a raw mean round the true one.
    """

    mean: Floats
    sd: Floats
    low: Floats
    high: Floats
    reliability: Floats
    draws: NDArray[np.float32]
    strength: Floats
    between: float
    within: Floats


def shrink_levels(
    counts: ArrayLike,
    weights: ArrayLike,
    *,
    deff: ArrayLike | None = None,
    draws: int = DRAWS,
    seed: int | list[int] = 0,
    level: float = 0.95,
) -> Levels:
    """Shrink the mean grades of counts (K, L) with the points `weights` (L,) of the levels.

    `deff` (K,): design effects. With one unit there is nothing to shrink towards: half a count is
    added per level, Jeffreys. Raises ValueError for negative counts or shapes that do not fit.
    """
    seen, points = np.asarray(counts, float), np.asarray(weights, float)
    if seen.ndim != 2 or points.shape != (seen.shape[1],) or np.any(seen < 0):
        raise ValueError("expected counts (K, L) that are not negative, and L weights")
    if deff is not None:
        effect = np.broadcast_to(np.asarray(deff, float), (len(seen),))
        if np.any(effect < 1):
            raise ValueError("expected design effects of at least 1")
        seen = seen / effect[:, None]
    rng = np.random.default_rng(seed)
    size = seen.sum(axis=1)
    some = size > 0
    share = _pooled(seen, int(some.sum()))
    strength = _strengths(seen[some], share, draws, rng)
    means = np.full((len(seen), draws), np.nan, dtype=np.float32)
    means[some] = _means(seen[some], share, points, strength, rng)
    tail = (1 - level) / 2
    low, high = np.full((2, len(seen)), np.nan)
    if some.any():
        low[some], high[some] = np.quantile(means[some], [tail, 1 - tail], axis=1)
    centre = float(share @ points)
    spread = float(share @ points**2 - centre**2)
    first, second = _moments(seen, share, points, strength)
    return Levels(
        mean=np.where(some, first, np.nan),
        sd=np.where(some, np.sqrt(np.maximum(second, 0)), np.nan),
        low=low,
        high=high,
        reliability=np.where(
            some & (some.sum() > 1),
            np.mean(size[:, None] / (size[:, None] + strength[None, :]), axis=1),
            np.nan,
        ),
        draws=means,
        strength=strength,
        between=float(np.mean(spread / (strength + 1))),
        within=np.divide(
            spread * float(np.mean(strength / (strength + 1))),
            size,
            out=np.full(len(seen), np.nan),
            where=some,
        ),
    )


def level_interval(
    counts: ArrayLike,
    weights: ArrayLike,
    *,
    deff: ArrayLike = 1.0,
    level: float = 0.95,
    draws: int = 1000,
    seed: int | list[int] = 0,
) -> tuple[Floats, Floats]:
    """Interval (K,) of each unit's own mean grade, no peer in it: Dirichlet(c / deff + 1/L).

    One event in all is added, not half a one a level: of five levels those would be 2.5 events, and
    at a mean of 99.6 of 100 points with n = 50 the interval covers 62 % instead of 93 (simulated).
    Where all events are of the best or the worst level, that is the bound. NaN without events.
    Source: Berger, Bernardo & Sun 2015, Bayesian Analysis 10:189.
    """
    seen, points = np.asarray(counts, float), np.asarray(weights, float)
    seen = seen / np.broadcast_to(np.asarray(deff, float), (len(seen),))[:, None]
    size, least = seen.sum(axis=1), np.full(len(points), 1 / len(points))
    some = size > 0
    low, high = np.full((2, len(seen)), np.nan)
    if not some.any():
        return low, high
    rng = np.random.default_rng(seed)
    means = _means(seen[some], least, points, np.ones(draws), rng)
    tail = (1 - level) / 2
    own = seen[some] @ points / size[some]
    bottom, top = np.quantile(means, [tail, 1 - tail], axis=1)
    low[some] = np.where(own <= points.min(), own, np.minimum(bottom, own))
    high[some] = np.where(own >= points.max(), own, np.maximum(top, own))
    return low, high


def _pooled(seen: Floats, units: int) -> Floats:
    """The shares pi of the levels; of one unit alone all alike, nothing is known of its peers."""
    pooled = seen.sum(axis=0) + 0.5 if units > 1 else np.ones(seen.shape[1])
    whole: Floats = pooled / pooled.sum()
    return whole


def _strengths(seen: Floats, share: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Draws of M by its posterior on a line of nodes in logit B, B = M / (M + n0)."""
    if len(seen) < 2:
        return np.full(draws, 0.5 * len(share))
    size = seen.sum(axis=1)
    n0 = float(np.median(size))
    fit = LevelFit(seen, share)
    chosen: Floats = n0 * np.exp(draw_shrinkage(lambda t: fit(np.log(n0) + t), draws, rng))
    return chosen


class LevelFit:
    """The log likelihood of M given counts (K, L) and shares pi (L,), coefficients left out."""

    def __init__(self, seen: Floats, share: Floats) -> None:
        self.levels = [Rising(seen[:, place]) for place in range(len(share))]
        self.size = Rising(seen.sum(axis=1))
        self.log_share = np.log(share)

    def __call__(self, log_m: Floats) -> Floats:
        """At ln M, shape (B,)."""
        total = -self.size(log_m, TIGHT)
        for level, log_pi in zip(self.levels, self.log_share, strict=True):
            total = total + level(log_m + log_pi, TIGHT) + level.total * log_pi
        return total


def _means(
    seen: Floats, share: Floats, points: Floats, strength: Floats, rng: np.random.Generator
) -> NDArray[np.float32]:
    above = np.zeros((len(seen), len(strength)), dtype=np.float32)
    total = np.zeros_like(above)
    for place, worth in enumerate(points):
        shape = seen[:, place : place + 1] + (share[place] * strength)[None, :]
        part = rng.standard_gamma(shape.astype(np.float32), dtype=np.float32)
        above += np.float32(worth) * part
        total += part
    return (above / np.maximum(total, np.float32(1e-30))).astype(np.float32, copy=False)


def _moments(
    seen: Floats, share: Floats, points: Floats, strength: Floats
) -> tuple[Floats, Floats]:
    """Mean and variance of each unit's mean grade, over the draws of M."""
    size, once, twice = seen.sum(axis=1), seen @ points, seen @ points**2
    centre, square = float(share @ points), float(share @ points**2)
    first, second = np.empty(len(seen)), np.empty(len(seen))
    for start in range(0, len(seen), 1000):
        part = slice(start, start + 1000)
        whole = size[part, None] + strength
        mean = (once[part, None] + strength * centre) / whole
        inner = ((twice[part, None] + strength * square) / whole - mean**2) / (whole + 1)
        first[part] = mean.mean(axis=1)
        second[part] = inner.mean(axis=1) + mean.var(axis=1)
    return first, second
