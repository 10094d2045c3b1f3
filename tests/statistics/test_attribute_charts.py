"""p, p′, u, u′, g and EWMA charts against Montgomery, qicharts2's formulae and sums by hand."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from metrics.methods.attribute_charts import ewma, g_chart, gaps_of_days, p_chart, u_chart

# Montgomery, Introduction to Statistical Quality Control: cans of orange juice, 30 samples of 50
# (table 7.1), limits 0.0524 and 0.4102; errors in 50 shipments a week (example 7.4), limit 0.1894.
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11]
CANS += [20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
ERRORS = [2, 3, 8, 1, 1, 4, 1, 4, 5, 1, 8, 2, 4, 3, 4, 1, 8, 3, 7, 4]

# Mohammed et al. 2013, BMJ Qual Saf 22:362 (nhs_accidents of qicharts2): attendances of twenty
# weeks seen within four hours, and all.
SEEN = [266501, 264225, 276532, 281461, 269071, 261215, 270409, 279778, 270483, 270320]
SEEN += [267923, 271478, 255353, 256820, 261835, 259144, 255910, 260863, 264465, 260989]
ALL = [280443, 276823, 291681, 296155, 282343, 275888, 283867, 295251, 284468, 282529]
ALL += [279618, 283932, 266629, 268091, 276803, 271578, 266005, 273520, 278574, 273772]


def test_the_p_chart_is_montgomerys() -> None:
    chart = p_chart(CANS, [50] * 30, frozen_after=None)
    assert chart.centre[0] == pytest.approx(347 / 1500)
    assert (chart.lower[0], chart.upper[0]) == pytest.approx((0.0524, 0.4102), abs=5e-5)
    outside = (chart.value < chart.lower) | (chart.value > chart.upper)
    assert np.flatnonzero(outside).tolist() == [14, 22]
    assert np.array_equal(np.abs(chart.z) > 3, outside)


def test_the_u_chart_is_montgomerys() -> None:
    chart = u_chart(ERRORS, [50] * 20)
    assert chart.centre[0] == pytest.approx(0.0740)
    assert chart.lower[0] == 0
    assert chart.upper[0] == pytest.approx(0.1894, abs=5e-5)


def laney(x: list[int], n: list[int], binomial: bool) -> tuple[float, list[float]]:
    """Sigma z and the upper limits, by the formulae of Laney 2002 and of qicharts2."""
    centre = sum(x) / sum(n)
    noise = [math.sqrt(centre * (1 - centre if binomial else 1) / size) for size in n]
    z = [(a / b - centre) / c for a, b, c in zip(x, n, noise, strict=True)]
    wide = sum(abs(after - before) for before, after in pairwise(z))
    wide /= (len(z) - 1) * 1.128
    return wide, [centre + 3 * c * wide for c in noise]


def test_huge_samples_need_the_prime() -> None:
    """Of twenty weeks with 250,000 attendances sixteen lie outside the p-chart, none outside p′."""
    plain, wide = p_chart(SEEN, ALL), p_chart(SEEN, ALL, prime=True)
    assert ((plain.value < plain.lower) | (plain.value > plain.upper)).sum() == 16
    assert ((wide.value < wide.lower) | (wide.value > wide.upper)).sum() == 0
    spread, upper = laney(SEEN, ALL, binomial=True)
    assert wide.spread[0] == pytest.approx(spread)
    assert wide.spread[0] == pytest.approx(10.64, abs=5e-3)
    assert wide.upper == pytest.approx(upper)
    assert wide.upper.max() < 1


def test_u_prime_is_laneys() -> None:
    wide = u_chart(ERRORS, range(40, 60), prime=True)
    spread, upper = laney(ERRORS, list(range(40, 60)), binomial=False)
    assert wide.spread[0] == pytest.approx(spread)
    assert wide.upper == pytest.approx(upper)


def test_without_overdispersion_the_prime_changes_little() -> None:
    rng = np.random.default_rng(2)
    x = rng.binomial(400, 0.1, 300)
    assert p_chart(x, [400] * 300, prime=True, frozen_after=None).spread[0] == pytest.approx(
        1, abs=0.1
    )


def test_a_day_without_a_base_is_part_of_no_sum() -> None:
    with_gap, without = p_chart([3, 0, 5, 4], [9, 0, 9, 9]), p_chart([3, 5, 4], [9, 9, 9])
    assert np.isnan([with_gap.value[1], with_gap.upper[1], with_gap.z[1]]).all()
    assert with_gap.centre[0] == without.centre[0]
    assert with_gap.upper[[0, 2, 3]] == pytest.approx(without.upper)
    nothing = p_chart([0, 0], [0, 0], prime=True)
    assert np.isnan(nothing.centre).all()


def test_all_at_the_ceiling_have_limits_at_the_ceiling() -> None:
    for prime in (False, True):
        chart = p_chart([7, 9, 4], [7, 9, 4], prime=prime)
        assert (chart.lower == 1).all()
        assert (chart.upper == 1).all()
        assert not np.isinf(np.nan_to_num(chart.z, posinf=np.inf)).any()


def test_limits_belong_to_their_phase_and_stand_still() -> None:
    x, n = [5] * 25 + [20] * 5, [50] * 30
    chart = p_chart(x, n, phases=[0] * 25 + [1] * 5)
    assert chart.centre[[0, 24, 25]].tolist() == [0.1, 0.1, 0.4]
    assert p_chart(x, n).centre[29] == 0.1
    assert p_chart(x, n, frozen_after=None).centre[29] == 0.15
    one = p_chart([5], [50], prime=True)
    assert np.isnan(one.upper[0])


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="0 <= x <= n"):
        p_chart([3], [2])
    with pytest.raises(ValueError, match="same length"):
        u_chart([3], [2, 2])
    with pytest.raises(ValueError, match="0 or more"):
        u_chart([-1], [2])
    with pytest.raises(ValueError, match="0 or more"):
        g_chart([-1, 2])
    assert u_chart([3], [2]).value[0] == 1.5


def test_gaps_are_the_good_cases_between_two_bad() -> None:
    """Days of 4: bad in the middle of the first, two on the third, none on the last."""
    gaps, since = gaps_of_days([1, 0, 2, 0], [4, 4, 4, 4])
    # Places 2 | 8 + 1, 8 + 3 (counted from 0): 6 between, then 1, and 4 after the last.
    assert gaps.tolist() == [6, 1]
    assert since == 4
    assert gaps.sum() + since + 3 + 2 == 16
    for x, n in (([0, 0], [3, 4]), ([], [])):
        gaps, since = gaps_of_days(x, n)
        assert gaps.tolist() == []
        assert since == sum(n)
    assert gaps_of_days([3], [3])[0].tolist() == [0, 0]
    with pytest.raises(ValueError, match="0 <= x <= n"):
        gaps_of_days([3], [2])


@pytest.mark.parametrize("mean", [1, 9, 99, 499])
def test_the_limits_of_the_g_chart_are_geometric_quantiles(mean: int) -> None:
    """Beyond the limit lies less than 0.00135, from the limit on at least as much."""
    chart = g_chart([mean] * 10)
    assert chart.share == pytest.approx(1 / (mean + 1))
    gap = stats.geom(chart.share, loc=-1)
    assert gap.sf(chart.upper) < 0.00135 <= gap.sf(chart.upper - 1)
    assert gap.cdf(chart.centre) >= 0.5 > gap.cdf(chart.centre - 1)
    # Two bad ones in a row happen with probability p: no surprise, unless p is below 0.00135.
    assert np.isnan(chart.lower) == (chart.share >= 0.00135)


def test_rare_enough_two_bad_ones_in_a_row_are_a_signal() -> None:
    chart = g_chart([2000] * 20 + [0, 1, 2], base=20)
    gap = stats.geom(chart.share, loc=-1)
    assert gap.cdf(chart.lower) < 0.00135 <= gap.cdf(chart.lower + 1)
    assert chart.lower == 1
    assert chart.beyond[-3:].tolist() == [-1, -1, 0]


def test_a_long_spell_without_a_bad_one_is_seen_before_it_ends() -> None:
    chart = g_chart([9] * 20 + [63], open_gap=100)
    assert chart.beyond[-1] == 0
    assert chart.open_beyond == 1
    assert g_chart([9] * 20, open_gap=int(g_chart([9] * 20).upper)).open_beyond == 0
    assert g_chart([9] * 20 + [70], base=20).beyond[-1] == 1


def test_without_two_gaps_there_is_no_g_chart() -> None:
    for gaps in ([], [12], [0, 0]):
        chart = g_chart(gaps, open_gap=5000)
        assert np.isnan([chart.share, chart.upper]).all()
        assert chart.open_beyond == 0
        assert not chart.beyond.any()


# Montgomery, table 9.1: thirty values, the last ten with a mean higher by 1; table 9.10: their EWMA
# with λ = 0.1 and L = 2.7, the first limits 9.73 and 10.27, the last 9.38 and 10.62.
VALUES = [9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34]
VALUES += [9.03, 11.47, 10.51, 9.40, 10.08, 9.37, 10.62, 10.31, 8.52, 10.84]
VALUES += [10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52]


def test_the_ewma_is_montgomerys() -> None:
    chart = ewma(np.array(VALUES) - 10, weight=0.1, width=2.7)
    assert chart.path[:4] + 10 == pytest.approx([9.945, 9.7495, 9.70355, 9.8992], abs=5e-5)
    assert chart.limit[[0, -1]] == pytest.approx([0.27, 0.62], abs=5e-3)
    assert np.flatnonzero(chart.alarm).tolist() == [28, 29]


def test_a_missing_value_leaves_the_ewma_where_it_is() -> None:
    gap = float("nan")
    chart = ewma([gap, 1, gap, 1])
    assert chart.path.tolist() == pytest.approx([0, 0.2, 0.2, 0.36])
    assert chart.limit[0] == chart.limit[1] == chart.limit[2] < chart.limit[3]
    assert not ewma([]).alarm.any()
