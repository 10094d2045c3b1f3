"""One sheet as a grid of cells, whatever file it came from, and what is reported about it."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

# Day 0 of a serial number: of Excel, and of Excel for Mac until 2011. Serials have no zone.
EXCEL_EPOCHS = {
    "excel": datetime(1899, 12, 30),  # noqa: DTZ001
    "excel1904": datetime(1904, 1, 1),  # noqa: DTZ001
}


@dataclass(frozen=True)
class Fault:
    """A cell without a value that could be read: the quarantine reason, and what stands there."""

    reason: str  # error_cell | formula_without_value
    seen: str


Cell = str | int | float | bool | date | datetime | time | timedelta | Fault | None
# First and last row and column of a merged range: 0-based, the ends not in it.
Merged = tuple[int, int, int, int]


@dataclass(frozen=True)
class Grid:
    """Rows of cells from row 1 of the sheet on; what a format cannot tell is None.

    Rows are lists of equal or shorter length; `hidden_rows` and `hidden_columns` are 1-based.
    """

    sheet: str
    rows: list[list[Cell]]
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: tuple[int, ...] | None = None
    hidden_columns: tuple[int, ...] | None = None


@dataclass(frozen=True)
class SheetName:
    """A sheet of a book before it is read."""

    name: str
    hidden: bool


@dataclass(frozen=True)
class SheetReport:
    """What was done with the rows of a sheet that are no rows of the log. Lines are 1-based.

    `left_sheets`: sheets of the same file that were not read, with the reason.
    """

    file: str
    sheet: str
    header: tuple[int, ...]
    title_rows: int
    blank_rows: int
    total_rows: tuple[int, ...] = ()
    note_rows: tuple[int, ...] = ()
    repeated_headers: tuple[int, ...] = ()
    hidden_rows: tuple[int, ...] | None = None
    hidden_columns: tuple[str, ...] | None = None
    left_sheets: dict[str, str] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """The report as a JSON object."""
        return asdict(self)


def column_letters(number: int) -> str:
    """A, B … Z, AA … of a 0-based column."""
    letters, number = "", number + 1
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(65 + place) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """'C5' of a 0-based row and column."""
    return f"{column_letters(column)}{row + 1}"


def is_blank(cell: Cell) -> bool:
    """Whether nothing, or nothing but blanks, stands in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip("\u3000\u00a0\ufeff \t\r\n"))
