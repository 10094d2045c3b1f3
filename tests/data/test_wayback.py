"""A wrong file has a way back, and nothing of it stays behind in any number."""

from datetime import date
from pathlib import Path

import pytest

from data.errors import HallscoreError
from data.quarantine import replay, waiting
from data.store import snapshot
from data.touched import touched_days
from data.views import clock_digest, connect
from data.wayback import left_open, replace_batch, withdraw
from metrics.rollup import refresh
from tests.builders import case, cube_of, rating, send, ticket, town, write

WRONG = {
    "ratings": [rating(n, case_id=f"K{n % 5}", grade=2) for n in range(12)],
    "tickets": [ticket(n, status="abandoned") for n in range(6)],
    "cases": [case(n, item_id="A", closed_at="2019-08-29 09:00:00") for n in range(6)],
}
RIGHT = {
    "ratings": [rating(n, case_id=f"K{n % 5}", grade=5) for n in range(12)],
    "tickets": [ticket(n) for n in range(6)],
    "cases": [case(n, item_id="B") for n in range(6)],
}
OTHER = {
    "ratings": [
        rating(n + 50, case_id=f"K{n % 7}", rated_at="2019-08-11 08:00:00") for n in range(9)
    ],
    "tickets": [ticket(n + 50) for n in range(4)],
    "cases": [case(n, closed_at="2019-08-30 09:00:00") for n in range(3)],
}


@pytest.mark.parametrize("log", WRONG)
@pytest.mark.parametrize("way", ["withdraw", "replace"])
def test_a_corrected_file_gives_its_own_cube(log: str, way: str, tmp_path: Path) -> None:
    """With another file beside it, and the cube brought up at every step."""
    home, clean = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    wrong = send(home, log, WRONG[log])
    cube_of(home)
    if log != "cases":
        send(home, log, OTHER[log])
        cube_of(home)
    right = write(tmp_path / "right.csv", RIGHT[log])
    if way == "withdraw":
        withdraw(home, wrong.no, "wrong month")
        cube_of(home)
        send(home, log, right)
    else:
        replace_batch(home, wrong.no, right)
    if log == "cases":
        send(home, log, OTHER[log])
    send(clean, log, RIGHT[log])
    send(clean, log, OTHER[log])
    assert cube_of(home) == cube_of(clean)


def test_a_withdrawn_file_may_come_again(tmp_path: Path) -> None:
    """Its ids are free, also for the very same bytes."""
    home = town(tmp_path / "home")
    path = write(tmp_path / "r.csv", WRONG["ratings"])
    first = send(home, "ratings", path)
    before = cube_of(home)
    withdraw(home, first.no, "too early")
    assert cube_of(home)[0]["ratings"] == []
    assert send(home, "ratings", path).counts == first.counts
    assert cube_of(home) == before
    assert send(home, "ratings", path).counts["known"] == len(WRONG["ratings"])


def test_units_of_a_withdrawn_log_stay_while_another_names_them(tmp_path: Path) -> None:
    """And their numbers stay theirs."""
    home, clean = tmp_path / "a" / "home", tmp_path / "b" / "home"
    one = [rating(1, hall_id="X"), rating(2, hall_id="X", counter_id="C5")]
    two = [rating(3, hall_id="X")]
    first = send(home, "ratings", one, admit_units=True)
    send(home, "ratings", two, admit_units=True)
    withdraw(home, first.no, "wrong")
    units = snapshot(home).reference("counters")["counter_id"].to_list()
    assert units == ["C1"]
    send(home, "ratings", one, admit_units=True)
    send(clean, "ratings", one, admit_units=True)
    send(clean, "ratings", two, admit_units=True)
    assert cube_of(home) == cube_of(clean)


def test_a_failed_replacement_leaves_the_old_batch(tmp_path: Path) -> None:
    """The old one leaves only in the commit of the new one."""
    home = town(tmp_path / "home")
    old = send(home, "ratings", RIGHT["ratings"])
    before = cube_of(home)
    broken = tmp_path / "broken.csv"
    broken.write_text("rating_id,case\n1,2\n")
    with pytest.raises(HallscoreError, match="no column"):
        replace_batch(home, old.no, broken)
    assert cube_of(home) == before


def test_what_cannot_be_withdrawn_is_said(tmp_path: Path) -> None:
    """An unknown number, an empty reason, a batch that left before."""
    home = town(tmp_path / "home")
    batch = send(home, "ratings", RIGHT["ratings"])
    with pytest.raises(HallscoreError, match="no such committed batch"):
        withdraw(home, 99, "x")
    with pytest.raises(HallscoreError, match="reason"):
        withdraw(home, batch.no, " ")
    withdraw(home, batch.no, "x")
    with pytest.raises(HallscoreError, match="withdrawn before"):
        withdraw(home, batch.no, "x")
    with pytest.raises(HallscoreError, match="withdrawn before"):
        replace_batch(home, batch.no, tmp_path / "any.csv")


