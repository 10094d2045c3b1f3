"""Tables of an html page that a system named .xls: one grid, as Excel shows it."""

import re
from pathlib import Path

from lxml import etree, html

from data.errors import HallscoreError
from data.workbook_grid import Cell, Grid, Merged, SheetName

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]+)""")
_KNOWN = {"utf-8": "utf-8", "utf8": "utf-8", "gb2312": "gb18030", "gbk": "gb18030"}
_KNOWN |= {"gb18030": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030"}
MOST_SPAN = 1000  # a colspan beyond this is a mistake of the page
SHEET = "table"


class Html:
    """An html file; all its tables, one below the other, are one sheet."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path = path
        text = _text(path, encoding)
        parser = html.HTMLParser(no_network=True, huge_tree=True, remove_comments=True)
        try:
            self.root = html.document_fromstring(text, parser=parser)
        except (etree.ParserError, ValueError) as error:
            raise HallscoreError(f"{path}: not a readable html page ({error}).") from None
        lower = text.lower()
        if lower.rfind("<table") > lower.rfind("</table"):
            raise HallscoreError(
                f"{path}: the html page is cut off: its last table is not closed. Export the file "
                "again."
            )

    def close(self) -> None:
        """Nothing is open: the page was read whole."""

    def sheets(self) -> list[SheetName]:
        """One sheet, if the page has a table."""
        return [SheetName(SHEET, hidden=False)] if self.root.find(".//table") is not None else []

    def grid(self, name: str) -> Grid:
        """Rows of all tables in the order of the page; a row that holds a table is its rows."""
        rows: list[list[Cell]] = []
        merged: list[Merged] = []
        hidden: list[int] = []
        for table in self.root.iter("table"):
            _add_table(table, rows, merged, hidden)
        return Grid(name, rows, merged, tuple(hidden), None)


def _add_table(
    table: html.HtmlElement, rows: list[list[Cell]], merged: list[Merged], hidden: list[int]
) -> None:
    """Append the rows of one table; cells that a span covers are empty."""
    covered: dict[tuple[int, int], None] = {}
    first = len(rows)
    own = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
    plain = [row for row in own if row.find(".//table") is None]
    for row in plain:
        at, cells = len(rows), list[Cell]()
        for cell in row.iterchildren("td", "th"):
            while (at, len(cells)) in covered:
                cells.append(None)
            left = len(cells)
            down = min(_span(cell, "rowspan"), first + len(plain) - at)
            across = _span(cell, "colspan")
            cells += [_text_of(cell), *[None] * (across - 1)]
            if down > 1 or across > 1:
                merged.append((at, at + down, left, left + across))
                below = range(at + 1, at + down)
                covered.update(
                    ((low, column), None) for low in below for column in range(left, left + across)
                )
        rows.append(cells)
        if _is_hidden(row):
            hidden.append(at + 1)


def _span(cell: html.HtmlElement, name: str) -> int:
    text = (cell.get(name) or "1").strip()
    return min(max(int(text), 1), MOST_SPAN) if text.isdigit() else 1


def _text_of(cell: html.HtmlElement) -> str | None:
    for line in cell.iter("br"):
        line.tail = "\n" + (line.tail or "")
    text = " ".join(cell.text_content().replace("\u00a0", " ").split())
    return text or None


def _is_hidden(row: html.HtmlElement) -> bool:
    style = (row.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or row.get("hidden") is not None


def _text(path: Path, encoding: str) -> str:
    """The page by its byte order mark, its declared charset, or the encoding of the profile."""
    packed = path.read_bytes()
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16")):
        if packed.startswith(mark):
            return packed.decode(name, "replace" if name == "utf-16" else "strict")
    found = _CHARSET.search(packed[:4096])
    declared = found[1].decode().lower() if found else ""
    used = _KNOWN.get(declared, encoding)
    try:
        return packed.decode(used)
    except UnicodeDecodeError as error:
        line = packed.count(b"\n", 0, error.start) + 1
        says = f"the page declares charset {declared!r}" if found else "the profile says so"
        raise HallscoreError(
            f"{path}, line {line}: the bytes {packed[error.start : error.start + 4]!r} are not "
            f"{used}, although {says}. Export the file again, or save it as a workbook."
        ) from None
