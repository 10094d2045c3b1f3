"""Shrinkage of shares: against brute force, published fits, the edges of the model, and mutants."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, stats
from scipy.special import expit, logit

from metrics.methods.beta_binomial import Fit
from metrics.methods.shrinkage import Shrunk, draw_shares, shrink
from tests.published import HITS, RATS, RATS_MEANS, RATS_MLE, REST

Floats = NDArray[np.float64]
MANY = 20_000  # draws where a posterior mean is compared: its error is a hundredth of the sd


def brute(x: Floats, n: Floats) -> tuple[Floats, float, float]:
    """Posterior means of each theta, of mu and of B = M / (M + n0), by scipy on a dense grid.

    The whole plane: mu from 10⁻⁸ to 1 − 10⁻⁸ and B from 10⁻⁵ to 1 − 10⁻⁵, no refining.
    """
    logits, t = np.linspace(-18.4, 18.4, 801)[:, None], np.linspace(-11.5, 11.5, 301)[None, :]
    mu, m = expit(logits), np.median(n) * np.exp(t)
    a, b = mu * m, expit(-logits) * m
    logs = 0.5 * (np.log(mu) + np.log(expit(-logits))) + np.log(expit(t)) + np.log(expit(-t))
    for good, size in zip(x, n, strict=True):
        logs = logs + stats.betabinom.logpmf(good, size, a, b)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    thetas = [float(np.sum(weights * (a + g) / (m + s))) for g, s in zip(x, n, strict=True)]
    return np.array(thetas), float(np.sum(weights * mu)), float(np.sum(weights * expit(t)))


CASES = [
    ([18.0, 15, 19, 20, 12], [20.0, 20, 20, 20, 20]),
    ([5.0, 400, 30, 99], [5.0, 420, 40, 100]),
    ([30.0, 60, 200, 50], [30.0, 60, 200, 50]),  # all at 100 %
    ([1.0, 0], [1.0, 1]),
    ([0.0, 500], [500.0, 500]),  # as far apart as can be
]


@pytest.mark.parametrize(("x", "n"), CASES)
def test_posterior_means_are_those_of_brute_force(x: list[float], n: list[float]) -> None:
    """Of every unit, of the peers' mean and of M by way of B; also where M is not identified."""
    good, size = np.array(x), np.array(n)
    thetas, mu, b = brute(good, size)
    ours = shrink(good, size, draws=MANY, seed=5)
    share = ours.strength / (ours.strength + np.median(size))
    assert ours.mean == pytest.approx(thetas, abs=0.002)
    assert 1 - ours.mu.mean() == pytest.approx(1 - mu, rel=0.05)
    assert share.mean() == pytest.approx(b, abs=0.006)


def test_intervals_are_those_of_the_posterior() -> None:
    """The quantiles of a unit's mixture of beta distributions, by root finding on a dense grid."""
    good, size = np.array([18.0, 15, 19, 20, 12]), np.full(5, 20.0)
    ours = shrink(good, size, draws=MANY, seed=6)

    def inside(theta: float, unit: int) -> float:
        rest = size[unit] - good[unit]
        a, b = ours.mu * ours.strength + good[unit], (1 - ours.mu) * ours.strength + rest
        return float(stats.beta.cdf(theta, a, b).mean())

    for unit in range(5):
        assert inside(float(ours.low[unit]), unit) == pytest.approx(0.025, abs=0.004)
        assert inside(float(ours.high[unit]), unit) == pytest.approx(0.975, abs=0.004)


def test_the_likelihood_has_its_maximum_where_the_published_fit_has_it() -> None:
    """BayesGOF's maximum for Tarone's 70 groups, to its printed digits."""
    x, n = RATS[:, :70]
    fit = Fit(x, n)

    def lost(at: Floats) -> float:
        a, b = np.exp(at)
        return -float(fit(np.array([logit(a / (a + b))]), np.array([np.log(a + b)]))[0, 0])

    found = optimize.minimize(lost, np.log([1.0, 10.0]), method="Nelder-Mead", tol=1e-12)
    assert np.exp(found.x) == pytest.approx(RATS_MLE, rel=2e-4)


