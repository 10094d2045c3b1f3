"""What the days of a unit say: against direct integration, and against who is called wrongly."""

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import beta

from metrics.methods.clumps import Days, independent_counts
from metrics.methods.days import design_effect
from metrics.methods.shrinkage import shrink
from metrics.methods.tiers import false_discovery_set

RHO = 0.02
MU, M = 0.002, 500.0  # at the ceiling: 2 bad of 1,000


def month(bad: list[int], size: int = 50) -> Days:
    """A month of one unit with as many days as numbers of bad ratings."""
    rows = len(bad)
    return Days(np.array(bad, float), np.full(rows, float(size)), np.zeros(rows, int), RHO)


def moments(days: Days, a: float, b: float) -> tuple[float, float]:
    """Mean and variance of theta by the product of the days' beta-binomials, on a fine line."""
    theta = np.linspace(1e-7, 1 - 1e-7, 400_001)
    total = (1 - days.rho) / days.rho
    logs = (a - 1) * np.log(theta) + (b - 1) * np.log1p(-theta)
    for x, n in zip(days.x, days.n, strict=True):
        logs += gammaln(x + theta * total) - gammaln(theta * total)
        logs += gammaln(n - x + (1 - theta) * total) - gammaln((1 - theta) * total)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    mean = float(weights @ theta)
    return mean, float(weights @ (theta - mean) ** 2)


@pytest.mark.parametrize(
    "bad", [[12] + [0] * 19, [1] * 12 + [0] * 8, [3] * 4 + [0] * 16, [20] * 20], ids=str
)
def test_mean_and_variance_are_those_of_the_days(bad: list[int]) -> None:
    """Twelve bad ratings on one day, on twelve days, on four; and a bad month."""
    days, a, b = month(bad), MU * M, (1 - MU) * M
    good, rest = (float(one[0]) for one in independent_counts(days, 1, a, b))
    mean, variance = moments(days, a, b)
    found = beta(a + good, b + rest)
    assert found.mean() == pytest.approx(mean, rel=0.002)
    assert found.var() == pytest.approx(variance, rel=0.01)


def test_a_bad_day_is_one_and_twelve_bad_days_are_twelve() -> None:
    counts = [
        float(independent_counts(month(bad), 1, 1.0, 499.0)[0][0])
        for bad in ([12] + [0] * 19, [1] * 12 + [0] * 8)
    ]
    assert counts == pytest.approx([1, 12], abs=0.05)


def test_days_that_are_not_alike_are_counted_as_they_are() -> None:
    days = Days(np.array([3.0, 0.0]), np.array([9.0, 4.0]), np.array([0, 2]), 0.0)
    good, rest = independent_counts(days, 3, 1.0, 9.0)
    assert good.tolist() == [3, 0, 0]
    assert rest.tolist() == [6, 0, 4]


def test_counts_stay_between_nothing_and_what_was_counted() -> None:
    """At 0, at n, and on a day of which everything is alike."""
    for rho in (0.001, 0.3, 1.0):
        days = Days(
            np.array([0.0, 7, 1, 30]), np.array([40.0, 7, 1, 60]), np.array([0, 1, 2, 3]), rho
        )
        good, rest = independent_counts(days, 5, 1.0, 9.0)
        assert np.isfinite([good, rest]).all()
        assert (good <= [0, 7, 1, 30, 0]).all()
        assert (rest <= [40, 0, 0, 30, 0]).all()
        assert (good >= 0).all()
        assert (rest >= 0).all()


def test_shrinkage_reads_the_days_and_keeps_the_rest() -> None:
    """Two units with twelve bad ratings: one had a bad day, one a bad month; one has no days."""
    rng = np.random.default_rng(4)
    bad = rng.poisson(0.1, (30, 20)).astype(float)
    bad[0], bad[1] = [12] + [0] * 19, [1] * 12 + [0] * 8
    size, unit = np.full(600, 50.0), np.repeat(np.arange(30), 20)
    x, n = np.append(bad.sum(axis=1), 12), np.full(31, 1000.0)
    deff = np.append(design_effect(size, unit, RHO, 30), 1.98)
    plain = shrink(x, n, deff=deff, seed=1)
    ours = shrink(x, n, deff=deff, days=Days(bad.ravel(), size, unit, RHO), seed=1)
    assert plain.mean[0] == pytest.approx(plain.mean[1])
    assert ours.mean[0] < plain.mean[0] < ours.mean[1]
    assert ours.mean[30] == plain.mean[30]


def test_one_call_in_twenty_is_false_by_the_days_and_more_by_scaled_counts() -> None:
    """The mutant: x/deff of n/deff as if they were counts. mu, M and rho are known to both."""
    rng = np.random.default_rng(1)
    count, day_size = 12_000, 50
    theta = rng.beta(MU * M, (1 - MU) * M, count)
    sure = (1 - RHO) / RHO
    share = rng.beta(np.repeat(theta, 20) * sure, (1 - np.repeat(theta, 20)) * sure)
    bad = rng.binomial(day_size, share).astype(float)
    unit, size = np.repeat(np.arange(count), 20), np.full(20 * count, float(day_size))
    days = Days(bad, size, unit, RHO)
    good, rest = independent_counts(days, count, MU * M, (1 - MU) * M)
    effect = design_effect(size, unit, RHO, count)
    x = np.bincount(unit, bad)
    least = 2 * MU
    false, calls = {}, {}
    for name, one, other in (("days", good, rest), ("scaled", x / effect, (1000 - x) / effect)):
        p = beta.sf(least, MU * M + one, (1 - MU) * M + other)
        called = false_discovery_set(np.where(p > 0.5, p, np.nan))
        calls[name] = int(called.sum())
        false[name] = float((theta[called] <= least).mean())
    assert false["days"] < 0.05 + 2 * np.sqrt(0.05 * 0.95 / calls["days"])
    assert false["scaled"] > 0.05 + 2 * np.sqrt(0.05 * 0.95 / calls["scaled"])
    assert calls["days"] > calls["scaled"]
