"""Rank sets: what can be told apart, against csranks' own example and by simulation."""

import numpy as np
import pytest
from scipy import stats

from metrics.methods.ranks import (
    bootstrap_sets,
    competition_ranks,
    exact_pairs,
    exact_sets,
    holm,
    holm_sets,
    marginal_sets,
    tau_best,
)


def test_units_that_differ_less_than_chance_have_one_set() -> None:
    """Nobody of them is best."""
    low, high = holm_sets([0.90, 0.91, 0.92, 0.93], [0.05] * 4)
    assert low.tolist() == [1] * 4
    assert high.tolist() == [4] * 4
    assert tau_best(low, 1).all()


def test_units_far_apart_are_ranked_exactly() -> None:
    """In each construction."""
    est, se = [3.0, 1.0, 2.0], [0.01] * 3
    for method in (holm_sets, marginal_sets, bootstrap_sets):
        low, high = method(est, se)
        assert low.tolist() == high.tolist() == [1, 3, 2]


def test_holm_is_the_step_down_by_hand() -> None:
    """0.01 ≤ .05/4, 0.015 ≤ .05/3, 0.03 > .05/2: two are rejected, though 0.04 ≤ .05 later on."""
    assert holm([0.03, 0.01, 0.04, 0.015], 0.05).tolist() == [False, True, False, True]


def test_the_fixed_point_is_holm_over_all_pairs() -> None:
    """Against the sorted p-values of all K(K − 1) tests."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        est, se = rng.normal(0, 1.5, 9), rng.uniform(0.1, 0.8, 9)
        surely = (est[None, :] - est[:, None]) / np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
        off = ~np.eye(9, dtype=bool)
        sure = np.zeros_like(off)
        sure[off] = holm(stats.norm.sf(surely[off]), 0.05)
        low, high = holm_sets(est, se)
        assert low.tolist() == (1 + sure.sum(axis=1)).tolist()
        assert high.tolist() == (9 - sure.sum(axis=0)).tolist()


def test_sets_hold_all_true_ranks_together() -> None:
    """At least 95 % of 400 samples of 20 units, less two simulation errors; the bootstrap too."""
    rng = np.random.default_rng(2)
    truth = np.sort(rng.normal(0, 1, 20))[::-1]
    ranks, se = np.arange(1, 21), np.full(20, 0.3)
    held = {"holm": 0, "bootstrap": 0}
    for draw in range(400):
        est = rng.normal(truth, se)
        low, high = holm_sets(est, se)
        held["holm"] += bool(((low <= ranks) & (ranks <= high)).all())
        if draw < 100:
            low, high = bootstrap_sets(est, se, draws=200, seed=draw)
            held["bootstrap"] += bool(((low <= ranks) & (ranks <= high)).all())
    assert held["holm"] / 400 >= 0.95 - 2 * 0.011
    assert held["bootstrap"] / 100 >= 0.95 - 2 * 0.022


def test_the_bootstrap_is_not_wider_than_holm_and_the_marginal_set_is_narrower() -> None:
    """On 30 units."""
    rng = np.random.default_rng(3)
    est, se = rng.normal(0, 1, 30), np.full(30, 0.25)
    width = {
        name: float(np.mean(high - low))
        for name, (low, high) in {
            "holm": holm_sets(est, se),
            "bootstrap": bootstrap_sets(est, se, draws=500),
            "marginal": marginal_sets(est, se),
        }.items()
    }
    assert width["marginal"] < width["bootstrap"] <= width["holm"] * 1.02


def test_at_the_ceiling_exact_tests_are_fishers() -> None:
    """3 bad of 40 against 0 of 500, both ways, against scipy's own Fisher test."""
    p = exact_pairs([3, 0], [40, 500])
    table = [[3, 37], [0, 500]]
    assert p[0, 1] == pytest.approx(stats.fisher_exact(table, alternative="greater").pvalue)
    assert p[1, 0] == pytest.approx(stats.fisher_exact(table, alternative="less").pvalue)
    assert p[1, 1] == 1.0


def test_all_without_a_bad_rating_are_one_group_whatever_their_size() -> None:
    """Also beside one that surely has more."""
    low, high = exact_sets([0, 0, 0, 30], [5, 500, 50_000, 100])
    assert low.tolist() == [1, 1, 1, 3]
    assert high.tolist() == [4, 3, 3, 4]
    assert exact_sets([0], [7])[0].tolist() == [1]


def test_printed_ties_are_ties() -> None:
    """92.404 and 92.396 are both 92.40: the same place, and the next one is two on."""
    assert competition_ranks([92.404, 92.396, 91.0, 95.0], 0.01).tolist() == [2, 2, 4, 1]
    assert competition_ranks([92.404, 92.396]).tolist() == [1, 2]


def test_estimates_without_an_error_are_refused() -> None:
    """A standard error of 0 is a claim that nobody can make; the caller floors it."""
    with pytest.raises(ValueError, match="above 0"):
        holm_sets([1.0, 2.0], [0.1, 0.0])
    assert holm_sets([1.0], [0.5])[0].tolist() == [1]
