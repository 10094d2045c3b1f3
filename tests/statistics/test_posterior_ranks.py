"""Posterior ranks against scipy's ranks of each draw, with ties and with units without a score."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import rankdata

from metrics.methods.posterior_ranks import posterior_ranks


def drawn(units: int, draws: int, decimals: int | None = None) -> NDArray[np.float32]:
    rng = np.random.default_rng(units)
    values = rng.normal(0, 1, (units, 1)) + rng.normal(0, 0.7, (units, draws))
    return (values if decimals is None else values.round(decimals)).astype(np.float32)


@pytest.mark.parametrize("decimals", [None, 1])
@pytest.mark.parametrize("units", [2, 9, 40, 137])
def test_expected_ranks_are_means_of_the_ranks_of_each_draw(
    units: int, decimals: int | None
) -> None:
    """Ties with the mean of their places; the percentage from the expected rank."""
    draws = drawn(units, 130, decimals)
    found = posterior_ranks(draws)
    mean = rankdata(-draws, axis=0).mean(axis=1)
    assert found.expected == pytest.approx(mean)
    assert found.pcer == pytest.approx(100 * (mean - 0.5) / units)
    assert found.expected.sum() == pytest.approx(units * (units + 1) / 2)


def test_the_interval_holds_the_share_of_draws_that_it_says_and_no_smaller_one_does() -> None:
    """200 draws: at most 5 beyond either end, and one step inwards leaves out 5 or more."""
    draws = drawn(30, 200)
    found, ranks = posterior_ranks(draws), rankdata(-draws, axis=0)
    assert ((ranks < found.low[:, None]).sum(axis=1) < 5).all()
    assert ((ranks > found.high[:, None]).sum(axis=1) <= 5).all()
    assert ((ranks <= found.low[:, None]).sum(axis=1) >= 5).all()
    assert ((ranks >= found.high[:, None]).sum(axis=1) > 5).all()


@pytest.mark.parametrize(("units", "places"), [(1, 1), (7, 1), (10, 1), (29, 2), (60, 6)])
def test_chances_of_the_best_and_last_tenth_share_out_their_places(units: int, places: int) -> None:
    """Whole tenths, one place below ten units; also when many tie across the border."""
    for decimals in (None, 0):
        draws = drawn(units, 80, decimals)
        found = posterior_ranks(draws)
        assert found.top.sum() == pytest.approx(places)
        assert found.bottom.sum() == pytest.approx(places)
        if decimals is None:
            ranks = rankdata(-draws, axis=0)
            assert found.top == pytest.approx((ranks <= places).mean(axis=1))
            assert found.bottom == pytest.approx((ranks > units - places).mean(axis=1))


def test_units_that_always_tie_are_one_group_whatever_their_order() -> None:
    """All at 100 %: each could stand anywhere, none is likelier on top than another."""
    found = posterior_ranks(np.ones((20, 50), dtype=np.float32))
    assert set(found.expected) == {10.5}
    assert set(found.low) == {1.0}
    assert set(found.high) == {20.0}
    assert found.top == pytest.approx(np.full(20, 0.1))


def test_a_unit_without_a_score_takes_no_place() -> None:
    """NaN in all its figures; the others rank as if it were not there."""
    draws = drawn(12, 60)
    holed = np.insert(draws, 5, np.nan, axis=0)
    alone, beside = posterior_ranks(draws), posterior_ranks(holed)
    for name in ("expected", "low", "high", "top", "bottom", "pcer"):
        figures = getattr(beside, name)
        assert np.isnan(figures[5])
        assert np.delete(figures, 5) == pytest.approx(getattr(alone, name))


def test_nobody_and_one_alone_do_not_break() -> None:
    """No units give no figures; one is first and last."""
    assert posterior_ranks(np.empty((0, 5))).expected.shape == (0,)
    assert np.isnan(posterior_ranks(np.full((3, 5), np.nan)).expected).all()
    assert posterior_ranks([[3, 4], [1, 9]]).expected.tolist() == [1.5, 1.5]
    one = posterior_ranks([[0.3, 0.4]])
    assert [float(getattr(one, name)[0]) for name in ("expected", "low", "high", "top")] == [1] * 4


@pytest.mark.parametrize(
    ("draws", "says"),
    [([[0.1, np.nan], [0.2, 0.3]], "all their draws"), (np.empty((3, 0)), "at least one draw")],
)
def test_half_a_unit_and_no_draws_are_refused(draws: NDArray[np.float64], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        posterior_ranks(draws)


def test_the_figures_of_a_whole_city_do_not_hang_on_how_the_work_is_cut() -> None:
    """Rows in another order give the same figures in that order, over many chunks of draws."""
    draws = drawn(400, 333)
    order = np.random.default_rng(1).permutation(400)
    found, moved = posterior_ranks(draws), posterior_ranks(draws[order])
    for name in ("expected", "low", "high", "top", "bottom"):
        assert np.array_equal(getattr(found, name)[order], getattr(moved, name))
