"""A composite with its uncertainty: draws of each part, tied together, mapped to points, summed.

K units, D draws, J items. Draws of an item's value pass through the scheme's fixed mapping; what
is deducted or given by rule has no draws. Nothing here depends on who else is compared, but for the
variance that units with few days borrow from their group.
Source: METHODS §3 and §4; OECD/JRC Handbook on Constructing Composite Indicators 2008, step 7.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Draws = NDArray[np.float32]
LENT = 4  # days' worth of the group's variance that every unit's own is mixed with
SLIGHT = 0.05  # correlations below it change no composite visibly
BLOCK = 2**21  # draws that are reordered at a time


def apply_mapping(values: ArrayLike, mapping: Sequence[tuple[Fraction, Fraction]]) -> Floats:
    """The share of the points that straight lines between (value, share) give, any shape.

    Level beyond the ends, NaN stays NaN; values rise, shares may fall: metrics.points.mapped in
    floats, to 1e-12, before the one rounding.
    """
    at = np.array([float(value) for value, _ in mapping])
    share = np.array([float(part) for _, part in mapping])
    if len(at) == 0 or np.any(np.diff(at) <= 0):
        raise ValueError("expected a mapping with rising values")
    given = np.asarray(values, float)
    told = np.interp(given, at, share)
    return np.where(np.isnan(given), np.nan, told)


def quantile_draws(
    edges: ArrayLike,
    counts: ArrayLike,
    q: float,
    size: int,
    rng: np.random.Generator,
    deff: ArrayLike = 1.0,
) -> Draws:
    """Draws of a quantile from histograms, (K, size), in the unit of the edges.

    `counts`: (K, B) whole numbers; `edges`: (B + 1,), equal ones where a bin has no width; `deff`:
    how many visits of a day tell as much as one, a number or (K,). The rank of the quantile is
    drawn, p ~ Beta(q·m + ½, (1 − q)·m + ½) with m = n / deff, and read as metrics/histogram.py
    reads it: interpolated in the bin of the nearest rank ⌈p·n⌉. Without visits: NaN. No draw lies
    beyond what was seen, so the upper side is too tight where it is not estimable at all (P90 of
    fewer than 36 waits, intervals.quantile_ranks): 88 % instead of 95 at n = 20, 93 at 50.
    """
    bounds, waits = np.asarray(edges, float), np.asarray(counts, np.int64)
    if not 0 < q < 1 or waits.ndim != 2 or bounds.shape != (waits.shape[1] + 1,):
        raise ValueError("expected 0 < q < 1, counts (K, B) and B + 1 edges")
    n = waits.sum(axis=1)
    alike = np.maximum(np.broadcast_to(np.asarray(deff, float), n.shape), 1.0)[:, None]
    told = n[:, None] / alike
    share = rng.beta(q * told + 0.5, (1 - q) * told + 0.5, (len(n), size))
    # The nearest rank lies half a visit above p·n on average; a visit here is `alike` of them.
    rank = np.ceil(share * n[:, None] + (alike - 1) / 2)
    rank = np.clip(rank, 1, np.maximum(n[:, None], 1)).astype(np.int64)
    return _read(bounds, waits, n, rank)


def _read(
    bounds: Floats, waits: NDArray[np.int64], n: NDArray[np.int64], rank: NDArray[np.int64]
) -> Draws:
    """The histogram's value at whole ranks (K, D): one search in one running total over all."""
    filled = np.flatnonzero(waits)
    inside = waits.ravel()[filled]
    upto = np.cumsum(inside)
    earlier = np.cumsum(n) - n
    # Units without visits would be read from their neighbour.
    there = n > 0
    sought = (rank[there] + earlier[there, None]).ravel()
    at = np.searchsorted(upto, sought)
    bin_ = filled[at] % waits.shape[1]
    part = (sought - upto[at] + inside[at]) / inside[at]
    found = np.full(rank.shape, np.nan, dtype=np.float32)
    values = bounds[bin_] + (bounds[bin_ + 1] - bounds[bin_]) * part
    found[there] = values.reshape(-1, rank.shape[1])
    return found


def mean_draws(
    sum_by_day: ArrayLike,
    n_by_day: ArrayLike,
    unit: ArrayLike,
    size: int,
    rng: np.random.Generator,
    units: int | None = None,
) -> Draws:
    """Draws of Σ sum / Σ n of each unit, (K, size); rows are unit-days, `unit` counts from 0.

    The variance is that of a ratio with days as clusters, D / (D − 1) · Σ (s − R·n)² / (Σ n)²
    (Cochran 1977, §6.5 and §9A), mixed with the group's variance per visit as if it had been seen
    on LENT more days: 21 equal days prove no certainty, and a unit with one day borrows all of it.
    Draws are Student's t with as many degrees of freedom. No visits, or no second day in the whole
    group: NaN.
    """
    total, visits, place = _days(sum_by_day, n_by_day, unit)
    count = int(place.max(initial=-1)) + 1 if units is None else units
    n, squares, free, centre = _residuals(total, visits, place, count)
    others, others_free = squares.sum() - squares, free.sum() - free
    with np.errstate(invalid="ignore", divide="ignore"):
        lent = np.minimum(others_free, LENT)
        borrowed = np.where(others_free > 0, others / others_free, 0.0)
        spread = np.sqrt((squares + lent * borrowed) / (free + lent) / n)
    known = (n > 0) & (free + lent > 0)
    draws = np.full((count, size), np.nan, dtype=np.float32)
    noise = rng.standard_t(np.where(known, free + lent, 1)[:, None], (count, size))
    draws[known] = (centre[:, None] + spread[:, None] * noise)[known]
    return draws


