"""The analysis of one city exactly as the product makes it, from day sums to intervals and calls.

It is a chain of steps that can be exchanged one by one: a mutant is the chain with one other step.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.methods.alike import Days
from metrics.methods.days import day_correlation
from metrics.methods.rate_sets import rate_sets
from metrics.methods.reliability import rankability
from metrics.methods.shrinkage import Shrunk, shrink
from metrics.methods.tiers import tiers_of_odds
from simulation.truths import City

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bounds = tuple[Floats, Floats]


def own_peers(group: Ints) -> Ints:
    """Every unit is compared with its peer group."""
    return group


def integrated(bad: Floats, size: Floats, days: Days, seed: list[int]) -> Shrunk:
    """The spread between peers integrated out."""
    return shrink(bad, size, days=days, seed=seed)


def of_draws(fit: Shrunk, bad: Floats, size: Floats) -> Bounds:
    """The interval of the stored draws."""
    return fit.low, fit.high


def under_the_fit(fit: Shrunk, bad: Floats, size: Floats) -> Floats:
    """Sampling variance (K,) at the fitted mean, never at the unit's own share."""
    return fit.within


@dataclass(frozen=True)
class Steps:
    """The chain; each field is one step of the product."""

    peers: Callable[[Ints], Ints] = own_peers
    likeness: Callable[[Ints, Ints, Ints], float] = day_correlation
    fit: Callable[[Floats, Floats, Days, list[int]], Shrunk] = integrated
    interval: Callable[[Shrunk, Floats, Floats], Bounds] = of_draws
    within: Callable[[Shrunk, Floats, Floats], Floats] = under_the_fit


OURS = Steps()


@dataclass(frozen=True)
class Group:
    """What is said of the units `member` (k,) of one peer group; ranks are inside it, 1 is best.

    `call`: −1 below its peers (its bad rate surely higher), +1 above, 0 as expected.
    `rank_low`, `rank_high` are None where no sets were asked for.
    """

    member: Ints
    low: Floats
    high: Floats
    call: Ints
    rankability: float
    rank_low: Ints | None
    rank_high: Ints | None


def analyse(city: City, seed: list[int], steps: Steps = OURS, sets: bool = True) -> list[Group]:
    """All peer groups of a city."""
    groups = steps.peers(city.group)
    bad, size = city.totals
    count = len(city.theta)
    home = zip((city.bad, city.size, city.unit), city.around, (0, 0, count), strict=True)
    rho = steps.likeness(*(np.concatenate([ours, more + shift]) for ours, more, shift in home))
    return [
        _group(
            city, np.nonzero(groups == number)[0], bad, size, rho, [*seed, int(number)], steps, sets
        )
        for number in np.unique(groups)
    ]


def _rankability(x: Floats, n: Floats, fit: Shrunk, steps: Steps) -> float:
    """As the product: 0 where nobody differs."""
    if not x.any() or (x == n).all():
        return 0.0
    return rankability(fit.between, steps.within(fit, x, n))


def _group(
    city: City,
    member: Ints,
    bad: Floats,
    size: Floats,
    rho: float,
    seed: list[int],
    steps: Steps,
    sets: bool,
) -> Group:
    x, n = bad[member], size[member]
    place = np.full(len(bad), -1)
    place[member] = np.arange(len(member))
    rows = place[city.unit] >= 0
    units = place[city.unit[rows]]
    bad_of, size_of = city.bad[rows], city.size[rows]
    days = Days(bad_of.astype(float), size_of.astype(float), units, rho)
    fit = steps.fit(x, n, days, seed)
    low, high = steps.interval(fit, x, n)
    call, _, _ = tiers_of_odds(fit.draws, fit.draws.mean(axis=0), city.odds)
    ranks = rate_sets(x, n, days.effects(len(member))) if sets else (None, None)
    return Group(
        member=member,
        low=low,
        high=high,
        call=np.asarray(call),
        rankability=_rankability(x, n, fit, steps),
        rank_low=ranks[0],
        rank_high=ranks[1],
    )
