"""Chains with one step that is known to be wrong: each of them must fail a gate.

A check that no mistake can fail proves nothing. The mistakes are those that are made in earnest:
the textbook interval, the likeliest spread taken as certain, a unit's own share as its variance,
one mean for everybody, and days taken as independent.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from metrics.methods.alike import Days
from metrics.methods.shrinkage import Shrunk, shrink
from simulation.analysis import OURS, Bounds, Floats, Ints, Steps
from simulation.cells import Cell
from simulation.truth_estimators import likeliest


def _wald(fit: Shrunk, bad: Floats, size: Floats) -> Bounds:
    share = bad / size
    half = stats.norm.ppf(0.975) * np.sqrt(share * (1 - share) / size)
    return share - half, share + half


def _plug_in(bad: Floats, size: Floats, days: Days, seed: list[int]) -> Shrunk:
    """The likeliest (mu, M) as if it were known, in the place of the draws of it."""
    fit, effect = shrink(bad, size, days=days, seed=seed), days.effects(len(size))
    x, n = bad / effect, size / effect
    mu, strength = likeliest(x, n)
    a, b = mu * strength + x, (1 - mu) * strength + n - x
    drawn = np.random.default_rng(seed).beta(a[:, None], b[:, None], fit.draws.shape)
    return replace(fit, draws=drawn.astype(np.float32))


def _own_variance(fit: Shrunk, bad: Floats, size: Floats) -> Floats:
    return bad * (size - bad) / size**3


def _everybody(group: Ints) -> Ints:
    return np.zeros_like(group)


def _independent(bad: Ints, size: Ints, unit: Ints) -> float:
    return 0.0


@dataclass(frozen=True)
class Mutant:
    """A wrong chain, the cell in which it is caught, and the gate that catches it."""

    name: str
    steps: Steps
    cell: Cell
    gate: str


MUTANTS = (
    Mutant("Wald interval", replace(OURS, interval=_wald), Cell(130, 90, 0.998, 60), "coverage"),
    Mutant("plug-in fit", replace(OURS, fit=_plug_in), Cell(20, 90, 0.998, 500), "coverage"),
    Mutant(
        "plug-in rankability",
        replace(OURS, within=_own_variance),
        Cell(130, 90, 0.998, 60),
        "rankability",
    ),
    Mutant(
        "one mean for everybody",
        replace(OURS, peers=_everybody),
        Cell(130, 90, 0.998, 500, "shift"),
        "group",
    ),
    Mutant(
        "no design effect",
        replace(OURS, likeness=_independent),
        Cell(130, 1000, 0.97, 60, likeness=0.02),
        "coverage",
    ),
)
