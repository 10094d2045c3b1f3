"""Nothing is lost in quarantine: it is listed, exported, and counts once its cause is gone."""

import csv
import io
from pathlib import Path

import polars as pl
import pytest

from data.errors import HallscoreError
from data.quarantine import replay, summary, waiting
from data.store import snapshot
from data.wayback import replace_batch, withdraw
from hallscore import main
from tests.builders import counting_rows, gb_profile, rating, send, town, write

THIRD = [{"counter_id": "C3", "name": "新窗口", "hall_id": "H2", "department_id": "D1"}]
ROWS = [rating(1), rating(2, counter_id="C3"), rating(3, counter_id="C3", grade=9)]


def reasons(home: Path) -> dict[str, int]:
    rows = summary(waiting(snapshot(home)))
    return {row["reason"]: row["n"] for row in rows.to_dicts()}


def test_a_row_that_is_refused_again_is_tried_a_third_time(tmp_path: Path) -> None:
    """The second attempt makes the same bytes as the first; they are not taken for known."""
    home = town(tmp_path / "home")
    send(home, "ratings", ROWS)
    assert reasons(home) == {"unknown_counter": 1, "unknown_code": 1}
    first = replay(home, reason="unknown_counter")[0]
    assert first.quarantined == {"unknown_counter": 1}
    assert reasons(home) == {"unknown_counter": 1, "unknown_code": 1}
    send(home, "counters", THIRD)
    assert replay(home, reason="unknown_counter")[0].counts["accepted"] == 1
    assert reasons(home) == {"unknown_code": 1}
    assert len(counting_rows(home)["ratings"]) == 2


def test_rows_of_a_gb18030_source_are_replayed_in_its_encoding(tmp_path: Path) -> None:
    """Its profile reads them as it read the file."""
    home, clean = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    profile = gb_profile(tmp_path)
    strange = [THIRD[0] | {"counter_id": "三号窗口"}]
    rows = [rating(1, item_id="户口"), rating(2, counter_id="三号窗口", item_id="户口迁移")]
    send(home, "ratings", write(tmp_path / "r.gb.csv", rows), profile=profile)
    send(home, "counters", strange)
    assert replay(home)[0].quarantined == {}
    send(clean, "counters", strange)
    send(clean, "ratings", rows)
    assert counting_rows(home) == counting_rows(clean)


def test_what_was_no_row_stays_where_it_is(tmp_path: Path) -> None:
    """A line with too few fields has no columns to try again; the others go without it."""
    home = town(tmp_path / "home")
    path = write(tmp_path / "r.csv", ROWS[:2])
    path.write_text(path.read_text("utf-8") + "R50,K50,C1\n", "utf-8")
    send(home, "ratings", path)
    send(home, "counters", THIRD)
    assert [batch.counts["accepted"] for batch in replay(home)] == [1]
    assert reasons(home) == {"ragged_row": 1}
    with pytest.raises(HallscoreError, match="nothing waits"):
        replay(home)


def test_blotted_numbers_never_become_one_id(tmp_path: Path) -> None:
    """Two people whose numbers were masked would be one; their file is needed instead."""
    home = town(tmp_path / "home")
    rows = [
        rating(n, case_id=f"1381234567{n}", rating_id=f"1381234567{n}", counter_id="C3")
        for n in (1, 2)
    ]
    path = write(tmp_path / "r.csv", rows)
    batch = send(home, "ratings", path)
    send(home, "counters", THIRD)
    with pytest.raises(HallscoreError, match="blotted out"):
        replay(home)
    withdraw(home, batch.no, "came before the counters")
    assert send(home, "ratings", path).counts["accepted"] == 2


def test_a_withdrawn_replay_leaves_its_rows_waiting(tmp_path: Path) -> None:
    """As if it had never been tried."""
    home = town(tmp_path / "home")
    send(home, "ratings", ROWS)
    send(home, "counters", THIRD)
    tried = replay(home, reason="unknown_counter")[0]
    withdraw(home, tried.no, "the counter was wrong")
    assert reasons(home) == {"unknown_counter": 1, "unknown_code": 1}
    assert replay(home, reason="unknown_counter")[0].counts["accepted"] == 1


def test_rows_of_a_withdrawn_batch_do_not_wait(tmp_path: Path) -> None:
    """Nor do those of a replaced one."""
    home = town(tmp_path / "home")
    first = send(home, "ratings", ROWS)
    second = replace_batch(home, first.no, write(tmp_path / "r.csv", ROWS[:2]))
    assert reasons(home) == {"unknown_counter": 1}
    withdraw(home, second.no, "wrong month")
    assert reasons(home) == {}


def test_units_may_be_admitted_by_a_replay(tmp_path: Path) -> None:
    """The same rule as for a file: their count must be named where a reference file rules."""
    home = town(tmp_path / "home")
    send(home, "ratings", [rating(1, hall_id="H1", counter_id="C7")])
    with pytest.raises(HallscoreError, match="--yes-new-units 1"):
        replay(home, admit_units=True)
    assert reasons(home) == {"unknown_counter": 1}
    assert replay(home, admit_units=True, new_units=1)[0].counts["accepted"] == 1
    assert not [path for path in home.iterdir() if "replay" in path.name]


def test_the_export_opens_in_excel_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A BOM, one row per row, with file, line and reason."""
    home = town(tmp_path / "home")
    send(home, "ratings", write(tmp_path / "八月.csv", ROWS))
    out = tmp_path / "out.csv"
    with pytest.raises(SystemExit) as left:
        main(["--home", str(home), "quarantine", "export", str(out)])
    assert left.value.code == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [(row["file"], row["line"]) for row in rows] == [("八月.csv", "4"), ("八月.csv", "3")]
    assert {row["reason"] for row in rows} == {"unknown_counter", "unknown_code"}
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["--home", str(home), "quarantine", "list", "--format", "csv"])
    assert "unknown_counter" in capsys.readouterr().out


def test_rows_of_a_typed_file_are_replayed_as_they_were(tmp_path: Path) -> None:
    """Times, zoned ones too, and numbers: the raw text is what the profile reads."""
    home, clean = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    rows = [rating(n, counter_id="C3", grade=float(n)) for n in (1, 2)]
    moment = pl.col("rated_at").str.to_datetime("%Y-%m-%d %H:%M:%S")
    zoned = moment.dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")
    for place, (kind, at) in enumerate((("parquet", moment), ("parquet", zoned), ("xlsx", moment))):
        frame = pl.DataFrame(rows).with_columns(at, rating_id=f"R{place}-" + pl.col("rating_id"))
        frame = frame.with_columns(case_id=pl.col("rating_id"))
        path = tmp_path / f"{place}.{kind}"
        _ = frame.write_excel(path) if kind == "xlsx" else frame.write_parquet(path)
        assert send(home, "ratings", path).quarantined == {"unknown_counter": 2}
    send(home, "counters", THIRD)
    assert {batch.counts["accepted"] for batch in replay(home)} == {6}
    send(clean, "counters", THIRD)
    for place in range(3):
        send(clean, "ratings", next(tmp_path.glob(f"{place}.*")))
    assert counting_rows(home) == counting_rows(clean)
