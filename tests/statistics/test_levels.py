"""Shrinkage of mean grades: against brute force, against two levels, coverage, and the edges."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from metrics.methods.intervals import jeffreys
from metrics.methods.levels import LevelFit, level_interval, shrink_levels
from metrics.methods.shrinkage import shrink

Floats = NDArray[np.float64]
POINTS = np.array([0.0, 30, 60, 80, 100])
MANY = 20_000
COUNTS = np.array(
    [[0, 1, 3, 10, 40], [2, 0, 5, 20, 30], [0, 0, 0, 1, 9], [0, 2, 1, 5, 60], [1, 1, 10, 8, 20]]
)


def pooled(counts: Floats) -> Floats:
    """Half a count is added per level."""
    total = counts.sum(axis=0) + 0.5
    return total / total.sum()


@pytest.mark.parametrize("m", [0.05, 3.0, 400.0, 1e6])
def test_the_likelihood_is_scipys(m: float) -> None:
    """scipy.stats.dirichlet_multinomial, up to the coefficient that knows no M."""
    share = pooled(COUNTS)
    base = sum(stats.dirichlet_multinomial.logpmf(row, share * 7.0, row.sum()) for row in COUNTS)
    here = sum(stats.dirichlet_multinomial.logpmf(row, share * m, row.sum()) for row in COUNTS)
    ours = LevelFit(COUNTS.astype(float), share)(np.log(np.array([7.0, m])))
    assert ours[1] - ours[0] == pytest.approx(float(here - base), abs=1e-6)


def test_posterior_means_and_errors_are_those_of_brute_force() -> None:
    """M on a dense line by scipy; mean and variance of a mean grade by Dirichlet's formulas."""
    share, size = pooled(COUNTS), COUNTS.sum(axis=1)
    t = np.linspace(-13, 13, 2001)
    b, m = 1 / (1 + np.exp(-t)), np.median(size) * np.exp(t)
    logs = np.log(b) + np.log1p(-b)
    for row in COUNTS:
        logs = logs + stats.dirichlet_multinomial.logpmf(row, m[:, None] * share, row.sum())
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    ours = shrink_levels(COUNTS, POINTS, draws=MANY, seed=1)
    for unit, row in enumerate(COUNTS):
        a = m[:, None] * share + row
        mean = a @ POINTS / a.sum(axis=1)
        inner = ((a @ POINTS**2) / a.sum(axis=1) - mean**2) / (a.sum(axis=1) + 1)
        first = np.sum(weights * mean)
        spread = np.sum(weights * inner) + np.sum(weights * (mean - first) ** 2)
        assert ours.mean[unit] == pytest.approx(first, abs=0.05)
        assert ours.sd[unit] == pytest.approx(np.sqrt(spread), rel=0.02)
        assert ours.draws[unit].mean() == pytest.approx(first, abs=0.15)
        assert ours.draws[unit].std() == pytest.approx(np.sqrt(spread), rel=0.03)


def test_two_levels_of_many_units_are_the_beta_binomial() -> None:
    """Where mu is known well, fixing it at the pooled share and drawing it are the same."""
    rng = np.random.default_rng(2)
    n = rng.integers(20, 200, 300)
    x = rng.binomial(n, rng.beta(18, 2, 300))
    two = shrink_levels(np.stack([n - x, x], axis=1), [0.0, 1.0], seed=3)
    one = shrink(x, n, seed=3)
    assert two.mean == pytest.approx(one.mean, abs=0.005)
    assert two.low == pytest.approx(one.low, abs=0.03)
    assert two.reliability == pytest.approx(one.reliability, abs=0.03)
    assert two.between == pytest.approx(one.between.mean(), rel=0.15)
    assert two.within == pytest.approx(one.within, rel=0.1)


def test_intervals_hold_true_means_in_95_of_a_hundred() -> None:
    """40 samples of 60 units round 98 % satisfied, n from 10."""
    rng = np.random.default_rng(4)
    share, inside = np.array([0.004, 0.006, 0.03, 0.16, 0.8]), []
    for seed in range(40):
        truth = rng.dirichlet(60 * share, 60)
        n = np.maximum(10, np.exp(rng.normal(4, 1.2, 60))).astype(int)
        counts = np.array([rng.multinomial(size, p) for size, p in zip(n, truth, strict=True)])
        ours = shrink_levels(counts, POINTS, seed=seed)
        inside.append((ours.low <= truth @ POINTS) & (truth @ POINTS <= ours.high))
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def test_no_ratings_no_number_and_one_alone_is_jeffreys() -> None:
    """Half a count per level for a single unit; nothing is known of its peers' shares."""
    ours = shrink_levels([[0, 0, 0, 0, 0], [0, 0, 0, 1, 9]], POINTS, draws=MANY, seed=5)
    assert np.isnan([ours.mean[0], ours.sd[0], ours.low[0], ours.reliability[0]]).all()
    assert ours.mean[1] == pytest.approx((1.5 * 80 + 9.5 * 100 + 0.5 * 90) / 12.5)
    assert np.isnan(ours.reliability[1])
    assert np.isnan(shrink_levels(np.zeros((2, 5)), POINTS).mean).all()


