"""The redress of a bad rating progresses as cases do: it fills, moves on, or says it is later."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from data.loop import loop_of
from data.quarantine import replay, waiting
from data.store import snapshot
from metrics.rollup import refresh
from tests.builders import Row, rating, send, sums, town

RATED = [rating(1, grade=2), rating(2, grade=1, counter_id="C2"), *(rating(n) for n in range(3, 9))]
STOP = "2019-08-04T09:00:00/"


def redress(rating_id: str = "R1", **changes: Any) -> Row:
    base = dict.fromkeys(
        (
            *("rectification_id", "counter_id", "signed_at", "verified_at", "verdict"),
            *("rectified_at", "replied_at", "clock_stops", "preset", "state", "updated_at"),
            *("rerated_at", "rerated_grade", "called_back_at", "owner"),
        ),
        "",
    )
    return base | {"rating_id": rating_id, "opened_at": "2019-08-02 11:00:00"} | changes


def rated_town(folder: Path) -> Path:
    home = town(folder)
    send(home, "ratings", RATED)
    return home


STEPS = [
    redress(),
    redress(signed_at="2019-08-03 09:00:00", clock_stops=STOP, owner="D1"),
    redress(
        signed_at="2019-08-03 09:00:00",
        verified_at="2019-08-05 09:00:00",
        verdict="upheld",
        clock_stops=STOP + "2019-08-06T09:00:00",
        rectified_at="2019-08-09 09:00:00",
        replied_at="2019-08-10 09:00:00",
    ),
]


# As they happened and backwards; the other orders are looked at with the slow tests.
ORDERS = [
    order if order in ((0, 1, 2), (2, 1, 0)) else pytest.param(order, marks=pytest.mark.slow)
    for order in itertools.permutations(range(3))
]


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_of_files_decides_nothing(order: tuple[int, ...], tmp_path: Path) -> None:
    """With the cube brought up in between."""
    one, two = rated_town(tmp_path / "a" / "home"), rated_town(tmp_path / "b" / "home")
    for row in STEPS:
        send(one, "rectifications", [row])
    for place in order:
        batch = send(two, "rectifications", [STEPS[place]])
        assert batch.quarantined == {}
        refresh(two)
    assert sums(refresh(one)) == sums(refresh(two))
    told = loop_of(snapshot(one)).filter(rating_id="R1")
    assert told.drop("id").rows() == loop_of(snapshot(two)).filter(rating_id="R1").drop("id").rows()
    assert told.select("state", "owner", "verdict").rows() == [("closed", "D1", "upheld")]


def test_a_filled_field_changes_only_with_a_later_stamp(tmp_path: Path) -> None:
    home = rated_town(tmp_path / "home")
    send(home, "rectifications", [redress(verdict="upheld", updated_at="2019-08-04 00:00:00")])
    plain = send(home, "rectifications", [redress(verdict="unfounded")])
    assert plain.quarantined == {"conflicting_id": 1}
    assert "verdict unfounded was upheld" in waiting(snapshot(home))["detail"][0]
    later = redress(verdict="unfounded", updated_at="2019-08-05 00:00:00")
    assert send(home, "rectifications", [later]).counts["accepted"] == 1
    assert loop_of(snapshot(home)).filter(rating_id="R1")["verdict"].to_list() == ["unfounded"]


def test_the_counter_and_the_id_are_those_of_the_rating(tmp_path: Path) -> None:
    """Unless the row names its own."""
    home = rated_town(tmp_path / "home")
    rows = [redress("R2"), redress("R1", rectification_id="Z9", counter_id="C2")]
    assert send(home, "rectifications", rows).counts["accepted"] == 2
    told = loop_of(snapshot(home)).sort("rating_id")
    assert told.select("id", "counter").rows() == [("Z9", 2), ("R2", 2)]


def test_redress_of_an_unknown_rating_waits_unless_it_names_its_counter(tmp_path: Path) -> None:
    home = rated_town(tmp_path / "home")
    rows = [redress("R98"), redress("R99", counter_id="C1")]
    batch = send(home, "rectifications", rows)
    assert (batch.counts["accepted"], batch.quarantined) == (1, {"unknown_rating": 1})
    send(home, "ratings", [rating(98, grade=1)])
    assert [one.counts["accepted"] for one in replay(home, reason="unknown_rating")] == [1]


BROKEN = [
    ("signed_before_opened", {"signed_at": "2019-08-02 10:59:59"}),
    (
        "verified_before_signed",
        {"signed_at": "2019-08-04 09:00:00", "verified_at": "2019-08-03 09:00:00"},
    ),
    (
        "rectified_before_verified",
        {"verified_at": "2019-08-04 09:00:00", "rectified_at": "2019-08-03 09:00:00"},
    ),
    (
        "replied_before_rectified",
        {"rectified_at": "2019-08-04 09:00:00", "replied_at": "2019-08-03 09:00:00"},
    ),
    ("called_back_before_opened", {"called_back_at": "2019-08-01 09:00:00"}),
    (
        "rerated_before_opened",
        {"rerated_at": "2019-08-01 09:00:00", "rerated_grade": "5"},
    ),
    ("rerated_without_a_time", {"rerated_grade": "5"}),
    ("ended_without_a_time", {"state": "closed"}),
    ("unknown_preset", {"preset": "dezhuo"}),
    ("unknown_code", {"verdict": "maybe"}),
    ("bad_clock_stop", {"clock_stops": "yesterday"}),
    ("bad_value", {"rerated_grade": "6", "rerated_at": "2019-08-04 09:00:00"}),
]


@pytest.mark.parametrize(("reason", "cells"), BROKEN, ids=[reason for reason, _ in BROKEN])
def test_times_out_of_order_are_refused(reason: str, cells: Row, tmp_path: Path) -> None:
    home = rated_town(tmp_path / "home")
    good = redress(
        "R2",
        verdict="upheld",
        clock_stops=STOP,
        rerated_grade="4",
        rerated_at="2019-08-09 09:00:00",
        called_back_at="2019-08-09 09:00:00",
        signed_at="2019-08-03 09:00:00",
        verified_at="2019-08-03 10:00:00",
        rectified_at="2019-08-03 10:00:00",
        replied_at="2019-08-03 11:00:00",
    )
    batch = send(home, "rectifications", [good, redress("R1", **cells)])
    assert (batch.counts["accepted"], batch.quarantined) == (1, {reason: 1})
