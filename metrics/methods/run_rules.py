"""What a point of a control chart says: the four rules, variation, assurance, Anhøj's rules.

The four rules are those of "Making Data Count" (NHS England), as NHSRplotthedots 0.2 applies them:
1 a point outside the limits; trend: seven points that rise, or fall, without a tie; two_in_three:
two of three points in the outer third and all three on one side; shift: seven points on one side of
the centre. A missing value (NaN) is skipped: it ends no run and lengthens none.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from metrics.methods.spc import Bools, Ints, Xmr, blocks, series

Good = Literal["high", "low"]
Variation = Literal["improving", "deteriorating", "neutral_high", "neutral_low", "common", "none"]
Assurance = Literal["pass", "fail", "inconsistent", "none"]
RUN = 7  # points of a shift or a trend
RULES = ("outside", "trend", "two_in_three", "shift")  # the first that holds names the point


@dataclass(frozen=True, eq=False)
class Signals:
    """The four rules at T points, arrays of shape (T,), every point of a run marked.

    `outside`, `trend`, `two_in_three`, `shift`: whether the rule holds. `rule`: the name of the
    first of RULES that holds, "" for none. `side`: +1 above the centre, −1 below, 0 on it or NaN.
    `direction`: what the rule says, +1 high or rising, −1 low or falling, 0 without a rule.
    """

    outside: Bools
    trend: Bools
    two_in_three: Bools
    shift: Bools
    rule: NDArray[np.str_]
    side: Ints
    direction: Ints


@dataclass(frozen=True)
class Anhoej:
    """Anhøj's rules: the longest run and the crossings of the centre, and what chance allows."""

    useful: int
    longest_run: int
    longest_allowed: int
    crossings: int
    fewest_allowed: int

    @property
    def signal(self) -> bool:
        """A run too long or too few crossings: the values do not vary about one centre."""
        return self.longest_run > self.longest_allowed or self.crossings < self.fewest_allowed


def signals(values: ArrayLike, chart: Xmr) -> Signals:
    """The four rules for `values` (T,) on their chart; a run never crosses into another phase."""
    given = series(values)
    marks = {name: np.zeros(len(given), dtype=np.bool_) for name in RULES}
    side, slope = (np.zeros(len(given), dtype=np.int64) for _ in range(2))
    for block in blocks(chart.phase):
        here = np.flatnonzero(~np.isnan(given[block])) + block.start
        y = given[here]
        where = np.nan_to_num(np.sign(y - chart.centre[here])).astype(np.int64)
        beyond = (y < chart.lower[here]) | (y > chart.upper[here])
        outer = ((y < chart.near_lower[here]) | (y > chart.near_upper[here])) & ~beyond
        side[here], slope[here] = where, trending(y)
        marks["outside"][here] = beyond
        marks["trend"][here] = slope[here] != 0
        marks["two_in_three"][here] = two_of_three(outer, where)
        marks["shift"][here] = shifted(where)
    rule = np.select([marks[name] for name in RULES], list(RULES), default="")
    direction = np.where(rule == "trend", slope, np.where(rule == "", 0, side))
    return Signals(**marks, rule=rule, side=side, direction=direction)


def shifted(side: ArrayLike) -> Bools:
    """Points of a run of seven or more on one side; one on the centre (0) ends the run."""
    return _in_runs(np.asarray(side, np.int64), RUN)


def trending(values: ArrayLike) -> Ints:
    """+1 for points of seven or more that rise one after another, −1 where they fall, else 0.

    A tie ends the run. The point at which one trend turns into another belongs to the new one.
    """
    signs = np.sign(np.diff(series(values))).astype(np.int64)
    steps = np.where(_in_runs(signs, RUN - 1), signs, 0)
    if not len(steps):
        return np.zeros(np.size(values), dtype=np.int64)
    after, before = np.append(steps, 0), np.insert(steps, 0, 0)
    found: Ints = np.where(after != 0, after, before)
    return found


def two_of_three(outer: ArrayLike, side: ArrayLike) -> Bools:
    """Points of the outer third that are two of three neighbours, all three on one side."""
    third, where = np.asarray(outer, np.bool_), np.asarray(side, np.int64)
    found = np.zeros(len(third), dtype=np.bool_)
    for start in range(len(third) - 2):
        three = slice(start, start + 3)
        if abs(where[three].sum()) == 3 and third[three].sum() >= 2:
            found[three] |= third[three]
    return found


def point_types(found: Signals, good: Good | None) -> list[Variation]:
    """What each point says, shape (T,): improving, deteriorating, common; neutral without `good`.

    A trend says where it goes, wherever the point lies; the other rules where the point lies.
    """
    return [_spoken(int(direction), good) for direction in found.direction]


def variation(values: ArrayLike, found: Signals, good: Good | None) -> Variation:
    """The variation icon: what the last point that is there says; "none" where there is none."""
    there = np.flatnonzero(~np.isnan(series(values)))
    return point_types(found, good)[there[-1]] if len(there) else "none"


def assurance(chart: Xmr, target: float | None, good: Good | None) -> Assurance:
    """The assurance icon: will the target be met, as things are?

    `pass` and `fail` where it lies beyond the limits of the last phase, `inconsistent` between
    them; "none" without target, direction or limits.
    """
    if target is None or good is None or not len(chart.upper) or np.isnan(chart.upper[-1]):
        return "none"
    if chart.lower[-1] <= target <= chart.upper[-1]:
        return "inconsistent"
    return "pass" if (target < chart.lower[-1]) == (good == "high") else "fail"


def anhoej(values: ArrayLike, centre: ArrayLike) -> Anhoej:
    """Anhøj's rules for `values` (T,) about `centre` (T,) or a number, usually the median.

    Points on the centre are not useful. Longest run allowed: round(log2 n) + 3; fewest crossings:
    the 5 % quantile of Binomial(n − 1, 1/2). Source: Anhøj & Olesen 2014, PLoS ONE 9:e113825.
    """
    sides = np.sign(series(values) - np.asarray(centre, float))
    sides = sides[~np.isnan(sides) & (sides != 0)]
    useful = len(sides)
    if not useful:
        return Anhoej(0, 0, 0, 0, 0)
    changes = np.flatnonzero(np.diff(sides)) + 1
    lengths = np.diff(np.concatenate([[0], changes, [useful]]))
    fewest = int(stats.binom.ppf(0.05, useful - 1, 0.5)) if useful > 1 else 0
    return Anhoej(
        useful, int(lengths.max()), round(float(np.log2(useful))) + 3, len(changes), fewest
    )


def _in_runs(signs: Ints, length: int) -> Bools:
    """Members of runs of at least `length` equal signs that are not 0."""
    if not len(signs):
        return np.zeros(0, dtype=np.bool_)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(signs)) + 1, [len(signs)]])
    sizes = np.diff(edges)
    members: Bools = (np.repeat(sizes, sizes) >= length) & (signs != 0)
    return members


def _spoken(direction: int, good: Good | None) -> Variation:
    if not direction:
        return "common"
    if good is None:
        return "neutral_high" if direction > 0 else "neutral_low"
    return "improving" if direction == (1 if good == "high" else -1) else "deteriorating"
