"""Do two looks at the same thing agree: two sources of grades, or two halves of the days.

At a ceiling nearly all grades are the best one, and Cohen's kappa is near 0 although nearly all
pairs agree (the prevalence paradox). Gwet's AC2 is not; print both.

Sources: Cohen 1968, Psychol Bull 70:213; Fleiss & Cohen 1973, Educ Psychol Meas 33:613 (quadratic
weights); Feinstein & Cicchetti 1990, J Clin Epidemiol 43:543 (the paradox); Gwet 2008, Br J Math
Stat Psychol 61:29; Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed.; Spearman 1910 and Brown
1910, Br J Psychol 3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]
FEWEST = 3  # units below which halves have no rank correlation to speak of


@dataclass(frozen=True)
class Agreement:
    """Quadratic weighted `kappa` and `ac2`, with intervals where units were drawn (else NaN).

    `observed`: the weighted share of pairs that agree, 0–1; `pairs`: how many there are. Kappa is
    NaN where one grade is all that either source gave: there is nothing to agree on beyond it.
    """

    kappa: float
    ac2: float
    observed: float
    pairs: int
    kappa_low: float = float("nan")
    kappa_high: float = float("nan")
    ac2_low: float = float("nan")
    ac2_high: float = float("nan")


def agreement(table: ArrayLike) -> Agreement:
    """Agreement of two sources by their table (q, q) of pairs: first source in rows, q >= 2 grades.

    A table without pairs is NaN. Raises ValueError for another shape or a negative number.
    """
    counts = _given(table, 2)
    kappa, ac2, observed = (float(one[0]) for one in _coefficients(counts[None]))
    return Agreement(kappa, ac2, observed, int(counts.sum()))


def agreement_of_units(
    tables: ArrayLike, level: float = 0.95, draws: int = 1000, seed: int = 0
) -> Agreement:
    """The same of K units' tables (K, q, q) together, with percentile intervals.

    Whole units are drawn: pairs of one unit are alike, and drawing pairs would be too sure. Fewer
    than two units with pairs have no interval.
    """
    counts = _given(tables, 3)
    whole = agreement(counts.sum(axis=0))
    counts = counts[counts.sum(axis=(1, 2)) > 0]
    if len(counts) < 2:
        return whole
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=draws)
    kappa, ac2, _ = _coefficients(np.einsum("dk,kij->dij", times.astype(float), counts))
    tails = [(1 - level) / 2, (1 + level) / 2]
    bounds = [_quantiles(one, tails) for one in (kappa, ac2)]
    return Agreement(whole.kappa, whole.ac2, whole.observed, whole.pairs, *bounds[0], *bounds[1])


def _given(table: ArrayLike, dimensions: int) -> Floats:
    counts = np.asarray(table, float)
    shaped = counts.ndim == dimensions and counts.shape[-1] == counts.shape[-2] >= 2
    if not shaped or not np.all(counts >= 0):
        raise ValueError("expected square tables of at least two grades, numbers of at least 0")
    return counts


def _coefficients(tables: Floats) -> tuple[Floats, Floats, Floats]:
    """Kappa, AC2 and observed agreement of each table (D, q, q)."""
    grades = tables.shape[-1]
    apart = np.subtract.outer(np.arange(grades), np.arange(grades))
    weights = 1 - (apart / (grades - 1)) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = tables / tables.sum(axis=(1, 2), keepdims=True)
        first, second = shares.sum(axis=2), shares.sum(axis=1)
        observed = (shares * weights).sum(axis=(1, 2))
        by_chance = np.einsum("di,ij,dj->d", first, weights, second)
        mean = (first + second) / 2
        guessed = weights.sum() / (grades * (grades - 1)) * (mean * (1 - mean)).sum(axis=1)
        kappa = np.where(by_chance < 1, (observed - by_chance) / (1 - by_chance), np.nan)
        return kappa, (observed - guessed) / (1 - guessed), observed


def _quantiles(values: Floats, tails: list[float]) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, tails)
    return float(low), float(high)


@dataclass(frozen=True)
class SplitHalf:
    """Spearman's `r` between the odd and even days of `units` units, and `reliability` 2r/(1 + r).

    The reliability is that of all days together; it says how large n must be to rank by a metric.
    NaN below 3 units, or where one half is the same for all.
    """

    r: float
    reliability: float
    units: int


def split_half(x: ArrayLike, n: ArrayLike, unit: ArrayLike, day: ArrayLike) -> SplitHalf:
    """Split-half reliability of Σx / Σn of each unit, from rows of equal length (R,).

    `unit` and `day` are whole numbers; odd days are one half, even days the other. With ordinals of
    calendar days the halves change weekdays from week to week. Sum first, divide last; units
    without events in one of the halves are left out.
    """
    rows = [np.asarray(one) for one in (x, n, unit, day)]
    if len({one.shape for one in rows}) != 1 or rows[0].ndim != 1:
        raise ValueError("expected rows of equal length")
    _, place = np.unique(rows[2], return_inverse=True)
    at = 2 * place + rows[3].astype(np.int64) % 2
    size = 2 * (int(place.max()) + 1) if len(place) else 0
    good, all_ = (
        np.bincount(at, weights=one.astype(float), minlength=size).reshape(-1, 2)
        for one in rows[:2]
    )
    halves = (good / np.where(all_ > 0, all_, np.nan))[(all_ > 0).all(axis=1)]
    if len(halves) < FEWEST or (halves == halves[0]).all(axis=0).any():
        return SplitHalf(float("nan"), float("nan"), len(halves))
    r = float(stats.spearmanr(halves[:, 0], halves[:, 1]).statistic)
    return SplitHalf(r, spearman_brown(r), len(halves))


def spearman_brown(r: float) -> float:
    """Reliability of the whole from the correlation of its halves, 2r / (1 + r); NaN at −1.

    Below 0 it is no reliability: the halves contradict each other.
    """
    return 2 * r / (1 + r) if r > -1 else float("nan")


def needed_size(reliability: float, size: float, wanted: float) -> float:
    """Events a unit needs for a reliability of `wanted`, if `size` of them have `reliability`.

    Spearman and Brown's formula the other way round, size·w(1 − r) / (r(1 − w)). NaN for a
    reliability that is not above 0 or not below 1: no number of events is then known to do.
    """
    if not 0 < reliability < 1:
        return float("nan")
    return size * wanted * (1 - reliability) / (reliability * (1 - wanted))
