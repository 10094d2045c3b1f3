"""The metrics of one unit line by line, each with its definition, beside those of the whole."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard import formats
from dashboard.components import figures, frames
from dashboard.components.tables import Cell, Column, table
from dashboard.components.unit_frames import Chosen
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics.catalogue import Metric
from metrics.periods import Period

Row = Mapping[str, Any]
Frames = Mapping[str, pl.DataFrame]


def values(viewer: Viewer, metrics: Sequence[Metric], period: Period, unit: Chosen) -> Frames:
    """Each metric as one row: that of the unit, under the name that this viewer knows it by."""
    found = {one.id: frames.value(viewer, one.id, period, unit.by) for one in metrics}
    mine = pl.col("id") == unit.id
    return {
        name: rows.filter(mine).with_columns(name=pl.lit(unit.name)) for name, rows in found.items()
    }


def not_final(viewer: Viewer, one: Metric, period: Period, unit: Chosen) -> list[str]:
    """How much of the unit's base is left out because it may still change; nothing if none is."""
    found = frames.immature(viewer, one, period, unit.by).filter(pl.col("id") == unit.id)
    count: int = found.item(0, "immature") if found.height else 0
    words = viewer.words
    return [words("unit_figures.late", count=formats.count(count))] if count else []


def draw(
    metrics: Sequence[Metric], mine: Frames, whole: Frames | None, caption: str, words: Words
) -> None:
    """One line per metric: the unit's value, n and base, and the whole's value where it differs."""
    unit = next((rows.item(0, "name") for rows in mine.values() if rows.height), caption)
    columns = [
        Column(words("definition.metric"), words("definition.variant"), "hs-name"),
        Column(unit, look="hs-number"),
        Column(words("unit_figures.base"), look="hs-number"),
    ]
    if whole is not None:
        names = [rows.item(0, "name") for rows in whole.values()]
        columns.append(Column(names[0], words("unit_figures.beside"), "hs-number"))
    table(columns, [_row(one, mine, whole, words) for one in metrics], caption)


def _row(one: Metric, mine: Frames, whole: Frames | None, words: Words) -> list[Cell]:
    name = Cell(words.of(one.label), words.of(one.variant))
    if mine[one.id].is_empty():  # the unit is not there in this month
        cells = [name, Cell(formats.MARKS["none"], words("state.none"), mute=True), Cell("")]
    else:
        row = mine[one.id].row(0, named=True)
        cells = [name, _value(one, row, words), _base(one, row)]
    if whole is None:
        return cells
    return [*cells, _value(one, whole[one.id].row(0, named=True), words)]


def _value(one: Metric, row: Row, words: Words) -> Cell:
    found = figures.cell(one, row, words)
    unit = figures.unit(one, words)
    text = f"{found.text} {unit}" if unit and row["value"] is not None else found.text
    return Cell(text, found.note, mark=found.mark, mute=found.mute, strong=not found.mute)


def _base(one: Metric, row: Row) -> Cell:
    """What the value rests on: the denominator; of a quantile how many were counted."""
    base = row["n"] if one.histogram else row["d"]
    return Cell("" if base is None else formats.count(base))
