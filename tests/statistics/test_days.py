"""How alike the events of a day are: against the truth, by hand, and what it changes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from metrics.methods.days import day_correlation, design_effect

Floats = NDArray[np.float64]


def months(
    rng: np.random.Generator, units: int, mu: float, rho: float, days: int = 21
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """x of n by unit and day: days are Beta round their unit, correlation rho."""
    theta = rng.beta(mu * 60, (1 - mu) * 60, units)
    unit = np.repeat(np.arange(units), days)
    n = rng.poisson(rng.gamma(2, 20, units)[unit])
    p = theta[unit]
    if rho > 0:
        m = 1 / rho - 1
        p = rng.beta(np.maximum(p * m, 1e-12), np.maximum((1 - p) * m, 1e-12))
    return rng.binomial(n, p).astype(float), n.astype(float), unit


@pytest.mark.parametrize("mu", [0.5, 0.97, 0.998])
@pytest.mark.parametrize("rho", [0.0, 0.02, 0.1])
def test_the_estimate_is_right_on_average(mu: float, rho: float) -> None:
    """60 groups of 60 units: within three simulation errors of the truth, at the ceiling too.

    It is cut at 0, which lifts the average where there is nothing: hence the 0.002 there.
    """
    rng = np.random.default_rng([7, int(mu * 1000), int(rho * 1000)])
    found = np.array([day_correlation(*months(rng, 60, mu, rho)) for _ in range(60)])
    error = found.std() / np.sqrt(len(found))
    assert found.mean() == pytest.approx(rho, abs=3 * error + 0.002)


def test_two_days_by_hand() -> None:
    """4 of 4 and 0 of 4: pairs of a day agree, pairs of two days differ, the correlation is 1."""
    assert day_correlation([4, 0], [4, 4], [0, 0]) == 1.0
    # 2 of 4 on both: deviations of a day add up to 0, so that they are less alike than chance.
    assert day_correlation([2, 2], [4, 4], [0, 0]) == 0.0


@pytest.mark.parametrize(
    ("x", "n", "unit"),
    [
        ([], [], []),
        ([0, 0], [0, 0], [0, 0]),
        ([9, 8], [10, 10], [0, 1]),  # a single day each
        ([10, 10], [10, 10], [0, 0]),  # all good
        ([1, 0, 1], [1, 1, 1], [0, 0, 0]),  # one event a day
    ],
)
def test_where_nothing_can_be_seen_it_is_nought(
    x: list[float], n: list[float], unit: list[int]
) -> None:
    """No days, no events, days without a second, a ceiling, and no pairs."""
    assert day_correlation(x, n, unit) == 0.0


def test_an_event_meets_the_events_of_its_day() -> None:
    """Days of 1 and 9: an event meets 8.2 on average, so that with .1 ten say what 5.8 would."""
    effect = design_effect([1, 9, 5, 0], [0, 0, 1, 2], 0.1, 4)
    assert effect == pytest.approx([1 + 7.2 * 0.1, 1 + 4 * 0.1, 1, 1])
    assert design_effect([5, 5], [0, 0], 0.0, 1).tolist() == [1]


def test_the_design_effect_is_the_variance_that_it_says() -> None:
    """20,000 months of 21 days of 20 events, correlation .05: the variance of the month's share."""
    rng = np.random.default_rng(9)
    m = 1 / 0.05 - 1
    x = rng.binomial(20, rng.beta(0.9 * m, 0.1 * m, (20_000, 21))).sum(axis=1)
    by_chance = 0.9 * 0.1 / 420
    effect = design_effect(np.full(21, 20.0), np.zeros(21), 0.05, 1)[0]
    assert (x / 420).var() / by_chance == pytest.approx(effect, rel=0.05)


def test_lists_of_different_length_are_refused() -> None:
    """Rows are unit-days."""
    with pytest.raises(ValueError, match="same length"):
        day_correlation([1, 2], [3], [0, 0])
