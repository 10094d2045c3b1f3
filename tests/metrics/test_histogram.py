"""Histogram quantiles stay within one bin of the exact nearest-rank wait."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.histogram import COARSE_END, FINE_END, OPEN, bin_of, quantiles
from tests.oracle import nearest_rank

WAITS = st.lists(st.integers(0, 40_000), min_size=1, max_size=60)


def from_bins(waits: list[int], percent: int) -> float:
    """The quantile as the cube gives it."""
    rows = pl.DataFrame({"unit": 0, "bin": [bin_of(one) for one in waits]})
    counted = rows.group_by("unit", "bin").agg(waits=pl.len().cast(pl.Int64))
    return float(quantiles(counted, "unit", percent)["value"][0])


@settings(deadline=None)
@given(waits=WAITS, percent=st.sampled_from([1, 50, 90, 99]))
def test_a_quantile_is_off_by_less_than_the_width_of_its_bin(
    waits: list[int], percent: int
) -> None:
    """1 minute below 2 hours, 5 minutes below 10 hours, 'at least 10 hours' beyond."""
    exact = nearest_rank(waits, percent)
    assert exact is not None
    found = from_bins(waits, percent)
    if exact >= COARSE_END:
        assert found == COARSE_END
    else:
        assert abs(found - exact) <= (60 if exact < FINE_END else 300)


@settings(deadline=None)
@given(first=WAITS, second=WAITS)
def test_bins_of_two_days_add_up_to_the_bins_of_both(first: list[int], second: list[int]) -> None:
    """Merging is addition, so any order of merging gives the same quantile."""
    assert from_bins(first + second, 90) == from_bins(second + first, 90)


def test_each_unit_has_its_own_quantile() -> None:
    """The running total does not leak from unit to unit."""
    bins = pl.DataFrame({"unit": [1, 1, 2, 3, 3], "bin": [0, 9, 4, 0, 1], "waits": [1, 9, 5, 7, 3]})
    found = quantiles(bins, "unit", 50)
    assert found["unit"].to_list() == [1, 2, 3]
    assert found["n"].to_list() == [10, 5, 10]
    assert found["value"].to_list() == pytest.approx(
        [540 + 60 * 4 / 9, 240 + 60 * 3 / 5, 60 * 5 / 7]
    )


def test_the_bins_cover_every_second_in_order() -> None:
    """The edges as measures/waits.sql has them."""
    edges = [bin_of(one) for one in (0, 59, 60, 7199, 7200, 7499, 7500, 35_999, 36_000, 10**6)]
    assert edges == [0, 0, 1, 119, 120, 120, 121, OPEN - 1, OPEN, OPEN]
