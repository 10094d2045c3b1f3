"""Hostile workbooks, made here one by one: each says in one sentence what is wrong with it.

All books of `SAME` hold the ratings `ROWS`, so that each must give the cube of the clean csv.
"""

import re
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt

from data.profile import SHIPPED
from tests.builders import Row, rating

ROWS: list[Row] = [
    rating(number, grade=number % 5 + 1, counter_id=f"C{number % 2 + 1}") for number in range(1, 13)
]
HEAD = list(ROWS[0])
FORMAT = "%Y-%m-%d %H:%M:%S"


def moment(row: Row) -> datetime:
    return datetime.strptime(row["rated_at"], FORMAT)


def cells(row: Row) -> list[Any]:
    """A row with its time as a date and its grade as a number, as Excel has them."""
    return [moment(row) if name == "rated_at" else row[name] for name in HEAD]


def put(book: Any, sheet: Any, at: int, row: list[Any], dated: Any) -> None:
    """One row into a sheet of an xlsx book; 0-based."""
    for column, cell in enumerate(row):
        if isinstance(cell, datetime):
            sheet.write_datetime(at, column, cell, dated)
        elif cell is not None:
            sheet.write(at, column, cell)


class Xlsx:
    """A book with one open sheet; rows go where they are put."""

    def __init__(self, path: Path, **options: Any) -> None:
        self.book = xlsxwriter.Workbook(str(path), options)
        self.dated = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.sheet = self.book.add_worksheet("评价")

    def __enter__(self) -> "Xlsx":
        return self

    def __exit__(self, *_: object) -> None:
        self.book.close()

    def rows(self, at: int, rows: list[list[Any]], sheet: Any = None) -> int:
        """Put rows from `at` (0-based) on; gives the next free row."""
        for place, row in enumerate(rows, start=at):
            put(self.book, sheet or self.sheet, place, row, self.dated)
        return at + len(rows)


def titles(path: Path) -> None:
    """Two title rows, one of them merged over the table, and a blank row stand above the header."""
    with Xlsx(path) as book:
        book.sheet.merge_range(0, 0, 0, 4, "株洲市政务服务评价明细表")
        book.sheet.write(1, 0, "统计期间：2019年8月")
        book.rows(3, [HEAD, *map(cells, ROWS)])


def two_lines(path: Path) -> None:
    """The header has two lines: 评价 merged over rated_at and grade; the rest reaches down."""
    with Xlsx(path) as book:
        for column in range(3):
            book.sheet.merge_range(0, column, 1, column, HEAD[column])
        book.sheet.merge_range(0, 3, 0, 4, "评价")
        book.rows(1, [[None, None, None, *HEAD[3:]]])
        book.rows(2, list(map(cells, ROWS)))


def same_lower_names(path: Path) -> None:
    """Two columns are both named 编号 in the second line; only 'upper/lower' tells them apart."""
    with Xlsx(path) as book:
        book.sheet.merge_range(0, 0, 0, 1, "编号")
        book.rows(1, [["评价", "办件", *HEAD[2:]]])
        book.sheet.merge_range(0, 2, 0, 4, "其他")
        book.rows(2, list(map(cells, ROWS)))


def merged_body(path: Path) -> None:
    """The counter is one merged cell over six rows."""
    ordered = sorted(ROWS, key=lambda row: str(row["counter_id"]))
    with Xlsx(path) as book:
        book.rows(0, [HEAD, *map(cells, ordered)])
        for first in (1, 7):
            book.sheet.merge_range(first, 2, first + 5, 2, ordered[first]["counter_id"])


def sums_and_blanks(path: Path) -> None:
    """Blank rows, 小计 and 合 计 rows with numbers, and a merged note stand among the rows."""
    with Xlsx(path) as book:
        at = book.rows(0, [HEAD, *map(cells, ROWS[:5])])
        book.sheet.write_row(at, 2, ["小计", None, 15])
        at = book.rows(at + 2, [cells(row) for row in ROWS[5:]])
        book.sheet.write_row(at, 0, ["合 计：", None, None, None, 36])
        book.sheet.merge_range(at + 1, 0, at + 1, 4, "制表：办公室")


