"""A delivery that overlaps on purpose: what waits is known, and nothing new is no batch."""

from pathlib import Path
from typing import Any

from data.batches import Batch
from data.quarantine import replay, waiting
from data.store import snapshot
from data.wayback import withdraw
from tests.builders import counting_rows, rating, send, town, write

LATER = [{"counter_id": "C3", "name": "新窗口", "hall_id": "H2", "department_id": "D1"}]
ROWS = [rating(1), rating(2, counter_id="C3")]


def again(home: Path, rows: list[dict[str, Any]], source: str = "queue") -> Batch:
    """An overlapping delivery of a source; never the very bytes of an earlier one."""
    extra = f"extra-{len(list(home.parent.glob('sent-*')))}"
    return send(home, "ratings", [{**row, extra: ""} for row in rows], source=source, overlaps=True)


def test_a_waiting_row_is_known_when_it_comes_again(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    assert again(home, ROWS).quarantined == {"unknown_counter": 1}
    second = again(home, [*ROWS, rating(3)])
    assert (second.counts["accepted"], second.counts["known"], second.quarantined) == (1, 2, {})
    assert waiting(snapshot(home)).height == 1


def test_nothing_new_is_no_batch(tmp_path: Path) -> None:
    """Its number is 0, and nothing of it is left on disk."""
    home = town(tmp_path / "home")
    again(home, ROWS)
    before = snapshot(home).stamp, sorted(path.name for path in (home / "batches").iterdir())
    nothing = again(home, ROWS)
    assert (nothing.no, nothing.counts["known"]) == (0, 2)
    after = snapshot(home).stamp, sorted(path.name for path in (home / "batches").iterdir())
    assert after == before


def test_an_ordinary_file_is_not_compared(tmp_path: Path) -> None:
    """Nor is a delivery of another source: each has its own quarantine."""
    home = town(tmp_path / "home")
    again(home, ROWS)
    assert again(home, ROWS, source="other").quarantined == {"unknown_counter": 1}
    assert send(home, "ratings", ROWS).quarantined == {"unknown_counter": 1}


def test_a_changed_row_waits_beside_the_old_one(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    again(home, ROWS)
    changed = again(home, [rating(2, counter_id="C3", grade=1)])
    assert changed.quarantined == {"unknown_counter": 1}


def test_rows_that_look_alike_are_counted(tmp_path: Path) -> None:
    """Two people's numbers are the same stars once blotted out; neither is lost for the other."""
    home = town(tmp_path / "home")
    one, two = (rating(2, rating_id=f"1381234567{n}", counter_id="C3") for n in (1, 2))
    again(home, [one])
    assert again(home, [one, two]).quarantined == {"unknown_counter": 1}
    assert again(home, [one, two]).no == 0
    assert waiting(snapshot(home)).height == 2


def test_rows_of_a_withdrawn_batch_are_new_again(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    withdraw(home, again(home, ROWS).no, "a test")
    second = again(home, ROWS)
    assert (second.counts["accepted"], second.quarantined) == (1, {"unknown_counter": 1})


def test_a_replayed_row_stays_known(tmp_path: Path) -> None:
    """Its counter came, it was accepted from quarantine, and the overlap brings it once more."""
    home = town(tmp_path / "home")
    again(home, ROWS)
    send(home, "counters", LATER)
    replay(home)
    assert again(home, ROWS).no == 0
    assert len(counting_rows(home)["ratings"]) == 2
    assert waiting(snapshot(home)).is_empty()


def test_the_same_bytes_after_a_withdrawal_keep_what_waits(tmp_path: Path) -> None:
    """The file is judged again because rows it knew have left; its refused row waits once."""
    home = town(tmp_path / "home")
    first = again(home, ROWS[:1])
    path = write(tmp_path / "r.csv", ROWS)
    send(home, "ratings", path, source="queue", overlaps=True)
    withdraw(home, first.no, "a test")
    second = send(home, "ratings", path, source="queue", overlaps=True)
    assert (second.counts["accepted"], second.quarantined) == (1, {"unknown_counter": 1})
    assert waiting(snapshot(home)).height == 1
