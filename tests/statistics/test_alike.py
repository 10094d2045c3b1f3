"""Alike days: the likelihood against plain integration, and draws against the exact posterior."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import betaln, expit, logit

from metrics.methods.alike import DayFit, Days, alike_enough
from metrics.methods.shrinkage import shrink

RHO = 0.02
SURE = 1 / RHO - 1
X = np.array([1.0, 0.0, 1.0, 12.0, 3.0])
N = np.array([50.0, 60.0, 3.0, 900.0, 40.0])
UNIT = np.array([0, 0, 1, 2, 2])


def log_days(theta: NDArray[np.float64], unit: int) -> NDArray[np.float64]:
    """ln P(the days of a unit | theta) without coefficients, written out day by day."""
    told = np.zeros_like(theta)
    for x, n in zip(X[unit == UNIT], N[unit == UNIT], strict=True):
        a, b = theta * SURE, (1 - theta) * SURE
        told += betaln(x + a, n - x + b) - betaln(a, b)
    return told


def integrated(mu: float, strength: float) -> float:
    """The log likelihood of (mu, M), each unit's integral by quadrature on the logit."""
    a, b, centre = mu * strength, (1 - mu) * strength, float(logit(mu))
    spread = 1 / np.sqrt(strength * mu * (1 - mu))
    low, high = centre - 14 * spread - 16 / a, centre + 14 * spread
    whole = 0.0
    for unit in range(3):
        top = float(log_days(np.array([mu]), unit)[0])

        def density(at: float, unit: int = unit, top: float = top) -> float:
            theta = float(expit(at))
            prior = a * np.log(theta) + b * np.log1p(-theta) - betaln(a, b)
            return float(np.exp(log_days(np.array([theta]), unit)[0] - top + prior))

        found = quad(density, low, min(high, 30), limit=500, points=[centre])[0]
        whole += np.log(found) + top
    return whole


def test_the_likelihood_of_the_peers_is_the_integral_over_their_truth() -> None:
    """From peers that differ much to peers that hardly do; up to one constant."""
    fit = DayFit(Days(X, N, UNIT, RHO), 3)
    pairs = [(0.02, 5), (0.02, 60), (0.02, 500), (0.02, 2e4), (0.005, 60), (0.1, 60), (0.1, 2e4)]
    ours = [float(fit(np.array([logit(mu)]), np.array([np.log(m)]))[0, 0]) for mu, m in pairs]
    exact = [integrated(mu, m) for mu, m in pairs]
    away = np.array(ours) - np.array(exact)
    assert np.ptp(away) < 0.03


def test_near_the_mass_a_polynomial_is_as_good_as_each_cell() -> None:
    fit = DayFit(Days(X, N, UNIT, RHO), 3)
    logits, log_m = np.linspace(-6, -3, 41), np.linspace(2, 6, 41)
    assert np.abs(fit(logits, log_m) - fit._grid(logits, log_m)).max() < 1e-5


def test_draws_have_the_posterior_of_the_days() -> None:
    """Mean and quantiles of each unit's draws against its posterior on a fine grid."""
    rng = np.random.default_rng(5)
    count = 40
    theta = rng.beta(0.03 * 60, 0.97 * 60, count)
    unit = np.repeat(np.arange(count), 20)
    n = rng.integers(20, 80, len(unit)).astype(float)
    luck = rng.beta(theta[unit] * SURE, (1 - theta[unit]) * SURE)
    x = rng.binomial(n.astype(int), luck).astype(float)
    days = Days(x, n, unit, RHO)
    total = np.bincount(unit, x), np.bincount(unit, n)
    fit = shrink(*total, days=days, draws=4000, seed=3)

    nodes = np.linspace(-9, 1, 4001)
    shares = expit(nodes)
    pairs = slice(None, None, 40)
    a, b = (fit.mu * fit.strength)[pairs], ((1 - fit.mu) * fit.strength)[pairs]
    prior = a[:, None] * np.log(shares) + b[:, None] * np.log1p(-shares) - betaln(a, b)[:, None]
    for one in (0, 7, 21, 39):
        own = unit == one
        first, second = shares * SURE, (1 - shares) * SURE
        told = sum(
            betaln(k + first, m - k + second) - betaln(first, second)
            for k, m in zip(x[own], n[own], strict=True)
        )
        # Each pair counts alike: it was drawn from its posterior.
        each = np.exp(told + prior - (told + prior).max(axis=1, keepdims=True))
        weights = (each / each.sum(axis=1, keepdims=True)).mean(axis=0)
        mean = float(weights @ shares)
        spread = float(np.sqrt(weights @ (shares - mean) ** 2))
        assert fit.mean[one] == pytest.approx(mean, abs=0.12 * spread)
        for p in (0.1, 0.5, 0.9):
            exact = float(np.interp(p, np.cumsum(weights), shares))
            assert np.quantile(fit.draws[one], p) == pytest.approx(exact, abs=0.2 * spread)


def test_days_that_are_not_alike_leave_the_plain_posterior() -> None:
    days = Days(X, N, UNIT, 0.0)
    assert not alike_enough(days, 3)
    x, n = np.bincount(UNIT, X), np.bincount(UNIT, N)
    with_days, plain = shrink(x, n, days=days, seed=2), shrink(x, n, seed=2)
    assert np.array_equal(with_days.draws, plain.draws)


def test_a_clump_of_one_day_says_less_than_the_same_spread_over_days() -> None:
    """Twelve bad ratings of one day may be one bad morning."""
    n = np.full(40, 50.0)
    unit = np.repeat([0, 1], 20)
    clump, even = np.zeros(20), np.zeros(20)
    clump[3], even[:12] = 12, 1
    days = Days(np.concatenate([clump, even]), n, unit, 0.05)
    fit = shrink([12, 12], [1000, 1000], days=days, seed=1)
    assert fit.mean[0] < fit.mean[1]


def test_the_order_of_units_and_a_unit_without_events_change_nothing_else() -> None:
    days = Days(X, N, UNIT, RHO)
    x, n = np.append(np.bincount(UNIT, X), 0), np.append(np.bincount(UNIT, N), 0)
    fit = shrink(x, n, days=days, seed=2)
    assert np.isnan(fit.draws[3]).all()
    assert np.isnan(fit.mean[3])
    assert fit.draws[:3].shape == (3, 500)
    assert ((fit.draws[:3] >= 0) & (fit.draws[:3] <= 1)).all()
