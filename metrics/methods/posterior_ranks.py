"""Ranks over draws of true scores: expected rank, interval, chance of the best and last tenth.

These are statements about what is believed after the data, one unit at a time. They are not
simultaneous confidence sets and must not be labelled so (metrics/methods/ranks.py has those).

Source: Laird & Louis 1989, J Educ Stat 14:29 (expected rank); Lingsma et al. 2009, BMC Med Res
Methodol 9:53 and van Houwelingen et al. (PCER); Goldstein & Spiegelhalter 1996, JRSS-A 159:385.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.unsignedinteger]
TENTH = 10
THREADS = 2
CHUNK = 25  # draws that are sorted at a time, in each thread


@dataclass(frozen=True, eq=False)
class PosteriorRanks:
    """Of K units, shapes (K,), NaN for units without a score; rank 1 is best.

    `expected`: mean rank over the draws. `low`, `high`: the rank lies between them (both ends
    included) in at least 95 % of the draws. `top`, `bottom`: chance of the best and of the last
    tenth, that is of the first and last floor(k / 10) of the k scored units; below 10 units, of
    the first and the last place. `pcer`: 100 (expected − 0.5) / k, the expected share of units
    that are better, in percent.
    """

    expected: Floats
    low: Floats
    high: Floats
    top: Floats
    bottom: Floats
    pcer: Floats


def posterior_ranks(draws: ArrayLike, level: float = 0.95) -> PosteriorRanks:
    """Rank K units in each of D draws, shape (K, D), higher is better.

    A row of NaN is a unit without a score: it has no rank and takes no place. Units that tie in a
    draw share their places: each has the mean of them in `expected`, an equal part of them in `top`
    and `bottom`, and the first and the last of them at the ends of its interval; whom the data
    cannot tell apart, the order of the rows never does. Raises ValueError for a row with some NaN,
    and without draws.
    """
    given = np.asarray(draws)
    if given.dtype not in (np.float32, np.float64):
        given = given.astype(float)
    if given.ndim != 2 or given.shape[1] == 0:
        raise ValueError("expected draws of shape (K, D) with at least one draw")
    absent = np.isnan(given)
    some = ~absent.any(axis=1)
    if not np.array_equal(some, ~absent.all(axis=1)):
        raise ValueError("expected units with all their draws or none of them")
    whole = np.full((6, len(given)), np.nan)
    if some.any():
        whole[:, some] = _ranked(given if some.all() else given[some], level)
    return PosteriorRanks(*whole)


def _ranked(given: NDArray[np.floating], level: float) -> Floats:
    """The six rows of PosteriorRanks, (6, k), of units that all have scores."""
    count, total = given.shape
    places = max(1, count // TENTH)
    small = np.uint16 if count < 2**16 else np.uint32
    first = np.empty((total, count), dtype=small)  # places that a unit shares, from and to
    last = first
    parts = [slice(at, at + CHUNK) for at in range(0, total, CHUNK)]
    with ThreadPoolExecutor(THREADS) as pool:
        tied = list(pool.map(lambda part: _places(given[:, part], first[part]), parts))
        if any(one is not None for one in tied):
            last = first.copy()
            for part, ends in zip(parts, tied, strict=True):
                if ends is not None:
                    last[part] = ends
        bounds = list(pool.map(lambda one: _bound(*one), _tails(first, last, level)))
    expected = (first.sum(axis=0, dtype=np.int64) + last.sum(axis=0, dtype=np.int64)) / (2 * total)
    return np.stack(
        [
            expected,
            *bounds,
            _share_above(first, last, places),
            1 - _share_above(first, last, count - places),
            100 * (expected - 0.5) / count,
        ]
    )


def _places(part: NDArray[np.floating], first: Places) -> Places | None:
    """Write the first place of each unit in each of the draws; return the last where units tie."""
    values = -np.ascontiguousarray(part.T)
    order = np.argsort(values, axis=1)
    place = np.arange(1, values.shape[1] + 1, dtype=first.dtype)
    row = np.arange(len(values))[:, None]
    ordered = np.take_along_axis(values, order, axis=1)
    equal = ordered[:, 1:] == ordered[:, :-1]
    if not equal.any():
        first[row, order] = place
        return None
    fresh = np.concatenate([np.ones((len(values), 1), np.bool_), ~equal], axis=1)
    first[row, order] = np.maximum.accumulate(np.where(fresh, place, 0), axis=1)
    ends = np.where(np.roll(fresh, -1, axis=1), place, place[-1])
    last = np.empty_like(first)
    last[row, order] = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    return last


def _tails(first: Places, last: Places, level: float) -> list[tuple[Places, int]]:
    """Which order statistic of the draws ends the interval on either side."""
    total, tail = len(first), (1 - level) / 2
    # The tail is a share of the draws: 0.025 of 1,000 are 25, not 25.000000000000004.
    low = int(np.ceil(round(total * tail, 9))) - 1
    high = int(np.ceil(round(total * (1 - tail), 9))) - 1
    return [(first, max(low, 0)), (last, min(high, total - 1))]


def _bound(places: Places, at: int) -> Places:
    """The at-th smallest of each unit's places over the draws (D, k)."""
    sorted_: Places = np.sort(np.ascontiguousarray(places.T), axis=1)[:, at]
    return sorted_


def _share_above(first: Places, last: Places, places: int) -> Floats:
    """Mean share of a unit's shared places that are among the first `places`."""
    if last is first:
        return np.asarray((first <= places).mean(axis=0))
    found = np.zeros(first.shape[1])
    for start in range(0, len(first), CHUNK):
        begins = first[start : start + CHUNK].astype(float)
        shared = last[start : start + CHUNK] + 1 - begins
        found += (np.clip(places + 1 - begins, 0, shared) / shared).sum(axis=0)
    return found / len(first)
