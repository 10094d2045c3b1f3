"""Workbooks as people make them give the cube of the clean csv, or one clear message."""

import json
import struct
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import xlwt

from data.errors import HallscoreError
from data.parts import Part
from data.quarantine import replay
from data.store import snapshot
from data.views import connect
from terminal import sheet_sentences
from tests.books import (
    FORMAT,
    HEAD,
    ROWS,
    SAME,
    Xlsx,
    cells,
    locked,
    made,
    profile_with,
    without_values,
)
from tests.builders import cube_of, gb_profile, send, town, write


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """The cube of the clean csv."""
    home = town(tmp_path_factory.mktemp("clean") / "home")
    send(home, "ratings", ROWS)
    return cube_of(home)


@pytest.mark.parametrize("name", SAME)
def test_a_hostile_book_gives_the_cube_of_the_clean_csv(
    name: str, clean: tuple[Any, Any], tmp_path: Path
) -> None:
    path, profile = made(name, tmp_path)
    home = town(tmp_path / "home")
    batch = send(home, "ratings", path, profile=profile)
    assert batch.quarantined == {}
    assert batch.counts["read"] == len(ROWS)
    assert cube_of(home) == clean


def said(home: Path, path: Path, **options: Any) -> str:
    """The message with which a file is refused; nothing of it is taken in."""
    with pytest.raises(HallscoreError) as caught:
        send(home, "ratings", path, **options)
    assert not [batch for batch in snapshot(home).batches if batch.log == "ratings"]
    assert str(path) in str(caught.value)
    return str(caught.value)


def book_of(path: Path, rows: list[list[Any]], **options: Any) -> Path:
    with Xlsx(path, **options) as book:
        book.rows(0, [HEAD, *rows])
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return town(tmp_path / "home")


def test_what_is_left_out_or_hidden_is_in_the_report(home: Path, tmp_path: Path) -> None:
    path, _ = made("sums_and_blanks", tmp_path)
    (sheet,) = send(home, "ratings", path).sheets
    assert (sheet["sheet"], sheet["header"], sheet["blank_rows"]) == ("评价", (1,), 1)
    assert sheet["total_rows"] == (7, 16)
    assert sheet["note_rows"] == (17,)
    path, _ = made("hidden", tmp_path)
    (sheet,) = send(home, "ratings", path).sheets
    assert (sheet["hidden_rows"], sheet["hidden_columns"]) == ((4, 5), ("B",))
    assert sheet["left_sheets"] == {"旧": "hidden"}
    assert sheet_sentences(sheet) == [
        "hidden.xlsx, sheet 评价, header in line 1: 2 hidden rows, read like others (line 4, 5); "
        "hidden columns B (read like others)",
        "sheet 旧 was not read: hidden",
    ]
    (sheet,) = send(home, "ratings", made("printed_pages", tmp_path)[0]).sheets
    assert sheet["repeated_headers"] == (9, 10)
    (sheet,) = send(home, "ratings", made("titles", tmp_path)[0]).sheets
    assert (sheet["title_rows"], sheet["blank_rows"]) == (2, 1)
    (sheet,) = send(home, "ratings", made("biff", tmp_path)[0]).sheets
    assert (sheet["hidden_rows"], sheet["left_sheets"]) == ((5,), {"旧": "hidden"})
    (sheet,) = send(home, "ratings", made("html_sloppy", tmp_path)[0]).sheets
    assert (sheet["hidden_rows"], sheet["hidden_columns"]) == ((5,), None)


def test_the_report_of_a_stored_batch_is_the_same(home: Path, tmp_path: Path) -> None:
    """What is told at the terminal can be read again later."""
    told = send(home, "ratings", made("cover_sheet", tmp_path)[0])
    kept = snapshot(home).batches[-1]
    assert kept.parts == told.parts == (Part("cover_sheet.xlsx", "八月上"), kept.parts[1])
    assert kept.parts[1] == Part("cover_sheet.xlsx", "八月下", before=9)
    assert json.dumps(kept.report()) == json.dumps(told.report())
    assert kept.sheets[0]["left_sheets"] == {"评价": "no header row", "图": "no header row"}


