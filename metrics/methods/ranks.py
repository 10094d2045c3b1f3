"""Confidence sets for ranks: who can be told apart. Rank 1 is best; ties are ties.

Source: Mogstad, Romano, Shaikh & Wilhelm 2023, REStud (doi:10.1093/restud/rdad006); csranks 1.2.3.
A set [low, high] holds the true rank: low = 1 + how many are surely better, high = K − how many are
surely worse. `simultaneous` sets hold all true ranks together, `marginal` ones that of one unit.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from metrics.methods.fisher import sure_counts
from metrics.methods.sure_pairs import SurePairs

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


def _sensible(level: float) -> None:
    if not 0.5 < level < 1:
        raise ValueError(f"expected a level between 1/2 and 1, not {level!r}")


def _blocks(est: Floats, se: Floats) -> Iterator[tuple[slice, Floats]]:
    """T[i, j] = (est_j − est_i) / sqrt(se_i² + se_j²): how surely j is better than i."""
    for start in range(0, len(est), BLOCK):
        rows = slice(start, start + BLOCK)
        spread = np.sqrt(se[rows, None] ** 2 + se[None, :] ** 2)
        yield rows, (est[None, :] - est[rows, None]) / spread


def holm_sets(est: ArrayLike, se: ArrayLike, level: float = 0.95) -> Ranks:
    """Simultaneous sets in closed form: Holm over the K(K − 1) one-sided tests, shapes (K,).

    No seed, so the same in every printing. Independent estimates; K = 1 is {1}, K = 0 is empty.
    Raises ValueError for a level outside 1/2..1, and for errors that are not above 0.
    """
    estimate, error = _given(est, se)
    _sensible(level)
    count = len(estimate)
    pairs, rejected = count * (count - 1), -1
    better = worse = np.zeros(count, dtype=np.int64)
    told = SurePairs(estimate, error)
    # Holm's steps as a fixed point: with r rejected, p <= alpha / (pairs − r) is rejected too.
    while (total := int(better.sum())) != rejected and total < pairs:
        rejected = total
        better, worse = told.counts(float(stats.norm.isf((1 - level) / (pairs - rejected))))
    return 1 + better, count - worse


def marginal_sets(est: ArrayLike, se: ArrayLike, level: float = 0.95) -> Ranks:
    """A set for each unit's own question "where do I stand": Holm over its 2(K − 1) tests."""
    estimate, error = _given(est, se)
    _sensible(level)
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
    _sensible(level)
    count = len(estimate)
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


def exact_sets(bad: ArrayLike, size: ArrayLike, level: float = 0.95) -> Ranks:
    """Simultaneous sets of the bad rate (lowest is best), exact tests with Holm, shapes (K,).

    Whole counts, 0 <= bad <= size; units without a rating are no part of it. For rates near 0 (or,
    with the good ones counted as bad, near 1); K = 0 is empty. Raises ValueError otherwise.
    """
    x, n = np.asarray(bad), np.asarray(size)
    if x.shape != n.shape or x.ndim != 1 or np.any(x != np.rint(x)) or np.any(n != np.rint(n)):
        raise ValueError("expected two arrays of whole numbers of the same length")
    if np.any(n <= 0) or np.any(x < 0) or np.any(x > n):
        raise ValueError("expected 0 <= bad <= size and size > 0")
    _sensible(level)
    better, worse = sure_counts(x.astype(np.int64), n.astype(np.int64), 1 - level)
    return 1 + better, len(x) - worse


def tau_best(low: ArrayLike, tau: int) -> NDArray[np.bool_]:
    """Who may be among the best `tau`: by simultaneous sets (K,) all that are, at the level.

    One-sided sets would be no narrower: a set for all K units tests each pair both ways already.
    """
    return np.asarray(low) <= tau


def tau_worst(high: ArrayLike, tau: int) -> NDArray[np.bool_]:
    """Who may be among the last `tau`: by simultaneous sets (K,) all that are, at the level."""
    last = np.asarray(high)
    return np.asarray(last >= len(last) - tau + 1)


def competition_ranks(value: ArrayLike, step: float | None = None) -> NDArray[np.int64]:
    """Rank 1 for the highest, equal values the same (1, 2, 2, 4); equal to the printed `step`."""
    given = np.asarray(value, float)
    shown = given if step is None else np.floor(given / step + 0.5)
    ahead: NDArray[np.int64] = np.sum(shown[None, :] > shown[:, None], axis=1, dtype=np.int64)
    return 1 + ahead
