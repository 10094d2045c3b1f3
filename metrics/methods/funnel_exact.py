"""Exact limits near 0 % and 100 %: binomial, or beta-binomial where units differ beyond chance.

At 99.8 % a unit of 50 ratings expects 0.1 bad ones: no transformation makes that normal. Counted is
the rare side. Tails are mid-p: of what was seen itself only half belongs to the tail.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

Floats = NDArray[np.float64]
Span = tuple[int, int]
SMALLEST = 0.01  # M, where units differ as much as shares can
NEGLIGIBLE = 1e-14  # mass beyond which a tail is not followed; no p is told below it


@dataclass(frozen=True)
class ExactFit:
    """Rare events are BetaBinomial(n, share·size, (1 − share)·size); size inf is the binomial."""

    share: float
    size: float


def exact_fit(share: float, tau2: float) -> ExactFit:
    """The distribution of rare events with that pooled share and variance between units.

    By moments, from the phi and tau² of winsorised residuals: a likelihood would take one rogue
    unit among a hundred that are all at zero for a spread that all of them have, and hide it.
    """
    most = share * (1 - share)
    if tau2 <= 0 or most == 0:
        return ExactFit(share, float("inf"))
    return ExactFit(share, max(most / tau2 - 1, SMALLEST))


def exact_limits(n: ArrayLike, fit: ExactFit, tail: float) -> tuple[Floats, Floats]:
    """Shares x / n where the mid-p of so few, and of so many, is `tail`; shapes as n.

    Between two counts the mid-p is taken as a straight line, so that the limits bend instead of
    jumping, and a count lies beyond its limit exactly when its own mid-p is below `tail`. A side on
    which even the last count is likelier has its limit at 0 or 1. Sizes are rounded.
    """
    sizes = np.maximum(np.round(np.asarray(n, float)), 1)
    known, place = np.unique(sizes, return_inverse=True)
    low, high = np.empty(len(known)), np.empty(len(known))
    for at, (size, span) in enumerate(zip(known, _spans(known, fit), strict=True)):
        counts, below, above = _tails(int(size), fit, span)
        low[at] = np.interp(tail, below, counts) / size
        high[at] = np.interp(tail, above[::-1], counts[::-1]) / size
    return low[place.reshape(sizes.shape)], high[place.reshape(sizes.shape)]


def exact_tails(rare: ArrayLike, n: ArrayLike, fit: ExactFit) -> tuple[Floats, Floats]:
    """mid-p of so few, and of so many, rare events, shapes (K,)."""
    x, size = np.asarray(rare, np.int64), np.asarray(n, np.int64)
    few, many = np.empty(len(x)), np.empty(len(x))
    known, which = np.unique(size, return_inverse=True)
    order = np.argsort(which, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(which))[:-1]) if len(known) else []
    for one, span, mine in zip(known, _spans(known, fit), groups, strict=True):
        counts, below, above = _tails(int(one), fit, span)
        place = x[mine] - int(counts[0])
        inside = (place >= 0) & (place < len(counts))
        kept = np.clip(place, 0, len(counts) - 1)
        few[mine] = np.where(inside, below[kept], np.where(place < 0, 0.0, 1.0))
        many[mine] = np.where(inside, above[kept], np.where(place < 0, 1.0, 0.0))
    return few, many


def _tails(n: int, fit: ExactFit, span: Span) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Counts that can be expected of n, with the mid-p of so few and of so many."""
    if fit.share in (0.0, 1.0):
        return np.array([round(fit.share * n)]), np.array([0.5]), np.array([0.5])
    counts = np.arange(*span)
    mass = _mass(counts, n, fit)
    below = np.cumsum(mass) - mass / 2
    above = np.cumsum(mass[::-1])[::-1] - mass / 2
    return counts, below, above


def _spans(sizes: NDArray[Any], fit: ExactFit) -> list[Span]:
    """First and one past the last count to follow: all of a beta-binomial, the bulk of a binomial.

    Of a unit far outside nobody asks how much smaller than 10⁻¹⁴ its p is.
    """
    if not np.isinf(fit.size):
        return [(0, int(size) + 1) for size in sizes]
    first = np.maximum(stats.binom.ppf(NEGLIGIBLE, sizes, fit.share) - 1, 0).astype(int)
    last = np.minimum(stats.binom.isf(NEGLIGIBLE, sizes, fit.share) + 1, sizes).astype(int)
    return list(zip(first.tolist(), (last + 1).tolist(), strict=True))


def _mass(counts: NDArray[np.int64], n: int, fit: ExactFit) -> Floats:
    logs = special.gammaln(n + 1) - special.gammaln(counts + 1) - special.gammaln(n - counts + 1)
    if np.isinf(fit.size):
        logs += counts * np.log(fit.share) + (n - counts) * np.log1p(-fit.share)
    else:
        a, b = fit.share * fit.size, (1 - fit.share) * fit.size
        logs += special.betaln(counts + a, n - counts + b) - special.betaln(a, b)
    mass: Floats = np.exp(logs)
    return mass
