"""Every row once, and never lost: the ordinary ways of a file into the store."""

import random
from pathlib import Path

import pytest

from data.errors import HallscoreError
from data.quarantine import replay, waiting
from data.store import snapshot
from data.views import connect
from tests.builders import (
    COUNTERS,
    HALLS,
    case,
    counting_rows,
    cube_of,
    gb_profile,
    rating,
    send,
    ticket,
    town,
    write,
)

FORMATS = ("csv", "csv.gz", "bom.csv", "gb.csv", "jsonl", "xlsx", "parquet")
RATINGS = [rating(n, grade=1 + n % 5, counter_id=f"C{1 + n % 2}") for n in range(40)]
RATINGS += [rating(n + 100, case_id=f"K{n}", grade=3) for n in range(0, 40, 4)]
CASES = [case(n, closed_at="2019-09-01 10:00:00" if n % 3 else "") for n in range(30)]


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_same_cube(suffix: str, tmp_path: Path) -> None:
    """Only the bytes differ."""
    profile = gb_profile(tmp_path) if suffix == "gb.csv" else "canonical"
    plain, other = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    for log, rows in (("ratings", RATINGS), ("cases", CASES)):
        send(plain, log, rows)
        path = write(tmp_path / f"{log}.{suffix}", rows)
        send(other, log, path, profile=profile)
    assert cube_of(plain) == cube_of(other)


def test_a_second_ingest_adds_nothing(tmp_path: Path) -> None:
    """All rows are known, none goes to quarantine again."""
    home = town(tmp_path / "home")
    rows = [*RATINGS, rating(900, counter_id="C9"), rating(901, grade="")]
    path = write(tmp_path / "r.csv", rows)
    first = send(home, "ratings", path)
    assert first.quarantined == {"unknown_counter": 1}
    assert first.counts["no_rating"] == 1
    before = cube_of(home)
    again = send(home, "ratings", path)
    assert again.counts == {
        "read": len(rows),
        "accepted": 0,
        "known": len(rows),
        "repeated": 0,
        "no_rating": 0,
    }
    assert again.quarantined == {}
    assert cube_of(home) == before
    assert waiting(snapshot(home)).height == 1


CLASH = [rating(500, grade=5), rating(500, grade=4), rating(501), rating(501)]


def test_a_shuffled_file_gives_the_same_cube(tmp_path: Path) -> None:
    """Also with repeats, twins, and two rows that fight over one id."""
    rows = [*RATINGS, *CLASH]
    shuffled = random.Random(7).sample(rows, len(rows))
    one, two = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    first, second = send(one, "ratings", rows), send(two, "ratings", shuffled)
    assert (first.counts, first.quarantined) == (second.counts, second.quarantined)
    assert first.quarantined == {"conflicting_id": 1}
    assert cube_of(one) == cube_of(two)


