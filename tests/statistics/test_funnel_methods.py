"""Funnels against published figures, against plain Python, and where the reference is wrong."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats

from metrics.methods.funnel import (
    count_ratio_funnel,
    dispersion,
    poisson_limits,
    proportion_funnel,
    ratio_funnel,
    significant,
    truncated,
    winsorised,
)
from metrics.methods.funnel_exact import exact_fit, exact_limits, exact_tails

# The example of FunnelPlotR's own tests (tests/testthat/test-classes_methods.R, MIT): O and E.
SIX_O, SIX_E = [100, 150, 180, 80, 120, 225], [108, 112, 165, 95, 100, 220]
# Twelve units of middling rates, made up; the last is far out.
X = [52, 61, 240, 33, 410, 18, 77, 150, 95, 300, 12, 40]
N = [100, 110, 420, 70, 800, 30, 140, 260, 200, 560, 25, 160]


def type_seven(values: list[float], share: float) -> float:
    """The quantile of R's default, written out."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def plain_funnel(x: list[int], n: list[int]) -> tuple[float, float, list[tuple[float, float]]]:
    """phi, tau² and the 99.8 % limits of the arcsine funnel, unit by unit."""
    target = math.asin(math.sqrt(sum(x) / sum(n)))
    s = [1 / (2 * math.sqrt(size)) for size in n]
    z = [(math.asin(math.sqrt(a / b)) - target) / c for a, b, c in zip(x, n, s, strict=True)]
    low, high = type_seven(z, 0.1), type_seven(z, 0.9)
    drawn = [min(max(one, low), high) for one in z]
    phi = sum(one**2 for one in drawn) / len(drawn)
    w = [1 / one**2 for one in s]
    count = len(x)
    tau2 = 0.0
    if count * phi >= count - 1:
        room = sum(w) - sum(one**2 for one in w) / sum(w)
        tau2 = max(0.0, (count * phi - (count - 1)) / room)
    limits = []
    for one in s:
        half = 3.090232 * math.sqrt(one**2 + tau2)
        limits.append((math.sin(target - half) ** 2, math.sin(target + half) ** 2))
    return phi, tau2, limits


def test_middling_rates_follow_the_formulae_worked_by_hand() -> None:
    """The same table gives A&E July 2018 its phi 408.7 and tau² 0.01009 where the file is kept."""
    phi, tau2, limits = plain_funnel(X, N)
    found = proportion_funnel(X, N)
    assert found.kind == "arcsine"
    assert found.dispersion.phi == pytest.approx(phi, rel=1e-12)
    assert found.dispersion.tau2 == pytest.approx(tau2, rel=1e-12)
    assert tau2 > 0
    low, high = found.limits[2], found.limits[3]
    for place, (lower, upper) in enumerate(limits):
        assert low[place] == pytest.approx(lower, rel=1e-12)
        assert high[place] == pytest.approx(upper, rel=1e-12)


def test_the_shift_of_the_rate_to_its_complement_mirrors_the_funnel() -> None:
    """Late and on-time are one picture, at the ceiling too."""
    for x in (X, [n - (n > 500) for n in N]):
        good, bad = proportion_funnel(x, N), proportion_funnel(np.subtract(N, x), N)
        assert good.z == pytest.approx(-bad.z)
        assert good.limits[2] == pytest.approx(1 - bad.limits[3])
        assert good.dispersion.phi == pytest.approx(bad.dispersion.phi)


def test_funnelplotr_six_areas_phi() -> None:
    """phi.funnelplot is 2.948033 in FunnelPlotR's tests; tau² is nothing at K = 6 with us."""
    z = np.sqrt(SIX_E) * np.log(np.divide(SIX_O, SIX_E))
    assert truncated(z).all()
    found = ratio_funnel(SIX_O, SIX_E, scale="log")
    assert found.dispersion.phi == pytest.approx(2.948033, abs=5e-7)
    assert found.dispersion.tau2 == 0
    assert dispersion(z, 1 / np.sqrt(SIX_E)).tau2 > 0


def test_funnelplotr_poisson_limits() -> None:
    """tests/testthat/test-poisson_limits.R, E = 15, 20, 30."""
    low, high = poisson_limits([15, 20, 30])
    assert low == pytest.approx([0.5596924, 0.6108260, 0.6746958], abs=5e-8)
    assert high == pytest.approx([1.649348, 1.544419, 1.427562], abs=5e-7)
    low, high = poisson_limits([15, 20, 30], 0.998)
    assert low == pytest.approx([0.3862650, 0.4479107, 0.5289724], abs=5e-8)
    assert high == pytest.approx([2.082907, 1.902094, 1.702771], abs=5e-7)


