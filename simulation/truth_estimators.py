"""Estimators of a share of unfavourable events, and what each of them expects of the next month.

All speak of the bad share: x bad ratings, late cases or long waits of n. A `Forecast` holds the
estimate (K,) that units are ordered by, lowest first, and can be asked for the log probability
that it gave to what then happened. What is compared, and why: docs/explanation/known-truth.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln, logit, logsumexp, xlog1py, xlogy

from metrics.methods.intervals import wilson
from metrics.methods.shrinkage import shrink

Floats = NDArray[np.float64]
NO_SPREAD = 1e8  # an M beyond which the likelihood no longer changes
STARTS = (10.0, 300.0, 1e5)
NODES = 1000
ROWS = 2000


@dataclass(frozen=True)
class Forecast:
    """`estimate` (K,) and `score(x, n)` (K,): log probability of x bad of n in the next month."""

    estimate: Floats
    score: Callable[[Floats, Floats], Floats]


def choose(n: Floats, x: Floats) -> Floats:
    """Log of the number of ways to choose x of n."""
    ways: Floats = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return ways


def fixed(share: Floats, n_seen: Floats) -> Forecast:
    """A share taken as if it were certain.

    Half an event is added at 0 and taken at n: without it one bad rating after a month without
    costs minus infinity.
    """
    half = 0.5 / n_seen
    theta = np.clip(share, half, 1 - half)

    def score(x: Floats, n: Floats) -> Floats:
        chance: Floats = choose(n, x) + xlogy(x, theta) + xlog1py(n - x, -theta)
        return chance

    return Forecast(share, score)


def mixed(estimate: Floats, a: Floats, b: Floats) -> Forecast:
    """Beta posteriors, a and b (K, D) with D equally likely parameters: exact beta-binomials."""

    def score(x: Floats, n: Floats) -> Floats:
        given = betaln(a + x[:, None], b + (n - x)[:, None]) - betaln(a, b)
        chance: Floats = choose(n, x) + logsumexp(given, axis=1) - np.log(a.shape[1])
        return chance

    return Forecast(estimate, score)


def raw(x: Floats, n: Floats) -> Forecast:
    """The share as counted."""
    return fixed(x / n, n)


def wilson_lower(x: Floats, n: Floats) -> Forecast:
    """The lower bound of the good share, 95 %, which is one less the upper bound of the bad."""
    return fixed(wilson(x, n)[1], n)


def jeffreys(x: Floats, n: Floats) -> Forecast:
    """A fairer raw rate: each unit for itself, with half an event of each kind added."""
    a, b = (x + 0.5)[:, None], (n - x + 0.5)[:, None]
    return mixed(a[:, 0] / (a + b)[:, 0], a, b)


def likeliest(x: Floats, n: Floats) -> tuple[float, float]:
    """The likeliest (mu, M) of x of n under the beta-binomial.

    Without a bad event anywhere the likeliest mu is 0 and the next bad event impossible; plug-in
    is then given half an event over all units and no spread.
    """
    pooled = (x.sum() + 0.5) / (n.sum() + 1)
    if x.sum() in (0, n.sum()):
        return float(pooled), NO_SPREAD
    kinds, times = np.unique(np.stack([x, n], axis=1), axis=0, return_counts=True)
    seen_x, seen_n = kinds[:, 0], kinds[:, 1]

    def loss(point: Floats) -> float:
        mu, strength = expit(point[0]), np.exp(point[1])
        a, b = mu * strength, (1 - mu) * strength
        return -float(times @ (betaln(seen_x + a, seen_n - seen_x + b) - betaln(a, b)))

    bounds = [(logit(pooled) - 6, logit(pooled) + 6), (np.log(1e-2), np.log(NO_SPREAD))]
    tries = [
        minimize(loss, [logit(pooled), np.log(one)], method="L-BFGS-B", bounds=bounds)
        for one in STARTS
    ]
    best = min(tries, key=lambda one: float(one.fun))
    return float(expit(best.x[0])), float(np.exp(best.x[1]))


def plug_in(x: Floats, n: Floats) -> Forecast:
    """Plug-in empirical Bayes: the likeliest (mu, M) taken as if it were known."""
    mu, strength = likeliest(x, n)
    a, b = (mu * strength + x)[:, None], ((1 - mu) * strength + n - x)[:, None]
    return mixed(a[:, 0] / (a + b)[:, 0], a, b)


def ours(x: Floats, n: Floats, *, seed: int = 0) -> Forecast:
    """The product's shrinkage: (mu, M) averaged over what the data leave open.

    x and n may be effective counts, divided by their design effects.
    """
    fit = shrink(x, n, seed=seed)
    if len(x) == 1:
        return jeffreys(x, n)
    a = x[:, None] + (fit.mu * fit.strength)[None, :]
    b = (n - x)[:, None] + ((1 - fit.mu) * fit.strength)[None, :]
    return mixed(fit.mean, a, b)


def oracle(x: Floats, n: Floats, nodes: Floats) -> Forecast:
    """Who knows the spread of the true shares: `nodes` (J,), equally likely, not whose is whose."""
    logs, rest = np.log(nodes), np.log1p(-nodes)
    weight = x[:, None] * logs[None, :] + (n - x)[:, None] * rest[None, :]
    weight -= logsumexp(weight, axis=1, keepdims=True)

    def score(later_x: Floats, later_n: Floats) -> Floats:
        given = later_x[:, None] * logs[None, :] + (later_n - later_x)[:, None] * rest[None, :]
        chance: Floats = choose(later_n, later_x) + logsumexp(weight + given, axis=1)
        return chance

    return Forecast(np.exp(weight) @ nodes, score)


def nodes_of(shares: Floats, count: int = NODES) -> Floats:
    """At most `count` equally likely values that stand for the distribution of `shares`."""
    ordered = np.sort(np.clip(shares, 1e-9, 1 - 1e-9))
    if len(ordered) <= count:
        return ordered
    return np.array([part.mean() for part in np.array_split(ordered, count)])
