"""The analysis of one city exactly as the product makes it, from day sums to intervals and calls.

It is a chain of steps that can be exchanged one by one: a mutant is the chain with one other step.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.catalogue import metric
from metrics.methods.clumps import Days
from metrics.methods.days import day_correlation, design_effect
from metrics.methods.rate_sets import rate_sets
from metrics.methods.reliability import rankability
from metrics.methods.shrinkage import Shrunk, shrink
from metrics.methods.tiers import tiers_of_odds
from simulation.cells import Cell
from simulation.truths import City

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bounds = tuple[Floats, Floats]
CEILING = 0.995
USUAL = 1.5  # odds, where a caller asks for no other


def least_odds(cell: Cell) -> float:
    """The odds from which on a difference matters, as the catalogue has it.

    At the ceiling that of bad ratings, elsewhere that of late cases.
    """
    name = "bad_rate" if cell.share >= CEILING else "on_time_rate"
    matters = metric(name).matters
    if matters is None or matters.odds is None:
        raise ValueError(
            f"expected a metric whose smallest difference is one of odds, not {name!r}"
        )
    return matters.odds


def own_peers(group: Ints) -> Ints:
    """Every unit is compared with its peer group."""
    return group


def by_days(bad: Floats, size: Floats, unit: Ints) -> float:
    """The likeness of a day from the counts by unit and day."""
    return day_correlation(bad, size, unit)


def integrated(bad: Floats, size: Floats, effect: Floats, days: Days, seed: list[int]) -> Shrunk:
    """The spread between peers integrated out."""
    return shrink(bad, size, deff=effect, days=days, seed=seed)


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
    likeness: Callable[[Floats, Floats, Ints], float] = by_days
    fit: Callable[[Floats, Floats, Floats, Days, list[int]], Shrunk] = integrated
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


def analyse(
    city: City,
    seed: list[int],
    steps: Steps = OURS,
    sets: bool = True,
    first: bool = False,
    odds: float = USUAL,
) -> list[Group]:
    """All peer groups of a city, or the first alone."""
    groups = steps.peers(city.group)
    bad, size = city.totals
    return [
        _group(
            city,
            np.nonzero(groups == number)[0],
            bad,
            size,
            [*seed, int(number)],
            steps,
            sets,
            odds,
        )
        for number in np.unique(groups)[: 1 if first else None]
    ]


def _group(
    city: City,
    member: Ints,
    bad: Floats,
    size: Floats,
    seed: list[int],
    steps: Steps,
    sets: bool,
    odds: float,
) -> Group:
    x, n = bad[member], size[member]
    place = np.full(len(bad), -1)
    place[member] = np.arange(len(member))
    rows = place[city.unit] >= 0
    units = place[city.unit[rows]]
    by_day = city.bad[rows].astype(float), city.size[rows].astype(float), units
    days = Days(*by_day, rho=steps.likeness(*by_day))
    effect = design_effect(days.n, units, days.rho, len(member))
    fit = steps.fit(x, n, effect, days, seed)
    low, high = steps.interval(fit, x, n)
    call, _, _ = tiers_of_odds(fit.draws, fit.draws.mean(axis=0), odds)
    ranks = rate_sets(x, n, effect) if sets else (None, None)
    return Group(
        member=member,
        low=low,
        high=high,
        call=np.asarray(call),
        rankability=rankability(fit.draws.var(axis=0, ddof=1), steps.within(fit, x, n)),
        rank_low=ranks[0],
        rank_high=ranks[1],
    )
