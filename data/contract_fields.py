"""The kinds of fields that contracts are made of, each with its names in both languages."""

import dataframely as dy

POINTS_MOST = 1_000_000  # far above any scheme, and far below what hundredths can hold


def text(zh: str, en: str, *, needed: bool = False) -> dy.String:
    """A text field with its names in both languages."""
    return dy.String(nullable=not needed, metadata={"zh": zh, "en": en})


def moment(zh: str, en: str, *, needed: bool = False) -> dy.Datetime:
    """A point in time, naive in the zone of the profile."""
    return dy.Datetime(nullable=not needed, metadata={"zh": zh, "en": en})


def calendar_day(zh: str, en: str, *, needed: bool = False) -> dy.Date:
    """A day without a time."""
    return dy.Date(nullable=not needed, metadata={"zh": zh, "en": en})


def whole(zh: str, en: str, **bounds: int | bool) -> dy.Int32:
    """A whole number."""
    return dy.Int32(metadata={"zh": zh, "en": en}, **{"nullable": True, **bounds})  # type: ignore[arg-type]


def marks(zh: str, en: str, **bounds: float | bool) -> dy.Float64:
    """Points or marks with two decimals, needed and from 0 on where nothing else is said."""
    ruled = {"nullable": False, "min": 0, "max": POINTS_MOST, **bounds}
    return dy.Float64(metadata={"zh": zh, "en": en}, **ruled)  # type: ignore[arg-type]


def flag(zh: str, en: str) -> dy.Bool:
    """Yes or no, or not said."""
    return dy.Bool(nullable=True, metadata={"zh": zh, "en": en})


class Row(dy.Schema):
    """Every row knows its line in the file; halls and counters may be named by the log itself."""

    line = dy.Int32(nullable=False, metadata={"zh": "行号", "en": "line in the file"})
