"""The four rules against the tests of NHSRplotthedots, icons, and Anhøj's rules."""

import numpy as np
import pytest

from metrics.methods.run_rules import (
    anhoej,
    assurance,
    point_types,
    shifted,
    signals,
    trending,
    two_of_three,
    variation,
)
from metrics.methods.spc import xmr

# A base of twenty points about 0 whose limits are ± 2.66 · 2 = ± 5.32, the outer third from 3.547.
BASE = [1.0, -1.0] * 10


def rules_of(more: list[float]) -> list[str]:
    """The rule of each point that follows the base."""
    values = np.array(BASE + more)
    return signals(values, xmr(values)).rule[20:].tolist()


# tests/testthat/test-ptd_calculate_point_type.R: whether a seventh point is seen; here, with all
# points of the run.
@pytest.mark.parametrize(
    ("side", "marked"),
    [
        ([], []),
        ([1] * 6, [0] * 6),
        ([1] * 6 + [-1], [0] * 7),
        ([1] * 8 + [-1], [1] * 8 + [0]),
        ([-1] + [1] * 8 + [-1], [0] + [1] * 8 + [0]),
        ([1] + [-1] * 8 + [1], [0] + [1] * 8 + [0]),
        ([1, 1, 1, 0, 1, 1, 1, 1], [0] * 8),
        ([0] * 9, [0] * 9),
    ],
)
def test_seven_on_one_side_are_a_shift(side: list[int], marked: list[int]) -> None:
    assert shifted(side).tolist() == [bool(one) for one in marked]


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        ([], []),
        ([4], [0]),
        ([1, 2, 3, 4, 5, 6], [0] * 6),
        ([1, 2, 3, 3, 4, 5, 6], [0] * 7),
        ([1, 2, 3, 4, 5, 6, 7], [1] * 7),
        ([2, 1, 2, 3, 4, 5, 6, 7, 3], [0] + [1] * 7 + [0]),
        ([7, 6, 5, 4, 3, 2, 1], [-1] * 7),
        ([2, 7, 6, 5, 4, 3, 2, 1, 3], [0] + [-1] * 7 + [0]),
        ([1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1], [1] * 6 + [-1] * 7),
        ([1, 2, 3, 4, 5, 6, 7, 3, 4, 5, 6, 7, 8, 9], [1] * 14),
    ],
)
def test_seven_rising_or_falling_are_a_trend(values: list[float], marked: list[int]) -> None:
    """A tie breaks it; the turning point belongs to the new trend."""
    assert trending(values).tolist() == marked


@pytest.mark.parametrize(
    ("outer", "marked"),
    [
        ([], []),
        ([0, 0, 0], [0, 0, 0]),
        ([1, 0, 1], [1, 0, 1]),
        ([0, 1, 1], [0, 1, 1]),
        ([1, 1, 0], [1, 1, 0]),
        ([0, 0, 1, 0, 1, 0, 0], [0, 0, 1, 0, 1, 0, 0]),
        ([1, 0, 0, 1], [0, 0, 0, 0]),
        ([1, 0, 0, 1, 1], [0, 0, 0, 1, 1]),
    ],
)
def test_two_of_three_in_the_outer_third(outer: list[int], marked: list[int]) -> None:
    assert two_of_three(outer, [1] * len(outer)).tolist() == [bool(one) for one in marked]


def test_all_three_lie_on_one_side() -> None:
    """Two near the upper limit with one below the centre between them are not enough."""
    assert not two_of_three([1, 0, 1], [1, -1, 1]).any()
    assert not two_of_three([1, 1, 0], [1, -1, 1]).any()
    # The series of test-ptd_spc_standard.R: the last two are near opposite limits.
    values = np.array([1, -1] * 7 + [5.5, -5.5])
    assert signals(values, xmr(values)).rule[-2:].tolist() == ["", ""]


def test_each_rule_names_its_points() -> None:
    assert rules_of([5.33, -5.33, 5.31]) == ["outside", "outside", ""]
    assert rules_of([0.5] * 7) == ["shift"] * 7
    assert rules_of([0.5] * 6 + [0.0]) == [""] * 7
    assert rules_of([-3, -2, -1, 1, 2, 3, 3.5]) == ["trend"] * 7
    assert rules_of([4, 1, 4, -1]) == ["two_in_three", "", "two_in_three", ""]


def test_the_first_rule_that_holds_names_the_point() -> None:
    """Outside before trend before two in three before shift: each of them would hold, too."""
    rising = [0.5, 1, 2, 3, 3.6, 4, 6]
    assert rules_of(rising) == ["trend"] * 6 + ["outside"]
    values = np.array(BASE + rising)
    found = signals(values, xmr(values))
    assert found.two_in_three[24:26].all()
    assert found.shift[20:].all()
    assert rules_of([1, 2, 4, 4.5, 1, 2, 1]) == [
        *("shift", "shift", "two_in_three", "two_in_three", "shift", "shift", "shift")
    ]


def test_a_point_outside_is_none_of_two_in_three() -> None:
    """As in NHSRplotthedots: the outer third ends at the limit."""
    assert rules_of([6, 4, 1]) == ["outside", "", ""]


def test_a_gap_ends_no_run_and_lengthens_none() -> None:
    gap = float("nan")
    assert rules_of([0.5] * 4 + [gap] + [0.5] * 3) == ["shift"] * 4 + [""] + ["shift"] * 3
    assert rules_of([0.5] * 4 + [gap] + [0.5] * 2) == [""] * 7


