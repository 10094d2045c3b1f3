"""CUSUM charts against Montgomery and sums by hand, and the promise that is made to the city."""

import numpy as np
import pytest

from metrics.methods.cusum import bernoulli_cusum, cusum, doubled, in_control, log_ratios
from metrics.methods.run_lengths import bernoulli_delay, city_arl, threshold
from tests.statistics.test_attribute_charts import VALUES

COUNTERS, DAYS = 6000, 250
WEEKS = DAYS / 5


def test_the_cusum_is_montgomerys() -> None:
    """Table 9.2, K = 0.5 and H = 5: the alarm comes at the 29th value, 5.28."""
    chart = cusum(np.array(VALUES) - 10, k=0.5, h=5)
    up = [0, 0, 0, 1.16, 2.82, 2.50, 0.04, 1.00]
    down = [0.05, 1.56, 1.77, 0, 0, 0, 1.46, 0]
    assert chart.up[:8] == pytest.approx(up)
    assert chart.down[:8] == pytest.approx(down)
    assert np.flatnonzero(chart.alarm_up).tolist() == [28]
    assert chart.up[28] == pytest.approx(5.28)
    assert not chart.alarm_down.any()
    assert chart.up[29] == pytest.approx(0.02)  # begun again at 0


def test_a_missing_value_leaves_the_sum_where_it_is() -> None:
    chart = cusum([2, np.nan, 2], k=0.5, h=2.5)
    assert chart.up.tolist() == [1.5, 1.5, 3.0]
    assert chart.alarm_up.tolist() == [False, False, True]
    assert cusum([-4.0], h=3).alarm_down.all()
    assert cusum([]).up.shape == (0,)


def test_a_day_by_hand() -> None:
    """p0 = 1/3, odds doubled to p1 = 1/2: a bad rating adds ln 1.5, a good one takes ln 4/3."""
    assert doubled(1 / 3) == pytest.approx(0.5)
    rise, fall = log_ratios(1 / 3)
    assert (rise, fall) == pytest.approx((np.log(1.5), np.log(4 / 3)))
    found = bernoulli_cusum([2, 0, 0, 5], [3, 0, 9, 5], 1 / 3, 2.0)
    first = 2 * np.log(1.5) - np.log(4 / 3)
    assert found.path.tolist() == pytest.approx([first, first, 0, 5 * np.log(1.5)])
    assert found.alarm.tolist() == [False, False, False, True]
    # At the threshold is an alarm, and the sum begins again.
    again = bernoulli_cusum([2, 2], [3, 3], 1 / 3, found.path[0])
    assert again.alarm.tolist() == [True, True]
    assert again.path[1] == found.path[0]


def test_counters_do_not_touch_each_other() -> None:
    rng = np.random.default_rng(4)
    n = rng.integers(0, 40, (5, 60))
    x = rng.binomial(n, 0.05)
    p0, h = np.array([0.01, 0.02, 0.03, 0.04, 0.05]), np.array([2.0, 3, 4, 5, 6])
    together = bernoulli_cusum(x, n, p0, h)
    assert together.alarm.any()
    for one in range(5):
        alone = bernoulli_cusum(x[one], n[one], p0[one], h[one])
        assert np.array_equal(alone.alarm, together.alarm[one])
        assert alone.path == pytest.approx(together.path[one])


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="0 <= x <= n"):
        bernoulli_cusum([3], [2], 0.1, 1)
    for p0, h in ((0, 1), (1, 1), (0.1, 0)):
        with pytest.raises(ValueError, match="0 < p0 < 1"):
            bernoulli_cusum([1], [2], p0, h)
    with pytest.raises(ValueError, match="strength"):
        in_control([1], [2], 0.1, 0)
    assert not bernoulli_cusum([0, 0], [0, 0], 0.1, 1).alarm.any()