def test_the_rats_of_the_textbook() -> None:
    """With the textbook's prior our likelihood gives its means of alpha and beta."""
    x, n = RATS
    u, v = np.linspace(-2.3, -1.3, 201), np.linspace(1, 5, 201)  # BDA figure 5.3
    logits, log_m = u, v
    # (alpha + beta)^(−5/2) is alpha·beta·(alpha + beta)^(−5/2) on ln(alpha / beta), ln of the sum.
    a, b = expit(logits)[:, None] * np.exp(log_m), expit(-logits)[:, None] * np.exp(log_m)
    logs = Fit(x, n)(logits, log_m) + np.log(a) + np.log(b) - 2.5 * log_m
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    assert (np.sum(weights * a), np.sum(weights * b)) == pytest.approx(RATS_MEANS, abs=0.1)
    ours = shrink(x, n, seed=1)
    # 4 of 14 is shrunk to about 0.2 in the textbook, and the group of 0 of 20 is raised.
    assert ours.mean[70] == pytest.approx(0.21, abs=0.015)
    assert 0.05 < ours.mean[0] < 0.08


def test_baseball_is_foretold_better_than_by_the_batting_average() -> None:
    """Efron and Morris: the squared error falls to 29 % (0.022 / 0.077)."""
    ours = shrink(HITS, np.full(18, 45.0), seed=1)
    raw_error, error = np.sum((HITS / 45 - REST) ** 2), np.sum((ours.mean - REST) ** 2)
    assert raw_error == pytest.approx(0.0755, abs=0.002)
    assert error / raw_error < 0.32


def test_no_events_no_number() -> None:
    """Nor are they peers: the others have the same answer without them."""
    ours = shrink([0, 18, 0, 15], [0, 20, 0, 20], seed=3)
    alone = shrink([18, 15], [20, 20], seed=3)
    for name in ("mean", "low", "high", "reliability"):
        told = getattr(ours, name)
        assert np.isnan(told[[0, 2]]).all()
        assert told[[1, 3]] == pytest.approx(getattr(alone, name))
    assert np.isnan(ours.draws[0]).all()
    assert np.isnan(shrink([0, 0], [0, 0]).mean).all()


def test_all_at_a_hundred_per_cent_are_not_told_apart() -> None:
    """Intervals overlap and reach below 1; more ratings are surer; the spread stays finite."""
    ours = shrink([5, 50, 500], [5, 50, 500], seed=4)
    assert np.isfinite(ours.draws).all()
    assert (ours.low < 1).all()
    assert (ours.low < 0.999).all()
    assert np.all(np.diff(ours.mean) >= 0)
    assert (ours.high > ours.low.max()).all()
    assert 0 <= ours.between < 0.01


def test_one_unit_alone_has_jeffreys_posterior() -> None:
    """Nothing to shrink towards: no reliability, and said to have few peers."""
    ours = shrink([9], [10], draws=MANY, seed=5)
    assert ours.mean == pytest.approx([9.5 / 11])
    wanted = stats.beta.ppf([0.025, 0.975], 9.5, 1.5)
    assert [ours.low[0], ours.high[0]] == pytest.approx(wanted, abs=0.01)
    assert np.isnan(ours.reliability).all()
    assert ours.few_peers


@pytest.mark.parametrize(("units", "few"), [(7, True), (8, False)])
def test_below_eight_units_the_spread_is_said_to_be_the_priors(units: int, few: bool) -> None:
    """Units without events do not count."""
    ours = shrink([9.0] * units + [0], [10.0] * units + [0])
    assert ours.few_peers is few


def test_equal_raw_shares_of_different_size_have_different_means() -> None:
    """3 of 3 and 300 of 300 are a tie in the raw number; who has more is believed more."""
    x = np.array([3.0, 300, 85, 90, 95])
    ours = shrink(x, np.array([3.0, 300, 100, 100, 100]), seed=6)
    assert ours.mean[0] < ours.mean[1]
    assert ours.reliability[0] < 0.5 < ours.reliability[1]


def test_the_same_arguments_give_the_same_draws_and_order_moves_no_mean() -> None:
    """Means and reliabilities follow a permutation; draws agree in distribution."""
    rng = np.random.default_rng(7)
    n = rng.integers(5, 200, 40).astype(float)
    x = rng.binomial(n.astype(int), 0.9).astype(float)
    ours, again, other = shrink(x, n, seed=1), shrink(x, n, seed=1), shrink(x, n, seed=2)
    assert np.array_equal(ours.draws, again.draws)
    assert not np.array_equal(ours.draws, other.draws)
    alone = draw_shares(x, n, seed=1)
    assert np.array_equal(alone.draws, ours.draws)
    assert np.array_equal(alone.size, ours.size)
    order = rng.permutation(40)
    moved = shrink(x[order], n[order], seed=1)
    assert np.array_equal(moved.mean, ours.mean[order])
    assert np.array_equal(moved.reliability, ours.reliability[order])
    assert moved.low == pytest.approx(ours.low[order], abs=0.03)