def test_log_limits_are_those_of_shmi() -> None:
    """exp(± z sqrt(1 / E + tau²)), E at two decimals when asked."""
    rng = np.random.default_rng(2)
    e = rng.uniform(50, 900, 40)
    o = rng.poisson(e * rng.lognormal(0, 0.2, 40))
    found = ratio_funnel(o, e, scale="log", rounded=True)
    half = 1.959964 * np.sqrt(1 / np.round(e, 2) + found.dispersion.tau2)
    assert found.kind == "log"
    assert found.limits[0] == pytest.approx(np.exp(-half))
    assert found.limits[1] == pytest.approx(np.exp(half))


def test_square_root_limits_lie_on_the_scale_of_the_ratio() -> None:
    """FunnelPlotR draws 1 ± z·s, the limits of the root, over points that are not rooted."""
    rng = np.random.default_rng(3)
    e = rng.uniform(50, 900, 40)
    o = rng.poisson(e * rng.lognormal(0, 0.2, 40))
    found = ratio_funnel(o, e, scale="sqrt")
    half = 3.090232 * np.sqrt(1 / (4 * e) + found.dispersion.tau2)
    assert found.limits[3] == pytest.approx((1 + half) ** 2)
    beyond = (found.value < found.limits[2]) | (found.value > found.limits[3])
    assert np.array_equal(beyond, found.outside != 0)


def test_a_unit_without_events_is_no_infinity_on_the_log_scale() -> None:
    """FunnelPlotR keeps Y = −Inf and flags it whatever was expected of it."""
    found = ratio_funnel([0, *SIX_O * 2], [0.4, *SIX_E * 2], scale="log")
    assert np.isfinite(found.z[0])
    assert found.outside[0] == 0


def test_count_ratios_use_one_standard_error_for_z_and_limits() -> None:
    """FunnelPlotR draws them with 1 / (2 sqrt b): points inside its lines have |z| > 3."""
    a, b = (
        [30, 200, 45, 90, 12, 60, 500, 33, 70, 25, 80],
        [20, 210, 50, 80, 15, 70, 450, 30, 75, 30, 20],
    )
    found = count_ratio_funnel(a, b)
    target = math.log(sum(a) / sum(b))
    s = math.sqrt(30 / 30.5**2 + 20 / 20.5**2)
    y = math.log(30.5 / 20.5)
    spread = math.sqrt(s**2 + found.dispersion.tau2)
    assert found.z[0] == pytest.approx((y - target) / spread)
    low, high = count_ratio_funnel(a, b, adjust=False).limits_at([100])[:2]
    due = 100 * math.exp(target)
    half = 1.959964 * math.sqrt(due / (due + 0.5) ** 2 + 100 / 100.5**2)
    assert (low[0], high[0]) == pytest.approx((math.exp(target - half), math.exp(target + half)))


def test_five_hundred_good_of_five_hundred_is_no_outlier_at_the_ceiling() -> None:
    """The arcsine limit at a pooled 99.9 % is 0.998: it flags what happens two times in three."""
    x, n = [500] * 60 + [499] * 30, [500] * 60 + [500] * 30
    x += [995] * 3
    n += [1000] * 3
    found = proportion_funnel(x, n)
    assert found.target == pytest.approx(0.999, abs=4e-4)
    assert (found.outside[:90] == 0).all()
    assert (found.limits[3][:60] == 1).all()
    t = math.asin(math.sqrt(found.target))
    assert math.sin(t + 3.090232 / (2 * math.sqrt(500))) ** 2 < 1


def test_a_rogue_unit_does_not_hide_itself_at_the_ceiling() -> None:
    """A likelihood would explain one bad unit among a hundred at zero by a spread of all."""
    found = proportion_funnel([500] * 99 + [550], [500] * 99 + [600])
    assert found.outlier.tolist() == [False] * 99 + [True]
    assert found.outside[-1] == -1


def test_a_unit_beyond_all_measure_has_a_finite_z() -> None:
    """An infinite number is no JSON."""
    for found in (
        proportion_funnel([5000] * 20 + [0], [5000] * 21),
        proportion_funnel([9999] * 60 + [0], [10_000] * 60 + [1000]),
        ratio_funnel([500] * 5 + [9000], [500] * 6),
    ):
        assert np.isfinite(found.z).all()
        assert found.outlier[-1]


def test_exact_limits_bracket_the_quantiles_of_scipy() -> None:
    """betabinom.ppf jumps by whole counts; ours lies within one of it, and agrees with mid-p."""
    fit = exact_fit(0.02, 0.0001)
    a, b = 0.02 * fit.size, 0.98 * fit.size
    assert stats.betabinom.var(10**6, a, b) / 10**12 == pytest.approx(0.0001, rel=1e-2)
    for n in (7, 60, 450):
        low, high = exact_limits([n], fit, 0.025)
        assert abs(low[0] * n - stats.betabinom.ppf(0.025, n, a, b)) <= 1
        assert abs(high[0] * n - stats.betabinom.ppf(0.975, n, a, b)) <= 1
        counts = np.arange(n + 1)
        few, many = exact_tails(counts, np.full(n + 1, n), fit)
        mass = stats.betabinom.pmf(counts, n, a, b)
        assert few == pytest.approx(stats.betabinom.cdf(counts, n, a, b) - mass / 2)
        assert few + many == pytest.approx(np.ones(n + 1))
        assert np.array_equal(few < 0.025, counts < low[0] * n - 1e-9)
        assert np.array_equal(many < 0.025, counts > high[0] * n + 1e-9)