def test_a_run_ends_where_a_phase_begins() -> None:
    values = np.array(BASE + [0.5] * 4 + [0.5, 1.5] * 6)
    chart = xmr(values, phases=[0] * 24 + [1] * 12)
    assert not signals(values, chart).rule.any()
    assert (signals(values, xmr(values)).rule[20:] == "shift").all()


def test_the_direction_makes_the_verdict() -> None:
    values = np.array([*BASE, -6.0])
    found = signals(values, xmr(values))
    assert variation(values, found, "high") == "deteriorating"
    assert variation(values, found, "low") == "improving"
    assert variation(values, found, None) == "neutral_low"
    assert variation([*values, float("nan")][:21], found, "low") == "improving"
    assert point_types(found, "high")[:20] == ["common"] * 20
    calm = signals(BASE, xmr(BASE))
    assert variation(BASE, calm, "high") == "common"
    assert variation([], signals([], xmr([])), "high") == "none"


def test_a_trend_says_where_it_goes() -> None:
    """NHSRplotthedots 0.2.2 (issue #171): a rising trend that crosses the mean has one colour."""
    values = np.array([*BASE, -3, -2, -1, 1, 2, 3, 3.5])
    assert point_types(signals(values, xmr(values)), "high")[20:] == ["improving"] * 7
    falling = np.array([*BASE, 3.4, 3, 2.5, 2, 1.5, 1, 0.5])
    found = signals(falling, xmr(falling))
    assert found.side[-1] == 1
    assert variation(falling, found, "low") == "improving"
    assert variation(falling, found, None) == "neutral_low"
    # Outside comes first, and there the side decides.
    outside = np.array([*BASE, 9, 8, 7, 6, 5.5, 3, 1])
    assert point_types(signals(outside, xmr(outside)), "low")[20:] == [
        *["deteriorating"] * 5,
        *["improving"] * 2,
    ]


def test_the_example_of_nhsrplotthedots() -> None:
    """Its README: breaches of four hours at RQM, departments of type 1, to March 2018.

    Variation: common cause; assurance with a target of 1,200: inconsistent. Counts: ae_attendances.
    """
    breaches = [1199, 929, 970, 1178, 1110, 1388, 2061, 1985, 2675, 3141, 1942, 2030]
    breaches += [1309, 1960, 1169, 1117, 1085, 1492, 1280, 1197, 1569, 1406, 1328, 1564]
    chart = xmr(breaches, frozen_after=None)
    found = signals(breaches, chart)
    assert variation(breaches, found, "low") == "common"
    assert assurance(chart, 1200, "low") == "inconsistent"
    assert np.flatnonzero(found.outside).tolist() == [8, 9]
    assert np.flatnonzero(found.two_in_three).tolist() == [1, 2]


def test_the_last_point_that_is_there_speaks() -> None:
    values = np.array([*BASE, 6.0, float("nan")])
    assert variation(values, signals(values, xmr(values)), None) == "neutral_high"


@pytest.mark.parametrize(
    ("target", "good", "verdict"),
    [
        (5.4, "high", "fail"),
        (5.4, "low", "pass"),
        (-5.4, "high", "pass"),
        (-5.4, "low", "fail"),
        (5.3, "high", "inconsistent"),
        (0.0, "low", "inconsistent"),
        (None, "high", "none"),
        (5.4, None, "none"),
    ],
)
def test_assurance_is_where_the_target_lies(target, good, verdict) -> None:
    assert assurance(xmr(BASE), target, good) == verdict
    assert assurance(xmr([1.0]), target, good) == "none"


# Anhøj & Olesen 2014 as in qicharts2 (runs.analysis): round(log2 n) + 3 and the 5 % quantile of
# Binomial(n − 1, 1/2). n = 24: 8 and 8, as its help page for summary.qic prints; n = 13: fewer than
# three crossings or a run of seven (Wentzel-Larsen & Anhøj, sciencetrends.com, on crossrun).
@pytest.mark.parametrize(("useful", "longest", "fewest"), [(24, 8, 8), (13, 7, 3), (1, 3, 0)])
def test_anhoejs_limits_are_published(useful: int, longest: int, fewest: int) -> None:
    found = anhoej(np.resize([1.0, -1.0], useful), 0)
    assert found.useful == useful
    assert (found.longest_allowed, found.fewest_allowed) == (longest, fewest)


def test_the_longest_run_and_the_crossings_are_counted() -> None:
    """Five crossings and a longest run of three: points on the centre are not useful."""
    found = anhoej([1, 2, 0, 3, -1, -2, 1, -1, -3, 2, float("nan"), -2], 0)
    assert (found.useful, found.longest_run, found.crossings) == (10, 3, 5)
    assert not found.signal
    assert anhoej([0.0, float("nan")], 0).useful == 0
    assert not anhoej([], 0).signal


def test_a_long_run_and_few_crossings_are_signals() -> None:
    assert anhoej([1] * 9 + [-1, 1] * 7 + [-1], 0).signal
    few = anhoej(([1.0] * 5 + [-1.0] * 5) * 2, 0)
    assert few.longest_run <= few.longest_allowed
    assert few.signal
    drift = np.arange(24.0)
    assert anhoej(drift, np.median(drift)).signal