def printed_pages(path: Path) -> None:
    """The header, of two lines, stands again on each printed page."""
    with Xlsx(path) as book:
        for first, rows in ((0, ROWS[:6]), (8, ROWS[6:])):
            for column in range(3):
                book.sheet.merge_range(first, column, first + 1, column, HEAD[column])
            book.sheet.merge_range(first, 3, first, 4, "评价")
            book.rows(first + 1, [[None, None, None, *HEAD[3:]], *map(cells, rows)])


def numbers_as_text(path: Path) -> None:
    """Grades are text: with blanks around, full-width, or a number with decimals."""
    shapes: list[Callable[[int], Any]] = [
        lambda n: f" {n} ",
        lambda n: chr(0xFF10 + n),
        float,
        lambda n: f"　{n}\u00a0",
    ]
    with Xlsx(path) as book:
        rows = [cells(row) for row in ROWS]
        for place, row in enumerate(rows):
            row[-1] = shapes[place % len(shapes)](row[-1])
        book.rows(0, [HEAD, *rows])


def mixed_dates(path: Path) -> None:
    """The time is a date cell in some rows and a text in the profile's format in others."""
    with Xlsx(path) as book:
        rows = [cells(row) for row in ROWS]
        for row, source in list(zip(rows, ROWS, strict=True))[::2]:
            row[3] = source["rated_at"]
        book.rows(0, [HEAD, *rows])


def chinese_dates(path: Path) -> None:
    """Date cells are shown as 2019年8月1日, by Excel's own format 31 and by one written out."""
    with Xlsx(path) as book:
        book.rows(0, [HEAD, *map(cells, ROWS)])
        forms = [
            book.book.add_format({"num_format": form}) for form in (31, 'yyyy"年"m"月"d"日" h"时"')
        ]
        for at, row in enumerate(ROWS, start=1):
            book.sheet.write_datetime(at, 3, moment(row), forms[at % 2])


def dates_of_1904(path: Path) -> None:
    """The book counts its days from 1904, as Excel for Mac did."""
    with Xlsx(path, date_1904=True) as book:
        book.rows(0, [HEAD, *map(cells, ROWS)])


def serial_dates(path: Path) -> None:
    """The time is a bare serial number: 43679.416666666664."""
    with Xlsx(path) as book:
        rows = [cells(row) for row in ROWS]
        for row in rows:
            row[3] = (row[3] - datetime(1899, 12, 30)).total_seconds() / 86_400
        book.rows(0, [HEAD, *rows])


def hidden(path: Path) -> None:
    """Two rows and a column are hidden, and so is a sheet with an older copy of the table."""
    with Xlsx(path) as book:
        book.rows(0, [HEAD, *map(cells, ROWS)])
        for at in (3, 4):
            book.sheet.set_row(at, None, None, {"hidden": True})
        book.sheet.set_column("B:B", None, None, {"hidden": True})
        old = book.book.add_worksheet("旧")
        old.hide()
        book.rows(0, [HEAD, *[[*cells(row)[:-1], 3] for row in ROWS]], old)


def cover_sheet(path: Path) -> None:
    """A cover sheet comes first, the rows are on two sheets, and a chart's numbers come last."""
    with Xlsx(path) as book:
        book.sheet.write(0, 0, "说明：本表由系统导出")
        for name, rows in (("八月上", ROWS[:6]), ("八月下", ROWS[6:])):
            book.rows(2, [HEAD, *map(cells, rows)], book.book.add_worksheet(name))
        book.rows(0, [["月份", "好评率"], ["8月", 0.99]], book.book.add_worksheet("图"))


def formulas(path: Path) -> None:
    """Ids and grades are formulas with the values that Excel computed last."""
    with Xlsx(path) as book:
        book.rows(0, [HEAD, *map(cells, ROWS)])
        for at, row in enumerate(ROWS, start=1):
            book.sheet.write_formula(at, 0, f'="R"&{at}', None, row["rating_id"])
            book.sheet.write_formula(at, 4, f"=2+{row['grade'] - 2}", None, row["grade"])