def test_outside_is_beyond_the_drawn_limits_at_the_ceiling() -> None:
    """What the eye sees and what the table says are the same."""
    rng = np.random.default_rng(5)
    n = rng.integers(1, 900, 300)
    x = rng.binomial(n, np.where(rng.random(300) < 0.1, 0.93, 0.99))
    found = proportion_funnel(x, n)
    beyond = (found.value < found.limits[2] - 1e-12) | (found.value > found.limits[3] + 1e-12)
    assert found.kind in ("binomial", "beta_binomial")
    assert np.array_equal(beyond, found.outside != 0)
    assert (found.outside == -1).any()


@pytest.mark.parametrize("share", [0.5, 0.97, 0.998])
def test_chance_alone_leaves_few_outside_and_hardly_an_outlier(share: float) -> None:
    """Bases of at least 30; 20 × 400 units, limits 99.8 %: 16 are due, and the tails are lumpy."""
    rng = np.random.default_rng(11)
    outside = outliers = 0
    for _ in range(20):
        n = 30 + rng.lognormal(4.5, 1, 400).astype(int)
        found = proportion_funnel(rng.binomial(n, share), n)
        outside += int(np.abs(found.outside).sum())
        outliers += int(found.outlier.sum())
    assert outside <= 16 + 3 * math.sqrt(16)
    assert outliers <= 3


def test_benjamini_and_hochberg_by_hand() -> None:
    """Thresholds 0.01, 0.02, …, 0.05 for five p: the third passes and takes the second along."""
    p = [0.001, 0.024, 0.029, 0.2, 0.9]
    assert significant(p).tolist() == [True, True, True, False, False]
    assert significant([*p, float("nan")]).tolist() == [True, True, True, False, False, False]


def test_winsorised_tails_are_type_seven() -> None:
    given = [5.0, -3.0, 0.1, 0.2, 9.0, -0.4, 1.0]
    drawn = winsorised(given)
    assert drawn.min() == pytest.approx(type_seven(given, 0.1))
    assert drawn.max() == pytest.approx(type_seven(given, 0.9))


def test_fewer_than_ten_units_have_no_spread() -> None:
    """Nine that differ widely, and ten: at K = 10 the county halls just have one."""
    x, n = [10, 90, 20, 80, 30, 70, 40, 60, 50, 95], [100] * 10
    few, enough = proportion_funnel(x[:9], n[:9]), proportion_funnel(x, n)
    assert few.dispersion.phi > 10
    assert few.dispersion.tau2 == 0
    assert enough.dispersion.tau2 > 0


@pytest.mark.parametrize(
    ("x", "n"),
    [
        ([], []),
        ([0], [0]),
        ([7], [7]),
        ([0], [9]),
        ([3], [8]),
        ([0, 4], [0, 9]),
        ([5] * 20, [5] * 20),
    ],
)
def test_nothing_breaks_where_there_is_nothing_to_compare(x: list[int], n: list[int]) -> None:
    """K = 0 and 1, no base, all at 100 %, nobody with an event: no outlier and no infinity."""
    for found in (
        proportion_funnel(x, n),
        ratio_funnel(x, n),
        ratio_funnel(x, n, "log"),
        count_ratio_funnel(x, n),
    ):
        assert not np.isinf(found.z).any()
        assert not found.outlier[np.asarray(n) == 0].any()
        assert np.array_equal(np.isnan(found.value), np.asarray(n) == 0)
    assert not proportion_funnel(x, n).outlier.any()


def test_limits_narrow_with_the_base_and_stay_inside_a_share() -> None:
    """sin² turns back beyond a right angle: the funnel must not open again at small n."""
    found = proportion_funnel([60, 55, 70], [100, 100, 100])
    low95, high95, low998, high998 = found.limits_at(np.arange(1, 300))
    for low, high in ((low95, high95), (low998, high998)):
        assert (np.diff(low) >= 0).all()
        assert (np.diff(high) <= 0).all()
        assert low[0] == 0
        assert high[0] == 1


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="0 <= x <= n"):
        proportion_funnel([3], [2])
    with pytest.raises(ValueError, match="same length"):
        proportion_funnel([3], [2, 4])
    with pytest.raises(ValueError, match="0 or more"):
        ratio_funnel([-1], [2])


def test_the_normal_constants_are_those_of_the_published_limits() -> None:
    """To six places: NormalDist has more of them."""
    assert NormalDist().inv_cdf(0.975) == pytest.approx(1.959964, abs=5e-7)
    assert NormalDist().inv_cdf(0.999) == pytest.approx(3.090232, abs=5e-7)
