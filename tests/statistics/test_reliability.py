"""Rankability under the fit, and the plug-in that must not come back."""

import math

import numpy as np
import pytest

from metrics.methods.reliability import rankability, reading
from metrics.methods.shrinkage import shrink


def test_rankability_is_the_share_of_the_spread_that_is_real() -> None:
    """By hand: 4 of 4 + the median 12; units without a value do not count."""
    assert rankability(4.0, [1.0, 12.0, 100.0]) == 0.25
    assert rankability(4.0, [1.0, 12.0, 100.0, np.nan]) == 0.25
    assert rankability(0.0, [2.0]) == 0.0
    assert math.isnan(rankability(1.0, [np.nan]))
    assert math.isnan(rankability(1.0, []))
    assert math.isnan(rankability(0.0, [0.0, 0.0]))


@pytest.mark.parametrize(("tau2", "s2"), [(-0.1, [1.0]), (0.1, [1.0, -1.0])])
def test_a_variance_below_zero_is_refused(tau2: float, s2: list[float]) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        rankability(tau2, s2)


def test_the_three_words_change_at_a_half_and_at_three_quarters() -> None:
    found = [reading(one) for one in (0.0, 0.4999, 0.5, 0.75, 0.7501, 1.0, float("nan"))]
    assert found == ["poor", "poor", "moderate", "moderate", "high", "high", "unknown"]


def test_at_the_ceiling_the_plug_in_says_one_where_fifteen_hundredths_are_right() -> None:
    """130 counters, 99.8 % good, 90 ratings each, M = 510: 1 / (1 + 510/90) = 0.15.

    The plug-in x(n − x)/n³ is 0 for the more than half of the counters that have no bad rating.
    """
    rng = np.random.default_rng(8)
    size, mu, strength = np.full(130, 90), 0.998, 510.0
    theta = rng.beta(mu * strength, (1 - mu) * strength, 130)
    good = rng.binomial(size, theta)
    between = mu * (1 - mu) / (strength + 1)
    within = mu * (1 - mu) * strength / (strength + 1) / size
    right = rankability(between, within)
    mutant = rankability(between, good * (size - good) / size**3)
    fit = shrink(good, size)
    assert right == pytest.approx(0.15, abs=0.001)
    assert mutant == 1.0
    assert rankability(fit.between, fit.within) < 0.5


def test_a_few_draws_of_a_huge_variance_are_not_the_whole_of_it() -> None:
    """The lower quartile over draws of tau²: 19 of 0.01 and one of 100 are 0.0099."""
    draws = np.array([0.01] * 19 + [100.0])
    assert rankability(float(draws.mean()), 1.0) > 0.8
    assert rankability(draws, 1.0) == pytest.approx(0.01 / 1.01)
    assert rankability(np.array([0.0, 1.0]), 0.0) == 0.25
    assert np.isnan(rankability(np.zeros(3), 0.0))
