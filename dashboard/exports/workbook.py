"""Workbooks: numbers as numbers, frozen headers, the filters named, the definitions enclosed."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

WIDEST = 60
NUMBER, HEADING = 7, 12
LINE_PT = 16  # height of a printed line
A4, A3 = 9, 8
A4_HOLDS = 165  # characters across a landscape sheet before the print becomes too small to read
# Chinese characters take two of Excel's width units.
WIDE_FROM = "\u2e80"


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, its frame, and the number format of columns that need one.

    `bars`: columns of numbers with a bar in each cell; `held`: columns that stay in view.
    """

    name: str
    frame: pl.DataFrame
    formats: Mapping[str, str]
    bars: tuple[str, ...] = ()
    held: int = 0


def workbook_bytes(
    sheets: Sequence[Sheet], filters: Mapping[str, str], title: str, made: datetime | None = None
) -> bytes:
    """An xlsx file; every sheet begins with the title and the filters.

    `made`: the time that the file says of itself; with it the same sheets give the same bytes.
    """
    out = io.BytesIO()
    # Cells are data, never formulas or links: a name may begin with "=".
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title} | ({"created": made} if made else {}))
        for sheet in sheets:
            _write(book, sheet, filters, title)
    return out.getvalue()


def _write(book: Workbook, sheet: Sheet, filters: Mapping[str, str], title: str) -> None:
    page = book.add_worksheet(sheet.name)
    page.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    note = book.add_format({"font_color": "#5a6674"})
    text = "    ".join(f"{name}: {chosen}" for name, chosen in filters.items())
    page.write_string(1, 0, text, note)
    head = book.add_format(
        {
            "bold": True,
            "bg_color": "#f3f6fa",
            "bottom": 1,
            "text_wrap": True,
            "align": "center",
            "valign": "vcenter",
        }
    )
    top = 3
    for at, name in enumerate(sheet.frame.columns):
        page.write_string(top, at, name, head)
    # A text beside a number would touch it in print.
    plain = book.add_format({"indent": 1})
    _write_rows(page, sheet, _formats(book, sheet), plain, top + 1)
    width = _fit(page, sheet.frame, top)
    page.freeze_panes(top + 1, sheet.held)
    _bars(page, sheet, top + 1)
    if sheet.frame.height:
        page.autofilter(top, 0, top + sheet.frame.height, sheet.frame.width - 1)
    page.set_landscape()
    page.set_paper(A4 if width <= A4_HOLDS else A3)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&C&P / &N")
    page.fit_to_pages(1, 0)
    page.repeat_rows(top)


def _formats(book: Workbook, sheet: Sheet) -> list[Format | None]:
    return [
        book.add_format({"num_format": sheet.formats[name]}) if name in sheet.formats else None
        for name in sheet.frame.columns
    ]


def _bars(page: Worksheet, sheet: Sheet, top: int) -> None:
    """A bar in each cell of a column, on a scale from below the least number to the greatest."""
    for name in sheet.bars:
        at = sheet.frame.columns.index(name)
        if sheet.frame.height:
            least = sheet.frame[name].min()
            assert isinstance(least, float | int)
            look = {"type": "data_bar", "bar_color": "#9cbfe3", "bar_solid": True}
            look |= {"min_type": "num", "min_value": least // 10 * 10 - 10}
            page.conditional_format(top, at, top + sheet.frame.height - 1, at, look)


def _write_rows(
    page: Worksheet, sheet: Sheet, formats: list[Format | None], plain: Format, top: int
) -> None:
    for line, row in enumerate(sheet.frame.iter_rows(), top):
        for at, cell in enumerate(row):
            if isinstance(cell, (bool, str)):
                page.write_string(line, at, str(cell), plain)
            elif cell is not None:
                page.write_number(line, at, cell, formats[at])


def _fit(page: Worksheet, frame: pl.DataFrame, top: int) -> int:
    """Set the widths of the columns, in characters, and the height of a heading that wraps.

    Returns the sum of the widths.
    """
    total, lines = 0, 1
    for at, name in enumerate(frame.columns):
        texts = [str(cell) for cell in frame[name].head(200) if isinstance(cell, str)]
        widest = max((_width(text) for text in texts), default=NUMBER)
        width = min(max(widest, min(_width(name), HEADING)) + 2, WIDEST)
        page.set_column(at, at, width)
        total += width
        lines = max(lines, -(-_width(name) // (width - 2)))
    page.set_row(top, LINE_PT * lines)
    return total


def _width(text: str) -> int:
    return sum(2 if letter >= WIDE_FROM else 1 for letter in text)
