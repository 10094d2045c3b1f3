"""Tidying up changes no number, and what is derived comes back when it is lost."""

import shutil
from pathlib import Path

import pytest

from data.housekeeping import compact
from data.store import snapshot
from data.wayback import withdraw
from tests.builders import case, cube_of, rating, send, ticket, town

FIRST = [rating(n, case_id=f"K{n % 20}") for n in range(30)]
SECOND = [rating(n + 40, case_id=f"K{n % 20}") for n in range(30)]


def filled(home: Path) -> Path:
    town(home)
    for rows in (FIRST, SECOND):
        send(home, "ratings", rows)
    send(home, "cases", [case(n) for n in range(9)])
    send(home, "cases", [case(n, closed_at="2019-09-01 10:00:00") for n in range(4)])
    send(home, "tickets", [ticket(1)])
    return home


def test_one_file_for_a_month_changes_no_number(tmp_path: Path) -> None:
    """And a reader of the snapshot before still finds its files."""
    home = filled(tmp_path / "home")
    before, old = cube_of(home), snapshot(home)
    assert compact(home) == {"ratings": 1, "cases": 1}
    assert len(snapshot(home).files["ratings"]) == 1
    assert all(Path(path).exists() for path in old.files["ratings"])
    shutil.rmtree(home / "cube")
    assert cube_of(home) == before
    assert compact(home) == {}


def test_after_tidying_a_batch_can_still_be_withdrawn_and_known(tmp_path: Path) -> None:
    home, clean = filled(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    compact(home)
    first = next(batch for batch in snapshot(home).batches if batch.log == "ratings")
    assert send(home, "ratings", [*FIRST, rating(999)]).counts["known"] == len(FIRST)
    withdraw(home, first.no, "wrong")
    send(clean, "ratings", SECOND)
    send(clean, "ratings", [rating(999)])
    assert cube_of(home)[0]["ratings"] == cube_of(clean)[0]["ratings"]


@pytest.mark.parametrize("tidied", [False, True])
def test_lost_id_runs_are_made_again(tidied: bool, tmp_path: Path) -> None:
    """Without them every row would count twice."""
    home = filled(tmp_path / "home")
    if tidied:
        compact(home)
    before = cube_of(home)
    shutil.rmtree(home / "ids")
    again = send(home, "ratings", [*FIRST, rating(999, grade=4)])
    assert (again.counts["known"], again.counts["accepted"]) == (len(FIRST), 1)
    changed = send(home, "ratings", [rating(1, case_id="K1", grade=2)])
    assert changed.quarantined == {"conflicting_id": 1}
    assert send(home, "cases", [case(n) for n in range(9)]).counts["accepted"] == 0
    withdraw(home, again.no, "test")
    assert cube_of(home) == before
