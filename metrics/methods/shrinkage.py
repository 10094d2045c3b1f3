"""Shrinkage of shares towards their peers, the spread between peers integrated out, not plugged in.

x_i of n_i events, theta_i ~ Beta(mu·M, (1 − mu)·M). Given (mu, M) the posterior of theta_i is
Beta(mu·M + x_i, (1 − mu)·M + n_i − x_i); M reads "as if M average events of the peers were added".
Averaging over (mu, M) instead of taking the likeliest pair keeps the intervals honest with few
peers or at a ceiling, where the likeliest M runs to infinity.

Prior: Jeffreys on mu; n0 / (M + n0) uniform with n0 the median n (Daniels 1999, Canad. J. Statist.
27:567; Christiansen & Morris 1997, JASA 92:618). Model: Skellam 1948; Kleinman 1973, JASA 68:46.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.methods.alike import DayFit, Days, alike_enough
from metrics.methods.beta_binomial import draw_pairs

Floats = NDArray[np.float64]
DRAWS = 500
CANDIDATES, WIDER = 3, 1.6  # per draw, and how much less they rest on the counts
HELD = 6_000_000  # candidates that are held at a time
FEW_PEERS = 8


@dataclass(frozen=True, eq=False)
class Shrunk:
    """What is known of the true shares of K units after their data and their peers.

    `draws` (K, D), float32, with the pairs `mu` and `strength` (D,) that each column was drawn
    from; `good` of `size` (K,): x and n over the design effect; `cells`: effective grid cells (inf
    where none were needed). Read when asked: `mean`, `low`, `high`, `reliability` (K,): posterior
    mean, interval of `level`, and n / (n + M), the share of a unit's own data in its mean. Units
    without events are NaN. `by_day`: the draws are resampled ones.
    """

    draws: NDArray[np.float32]
    mu: Floats
    strength: Floats
    good: Floats
    size: Floats
    cells: float
    level: float
    by_day: bool

    @property
    def few_peers(self) -> bool:
        """Fewer than 8 units, so that the spread between them is essentially the prior's."""
        return int((self.size > 0).sum()) < FEW_PEERS

    @cached_property
    def mean(self) -> Floats:
        """Posterior mean: over the pairs (mu·M + x) / (M + n), or of resampled draws."""
        if self.by_day:
            told: Floats = self.draws.mean(axis=1, dtype=np.float64)
            return told
        mean = _expected(self.good, self.size, self.mu, self.strength)
        return np.where(self.size > 0, mean, np.nan)

    @cached_property
    def reliability(self) -> Floats:
        """n / (n + M) over the pairs; NaN for a unit alone."""
        some = self.size > 0
        alone = int(some.sum()) <= 1
        share = _expected(self.size, self.size, 0 * self.mu, self.strength)
        return np.where(some & (not alone), share, np.nan)

    @property
    def low(self) -> Floats:
        """Lower ends."""
        ends: Floats = self._ends[0]
        return ends

    @property
    def high(self) -> Floats:
        """Upper ends."""
        ends: Floats = self._ends[1]
        return ends

    @cached_property
    def _ends(self) -> Floats:
        some = self.size > 0
        ends = np.full((2, len(self.size)), np.nan)
        if some.any():
            tail = (1 - self.level) / 2
            # Resampled draws hold some twice and end too early: theirs are read at k / (D + 1).
            kind: Literal["linear", "weibull"] = "weibull" if self.by_day else "linear"
            ends[:, some] = np.quantile(self.draws[some], [tail, 1 - tail], axis=1, method=kind)
        return ends

    @property
    def between(self) -> Floats:
        """Variance (D,) of the true shares between units under each pair of the fit, tau²."""
        told: Floats = self.mu * (1 - self.mu) / (self.strength + 1)
        return told

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

    `days`: the same events by day; their design effects hold where no `deff` is given, and where
    they are clearly alike the likelihood is that of the days (`metrics.methods.alike`).
    Deterministic in its arguments. A single unit with events is not shrunk: Jeffreys' posterior.
    Raises ValueError for x outside 0..n.
    """
    good, size = np.broadcast_arrays(np.asarray(x, float), np.asarray(n, float))
    if np.any(good < 0) or np.any(good > size) or not np.all(np.isfinite(size)):
        raise ValueError("expected 0 <= x <= n, finite")
    if deff is None and days is not None:
        deff = days.effects(len(size))
    effect = np.ones_like(size) if deff is None else np.broadcast_to(deff, size.shape)
    if np.any(effect < 1):
        raise ValueError("expected design effects of at least 1")
    good, size = good / effect, size / effect
    rng = np.random.default_rng(seed)
    some = size > 0
    peers = int(some.sum())
    by_day = None
    if peers > 1 and days is not None and alike_enough(days, len(size)):
        by_day = DayFit(days.of(some), peers)
    if peers <= 1:
        mu, strength, cells = np.full(draws, 0.5), np.ones(draws), np.inf
    else:
        mu, strength, cells = draw_pairs(good[some], size[some], by_day, draws, rng)
    thetas = np.full((len(size), draws), np.nan, dtype=np.float32)
    given = good[some], size[some] - good[some]
    if by_day is None:
        thetas[some] = _thetas(*given, mu, strength, rng)
    else:
        order = np.argsort(mu, kind="stable")
        mu, strength = mu[order], strength[order]
        thetas[some] = _of_days(by_day, *given, mu, strength, rng)
    return Shrunk(thetas, mu, strength, good, size, cells, level, by_day is not None)


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


def _of_days(
    by_day: DayFit,
    good: Floats,
    bad: Floats,
    mu: Floats,
    strength: Floats,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Draws (K, D) from the posterior of the days: candidates from scaled counts, resampled.

    Systematic resampling keeps the order of the columns, so that a draw stays with a pair (mu, M)
    near its own where those are sorted (Kitagawa 1996, JCGS 5:1; Rubin 1987, sampling-importance-
    resampling). Candidates are wider than the posterior: its tails are heavier than scaled counts'.
    """
    draws = len(mu)
    wide_good, wide_bad = good / WIDER, bad / WIDER
    pairs = np.repeat(mu, CANDIDATES), np.repeat(strength, CANDIDATES)
    found = np.empty((len(good), draws), dtype=np.float32)
    beside = by_day.beside(wide_good, wide_bad)
    step = max(1, HELD // (draws * CANDIDATES))
    for start in range(0, len(good), step):
        part = slice(start, start + step)
        thetas = _thetas(wide_good[part], wide_bad[part], *pairs, rng)
        log = beside(thetas, part)
        weights = np.exp(log - log.max(axis=1, keepdims=True)).astype(np.float64)
        reached = weights.cumsum(axis=1)
        reached *= draws / reached[:, -1:]
        reached[:, -1] = draws
        passed = np.floor(reached + rng.random((len(reached), 1)))
        copies = np.diff(np.minimum(passed, draws), axis=1, prepend=0).astype(np.int64)
        found[part] = np.repeat(thetas.ravel(), copies.ravel()).reshape(-1, draws)
    return found


def _gammas(count: Floats, prior: Floats, rng: np.random.Generator) -> NDArray[np.float32]:
    shape = count.astype(np.float32)[:, None] + prior.astype(np.float32)[None, :]
    return rng.standard_gamma(shape, dtype=np.float32)
