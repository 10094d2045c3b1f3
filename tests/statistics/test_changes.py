"""Changes beyond chance: Fisher's p, the family's false calls, and alike days."""

import numpy as np
import pytest
from scipy.stats import fisher_exact

from metrics.methods.changes import adjusted, change_p, odds_ratio


def test_p_is_twice_the_lesser_tail_of_fishers_test():
    """scipy's own exact test is the referee, one table at a time."""
    tables = [(3, 40, 12, 50), (12, 50, 3, 40), (0, 30, 9, 30), (29, 30, 20, 30), (5, 9, 5, 9)]
    x, n, x0, n0 = map(np.array, zip(*tables, strict=True))
    one = np.ones(len(tables))
    told = change_p(x, n, x0, n0, one, one)
    for at, (a, b, c, d) in enumerate(tables):
        table = [[a, b - a], [c, d - c]]
        tails = [fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
        assert told[at] == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-9)


def test_no_events_on_one_side_is_no_evidence():
    assert change_p([0, 5], [0, 10], [3, 0], [9, 0], [1, 1], [1, 1]).tolist() == [1.0, 1.0]


def test_more_successes_than_events_is_refused():
    with pytest.raises(ValueError, match="x <= n"):
        change_p([3], [2], [0], [2], [1], [1])


def test_adjusted_agrees_with_the_published_example():
    """Benjamini & Hochberg 1995, table 1: 15 p values, at .05 the first four are rejected."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    p += [0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    assert (adjusted(p) <= 0.05).sum() == 4
    assert adjusted([]).size == 0


def test_where_nothing_changed_nearly_no_family_has_a_call():
    """With a city's mixture of sizes and correlated days; without the effect of days it fails."""
    rng = np.random.default_rng(20191)
    units, days, rho, called, naive = 300, 21, 0.05, 0, 0
    rounds = 60
    for _ in range(rounds):
        size = rng.integers(5, 60, units)
        truth = rng.beta(60 * 0.9, 60 * 0.1, units)
        m = 1 / rho - 1
        sides = []
        for _ in range(2):
            day = rng.beta(truth[:, None] * m, (1 - truth[:, None]) * m, (units, days))
            sides.append(rng.binomial(size[:, None], day).sum(axis=1))
        n, deff = size * days, 1 + (size - 1) * rho
        p = change_p(sides[0], n, sides[1], n, deff, deff)
        called += bool((adjusted(p) <= 0.05).any())
        one = np.ones(units)
        naive += bool((adjusted(change_p(sides[0], n, sides[1], n, one, one)) <= 0.05).any())
    assert called <= 0.05 * rounds + 2 * np.sqrt(0.05 * 0.95 * rounds)
    assert naive > 0.5 * rounds


def test_a_large_change_is_called():
    rng = np.random.default_rng(7)
    n = np.full(500, 400)
    before, now = rng.binomial(n, 0.95), rng.binomial(n, 0.95)
    now[:5] = rng.binomial(400, 0.82, 5)
    one = np.ones(500)
    q = adjusted(change_p(now, n, before, n, one, one))
    assert (q[:5] <= 0.05).sum() >= 4
    assert (q[5:] <= 0.05).sum() <= 1


def test_odds_of_a_side_without_bad_events_are_finite():
    assert odds_ratio([10], [10], [8], [10])[0] == pytest.approx((10.5 / 0.5) / (8.5 / 2.5))