@pytest.mark.parametrize("turned", [False, True])
def test_half_today_and_half_tomorrow_give_the_same_cube(turned: bool, tmp_path: Path) -> None:
    """In either order, though repeats lie across the two."""
    whole, parts = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    rows = random.Random(3).sample(RATINGS, len(RATINGS))
    halves = [rows[: len(rows) // 2], rows[len(rows) // 2 :]]
    for half in reversed(halves) if turned else halves:
        send(parts, "ratings", half)
        cube_of(parts)  # the cube is brought up in between, too
    send(whole, "ratings", rows)
    assert cube_of(whole) == cube_of(parts)


def test_an_event_sent_again_in_another_month_is_known(tmp_path: Path) -> None:
    """And with other content it is in quarantine, with its line."""
    home = town(tmp_path / "home")
    send(home, "tickets", [ticket(1), ticket(2)])
    rows = [ticket(1), ticket(2, status="abandoned"), ticket(3, taken_at="2019-08-31 09:00:00")]
    rows[2] |= {"called_at": "", "finished_at": ""}
    batch = send(home, "tickets", rows)
    assert batch.counts["known"] == 1
    assert batch.counts["accepted"] == 1
    assert batch.quarantined == {"conflicting_id": 1}
    row = waiting(snapshot(home)).to_dicts()[0]
    assert (row["line"], row["reason"]) == (3, "conflicting_id")


@pytest.mark.parametrize("turned", [False, True])
def test_the_earliest_rating_counts_whatever_the_order(turned: bool, tmp_path: Path) -> None:
    """The others are kept, outside every rate."""
    home = town(tmp_path / "home")
    early = rating(1, case_id="K", rated_at="2019-08-03 10:00:00", grade=2)
    late = rating(2, case_id="K", rated_at="2019-08-09 10:00:00", grade=5)
    same = rating(0, case_id="K", rated_at="2019-08-09 10:00:00", grade=4)
    for row in [late, same, early] if turned else [early, same, late]:
        send(home, "ratings", [row])
    con = connect(snapshot(home))
    assert con.execute("SELECT id, grade FROM ratings").fetchall() == [("R1", 2)]
    kept = "SELECT id, counts FROM ratings_all ORDER BY id"
    assert con.execute(kept).fetchall() == [("R0", False), ("R1", True), ("R2", False)]


def test_no_rating_is_decided_first(tmp_path: Path) -> None:
    """A row without a grade is no rating, whatever else is wrong with it."""
    batch = send(town(tmp_path / "home"), "ratings", [rating(1, grade="", counter_id="")])
    assert batch.counts["no_rating"] == 1
    assert batch.quarantined == {}


def test_a_row_waits_for_its_counter_and_is_replayed(tmp_path: Path) -> None:
    """Nothing is lost: after the reference file comes the row counts like any other."""
    home, other = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    rows = [rating(1), rating(2, counter_id="C3")]
    assert send(home, "ratings", rows).quarantined == {"unknown_counter": 1}
    assert "Did you mean" in waiting(snapshot(home))["detail"][0]
    third = [{"counter_id": "C3", "name": "新窗口", "hall_id": "H2", "department_id": "D1"}]
    send(home, "counters", third)
    report = replay(home, reason="unknown_counter")[0]
    assert report.counts["accepted"] == 1
    assert waiting(snapshot(home)).is_empty()
    send(other, "counters", third)
    send(other, "ratings", rows)
    assert counting_rows(home) == counting_rows(other)


def test_units_come_from_the_log_only_when_asked(tmp_path: Path) -> None:
    """And where a reference file rules, only when their number is named."""
    fresh = tmp_path / "a" / "home"
    rows = [rating(1, hall_id="X"), rating(2, hall_id="X", counter_id="C2")]
    assert send(fresh, "ratings", rows, admit_units=True).admitted_units == 3
    ruled = town(tmp_path / "b" / "home")
    strange = [rating(1, hall_id="H1", counter_id="C7")]
    before = counting_rows(ruled)
    with pytest.raises(HallscoreError, match="--yes-new-units 1"):
        send(ruled, "ratings", strange, admit_units=True)
    with pytest.raises(HallscoreError, match="does not name that count"):
        send(ruled, "ratings", strange, admit_units=True, new_units=2)
    assert counting_rows(ruled) == before
    assert send(ruled, "ratings", strange, admit_units=True, new_units=1).counts["accepted"] == 1


def test_blanks_of_all_kinds_do_not_make_another_counter(tmp_path: Path) -> None:
    """U+00A0, U+3000 and double blanks are trimmed from ids and names."""
    home = tmp_path / "home"
    named = [HALLS[0] | {"name": "市民\u00a0中心  大厅"}]
    send(home, "halls", named)
    send(home, "counters", [{"counter_id": "C 1", "name": "一", "hall_id": "H1"}])
    assert snapshot(home).reference("halls")["name"][0] == "市民 中心 大厅"
    batch = send(home, "ratings", [rating(1, counter_id="\u3000C\u00a0 1 ")])
    assert batch.counts["accepted"] == 1


def test_late_rows_touch_exactly_their_days(tmp_path: Path) -> None:
    """All other days keep their files and their sums."""
    from metrics.rollup import refresh

    home = town(tmp_path / "home")
    send(home, "tickets", [ticket(n) for n in range(20)])
    refresh(home)
    late = ticket(77, taken_at="2019-08-05 09:30:00", called_at="", finished_at="")
    send(home, "tickets", [late])
    assert refresh(home).redone["tickets"] == 1


def test_a_ticket_of_a_desk_without_a_counter_waits(tmp_path: Path) -> None:
    """Before the desks are known, and on a day outside the assignment; then it is replayed."""
    home = town(tmp_path / "home")
    rows = [ticket(n, counter_id="", hall_id="H1", desk_no="12") for n in (1, 9)]
    assert send(home, "tickets", rows).quarantined == {"unknown_desk": 2}
    desk = {"hall_id": "H1", "desk_no": "12", "counter_id": "C1", "valid_from": "2019-08-06"}
    send(home, "desks", [desk])
    (again,) = replay(home)
    assert (again.counts["accepted"], again.quarantined) == (1, {"unknown_desk": 1})
    assert "desk 12 of hall H1 has no counter on 2019-08-02" in str(waiting(snapshot(home)).rows())
    assert len(cube_of(home)[0]["tickets"]) == 1


def test_a_desk_belongs_to_its_counter_of_the_day(tmp_path: Path) -> None:
    """A corrected assignment moves the tickets of its days."""
    home = town(tmp_path / "home")
    first = {"hall_id": "H1", "desk_no": "12", "counter_id": "C1", "valid_from": "2019-01-01"}
    send(home, "desks", [first | {"valid_to": ""}])
    rows = [ticket(n, counter_id="", hall_id="H1", desk_no="12") for n in (1, 9)]
    assert send(home, "tickets", rows).counts["accepted"] == 2
    con = connect(snapshot(home))
    by_counter = "SELECT c.counter_id, COUNT(*) FROM tickets t JOIN counters c ON t.counter = c.no"
    assert con.execute(by_counter + " GROUP BY 1").fetchall() == [("C1", 2)]
    ended = first | {"valid_to": "2019-08-06"}
    later = {"hall_id": "H1", "desk_no": "12", "counter_id": "C2", "valid_from": "2019-08-06"}
    send(home, "desks", [ended, later | {"valid_to": ""}])
    con = connect(snapshot(home))
    assert con.execute(by_counter + " GROUP BY 1 ORDER BY 1").fetchall() == [("C1", 1), ("C2", 1)]


def test_the_counters_of_a_round_are_named_or_all(tmp_path: Path) -> None:
    """A round that names a stranger waits."""
    home = town(tmp_path / "home")
    send(home, "counters", [COUNTERS[0] | {"counter_id": "C3"}])
    base = {"hall_id": "H1", "started_at": "2019-08-01 09:00:00", "findings_n": 0}
    rows = [
        base | {"inspection_id": "P1", "counters": "all"},
        base | {"inspection_id": "P2", "counters": "C3"},
        base | {"inspection_id": "P3", "counters": "C3;C8"},
    ]
    assert send(home, "inspections", rows).quarantined == {"unknown_counter": 1}
    con = connect(snapshot(home))
    seen = con.execute("SELECT id, LEN(counters) FROM inspections ORDER BY id").fetchall()
    assert seen == [("P1", 2), ("P2", 1)]
