"""Points as whole units: halves away from zero, exact mappings, weights that add up."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from metrics.points import (
    UNIT,
    Exact,
    Units,
    as_points,
    mapped,
    printed,
    round_fraction,
    rounded,
    spread,
    step_of,
)

SHARES = st.fractions(0, 1, max_denominator=10_000)
STEPS = st.sampled_from([1, 10, 100, 1000, 10_000])


def share_of(value: Fraction, mapping: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    """The share of one value by straight lines between the pairs, level beyond the ends."""
    if value <= mapping[0][0]:
        return mapping[0][1]
    for (low, from_share), (high, to_share) in pairwise(mapping):
        if value <= high:
            return from_share + (to_share - from_share) * (value - low) / (high - low)
    return mapping[-1][1]


def one(expression: pl.Expr) -> int:
    return int(pl.select(expression).item())


@pytest.mark.parametrize(
    ("n", "d", "step", "expected"),
    [
        (25, 10, 1, 3),
        (-25, 10, 1, -3),
        (24, 10, 1, 2),
        (-24, 10, 1, -2),
        (250, 1, 100, 300),
        (-250, 1, 100, -300),
        (-249, 1, 100, -200),
        (0, 7, 100, 0),
    ],
)
def test_halves_go_away_from_zero_on_both_sides(n: int, d: int, step: int, expected: int) -> None:
    assert one(rounded(pl.lit(n), pl.lit(d), step)) == expected
    assert round_fraction(Fraction(n, d), step) == expected


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9), STEPS)
def test_rounding_is_that_of_decimal_arithmetic(n: int, d: int, step: int) -> None:
    """Decimal's ROUND_HALF_UP is half away from zero; the quotient is kept to 60 digits."""
    exact = Fraction(n, d) / step
    scaled = exact.numerator * 10**60 // exact.denominator if exact >= 0 else None
    if scaled is None:
        scaled = -(-exact.numerator * 10**60 // exact.denominator)
    with_digits = Decimal(scaled).scaleb(-60)
    expected = int(with_digits.to_integral_value(ROUND_HALF_UP)) * step
    assert one(rounded(pl.lit(n), pl.lit(d), step)) == expected
    assert round_fraction(Fraction(n, d), step) == expected


@st.composite
def mappings(draw: st.DrawFn) -> list[tuple[Fraction, Fraction]]:
    values = draw(
        st.lists(
            st.fractions(-100, 1000, max_denominator=10_000), min_size=2, max_size=5, unique=True
        )
    )
    return [(value, draw(SHARES)) for value in sorted(values)]


@given(
    mappings(),
    st.integers(-(10**9), 10**9),
    st.integers(1, 10**9),
    st.integers(0, 100 * UNIT),
    STEPS,
)
def test_a_mapping_gives_the_rounded_exact_share(
    mapping: list[tuple[Fraction, Fraction]], n: int, d: int, weight: int, step: int
) -> None:
    """However large the city: no 64-bit product wraps, and nothing is rounded on the way."""
    found = one(mapped(pl.lit(n), pl.lit(d), mapping, pl.lit(weight), step))
    assert found == round_fraction(weight * share_of(Fraction(n, d), mapping), step)


def test_a_quotient_that_no_float_holds_is_rounded_right() -> None:
    """10 points × 0.0025: the float 0.025 × 100 is below a half, and a decimal mean of it too."""
    ten = pl.lit(10 * UNIT)
    line = ((Fraction(0), Fraction(0)), (Fraction(1), Fraction(1)))
    assert one(mapped(pl.lit(25), pl.lit(10_000), line, ten, 100)) == 300
    assert one(mapped(pl.lit(24_999), pl.lit(10_000_000), line, ten, 100)) == 200


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=9), st.integers(0, 10**6))
def test_spread_weights_add_up_to_the_whole(weights: list[int], whole: int) -> None:
    """No unit is lost, none is invented, and none is off by a whole one."""
    parts = spread(weights, whole)
    assert sum(parts) == whole
    exact = [Fraction(weight * whole, sum(weights)) for weight in weights]
    assert all(abs(part - share) < 1 for part, share in zip(parts, exact, strict=True))


def test_three_equal_weights_of_a_hundred_have_a_hundredth_to_place() -> None:
    assert spread([1, 1, 1], 10_000) == [3334, 3333, 3333]


@given(st.integers(-(10**9), 10**9))
def test_points_on_screen_are_the_nearest_float_to_the_decimal(units: int) -> None:
    """So that equal decimals are equal floats, in every column and file."""
    shown = pl.DataFrame({"p": [units]}).select(as_points("p")).item()
    assert shown == float(Decimal(units) / UNIT)


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [
        (984_300, 2, "98.43"),
        (-270_000, 2, "-27.00"),
        (0, 0, "0"),
        (75_000, 1, "7.5"),
        (1, 4, "0.0001"),
    ],
)
def test_printed_points_have_their_decimals(units: int, decimals: int, text: str) -> None:
    assert printed(units, decimals) == text


def test_a_step_is_the_last_printed_decimal() -> None:
    assert [step_of(decimals) for decimals in range(5)] == [10_000, 1000, 100, 10, 1]


@pytest.mark.parametrize(
    ("given_", "units"), [(2, 20_000), (0.1, 1000), ("0.0001", 1), (-7.5, -75_000)]
)
def test_points_of_a_scheme_are_read_as_written(given_: object, units: int) -> None:
    assert TypeAdapter(Units).validate_python(given_) == units


@pytest.mark.parametrize(
    "given_", [float("nan"), float("inf"), 0.00005, "ten", True, None, 1e30, [1]]
)
def test_no_number_of_points_is_refused_as_a_value(given_: object) -> None:
    """A refusal that names the key, never a crash of arithmetic."""
    with pytest.raises(ValidationError, match="expected a number of points"):
        TypeAdapter(Units).validate_python(given_)


@pytest.mark.parametrize(
    "given_", [float("nan"), float("inf"), "1/0", "1/1000001", "1e9", True, "1" * 31, {}]
)
def test_no_fraction_is_refused_as_a_value(given_: object) -> None:
    """Also one whose parts would be too fine for 128 bits."""
    with pytest.raises(ValidationError):
        TypeAdapter(Exact).validate_python(given_)
