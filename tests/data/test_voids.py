"""A decision takes a rating out of the sums and of nothing else; withdrawn, it brings it back."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.quarantine import replay, waiting
from data.store import snapshot
from data.views import connect
from data.wayback import withdraw
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value
from tests.builders import Row, cube_of, rating, send, town

ALL = Scope("test", None)
AUGUST = parse_period("2019-08")


def void(rating_id: str, number: int = 1, **changes: Any) -> Row:
    base = {
        "void_id": f"V{number}",
        "rating_id": rating_id,
        "void_reason": "mistaken",
        "grounds": "pressed the wrong key",
        "decided_by": "panel",
        "decided_on": "2019-09-02",
    }
    return base | changes


def got(home: Path, metric: str) -> tuple[int, int | None]:
    frame = value(home, metric, AUGUST, "city", ALL, date(2019, 9, 30))
    return frame["n"][0], frame["d"][0]


RATED = [rating(1), rating(2, grade=2), rating(3, grade=1), *(rating(n) for n in range(4, 9))]


def test_a_voided_rating_leaves_the_sums_and_comes_back(tmp_path: Path) -> None:
    """The cube is brought up in between, so that the touched days must be found."""
    home = town(tmp_path / "home")
    send(home, "ratings", RATED)
    before = cube_of(home)
    assert got(home, "bad_rate") == (2, 8)
    batch = send(home, "voids", [void("R3")])
    assert got(home, "bad_rate") == (1, 7)
    assert got(home, "voided_ratings") == (1, None)
    withdraw(home, batch.no, "decided by nobody")
    assert got(home, "bad_rate") == (2, 8)
    assert cube_of(home) == before


def test_decisions_and_ratings_give_the_same_cube_in_any_number_of_steps(tmp_path: Path) -> None:
    one, two = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    for home in (one, two):
        send(home, "ratings", RATED[:4])
        if home == two:
            cube_of(home)
        send(home, "voids", [void("R2")])
        if home == two:
            cube_of(home)
        send(home, "ratings", RATED[4:])
    assert cube_of(one) == cube_of(two)


def test_the_next_rating_of_the_service_counts_where_the_first_is_void(tmp_path: Path) -> None:
    """Who pressed the wrong key and rated again has rated once."""
    home = town(tmp_path / "home")
    again = rating(30, case_id="K3", grade=5, rated_at="2019-08-20 10:00:00")
    send(home, "ratings", [*RATED, again])
    assert got(home, "bad_rate") == (2, 8)
    send(home, "voids", [void("R3")])
    assert got(home, "bad_rate") == (1, 8)
    send(home, "voids", [void("R30", 2)])
    assert got(home, "bad_rate") == (1, 7)
    assert got(home, "voided_ratings") == (2, None)


def test_a_void_follows_its_rating_to_another_day(tmp_path: Path) -> None:
    """The rating left with its batch and came again, in another month."""
    home = town(tmp_path / "home")
    first = send(home, "ratings", [rating(3, grade=1)])
    send(home, "ratings", RATED[:2])
    decided = send(home, "voids", [void("R3")])
    withdraw(home, first.no, "wrong times")
    send(home, "ratings", [rating(3, grade=1, rated_at="2019-07-30 10:00:00")])
    assert got(home, "bad_rate") == (1, 2)
    july = parse_period("2019-07")
    voided = value(home, "voided_ratings", july, "city", ALL, date(2019, 9, 30))
    assert voided["n"].to_list() == [1]
    withdraw(home, decided.no, "not decided")
    bad = value(home, "bad_rate", july, "city", ALL, date(2019, 9, 30))
    assert bad.select("n", "d").rows() == [(1, 1)]


@pytest.mark.parametrize("field", ["void_reason", "grounds", "decided_by", "decided_on"])
def test_a_decision_without_reason_grounds_or_decider_is_none(field: str, tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    send(home, "ratings", RATED)
    rows = [void("R2", 1), void("R3", 2, **{field: ""})]
    assert send(home, "voids", rows).quarantined == {"missing_key": 1}
    assert got(home, "voided_ratings") == (1, None)


def test_a_reason_that_is_no_reason_is_refused(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    send(home, "ratings", RATED)
    rows = [void("R2", 1), void("R3", 2, void_reason="unpleasant")]
    batch = send(home, "voids", rows)
    assert batch.quarantined == {"unknown_code": 1}
    assert "mistaken, malicious, test" in batch.examples["unknown_code"]


def test_a_decision_on_an_unknown_rating_waits_for_it(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    send(home, "ratings", RATED[:2])
    assert send(home, "voids", [void("R3")]).quarantined == {"unknown_rating": 1}
    assert waiting(snapshot(home))["detail"][0] == "rating R3 is not in the store (yet)"
    send(home, "ratings", RATED[2:])
    assert [one.counts["accepted"] for one in replay(home, reason="unknown_rating")] == [1]
    assert got(home, "bad_rate") == (1, 7)


def test_the_grounds_keep_no_personal_number(tmp_path: Path) -> None:
    """Neither in the store nor in quarantine."""
    home = town(tmp_path / "home")
    send(home, "ratings", RATED)
    number = "1380000" + "0000"  # in two, so that no file holds one
    told = f"the caller at {number} says so"
    send(home, "voids", [void("R3", 1, grounds=told), void("R99", 2, grounds=told)])
    con = connect(snapshot(home))
    stored = con.execute("SELECT grounds FROM voids").fetchall()
    con.close()
    assert stored == [("the caller at [phone number] says so",)]
    assert number not in str(waiting(snapshot(home)).rows())


def test_a_decision_never_changes(tmp_path: Path) -> None:
    """The same again is known, another content under its id a conflict."""
    home = town(tmp_path / "home")
    send(home, "ratings", RATED)
    send(home, "voids", [void("R3")])
    batch = send(home, "voids", [void("R3"), void("R2")])
    assert (batch.counts["known"], batch.quarantined) == (1, {"conflicting_id": 1})
