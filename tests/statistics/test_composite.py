"""Draws of the parts of a composite: they cover, hang together, and read as the score does."""

from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from scipy import stats

from metrics.histogram import OPEN, bin_of, edges, quantiles
from metrics.methods.composite import (
    apply_mapping,
    composite,
    dependence,
    impose,
    mean_draws,
    quantile_draws,
)
from metrics.points import mapped

EDGES = np.array(edges(), float)
RISING = [
    (Fraction(4, 5), Fraction(0)),
    (Fraction(19, 20), Fraction(1, 2)),
    (Fraction(1), Fraction(1)),
]
FALLING = [
    (Fraction(0), Fraction(1)),
    (Fraction(600), Fraction(3, 5)),
    (Fraction(2400), Fraction(0)),
]


def covered(draws: np.ndarray, truth: np.ndarray | float) -> float:
    """How often the middle 95 % of the draws (K, D) hold the truth."""
    low, high = np.quantile(draws, [0.025, 0.975], axis=1)
    return float(np.mean((low <= truth) & (truth <= high)))


def binned(waits: np.ndarray) -> np.ndarray:
    """Counts (K, bins) of waits (K, n) in seconds."""
    place = np.clip(np.searchsorted(EDGES[:-1], waits, side="right") - 1, 0, OPEN)
    rows = np.arange(len(waits))[:, None] * (OPEN + 1)
    return np.bincount((rows + place).ravel(), minlength=len(waits) * (OPEN + 1)).reshape(
        len(waits), -1
    )


@pytest.mark.parametrize("mapping", [RISING, FALLING], ids=["rising", "falling"])
def test_a_mapping_gives_the_share_that_the_score_gives(mapping):
    """The same fractions by the exact rule, before its rounding (1e-10 of the weight)."""
    rng = np.random.default_rng(5)
    d = rng.integers(1, 10**6, 4000)
    span = float(mapping[-1][0]) * 1.2
    n = (rng.random(4000) * span * d).astype(int)
    frame = pl.DataFrame({"n": n, "d": d})
    weight = 10**10
    exact = frame.select(mapped(pl.col("n"), pl.col("d"), mapping, pl.lit(weight), 1)).to_series()
    told = apply_mapping((n / d).reshape(40, 100), mapping)
    assert told.shape == (40, 100)
    # The exact rule rounds to half a unit of 1e10, that is 5e-11.
    assert np.abs(told.ravel() - exact.to_numpy() / weight).max() < 5.1e-11


@pytest.mark.parametrize("mapping", [RISING, FALLING], ids=["rising", "falling"])
def test_a_mapping_agrees_with_exact_fractions_to_twelve_places(mapping):
    rng = np.random.default_rng(6)
    for _ in range(300):
        d = int(rng.integers(1, 10**6))
        value = Fraction(int(rng.random() * float(mapping[-1][0]) * 1.2 * d), d)
        below = [pair for pair in mapping if pair[0] <= value] or [mapping[0]]
        above = [pair for pair in mapping if pair[0] >= value] or [mapping[-1]]
        (low, start), (high, end) = below[-1], above[0]
        share = start if low >= high else start + (end - start) * (value - low) / (high - low)
        assert float(apply_mapping(float(value), mapping)) == pytest.approx(float(share), abs=1e-12)


def test_no_value_stays_no_value_and_ends_are_level():
    told = apply_mapping([np.nan, 0.1, 2.0], RISING)
    assert np.isnan(told[0])
    assert told[1:].tolist() == [0.0, 1.0]
    with pytest.raises(ValueError, match="rising"):
        apply_mapping([1.0], [(Fraction(1), Fraction(0)), (Fraction(1), Fraction(1))])


def test_the_edges_are_the_bins_of_the_measure():
    assert len(edges()) == OPEN + 2
    assert all(bin_of(start) == at for at, start in enumerate(edges()[:-1]))
    assert all(bin_of(end - 1) == at for at, end in enumerate(edges()[1:-1]))


def test_draws_of_a_quantile_lie_round_the_published_one():
    """With 10^9 waits the drawn rank is the nearest rank, so the draws are the published value."""
    rng = np.random.default_rng(2)
    counts = rng.poisson(2.0, (5, OPEN + 1)) * 10**7
    units, places = np.nonzero(counts)
    frame = pl.DataFrame({"id": units, "bin": places, "waits": counts[units, places]})
    published = quantiles(frame, "id", 90)["value"].to_numpy()
    drawn = quantile_draws(EDGES, counts, 0.9, 200, rng)
    assert np.median(drawn, axis=1) == pytest.approx(published, abs=3)


