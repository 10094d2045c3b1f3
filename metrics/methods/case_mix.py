"""Case mix: what a unit would have had to show if it were like the others at what it does.

Rows are cells: unit i had n cases of stratum s, o of them with the event; arrays of shape (R,).
Strata come as a ladder, finest first: for each cell the number of its stratum on every rung. A
coarser rung holds whole strata of the finer ones.
Sources: Breslow & Day 1987, vol. II, §2.3; PHEindicatormethods (calculate_ISRatio).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.methods.intervals import byar

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
OWN_HOLD = 0.2  # of a stratum; who holds more is compared with the others alone
LEAST = 20  # cases of others that a stratum needs to give a rate


@dataclass(frozen=True, eq=False)
class Standardised:
    """One row per unit 0 … U − 1, all arrays of shape (U,).

    `o`, `n` and `e` leave out what nobody shares, whose share of all cases of the unit is
    `own_share`. `sr` = o / e with the limits `low`, `high` (e taken as known; NaN where e = 0).
    `adjusted` = sr × overall. `merged`, shape (U, rungs − 1): share of n that was compared on the
    second, third, … rung because the finer stratum was too small. `overall`: rate of all cells.
    """

    o: Floats
    n: Floats
    e: Floats
    sr: Floats
    low: Floats
    high: Floats
    adjusted: Floats
    own_share: Floats
    merged: Floats
    overall: float


def indirect(
    unit: ArrayLike,
    ladder: Sequence[ArrayLike],
    o: ArrayLike,
    n: ArrayLike,
    units: int | None = None,
    own_hold: float = OWN_HOLD,
    least: float = LEAST,
    shared_on: int = 0,
    level: float = 0.95,
) -> Standardised:
    """Observed against expected events by unit, expected at the rates of all in each stratum.

    E_i = Σ_s n_is r_s. r_s leaves the unit out where it holds more than `own_hold` of the stratum:
    it would be compared with itself. A stratum with fewer than `least` cases of reference gives way
    to the next rung; the last rung takes what there is. Where the unit is alone in its stratum of
    the rung `shared_on`, nobody shares that business: it is no part of o and e. Raises ValueError
    for arrays of different lengths or unless 0 <= o <= n.
    """
    who, rungs, seen, size = _cells(unit, ladder, o, n)
    count = int(who.max(initial=-1)) + 1 if units is None else units
    alone = _others(who, rungs[shared_on], size)[0] <= 0
    rate, rung = _reference(who, rungs, seen, size, own_hold, least)
    # Without anybody else on any rung there is nothing to compare with either.
    outside = (alone | np.isnan(rate)) & (size > 0)
    kept = ~outside & (size > 0)
    observed = _by_unit(who[kept], seen[kept], count)
    cases = _by_unit(who[kept], size[kept], count)
    expected = _by_unit(who[kept], size[kept] * rate[kept], count)
    merged = np.zeros((count, len(rungs) - 1))
    for at in range(1, len(rungs)):
        merged[:, at - 1] = _by_unit(who[kept], size[kept] * (rung[kept] == at), count)
    overall = float(seen.sum() / size.sum()) if size.sum() else float("nan")
    lower, upper = byar(observed, level)
    known = np.where(expected > 0, expected, np.nan)
    all_cases = _by_unit(who, size, count)
    own = _by_unit(who[outside], size[outside], count)
    return Standardised(
        o=observed,
        n=cases,
        e=expected,
        sr=observed / known,
        low=lower / known,
        high=upper / known,
        adjusted=observed / known * overall,
        own_share=own / np.where(all_cases > 0, all_cases, np.nan),
        merged=merged / np.where(cases > 0, cases, np.nan)[:, None],
        overall=overall,
    )


def direct(
    unit: ArrayLike,
    stratum: ArrayLike,
    o: ArrayLike,
    n: ArrayLike,
    units: int | None = None,
    least: float = LEAST,
) -> Floats:
    """Directly standardised rates, shape (U,): Σ_s N_s (o_is / n_is) / Σ_s N_s.

    N_s are the cases of all units. A check on `indirect`, whose ratios of two units with different
    mixes are not comparable; NaN unless the unit has `least` cases in every stratum that there is.
    """
    who, (strata,), seen, size = _cells(unit, [stratum], o, n)
    count = int(who.max(initial=-1)) + 1 if units is None else units
    _, place = np.unique(strata, return_inverse=True)
    kinds = int(place.max(initial=-1)) + 1
    cell = who * kinds + place
    cases = _by_unit(cell, size, count * kinds).reshape(count, kinds)
    events = _by_unit(cell, seen, count * kinds).reshape(count, kinds)
    standard = cases.sum(axis=0)
    full = (cases >= least).all(axis=1) & (standard.sum() > 0)
    rates = np.full(count, np.nan)
    rates[full] = (events[full] / cases[full]) @ standard / standard.sum()
    return rates


def _cells(
    unit: ArrayLike, ladder: Sequence[ArrayLike], o: ArrayLike, n: ArrayLike
) -> tuple[Ints, list[Ints], Floats, Floats]:
    who, seen, size = np.asarray(unit, np.int64), np.asarray(o, float), np.asarray(n, float)
    rungs = [np.asarray(one, np.int64) for one in ladder]
    if not rungs or any(one.shape != who.shape for one in (seen, size, *rungs)):
        raise ValueError("expected a ladder of at least one rung and arrays of the same length")
    if np.any(seen < 0) or np.any(seen > size):
        raise ValueError("expected 0 <= o <= n")
    return who, rungs, seen, size


def _by_unit(who: Ints, amount: Floats, count: int) -> Floats:
    sums: Floats = np.bincount(who, weights=amount, minlength=count).astype(float)
    return sums


def _others(who: Ints, stratum: Ints, amount: Floats) -> tuple[Floats, Floats]:
    """Of each cell's stratum: the amount of the other units, and that of all."""
    _, place = np.unique(stratum, return_inverse=True)
    _, mine = np.unique(who * (place.max(initial=0) + 1) + place, return_inverse=True)
    total: Floats = np.bincount(place, weights=amount).astype(float)[place]
    own: Floats = np.bincount(mine, weights=amount).astype(float)[mine]
    # Whole numbers: the difference of equal sums is exactly 0.
    return total - own, total


def _reference(
    who: Ints, rungs: list[Ints], o: Floats, n: Floats, own_hold: float, least: float
) -> tuple[Floats, Ints]:
    """Rate to compare each cell with, and the rung that gave it."""
    rate, rung = np.full(len(who), np.nan), np.zeros(len(who), dtype=np.int64)
    for at, stratum in enumerate(rungs):
        cases, all_cases = _others(who, stratum, n)
        events, all_events = _others(who, stratum, o)
        large = all_cases - cases > own_hold * all_cases
        base = np.where(large, cases, all_cases)
        needed = least if at < len(rungs) - 1 else 1
        # Few cases of others are no yardstick, even where the unit itself makes the sum large.
        open_ = np.isnan(rate) & (base >= max(needed, 1)) & (cases > 0)
        rate[open_] = np.where(large, events, all_events)[open_] / base[open_]
        rung[open_] = at
    return rate, rung