def test_rows_that_left_with_another_batch_come_back_with_their_file(tmp_path: Path) -> None:
    """They were known when it came, so it is read again; a third time adds nothing."""
    home = town(tmp_path / "home")
    first = send(home, "tickets", [ticket(1), ticket(2)])
    path = write(tmp_path / "all.csv", [ticket(1), ticket(2), ticket(3), ticket(4, counter_id="X")])
    assert send(home, "tickets", path).counts["known"] == 2
    before = cube_of(home)
    withdraw(home, first.no, "the other file has everything")
    assert send(home, "tickets", path).counts["accepted"] == 2
    assert cube_of(home) == before
    assert waiting(snapshot(home)).height == 1
    third = send(home, "tickets", path)
    assert (third.counts["known"], third.quarantined) == (4, {})
    assert len(snapshot(home).batches) == 6


def test_a_file_that_counts_cannot_replace_another_batch(tmp_path: Path) -> None:
    """It would leave the wrong one standing without a word."""
    home = town(tmp_path / "home")
    wrong = send(home, "tickets", WRONG["tickets"])
    path = write(tmp_path / "right.csv", OTHER["tickets"])
    right = send(home, "tickets", path)
    with pytest.raises(HallscoreError, match=f"as batch {right.no}.*withdraw {wrong.no}"):
        replace_batch(home, wrong.no, path)


def test_a_file_may_replace_itself_with_another_reading(tmp_path: Path) -> None:
    """The same bytes under the same profile, once units are there that were not."""
    home = town(tmp_path / "home")
    path = write(tmp_path / "t.csv", [ticket(1), ticket(2, counter_id="C3")])
    old = send(home, "tickets", path)
    send(home, "counters", [{"counter_id": "C3", "name": "三", "hall_id": "H2"}])
    new = replace_batch(home, old.no, path)
    assert (new.counts["accepted"], new.quarantined) == (2, {})
    assert [batch.no for batch in snapshot(home).live if batch.log == "tickets"] == [new.no]


def test_late_rows_touch_their_days_and_no_others(tmp_path: Path) -> None:
    """Those of their own, and those on which a repeat changes who counts."""
    home = town(tmp_path / "home")
    send(home, "ratings", [rating(n) for n in range(1, 20)])
    state = refresh(home)
    built = [batch.no for batch in state.snap.batches]
    clock = clock_digest(state.snap)
    early = rating(90, case_id="K9", rated_at="2019-08-01 08:00:00")  # before R9 of the 10th
    send(home, "ratings", [early, rating(91, rated_at="2019-07-31 08:00:00")])
    snap = snapshot(home)
    days = touched_days(connect(snap), snap, "ratings", built, [], clock)
    assert days == {date(2019, 7, 31), date(2019, 8, 1), date(2019, 8, 10)}
    assert touched_days(connect(snap), snap, "tickets", built, [], clock) == set()
    refresh(home)
    late = snap.batches[-1].no
    withdraw(home, late, "wrong")
    snap = snapshot(home)
    again = touched_days(connect(snap), snap, "ratings", [*built, late], [], clock)
    assert again == days


@pytest.mark.parametrize("way", ["withdraw", "replace"])
def test_a_file_leaves_with_everything_that_it_brought(way: str, tmp_path: Path) -> None:
    """Sent again after another batch left, a file stands under two numbers; both leave."""
    home, clean = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    first = send(home, "ratings", [rating(11)])
    path = write(tmp_path / "b.csv", [rating(0), rating(11)])
    second = send(home, "ratings", path)
    withdraw(home, first.no, "wrong")
    third = send(home, "ratings", path)
    assert (third.no > second.no, third.counts["accepted"]) == (True, 1)
    cube_of(home)
    if way == "replace":
        replace_batch(home, second.no, write(tmp_path / "c.csv", [rating(5)]))
        send(clean, "ratings", [rating(5)])
    else:
        assert [gone.no for gone in withdraw(home, third.no, "wrong")] == [second.no, third.no]
    assert cube_of(home) == cube_of(clean)


def test_a_withdrawal_says_what_it_leaves_open(tmp_path: Path) -> None:
    """Later files whose rows were known, and rows that were replayed from its quarantine."""
    home = town(tmp_path / "home")
    first = send(home, "tickets", [ticket(1), ticket(2, counter_id="C3")])
    later = send(home, "tickets", [ticket(1), ticket(3)])
    alone = send(home, "tickets", [ticket(7)])
    send(home, "counters", [{"counter_id": "C3", "name": "三", "hall_id": "H2"}])
    (tried,) = replay(home)
    assert left_open(home, withdraw(home, alone.no, "wrong")) == []
    said = left_open(home, withdraw(home, first.no, "wrong"))
    assert [f"batch {later.no} " in said[0], "known rows in it: 1" in said[0]] == [True] * 2
    assert [f"batch {tried.no} " in said[1], "replayed from the quarantine" in said[1]] == [
        True
    ] * 2
