"""What the days of a unit say of its true share when the events of a day are alike.

Four bad ratings on one day may be one bad day; on four days they are four. x/deff of n/deff has the
right variance but knows neither, and its shape is wrong: called by it "below" where 5 % are to be
false, 10 % were (simulated: mean 99.8 %, M 500, n about 1,000, day correlation .02); 5 % by the
days, with half as many calls again. Here each day is beta-binomial round theta with the group's day
correlation, and the counts of independent events that would say as much are found, unit by unit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, log_expit, logit

from metrics.methods.days import design_effect

Floats = NDArray[np.float64]
NODES = np.linspace(-1, 1, 41)
NEAR, FAR = 4.0, 12.0  # standard deviations: linear near the middle, cubed towards the tails
STEPS, WIDTHS = NEAR * NODES + FAR * NODES**3, NEAR + 3 * FAR * NODES**2
LEAST = 1e-6  # of what is not alike: a day of which all is alike is a single event


@dataclass(frozen=True, eq=False)
class Days:
    """x of n > 0 events by unit and day, shapes (rows,), `unit` 0..K−1; `rho`: their likeness."""

    x: Floats
    n: Floats
    unit: NDArray[np.int64]
    rho: float


def independent_counts(days: Days, count: int, a: float, b: float) -> tuple[Floats, Floats]:
    """Counts (x', y') of either kind, (count,), of independent events that say as much of theta.

    Beta(a + x', b + y') has the mean and the variance that theta has after the days of a unit, if
    it was Beta(a, b) before. Between 0 and the unit's own counts; without days both are 0.
    """
    sums = (np.bincount(days.unit, part, count) for part in (days.x, days.n - days.x))
    x, y = (part.astype(float) for part in sums)
    rho = min(days.rho, 1 - LEAST)
    if rho <= 0:
        return x, y
    # Without an event of a kind the likelihood has no mode; one event more of it gives it one, and
    # changes nothing of what is looked for.
    first, second = a + (x == 0), b + (y == 0)
    effect = design_effect(days.n, days.unit, rho, count)
    sure_a, sure_b = first + x / effect, second + y / effect
    at = logit(sure_a / (sure_a + sure_b))[:, None]
    at = at + np.sqrt(1 / sure_a + 1 / sure_b)[:, None] * STEPS
    here, there = expit(at), expit(-at)
    total = (1 - rho) / rho
    logs = first[:, None] * log_expit(at) + second[:, None] * log_expit(-at)
    logs += _rising(days.x, days.unit, here * total) + _rising(
        days.n - days.x, days.unit, there * total
    )
    weights = np.exp(logs - logs.max(axis=1, keepdims=True)) * WIDTHS
    weights /= weights.sum(axis=1, keepdims=True)
    mean, rest = (weights * here).sum(axis=1), (weights * there).sum(axis=1)
    variance = (weights * (here - mean[:, None]) ** 2).sum(axis=1)
    strength = mean * rest / variance - 1
    return np.clip(mean * strength - first, 0, x), np.clip(rest * strength - second, 0, y)


def _rising(events: Floats, unit: NDArray[np.int64], size: Floats) -> Floats:
    """Σ over a unit's days of ln Γ(events + size) − ln Γ(size), (K, nodes), for size (K, nodes)."""
    found = np.zeros_like(size)
    some = events > 0
    kinds, many = np.unique(np.stack([unit[some], events[some]]), axis=1, return_counts=True)
    who = kinds[0].astype(np.int64)
    if not len(who):
        return found
    at = size[who]
    terms = (gammaln(kinds[1][:, None] + at) - gammaln(at)) * many[:, None]
    starts = np.nonzero(np.diff(who, prepend=-1))[0]
    found[who[starts]] = np.add.reduceat(terms, starts, axis=0)
    return found
