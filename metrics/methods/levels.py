"""Shrinkage of a mean of grades: counts of each level, Dirichlet-multinomial, its size integrated.

Given M the posterior of a unit's shares is Dirichlet(M·pi + c); pi are the pooled shares (half a
count added per level), M has the prior of metrics/methods/shrinkage.py. A unit's mean grade is
Σ w_k·share_k. Source: Mosimann 1962, Biometrika 49:65; METHODS: posterior mean and variance of m.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, gammaln

from metrics.methods.shrinkage import DRAWS, FARTHEST, Floats

NODES = 301


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

    `deff` (K,): design effects. With one unit there is nothing to shrink towards: M is half a count
    per level. Raises ValueError for negative counts or shapes that do not fit.
    """
    seen, points = np.asarray(counts, float), np.asarray(weights, float)
    if seen.ndim != 2 or points.shape != (seen.shape[1],) or np.any(seen < 0):
        raise ValueError("expected counts (K, L) that are not negative, and L weights")
    if deff is not None:
        seen = seen / np.broadcast_to(deff, len(seen))[:, None]
    rng = np.random.default_rng(seed)
    size = seen.sum(axis=1)
    some = size > 0
    pooled = seen.sum(axis=0) + 0.5
    share = pooled / pooled.sum()
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


def _strengths(seen: Floats, share: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Draws of M by its posterior on a grid in logit B, B = M / (M + n0)."""
    if len(seen) < 2:
        return np.full(draws, 0.5 * len(share))
    n0 = float(np.median(seen.sum(axis=1)))
    low, high = -FARTHEST, FARTHEST
    for _ in range(3):
        nodes = np.linspace(low, high, NODES)
        found = _loglik(seen, share, n0 * np.exp(nodes))
        b = expit(nodes)
        weights = np.exp((logs := found + np.log(b * (1 - b))) - logs.max())
        weights /= weights.sum()
        kept = nodes[weights > 1e-6]
        step = nodes[1] - nodes[0]
        low, high = float(kept[0]) - step, float(kept[-1]) + step
    picked = nodes[rng.choice(NODES, size=draws, p=weights)]
    chosen: Floats = n0 * np.exp(picked + (rng.random(draws) - 0.5) * step)
    return chosen


def _loglik(seen: Floats, share: Floats, strength: Floats) -> Floats:
    total = np.zeros_like(strength)
    for place, part in enumerate(share):
        values, times = np.unique(seen[:, place], return_counts=True)
        base = part * strength
        total += times @ gammaln(values[:, None] + base[None, :]) - len(seen) * gammaln(base)
    sizes, times = np.unique(seen.sum(axis=1), return_counts=True)
    whole: Floats = total - (
        times @ gammaln(sizes[:, None] + strength[None, :]) - len(seen) * gammaln(strength)
    )
    return whole


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
    drawn: NDArray[np.float32] = above / np.maximum(total, np.float32(1e-30))
    return drawn


def _moments(
    seen: Floats, share: Floats, points: Floats, strength: Floats
) -> tuple[Floats, Floats]:
    """Mean and variance of each unit's mean grade, over the draws of M."""
    some = strength[: min(len(strength), 200)]
    gamma = some[None, :, None] * share[None, None, :]
    first, second = np.empty(len(seen)), np.empty(len(seen))
    for start in range(0, len(seen), 500):
        a = seen[start : start + 500, None, :] + gamma
        whole = a.sum(axis=2)
        mean = (a @ points) / whole
        inner = ((a @ points**2) / whole - mean**2) / (whole + 1)
        first[start : start + 500] = mean.mean(axis=1)
        second[start : start + 500] = inner.mean(axis=1) + mean.var(axis=1)
    return first, second
