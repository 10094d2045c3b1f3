"""Measures against a known truth, and how sure a paired difference between two methods is."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
TOP_SHARE = 0.1
REPEATS = 400


def rank_correlation(estimate: ArrayLike, truth: ArrayLike) -> float:
    """Spearman's, ties at their mean rank; 0 where all estimates are one value: no order told."""
    one, other = (rankdata(np.round(np.asarray(it, float), 12)) for it in (estimate, truth))
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / size if size > 0 else 0.0


def top_precision(estimate: ArrayLike, truth: ArrayLike, share: float = TOP_SHARE) -> float:
    """The expected part of the true top `share` (lowest first) among the estimated top.

    Where a tie crosses the border each of the tied is equally likely to be let in, for the
    estimate and for the truth alike: who is cut off by the order of a list tells nothing.
    """
    number = max(1, round(share * len(np.asarray(estimate))))
    return float(_chance_in(estimate, number) @ _chance_in(truth, number)) / number


def _chance_in(scores: ArrayLike, number: int) -> Floats:
    """The chance (K,) of each unit to be among the `number` lowest."""
    told = np.round(np.asarray(scores, float), 12)
    border = np.sort(told)[number - 1]
    sure, tied = told < border, told == border
    chance: Floats = sure + tied * (number - sure.sum()) / tied.sum()
    return chance


def block_error(
    total: ArrayLike, weight: ArrayLike, seed: int = 0, repeats: int = REPEATS
) -> tuple[float, float]:
    """Σ total / Σ weight over blocks (C,), and its standard error by drawing blocks anew.

    A block is what hangs together: a counter with all its months, or a group with its one fit.
    """
    sums, sizes = np.asarray(total, float), np.asarray(weight, float)
    rng = np.random.default_rng(seed)
    again = np.empty(repeats)
    for at in range(repeats):
        picked = rng.integers(0, len(sums), len(sums))
        again[at] = sums[picked].sum() / sizes[picked].sum()
    return float(sums.sum() / sizes.sum()), float(again.std(ddof=1))
