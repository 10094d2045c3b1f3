"""Agreement of sources and of halves, against published tables and the paradox at the ceiling."""

import math

import numpy as np
import pytest

from metrics.methods.agreement import (
    agreement,
    agreement_of_units,
    needed_size,
    spearman_brown,
    split_half,
)

# Gwet's cont3x3abstractors, with the quadratic weights of irrCAC 1.0's vignette "weighting".
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
CEILING = [[0, 0, 2], [0, 0, 1], [2, 1, 994]]


def test_kappa_and_ac2_are_the_published_ones() -> None:
    """irrCAC prints 0.8921569 and 0.9402369, and 0.9725 as weighted agreement."""
    found = agreement(ABSTRACTORS)
    assert found.kappa == pytest.approx(0.8921569, abs=5e-8)
    assert found.ac2 == pytest.approx(0.9402369, abs=5e-8)
    assert found.observed == pytest.approx(0.9725)
    assert found.pairs == 100


def test_a_second_published_kappa() -> None:
    """scikit-learn's test of quadratic weights: 46, 44, 10 against 50, 40, 10 is 0.9541."""
    assert agreement([[46, 0, 0], [4, 40, 0], [0, 0, 10]]).kappa == pytest.approx(0.9541, abs=5e-5)


def test_at_the_ceiling_kappa_collapses_and_ac2_does_not() -> None:
    """99.4 % of pairs agree; kappa says there is no agreement at all."""
    found = agreement(CEILING)
    assert found.kappa < 0.01
    assert found.ac2 > 0.99


def test_full_agreement_is_one_and_the_opposite_is_less_than_none() -> None:
    assert (agreement(np.diag([3, 2, 9])).kappa, agreement(np.diag([3, 2, 9])).ac2) == (1, 1)
    opposite = agreement([[0, 5], [5, 0]])
    assert (opposite.kappa, opposite.ac2) == (-1, -1)


def test_one_grade_alone_has_no_kappa_and_no_pairs_have_nothing() -> None:
    """All pairs at the best grade: kappa is not defined; AC2 is 1."""
    alike = agreement([[0, 0], [0, 7]])
    assert math.isnan(alike.kappa)
    assert alike.ac2 == 1
    nothing = agreement([[0, 0], [0, 0]])
    assert (nothing.pairs, math.isnan(nothing.ac2), math.isnan(nothing.kappa)) == (0, True, True)


@pytest.mark.parametrize("table", [[[1]], [[1, 2]], [1, 2], [[1, -1], [0, 1]], [[1, np.nan]] * 2])
def test_what_is_no_table_is_refused(table: object) -> None:
    with pytest.raises(ValueError, match="square tables"):
        agreement(table)  # type: ignore[arg-type]


def test_drawing_units_gives_wider_intervals_where_the_pairs_of_a_unit_are_alike() -> None:
    """100 of 1,000 pairs disagree: two in each of 50 units, and twenty in each of five."""
    like = np.repeat([[[4, 1], [1, 14]]], 50, axis=0)
    unlike = np.repeat([[[4, 0], [0, 16]]], 50, axis=0)
    unlike[:5] = [[0, 10], [10, 0]]
    found, wide = agreement_of_units(like), agreement_of_units(unlike)
    assert found.kappa_low == pytest.approx(found.kappa)
    assert found.kappa_high == pytest.approx(found.kappa)
    assert wide.kappa_low < wide.kappa < wide.kappa_high
    assert wide.ac2_low < wide.ac2 < wide.ac2_high
    assert wide.kappa == pytest.approx(agreement(unlike.sum(axis=0)).kappa)


def test_one_unit_has_no_interval_and_units_without_pairs_are_none() -> None:
    alone = agreement_of_units([ABSTRACTORS, np.zeros((3, 3))])
    assert alone.kappa == pytest.approx(0.8921569, abs=5e-8)
    assert math.isnan(alone.kappa_low)
    ceiling = agreement_of_units([[[0, 0], [0, 3]], [[0, 0], [0, 4]]])
    assert math.isnan(ceiling.kappa_low)
    assert (ceiling.ac2_low, ceiling.ac2_high) == (1, 1)


def test_two_halves_of_the_same_ranking_are_reliable() -> None:
    """By hand: sums by unit and half are 1/2 3/4 4/4 and 1/4 2/4 4/4; r = 1, doubled 1."""
    unit = [7, 7, 7, 8, 8, 9, 9, 9]
    day = [1, 3, 2, 1, 2, 5, 7, 8]
    x = [0, 1, 1, 3, 2, 1, 3, 4]
    n = [1, 1, 4, 4, 4, 1, 3, 4]
    found = split_half(x, n, unit, day)
    assert (found.r, found.reliability, found.units) == (1, 1, 3)
    # Without events on even days a unit has no second half.
    assert split_half(x, [*n[:-1], 0], unit, day).units == 2
    assert math.isnan(split_half(x, [*n[:-1], 0], unit, day).r)


def test_spearman_brown_doubles_the_length() -> None:
    """0.6 of halves is 0.75 of the whole (the textbook example)."""
    assert spearman_brown(0.6) == pytest.approx(0.75)
    assert spearman_brown(0.0) == 0
    assert math.isnan(spearman_brown(-1.0))
    assert math.isnan(spearman_brown(float("nan")))


def test_the_split_half_reliability_is_the_share_of_spread_that_is_no_chance() -> None:
    """400 units, 20 days of 10 events: about tau² / (tau² + s²) of all the days, for any n."""
    rng = np.random.default_rng(12)
    truth = rng.beta(45, 5, 400)
    unit, day = np.repeat(np.arange(400), 20), np.tile(np.arange(20), 400)
    x = rng.binomial(10, truth[unit])
    within = float(np.mean(truth * (1 - truth))) / 200
    expected = truth.var() / (truth.var() + within)
    assert split_half(x, np.full(8000, 10), unit, day).reliability == pytest.approx(
        expected, abs=0.05
    )


def test_at_the_ceiling_where_all_are_alike_there_is_no_reliability() -> None:
    """Every unit without a bad rating in one half: no correlation, and no warning of scipy's."""
    assert math.isnan(split_half([1] * 8, [1] * 8, [1, 1, 2, 2, 3, 3, 4, 4], [1, 2] * 4).r)
    assert split_half([], [], [], []).units == 0
    with pytest.raises(ValueError, match="equal length"):
        split_half([1], [1, 2], [1], [1])


def test_the_needed_size_turns_spearman_and_brown_round() -> None:
    """Twice the events have the reliability 2r / (1 + r); no reliability has no size."""
    assert needed_size(0.6, 40, spearman_brown(0.6)) == pytest.approx(80)
    assert needed_size(0.6, 40, 0.6) == pytest.approx(40)
    assert all(math.isnan(needed_size(one, 40, 0.5)) for one in (0.0, -0.3, 1.0, math.nan))
