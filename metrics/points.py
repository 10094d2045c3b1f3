"""Points as whole numbers of 1/10,000 point: exact parts, rounded once, half away from zero.

No float and no decimal mean takes part: a value is n / d, a mapping a list of fractions, and the
one rounding an integer division (128-bit, so that no city is too large).
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Annotated, Any

import polars as pl
from pydantic import BeforeValidator

UNIT = 10_000  # units in one point
PLACES = 4
MOST_UNITS = 10**6 * UNIT
# 128 bits hold weight × n × what lies between two such fractions for any city.
MOST_PARTS = 10**6
LONGEST = 30  # characters of a number in a scheme
WIDE = pl.Int128()


def _units(given: Any) -> int:
    """Units of a number as it is written in a scheme; more than four decimals are refused."""
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal | str):
        raise ValueError("expected a number of points")
    try:
        units = Decimal(str(given)) * UNIT
    except InvalidOperation:
        raise ValueError("expected a number of points") from None
    if not units.is_finite() or abs(units) > MOST_UNITS:
        raise ValueError("expected a number of points of at most a million")
    if units != units.to_integral_value():
        raise ValueError("expected a number of points with at most four decimals")
    return int(units)


def _fraction(given: Any) -> Fraction:
    """The exact fraction of a number as it is written, or of a text such as "1/2"."""
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal | str | Fraction):
        raise ValueError("expected a number")
    text = str(given)
    if len(text) > LONGEST or "e" in text.lower():
        raise ValueError("expected a plain decimal number or a fraction such as 1/2")
    try:
        exact = Fraction(text)
    except ZeroDivisionError:
        raise ValueError("expected a fraction with a denominator above 0") from None
    if exact.denominator > MOST_PARTS:
        raise ValueError(f"expected a number in whole parts of at most {MOST_PARTS:,}")
    return exact


Units = Annotated[int, BeforeValidator(_units)]
Exact = Annotated[Fraction, BeforeValidator(_fraction)]
Mapping = Sequence[tuple[Fraction, Fraction]]


def step_of(decimals: int) -> int:
    """Units in the last decimal that is printed: 100 for two decimals."""
    step: int = 10 ** (PLACES - decimals)
    return step


def rounded(n: pl.Expr, d: pl.Expr | int, step: int = 1) -> pl.Expr:
    """n / d units to a multiple of `step`, half away from zero; Int64. d is positive."""
    whole = (n.abs().cast(WIDE) * 2 + d * step) // (pl.lit(2, WIDE) * d * step) * step
    return (whole * n.sign()).cast(pl.Int64)


def round_fraction(exact: Fraction, step: int = 1) -> int:
    """The same for one number."""
    whole = abs(exact) / step
    units = (2 * whole.numerator + whole.denominator) // (2 * whole.denominator) * step
    return units if exact >= 0 else -units


def mapped(n: pl.Expr, d: pl.Expr, mapping: Mapping, weight: pl.Expr, step: int) -> pl.Expr:
    """weight × the share that straight lines between the pairs give to n / d, rounded once.

    Level beyond the ends. `mapping`: (value, share) with rising values; n, d integers, d > 0;
    `weight` in units.
    """
    wide_n, wide_d, wide = n.cast(WIDE), d.cast(WIDE), weight.cast(WIDE)

    def within(value: Fraction) -> pl.Expr:
        return wide_n * value.denominator <= wide_d * value.numerator

    def level(share: Fraction) -> pl.Expr:
        return rounded(wide * share.numerator, pl.lit(share.denominator, WIDE), step)

    told: Any = pl.when(within(mapping[0][0])).then(level(mapping[0][1]))
    for (low, from_share), (high, to_share) in pairwise(mapping):
        slope = (to_share - from_share) / (high - low)
        start = from_share - slope * low
        parts = lcm(slope.denominator, start.denominator)
        along = wide_n * int(slope * parts) + wide_d * int(start * parts)
        told = told.when(within(high)).then(rounded(wide * along, wide_d * parts, step))
    points: pl.Expr = told.otherwise(level(mapping[-1][1]))
    return points


def spread(weights: Sequence[int], whole: int) -> list[int]:
    """Whole parts in the proportion of the weights that add up to `whole`.

    Largest remainders round up: three equal weights of 100.00 get 33.34, 33.33 and 33.33.
    """
    total = sum(weights)
    floors = [weight * whole // total for weight in weights]
    rests = [weight * whole % total for weight in weights]
    order = sorted(range(len(weights)), key=lambda place: (-rests[place], place))
    for place in order[: whole - sum(floors)]:
        floors[place] += 1
    return floors


def printed(units: int, decimals: int = 2) -> str:
    """Points with a fixed number of decimals; units are multiples of the step."""
    text = (Decimal(units) / UNIT).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{text:f}"


def as_points(column: str) -> pl.Expr:
    """Points as a float for display, the nearest to the exact decimal."""
    # polars divides by a constant through its reciprocal, which misses the nearest float.
    return (pl.col(column) / UNIT).round(PLACES)
