"""Rows entered by hand go the way of every row, and leave no trace where they are refused."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from data.entry import enter, enterable, entries
from data.errors import HallscoreError
from data.store import snapshot
from data.views import connect
from data.wayback import withdraw
from tests.builders import cube_of, town

FINDING = {
    "counter_id": "C2",
    "found_at": datetime(2019, 8, 14, 10),
    "rule_code": "R1",
    "points": 0.5,
}
PHONE = "139" + "12345678"
EXEMPTION = {
    "hall_id": "H2",
    "starts_at": datetime(2019, 8, 14, 9),
    "ends_at": datetime(2019, 8, 14, 12),
    "cause": "power_cut",
    "includes_below": True,
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return town(tmp_path / "home")


def stored(home: Path, log: str, *columns: str) -> list[tuple[Any, ...]]:
    con = connect(snapshot(home))
    found = con.execute(f"SELECT {', '.join(columns)} FROM {log}").fetchall()
    con.close()
    return found


def files(home: Path) -> set[str]:
    """Every file of a home but its locks."""
    kept = (path for path in home.rglob("*") if path.is_file() and "lock" not in path.name)
    return {str(path.relative_to(home)) for path in kept}


def test_the_logs_that_are_offered_have_a_contract() -> None:
    assert enterable()[:2] == ["findings", "exemptions"]


def test_an_entered_row_is_a_batch_of_its_own(home: Path) -> None:
    batch = enter(home, "findings", FINDING, "巡查员王")
    assert (batch.counts["read"], batch.counts["accepted"], batch.source) == (1, 1, "entry")
    assert batch.covers == ((date(2019, 8, 14), date(2019, 8, 15)),)
    ((one, points, at),) = stored(home, "findings", "id", "points_c", "found_at")
    assert one.startswith("entry-")
    assert (points, at) == (50, FINDING["found_at"])


def test_who_decided_and_when_is_who_entered_it_unless_said(home: Path) -> None:
    enter(home, "exemptions", EXEMPTION, "李科长")
    ((who, flag, system),) = stored(home, "exemptions", "decided_by", "includes_below", "system")
    assert (who, flag, system) == ("李科长", True, "all")
    other = EXEMPTION | {"decided_by": "赵局长", "decided_on": date(2019, 8, 15)}
    enter(home, "exemptions", other, "李科长")
    told = stored(home, "exemptions", "decided_by", "decided_on")
    assert ("赵局长", date(2019, 8, 15)) in told
    assert entries(home, "exemptions")[0].by == "李科长"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"counter_id": "C9"}, "'C9' is not in the table"),
        ({"counter_id": None}, "missing_key"),
        ({"rule_code": "  "}, "rule_code is empty"),
        ({"points": -1}, "points -1.0 breaks min"),
        ({"points": "viel"}, "is not a number"),
        ({"found_at": "gestern"}, "does not read as"),
        ({"found": "2019"}, "Did you mean 'found_at'"),
    ],
)
def test_a_refused_row_says_why_and_leaves_nothing(home: Path, changes: Any, said: str) -> None:
    before = files(home)
    with pytest.raises(HallscoreError, match=said):
        enter(home, "findings", FINDING | changes, "王")
    assert files(home) == before
    assert not (home / "entered").exists() or not any((home / "entered").rglob("*.jsonl"))


def test_nobody_enters_anything_namelessly_or_of_another_log(home: Path) -> None:
    with pytest.raises(HallscoreError, match="--by is empty"):
        enter(home, "findings", FINDING, " ")
    with pytest.raises(HallscoreError, match="Did you mean 'findings'"):
        enter(home, "finding", FINDING, "王")
    with pytest.raises(HallscoreError, match="rows are entered of"):
        enter(home, "ratings", {}, "王")


def test_the_same_row_is_entered_once_whoever_enters_it(home: Path) -> None:
    enter(home, "findings", FINDING, "王")
    count = len(snapshot(home).batches)
    for who in ("王", "李"):
        with pytest.raises(HallscoreError, match="there already"):
            enter(home, "findings", FINDING, who)
    assert len(snapshot(home).batches) == count
    assert len(entries(home, "findings")) == 1


def test_a_withdrawn_entry_is_gone_listed_and_can_be_made_again(home: Path) -> None:
    before = cube_of(home)
    batch = enter(home, "findings", FINDING, "王")
    assert cube_of(home) != before
    withdraw(home, batch.no, "录错窗口")
    assert cube_of(home) == before
    (listed,) = entries(home, "findings")
    assert listed.batch.withdrawn == "录错窗口"
    assert enter(home, "findings", FINDING, "王").counts["accepted"] == 1


def test_a_citizens_numbers_reach_no_file(home: Path) -> None:
    enter(home, "exemptions", EXEMPTION | {"grounds": f"报修 {PHONE}"}, "王")
    kept = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert not any(PHONE.encode() in content for content in kept)
    assert stored(home, "exemptions", "grounds") == [("报修 [phone number]",)]