def test_a_row_with_an_id_is_no_sum(home: Path, tmp_path: Path) -> None:
    """A counter may be named 合计; only a row without an id of its own is left out."""
    rows = [cells(row) for row in ROWS]
    rows[0][2] = "合计"
    batch = send(home, "ratings", book_of(tmp_path / "f.xlsx", rows))
    assert (batch.counts["read"], batch.quarantined) == (len(ROWS), {"unknown_counter": 1})


def test_an_error_cell_sends_its_row_aside_and_is_named(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with Xlsx(path) as book:
        book.rows(0, [[*HEAD, "unread"], *[[*cells(row), 1] for row in ROWS]])
        book.sheet.write_formula("E4", "=1/0", None, "#DIV/0!")
        book.sheet.write_formula("F5", "=NA()", None, "#N/A")  # in a column that nobody reads
    batch = send(home, "ratings", path)
    assert batch.quarantined == {"error_cell": 1}
    assert batch.examples["error_cell"] == "line 4: cell E4 (grade) is #DIV/0!"
    assert batch.counts["accepted"] == len(ROWS) - 1
    with pytest.raises(HallscoreError, match="nothing waits"):
        replay(home)


def test_an_error_cell_of_an_old_book_is_named_too(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "f.xls"
    book = xlwt.Workbook()
    sheet = book.add_sheet("评价")
    for at, row in enumerate([HEAD, *[list(row.values()) for row in ROWS]]):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    sheet.row(len(ROWS) + 1).set_cell_text(0, "R99")
    sheet.row(len(ROWS) + 1).set_cell_error(4, 0x17)
    book.save(str(path))
    batch = send(home, "ratings", path)
    assert batch.examples == {"error_cell": f"line {len(ROWS) + 2}: cell E14 (grade) is #REF!"}


def test_a_formula_without_a_value_is_said_so(home: Path, tmp_path: Path) -> None:
    """Programs write formulas that nobody has computed; Excel would show a number there."""
    path = tmp_path / "f.xlsx"
    with Xlsx(path) as book:
        book.rows(0, [HEAD, *map(cells, ROWS)])
        book.sheet.write_formula("E3", "=2+3")
    batch = send(home, "ratings", without_values(path))
    expected = "line 3: cell E3 (grade) is a formula whose value was never computed"
    assert batch.examples == {"formula_without_value": expected}


@pytest.mark.parametrize("lost", [430200000000012345, "4.302E+11", "4.30202E+11"])
def test_an_id_that_lost_digits_is_refused(home: Path, tmp_path: Path, lost: Any) -> None:
    rows = [cells(row) for row in ROWS]
    rows[4][0] = lost
    batch = send(home, "ratings", book_of(tmp_path / "f.xlsx", rows))
    assert batch.quarantined == {"digits_lost": 1}
    assert batch.examples["digits_lost"].startswith("line 6: rating_id 4.302")
    assert "is an id of which Excel lost digits" in batch.examples["digits_lost"]
    assert "012345" not in batch.examples["digits_lost"]


def test_a_column_of_ids_without_digits_refuses_the_file(home: Path, tmp_path: Path) -> None:
    """A csv that Excel has saved is no better."""
    rows = [[f"4.3020{n % 10}E+11", *cells(row)[1:]] for n, row in enumerate(ROWS)]
    message = said(home, book_of(tmp_path / "f.xlsx", rows))
    assert "so are all 12 values of rating_id. Format the column as text" in message
    plain = [{**row, "case_id": "4.302E+11"} for row in ROWS]
    assert "all 12 values of case_id" in said(home, write(tmp_path / "f.csv", plain))


def test_an_id_of_up_to_15_digits_is_its_text(home: Path, tmp_path: Path) -> None:
    rows = [[430211201908000 + n, *cells(row)[1:]] for n, row in enumerate(ROWS)]
    assert send(home, "ratings", book_of(tmp_path / "f.xlsx", rows)).counts["accepted"] == 12
    ids = connect(snapshot(home)).sql("SELECT MIN(id), MAX(id) FROM ratings").fetchall()
    assert ids == [("430211201908000", "430211201908011")]


def test_times_of_cells_are_exact_and_never_cut_off(home: Path, tmp_path: Path) -> None:
    """09:30 is a little less in Excel; seconds that the format cannot hold are not dropped."""
    rows = [cells(row) for row in ROWS]
    for at, row in enumerate(rows):
        row[3] = datetime(2019, 8, 1, 9, 30, at % 2)
    path = book_of(tmp_path / "f.xlsx", rows)
    minutes = profile_with(tmp_path, {f'rated_at = "{FORMAT}"': 'rated_at = "%Y-%m-%d %H:%M"'})
    batch = send(home, "ratings", path, profile=minutes)
    assert batch.quarantined == {"unparseable_time": 6}
    assert "rated_at 2019-08-01 09:30:01 does not read" in batch.examples["unparseable_time"]
    found = connect(snapshot(home)).sql("SELECT DISTINCT rated_at FROM ratings").fetchall()
    assert found == [(datetime(2019, 8, 1, 9, 30),)]


def test_day_and_time_of_two_columns_are_joined(home: Path, tmp_path: Path) -> None:
    head = [*HEAD[:3], "日期", "时间", "grade"]
    path = tmp_path / "f.xlsx"
    with Xlsx(path) as book:
        clock = book.book.add_format({"num_format": "hh:mm:ss"})
        book.rows(0, [head])
        for at, row in enumerate(ROWS, start=1):
            book.rows(at, [[*cells(row)[:3], datetime(2019, 8, 2), None, row["grade"]]])
            book.sheet.write_datetime(at, 4, time(9, 30, at), clock)
    joined = profile_with(
        tmp_path, {'rated_at = "rated_at"': 'rated_at = { join = ["日期", "时间"], sep = " " }'}
    )
    assert send(home, "ratings", path, profile=joined).quarantined == {}
    latest = connect(snapshot(home)).sql("SELECT MAX(rated_at) FROM ratings").fetchall()
    assert latest == [(datetime(2019, 8, 2, 9, 30, 12),)]


def test_a_serial_number_is_a_day_only_where_the_profile_says_so(
    home: Path, tmp_path: Path
) -> None:
    path, _ = made("serial_dates", tmp_path)
    message = said(home, path)
    assert "rated_at 43679.41666" in message
    assert "A serial day of Excel? Then the format is" in message
    mac = profile_with(tmp_path, {f'rated_at = "{FORMAT}"': 'rated_at = "excel1904"'})
    assert send(home, "ratings", path, profile=mac).first_day == date(2023, 8, 3)


def test_the_sheet_is_found_by_name_or_pattern(home: Path, tmp_path: Path) -> None:
    path, _ = made("cover_sheet", tmp_path)
    assert send(home, "ratings", path, profile=sheet_named(tmp_path, "八月下")).counts["read"] == 6
    assert send(home, "ratings", path, profile=sheet_named(tmp_path, "八月*")).counts["read"] == 12


def sheet_named(folder: Path, name: str) -> str:
    return profile_with(folder, {"[period]": f'[workbook]\nsheet = "{name}"\n\n[period]'})


def test_a_sheet_that_is_not_there_is_named_with_the_nearest(home: Path, tmp_path: Path) -> None:
    path, _ = made("cover_sheet", tmp_path)
    message = said(home, path, profile=sheet_named(tmp_path, "九月下"))
    assert "there are 评价, 八月上, 八月下, 图. Did you mean '八月下'?" in message
    path, _ = made("hidden", tmp_path)
    assert "旧 (hidden)" in said(home, path, profile=sheet_named(tmp_path, "旧*"))
    batch = send(home, "ratings", path, profile=sheet_named(tmp_path, "旧"))
    assert batch.counts["read"] == len(ROWS)


def test_no_header_names_the_best_row_and_what_it_lacks(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with Xlsx(path) as book:
        book.rows(1, [[*HEAD[:4], "grad"], *map(cells, ROWS)])
    message = said(home, path)
    assert "sheet '评价': no row holds all columns" in message
    assert "The nearest is line 2, which lacks 'grade' and has: rating_id, case_id" in message
    assert message.endswith("Did you mean 'grad'?")


def test_a_sheet_without_a_header_is_refused_without_its_cells(home: Path, tmp_path: Path) -> None:
    """The first row may hold people's names."""
    path = tmp_path / "f.xlsx"
    with Xlsx(path) as book:
        book.rows(0, [["某某某", "x"], ["某某", "y"]])
    message = said(home, path)
    assert "(case_id, grade, rated_at, rating_id). Is it the right sheet" in message
    assert "某" not in message


def test_a_column_that_stands_twice_is_refused(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with Xlsx(path) as book:
        book.rows(0, [[*HEAD, "grade", "备注", "备注"], *map(cells, ROWS)])
    assert "line 1: column 'grade' stands twice in the header" in said(home, path)


def broken(name: str, path: Path) -> Path:
    """A file that is no whole workbook."""
    good = book_of(path.with_name("good.xlsx"), list(map(cells, ROWS)))
    old, _ = made("biff", path.parent)
    page, _ = made("html_gb", path.parent)
    contents = {
        "empty.xlsx": b"",
        "cut.xlsx": good.read_bytes()[:-3000],
        "cut.xls": old.read_bytes()[:2000],
        "cut-page.xls": page.read_bytes()[:-200],
        "charset.xls": page.read_bytes().replace(b"charset=gb2312", b"charset=utf-8"),
        "text.xls": b"a\tb\n1\t2\n",
        "xml.xls": b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
        "noise.xls": bytes(range(256)) * 20,
    }
    path.write_bytes(contents[path.name])
    return path


BROKEN = {
    "empty.xlsx": "empty (0 bytes); a workbook was expected",
    "cut.xlsx": "the workbook is cut off or damaged",
    "cut.xls": "the workbook is cut off or damaged",
    "cut-page.xls": "the html page is cut off: its last table is not closed",
    "charset.xls": "are not utf-8, although the page declares charset 'utf-8'",
    "text.xls": "plain text named .xls, no workbook",
    "xml.xls": "an XML spreadsheet of 2003, which is not read",
    "noise.xls": "not a workbook: neither xlsx, xls nor html",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_whole_workbook_gets_one_message(
    name: str, home: Path, tmp_path: Path
) -> None:
    assert BROKEN[name] in said(home, broken(name, tmp_path / name))


@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_a_book_with_a_password_says_so(suffix: str, home: Path, tmp_path: Path) -> None:
    message = said(home, locked(tmp_path / f"f{suffix}"))
    assert "protected by a password. Remove it in Excel" in message


def test_an_old_book_with_a_password_says_so(home: Path, tmp_path: Path) -> None:
    """A BIFF stream whose second record says that the rest is encrypted."""
    records = ((0x809, struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 0)), (0x2F, bytes(54)))
    path = tmp_path / "f.xls"
    path.write_bytes(b"".join(struct.pack("<HH", no, len(body)) + body for no, body in records))
    assert "protected by a password" in said(home, path)


def test_a_page_without_a_charset_is_read_by_the_encoding_of_the_profile(
    home: Path, tmp_path: Path
) -> None:
    path, _ = made("html_sloppy", tmp_path)
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    assert "are not utf-8, although the profile says so" in said(home, path)
    assert send(home, "ratings", path, profile=gb_profile(tmp_path)).counts["accepted"] == 12


def test_a_book_without_rows_says_so(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with Xlsx(path):
        pass
    assert "empty; a header row was expected" in said(home, path)


def test_a_book_that_unpacks_to_more_than_a_gigabyte_is_not_unpacked(
    home: Path, tmp_path: Path
) -> None:
    """A few kilobytes may unpack to anything; the size stands in the directory of the archive."""
    path = book_of(tmp_path / "f.xlsx", list(map(cells, ROWS)))
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/x.bin", "w") as part,
    ):
        for _ in range(1100):
            part.write(bytes(1 << 20))
    assert path.stat().st_size < 3_000_000
    assert "unpacked this workbook is 1.2 GB" in said(home, path)


def test_a_stray_cell_far_out_is_refused_before_memory_is_taken(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with Xlsx(path) as book:
        book.rows(0, [HEAD, *map(cells, ROWS)])
        book.sheet.write(1_048_575, 16_383, "x")
    assert "spans 1,048,576 rows and 16,384 columns, mostly empty ones" in said(home, path)
