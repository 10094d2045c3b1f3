"""What the XML of an xlsx sheet tells beside its values: faults, hidden rows, how far it reaches.

Calamine makes an error cell and a formula that was never computed look empty.
"""

import re
from dataclasses import dataclass, field
from typing import IO

from lxml import etree

from data.workbook_grid import Fault

NEVER_COMPUTED = "a formula whose value was never computed"
LAST_COLUMN = 16_384
_PLACE = re.compile(r"([A-Z]+)\d+")
_ERRORS = etree.XPath("*[@t='e']")


@dataclass
class Marks:
    """Faults by row and column (0-based); rows and columns are how many the cells reach over."""

    faults: dict[tuple[int, int], Fault] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    rows: int = 0
    columns: int = 0


def read_marks(stream: IO[bytes]) -> Marks:
    """The marks of a sheet, a row at a time; raises lxml's XMLSyntaxError where it is not whole."""
    marks = Marks()
    row = -1
    for _, element in etree.iterparse(
        stream, events=("end",), tag=("{*}row", "{*}col"), resolve_entities=False, no_network=True
    ):
        if element.tag.endswith("}col"):
            _hidden_columns(marks, element)
            continue
        row = int(element.get("r", row + 2)) - 1
        _mark_row(marks, row, element)
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    marks.hidden_columns = [one for one in marks.hidden_columns if one < marks.columns]
    return marks


def _hidden_columns(marks: Marks, element: etree._Element) -> None:
    if _is_true(element.get("hidden")):
        last = min(int(element.get("max", 0)), LAST_COLUMN)
        marks.hidden_columns += range(int(element.get("min", 1)) - 1, last)


def _is_true(text: str | None) -> bool:
    return text in ("1", "true")


def _mark_row(marks: Marks, row: int, element: etree._Element) -> None:
    # Cells that are only formatted have no child.
    last = next((one for one in element.iterchildren(reversed=True) if len(one)), None)
    if last is None:
        return
    if _is_true(element.get("hidden")):
        marks.hidden_rows.append(row)
    marks.rows = max(marks.rows, row + 1)
    marks.columns = max(marks.columns, _column(element, last) + 1)
    for cell in _ERRORS(element):
        value = cell.findtext("{*}v") or ""
        marks.faults[row, _column(element, cell)] = Fault("error_cell", value)
    for formula in element.iter("{*}f"):
        cell = formula.getparent()
        if cell.get("t") != "e" and not _has_value(cell):
            marks.faults[row, _column(element, cell)] = Fault(
                "formula_without_value", NEVER_COMPUTED
            )


def _has_value(cell: etree._Element) -> bool:
    """A formula that gives an empty text is stored as an empty value of type str."""
    value = cell.find("{*}v")
    return value is not None and bool(value.text or cell.get("t") == "str")


def _column(row: etree._Element, cell: etree._Element) -> int:
    """The 0-based column of a cell, by its name, or by its place where it has none."""
    found = _PLACE.fullmatch(cell.get("r", ""))
    if found is None:
        return int(row.index(cell))
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1
