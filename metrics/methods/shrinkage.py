"""Shrinkage of shares towards their peers, the spread between peers integrated out, not plugged in.

x_i of n_i events, theta_i ~ Beta(mu·M, (1 − mu)·M). Given (mu, M) the posterior of theta_i is
Beta(mu·M + x_i, (1 − mu)·M + n_i − x_i); M reads "as if M average events of the peers were added".
Averaging over (mu, M) instead of taking the likeliest pair keeps the intervals honest with few
peers or at a ceiling, where the likeliest M runs to infinity.

Prior: Jeffreys on mu; n0 / (M + n0) uniform with n0 the median n (Daniels 1999, Canad. J. Statist.
27:567; Christiansen & Morris 1997, JASA 92:618). Model: Skellam 1948; Kleinman 1973, JASA 68:46.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.methods.beta_binomial import ALIKE, draw_pairs
from metrics.methods.clumps import Days, independent_counts

Floats = NDArray[np.float64]
DRAWS = 500
FEW_PEERS = 8
UTMOST = 1e6  # an M beyond which the peers decide, whatever the days of a unit say


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
    days: Days | None = None,
    draws: int = DRAWS,
    seed: int | list[int] = 0,
    level: float = 0.95,
) -> Shrunk:
    """Shrink x of n, shapes (K,), towards each other; `deff` (K,) or number: design effects >= 1.

    `days`: the same events by unit and day, from which `deff` came; with them theta is not read
    from x / deff of n / deff but from what each day says. Units whose days do not add up to x of n
    keep the former. Deterministic in its arguments. A single unit with events is not shrunk:
    Jeffreys' posterior. Raises ValueError for x outside 0..n.
    """
    good, size = np.broadcast_arrays(np.asarray(x, float), np.asarray(n, float))
    if np.any(good < 0) or np.any(good > size) or not np.all(np.isfinite(size)):
        raise ValueError("expected 0 <= x <= n, finite")
    effect = np.ones_like(size) if deff is None else np.broadcast_to(deff, size.shape)
    if np.any(effect < 1):
        raise ValueError("expected design effects of at least 1")
    counted, events = good, size
    good, size = good / effect, size / effect
    rng = np.random.default_rng(seed)
    some = size > 0
    peers = int(some.sum())
    if peers <= 1:
        mu, strength, cells = np.full(draws, 0.5), np.ones(draws), np.inf
    else:
        mu, strength, cells = draw_pairs(good[some], size[some], effect[some], draws, rng)
    thetas = np.full((len(size), draws), np.nan, dtype=np.float32)
    if days is not None and peers > 1 and np.average(effect[some], weights=events[some]) >= ALIKE:
        good, rest = _by_days(days, (counted, events), (good, size - good), mu, strength)
    else:
        rest = size - good
    thetas[some] = _thetas(good[some], rest[some], mu, strength, rng)
    tail = (1 - level) / 2
    low, high = np.full((2, len(size)), np.nan)
    if peers:
        low[some], high[some] = np.quantile(thetas[some], [tail, 1 - tail], axis=1)
    return Shrunk(
        mean=np.where(some, _expected(good, good + rest, mu, strength), np.nan),
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


def _by_days(
    days: Days, whole: tuple[Floats, Floats], scaled: tuple[Floats, Floats], mu: Floats, m: Floats
) -> tuple[Floats, Floats]:
    """Counts of either kind that say as much as the days do; `scaled` where days are missing."""
    count, middle = len(whole[0]), float(mu.mean())
    typical = min(float(np.median(m)), UTMOST)
    counts = independent_counts(days, count, middle * typical, (1 - middle) * typical)
    sums = (np.bincount(days.unit, part, count) for part in (days.x, days.n))
    same = np.all([np.isclose(one, two) for one, two in zip(sums, whole, strict=True)], axis=0)
    good, rest = (np.where(same, new, old) for new, old in zip(counts, scaled, strict=True))
    return good, rest


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
