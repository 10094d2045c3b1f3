"""Several files as one batch: the order does not matter, and each row knows its file and line."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from data.batches import Batch
from data.errors import HallscoreError
from data.ingest import ingest
from data.intake import Request
from data.judge import CONFLICT
from data.quarantine import replay, waiting
from data.store import snapshot
from data.wayback import replace_batch, withdraw
from hallscore import app
from tests.books import HEAD, ROWS, Xlsx, cells, made
from tests.builders import Row, cube_of, rating, send, town, write

THIRDS = [ROWS[:4], ROWS[4:8], ROWS[8:]]


def files(folder: Path, suffix: str, parts: list[list[Row]] = THIRDS) -> list[Path]:
    """One file per part."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write(folder / f"{'ABC'[at]}{suffix}", rows) for at, rows in enumerate(parts)]


def together(home: Path, paths: list[Path]) -> Batch:
    first, *more = paths
    batch = ingest(home, Request(first, "ratings", "canonical", more=tuple(more)))
    parts = sum(batch.counts[key] for key in ("accepted", "known", "repeated", "no_rating"))
    assert batch.counts["read"] == parts + sum(batch.quarantined.values())
    return batch


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet", ".jsonl"])
def test_the_order_of_files_changes_nothing(suffix: str, tmp_path: Path) -> None:
    whole = town(tmp_path / "whole" / "home")
    send(whole, "ratings", ROWS)
    paths = files(tmp_path, suffix)
    one, other = town(tmp_path / "1" / "home"), town(tmp_path / "2" / "home")
    first, second = together(one, paths), together(other, [paths[2], paths[0], paths[1]])
    assert first.digest == second.digest
    assert first.counts["accepted"] == len(ROWS)
    assert cube_of(one) == cube_of(other) == cube_of(whole)
    again = together(one, paths[::-1])
    assert (again.no, again.counts["known"]) == (first.no, len(ROWS))


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_quarantine_names_the_file_and_its_line(suffix: str, tmp_path: Path) -> None:
    """Early refusals (a code), late ones (a counter) and conflicts alike."""
    parts = [
        [rating(1), rating(2, grade=9)],
        [rating(3), rating(4), rating(5, counter_id="C9")],
        [rating(6), rating(1, grade=2), rating(7, grade=9)],
    ]
    home = town(tmp_path / "home")
    batch = together(home, files(tmp_path, suffix, parts)[::-1])
    rows = waiting(snapshot(home)).sort("place")
    found = set(rows.select("reason", "file", "line").rows())
    sure = {
        ("unknown_code", f"A{suffix}", 3),
        ("unknown_counter", f"B{suffix}", 4),
        ("unknown_code", f"C{suffix}", 4),
    }
    # Which row of a conflict stays is decided by content, not by place.
    either = {(CONFLICT, f"A{suffix}", 2), (CONFLICT, f"C{suffix}", 3)}
    assert sure < found
    assert len(found - sure) == 1
    assert found - sure < either
    assert batch.examples["unknown_code"].startswith("A" + suffix)
    assert ", line 3: grade code '9'" in batch.examples["unknown_code"]
    raws = dict(zip(rows["file"] + rows["reason"], rows["raw"], strict=True))
    assert '"R5"' in raws[f"B{suffix}unknown_counter"]
    assert rows["place"].is_unique().all()


def test_waiting_rows_of_several_files_are_tried_again(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    parts = [[rating(1), rating(2, counter_id="C9")], [rating(3, counter_id="C9"), rating(4)]]
    together(home, files(tmp_path, ".csv", parts))
    new = {"counter_id": "C9", "name": "新窗口", "hall_id": "H1", "department_id": "D1"}
    send(home, "counters", [new])
    (report,) = replay(home)
    assert report.counts["accepted"] == 2
    assert waiting(snapshot(home)).is_empty()


def test_sheets_of_a_book_have_lines_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with Xlsx(path) as book:
        rows = [cells(row) for row in ROWS]
        rows[1][-1], rows[7][2] = 9, "C9"
        book.rows(0, [HEAD, *rows[:6]])
        book.rows(3, [HEAD, *rows[6:]], book.book.add_worksheet("二"))
    home = town(tmp_path / "home")
    batch = send(home, "ratings", path)
    found = waiting(snapshot(home)).select("file", "line", "reason").sort("line").rows()
    expected = [
        ("f.xlsx, sheet 评价", 3, "unknown_code"),
        ("f.xlsx, sheet 二", 6, "unknown_counter"),
    ]
    assert found == expected
    assert batch.examples["unknown_counter"].startswith("f.xlsx, sheet 二, line 6: counter 'C9'")


def test_a_file_that_does_not_read_is_named_and_takes_the_batch_with_it(tmp_path: Path) -> None:
    """One wrong file in twelve would be lost in the shares of the whole."""
    home = town(tmp_path / "home")
    parts = [THIRDS[0], [row | {"rated_at": "01/08/2019"} for row in THIRDS[1]]]
    with pytest.raises(HallscoreError, match=r"B\.csv, line 2: rated_at 01/08/2019 does not read"):
        together(home, files(tmp_path, ".csv", parts))
    assert [batch.log for batch in snapshot(home).batches] == ["halls", "departments", "counters"]


def test_a_file_given_twice_is_refused(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    paths = files(tmp_path, ".csv")
    copy = tmp_path / "copy.csv"
    copy.write_bytes(paths[0].read_bytes())
    with pytest.raises(HallscoreError, match="the very same bytes as"):
        together(home, [*paths, copy])
    with pytest.raises(HallscoreError, match=r"D\.csv: no such file"):
        together(home, [*paths, tmp_path / "D.csv"])


def test_a_batch_of_files_leaves_whole_and_is_replaced_by_files(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    old = together(home, files(tmp_path / "old", ".csv", [[rating(1)], [rating(2)]]))
    paths = files(tmp_path / "new", ".csv")
    new = replace_batch(home, old.no, paths[0], more=tuple(paths[1:]))
    assert new.counts["accepted"] == len(ROWS)
    withdraw(home, new.no, "test")
    assert not [batch for batch in snapshot(home).live if batch.log == "ratings"]


def test_lines_of_the_store_are_unique_in_the_batch(tmp_path: Path) -> None:
    """Unrated rows at the end of one file do not shift the lines of the next."""
    home = town(tmp_path / "home")
    parts = [[rating(1), rating(2, grade=None)], [rating(3), rating(4, counter_id="C9")]]
    together(home, files(tmp_path, ".csv", parts))
    stored = [pl.read_parquet(path) for path in (home / "log" / "ratings").rglob("*.parquet")]
    assert sorted(pl.concat(stored)["line"]) == [2, 5]
    assert waiting(snapshot(home)).select("file", "line").rows() == [("B.csv", 3)]


def test_the_command_line_takes_several_files_and_says_what_was_left_out(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    path, _ = made("sums_and_blanks", tmp_path)
    other = write(tmp_path / "more.csv", [rating(50), rating(51, counter_id="C9")])
    command = ["--home", str(home), "ingest", str(other), str(path), "--log", "ratings"]
    done = CliRunner().invoke(app, [*command, "--profile", "canonical"])
    assert done.exit_code == 0, done.output
    assert "batch 4  ratings  more.csv, sums_and_blanks.xlsx  profile canonical" in done.stdout
    assert "more.csv, line 3: counter 'C9' is not in the table" in done.stdout
    assert "2 rows of sums left out (line 7, 16); 1 notes left out (line 17)" in done.stdout
