"""XmR charts: the centre and the limits of a series of middling values, one phase after another.

Limits are centre ± 2.66 × the mean moving range (Shewhart's individuals chart), as the English NHS
draws them in "Making Data Count"; NHSRplotthedots 0.2 computes the same. A value that is missing
(NaN) has no moving range on either side and enters nothing. Phases are blocks of equal numbers: a
new phase begins with a recorded event, never because the numbers look better that way.
Source: Wheeler 1993, Understanding Variation; Nelson 1982, J Qual Technol 14:172 (screening).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
WIDTH = 2.66  # 3 / 1.128, in the two decimals of the published charts
SCREEN = 3.267  # D4 of a range of two: a moving range from here on is no common cause
FROZEN = 20  # points after which the limits of a phase stand still
FIRM = 12  # with fewer the limits are provisional
CORRELATED = 0.3  # |r| above which the limits of an XmR chart are too narrow


@dataclass(frozen=True, eq=False)
class Xmr:
    """An XmR chart of T points, arrays of shape (T,): NaN where a phase has no limits.

    `centre`, `lower`, `upper`: three-sigma limits. `near_lower`, `near_upper`: two sigma, where the
    outer third begins. `provisional`: the limits of the phase rest on fewer than 12 points.
    `phase`: 0, 1, … `autocorrelation`: lag-1 r about the means of the phases, NaN if undefined.
    """

    centre: Floats
    lower: Floats
    upper: Floats
    near_lower: Floats
    near_upper: Floats
    provisional: Bools
    phase: Ints
    autocorrelation: float


def xmr(
    values: ArrayLike,
    *,
    phases: ArrayLike | None = None,
    frozen_after: int | None = FROZEN,
    screen: bool = True,
) -> Xmr:
    """Chart of `values` (T,) in time order; `phases` (T,) has another number where a phase begins.

    The first `frozen_after` points of a phase make its limits (None: all do). `screen`: moving
    ranges of 3.267 times their mean or more are left out once. Raises ValueError for other shapes.
    """
    given = series(values)
    number = phase_numbers(len(given), phases)
    centre, sigma = np.full(len(given), np.nan), np.full(len(given), np.nan)
    provisional = np.ones(len(given), dtype=np.bool_)
    for block in blocks(number):
        base = given[block][:frozen_after]
        centre[block], sigma[block] = mean_of(base), WIDTH / 3 * mean_range(base, screen)
        provisional[block] = np.count_nonzero(~np.isnan(base)) < FIRM
    return Xmr(
        centre,
        centre - 3 * sigma,
        centre + 3 * sigma,
        centre - 2 * sigma,
        centre + 2 * sigma,
        provisional,
        number,
        autocorrelation(given, number),
    )


def autocorrelation(values: ArrayLike, phases: ArrayLike | None = None) -> float:
    """Lag-1 autocorrelation about the mean of each phase; NaN below three points or all equal.

    Pairs that a gap or the beginning of a phase parts are no pairs.
    """
    given = series(values)
    number = phase_numbers(len(given), phases)
    apart = np.full(len(given), np.nan)
    for block in blocks(number):
        apart[block] = given[block] - mean_of(given[block])
    spread = float(np.nansum(apart**2))
    if np.count_nonzero(~np.isnan(given)) < 3 or spread <= 1e-24 * (1 + np.nansum(given**2)):
        return float("nan")
    together = np.where(np.diff(number) == 0, apart[1:] * apart[:-1], np.nan)
    return float(np.nansum(together)) / spread


def mean_range(values: Floats, screen: bool = True) -> float:
    """Mean moving range of a phase, screened once; NaN without two neighbours."""
    ranges = np.abs(np.diff(values))
    ranges = ranges[~np.isnan(ranges)]
    if not len(ranges):
        return float("nan")
    kept = ranges[ranges < SCREEN * ranges.mean()] if screen else ranges
    return float((kept if len(kept) else ranges).mean())


def mean_of(values: Floats) -> float:
    """Mean of what is there; NaN of nothing."""
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else float("nan")


def series(values: ArrayLike) -> Floats:
    """The values as floats of shape (T,). Raises ValueError for another shape or an infinity."""
    given = np.asarray(values, float)
    if given.ndim != 1 or np.isinf(given).any():
        raise ValueError(f"expected a series of finite numbers, saw the shape {given.shape}")
    return given


def phase_numbers(size: int, phases: ArrayLike | None) -> Ints:
    """0 for the first phase, 1 for the second …: a change of the number given begins a phase."""
    if phases is None:
        return np.zeros(size, dtype=np.int64)
    given = np.asarray(phases)
    if given.shape != (size,):
        raise ValueError(f"expected {size} phases, saw the shape {given.shape}")
    return np.concatenate([[0], np.cumsum(given[1:] != given[:-1])]).astype(np.int64)[:size]


def blocks(number: Ints) -> Iterator[slice]:
    """The stretch of each phase, in order."""
    edges = np.searchsorted(number, np.arange(number[-1] + 2)) if len(number) else np.zeros(1, int)
    for start, stop in pairwise(edges):
        yield slice(int(start), int(stop))