def test_all_fully_satisfied_are_not_told_apart() -> None:
    """Finite, overlapping, the surer the more there are."""
    counts = np.zeros((3, 5))
    counts[:, 4] = [5, 50, 500]
    ours = shrink_levels(counts, POINTS, seed=6)
    assert np.isfinite(ours.draws).all()
    assert np.all(np.diff(ours.mean) >= 0)
    assert (ours.high >= ours.low.max()).all()
    assert (ours.within > 0).all()


def test_design_effects_take_data_away_in_proportion() -> None:
    """Four times the ratings with an effect of four say the same."""
    ours = shrink_levels(4 * COUNTS, POINTS, deff=4.0, seed=7)
    quarter = shrink_levels(COUNTS, POINTS, seed=7)
    assert np.array_equal(ours.mean, quarter.mean)
    assert np.array_equal(ours.draws, quarter.draws)


def test_order_moves_no_mean_and_seeds_repeat() -> None:
    """As for shares."""
    order = np.array([3, 1, 4, 0, 2])
    ours, again = shrink_levels(COUNTS, POINTS, seed=8), shrink_levels(COUNTS, POINTS, seed=8)
    assert np.array_equal(ours.draws, again.draws)
    assert shrink_levels(COUNTS[order], POINTS, seed=8).mean == pytest.approx(ours.mean[order])


@pytest.mark.parametrize(
    ("counts", "points", "deff"),
    [
        ([[1, -1]], [0, 1], None),
        ([[1, 1]], [0, 1, 2], None),
        ([1, 1], [0, 1], None),
        ([[1, 1]], [0, 1], 0.5),
    ],
)
def test_what_cannot_be_is_refused(counts: object, points: object, deff: float | None) -> None:
    """Negative counts, points that do not fit, a flat list, an effect below one."""
    with pytest.raises(ValueError, match="expected"):
        shrink_levels(counts, points, deff=deff)


def test_of_two_levels_the_own_interval_is_jeffreys() -> None:
    """Beta(x + ½, n − x + ½), to the error of the draws; the bounds at 0 and n are exact."""
    x, n = np.array([0, 3, 37, 50]), 50
    low, high = level_interval(np.stack([n - x, x], axis=1), [0.0, 1.0], draws=20_000)
    exact_low, exact_high = jeffreys(x, n)
    assert low == pytest.approx(exact_low, abs=0.004)
    assert high == pytest.approx(exact_high, abs=0.004)
    assert (low[0], high[-1]) == (0.0, 1.0)
    assert np.isnan(level_interval(np.zeros((2, 2)), [0.0, 1.0])).all()


def test_at_a_ceiling_the_own_interval_covers_the_true_mean() -> None:
    """97 of 100 points, n = 50: 95 % of 2,000 samples; half an event a level covers 85 %."""
    share = np.array([0.002, 0.003, 0.005, 0.09, 0.9])
    points = np.array([0.0, 25, 50, 75, 100])
    counts = np.random.default_rng(1).multinomial(50, share, size=2000)
    low, high = level_interval(counts, points)
    covered = np.mean((low <= share @ points) & (share @ points <= high))
    assert 0.93 <= covered <= 0.97


def test_days_alike_widen_the_own_interval() -> None:
    counts = np.array([[0, 1, 3, 10, 40]])
    plain, alike = (level_interval(counts, POINTS, deff=deff) for deff in (1.0, 3.0))
    assert (alike[1] - alike[0])[0] > 1.5 * (plain[1] - plain[0])[0]


def test_few_units_are_covered_less_than_promised_and_by_how_much() -> None:
    """Five units, M = 20: the shares of the levels are taken as known, and 88 % are covered."""
    rng, usual, inside = np.random.default_rng(5), np.array([0.004, 0.006, 0.04, 0.25, 0.7]), []
    for seed in range(60):
        size = np.maximum(1, np.rint(60 * np.exp(0.8 * rng.standard_normal(5)))).astype(int)
        theta = rng.dirichlet(20 * usual, 5)
        fit = shrink_levels(rng.multinomial(size, theta), POINTS, seed=seed)
        truth = theta @ POINTS
        inside.append(np.mean((fit.low <= truth) & (truth <= fit.high)))
    assert 0.80 < np.mean(inside) < 0.95
