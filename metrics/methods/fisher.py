"""Which of K shares are told apart by Fisher's exact test, with Holm over all K(K − 1) pairs.

At the ceiling a normal test says nothing true. Source: Fisher 1935; Holm 1979, Scand J Stat 6:65.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
BLOCK = 2_000_000  # pairs that are looked at together
ENOUGH = 1e-17  # a term of this share of the sum changes no digit of it


def upper_tail(bad: Counts, size: Counts, other_bad: Counts, other_size: Counts) -> Floats:
    """P(at least so many of all the bad ones are among `size`), given both totals; same shapes.

    Only where bad / size > other_bad / other_size: from there on each term is smaller than the
    one before.
    """
    chance, total, term = _first_term(bad, size, other_bad, other_size), *np.ones((2, len(bad)))
    at = np.arange(len(bad))
    seen, left = bad.astype(float), other_bad.astype(float)
    room, free = (size - bad).astype(float), (other_size - other_bad).astype(float)
    while len(at):
        term = term * (room * left) / ((seen + 1) * (free + 1))
        total[at] += term
        going = term > ENOUGH * total[at]
        at, term = at[going], term[going]
        seen, left = seen[going] + 1, left[going] - 1
        room, free = room[going] - 1, free[going] + 1
    return np.minimum(chance * total, 1.0)


def _log_choose(n: NDArray[np.number], k: NDArray[np.number]) -> Floats:
    found: Floats = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    return found


def _first_term(bad: Counts, size: Counts, other_bad: Counts, other_size: Counts) -> Floats:
    """P(exactly so many), same arguments."""
    apart = _log_choose(size, bad) + _log_choose(other_size, other_bad)
    return np.asarray(np.exp(apart - _log_choose(size + other_size, bad + other_bad)))


def sure_counts(bad: Counts, size: Counts, alpha: float) -> tuple[Counts, Counts]:
    """How many surely have a lower bad share than each, and how many a higher one, shapes (K,).

    0 <= bad <= size, size > 0, alpha < 1/2. Each pair of distinct (bad, size) is looked at once.
    """
    better, worse = np.zeros((2, len(bad)), dtype=np.int64)
    pairs = len(bad) * (len(bad) - 1)
    if not pairs:
        return better, worse
    kinds, place, times = np.unique(
        np.stack([bad, size], axis=1), axis=0, return_inverse=True, return_counts=True
    )
    fewer, more = np.zeros((2, len(kinds)))
    # Of the two tests of a pair one at most is rejected: Holm's limits lie between these two.
    least, most = alpha / pairs, 2 * alpha / pairs
    rejected, doubtful = 0, []
    for i, j in _above(kinds[:, 0], kinds[:, 1]):
        given = (kinds[i, 0], kinds[i, 1], kinds[j, 0], kinds[j, 1])
        first = _first_term(*given)
        ratio = (given[1] - given[0]) * given[2] / ((given[0] + 1.0) * (given[3] - given[2] + 1.0))
        sure = first <= least * (1 - ratio) * (1 - 1e-6)
        rejected += _count(i[sure], j[sure], times, fewer, more)
        some = (first <= most) & ~sure
        p = upper_tail(*(one[some] for one in given))
        near = p <= most
        doubtful.append((i[some][near], j[some][near], p[near]))
    i, j, p = (np.concatenate(parts) for parts in zip(*doubtful, strict=True))
    order = np.argsort(p, kind="stable")
    weight = (times[i] * times[j])[order]
    limits = alpha / (pairs - rejected - (weight.cumsum() - weight))
    kept = order[np.cumprod(p[order] <= limits).astype(bool)]
    _count(i[kept], j[kept], times, fewer, more)
    return fewer.astype(np.int64)[place.ravel()], more.astype(np.int64)[place.ravel()]


def _above(x: Counts, n: Counts) -> Iterator[tuple[Counts, Counts]]:
    """Pairs (i, j) of kinds of which i has the higher share, in blocks of rows i.

    The other way round p is at least 1/2: the median of what is expected is not below its mean
    rounded down (Jogdeo & Samuels 1968, Ann Math Stat 39:1191).
    """
    rows = max(1, BLOCK // len(x))
    for start in range(0, len(x), rows):
        part = slice(start, start + rows)
        i, j = np.nonzero(x[part, None] * n[None, :] > n[part, None] * x[None, :])
        yield i + start, j


def _count(i: Counts, j: Counts, times: Counts, fewer: Floats, more: Floats) -> int:
    """Note pairs of kinds that are told apart; how many pairs of units that is."""
    fewer += np.bincount(i, weights=times[j], minlength=len(times))
    more += np.bincount(j, weights=times[i], minlength=len(times))
    return int((times[i] * times[j]).sum())
