"""Rank sets: what can be told apart, against the plain version of each and by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from metrics.methods.fisher import upper_tail
from metrics.methods.ranks import (
    bootstrap_sets,
    competition_ranks,
    exact_sets,
    holm,
    holm_sets,
    marginal_sets,
    tau_best,
    tau_worst,
)
from metrics.methods.sure_pairs import SurePairs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def plain(est: Floats, se: Floats) -> Floats:
    """T[i, j]: how surely j is better than i."""
    surely: Floats = (est[None, :] - est[:, None]) / np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
    return surely


def plain_holm(p: Floats) -> tuple[list[int], list[int]]:
    """Sets from the p-values of all pairs, sorted and tested one by one."""
    off = ~np.eye(len(p), dtype=bool)
    sure = np.zeros_like(off)
    sure[off] = holm(p[off], 0.05)
    return (1 + sure.sum(axis=1)).tolist(), (len(p) - sure.sum(axis=0)).tolist()


def plain_fisher(bad: Ints, size: Ints) -> Floats:
    """p[i, j] of "j has a lower bad rate than i", by scipy's hypergeometric distribution."""
    both = bad[:, None] + bad[None, :], size[:, None] + size[None, :]
    p: Floats = stats.hypergeom.sf(bad[:, None] - 1, both[1], both[0], size[:, None])
    return p


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
        low, high = holm_sets(est, se)
        assert (low.tolist(), high.tolist()) == plain_holm(stats.norm.sf(plain(est, se)))


CITIES = {
    "errors of all sizes": lambda r: (r.normal(0, 1, 400), np.exp(r.normal(-2, 0.9, 400))),
    "errors at the floor": lambda r: (r.normal(0, 1, 400).round(1), np.full(400, 0.1)),
    "half at the floor": lambda r: (
        r.normal(99, 0.4, 400).round(2),
        np.maximum(0.005, r.normal(0, 0.1, 400)),
    ),
    "mostly noise": lambda r: (r.normal(0, 0.2, 400), r.uniform(0.3, 0.6, 400)),
    "scores far from zero": lambda r: (1e7 + r.normal(0, 1, 400), r.uniform(0.01, 0.3, 400)),
    "all alike": lambda _: (np.full(400, 0.5), np.full(400, 0.1)),
    "two apart": lambda _: (np.repeat([0.0, 9.0], 200), np.full(400, 0.1)),
}


@pytest.mark.parametrize("name", CITIES)
def test_the_fast_sets_are_those_of_visiting_every_pair(name: str) -> None:
    """Of 400 units; errors at their floor, ties, and scores whose digits are nearly used up."""
    est, se = CITIES[name](np.random.default_rng(4))
    low, high = holm_sets(est, se)
    assert (low.tolist(), high.tolist()) == plain_holm(stats.norm.sf(plain(est, se)))


@given(
    st.lists(st.tuples(st.integers(-6, 6), st.integers(1, 4)), min_size=2, max_size=25),
    st.integers(0, 10**6),
)
@settings(max_examples=150, deadline=None)
def test_pairs_on_the_very_border_are_decided_as_by_the_plain_division(
    units: list[tuple[int, int]], chosen: int
) -> None:
    """The critical value is one of the pairs' own: that pair is not beyond it."""
    est, se = (np.array(one, float) / 3 for one in zip(*units, strict=True))
    surely = plain(est, se)
    above = np.unique(surely[surely > 0])
    critical = float(above[chosen % len(above)]) if len(above) else 1.0
    better, worse = SurePairs(est, se).counts(critical)
    assert better.tolist() == (surely > critical).sum(axis=1).tolist()
    assert worse.tolist() == (surely > critical).sum(axis=0).tolist()


@pytest.mark.parametrize("method", [holm_sets, marginal_sets, bootstrap_sets, exact_sets])
def test_nobody_has_no_set_and_one_alone_is_first_and_last(method: object) -> None:
    """K = 0 and K = 1 do not break, in any construction."""
    low, high = method(np.array([]), np.array([]))  # type: ignore[operator]
    assert (low.tolist(), high.tolist()) == ([], [])
    low, high = method(np.array([3.0]), np.array([9.0]))  # type: ignore[operator]
    assert (low.tolist(), high.tolist()) == ([1], [1])


@pytest.mark.parametrize("level", [0.5, 1.0, 0.0, 95, float("nan")])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    """95 for 95 % too."""
    for method in (holm_sets, exact_sets, marginal_sets, bootstrap_sets):
        with pytest.raises(ValueError, match="level between"):
            method([1.0, 2.0], [4.0, 4.0], level)


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


