"""Mean run lengths against published tables, the chain solved plainly, and simulation."""

import time

import numpy as np
import pytest
from scipy import optimize

from metrics.methods.cusum import log_ratios
from metrics.methods.run_lengths import (
    bernoulli_arl,
    bernoulli_delay,
    city_arl,
    cusum_arl,
    ewma_arl,
    lattice_arls,
    threshold,
)


# R package spc, examples of xcusum.arl: Brook & Evans 1972; Waldmann 1986; Vance 1986.
@pytest.mark.parametrize(
    ("k", "h", "shift", "length"),
    [
        (0.5, 3, 0, 117.59),
        (0.5, 3, 1.5, 3.75),
        (0.5, 3, -0.5, 1963),
        (0.5, 3, 0.5, 17.35),
        (0, 10, -0.25, 2071.51),
        (0, 10, 0, 124.66),
        (0, 10, 1, 10.75),
    ],
)
def test_the_cusum_runs_as_published(k: float, h: float, shift: float, length: float) -> None:
    assert cusum_arl(h, k=k, shift=shift) == pytest.approx(length, abs=0.5 if h == 3 else 0.1)
    assert cusum_arl(h, k=k, shift=shift) == pytest.approx(length, rel=2e-3)


def test_two_sides_halve_the_run_length() -> None:
    """Lucas & Crosier 1982, table 1, k = 0.5, h = 4: 168 without a shift, 8.38 with one of 1."""
    assert cusum_arl(4) / 2 == pytest.approx(168, abs=0.5)
    assert 1 / (1 / cusum_arl(4, shift=1) + 1 / cusum_arl(4, shift=-1)) == pytest.approx(
        8.38, abs=5e-3
    )


def test_the_thresholds_of_the_cusum() -> None:
    """R: xcusum.crit(0.5, 370) and (0.5, 1000)."""
    assert cusum_arl(4.096) == pytest.approx(370, abs=0.5)
    assert cusum_arl(5.071) == pytest.approx(1000, abs=1)


def test_the_ewma_runs_as_published() -> None:
    """λ = 0.2 and L = 2.86 run for 371; Crowder 1989: L for 250 by λ."""
    assert ewma_arl(2.86) == pytest.approx(371, abs=0.5)
    for weight, width in ((0.05, 2.32), (0.1, 2.55), (0.15, 2.65), (0.2, 2.72), (0.25, 2.76)):
        found = optimize.brentq(lambda at, w=weight: ewma_arl(at, weight=w) - 250, 1, 4)
        assert found == pytest.approx(width, abs=5e-3)
    assert ewma_arl(2.86, shift=1) < 12


def plainly(share: float, rise: int, steps: int) -> float:
    """The chain, state by state."""
    chain = np.eye(steps)
    for state in range(steps):
        chain[state, max(state - 1, 0)] -= 1 - share
        if state + rise < steps:
            chain[state, state + rise] -= share
    return float(np.linalg.solve(chain, np.ones(steps))[0])


@pytest.mark.parametrize(
    ("share", "rise", "steps"),
    [(0.1, 5, 1), (0.1, 5, 5), (0.1, 5, 6), (0.1, 5, 37), (0.02, 30, 300), (0.3, 1, 9)],
)
def test_one_pass_solves_every_chain(share: float, rise: int, steps: int) -> None:
    assert lattice_arls(share, rise, steps)[-1] == pytest.approx(
        plainly(share, rise, steps), rel=1e-8
    )


def test_the_first_bad_rating_alarms_below_what_it_adds() -> None:
    """Up to a threshold of one rise the run is that to the first bad rating: 1 / p."""
    assert lattice_arls(0.05, 8, 8) == pytest.approx(np.full(8, 20))


@pytest.mark.parametrize(("share", "h"), [(0.05, 2.7), (0.004, 2.2)])
def test_the_bernoulli_run_length_is_that_of_a_simulation(share: float, h: float) -> None:
    """2,000 charts by their gaps between bad ratings; between lattices the table is cautious."""
    rng = np.random.default_rng(1)
    rise, fall = log_ratios(share)
    total, ratings, live = np.zeros(2000), np.zeros(2000), np.ones(2000, dtype=bool)
    while live.any():
        good = rng.geometric(share, 2000) - 1
        ratings[live] += good[live] + 1
        total = np.maximum(total - good * fall, 0) + rise
        live &= total < h
    error = ratings.std() / np.sqrt(2000)
    found = float(bernoulli_arl(share, h))
    assert found < ratings.mean() + 2 * error
    assert found == pytest.approx(ratings.mean(), rel=0.1)


def test_the_threshold_is_the_inverse() -> None:
    p0 = np.array([0.0004, 0.002, 0.01, 0.2])
    for arl in (2e4, 6e5, 1e9):
        assert bernoulli_arl(p0, threshold(p0, arl)) == pytest.approx(np.full(4, arl), rel=1e-4)
    # No chart runs shorter than to the first bad rating.
    assert bernoulli_arl(1e-5, threshold(1e-5, 2e4)) == pytest.approx(1e5)
    assert (np.diff(threshold(0.002, [1e4, 1e5, 1e6, 1e9])) > 0).all()


def test_six_thousand_thresholds_take_less_than_a_second() -> None:
    rng = np.random.default_rng(0)
    p0, daily = rng.beta(2, 800, 6000), rng.uniform(3, 60, 6000)
    began = time.perf_counter()
    h = threshold(p0, city_arl(6000) * daily)
    assert time.perf_counter() - began < 1
    assert h.shape == (6000,)
    assert np.isfinite(h).all()


def test_far_out_the_length_grows_as_the_threshold_does() -> None:
    """The likelihood ratio has the mean 1: each unit of h is a factor e."""
    far, farther = bernoulli_arl(0.002, 20), bernoulli_arl(0.002, 21)
    assert farther / far == pytest.approx(np.e)
    near, nearer = bernoulli_arl(0.002, [10, 11])
    assert nearer / near == pytest.approx(np.e, rel=1e-3)


def test_the_city_shares_its_false_alarms() -> None:
    """6,000 charts, five days a week, one a week: 30,000 days."""
    assert city_arl(6000) == 30_000
    assert city_arl(6000, per_week=2) == 15_000
    assert city_arl(6000, working_days=6) == 36_000
    with pytest.raises(ValueError, match="above 0"):
        city_arl(0)


def test_the_delay_is_shorter_the_worse_it_gets() -> None:
    h = float(threshold(0.01, city_arl(6000) * 60))
    delays = [bernoulli_delay(0.01, h, shift=shift) for shift in (1.5, 2, 4, 8)]
    assert np.all(np.diff(delays) < 0)
    assert bernoulli_delay(0.01, 3.0, shift=1) == pytest.approx(
        float(bernoulli_arl(0.01, 3.0)), rel=0.03
    )
    # Below about 1 % only the number of bad ratings counts.
    few, fewer = bernoulli_delay(0.002, 6.0) * 0.002, bernoulli_delay(0.0002, 6.0) * 0.0002
    assert few == pytest.approx(fewer, rel=1e-9)


def test_shares_that_are_no_rare_events_are_refused() -> None:
    for p0, arl in ((0, 100), (0.3, 100), (0.1, 0)):
        with pytest.raises(ValueError, match="p0"):
            threshold(p0, arl)
