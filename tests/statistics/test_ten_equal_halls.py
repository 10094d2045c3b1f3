"""Ten halls that are truly equal: hardly ever is a pair told apart, correlated days included."""

import numpy as np
import pytest
from numpy.typing import NDArray

from metrics.fairness.small_frame import surely_better
from metrics.methods.days import day_correlation, design_effect

HALLS, DAYS, RUNS, ALPHA = 10, 22, 300, 0.05
MONTE_CARLO = 2 * np.sqrt(ALPHA * (1 - ALPHA) / RUNS)


def month(
    rng: np.random.Generator, mu: float, rho: float, visits: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Bad ones and visits by hall and day, of one true rate, alike within a day by rho."""
    size = rng.poisson(visits, HALLS * DAYS).astype(float)
    share = np.full(HALLS * DAYS, mu)
    if rho > 0:
        weight = 1 / rho - 1
        share = rng.beta(mu * weight, (1 - mu) * weight, HALLS * DAYS)
    who = np.repeat(np.arange(HALLS), DAYS)
    return rng.binomial(size.astype(int), share).astype(float), size, who


def wrong(seed: int, mu: float, rho: float, visits: int, *, corrected: bool = True) -> float:
    """The share of months in which any pair is told apart although none differs."""
    rng, found = np.random.default_rng(seed), 0
    for _ in range(RUNS):
        bad, size, who = month(rng, mu, rho, visits)
        likeness = day_correlation(bad, size, who) if corrected else 0.0
        deff = design_effect(size, who, likeness, HALLS)
        sums = np.bincount(who, bad), np.bincount(who, size)
        found += bool(surely_better(*sums, deff).any())
    return found / RUNS


@pytest.mark.parametrize(
    ("mu", "rho", "visits"), [(0.03, 0.0, 40), (0.002, 0.0, 40), (0.03, 0.02, 40), (0.2, 0.1, 40)]
)
def test_equal_halls_are_hardly_ever_told_apart(mu: float, rho: float, visits: int) -> None:
    assert wrong(11, mu, rho, visits) <= ALPHA + MONTE_CARLO


def test_without_the_design_effect_they_would_be() -> None:
    """The mutant: correlated days taken as independent visits fail the same gate."""
    assert wrong(11, 0.2, 0.1, 40, corrected=False) > ALPHA + MONTE_CARLO


def test_a_hall_three_times_as_bad_is_told_apart() -> None:
    size = np.full(HALLS, 3000.0)
    bad = np.array([15.0] * 9 + [60.0])
    better = surely_better(bad, size, np.ones(HALLS))
    assert better[9, :9].all()
    assert better.sum() == 9
