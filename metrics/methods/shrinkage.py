"""Shrinkage of shares towards their peers, the spread between peers integrated out, not plugged in.

x_i of n_i events, theta_i ~ Beta(mu·M, (1 − mu)·M). Given (mu, M) the posterior of theta_i is
Beta(mu·M + x_i, (1 − mu)·M + n_i − x_i); M reads "as if M average events of the peers were added".
Averaging over (mu, M) instead of taking the likeliest pair keeps the intervals honest with few
peers or at a ceiling, where the likeliest M runs to infinity.

Prior: Jeffreys on mu; n0 / (M + n0) uniform with n0 the median n (Daniels 1999, Canad. J. Statist.
27:567; Christiansen & Morris 1997, JASA 92:618). Model: Skellam 1948; Kleinman 1973, JASA 68:46.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.chebyshev import Chebyshev
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, gammaln, logit

from metrics.methods.alike import AlikeFit

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]  # logit mu from, to; logit B from, to
DRAWS = 500
COARSE_MU, COARSE_B, FINE = 61, 40, 41
REACH = 4.0  # logits of mu on either side of the pooled share
FARTHEST = 14.0  # |logit B|: an M a million times n0 is no spread at all
NEGLIGIBLE, PASSES = 1e-6, 4
CELLS_LEAST = 30.0
DEGREE_WIDE, DEGREE = 80, 40  # of the polynomials in log s; errors below 1e-8 of a log likelihood
FEW_PEERS = 8


@dataclass(frozen=True)
class Shrunk:
    """What is known of the true shares of K units after their data and their peers.

    `mean`, `low`, `high`, `reliability` (K,): posterior mean, interval, and n / (n + M), the share
    of a unit's own data in its mean; `draws` (K, D), float32, with the pairs `mu` and `strength`
    (D,) that each column was drawn from. Units without events are NaN. `size` (K,) is n over the
    design effect. `cells`: effective grid cells (inf where none were needed). `few_peers`: fewer
    than 8 units, so that the spread between them is essentially the prior's.
    """

    mean: Floats
    low: Floats
    high: Floats
    draws: NDArray[np.float32]
    reliability: Floats
    mu: Floats
    strength: Floats
    size: Floats
    cells: float
    few_peers: bool

    @property
    def between(self) -> float:
        """Variance of the true shares between units under the fit, tau²."""
        return float(np.mean(self.mu * (1 - self.mu) / (self.strength + 1)))

    @property
    def within(self) -> Floats:
        """Variance (K,) of each unit's raw share round its true one under the fit.

        Never x(n − x)/n³: at a ceiling that is 0 for most units and everything looks reliable.
        """
        pq = float(np.mean(self.mu * (1 - self.mu) * self.strength / (self.strength + 1)))
        with np.errstate(divide="ignore"):
            return np.where(self.size > 0, pq / self.size, np.nan)


def shrink(
    x: ArrayLike,
    n: ArrayLike,
    *,
    deff: ArrayLike | None = None,
    draws: int = DRAWS,
    seed: int | list[int] = 0,
    level: float = 0.95,
) -> Shrunk:
    """Shrink x of n, shapes (K,), towards each other; `deff` (K,) or number: design effects >= 1.

    Deterministic in its arguments. A single unit with events is not shrunk: Jeffreys' posterior.
    Raises ValueError for x outside 0..n.
    """
    good, size = np.broadcast_arrays(np.asarray(x, float), np.asarray(n, float))
    if np.any(good < 0) or np.any(good > size) or not np.all(np.isfinite(size)):
        raise ValueError("expected 0 <= x <= n, finite")
    effect = np.ones_like(size) if deff is None else np.broadcast_to(deff, size.shape)
    if np.any(effect < 1):
        raise ValueError("expected design effects of at least 1")
    good, size = good / effect, size / effect
    rng = np.random.default_rng(seed)
    some = size > 0
    peers = int(some.sum())
    if peers <= 1:
        mu, strength, cells = np.full(draws, 0.5), np.ones(draws), np.inf
    else:
        mu, strength, cells = _pairs(good[some], size[some], effect[some], draws, rng)
    thetas = np.full((len(size), draws), np.nan, dtype=np.float32)
    thetas[some] = _thetas(good[some], size[some] - good[some], mu, strength, rng)
    tail = (1 - level) / 2
    low, high = np.full((2, len(size)), np.nan)
    if peers:
        low[some], high[some] = np.quantile(thetas[some], [tail, 1 - tail], axis=1)
    return Shrunk(
        mean=np.where(some, _expected(good, size, mu, strength), np.nan),
        low=low,
        high=high,
        draws=thetas,
        reliability=np.where(some & (peers > 1), _expected(size, size, 0 * mu, strength), np.nan),
        mu=mu,
        strength=strength,
        size=size,
        cells=cells,
        few_peers=peers < FEW_PEERS,
    )


def _expected(x: Floats, n: Floats, mu: Floats, strength: Floats) -> Floats:
    """Mean over the pairs of (mu·M + x) / (M + n), for each unit; each distinct pair once."""
    kinds, place = np.unique(np.stack([x, n], axis=1), axis=0, return_inverse=True)
    found = np.empty(len(kinds))
    for start in range(0, len(kinds), 1000):
        part = kinds[start : start + 1000]
        above = part[:, :1] + (mu * strength)[None, :]
        found[start : start + 1000] = (above / (part[:, 1:] + strength[None, :])).mean(axis=1)
    whole: Floats = found[place.ravel()]
    return whole


def _thetas(
    good: Floats, bad: Floats, mu: Floats, strength: Floats, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draws (K, D) of Beta(mu·M + good, (1 − mu)·M + bad) as shares of two gammas."""
    above = _gammas(good, mu * strength, rng)
    below = _gammas(bad, (1 - mu) * strength, rng)
    total = above + below
    with np.errstate(invalid="ignore", divide="ignore"):
        shares: NDArray[np.float32] = above / total
    # Both gammas vanish only where M is next to nothing: then theta is 0 or 1 by the toss of mu.
    lost = total == 0
    if lost.any():
        shares[lost] = (rng.random(shares.shape, dtype=np.float32) < mu.astype(np.float32))[lost]
    return shares


