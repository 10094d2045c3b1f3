"""How many pairs of K units are told apart at a critical value, without visiting all K(K − 1).

j is surely better than i where (est_j − est_i) / sqrt(se_i² + se_j²) > critical. Among units j of
nearly one standard error, ordered by their estimates, that is nearly one place in the order: all
above it are surely better, all below are not, and only the few between need the division. Those
few are decided by the very expression above, so the counts are those of visiting every pair.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
THREADS = 2
FEWEST = 32  # units in a group; with fewer the groups cost more than their pairs
ROUNDING = 16 * float(np.finfo(float).eps)  # of the handful of operations in a bound


class SurePairs:
    """K units, est and se (K,), ordered once for several critical values.

    `groups` hold places in `est` (which is ascending): units of nearly one standard error each.
    """

    def __init__(self, est: Floats, se: Floats) -> None:
        self.order = np.argsort(est, kind="stable")
        self.est, self.se = est[self.order], se[self.order]
        by_error = np.argsort(self.se, kind="stable")
        count = len(est) // FEWEST if len(est) < FEWEST**2 else int(np.sqrt(len(est)))
        parts = np.array_split(by_error, max(1, count))
        self.groups = [np.sort(one) for one in parts if len(one)]

    def counts(self, critical: float) -> tuple[Counts, Counts]:
        """How many are surely better than each, and surely worse, (K,), in the order given.

        Only for critical > 0.
        """
        better, worse = np.zeros((2, len(self.est)), dtype=np.int64)
        with ThreadPoolExecutor(THREADS) as pool:
            found = pool.map(lambda one: self._among(one, critical), self.groups)
            for group, (above, below) in zip(self.groups, found, strict=True):
                better += above
                worse[group] = below
        back = np.argsort(self.order)
        return better[back], worse[back]

    def _among(self, group: Counts, critical: float) -> tuple[Counts, Counts]:
        """Of one group: how many of it are better than each unit (K,), how many each beats (m,)."""
        est, spread = self.est[group], self.se[group]
        near = critical * np.sqrt(self.se**2 + spread.min() ** 2)
        far = critical * np.sqrt(self.se**2 + spread.max() ** 2)
        slack = ROUNDING * (np.abs(self.est) + np.abs(est).max() + far)
        sure = np.searchsorted(est, self.est + far + slack, side="right")
        maybe = np.searchsorted(est, self.est + near - slack, side="right")
        better = len(group) - sure
        beaten = np.bincount(sure, minlength=len(group) + 1)[: len(group)].cumsum()
        some = np.nonzero(sure > maybe)[0]
        if len(some):
            lengths = sure[some] - maybe[some]
            unit = np.repeat(some, lengths)
            ends = lengths.cumsum()
            place = np.arange(ends[-1]) + np.repeat(maybe[some] - (ends - lengths), lengths)
            apart = np.sqrt(self.se[unit] ** 2 + spread[place] ** 2)
            hit = (est[place] - self.est[unit]) / apart > critical
            better = better + np.bincount(unit[hit], minlength=len(self.est))
            beaten = beaten + np.bincount(place[hit], minlength=len(group))
        return better, beaten
