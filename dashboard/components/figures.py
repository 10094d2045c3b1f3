"""A value as text: number with unit, n / d under it, change in words, or the mark of its state."""

from collections.abc import Mapping
from typing import Any

from dashboard import formats
from dashboard.components.tables import Cell
from dashboard.reported import mark, note_line
from dashboard.text import Words
from metrics.catalogue import Metric
from metrics.comparison import Change

Row = Mapping[str, Any]
PRINT = {
    "share": formats.rate,
    "count": formats.count,
    "s": formats.minutes,
    "points": formats.score,
    "score": formats.score,
}


def printed(metric: Metric, number: float) -> str:
    """A value as in tables: shares with %, counts with thousands, waits in minutes."""
    return PRINT[metric.unit](number)


def unit(metric: Metric, words: Words) -> str:
    """The unit that stands beside a number or under a heading; empty where the number says it."""
    return words("unit.minutes") if metric.unit == "s" else ""


def figure(metric: Metric, row: Row, words: Words) -> tuple[str, str]:
    """The large print of a card: (number, unit), or (mark, the state in words)."""
    if row["value"] is None:
        return formats.MARKS[row["state"]], words(f"state.{row['state']}")
    if metric.unit == "count":
        return formats.short_count(row["value"], words)
    return printed(metric, row["value"]), unit(metric, words)


def base(row: Row, words: Words) -> str:
    """n / d where there is a denominator; empty for counts."""
    if row["d"] is None:
        return ""
    return words("format.ratio", n=formats.count(row["n"] or 0), d=formats.count(row["d"]))


def cell(metric: Metric, row: Row, words: Words) -> Cell:
    """A table cell: the value with n / d under it; grey when there is none or on too few."""
    if row["value"] is None:
        return Cell(formats.MARKS[row["state"]], words(f"state.{row['state']}"), mute=True)
    few = row["state"] == "few"
    notes = [base(row, words), note_line(row, words), words("state.few") if few else ""]
    note = "\n".join(filter(None, notes))
    return Cell(printed(metric, row["value"]), note, mark=mark(row, words), mute=few)


def amount_text(metric: Metric, change: Change, words: Words) -> str:
    """A change with its sign in its own unit; no arrow: it is not a test."""
    if change.kind == "share":
        return f"{formats.signed(change.amount * 100, 1)}%"
    if metric.unit == "share":
        return words("overview.pp", change=formats.signed(change.amount * 100, 2))
    return formats.signed(change.amount, 2)