@pytest.mark.parametrize("n", [100, 1000, 5000])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_draws_of_a_quantile_cover(n, share):
    """Lognormal waits in bins of a minute, 1,000 units: the error of the rate itself is 0.7."""
    rng = np.random.default_rng(n)
    waits = np.exp(rng.normal(np.log(600), 0.7, (1000, n)))
    drawn = quantile_draws(EDGES, binned(waits), share, 600, rng)
    truth = float(stats.lognorm.ppf(share, 0.7, scale=600))
    assert 0.93 <= covered(drawn, truth) <= 0.97


def test_days_that_are_alike_need_the_design_effect():
    """Every wait counted four times: with deff = 4 the draws cover, without they are too sure."""
    rng = np.random.default_rng(8)
    waits = np.exp(rng.normal(np.log(600), 0.7, (1000, 200)))
    counts = binned(waits) * 4
    truth = float(stats.lognorm.ppf(0.9, 0.7, scale=600))
    fair = quantile_draws(EDGES, counts, 0.9, 600, rng, deff=np.full(1000, 4.0))
    naive = quantile_draws(EDGES, counts, 0.9, 600, rng)
    assert 0.93 <= covered(fair, truth) <= 0.97
    assert covered(naive, truth) < 0.75


def test_a_unit_without_waits_has_no_draws_and_disturbs_nobody():
    counts = np.zeros((3, OPEN + 1), int)
    counts[0, 5], counts[2, 9] = 40, 40
    drawn = quantile_draws(EDGES, counts, 0.9, 50, np.random.default_rng(0))
    assert np.isnan(drawn[1]).all()
    assert ((drawn[0] > 300) & (drawn[0] <= 360)).all()
    assert ((drawn[2] > 540) & (drawn[2] <= 600)).all()


def unit_days(rng: np.random.Generator, units: int, days: int, day_sd: float) -> tuple:
    """Sums, visits, unit of each day, and the true means; days of a unit are alike."""
    n = rng.poisson(rng.lognormal(1.5, 0.6, units)[:, None], (units, days))
    n[:, 0] = np.maximum(n[:, 0], 1)
    mean = rng.normal(0, 1, units)
    daily = mean[:, None] + rng.normal(0, day_sd, (units, days))
    total = n * daily + np.sqrt(n) * rng.normal(0, 1, (units, days))
    return total.ravel(), n.ravel(), np.repeat(np.arange(units), days), mean


@pytest.mark.parametrize(("days", "day_sd"), [(10, 0.0), (10, 0.3), (21, 0.3), (60, 0.3)])
def test_draws_of_a_mean_cover_although_days_are_alike(days, day_sd):
    rng = np.random.default_rng(days)
    total, n, unit, mean = unit_days(rng, 1500, days, day_sd)
    assert 0.93 <= covered(mean_draws(total, n, unit, 800, rng), mean) <= 0.97


def test_units_with_one_or_two_days_borrow_and_are_rather_too_careful():
    rng = np.random.default_rng(4)
    for days in (1, 2):
        few = unit_days(rng, 800, days, 0.3)
        many = unit_days(rng, 400, 12, 0.3)
        total, n = (np.concatenate([few[at], many[at]]) for at in (0, 1))
        unit = np.concatenate([few[2], 800 + many[2]])
        drawn = mean_draws(total, n, unit, 600, rng)[:800]
        assert 0.93 <= covered(drawn, few[3]) < 1.0


def test_a_mean_that_never_moved_is_not_certain_beside_others_that_do():
    """21 days at the ceiling: a plug-in variance of 0 would call it sure."""
    rng = np.random.default_rng(1)
    total, n, unit, _ = unit_days(rng, 20, 21, 0.3)
    drawn = mean_draws(np.where(unit == 0, 5.0 * n, total), n, unit, 500, rng)
    assert drawn[0].std() > 0.01
    assert np.median(drawn[0]) == pytest.approx(5, abs=0.05)


def test_what_has_no_second_day_anywhere_has_no_draws():
    rng = np.random.default_rng(1)
    assert np.isnan(mean_draws([5.0], [2.0], [0], 10, rng)).all()
    both = mean_draws([5.0, 0.0, 4.0], [2.0, 0.0, 2.0], [0, 1, 2], 10, rng, units=4)
    assert both.shape == (4, 10)
    assert np.isnan(both).all()
    alone = mean_draws([4.0, 6.0, 5.0], [2.0, 2.0, 2.0], [0, 0, 0], 4000, rng)
    spread = np.quantile(alone, 0.975) - 2.5
    # Variance of the ratio by hand: 3/2 · (1 + 1 + 0) / 36; two degrees of freedom.
    assert spread == pytest.approx(stats.t.ppf(0.975, 2) * np.sqrt(3 / 36), rel=0.1)


