"""Workbooks as they come: xlsx, xls, and html pages named .xls, told apart by their content.

A sheet at a time: its header is found by the profile's columns, its rows are cleaned, and what is
no row is counted. A workbook is held in memory a sheet at a time.
"""

from collections.abc import Iterator
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path

import polars as pl

from data.errors import HallscoreError, nearest
from data.workbook_grid import Grid, SheetName, SheetReport, is_blank
from data.workbook_header import Header, check_twice, find_header, no_header
from data.workbook_html import Html
from data.workbook_plan import SheetPlan
from data.workbook_rows import read_rows
from data.workbook_xls import Xls
from data.workbook_xlsx import Xlsx

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".htm", ".html")
Book = Xlsx | Xls | Html
Sheet = tuple[pl.DataFrame, pl.DataFrame, SheetReport]
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08")


def read_book(path: Path, plan: SheetPlan) -> Iterator[Sheet]:
    """Rows, rejects and report of each sheet that is read, in the order of the book.

    Raises HallscoreError when the file is no workbook, or holds no sheet with the columns.
    """
    with closing(opened_book(path, plan.encoding)) as book:
        yield from _read_sheets(path, book, plan)


def _read_sheets(path: Path, book: Book, plan: SheetPlan) -> Iterator[Sheet]:
    wanted, left = _wanted(path, book.sheets(), plan)
    read: list[SheetName] = []
    missed: Grid | None = None
    for sheet in wanted:
        grid = book.grid(sheet.name)
        header = find_header(grid, plan)
        if header is None:
            empty = all(is_blank(cell) for row in grid.rows for cell in row)
            left[sheet.name] = "empty" if empty else "no header row"
            if not empty:
                missed = missed or grid
                if plan.settings.sheet:
                    raise no_header(f"{path}, sheet {sheet.name!r}", grid, plan)
            continue
        # The first report names the sheets that were left; the rest of them are added as they come.
        yield _sheet(path, grid, header, plan, {} if read else left)
        read.append(sheet)
    if missed is not None and not read:
        raise no_header(f"{path}, sheet {missed.sheet!r}", missed, plan)
    if not read:
        raise HallscoreError(f"{path}: empty; a header row was expected.")


def _sheet(path: Path, grid: Grid, header: Header, plan: SheetPlan, left: dict[str, str]) -> Sheet:
    check_twice(f"{path}, sheet {grid.sheet!r}", header, plan)
    return read_rows(grid, header, plan, path, left)


def opened_book(path: Path, encoding: str) -> Book:
    """The book by the content of its file; its name is not believed."""
    with path.open("rb") as stream:
        start = stream.read(4096)
    if start.startswith(_ZIP):
        return Xlsx(path)
    if start.startswith((_OLE, *_BIFF)):
        return Xls(path)
    text = start.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip().lower()
    if b"<html" in text or b"<table" in text or text.startswith(b"<!doctype html"):
        return Html(path, encoding)
    raise HallscoreError(f"{path}: {_other(path, start, text)}")


def _other(path: Path, start: bytes, text: bytes) -> str:
    """What a file is that is no workbook."""
    if not start:
        return "empty (0 bytes); a workbook was expected. Export the file again."
    if b"schemas-microsoft-com:office:spreadsheet" in text or b"excel.sheet" in text:
        return (
            "an XML spreadsheet of 2003, which is not read. Open it in Excel and save it as .xlsx."
        )
    if b"\0" not in start:
        return (
            f"plain text named {path.suffix}, no workbook. If it is a table with separators, name "
            "it .csv and set the delimiter in the profile."
        )
    return (
        "not a workbook: neither xlsx, xls nor html. It may be cut off or damaged; export it again."
    )


def _wanted(
    path: Path, sheets: list[SheetName], plan: SheetPlan
) -> tuple[list[SheetName], dict[str, str]]:
    """The sheets to look into, and the others with the reason; a hidden one only by its name."""
    name = plan.settings.sheet
    exact = [one for one in sheets if one.name == name]
    wanted = exact or [
        one for one in sheets if not one.hidden and fnmatchcase(one.name, name or "*")
    ]
    if not wanted and name:
        names = [one.name + (" (hidden)" if one.hidden else "") for one in sheets]
        raise HallscoreError(
            f"{path}: no visible sheet is named {name!r}, as [workbook] of profile "
            f"{plan.profile!r} asks; there are {', '.join(names)}."
            f"{nearest(name, [one.name for one in sheets])}"
        )
    if not wanted:
        what = "only hidden sheets: " + ", ".join(one.name for one in sheets)
        raise HallscoreError(
            f"{path}: {what if sheets else 'no sheet with cells'}. A hidden sheet is read only "
            "when [workbook] sheet names it."
        )
    picked = {one.name for one in wanted}
    rest = [one for one in sheets if one.name not in picked]
    return wanted, {one.name: "hidden" if one.hidden else "not asked for" for one in rest}
