"""The likelihood on which shrinkage rests: against scipy's and exact arithmetic, at any size."""

from fractions import Fraction
from math import log

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln, expit

from metrics.methods.beta_binomial import CELLS_LEAST, Fit, draw_pairs
from metrics.methods.grid import effective, normed, stratified
from metrics.methods.rising import Rising, excess


def city(
    units: int, mu: float, m: float, median: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """x of n of units whose shares are Beta(mu·m, (1 − mu)·m), n log-normal."""
    rng = np.random.default_rng(seed)
    n = np.maximum(1, np.round(np.exp(rng.normal(np.log(median), 1.2, units))))
    x = n if mu == 1 else rng.binomial(n.astype(int), rng.beta(mu * m, (1 - mu) * m, units))
    return x.astype(float), n


@pytest.mark.parametrize(("units", "mu", "m"), [(6, 0.9, 20), (150, 0.97, 60), (400, 0.998, 500)])
def test_the_likelihood_is_scipys_on_every_cell(units: int, mu: float, m: float) -> None:
    """To 1e-6 on a grid from M = 0.01 to M = 10⁵, where polynomials stand for most cells."""
    x, n = city(units, mu, m, 60, 1)
    logits, log_m = np.linspace(-3, 8, 41), np.linspace(np.log(0.01), np.log(1e5), 41)
    ours = Fit(x, n)(logits, log_m)
    a = expit(logits)[:, None] * np.exp(log_m)
    b = expit(-logits)[:, None] * np.exp(log_m)
    theirs = np.zeros_like(a)
    for good, size in zip(x, n, strict=True):
        # The binomial coefficient is no part of ours.
        choose = -np.log(size + 1) - betaln(good + 1, size - good + 1)
        theirs += stats.betabinom.logpmf(good, size, a, b) - choose
    assert ours == pytest.approx(theirs, abs=1e-6)


def exact_log(good: int, bad: int, mu: Fraction, m: int) -> float:
    """ln of the beta-binomial likelihood by whole fractions, without a coefficient."""
    product = Fraction(1)
    for step in range(good):
        product *= mu * m + step
    for step in range(bad):
        product *= (1 - mu) * m + step
    for step in range(good + bad):
        product /= m + step
    return log(product.numerator) - log(product.denominator)


@pytest.mark.parametrize("m", [1, 40, 10**6, 10**9, 10**12])
def test_an_m_beyond_all_bounds_costs_no_digits(m: int) -> None:
    """lnΓ(10⁹) has 2·10¹⁰ before its point and so only 6 digits after it; what is asked has 10."""
    logits, log_m = np.array([np.log(3.0)]), np.array([np.log(m)])
    told = Fit(np.array([28.0]), np.array([30.0]))(logits, log_m)[0, 0]
    assert told == pytest.approx(exact_log(28, 2, Fraction(3, 4), m), abs=1e-10)


def test_what_is_left_vanishes_as_s_grows() -> None:
    """v²/2s less v/2s, and continuous where the series takes over from scipy."""
    v, s = np.array([3.0, 700.0]), np.array([1e9])
    assert excess(v, s)[:, 0] == pytest.approx((v**2 - v) / 2e9, rel=1e-5)
    both = excess(v, np.array([32 * (1 - 1e-12), 32.0]))
    assert both[:, 0] == pytest.approx(both[:, 1], abs=1e-8)


def test_a_polynomial_says_what_the_sum_says() -> None:
    """Over 28 logits, and where one polynomial has fewer nodes than the grid has cells."""
    x, _ = city(5000, 0.9, 30, 200, 2)
    logs = np.linspace(-14, 14, 3000)
    rising = Rising(x)
    assert rising(logs, 1e-8) == pytest.approx(rising.exactly(logs), abs=1e-6, rel=1e-12)


@pytest.mark.parametrize(
    ("units", "mu", "m", "median"),
    [
        (1600, 0.97, 60, 90),
        (10_000, 0.97, 60, 90),
        (10_000, 0.998, 500, 1000),
        (1600, 1.0, 1, 30),
        (20, 0.998, 500, 5),
        (2, 0.5, 0.01, 30),
        (300, 0.9, 1e9, 1000),
    ],
)
def test_the_mass_is_resolved(units: int, mu: float, m: float, median: float) -> None:
    """The coarse grid alone leaves 1.2 effective cells at K = 1,600."""
    x, n = city(units, mu, m, median, 3)
    _, _, cells = draw_pairs(x, n, None, 10, np.random.default_rng(0))
    assert cells >= CELLS_LEAST


def test_each_part_of_the_mass_gives_one_draw_in_random_order() -> None:
    """A place of 30 % of the mass has 30 of 100 draws, not 30 on the average."""
    weights = normed(np.log(np.array([0.3, 0.2, 0.5])))
    picked = stratified(weights, 100, np.random.default_rng(4))
    assert np.bincount(picked).tolist() == [30, 20, 50]
    assert not np.all(np.diff(picked) >= 0)
    assert effective(weights) == pytest.approx(1 / 0.38)


def test_few_peers_of_very_different_sizes_settle() -> None:
    """Long tails of M over a narrow core: the 41 nodes left 27 effective cells for ever."""
    good = np.array([0.0, 0.99451242, 170.28776042, 83.71364052, 318.48158294])
    size = np.array([43.93968833, 149.17686348, 3984.73359387, 2091.00115274, 9296.41240972])
    mu, strength, cells = draw_pairs(good, size, None, 500, np.random.default_rng(1))
    assert cells >= CELLS_LEAST
    assert 0.01 < np.median(mu) < 0.05
    assert np.median(strength) > 20