def test_p0_is_a_cautious_posterior() -> None:
    """With little of its own a counter has the share of its peers; with much its own, and a bit."""
    few, many = in_control([0, 100], [0, 10_000], 0.002, 500)
    assert 0.002 < few < 0.01
    assert 0.01 < many < 0.012
    assert in_control([100], [10_000], 0.002, 500, sure=0.5)[0] < many


class City:
    """6,000 counters with 3 to 60 ratings a day, shares spread about 0.2 %, a base of a year."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.daily = np.exp(self.rng.uniform(np.log(3), np.log(60), COUNTERS))
        self.share = self.rng.beta(1, 499, COUNTERS)
        base = self.rng.poisson(self.daily * DAYS)
        bad = self.rng.binomial(base, self.share)
        self.p0 = in_control(bad, base, 0.002, 500)
        self.plain = np.maximum(in_control(bad, base, 0.002, 500, sure=0.5), 1e-7)

    def year(self, odds: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Bad and all ratings of each day (COUNTERS, DAYS)."""
        n = self.rng.poisson(self.daily[:, None], (COUNTERS, DAYS))
        return self.rng.binomial(n, doubled(self.share, odds)[:, None]), n


@pytest.fixture(scope="module")
def city() -> City:
    return City(7)


def test_the_city_sees_at_most_one_false_alarm_a_week(city: City) -> None:
    """No counter changes: all alarms of the year are false. Two Poisson errors of tolerance."""
    x, n = city.year()
    h = threshold(city.p0, city_arl(COUNTERS) * city.daily)
    found = bernoulli_cusum(x, n, city.p0, h).alarm.sum()
    assert found <= WEEKS + 2 * np.sqrt(WEEKS)
    # Mutants. A threshold for one chart, a false alarm a year each: a hundred a week in the city.
    alone = threshold(city.p0, DAYS * city.daily)
    assert bernoulli_cusum(x, n, city.p0, alone).alarm.sum() > 10 * WEEKS
    # The middle of the posterior for p0: too low for every second counter.
    h = threshold(city.plain, city_arl(COUNTERS) * city.daily)
    assert bernoulli_cusum(x, n, city.plain, h).alarm.sum() > 1.5 * found


def test_doubled_odds_are_found_where_there_are_bad_ratings_to_find(city: City) -> None:
    """1 % of 60 a day: the alarm comes in about 34 days, as the chain of single ratings says."""
    rng = np.random.default_rng(8)
    n = rng.poisson(60, (400, 300))
    x = rng.binomial(n, doubled(0.01))
    h = threshold(0.01, city_arl(COUNTERS) * 60)
    alarm = bernoulli_cusum(x, n, 0.01, h).alarm
    assert alarm.any(axis=1).all()
    days = alarm.argmax(axis=1) + 1
    expected = bernoulli_delay(0.01, float(h)) / 60
    assert 30 < expected < 38
    # Looked at once a day, and without the sums within a day: a little later.
    assert expected < days.mean() < 1.15 * expected
    # At 0.2 % of 5 a day nothing can be told within a year: that is the price, and it is said.
    assert bernoulli_delay(0.002, float(threshold(0.002, city_arl(COUNTERS) * 5))) / 5 > 2 * DAYS


def test_an_alarm_of_the_city_is_mostly_true_once_some_counters_get_worse(city: City) -> None:
    """One counter in twenty gets four times worse: most alarms are theirs."""
    x, n = city.year()
    worse = slice(0, COUNTERS // 20)
    bad, all_ = city.year(4.0)
    x[worse], n[worse] = bad[worse], all_[worse]
    h = threshold(city.p0, city_arl(COUNTERS) * city.daily)
    seen = bernoulli_cusum(x, n, city.p0, h).alarm.any(axis=1)
    assert seen[worse].sum() > 3 * seen[COUNTERS // 20 :].sum()
    busy = city.share[worse] * city.daily[worse] > 0.1
    assert seen[worse][busy].mean() > 0.9