def test_exact_tests_are_fishers() -> None:
    """3 bad of 40 against 0 of 500, and a hundred other tables, against scipy's own."""
    rng = np.random.default_rng(6)
    size, other = rng.integers(1, 900, (2, 100))
    bad, other_bad = rng.binomial(size, 0.08), rng.binomial(other, 0.02)
    given_ = [np.append(one, two) for one, two in ((bad, 3), (size, 40), (other_bad, 0))]
    table = np.stack([*given_, np.append(other, 500)], axis=1)
    table = table[table[:, 0] * table[:, 3] > table[:, 2] * table[:, 1]]
    expected = [
        stats.fisher_exact([[x, n - x], [y, m - y]], alternative="greater").pvalue
        for x, n, y, m in table
    ]
    assert len(table) > 60
    assert upper_tail(*table.T) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("rate", "strength", "median"), [(0.002, 30, 90), (0.03, 40, 300), (0.4, 9, 60), (0.0, 1, 50)]
)
def test_exact_sets_are_holm_over_all_pairs_of_exact_tests(
    rate: float, strength: float, median: int
) -> None:
    """Each distinct (bad, size) is looked at once and counted as often as it is there."""
    rng = np.random.default_rng(7)
    size = np.maximum(1, np.exp(rng.normal(np.log(median), 1.2, 90)).astype(np.int64))
    size[:40] = size[0]
    truth = rng.beta(rate * strength, (1 - rate) * strength, 90) if rate else np.zeros(90)
    bad = rng.binomial(size, truth)
    low, high = exact_sets(bad, size)
    assert (low.tolist(), high.tolist()) == plain_holm(plain_fisher(bad, size))


def test_at_the_ceiling_two_clearly_bad_ones_of_sixty_are_seen() -> None:
    """30 of 1,000 and 40 of 1,200 among 58 with at most two: a normal test has no error to use.

    They are the last two, whoever the others are; a set that says nothing would pass any gate of
    coverage.
    """
    rng = np.random.default_rng(9)
    size = rng.integers(800, 1300, 60)
    bad = rng.integers(0, 3, 60)
    bad[[4, 31]], size[[4, 31]] = (30, 40), (1000, 1200)
    low, high = exact_sets(bad, size)
    assert low[[4, 31]].tolist() == [59, 59]
    assert np.delete(high, [4, 31]).tolist() == [58] * 58
    assert np.delete(low, [4, 31]).tolist() == [1] * 58


def test_two_thousand_counters_have_exact_sets_that_hold_their_true_ranks() -> None:
    """1,714 distinct pairs (bad, size); five bad counters of a hundred."""
    rng = np.random.default_rng(10)
    truth = np.where(np.arange(2000) < 100, 0.06, 0.002)
    size = np.maximum(1, np.exp(rng.normal(np.log(1000), 1.2, 2000)).astype(np.int64))
    low, high = exact_sets(rng.binomial(size, truth), size)
    assert (high[:100] >= 1901).all()
    assert (low[100:] == 1).all()
    # Of the bad ones with 800 ratings or more, each is surely behind a thousand others.
    assert (low[:100][size[:100] >= 800] > 1000).all()


@pytest.mark.parametrize(
    ("bad", "size"), [([1.5], [3]), ([4], [3]), ([-1], [3]), ([0], [0]), ([1, 2], [3])]
)
def test_counts_that_are_none_are_refused(bad: list[float], size: list[float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        exact_sets(bad, size)


def test_all_without_a_bad_rating_are_one_group_whatever_their_size() -> None:
    """Also beside one that surely has more."""
    low, high = exact_sets([0, 0, 0, 30], [5, 500, 50_000, 100])
    assert low.tolist() == [1, 1, 1, 3]
    assert high.tolist() == [4, 3, 3, 4]
    assert exact_sets([0], [7])[0].tolist() == [1]


def test_the_last_are_found_as_the_best_are() -> None:
    """Turned round, the best are the last."""
    rng = np.random.default_rng(11)
    est, se = rng.normal(0, 1, 30), rng.uniform(0.05, 0.4, 30)
    low, high = holm_sets(est, se)
    turned_low, turned_high = holm_sets(-est, se)
    for tau in (1, 4, 30):
        assert tau_worst(high, tau).tolist() == tau_best(turned_low, tau).tolist()
        assert tau_best(low, tau).tolist() == tau_worst(turned_high, tau).tolist()
    assert tau_worst([2, 4, 4, 4], 1).tolist() == [False, True, True, True]


def test_printed_ties_are_ties() -> None:
    """92.404 and 92.396 are both 92.40: the same place, and the next one is two on."""
    assert competition_ranks([92.404, 92.396, 91.0, 95.0], 0.01).tolist() == [2, 2, 4, 1]
    assert competition_ranks([92.404, 92.396]).tolist() == [1, 2]


def test_estimates_without_an_error_are_refused() -> None:
    """A standard error of 0 is a claim that nobody can make; the caller floors it."""
    with pytest.raises(ValueError, match="above 0"):
        holm_sets([1.0, 2.0], [0.1, 0.0])
    with pytest.raises(ValueError, match="same length"):
        holm_sets([1.0, 2.0], [0.1])
    assert holm_sets([1.0], [0.5])[0].tolist() == [1]