def _gammas(count: Floats, prior: Floats, rng: np.random.Generator) -> NDArray[np.float32]:
    shape = count.astype(np.float32)[:, None] + prior.astype(np.float32)[None, :]
    return rng.standard_gamma(shape, dtype=np.float32)


def _pairs(
    good: Floats, size: Floats, effect: Floats, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats, float]:
    """Draws of (mu, M) from their posterior on a refined grid, and its effective cells."""
    n0 = float(np.median(size))
    fit: _Fit | AlikeFit = _Fit(good, size)
    pooled = float(logit((good.sum() + 0.5) / (size.sum() + 1)))
    box = _coarse_box(fit, pooled, n0)
    if np.any(effect > 1):
        fit = AlikeFit(good * effect, size * effect, effect)
    for _ in range(PASSES):
        mus, sizes, weights = _fine(fit, box, n0)
        cells = float(1 / np.sum(weights**2))
        fresh = _box_of(weights, mus, sizes)
        settled = cells >= CELLS_LEAST and _area(fresh) > 0.25 * _area(box)
        if settled:
            break
        box = fresh
    picked = rng.choice(weights.size, size=draws, p=weights.ravel())
    row, column = np.unravel_index(picked, weights.shape)
    within = rng.random((2, draws)) - 0.5
    mu = expit(mus[row] + within[0] * (mus[1] - mus[0]))
    share = sizes[column] + within[1] * (sizes[1] - sizes[0])  # logit B
    return mu, n0 * np.exp(share), cells


