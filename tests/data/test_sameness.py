"""What is the same row, and what is another one: by its content, wherever and however it comes."""

import itertools
import random
from pathlib import Path

import polars as pl
import pytest

import data.csv_chunks
import data.stage
from data.quarantine import waiting
from data.store import snapshot
from data.views import connect
from tests.builders import HALLS, Row, case, cube_of, rating, send, ticket, town

ROUND = {
    "inspection_id": "P1",
    "hall_id": "H1",
    "started_at": "2019-08-01 09:00:00",
    "counters": "all",
    "findings_n": 0,
}
CHANGES = [
    ("ratings", rating(1), {"staff_id": "S2", "desk_no": "7", "grade": 1, "counter_id": "C2"}),
    ("ratings", rating(1), {"channel": "sms", "case_id": "K9", "rated_at": "2019-08-02 10:00:01"}),
    ("tickets", ticket(1), {"counter_id": "C1", "staff_id": "S2", "desk_no": "7"}),
    ("tickets", ticket(1), {"channel": "booked", "finished_at": "2019-08-02 09:20:01"}),
    ("inspections", ROUND, {"findings_n": 1, "counters": "C1", "inspector_id": "I2"}),
]


@pytest.mark.parametrize(("log", "row", "changes"), CHANGES)
def test_any_other_content_under_the_same_id_is_a_conflict(
    log: str, row: Row, changes: Row, tmp_path: Path
) -> None:
    """Every field that the source delivers is content."""
    full = dict.fromkeys(changes, "") | row
    home = town(tmp_path / "home")
    send(home, log, [full])
    for name, changed in changes.items():
        if row.get(name) != changed:
            batch = send(home, log, [full | {name: changed}])
            assert batch.quarantined == {"conflicting_id": 1}, name
    assert send(home, log, [full, full]).counts["known"] == 2


def test_a_round_of_all_counters_stays_the_same_when_one_is_added(tmp_path: Path) -> None:
    """Its content is what the source said, not what it meant on the day of the ingest."""
    home = town(tmp_path / "home")
    named = ROUND | {"inspection_id": "P2", "counters": "C1;C2"}
    send(home, "inspections", [ROUND, named])
    send(home, "counters", [{"counter_id": "C3", "name": "三", "hall_id": "H1"}])
    again = [named | {"counters": "C2; C1"}, ROUND]
    assert send(home, "inspections", again).counts["known"] == 2


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_cases_give_the_same_cube(seed: int, tmp_path: Path) -> None:
    """Versions, twins, and rows that fight over one id: the same ones win."""
    rows = [case(n, item_id=item) for n in range(3) for item in "ABC"]
    rows += [case(n, item_id="A", closed_at="2019-09-01 10:00:00") for n in range(2, 6)]
    rows += [case(n, updated_at=f"2019-08-2{n % 10} 00:00:00", item_id="D") for n in (7, 7, 8, 8)]
    shuffled = random.Random(seed).sample(rows, len(rows))
    one, two = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    first, second = send(one, "cases", rows), send(two, "cases", shuffled)
    assert (first.counts, first.quarantined) == (second.counts, second.quarantined)
    assert cube_of(one) == cube_of(two)


def test_one_of_three_that_fight_wins_whatever_their_lines(tmp_path: Path) -> None:
    """And the other two are in quarantine."""
    rows = [ticket(1, finished_at=f"2019-08-02 09:{10 + n}:00") for n in (1, 2, 3)]
    won = set()
    for place, order in enumerate(itertools.permutations(rows)):
        home = town(tmp_path / str(place) / "home")
        assert send(home, "tickets", list(order)).quarantined == {"conflicting_id": 2}
        won.add(connect(snapshot(home)).execute("SELECT finished_at FROM tickets").fetchone())
    assert len(won) == 1