def test_dependence_is_found_from_days():
    """Two items of the same visits share a bad day; a third has nothing to do with them."""
    rng = np.random.default_rng(3)
    units, days = 60, 20
    unit = np.repeat(np.arange(units), days)
    bad_day = rng.normal(0, 1, (units * days, 1))
    n = rng.poisson(50, (units * days, 3)).astype(float)
    noise = rng.normal(0, 1, (units * days, 3))
    shared = np.array([1.0, 1.0, 0.0])
    level = rng.normal(3, 1, (units, 3))[unit]
    x = n * level + 50 * (bad_day * shared + noise)
    tied = dependence(x, n, unit)
    assert tied[0, 1] == pytest.approx(0.5, abs=0.06)
    assert abs(tied[0, 2]) < 0.08
    assert np.array_equal(tied, tied.T)
    assert np.diag(tied).tolist() == [1, 1, 1]


def test_days_without_an_item_and_items_without_variation_tie_nothing():
    unit = np.zeros(4, int)
    n = np.array([[5, 5], [5, np.nan], [5, 0], [5, 5]], float)
    x = np.array([[1, 5], [2, np.nan], [3, 7], [4, 5]], float)
    assert np.array_equal(dependence(x, n, unit), np.eye(2))


@pytest.fixture(scope="module")
def tied() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draws of 40 units before and after, and the correlation asked for."""
    rng = np.random.default_rng(9)
    target = np.array([[1, 0.5, -0.4], [0.5, 1, 0.1], [-0.4, 0.1, 1]])
    free = np.stack(
        [rng.beta(30, 3, (40, 2000)), rng.normal(600, 90, (40, 2000)), rng.gamma(3, 1, (40, 2000))],
        axis=2,
    ).astype(np.float32)
    return free, impose(free, target, rng), target


def test_reordering_keeps_every_draw(tied):
    free, after, _ = tied
    assert np.array_equal(np.sort(free, axis=1), np.sort(after, axis=1))


def test_reordered_items_hang_together_as_asked(tied):
    _, after, target = tied
    for unit in after:
        found = stats.spearmanr(unit).statistic
        assert np.abs(found - target).max() < 0.03


def test_reordering_ties_no_unit_to_another(tied):
    _, after, _ = tied
    found = stats.spearmanr(after[:, :, 0].T).statistic
    off = found[~np.eye(len(found), dtype=bool)]
    # 780 pairs of 2,000 draws: five standard errors of a rank correlation of 0.
    assert np.abs(off).max() < 5 / np.sqrt(2000)


def test_a_few_units_are_ordered_as_if_all_had_been_asked_for(tied):
    free, _, target = tied
    asked = np.arange(len(free)) % 3 == 1
    all_of_them = impose(free, target, np.random.default_rng(4))
    few = impose(free[asked], target, np.random.default_rng(4), asked)
    assert np.array_equal(few, all_of_them[asked])
    with pytest.raises(ValueError, match="expected draws of 13 units, saw 40"):
        impose(free, target, np.random.default_rng(4), asked)


def test_slight_correlations_change_nothing_and_perfect_ones_are_possible():
    rng = np.random.default_rng(1)
    free = rng.random((2, 300, 2))
    assert impose(free, [[1, 0.04], [0.04, 1]], rng) is free
    same = impose(free, [[1, 1], [1, 1]], rng)
    ranks = np.argsort(np.argsort(same, axis=1), axis=1)
    assert np.array_equal(ranks[:, :, 0], ranks[:, :, 1])


def test_an_item_without_draws_stays_so_and_leaves_the_others_tied():
    rng = np.random.default_rng(1)
    free = rng.random((2, 2000, 3))
    free[1, :, 2] = np.nan
    after = impose(free, [[1, 0.6, 0.6], [0.6, 1, 0.6], [0.6, 0.6, 1]], rng)
    assert np.isnan(after[1, :, 2]).all()
    assert stats.spearmanr(after[1, :, :2]).statistic == pytest.approx(0.58, abs=0.03)


def test_the_composite_is_the_weighted_sum_and_weightless_parts_may_be_absent():
    rng = np.random.default_rng(1)
    parts = rng.random((3, 4, 50))
    parts[2, 1] = np.nan
    weights = np.array([[50, 30, 20], [60, 40, 0], [50, 30, 20], [50, 30, 20]], float)
    told = composite(iter(parts), weights)
    assert told.dtype == np.float32
    expected = np.nansum(parts * weights.T[:, :, None], axis=0)
    assert told == pytest.approx(expected, abs=1e-4)
    assert np.isnan(composite(parts, [50, 30, 20])[1]).all()
    with pytest.raises(ValueError, match="as many parts as weights"):
        composite(parts[:2], [50, 30, 20])