def _days(
    sum_by_day: ArrayLike, n_by_day: ArrayLike, unit: ArrayLike
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Only the days that have visits."""
    total, visits = np.asarray(sum_by_day, float), np.asarray(n_by_day, float)
    there = visits > 0
    return total[there], visits[there], np.asarray(unit, np.int64)[there]


def _residuals(
    total: Floats, visits: Floats, place: NDArray[np.int64], count: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Of each unit: visits, squares of day residuals per visit, degrees of freedom, ratio."""
    n = np.bincount(place, weights=visits, minlength=count).astype(float)
    days = np.bincount(place, minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre: Floats = np.bincount(place, weights=total, minlength=count) / n
        squared = np.bincount(place, (total - centre[place] * visits) ** 2, count)
        # D · Σ e² / Σ n, so that squares / free / Σ n is the variance of the ratio.
        squares: Floats = np.where(days > 1, days * squared / n, 0.0)
    return n, squares, np.maximum(days - 1, 0).astype(float), centre


def dependence(x: ArrayLike, n: ArrayLike, unit: ArrayLike) -> Floats:
    """How the errors of J items hang together inside a unit, (J, J), estimated from days.

    Rows are unit-days: `x` and `n` (R, J), n = 0 (or NaN) where the item had nothing that day. The
    same visits feed ratings and waiting, so a bad day shows in both: residuals x − p·n with the
    unit's own p, correlated over all units of the group. An item without variation stands alone.
    For a quantile pass the visits beyond the group's quantile as x.
    """
    seen, exposure = np.asarray(x, float), np.nan_to_num(np.asarray(n, float))
    seen = np.where(exposure > 0, seen, 0.0)
    place = np.asarray(unit, np.int64)
    count = int(place.max(initial=-1)) + 1
    residual = np.empty_like(seen)
    for item in range(seen.shape[1]):
        size = np.bincount(place, exposure[:, item], count)
        share = np.bincount(place, seen[:, item], count) / np.maximum(size, np.finfo(float).tiny)
        residual[:, item] = seen[:, item] - share[place] * exposure[:, item]
    product = residual.T @ residual
    scale = np.sqrt(np.diag(product))
    tied: Floats = np.divide(
        product,
        np.outer(scale, scale),
        out=np.zeros_like(product),
        where=np.outer(scale, scale) > 0,
    )
    np.fill_diagonal(tied, 1.0)
    return tied


def impose(
    draws: ArrayLike,
    corr: ArrayLike,
    rng: np.random.Generator,
    among: NDArray[np.bool_] | None = None,
) -> NDArray[np.floating]:
    """Reorder each unit's draws (K, D, J) so that its items hang together by `corr` (J, J).

    Iman & Conover 1982, Commun Stat B 11:311: each item keeps exactly its draws, only their order
    changes. Every unit has its own scores: one matrix for all would tie the units together.
    Correlations that are all below SLIGHT change nothing. `among` (N,): which K of N units the rows
    are; each is ordered as if all N were asked for.
    """
    given, target = np.asarray(draws), np.asarray(corr, float)
    if given.ndim != 3 or target.shape != (given.shape[2],) * 2:
        raise ValueError("expected draws (K, D, J) and a correlation (J, J)")
    count, size, items = given.shape
    asked = np.ones(count, dtype=np.bool_) if among is None else among
    if asked.sum() != count:
        raise ValueError(f"expected draws of {asked.sum()} units, saw {count}")
    off = target[~np.eye(items, dtype=np.bool_)]
    if size <= items or not np.any(np.abs(off) >= SLIGHT):
        return given
    values, vectors = np.linalg.eigh(target)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    step = max(1, BLOCK // (size * items))
    told, done = np.empty_like(given), 0
    for start in range(0, len(asked), step):
        here = asked[start : start + step]
        raw = rng.standard_normal((len(here), items, size))[here]
        block = slice(done, done + len(raw))
        order = np.argsort(_scores(raw, root), axis=2)
        columns = np.sort(given[block].transpose(0, 2, 1), axis=2)
        np.put_along_axis(told[block].transpose(0, 2, 1), order, columns, axis=2)
        done = block.stop
    return told


def _scores(raw: Floats, root: Floats) -> Floats:
    """From noise (k, J, D) normal scores whose correlation is the target exactly."""
    raw -= raw.mean(axis=2, keepdims=True)
    own = np.linalg.cholesky(raw @ raw.transpose(0, 2, 1) / raw.shape[2])
    mixed: Floats = (root @ np.linalg.inv(own)) @ raw
    return mixed


def composite(parts: Iterable[ArrayLike], weights: ArrayLike) -> Draws:
    """Σ weight × share, (K, D), in the unit of the weights; items come one at a time.

    `parts`: J arrays (K, D) of shares; `weights`: (J,), or (K, J) where units carry different ones.
    A part without weight may be NaN; one with weight makes the unit's composite NaN.
    """
    given = np.asarray(weights, np.float32)
    total: Draws | None = None
    used = 0
    for item, part in enumerate(parts):
        share = np.asarray(part, np.float32)
        weight = given[..., item : item + 1]
        term = np.where(weight == 0, np.float32(0), share * weight)
        if total is None:
            total = term
        else:
            total += term
        used = item + 1
    if total is None or used != given.shape[-1]:
        raise ValueError(f"expected as many parts as weights, {given.shape[-1]}, saw {used}")
    return total