def test_typed_columns_read_like_text(tmp_path: Path) -> None:
    """Times as times and numbers as numbers, also where a missing one made floats of them."""
    rows = [ticket(n, called_at=f"2019-08-{n % 27 + 1:02d} 09:07:{n:02d}") for n in range(60)]
    votes = [rating(n, grade=n % 5 + 1 if n % 7 else None) for n in range(20)]
    plain = town(tmp_path / "plain" / "home")
    send(plain, "tickets", rows)
    send(plain, "ratings", votes)
    moments = pl.selectors.ends_with("_at").str.to_datetime("%Y-%m-%d %H:%M:%S")
    typed = {
        "tickets": pl.DataFrame(rows).with_columns(moments),
        "ratings": pl.DataFrame(votes).with_columns(moments, pl.col("grade").cast(pl.Float64)),
    }
    nan = typed["ratings"].with_columns(pl.col("grade").fill_null(float("nan")))
    for kind in ("parquet", "xlsx", "nan.parquet"):
        home = town(tmp_path / kind / "home")
        for log, frame in typed.items():
            path = tmp_path / f"{log}.{kind}"
            if kind == "xlsx":
                frame.write_excel(path)
            else:
                (nan if kind.startswith("nan") and log == "ratings" else frame).write_parquet(path)
            assert send(home, log, path).quarantined == {}
        assert cube_of(home) == cube_of(plain), kind


def test_lines_of_a_workbook_are_those_that_excel_shows(tmp_path: Path) -> None:
    """An empty row in between is no row, but it has a number."""
    rows = [rating(1), dict.fromkeys(rating(1)), rating(2, counter_id="C9")]
    path = tmp_path / "r.xlsx"
    pl.DataFrame([{k: v and str(v) for k, v in row.items()} for row in rows]).write_excel(path)
    home = town(tmp_path / "home")
    assert send(home, "ratings", path).counts["read"] == 2
    assert waiting(snapshot(home))["line"].to_list() == [4]


def test_a_file_larger_than_memory_gives_the_same_cube(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows beyond the limit wait on disk; the file is read in pieces."""
    votes = [rating(n, case_id=f"K{n % 7}") for n in range(200)]
    cases = [case(n % 40, closed_at="" if n < 40 else "2019-09-01 10:00:00") for n in range(80)]
    whole, pieces = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    send(whole, "ratings", votes)
    send(whole, "cases", cases)
    monkeypatch.setattr(data.stage, "IN_MEMORY_ROWS", 20)
    monkeypatch.setattr(data.csv_chunks, "PIECE", 1000)
    send(pieces, "ratings", votes)
    send(pieces, "cases", cases)
    assert cube_of(whole) == cube_of(pieces)
    assert not (pieces / "spool").exists()


def test_a_later_assignment_ends_the_one_before(tmp_path: Path) -> None:
    """A desk has one counter a day, though nobody wrote an end to the old assignment."""
    home = town(tmp_path / "home")
    desk = {"hall_id": "H1", "desk_no": "12", "counter_id": "C1", "valid_from": "2019-01-01"}
    send(home, "desks", [desk])
    send(home, "tickets", [ticket(n, counter_id="", hall_id="H1", desk_no="12") for n in (1, 9)])
    send(home, "desks", [desk | {"counter_id": "C2", "valid_from": "2019-08-06"}])
    con = connect(snapshot(home))
    joined = "SELECT t.id, c.counter_id FROM tickets t JOIN counters c ON t.counter = c.no"
    assert con.execute(joined + " ORDER BY 1").fetchall() == [("T1", "C1"), ("T9", "C2")]


def test_a_reference_row_may_be_corrected_and_corrected_back(tmp_path: Path) -> None:
    """The last live file wins; the same row again is known."""
    home = town(tmp_path / "home")
    named = [HALLS[0] | {"name": "新市民中心"}]
    assert send(home, "halls", named).counts["accepted"] == 1
    assert send(home, "halls", [*named, HALLS[1]]).counts["known"] == 2
    assert send(home, "halls", [HALLS[0]]).counts["accepted"] == 1
    names = snapshot(home).reference("halls")["name"].to_list()
    assert names == [HALLS[0]["name"], HALLS[1]["name"]]
