"""Draws of one unknown by its posterior on a line of nodes that closes in on where the mass is."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
FARTHEST = 14.0  # |logit B|: a spread a million times the errors, or a millionth of them
NEGLIGIBLE = 1e-6
NODES, PASSES = 201, 8
CELLS_LEAST = 30.0


def draw_shrinkage(fit: Callable[[Floats], Floats], draws: int, rng: np.random.Generator) -> Floats:
    """Draws (D,) of t = logit B, B uniform on (0, 1) by the prior; `fit`: log likelihood at t (N,).

    Deterministic in the generator. At least CELLS_LEAST effective nodes carry the mass.
    """
    low, high = -FARTHEST, FARTHEST
    for _ in range(PASSES):
        nodes = np.linspace(low, high, NODES)
        b = expit(nodes)
        weights = normed(fit(nodes) + np.log(b) + np.log1p(-b))
        step = nodes[1] - nodes[0]
        if effective(weights) >= CELLS_LEAST:
            break
        kept = np.flatnonzero(weights > NEGLIGIBLE)
        low, high = float(nodes[kept[0]]) - step, float(nodes[kept[-1]]) + step
    found: Floats = nodes[stratified(weights, draws, rng)] + (rng.random(draws) - 0.5) * step
    return found


def normed(logs: Floats) -> Floats:
    """Weights that add up to 1 from logarithms of any height."""
    weights = np.exp(logs - logs.max())
    whole: Floats = weights / weights.sum()
    return whole


def effective(weights: Floats) -> float:
    """How many equal cells would spread the mass as much, 1 / Σ w²."""
    return float(1 / np.sum(weights**2))


def stratified(weights: Floats, draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Places (D,) of a flat array of weights, one from each D-th part of the mass, in random order.

    Less noise than independent draws. The order must be random: columns of two metrics that were
    both sorted would look as if the metrics hung together.
    """
    upto = np.cumsum(weights.ravel())
    at = (np.arange(draws) + rng.random(draws)) / draws * upto[-1]
    picked: NDArray[np.int64] = np.minimum(np.searchsorted(upto, at, side="right"), len(upto) - 1)
    return rng.permutation(picked)
