"""Charts of counts: p and u, their wide forms p′ and u′, the g-chart of rare events, the EWMA.

Counts per period have the shape (T,); a period without a base (n = 0) is NaN everywhere and part of
no sum. Sources: Laney 2002, Qual Eng 14:531 (p′, u′); Benneyan 2001, Health Care Manag Sci 4:305
(g); Roberts 1959, Technometrics 1:239 (EWMA). qicharts2 computes the same p, p′, u and u′.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from metrics.methods.spc import (
    FROZEN,
    Bools,
    Floats,
    Ints,
    blocks,
    mean_range,
    phase_numbers,
    series,
)

D2 = 1.128  # mean range of two standard normal values
TAIL = 0.00135  # beyond three sigma, one side
WEIGHT, WIDTH = 0.2, 2.86  # of the EWMA: one false alarm in 371 points


@dataclass(frozen=True, eq=False)
class Attributes:
    """A chart of T shares or rates: `value`, `centre`, `lower`, `upper` (3 sigma), `z`, all (T,).

    `spread` (T,): how much wider than chance the limits of the phase are, 1 without a prime.
    """

    value: Floats
    centre: Floats
    lower: Floats
    upper: Floats
    z: Floats
    spread: Floats
    phase: Ints


@dataclass(frozen=True, eq=False)
class Gaps:
    """A g-chart: limits of the cases between two bad ones, each a number; NaN where there is none.

    `share`: bad ones among all cases of the base. `beyond` (G,): −1 too short, +1 longer than
    chance allows, else 0. `open_beyond`: the same for the gap that has not ended: never −1.
    """

    share: float
    centre: float
    lower: float
    upper: float
    beyond: Ints
    open_beyond: int


@dataclass(frozen=True, eq=False)
class Ewma:
    """An EWMA of T standardised values, shapes (T,): `path`, limits ± `limit`, `alarm`."""

    path: Floats
    limit: Floats
    alarm: Bools


def p_chart(
    x: ArrayLike,
    n: ArrayLike,
    *,
    prime: bool = False,
    phases: ArrayLike | None = None,
    frozen_after: int | None = FROZEN,
) -> Attributes:
    """Chart of the shares x / n, shapes (T,); `prime` widens the limits to the spread seen.

    Large n make the plain limits useless: take p′. Raises ValueError unless 0 <= x <= n.
    """
    bad, size = _counts(x, n)
    if np.any(bad > size):
        raise ValueError("expected 0 <= x <= n")
    return _chart(bad, size, prime, phases, frozen_after, bounded=True)


def u_chart(
    x: ArrayLike,
    n: ArrayLike,
    *,
    prime: bool = False,
    phases: ArrayLike | None = None,
    frozen_after: int | None = FROZEN,
) -> Attributes:
    """Chart of the events x per n of exposure, shapes (T,); `prime` as in the p-chart."""
    seen, size = _counts(x, n)
    return _chart(seen, size, prime, phases, frozen_after, bounded=False)


def gaps_of_days(x: ArrayLike, n: ArrayLike) -> tuple[Ints, int]:
    """Good cases between two bad ones, shape (Σx − 1,), and those since the last bad one.

    x bad of n per day, shapes (T,). The order within a day is unknown: its bad ones are spread
    evenly. What lies before the first bad one is no gap. Without a bad one all n are open.
    """
    bad, size = _counts(x, n)
    if np.any(bad > size):
        raise ValueError("expected 0 <= x <= n")
    whole, before = bad.astype(np.int64), np.concatenate([[0], np.cumsum(size)])
    day = np.repeat(np.arange(len(whole)), whole)
    order = np.arange(len(day)) - np.repeat(np.cumsum(whole) - whole, whole)
    places = before[day] + np.floor((order + 0.5) / whole[day] * size[day])
    since = before[-1] - 1 - places[-1] if len(places) else before[-1]
    return (np.diff(places) - 1).astype(np.int64), int(since)


def g_chart(gaps: ArrayLike, open_gap: int = 0, *, base: int | None = None) -> Gaps:
    """Chart of the good cases between two bad ones, shape (G,), by exact geometric quantiles.

    P(gap = g) = p(1 − p)^g with p = 1 / (1 + mean gap) of the first `base` gaps (None: all). The
    centre is the median. A gap is too long at P(gap >= g) < 0.00135, too short at P(gap <= g) <
    0.00135; where even 0 is no surprise there is no lower limit. Fewer than two gaps: no limits.
    """
    given = series(gaps)
    if np.any(given < 0) or open_gap < 0:
        raise ValueError("expected gaps of 0 or more")
    made_of = given[:base]
    nothing, nowhere = float("nan"), np.zeros(len(given), dtype=np.int64)
    if len(made_of) < 2 or made_of.sum() == 0:
        return Gaps(nothing, nothing, nothing, nothing, nowhere, 0)
    share = 1 / (1 + float(made_of.mean()))
    upper = float(np.floor(np.log(TAIL) / np.log1p(-share)))  # P(gap > upper) < TAIL
    lower = float(stats.geom.ppf(TAIL, share) - 2)  # the largest g with P(gap <= g) < TAIL
    lower = lower if lower >= 0 else nothing
    centre = float(stats.geom.median(share) - 1)
    beyond = np.where(given > upper, 1, np.where(given <= lower, -1, 0)).astype(np.int64)
    return Gaps(share, centre, lower, upper, beyond, int(open_gap > upper))


def ewma(z: ArrayLike, *, weight: float = WEIGHT, width: float = WIDTH) -> Ewma:
    """EWMA of standardised values z (T,): E = λz + (1 − λ)E from 0; a missing one changes nothing.

    Limits ± width·√(λ/(2 − λ)·(1 − (1 − λ)^(2t))), t counting the values that are there.
    """
    given = series(z)
    path, limit = np.zeros(len(given)), np.zeros(len(given))
    last, seen = 0.0, 0
    for position, value in enumerate(given):
        if not np.isnan(value):
            last, seen = weight * value + (1 - weight) * last, seen + 1
        path[position] = last
        limit[position] = _reach(max(seen, 1), weight, width)
    return Ewma(path, limit, np.abs(path) > limit)


def _reach(step: int, weight: float, width: float) -> float:
    return width * float(np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * step))))


def _counts(x: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    seen, size = series(x), series(n)
    if seen.shape != size.shape or np.any(~(seen >= 0)) or np.any(~(size >= 0)):
        raise ValueError("expected counts of 0 or more, of the same length")
    return seen, size


def _chart(
    seen: Floats,
    size: Floats,
    prime: bool,
    phases: ArrayLike | None,
    frozen_after: int | None,
    bounded: bool,
) -> Attributes:
    number = phase_numbers(len(seen), phases)
    base = np.where(size > 0, size, np.nan)
    value, seen = seen / base, np.where(size > 0, seen, 0)
    centre, spread = np.full(len(seen), np.nan), np.ones(len(seen))
    for block in blocks(number):
        first = slice(block.start, min(block.stop, block.start + (frozen_after or len(seen))))
        total = size[first].sum()
        if total == 0:
            continue
        centre[block] = seen[first].sum() / total
        if prime:
            noise = _noise(centre[first], base[first], bounded)
            with np.errstate(invalid="ignore", divide="ignore"):
                z = (value[first] - centre[first]) / noise
            # All alike at 0 or 100 %: no noise and nothing to widen.
            spread[block] = mean_range(z, screen=False) / D2 if (noise > 0).any() else 1
    noise = _noise(centre, base, bounded) * spread
    lower, upper = np.maximum(centre - 3 * noise, 0), centre + 3 * noise
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (value - centre) / noise
    return Attributes(
        value, centre, lower, np.minimum(upper, 1) if bounded else upper, z, spread, number
    )


def _noise(centre: Floats, base: Floats, bounded: bool) -> Floats:
    noise: Floats = np.sqrt(centre * (1 - centre if bounded else 1) / base)
    return noise
