"""Intervals against published numbers, and the coverage that they promise."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from metrics.methods.intervals import (
    byar,
    clopper_pearson,
    day_block_interval,
    exact_poisson,
    jeffreys,
    quantile_interval,
    quantile_ranks,
    wilson,
)

# Newcombe 1998, Stat Med 17:857, table I: x, n, then method 3 (Wilson) and 5 (Clopper–Pearson).
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662, 0.2527, 0.3676),
    (15, 148, 0.0624, 0.1605, 0.0578, 0.1617),
    (0, 20, 0.0, 0.1611, 0.0, 0.1684),
    (1, 29, 0.0061, 0.1718, 0.0009, 0.1776),
]


@pytest.mark.parametrize(("x", "n", "w_low", "w_high", "cp_low", "cp_high"), NEWCOMBE)
def test_shares_agree_with_newcombe(
    x: int, n: int, w_low: float, w_high: float, cp_low: float, cp_high: float
) -> None:
    """To the four decimals that the paper prints."""
    assert [float(one) for one in wilson(x, n)] == pytest.approx([w_low, w_high], abs=5e-5)
    assert [float(one) for one in clopper_pearson(x, n)] == pytest.approx(
        [cp_low, cp_high], abs=5e-5
    )


def coverage(bounds: tuple[NDArray[np.float64], NDArray[np.float64]], n: int, p: float) -> float:
    """The exact share of samples of n whose interval holds p."""
    low, high = bounds
    inside = (low <= p) & (p <= high)
    return float(stats.binom.pmf(np.arange(n + 1), n, p)[inside].sum())


def wald(x: NDArray[np.int64], n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The interval that nobody here may use."""
    half = stats.norm.ppf(0.975) * np.sqrt(x / n * (1 - x / n) / n)
    return x / n - half, x / n + half


@pytest.mark.parametrize(
    ("n", "of_wald", "of_wilson", "of_jeffreys", "of_exact"),
    [(20, 4, 96, 96, 99.9), (200, 33, 94, 94, 99), (1000, 86, 95, 98, 98)],
)
def test_coverage_at_the_ceiling_is_what_the_methods_promise(
    n: int, of_wald: float, of_wilson: float, of_jeffreys: float, of_exact: float
) -> None:
    """At 99.8 % good the textbook interval covers 4, 33 and 86 %; ours stay near 95 or above."""
    x = np.arange(n + 1)
    found = [100 * coverage(one, n, 0.998) for one in (wald(x, n), wilson(x, n), jeffreys(x, n))]
    assert found == pytest.approx([of_wald, of_wilson, of_jeffreys], abs=0.6)
    assert 100 * coverage(clopper_pearson(x, n), n, 0.998) == pytest.approx(of_exact, abs=0.6)


def test_the_exact_interval_never_covers_less_than_it_says() -> None:
    """Over shares and sizes; Wilson and Jeffreys do dip below (90.5 % at n = 50)."""
    for n in (5, 50, 300):
        x = np.arange(n + 1)
        for p in (0.5, 0.9, 0.97, 0.998):
            assert coverage(clopper_pearson(x, n), n, p) >= 0.95
    x = np.arange(51)
    assert coverage(wilson(x, 50), 50, 0.998) == pytest.approx(0.905, abs=0.001)
    assert coverage(jeffreys(x, 50), 50, 0.998) == pytest.approx(0.905, abs=0.001)


def test_nobody_rated_is_no_interval_and_all_good_ends_at_one() -> None:
    """n = 0 is NaN; x = n has an upper bound of exactly 1, x = 0 a lower one of exactly 0."""
    for method in (wilson, jeffreys, clopper_pearson):
        low, high = method([0, 5, 0], [0, 5, 5])
        assert math.isnan(low[0])
        assert math.isnan(high[0])
        assert high[1] == 1.0
        assert low[2] == 0.0
        with pytest.raises(ValueError, match="x <= n"):
            method([6], [5])


def test_counts_agree_with_garwood_and_switch_at_ten() -> None:
    """Exact limits of 0, 1 and 9 events (Garwood's table), Byar's from 10 on, near the exact."""
    low, high = exact_poisson([0, 1, 9])
    assert low == pytest.approx([0, 0.0253, 4.1154], abs=5e-5)
    assert high == pytest.approx([3.6889, 5.5716, 17.0848], abs=5e-5)
    near, exact = byar([9, 10, 400]), exact_poisson([9, 10, 400])
    assert near[0][0] == exact[0][0]
    assert near[0][1] != exact[0][1]
    assert near[0] == pytest.approx(exact[0], rel=0.005)
    assert near[1] == pytest.approx(exact[1], rel=0.005)


def test_ranks_of_a_quantile_cover_it_and_small_samples_have_none() -> None:
    """The median of 20 lies between the 6th and 15th value; p95 needs 72 for an upper limit."""
    assert [float(one) for one in quantile_ranks(20, 0.5)] == [6.0, 15.0]
    assert math.isnan(quantile_ranks(71, 0.95)[1])
    assert not math.isnan(quantile_ranks(73, 0.95)[1])
    for n in (15, 80, 500):
        low, high = (float(one) for one in quantile_ranks(n, 0.9))
        upper = 1.0 if math.isnan(high) else stats.binom.cdf(high - 1, n, 0.9)
        assert upper - stats.binom.cdf(low - 1, n, 0.9) >= 0.95


def test_bounds_of_a_quantile_are_the_outer_edges_of_the_bins_of_its_ranks() -> None:
    """20 values, one a bin: the 6th and the 15th of them hold the median; days alike widen it."""
    edges, counts = np.arange(21.0), np.ones((1, 20))
    assert [one[0] for one in quantile_interval(edges, counts, 0.5)] == [5.0, 15.0]
    low, high = (one[0] for one in quantile_interval(edges, counts, 0.5, deff=2.0))
    assert (low, high) == (2.0, 18.0)  # ranks 2 and 9 of 10 events, David & Nagaraja §7.1
    assert [float(one) for one in quantile_ranks(10, 0.5)] == [2.0, 9.0]
    assert np.isnan(quantile_interval(edges, counts, 0.95)[1][0])
    assert np.isnan(quantile_interval(edges, np.zeros((1, 20)), 0.5)).all()


def test_days_that_differ_widen_the_interval() -> None:
    """Ten days of 100 visits, alike and with one bad day."""
    alike = day_block_interval([90] * 10, [100] * 10)
    unlike = day_block_interval([100] * 9 + [0], [100] * 10)
    assert alike == pytest.approx((0.9, 0.9))
    assert unlike[1] - unlike[0] > 0.3
    assert math.isnan(day_block_interval([5], [6])[0])
