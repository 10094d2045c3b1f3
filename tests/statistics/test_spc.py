"""XmR charts against NHSRplotthedots and Montgomery, and against sums done by hand."""

import numpy as np
import pytest

from metrics.methods import spc
from metrics.methods.spc import autocorrelation, xmr

# R: set.seed(123); rnorm(20), the series of the tests of NHSRplotthedots 0.2
# (tests/testthat/test-ptd_spc_standard.R); the figures below are those of its
# _snaps/ptd_spc_standard.md and ptd_spc.md.
NORMAL = np.array(
    [
        *(-0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774),
        *(1.71506499, 0.46091621, -1.26506123, -0.68685285, -0.44566197),
        *(1.22408180, 0.35981383, 0.40077145, 0.11068272, -0.55584113),
        *(1.78691314, 0.49785048, -1.96661716, 0.70135590, -0.47279141),
    ]
)
SPIKED = np.where(np.arange(20) == 14, 10, NORMAL)


@pytest.mark.parametrize(
    ("values", "screen", "centre", "lower", "upper"),
    [
        (NORMAL, True, 0.1416238, -3.01138, 3.294627),
        (SPIKED, True, 0.6694159, -2.383666, 3.722497),
        (SPIKED, False, 0.6694159, -4.596625, 5.935457),
    ],
)
def test_the_limits_are_those_of_nhsrplotthedots(
    values: np.ndarray, screen: bool, centre: float, lower: float, upper: float
) -> None:
    chart = xmr(values, screen=screen)
    assert chart.centre[0] == pytest.approx(centre, abs=5e-8)
    assert (chart.lower[0], chart.upper[0]) == pytest.approx((lower, upper), abs=5e-6)
    assert np.ptp(chart.upper) == 0


def test_each_phase_has_limits_of_its_own() -> None:
    """The two halves of the series, as two facets: the summary of NHSRplotthedots prints them."""
    chart = xmr(NORMAL, phases=[0] * 10 + [1] * 10)
    assert chart.centre[[0, 19]] == pytest.approx([0.0746, 0.209], abs=5e-4)
    assert chart.lower[[0, 19]] == pytest.approx([-2.60, -3.28], abs=6e-3)
    assert chart.upper[[0, 19]] == pytest.approx([2.75, 3.70], abs=6e-3)
    assert chart.provisional.all()
    assert chart.phase.tolist() == [0] * 10 + [1] * 10


def test_the_standard_deviation_is_no_substitute_for_the_moving_range() -> None:
    """A step in the middle widens the standard deviation, and hides itself; the range does not."""
    stepped = [0.0, 1.0] * 6 + [6.0, 7.0] * 6
    chart = xmr(stepped, frozen_after=None)
    ranges = np.abs(np.diff(stepped))  # 22 times 1, once 5: screened
    assert ranges.mean() * spc.SCREEN < 5
    assert chart.upper[0] == pytest.approx(3.5 + 2.66)
    assert (np.asarray(stepped) > chart.upper).sum() == 6
    assert (np.asarray(stepped) > 3.5 + 3 * np.std(stepped)).sum() == 0


def test_limits_stand_still_after_twenty_points() -> None:
    first = np.tile([10.0, 12.0], 10)
    alone, longer = xmr(first), xmr([*first, 30, 31, 29])
    assert longer.upper[-1] == alone.upper[0] == pytest.approx(11 + 2.66 * 2)
    assert longer.near_upper[-1] == pytest.approx(11 + 2.66 * 2 * 2 / 3)
    assert xmr([*first, 30, 31, 29], frozen_after=None).centre[0] > 13


def test_eleven_points_are_provisional_and_twelve_are_not() -> None:
    assert xmr(NORMAL[:11]).provisional.all()
    assert not xmr(NORMAL[:12]).provisional.any()
    gap = np.append(NORMAL[:11], np.nan)
    assert xmr(gap).provisional.all()


def test_a_gap_has_no_range_on_either_side() -> None:
    """1, 3, –, 9, 11: two ranges of 2, none of 6."""
    chart = xmr([1, 3, np.nan, 9, 11])
    assert chart.centre[0] == 6
    assert chart.upper[0] == pytest.approx(6 + 2.66 * 2)


def test_the_ranges_are_screened_once() -> None:
    """One pass, not until nothing more goes: 5 stays, though it is beyond the second screen."""
    values = np.cumsum([0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5.0, 30.0])
    ranges = np.diff(values)
    kept = ranges[ranges < 3.267 * ranges.mean()]
    assert kept.max() == 5
    assert 3.267 * kept.mean() < 5
    chart = xmr(values)
    assert chart.upper[0] == pytest.approx(values.mean() + 2.66 * kept.mean())


def test_what_there_is_no_chart_of() -> None:
    assert xmr([]).centre.shape == (0,)
    one = xmr([5.0])
    assert one.centre[0] == 5
    assert np.isnan([one.lower[0], one.upper[0], one.autocorrelation]).all()
    nothing = xmr([np.nan, np.nan])
    assert np.isnan(nothing.centre).all()
    same = xmr([1.0] * 30)
    assert (same.lower == 1).all()
    assert (same.upper == 1).all()
    with pytest.raises(ValueError, match="finite"):
        xmr([1, np.inf])
    with pytest.raises(ValueError, match="phases"):
        xmr([1, 2], phases=[1])


def test_autocorrelation_by_hand() -> None:
    """1, 2, 3: deviations −1, 0, 1; products 0 over squares 2. Up and down all along: near −1."""
    assert autocorrelation([1, 2, 3]) == 0
    assert autocorrelation([1, -1] * 10) == pytest.approx(-19 / 20)
    assert np.isnan(autocorrelation([4.0] * 9))
    # A step between two phases is no autocorrelation: the deviations are those of the phases.
    stepped = [1, -1] * 5 + [101, 99] * 5
    assert autocorrelation(stepped, [0] * 10 + [1] * 10) == pytest.approx(-18 / 20)
    assert autocorrelation(stepped) > 0.8


def test_an_autocorrelated_series_alarms_too_often() -> None:
    """r = 0.7, as in the monthly waiting times of English hospitals: the limits are too narrow."""
    rng = np.random.default_rng(3)
    noise = rng.normal(size=2000)
    walk = np.zeros(2000)
    for position in range(1, 2000):
        walk[position] = 0.7 * walk[position - 1] + noise[position]

    def outside(values: np.ndarray) -> float:
        chart = xmr(values, frozen_after=None)
        return float(((values < chart.lower) | (values > chart.upper)).mean())

    assert autocorrelation(walk) > spc.CORRELATED
    assert abs(autocorrelation(noise)) < spc.CORRELATED
    assert outside(noise) < 0.008
    assert outside(walk) > 10 * outside(noise)
