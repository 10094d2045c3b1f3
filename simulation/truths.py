"""Cities whose truth is known: true shares of bad events, sizes, days, and the counts they give.

`draw(cell, rng)` is one replicate. The truth is drawn, not fixed, so that coverage is an average
over cities. Sizes are log-normal (sd 1.2) round the median; the days of a month are 20 working
days with a busy Monday; visits of a day share its luck (beta-binomial with the cell's ICC).
"""

from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from simulation.cells import Cell

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAYS = 20
MONTHS_OF_DRIFT = 3
HOME = 130  # counters of the home, from all of which the likeness of days is read
SIZE_SD = 1.2
WEEK = np.array([1.25, 1.0, 0.95, 0.95, 0.85])
BAD_PART, BAD_TIMES = 0.05, 5.0  # two-point: 5 % of the units are five times as bad
TAIL_DF = 3
DRIFT_SD = 0.3  # of the log odds, from month to month
SHIFT_REACH = 1.2  # log odds between the middle of the groups and the outermost one


@dataclass(frozen=True)
class City:
    """One drawn city: `theta` (K,) true bad shares, `group` (K,), and its counts by unit and day.

    `bad` of `size` events, and `unit`, are long (rows,). `latest` (K,): the true share of the last
    month where the truth drifts, else theta itself. `odds`: the ratio that matters. `worst`
    (K,) marks the worst twentieth. `around`: bad, size and unit of the other counters of the home,
    of whom nothing is said but how alike the events of a day are.
    """

    theta: Floats
    group: Ints
    bad: Ints
    size: Ints
    unit: Ints
    latest: Floats
    odds: float
    worst: NDArray[np.bool_]
    around: tuple[Ints, Ints, Ints]

    @property
    def totals(self) -> tuple[Floats, Floats]:
        """Bad events and events of each unit, (K,)."""
        count = len(self.theta)
        return np.bincount(self.unit, self.bad, count), np.bincount(self.unit, self.size, count)


def draw(cell: Cell, rng: np.random.Generator, planted: float | None = None) -> City:
    """One city of the cell; `planted`: the odds of unit 0 are so many times its peers' mean odds.

    A planted unit has exactly the median number of events. Few peers lie in a home of HOME
    counters.
    """
    other = rng.spawn(1)[0]
    group = np.arange(cell.peers) % cell.groups
    theta = true_shares(cell, group, rng)
    n = sizes(cell, rng)
    if planted is not None:
        centre = float(theta[1:][group[1:] == group[0]].mean())
        theta[0] = expit(logit(centre) + np.log(planted))
        n[0] = cell.size
    months = MONTHS_OF_DRIFT if cell.truth == "drift" else 1
    by_month = _drifting(theta, months, rng)
    weights = _day_weights(months * DAYS, rng)
    days = rng.multinomial(n, weights)
    chances = np.repeat(by_month, DAYS, axis=1)
    bad = rng.binomial(days, day_shares(chances, cell.likeness, rng))
    kept = days > 0
    return City(
        theta=theta if months == 1 else (chances * days).sum(axis=1) / n,
        group=group,
        bad=bad[kept],
        size=days[kept],
        unit=np.nonzero(kept)[0],
        latest=by_month[:, -1],
        odds=cell.odds,
        worst=_worst(theta),
        around=_around(cell, other),
    )


def _around(cell: Cell, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Bad, size and unit by day of the counters that make a home of HOME with the peers."""
    if cell.peers >= HOME or not cell.likeness:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none
    rest = replace(cell, peers=HOME - cell.peers)
    theta = true_shares(rest, np.arange(rest.peers) % rest.groups, rng)
    days = rng.multinomial(sizes(rest, rng), _day_weights(DAYS, rng))
    bad = rng.binomial(
        days, day_shares(np.repeat(theta[:, None], DAYS, axis=1), rest.likeness, rng)
    )
    kept = days > 0
    return bad[kept], days[kept], np.nonzero(kept)[0]


def true_shares(cell: Cell, group: Ints, rng: np.random.Generator) -> Floats:
    """Bad shares (K,) as the cell's truth has them."""
    bad, count = 1 - cell.share, cell.peers
    if bad == 0 or cell.strength == inf:
        return np.full(count, bad)
    if cell.truth == "two_point":
        number = max(1, round(BAD_PART * count))
        usual = bad / (1 - BAD_PART + BAD_PART * BAD_TIMES)
        return np.where(np.arange(count) < number, BAD_TIMES * usual, usual)
    if cell.truth == "heavy":
        # As much spread in log odds as the Beta of the same M has, but with the tails of t(3).
        spread = 1 / np.sqrt((cell.strength + 1) * bad * (1 - bad) * TAIL_DF)
        tailed: Floats = expit(logit(bad) + spread * rng.standard_t(TAIL_DF, count))
        return tailed
    middle = np.full(count, bad)
    if cell.truth == "shift":
        middle = expit(logit(bad) + np.linspace(-SHIFT_REACH, SHIFT_REACH, cell.groups)[group])
    return rng.beta(middle * cell.strength, (1 - middle) * cell.strength)


def sizes(cell: Cell, rng: np.random.Generator) -> Ints:
    """Events (K,) of each unit, at least one."""
    if cell.equal:
        return np.full(cell.peers, cell.size)
    drawn = cell.size * np.exp(SIZE_SD * rng.standard_normal(cell.peers))
    return np.maximum(1, np.rint(drawn)).astype(np.int64)


def day_shares(chances: Floats, likeness: float, rng: np.random.Generator) -> Floats:
    """The share that holds on each day: Beta round the true one, with the ICC given."""
    if likeness == 0:
        return chances
    sure = (1 - likeness) / likeness
    inner = (chances > 0) & (chances < 1)
    at = np.where(inner, chances, 0.5)
    return np.where(inner, rng.beta(at * sure, (1 - at) * sure), chances)


def _drifting(theta: Floats, months: int, rng: np.random.Generator) -> Floats:
    """True shares (K, months): a walk in log odds that ends at theta."""
    if months == 1:
        return theta[:, None]
    steps = DRIFT_SD * rng.standard_normal((len(theta), months - 1))
    back = np.cumsum(steps[:, ::-1], axis=1)[:, ::-1]
    earlier: Floats = expit(logit(theta)[:, None] + back)
    return np.hstack([earlier, theta[:, None]])


def _day_weights(days: int, rng: np.random.Generator) -> Floats:
    busy = np.resize(WEEK, days) * rng.gamma(20, 1 / 20, days)
    weights: Floats = busy / busy.sum()
    return weights


def _worst(theta: Floats) -> NDArray[np.bool_]:
    """The twentieth with the highest true bad share, at least one unit; with ties all of them."""
    number = max(1, round(BAD_PART * len(theta)))
    return theta >= np.sort(theta)[-number]
