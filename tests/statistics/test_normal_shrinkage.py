"""Shrinkage of estimates with known errors: against brute force, metafor, and at its edges."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, stats

from metrics.methods.normal import restricted, shrink_normal
from tests.published import BCG, BCG_REML, SCHOOLS, SCHOOLS_ERROR

Floats = NDArray[np.float64]
MANY = 20_000


def brute(y: Floats, s: Floats) -> tuple[Floats, float]:
    """Posterior means of theta and of B = s0² / (s0² + tau²): mu and tau on a dense plane."""
    s0 = np.median(s**2)
    t = np.linspace(-11, 11, 501)[None, :]
    tau2, b = s0 * np.exp(-t), 1 / (1 + np.exp(-t))
    mu = (y.mean() + np.linspace(-12, 12, 1201) * (s.max() + y.std()))[:, None]
    logs = np.log(b) + np.log(1 - b) + 0 * mu
    for value, error in zip(y, s, strict=True):
        logs = logs + stats.norm.logpdf(value, mu, np.sqrt(error**2 + tau2))
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    thetas = [
        float(np.sum(weights * (value * tau2 + mu * error**2) / (tau2 + error**2)))
        for value, error in zip(y, s, strict=True)
    ]
    return np.array(thetas), float(np.sum(weights * b))


@pytest.mark.parametrize(
    ("y", "s"),
    [
        (SCHOOLS, SCHOOLS_ERROR),
        (np.array([10.0, 12, 30]), np.array([1.0, 4, 2])),
        (np.array([5.0, 5, 5, 5]), np.array([1.0, 2, 3, 4])),
    ],
)
def test_posterior_means_are_those_of_brute_force(y: Floats, s: Floats) -> None:
    """Eight schools, three far apart, four that are equal."""
    thetas, b = brute(y, s)
    ours = shrink_normal(y, s, draws=MANY, seed=1)
    s0 = np.median(s**2)
    errors = 0.03 * s.max()
    assert ours.mean == pytest.approx(thetas, abs=errors)
    # The reliability of a unit with error s0 would be 1 − B.
    equal = np.flatnonzero(s**2 == s0)
    assert ours.reliability[equal] == pytest.approx(np.full(len(equal), 1 - b), abs=0.01)


def test_our_likelihood_has_its_maximum_at_metafors_reml() -> None:
    """With mu integrated it is the restricted likelihood: tau² of the BCG trials is 0.3132."""
    ill, well, ill_control, well_control = BCG.T
    of, of_control = ill + well, ill_control + well_control
    y = np.log(ill / of) - np.log(ill_control / of_control)
    variance = 1 / ill - 1 / of + 1 / ill_control - 1 / of_control
    found = optimize.minimize_scalar(
        lambda tau2: -float(restricted(y, variance, np.array([tau2]))[0]), bounds=(0.01, 2)
    )
    assert found.x == pytest.approx(BCG_REML, abs=5e-5)
    ours = shrink_normal(y, np.sqrt(variance), seed=2)
    assert 0.25 < ours.between < 0.7


def test_intervals_hold_true_values_in_95_of_a_hundred() -> None:
    """150 samples of 12 units, half of the variance between them."""
    rng = np.random.default_rng(3)
    inside = []
    for seed in range(150):
        theta, s = rng.normal(0, 1, 12), rng.uniform(0.5, 2, 12)
        ours = shrink_normal(rng.normal(theta, s), s, seed=seed)
        inside.append((ours.low <= theta) & (theta <= ours.high))
    # 1,800 intervals that share their hyper-parameters by twelve.
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def test_ten_thousand_units_have_draws_of_their_spread_and_not_one_node() -> None:
    """The spread is known to 1.4 %: 401 fixed nodes 7 % apart would hold all the mass in two."""
    rng = np.random.default_rng(4)
    y = rng.normal(rng.normal(0, 1, 10_000), 1)
    ours = shrink_normal(y, np.ones(10_000), seed=5, draws=2000)
    assert ours.between == pytest.approx(1.0, abs=0.08)
    # sd of tau² is (1 + 1)·√(2/K) when errors and spread are 1.
    spread = 1 / (1 / (1 - (1 - ours.reliability[0])) - 1)
    assert spread == pytest.approx(ours.between, rel=0.01)


def test_no_estimate_no_number_and_one_keeps_its_own() -> None:
    """NaN is no peer; a single one is not shrunk and has no reliability."""
    ours = shrink_normal([np.nan, 4.0, np.nan], [1.0, 2.0, np.nan], draws=MANY, seed=6)
    assert np.isnan(ours.mean[[0, 2]]).all()
    assert ours.mean[1] == 4.0
    assert [ours.low[1], ours.high[1]] == pytest.approx([4 - 3.92, 4 + 3.92], abs=0.1)
    assert np.isnan(ours.reliability).all()
    assert np.isnan(ours.between)
    assert np.isnan(shrink_normal([np.nan], [1.0]).mean).all()


def test_two_units_with_tiny_errors_keep_what_they_have() -> None:
    """What is known is not moved to its peer."""
    ours = shrink_normal([1.0, 9.0], [1e-6, 1e-6], seed=7)
    assert ours.mean == pytest.approx([1, 9], abs=1e-3)
    assert (ours.reliability > 0.999).all()


@pytest.mark.parametrize("s", [[1.0, 0.0], [1.0, -1], [1.0, np.nan], [1.0]])
def test_an_estimate_without_an_error_is_refused(s: list[float]) -> None:
    """Nothing is known for sure."""
    with pytest.raises(ValueError, match="errors above 0"):
        shrink_normal([1.0, 2.0], s)


def test_the_same_arguments_give_the_same_draws() -> None:
    """And another seed others."""
    first, second = (shrink_normal(SCHOOLS, SCHOOLS_ERROR, seed=1).draws for _ in range(2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, shrink_normal(SCHOOLS, SCHOOLS_ERROR, seed=2).draws)
