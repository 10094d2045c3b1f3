"""The smallest change of the weights that brings a unit level with one that is ahead of it.

Source: METHODS §14; the principle of Saisana, Saltelli & Tarantola 2005 (JRSS-A 168:307), who ask
when D(A, B), the difference of two countries, changes its sign.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Move = tuple[Floats, float]
ROUNDS, NEAR = 200, 1e-9


def smallest_flip(
    a: ArrayLike, b: ArrayLike, weights: ArrayLike, *, lead: float = 0.0, least: float = 0.0
) -> Move | None:
    """(change (J,), its L1 size) after which b stands level with a; None where nothing does it.

    `a`, `b`: (J,) shares, NaN where a unit is scored without the item; `lead`: points that a is
    ahead by beside the weights. The weights keep their sum and none falls below `least` (one that
    is lower already stays). Unless b is somewhere better no honest weighting brings it level; if
    it is level or ahead already, nothing changes. Where both have the same items the answer is the
    optimum in closed form; else the quotients are followed step by step to a local one.
    """
    first, second = np.asarray(a, float), np.asarray(b, float)
    given = np.asarray(weights, float)
    if not first.shape == second.shape == given.shape or given.ndim != 1:
        raise ValueError("expected a, b and weights of the same length (J,)")
    if not given.sum() > 0 or np.any(given < 0):
        raise ValueError("expected weights of at least 0, not all 0")
    ahead, gain = _lead(first, second, given, lead)
    if ahead <= NEAR:
        return np.zeros_like(given), 0.0
    both = ~(np.isnan(first) | np.isnan(second))
    if lead >= 0 and both.all() and not np.any(second > first):
        return None
    at = given
    for _ in range(ROUNDS):
        change = _least_move(gain, given, ahead + float(gain @ (at - given)), least)
        if change is None:
            return None
        # Half a step where the quotients bend: full ones may swing from side to side.
        at = given + change if both.all() else (at + given + change) / 2
        ahead, gain = _lead(first, second, at, lead)
        if abs(ahead) < NEAR:
            return at - given, float(np.abs(at - given).sum())
    return None


def _lead(a: Floats, b: Floats, weights: Floats, lead: float) -> tuple[float, Floats]:
    """By how many points a is ahead, and what b gains on it by a point more of each weight."""
    whole, ahead = float(weights.sum()), lead
    gain = np.zeros_like(weights)
    for shares, sign in ((a, 1.0), (b, -1.0)):
        there = ~np.isnan(shares)
        carried = float(weights[there].sum())
        if carried <= 0:
            continue
        mean = float(weights[there] @ shares[there]) / carried
        ahead += sign * whole * mean
        gain[there] -= sign * whole * (shares[there] - mean) / carried
    return ahead, gain


def _least_move(gain: Floats, weights: Floats, need: float, least: float) -> Floats | None:
    """Σ gain · change = need with the least Σ |change|, Σ change = 0 and a floor under each weight.

    Every point goes to the item of the greatest gain, and comes first from where it is lowest: any
    other pair of items moves the difference by less for the same change.
    """
    change = np.zeros_like(weights)
    if need <= 0:
        return change
    to = int(np.argmax(gain))
    for giver in np.argsort(gain, kind="stable"):
        worth = gain[to] - gain[giver]
        if worth <= 0:
            return None
        part = min(max(weights[giver] - least, 0.0), need / worth)
        change[giver] -= part
        change[to] += part
        need -= part * worth
        if need <= 1e-12 * max(1.0, abs(worth)):
            return change
    return None
