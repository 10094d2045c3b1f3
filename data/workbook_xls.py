"""Sheets of a BIFF book (.xls of Excel 97 and before) by xlrd, which tells everything we ask."""

import io
from datetime import datetime, time, timedelta
from pathlib import Path

import xlrd
from xlrd.compdoc import CompDocError

from data.errors import HallscoreError
from data.workbook_grid import EXCEL_EPOCHS, Cell, Fault, Grid, SheetName

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class Xls:
    """An open BIFF book."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # xlrd prints its complaints unless it is given another place for them.
            self.book = xlrd.open_workbook(
                str(path), formatting_info=True, on_demand=True, logfile=io.StringIO()
            )
        except Exception as error:  # xlrd lets whatever a damaged file causes pass through
            raise HallscoreError(f"{path}: {_said(path, error)}") from None

    def close(self) -> None:
        """Close the file."""
        self.book.release_resources()

    def sheets(self) -> list[SheetName]:
        """The sheets in their order."""
        names = self.book.sheet_names()
        return [SheetName(name, bool(self.book.sheet_by_name(name).visibility)) for name in names]

    def grid(self, name: str) -> Grid:
        """The cells of a sheet with true row numbers."""
        try:
            sheet = self.book.sheet_by_name(name)
        except Exception as error:
            raise HallscoreError(
                f"{self.path}, sheet {name!r}: {_said(self.path, error)}"
            ) from None
        epoch = EXCEL_EPOCHS["excel1904" if self.book.datemode else "excel"]
        rows = [
            [_cell(one.ctype, one.value, epoch) for one in sheet.row(at)]
            for at in range(sheet.nrows)
        ]
        hidden = [row for row, told in sheet.rowinfo_map.items() if told.hidden]
        columns = [column for column, told in sheet.colinfo_map.items() if told.hidden]
        return Grid(
            name,
            rows,
            [tuple(one) for one in sheet.merged_cells],
            tuple(sorted(row + 1 for row in hidden if row < sheet.nrows)),
            tuple(sorted(column + 1 for column in columns if column < sheet.ncols)),
        )


def _cell(kind: int, value: str | float | int, epoch: datetime) -> Cell:
    if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if kind == xlrd.XL_CELL_ERROR:
        return Fault("error_cell", xlrd.error_text_from_code.get(int(value), str(value)))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_DATE and isinstance(value, float):
        return moment_of(value, epoch)
    return value


def moment_of(serial: float, epoch: datetime) -> datetime | time:
    """A day of Excel to the millisecond; below one it is a time of day."""
    found = epoch + timedelta(milliseconds=round(serial * 86_400_000))
    return found.time() if 0 <= serial < 1 else found


def _said(path: Path, error: Exception) -> str:
    """What is wrong with a file that xlrd does not open."""
    if _ENCRYPTED in path.read_bytes() or "encrypted" in str(error).lower():
        return (
            "the workbook is protected by a password. Remove it in Excel (File, Info, Protect "
            "Workbook) and send the file again."
        )
    if isinstance(error, (CompDocError, AssertionError, IndexError)) or "expected" in str(error):
        return f"the workbook is cut off or damaged ({error}). Send the file again."
    return f"not a readable xls workbook ({error})."
