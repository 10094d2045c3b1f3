"""How much a ranking owes to its weights: other weightings, an item left out, z instead of points.

K units, J items. A unit without a value of an item (NaN) is scored on the others, whose weights
grow in proportion, as the score does it; what is taken or given without weight stays as it is.
Source: Saisana, Saltelli & Tarantola 2005, JRSS-A 168:307; OECD/JRC Handbook on Constructing
Composite Indicators 2008, steps 5 and 7.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BLOCK = 2**20  # scores that are held at a time
FEW_PLACES = 5  # a move that people notice
PRINTED = 0.01  # points: equal printed scores are ties


@dataclass(frozen=True, eq=False)
class WeightStudy:
    """What other weightings do to each unit; all (K,) but `dropped`.

    `rank` by the weights as published (competition rank on the printed score); `top` and `bottom`:
    share of the weightings in the first and in the last tenth; `low`, `high`: the ranks that hold
    95 % of them; `moved`: share with a move of FEW_PLACES places or more; `dropped` (K, J): rank
    without each item, 0 where nothing is left to score; `by_z`: rank by the items' z-scores within
    the cohort instead of their points. Who is tied from the first tenth to the last is in neither.
    """

    rank: Ints
    top: Floats
    bottom: Floats
    low: Ints
    high: Ints
    moved: Floats
    dropped: Ints
    by_z: Ints


@dataclass(frozen=True, eq=False)
class _Cohort:
    """Shares (K, J) with NaN as 0, which of them there are, and the points beside the weights."""

    share: Floats
    seen: Floats
    fixed: Floats
    whole: float
    step: float
    least: float
    most: float

    def scores(self, weightings: Floats) -> Floats:
        """Scores (K, B) by B weightings, in points."""
        earned = self.share @ weightings.T
        carried = self.seen @ weightings.T
        mean = np.divide(earned, carried, out=np.zeros_like(earned), where=carried > 0)
        return np.clip(self.fixed[:, None] + self.whole * mean, self.least, self.most)

    def ranked(self, scores: Floats) -> tuple[Ints, Ints]:
        """Best and worst place (K, B) of each unit: they differ where printed scores are equal."""
        return _places(np.floor(scores / self.step + 0.5))


def perturbed(
    points_share: ArrayLike,
    weights: ArrayLike,
    size: int = 2000,
    spread: float = 0.2,
    seed: int = 0,
    *,
    fixed: ArrayLike = 0.0,
    step: float = PRINTED,
    limits: tuple[float, float] = (-np.inf, np.inf),
) -> WeightStudy:
    """Rank all units again under `size` other weightings (see `weightings`).

    `points_share`: (K, J), the share of its weight that an item earns, NaN where it has no value;
    `weights`: (J,) points; `fixed`: points (K,) that no weight multiplies; `limits`: floor and most
    of a score. Ranks at a time, so memory is O(K · size) small integers.
    """
    given, cohort = _cohort(points_share, weights, fixed, step, limits)
    drawn = weightings(given, size, spread, seed)
    block = max(1, BLOCK // max(1, len(cohort.share)))
    scores = (cohort.scores(drawn[at : at + block]) for at in range(0, size, block))
    return _study(cohort, given, scores, size)


def combined(
    points_share: ArrayLike,
    parts: Iterable[ArrayLike],
    weights: ArrayLike,
    spread: float = 0.2,
    seed: int = 0,
    *,
    fixed: ArrayLike = 0.0,
    step: float = PRINTED,
    limits: tuple[float, float] = (-np.inf, np.inf),
) -> WeightStudy:
    """Weights and chance at once: draw d of every item is added up by weighting d.

    `parts`: J arrays (K, D) of drawn shares, one at a time; `points_share` (K, J) gives the
    published ranks from which moves are counted. Memory is O(K · D).
    """
    given, cohort = _cohort(points_share, weights, fixed, step, limits)
    drawn: Floats | None = None
    earned = carried = np.zeros((0, 0), dtype=np.float32)
    used = 0
    for item, part in enumerate(parts):
        share = np.asarray(part, np.float32)
        if drawn is None:
            drawn = weightings(given, share.shape[1], spread, seed).astype(np.float32)
            earned, carried = np.zeros_like(share), np.zeros_like(share)
        there = ~np.isnan(share)
        earned += np.where(there, share, 0) * drawn[:, item]
        carried += there * drawn[:, item]
        used = item + 1
    if used != len(given):
        raise ValueError(f"expected as many parts as weights, {len(given)}, saw {used}")
    size, block = earned.shape[1], max(1, BLOCK // max(1, len(earned)))
    scores = (
        _drawn_scores(cohort, earned[:, at : at + block], carried[:, at : at + block])
        for at in range(0, size, block)
    )
    return _study(cohort, given, scores, size)


def weightings(weights: ArrayLike, size: int, spread: float = 0.2, seed: int = 0) -> Floats:
    """Each weight times its own U(1 − spread, 1 + spread), then brought to the same sum, (size, J).

    A Dirichlet of the same average spread would move a weight of 5 % by 61 % (METHODS §14).
    """
    given = np.asarray(weights, float)
    if given.ndim != 1 or np.any(given < 0) or not given.sum() > 0 or not 0 <= spread < 1:
        raise ValueError("expected weights (J,) of at least 0, not all 0, and 0 <= spread < 1")
    drawn = given * np.random.default_rng(seed).uniform(1 - spread, 1 + spread, (size, len(given)))
    told: Floats = drawn * (given.sum() / drawn.sum(axis=1, keepdims=True))
    return told


def _cohort(
    points_share: ArrayLike,
    weights: ArrayLike,
    fixed: ArrayLike,
    step: float,
    limits: tuple[float, float],
) -> tuple[Floats, _Cohort]:
    share, given = np.asarray(points_share, float), np.asarray(weights, float)
    if share.ndim != 2 or given.shape != share.shape[1:]:
        raise ValueError("expected shares (K, J) and weights (J,)")
    seen = ~np.isnan(share)
    beside = np.broadcast_to(np.asarray(fixed, float), len(share))
    told = np.where(seen, share, 0.0)
    return given, _Cohort(told, seen.astype(float), beside, float(given.sum()), step, *limits)


def _drawn_scores(
    cohort: _Cohort, earned: NDArray[np.float32], carried: NDArray[np.float32]
) -> Floats:
    mean = np.divide(earned, carried, out=np.zeros_like(earned), where=carried > 0)
    told: Floats = np.clip(cohort.fixed[:, None] + cohort.whole * mean, cohort.least, cohort.most)
    return told


def _study(cohort: _Cohort, given: Floats, scores: Iterator[Floats], size: int) -> WeightStudy:
    count = len(cohort.share)
    base = cohort.ranked(cohort.scores(given[None, :]))[0][:, 0]
    tenth = -(-count // 10)
    top, bottom, moved = (np.zeros(count, dtype=np.int64) for _ in range(3))
    kind = np.int16 if count < 2**15 else np.int32
    ranks = np.empty((count, size), dtype=kind)
    at = 0
    for block in scores:
        best, worst = cohort.ranked(block)
        first, last = best <= tenth, worst > count - tenth
        top += (first & ~last).sum(axis=1)
        bottom += (last & ~first).sum(axis=1)
        moved += (np.abs(best - base[:, None]) >= FEW_PLACES).sum(axis=1)
        ranks[:, at : at + block.shape[1]] = best
        at += block.shape[1]
    ranks.sort(axis=1)
    low, high = int(0.025 * size), int(np.ceil(0.975 * size)) - 1
    return WeightStudy(
        rank=base,
        top=top / size,
        bottom=bottom / size,
        low=ranks[:, low].astype(np.int64),
        high=ranks[:, high].astype(np.int64),
        moved=moved / size,
        dropped=_dropped(cohort, given),
        by_z=_by_z(cohort, given),
    )


def _places(scores: Floats) -> tuple[Ints, Ints]:
    """Competition ranks (K, B) from the best and from the worst of those that are equal."""
    order = np.argsort(-scores, axis=0, kind="stable")
    ordered = np.take_along_axis(scores, order, axis=0)
    place = np.arange(len(scores))[:, None]
    fresh = np.ones(scores.shape, dtype=np.bool_)
    fresh[1:] = ordered[1:] != ordered[:-1]
    first = np.maximum.accumulate(np.where(fresh, place, 0), axis=0)
    ends = np.ones(scores.shape, dtype=np.bool_)
    ends[:-1] = fresh[1:]
    rising = np.where(ends, place, len(scores))[::-1]
    last = np.minimum.accumulate(rising, axis=0)[::-1]
    best, worst = np.empty(scores.shape, np.int64), np.empty(scores.shape, np.int64)
    np.put_along_axis(best, order, first + 1, axis=0)
    np.put_along_axis(worst, order, last + 1, axis=0)
    return best, worst


def _dropped(cohort: _Cohort, given: Floats) -> Ints:
    """Ranks (K, J) without each item, its weight spread over the others."""
    without = np.where(np.eye(len(given), dtype=np.bool_), 0.0, given)
    left = cohort.seen @ without.T > 0
    scores = np.where(left, cohort.scores(without), -np.inf)
    return np.where(left, cohort.ranked(scores)[0], 0)


def _by_z(cohort: _Cohort, given: Floats) -> Ints:
    """Ranks by z-scores, on the scale of the items' mean spread so that `fixed` keeps its size."""
    seen = cohort.seen > 0
    count = np.maximum(seen.sum(axis=0), 1)
    mean = cohort.share.sum(axis=0) / count
    off = np.where(seen, cohort.share - mean, 0.0)
    spread = np.sqrt((off**2).sum(axis=0) / count)
    z = np.divide(off, spread, out=np.zeros_like(off), where=spread > 0)
    scale = float(spread @ given / given.sum())
    # No floor and no most: a z-score has no full points.
    whole = _Cohort(
        z * scale, cohort.seen, cohort.fixed, cohort.whole, cohort.step, -np.inf, np.inf
    )
    return whole.ranked(whole.scores(given[None, :]))[0][:, 0]