class _Fit:
    """The log likelihood of (mu, M): sums over units that depend on a = mu·M, b = (1 − mu)·M and M.

    Σ ln Beta(x + a, n − x + b) − ln Beta(a, b) falls apart into three sums of one variable each, so
    that the units are visited at some dozens of nodes and not at every cell of the grid.
    """

    def __init__(self, good: Floats, size: Floats) -> None:
        self.parts = [np.unique(one, return_counts=True) for one in (good, size - good, size)]

    def __call__(self, mu: Floats, strength: Floats, degree: int = DEGREE) -> Floats:
        """Log likelihood on the grid mu (A,) × strength (B,), shape (A, B)."""
        a, b = mu[:, None] * strength[None, :], (1 - mu)[:, None] * strength[None, :]
        rise = [
            _rising(values, counts, np.log(at), degree)
            for (values, counts), at in zip(self.parts, (a, b, strength), strict=True)
        ]
        return rise[0] + rise[1] - rise[2][None, :]


def _rising(values: Floats, counts: NDArray[np.int64], at: Floats, degree: int) -> Floats:
    """Σ counts · (ln Γ(value + s) − ln Γ(s)) at s = exp(at), by a polynomial in ln s."""
    low, high = float(at.min()), float(at.max())

    def exactly(points: Floats) -> Floats:
        s = np.exp(points)
        total = np.zeros_like(s)
        for start in range(0, len(values), 2000):
            part = slice(start, start + 2000)
            total += counts[part] @ gammaln(values[part, None] + s[None, :])
        return total - counts.sum() * gammaln(s)

    if at.size <= degree or high - low < 1e-9:
        return exactly(at.ravel()).reshape(at.shape)
    found: Floats = _interpolated(exactly, degree, low, high)(at)
    return found


def _interpolated(
    exactly: Callable[[Floats], Floats], degree: int, low: float, high: float
) -> Chebyshev:
    return Chebyshev.interpolate(exactly, degree, domain=[low, high])


def _coarse_box(fit: _Fit, pooled: float, n0: float) -> Box:
    """Where the mass lies, by 61 × 40 cells; B uniform cannot see an M beyond 79 n0."""
    mus = pooled + np.linspace(-REACH, REACH, COARSE_MU)
    shares = (np.arange(COARSE_B) + 0.5) / COARSE_B
    mu = expit(mus)
    found = fit(mu, n0 * shares / (1 - shares), DEGREE_WIDE) + 0.5 * np.log(mu * (1 - mu))[:, None]
    box = _box_of(_normed(found), mus, logit(shares))
    low = -FARTHEST if box[2] <= logit(shares[0]) else box[2]
    high = FARTHEST if box[3] >= logit(shares[-1]) else box[3]
    return box[0], box[1], low, high


def _fine(fit: _Fit | AlikeFit, box: Box, n0: float) -> tuple[Floats, Floats, Floats]:
    """Nodes of logit mu and of logit B (M = n0·exp of it), and the weights of the cells."""
    mus, sizes = np.linspace(box[0], box[1], FINE), np.linspace(box[2], box[3], FINE)
    mu, share = expit(mus), expit(sizes)
    prior = 0.5 * np.log(mu * (1 - mu))[:, None] + np.log(share * (1 - share))[None, :]
    return mus, sizes, _normed(fit(mu, n0 * np.exp(sizes)) + prior)


def _normed(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max())
    whole: Floats = weights / weights.sum()
    return whole


def _box_of(weights: Floats, mus: Floats, sizes: Floats) -> Box:
    """The nodes with mass, one step farther on each side."""
    rows = np.nonzero(weights.max(axis=1) > NEGLIGIBLE)[0]
    columns = np.nonzero(weights.max(axis=0) > NEGLIGIBLE)[0]
    return (*_edges(mus, rows), *_edges(sizes, columns))


def _edges(nodes: Floats, kept: NDArray[np.int64]) -> tuple[float, float]:
    first, last = int(kept[0]), int(kept[-1])
    before = nodes[first] - (nodes[1] - nodes[0]) if first == 0 else nodes[first - 1]
    after = nodes[last] + (nodes[-1] - nodes[-2]) if last == len(nodes) - 1 else nodes[last + 1]
    return float(before), float(after)


def _area(box: Box) -> float:
    return (box[1] - box[0]) * (box[3] - box[2])