def test_design_effects_take_data_away_in_proportion() -> None:
    """Twice the events with an effect of two say about the same; the result says what was left."""
    ours = shrink([40, 20, 34], [40, 40, 40], deff=2.0, seed=8)
    half = shrink([20, 10, 17], [20, 20, 20], seed=8)
    assert ours.mean == pytest.approx(half.mean, abs=0.02)
    assert ours.size.tolist() == [20, 20, 20]


@pytest.mark.parametrize(
    ("x", "n", "deff"),
    [([3], [2], None), ([-1], [2], None), ([1], [np.inf], None), ([1], [2], 0.5)],
)
def test_what_cannot_be_is_refused(x: list[float], n: list[float], deff: float | None) -> None:
    """More good ones than all, less than none, endless many; events that say more than one each."""
    with pytest.raises(ValueError, match="expected"):
        shrink(x, n, deff=deff)


def town(seed: int, units: int, mu: float, m: float, rho: float = 0.0) -> tuple[Floats, ...]:
    """theta, x, n by unit, n log-normal round 90; with rho events of a day are alike (10 days)."""
    rng = np.random.default_rng(seed)
    theta = rng.beta(mu * m, (1 - mu) * m, units)
    n = np.maximum(10, np.round(np.exp(rng.normal(np.log(90), 1.2, units)))).astype(int)
    if rho == 0:
        return theta, rng.binomial(n, theta).astype(float), n.astype(float)
    a = theta[:, None] * (1 / rho - 1)
    days = rng.beta(np.maximum(a, 1e-9), np.maximum((1 / rho - 1) - a, 1e-9), (units, 10))
    size = n[:, None] // 10 + (np.arange(10) < (n % 10)[:, None])
    return theta, rng.binomial(size, days).sum(axis=1).astype(float), n.astype(float)


def held(theta: Floats, low: Floats, high: Floats) -> float:
    """The share of true values inside their intervals."""
    return float(np.mean((low <= theta) & (theta <= high)))


def plugged(x: Floats, n: Floats) -> tuple[Floats, Floats]:
    """The mutant: the likeliest (mu, M) taken for the truth."""
    logits = logit((x.sum() + 0.5) / (n.sum() + 1)) + np.linspace(-2, 2, 41)
    log_m = np.linspace(-3, 14, 69)
    row, column = divmod(int(Fit(x, n)(logits, log_m).argmax()), 69)
    m = np.exp(log_m[column])
    a, b = expit(logits[row]) * m, expit(-logits[row]) * m
    return tuple(stats.beta.ppf(q, a + x, b + n - x) for q in (0.025, 0.975))


def wald(x: Floats, n: Floats) -> tuple[Floats, Floats]:
    """The mutant of the textbooks."""
    half = 1.96 * np.sqrt(x / n * (1 - x / n) / n)
    return x / n - half, x / n + half


def test_twenty_units_at_a_ceiling_are_covered_where_plug_in_and_wald_are_not() -> None:
    """60 samples, K = 20, mu = .998, M = 60; the mutants fail the gate that ours passes."""
    share = {"ours": [], "plug-in": [], "wald": []}
    for seed in range(60):
        theta, x, n = town(seed, 20, 0.998, 60)
        ours = shrink(x, n, seed=seed)
        share["ours"].append(held(theta, ours.low, ours.high))
        share["plug-in"].append(held(theta, *plugged(x, n)))
        share["wald"].append(held(theta, *wald(x, n)))
    found = {name: float(np.mean(told)) for name, told in share.items()}
    assert found["ours"] >= 0.93, found
    assert found["plug-in"] < 0.93, found
    assert found["wald"] < 0.5, found


def test_correlated_days_are_covered_with_a_design_effect_and_not_without() -> None:
    """20 samples, K = 130, correlation .1 inside a day."""
    share = {True: [], False: []}
    for seed in range(20):
        theta, x, n = town(seed, 130, 0.9, 60, rho=0.1)
        deff = 1 + (n / 10 - 1) * 0.1
        for with_it in share:
            ours: Shrunk = shrink(x, n, deff=np.maximum(deff, 1) if with_it else None, seed=seed)
            share[with_it].append(held(theta, ours.low, ours.high))
    assert 0.93 <= np.mean(share[True]) <= 0.97, np.mean(share[True])
    assert np.mean(share[False]) < 0.88, np.mean(share[False])