def far_columns(path: Path) -> None:
    """The table begins in cell D6, and headers have line breaks and blanks in them."""
    with Xlsx(path) as book:
        wrapped = ["rating\n_id", " case_id ", "counter_id", "rated\n_at", "grade"]
        for at, row in enumerate([wrapped, *map(cells, ROWS)], start=5):
            for column, cell in enumerate(row, start=3):
                if isinstance(cell, datetime):
                    book.sheet.write_datetime(at, column, cell, book.dated)
                else:
                    book.sheet.write(at, column, cell)


def biff(path: Path) -> None:
    """A book of Excel 97 with a title, date cells, a hidden row, a hidden sheet and a sum."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet, old = book.add_sheet("评价"), book.add_sheet("旧")
    old.visibility = 1
    dated = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss")
    sheet.write_merge(0, 0, 0, 4, "评价明细")
    for column, name in enumerate(HEAD):
        sheet.write(1, column, name)
        old.write(0, column, name)
    for at, row in enumerate(ROWS, start=2):
        for column, cell in enumerate(cells(row)):
            sheet.write(at, column, cell, *([dated] if isinstance(cell, datetime) else []))
    sheet.row(4).hidden = True
    sheet.write(len(ROWS) + 2, 2, "合计")
    book.save(str(path))


def biff_of_1904(path: Path) -> None:
    """A book of Excel 97 whose days count from 1904."""
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = True
    sheet = book.add_sheet("评价")
    dated = xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"')
    for at, row in enumerate([HEAD, *map(cells, ROWS)]):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell, *([dated] if isinstance(cell, datetime) else []))
    book.save(str(path))


def table_rows(rows: list[Row]) -> str:
    return "".join(
        "<tr>" + "".join(f"<td>{row[name]}</td>" for name in HEAD) + "</tr>\n" for row in rows
    )


def html_gb(path: Path) -> None:
    """An html page in GB2312 that says so, with a title row and a 合计 row, named .xls."""
    head = "".join(f"<th>{name}</th>" for name in HEAD)
    path.write_bytes(
        (
            '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
            '</head><body><table border="1"><tr><td colspan="5">评价明细表</td></tr>'
            f"<tr>{head}</tr>{table_rows(ROWS)}"
            "<tr><td>合计</td><td></td><td></td><td></td><td>36</td></tr></table></body></html>"
        ).encode("gb18030")
    )


def html_sloppy(path: Path) -> None:
    """An html page without a charset, with a title table, layout tables, open tags and entities."""
    style = " style='display: none'"
    rows = "".join(
        f"<TR{style if at == 2 else ''}><TD>{row['rating_id']}<TD> "
        f"{row['case_id']}&nbsp;<TD>{row['counter_id']}<TD>{row['rated_at']}<TD>{row['grade']}"
        for at, row in enumerate(ROWS)
    )
    head = "".join(f"<TD><b>{name}</b>" for name in HEAD)
    path.write_text(
        f"\n<TABLE><TR><TD>评价明细</TABLE><TABLE><TR><TD><TABLE><TR>{head}{rows}</TABLE></TABLE>",
        "utf-8",
    )


def html_spans(path: Path) -> None:
    """An html page whose header has two lines and whose counter spans six rows, in UTF-8."""
    ordered = sorted(ROWS, key=lambda row: str(row["counter_id"]))
    upper = "".join(f'<td rowspan="2">{name}</td>' for name in HEAD[:3])
    lines = [f'<tr>{upper}<td colspan="2">评价</td></tr><tr><td>rated_at</td><td>grade</td></tr>']
    for at, row in enumerate(ordered):
        span = f'<td rowspan="6">{row["counter_id"]}</td>' if at % 6 == 0 else ""
        lines.append(
            f"<tr><td>{row['rating_id']}</td><td>{row['case_id']}</td>{span}"
            f"<td>{row['rated_at']}</td><td>{row['grade']}</td></tr>"
        )
    path.write_text(
        f'<html><meta charset="utf-8"><table>{"".join(lines)}</table></html>', "utf-8-sig"
    )


def wrong_suffix(path: Path) -> None:
    """An xlsx book that was named .xls by hand."""
    with Xlsx(path.with_suffix(".draft.xlsx")) as book:
        book.rows(0, [HEAD, *map(cells, ROWS)])
    path.with_suffix(".draft.xlsx").rename(path)


TWO = '[workbook]\nheader_rows = 2\nsep = "-"\n\n[period]'
# Each book: its maker, the suffix of its file, and what its profile says more.
SAME: dict[str, tuple[Callable[[Path], None], str, dict[str, str]]] = {
    "titles": (titles, ".xlsx", {}),
    "two_lines": (two_lines, ".xlsx", {}),
    "same_lower_names": (
        same_lower_names,
        ".xlsx",
        {'"rating_id"': '"编号-评价"', '"case_id"': '"编号-办件"', "[period]": TWO},
    ),
    "merged_body": (merged_body, ".xlsx", {}),
    "sums_and_blanks": (sums_and_blanks, ".xlsx", {}),
    "printed_pages": (printed_pages, ".xlsx", {}),
    "numbers_as_text": (numbers_as_text, ".xlsx", {}),
    "mixed_dates": (mixed_dates, ".xlsx", {}),
    "chinese_dates": (chinese_dates, ".xlsx", {}),
    "dates_of_1904": (dates_of_1904, ".xlsx", {}),
    "serial_dates": (
        serial_dates,
        ".xlsx",
        {'rated_at = "%Y-%m-%d %H:%M:%S"': 'rated_at = "excel"'},
    ),
    "hidden": (hidden, ".xlsx", {}),
    "cover_sheet": (cover_sheet, ".xlsx", {}),
    "formulas": (formulas, ".xlsx", {}),
    "far_columns": (far_columns, ".xlsx", {}),
    "biff": (biff, ".xls", {}),
    "biff_of_1904": (biff_of_1904, ".xls", {}),
    "html_gb": (html_gb, ".xls", {}),
    "html_sloppy": (html_sloppy, ".xls", {}),
    "html_spans": (html_spans, ".xls", {}),
    "wrong_suffix": (wrong_suffix, ".xls", {}),
}


def made(name: str, folder: Path) -> tuple[Path, str]:
    """A hostile book of `SAME` and the profile that reads it."""
    maker, suffix, changes = SAME[name]
    path = folder / f"{name}{suffix}"
    maker(path)
    return path, profile_with(folder, changes)


def profile_with(folder: Path, changes: dict[str, str]) -> str:
    """The canonical profile, or a file of it with some texts of the ratings replaced."""
    if not changes:
        return "canonical"
    text = (SHIPPED / "canonical.toml").read_text("utf-8")
    head, mark, rest = text.partition("[tickets.columns]")
    for old, new in changes.items():
        assert old in head, old
        head = head.replace(old, new, 1)
    path = folder / "changed.toml"
    path.write_text(head + mark + rest, "utf-8")
    return str(path)


def edited(path: Path, changes: Callable[[str, str], str]) -> Path:
    """An xlsx book with its XML changed: `changes(part, text)` gives the new text of each part."""
    draft = path.with_name(f"draft-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes(name, old.read(name).decode("utf-8")))
    return draft.replace(path)


def without_values(path: Path) -> Path:
    """The book as a program writes it that computes no formula: formulas without values."""
    return edited(path, lambda _name, text: re.sub(r"(</f>)<v>[^<]*</v>", r"\1", text))


def locked(path: Path) -> Path:
    """What Excel makes of a book with a password: a compound file with an encrypted package."""
    sector, free, end = 512, 0xFFFFFFFF, 0xFFFFFFFE
    entries = [("Root Entry", 5, 1, end, 0), ("EncryptedPackage", 2, free, 2, 4096)]
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", 2 * len(name) + 2, kind, 1, free, free, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
        for name, kind, child, start, size in entries
    )
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack(
        "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0
    )
    head += struct.pack("<108I", *[free] * 108)
    chain = [0xFFFFFFFD, end, *range(3, 10), end]
    table = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    path.write_bytes(head[:512] + table + directory.ljust(sector, b"\0") + bytes(4096))
    return path
