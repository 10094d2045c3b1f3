"""The rows of a sheet below its header: what is no row of the log is left out and counted."""

import json
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path

import polars as pl

from data.workbook_cells import column_texts
from data.workbook_grid import (
    Cell,
    Fault,
    Grid,
    SheetReport,
    cell_name,
    column_letters,
    is_blank,
)
from data.workbook_header import Header, folded
from data.workbook_plan import SheetPlan

REJECTS = {"line": pl.Int32(), "reason": pl.String(), "detail": pl.String(), "raw": pl.String()}


@dataclass
class Sorted:
    """Rows of a sheet by what they are; 0-based."""

    kept: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    headers: list[int] = field(default_factory=list)


def read_rows(
    grid: Grid, header: Header, plan: SheetPlan, path: Path, left: dict[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame, SheetReport]:
    """Rows as text columns with `_line`, rejects (line, reason, detail, raw), and the report."""
    found = _sorted(grid, header, plan)
    _fill_down(grid, header)
    places = {name: header.names.index(name) for name in header.names if name}
    faults = _faults(grid, found.kept, places, plan)
    good = [row for row in found.kept if row not in faults]
    columns = [_column(grid, good, name, at, plan) for name, at in places.items()]
    lines = pl.Series("_line", [row + 1 for row in good], dtype=pl.Int32)
    rejects = [
        (row + 1, reason, detail, _raw(grid.rows[row], places, plan))
        for row, (reason, detail) in faults.items()
    ]
    return (
        pl.DataFrame([*columns, lines]),
        pl.DataFrame(rejects, schema=REJECTS, orient="row"),
        _report(grid, header, found, path, left),
    )


def _column(grid: Grid, rows: list[int], name: str, at: int, plan: SheetPlan) -> pl.Series:
    cells = [_at(grid.rows[row], at) for row in rows]
    return pl.Series(name, column_texts(cells, plan.formats.get(name), plan.zone), dtype=pl.String)


def _at(cells: list[Cell], column: int) -> Cell:
    return cells[column] if column < len(cells) else None


def _sorted(grid: Grid, header: Header, plan: SheetPlan) -> Sorted:
    words = [folded(word) for word in plan.settings.total_words]
    keys = [header.names.index(name) for name in plan.key if name in header.names]
    heads = {_line_texts(row) for row in grid.rows[header.start : header.end]} - {()}
    wide = {(top, left) for top, _, left, right in grid.merged if right > left + 1}
    found = Sorted()
    for at in range(header.end, len(grid.rows)):
        row = grid.rows[at]
        filled = [column for column, cell in enumerate(row) if not is_blank(cell)]
        if not filled:
            found.blank.append(at)
        elif len(filled) == 1 and (at, filled[0]) in wide:
            found.notes.append(at)
        elif keys and _is_total(row, keys, words):
            found.totals.append(at)
        elif _line_texts(row) in heads:  # printed pages have the header again
            found.headers.append(at)
        else:
            found.kept.append(at)
    return found


def _is_total(row: list[Cell], keys: list[int], words: list[str]) -> bool:
    """Whether a row has no id of its own and a word that means a sum."""
    own = (_at(row, column) for column in keys)
    if not all(is_blank(cell) or _means_sum(cell, words) for cell in own):
        return False
    return any(_means_sum(cell, words) for cell in row)


def _means_sum(cell: Cell, words: list[str]) -> bool:
    if not isinstance(cell, str):
        return False
    text = folded(cell).rstrip(":")
    return any(text.startswith(word) or text.endswith(word) for word in words)


def _line_texts(row: list[Cell]) -> tuple[str, ...]:
    """The texts of a row for comparison, without the empty cells at its end; () for a number."""
    if not all(cell is None or isinstance(cell, str) for cell in row):
        return ()
    texts = [folded(str(cell or "")) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _fill_down(grid: Grid, header: Header) -> None:
    """A merged cell of the body counts for each row that it covers, and for no other."""
    for top, low, left, _ in grid.merged:
        if top < header.end or low == top + 1 or top >= len(grid.rows):
            continue
        value = _at(grid.rows[top], left)
        for row in grid.rows[top + 1 : low]:
            row += [None] * (left + 1 - len(row))
            row[left] = value


def _faults(
    grid: Grid, kept: list[int], places: dict[str, int], plan: SheetPlan
) -> dict[int, tuple[str, str]]:
    """Reason and detail of rows with a cell without a value, in a column that the profile reads."""
    read = [(name, places[name]) for name in plan.columns if name in places]
    found: dict[int, tuple[str, str]] = {}
    for at in kept:
        row = grid.rows[at]
        for name, column in read:
            cell = _at(row, column)
            if isinstance(cell, Fault):
                where = f"cell {cell_name(at, column)} ({name}) is {cell.seen}"
                found[at] = (cell.reason, where)
                break
    return found


def _raw(row: list[Cell], places: dict[str, int], plan: SheetPlan) -> str:
    """The row as JSON of the columns that the profile reads."""
    texts = {
        name: column_texts([_at(row, places[name])], plan.formats.get(name), plan.zone)[0]
        for name in plan.columns
        if name in places
    }
    return json.dumps(texts, ensure_ascii=False)


def _report(
    grid: Grid, header: Header, found: Sorted, path: Path, left: dict[str, str]
) -> SheetReport:
    hidden = grid.hidden_rows
    columns = grid.hidden_columns
    titles = [any(not is_blank(cell) for cell in row) for row in grid.rows[: header.start]]
    return SheetReport(
        file=path.name,
        sheet=grid.sheet,
        header=tuple(range(header.start + 1, header.end + 1)),
        title_rows=len(list(compress(titles, titles))),
        blank_rows=len(found.blank) + titles.count(False),
        total_rows=tuple(row + 1 for row in found.totals),
        note_rows=tuple(row + 1 for row in found.notes),
        repeated_headers=tuple(row + 1 for row in found.headers),
        hidden_rows=None if hidden is None else tuple(one for one in hidden if one > header.end),
        hidden_columns=None if columns is None else tuple(column_letters(c - 1) for c in columns),
        left_sheets=left,
    )
