"""Confidence sets for ranks: who can be told apart. Rank 1 is best; ties are ties.

Source: Mogstad, Romano, Shaikh & Wilhelm 2023, REStud (doi:10.1093/restud/rdad006); csranks 1.2.3.
A set [low, high] holds the true rank: low = 1 + how many are surely better, high = K − how many are
surely worse. `simultaneous` sets hold all true ranks together, `marginal` ones that of one unit.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Ranks = tuple[NDArray[np.int64], NDArray[np.int64]]
BLOCK = 500  # rows of pairs that are held at a time
Floats = NDArray[np.float64]


def _given(est: ArrayLike, se: ArrayLike) -> tuple[Floats, Floats]:
    estimate, error = np.asarray(est, float), np.asarray(se, float)
    if estimate.shape != error.shape or estimate.ndim != 1:
        raise ValueError("expected two arrays of the same length")
    if not np.all(np.isfinite(estimate)) or not np.all(error > 0):
        raise ValueError("expected finite estimates with standard errors above 0")
    return estimate, error


def _blocks(est: Floats, se: Floats) -> Iterator[tuple[slice, Floats]]:
    """T[i, j] = (est_j − est_i) / sqrt(se_i² + se_j²): how surely j is better than i."""
    for start in range(0, len(est), BLOCK):
        rows = slice(start, start + BLOCK)
        spread = np.sqrt(se[rows, None] ** 2 + se[None, :] ** 2)
        yield rows, (est[None, :] - est[rows, None]) / spread


def _sets_at(
    est: Floats, se: Floats, critical: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many are surely better, and surely worse, than each, at a critical value."""
    better = np.zeros(len(est), dtype=np.int64)
    worse = np.zeros(len(est), dtype=np.int64)
    for rows, surely in _blocks(est, se):
        above = surely > critical
        better[rows] = above.sum(axis=1)
        worse += above.sum(axis=0)
    return better, worse


def holm_sets(est: ArrayLike, se: ArrayLike, level: float = 0.95) -> Ranks:
    """Simultaneous sets in closed form: Holm over the K(K − 1) one-sided tests, shapes (K,).

    No seed, so the same in every printing. Independent estimates; K = 1 is {1}.
    """
    estimate, error = _given(est, se)
    count = len(estimate)
    pairs, rejected = count * (count - 1), -1
    better = worse = np.zeros(count, dtype=np.int64)
    # Holm's steps as a fixed point: with r rejected, p <= alpha / (pairs − r) is rejected too.
    while (total := int(better.sum())) != rejected and total < pairs:
        rejected = total
        critical = float(stats.norm.isf((1 - level) / (pairs - rejected)))
        better, worse = _sets_at(estimate, error, critical)
    return 1 + better, count - worse


def marginal_sets(est: ArrayLike, se: ArrayLike, level: float = 0.95) -> Ranks:
    """A set for each unit's own question "where do I stand": Holm over its 2(K − 1) tests."""
    estimate, error = _given(est, se)
    count = len(estimate)
    low, high = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    for rows, surely in _blocks(estimate, error):
        for place, row in enumerate(surely, start=rows.start):
            both = np.delete(row, place)
            p = stats.norm.sf(np.concatenate([both, -both]))
            sure = holm(p, 1 - level)
            low[place] = 1 + int(sure[: count - 1].sum())
            high[place] = count - int(sure[count - 1 :].sum())
    return low, high


def holm(p: ArrayLike, alpha: float) -> NDArray[np.bool_]:
    """Which hypotheses Holm's step-down test rejects, in the order given (Holm 1979)."""
    values = np.asarray(p, float)
    order = np.argsort(values, kind="stable")
    limits = alpha / (len(values) - np.arange(len(values)))
    fails = np.nonzero(values[order] > limits)[0]
    first = int(fails[0]) if len(fails) else len(values)
    rejected = np.zeros(len(values), dtype=np.bool_)
    rejected[order[:first]] = True
    return rejected


def bootstrap_sets(
    est: ArrayLike, se: ArrayLike, level: float = 0.95, draws: int = 1000, seed: int = 0
) -> Ranks:
    """Simultaneous sets by the step-down bootstrap of the paper: a little narrower; K up to 1,600.

    Drawn with one seed. Memory is O(K²); time O(draws × K²) for each step.
    """
    estimate, error = _given(est, se)
    count = len(estimate)
    if count == 1:
        return np.ones(1, dtype=np.int64), np.ones(1, dtype=np.int64)
    noise = np.random.default_rng(seed).standard_normal((draws, count)) * error
    spread = np.sqrt(error[:, None] ** 2 + error[None, :] ** 2)
    surely = (estimate[None, :] - estimate[:, None]) / spread
    active = ~np.eye(count, dtype=np.bool_)
    sure = np.zeros_like(active)
    while active.any():
        highest = np.array([_highest(one, spread, active) for one in noise])
        more = active & (surely > np.quantile(highest, level))
        if not more.any():
            break
        sure |= more
        active &= ~more
    return 1 + sure.sum(axis=1), count - sure.sum(axis=0)


def _highest(noise: Floats, spread: Floats, active: NDArray[np.bool_]) -> float:
    return float(((noise[None, :] - noise[:, None]) / spread)[active].max())


def exact_pairs(bad: ArrayLike, size: ArrayLike) -> Floats:
    """p[i, j] of "j has a lower bad rate than i" by Fisher's exact test given both totals, (K, K).

    At the ceiling a normal test says nothing true. Units without a rating are no part of it.
    Each distinct pair of (bad, size) is looked at once.
    """
    x, n = np.asarray(bad, np.int64), np.asarray(size, np.int64)
    if np.any(n <= 0) or np.any(x < 0) or np.any(x > n):
        raise ValueError("expected 0 <= bad <= size and size > 0")
    kinds, place = np.unique(np.stack([x, n], axis=1), axis=0, return_inverse=True)
    xs, ns = kinds[:, 0], kinds[:, 1]
    total_bad, total = xs[:, None] + xs[None, :], ns[:, None] + ns[None, :]
    # Given all bad ones of the two, how likely is it that i has so many of them or more?
    p = stats.hypergeom.sf(xs[:, None] - 1, total, total_bad, ns[:, None])
    whole: Floats = np.minimum(p, 1.0)[np.ix_(place.ravel(), place.ravel())]
    return whole


def exact_sets(bad: ArrayLike, size: ArrayLike, level: float = 0.95) -> Ranks:
    """Simultaneous sets of the bad rate (lowest is best), exact tests with Holm, shapes (K,)."""
    p = exact_pairs(bad, size)
    count = len(p)
    off = ~np.eye(count, dtype=np.bool_)
    sure = np.zeros_like(off)
    if count > 1:
        sure[off] = holm(p[off], 1 - level)
    return 1 + sure.sum(axis=1), count - sure.sum(axis=0)


def tau_best(low: ArrayLike, tau: int) -> NDArray[np.bool_]:
    """Who may be among the best `tau`: with simultaneous sets all that are, at the level."""
    return np.asarray(low) <= tau


def competition_ranks(value: ArrayLike, step: float | None = None) -> NDArray[np.int64]:
    """Rank 1 for the highest, equal values the same (1, 2, 2, 4); equal to the printed `step`."""
    given = np.asarray(value, float)
    shown = given if step is None else np.floor(given / step + 0.5)
    ahead: NDArray[np.int64] = np.sum(shown[None, :] > shown[:, None], axis=1, dtype=np.int64)
    return 1 + ahead
