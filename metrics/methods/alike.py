"""How likely the counts of peers are when the events of a day are alike: day by day, exactly.

Each day of a unit has a luck of its own: theta_d ~ Beta(theta·s, (1 − theta)·s), s = 1/rho − 1, so
that x_d of n_d is beta-binomial. Dividing x and n by a design effect gives each unit's interval the
right width, yet what is left is no distribution of x: at a mean of 99.8 %, M 500 and rho .02 the
spread between peers came out too small, and of those called below 10 % were not (simulated, K 130).

The likelihood of theta is tabulated once per unit on logit theta; the likelihood of (mu, M) is its
mean under Beta(mu·M, (1 − mu)·M), a product of two matrices.
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.chebyshev import chebpts1, chebvander
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.special import betaln, digamma, expit, log_expit, logit, polygamma

from metrics.methods.days import design_effect

Floats = NDArray[np.float64]
REACH = 9.0  # logits on either side of the pooled share; beyond it the likelihood is flat
FAR = 18.0  # |logit| that no node goes beyond
STEP, LEAST_STEP, PER_SD = 0.1, 0.02, 0.6  # between nodes: no wider than the narrowest unit asks
TINY = 1e-300
NARROW = 1.5  # steps: peers closer together than this are seen at three points, not at the nodes
HERMITE = ((-np.sqrt(3), 1 / 6), (0.0, 2 / 3), (np.sqrt(3), 1 / 6))
ALIKE = 1.05  # mean design effect from which scaled counts do not pass for independent ones
SMOOTH, DEGREE = 4.0, 14  # logits over which the surface is a polynomial of that degree
CELLS = 4_000_000  # numbers that are held at a time


@dataclass(frozen=True, eq=False)
class Days:
    """x of n events by unit (0 … K − 1) and day, shapes (rows,), and how alike a day's events are.

    `rho`: the intra-day correlation, 0 to below 1 (`metrics.methods.days.day_correlation`).
    """

    x: NDArray[np.float64]
    n: NDArray[np.float64]
    unit: NDArray[np.int64]
    rho: float

    def effects(self, count: int) -> Floats:
        """Design effects (count,)."""
        return design_effect(self.n, self.unit, self.rho, count)

    def of(self, some: NDArray[np.bool_]) -> "Days":
        """The days of the units marked in `some` (K,), numbered anew."""
        place = np.cumsum(some) - 1
        kept = some[self.unit]
        return Days(self.x[kept], self.n[kept], place[self.unit[kept]], self.rho)


class DayFit:
    """Log likelihoods of K units from their days; all units have events, 0 < rho < 1."""

    def __init__(self, days: Days, count: int) -> None:
        x, n = (np.bincount(days.unit, one, count).astype(float) for one in (days.x, days.n))
        self.nodes = _nodes(x, n, days.effects(count))
        kinds, kind = np.unique(np.stack([days.x, days.n]), axis=1, return_inverse=True)
        shape = (count, kinds.shape[1])
        met = coo_array((np.ones(len(days.x)), (days.unit, kind.ravel())), shape=shape).tocsr()
        told = met @ _log_of_day(kinds[0], kinds[1], self.nodes, 1 / days.rho - 1)
        self.log = np.asarray(told - told.max(axis=1, keepdims=True))
        self.likely = np.exp(self.log)

    def __call__(self, logits: Floats, log_m: Floats, tolerance: float = 0.0) -> Floats:
        """Of (mu, M) on the grid logit mu (A,) × ln M (B,), shape (A, B), up to a constant."""
        spans = logits[-1] - logits[0], log_m[-1] - log_m[0]
        if max(spans) > SMOOTH or min(len(logits), len(log_m)) <= DEGREE:
            return self._grid(logits, log_m)
        # Near the mass the surface is smooth: a polynomial through some nodes is as good as all.
        places, to_mu, to_m = _chebyshev(), _onto(logits), _onto(log_m)
        middle = [(one[0] + one[-1]) / 2 for one in (logits, log_m)]
        seen = self._grid(middle[0] + places * spans[0] / 2, middle[1] + places * spans[1] / 2)
        found: Floats = to_mu @ seen @ to_m.T
        return found

    def _grid(self, logits: Floats, log_m: Floats) -> Floats:
        """At each pair of the two."""
        found = np.empty((len(logits), len(log_m)))
        step = max(1, CELLS // (len(self.nodes) * len(log_m)))
        for start in range(0, len(logits), step):
            part = logits[start : start + step]
            a = np.exp(log_expit(part)[:, None] + log_m[None, :]).ravel()
            b = np.exp(log_expit(-part)[:, None] + log_m[None, :]).ravel()
            found[start : start + step] = self._of(a, b).reshape(len(part), len(log_m))
        return found

    def _of(self, a: Floats, b: Floats) -> Floats:
        """Log likelihood (P,) of peers that are Beta(a, b)."""
        spread = np.sqrt(polygamma(1, a) + polygamma(1, b))
        narrow = spread < NARROW * (self.nodes[1] - self.nodes[0])
        told = np.empty(len(a))
        if not narrow.all():
            masses = _masses(self.nodes, a[~narrow], b[~narrow])
            told[~narrow] = np.log(np.maximum(self.likely @ masses, TINY)).sum(axis=0)
        if narrow.any():
            centre = (digamma(a) - digamma(b))[narrow]
            seen = np.zeros((len(self.log), int(narrow.sum())))
            for place, weight in HERMITE:
                at = centre + place * spread[narrow]
                seen += weight * np.exp(self.log @ _cubic(self.nodes, at))
            told[narrow] = np.log(np.maximum(seen, TINY)).sum(axis=0)
        return told

    def beside(self, good: Floats, bad: Floats) -> "Beside":
        """The likelihood over that of so many scaled good and bad events, both (K,)."""
        plain = good[:, None] * log_expit(self.nodes) + bad[:, None] * log_expit(-self.nodes)
        return Beside(self.nodes, (self.log - plain).astype(np.float32))


@dataclass(frozen=True, eq=False)
class Beside:
    """A table (K, G) over logit theta, read off linearly."""

    nodes: Floats
    table: NDArray[np.float32]

    def __call__(self, theta: NDArray[np.float32], part: slice) -> NDArray[np.float32]:
        """At draws (k, D) of theta of the units `part`; flat beyond the nodes."""
        with np.errstate(divide="ignore"):
            logits = np.log(theta) - np.log1p(-theta)
        low, step = self.nodes[0], self.nodes[1] - self.nodes[0]
        at = (np.clip(logits, low, self.nodes[-1]) - low) / step
        left = np.minimum(at.astype(np.int32), len(self.nodes) - 2)
        share = (at - left).astype(np.float32)
        table = self.table[part]
        rows = np.arange(len(table))[:, None]
        told: NDArray[np.float32] = table[rows, left] * (1 - share) + table[rows, left + 1] * share
        return told


def _nodes(x: Floats, n: Floats, deff: Floats) -> Floats:
    """Logits of theta (G,), equally spaced, close enough for the unit that knows itself best."""
    share = (x + 0.5) / (n + 1)
    narrow = float((1 / np.sqrt(n / deff * share * (1 - share))).min())
    step = float(np.clip(PER_SD * narrow, LEAST_STEP, STEP))
    pooled = float(logit((x.sum() + 0.5) / (n.sum() + 1)))
    own = logit(share)
    low = max(min(pooled - REACH, float(own.min())), -FAR)
    high = min(max(pooled + REACH, float(own.max())), FAR)
    return np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)


def _log_of_day(x: Floats, n: Floats, nodes: Floats, sure: float) -> Floats:
    """ln P(x of n on a day) without the binomial coefficient, shape (kinds, G)."""
    theta, rest = expit(nodes) * sure, expit(-nodes) * sure
    told: Floats = betaln(x[:, None] + theta, (n - x)[:, None] + rest) - betaln(theta, rest)
    return told


def _masses(nodes: Floats, a: Floats, b: Floats) -> Floats:
    """What Beta(a, b) puts on each node (G, P), all beyond the ends on the outermost ones."""
    step = nodes[1] - nodes[0]
    log = a * log_expit(nodes)[:, None] + b * log_expit(-nodes)[:, None] - betaln(a, b)
    mass: Floats = np.exp(log) * step
    # Beyond the ends the density falls off as exp(a·u), exp(−b·u): its integral is density / a.
    mass[0] += mass[0] * (1 / (a * step) - 0.5)
    mass[-1] += mass[-1] * (1 / (b * step) - 0.5)
    return mass


def _cubic(nodes: Floats, at: Floats) -> Floats:
    """Weights (G, P) that read a table off at logits (P,) by the cubic through four nodes."""
    step = nodes[1] - nodes[0]
    place = np.clip((at - nodes[0]) / step, 1, len(nodes) - 2 - 1e-9)
    left = place.astype(np.int64)
    part = place - left
    weights = np.zeros((len(nodes), len(at)))
    column = np.arange(len(at))
    for offset in (-1, 0, 1, 2):
        others = [one for one in (-1, 0, 1, 2) if one != offset]
        weight = np.prod([(part - one) / (offset - one) for one in others], axis=0)
        weights[left + offset, column] = weight
    return weights


def _chebyshev() -> Floats:
    """Places of the nodes of a polynomial of DEGREE on [−1, 1]."""
    told: Floats = chebpts1(DEGREE + 1)
    return told


def _onto(grid: Floats) -> Floats:
    """The matrix (A, DEGREE + 1) from values at those nodes to an equally spaced grid."""
    places = (2 * grid - grid[0] - grid[-1]) / (grid[-1] - grid[0])
    told: Floats = chebvander(places, DEGREE) @ np.linalg.inv(chebvander(_chebyshev(), DEGREE))
    return told


def alike_enough(days: Days | None, count: int) -> bool:
    """Whether days are so alike that scaled counts no longer pass for independent ones."""
    if days is None or not 0 < days.rho < 1:
        return False
    effects = days.effects(count)
    weights = np.bincount(days.unit, days.n, count)
    return bool(np.average(effects, weights=weights) >= ALIKE)
