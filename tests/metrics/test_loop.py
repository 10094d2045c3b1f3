"""The rating loop in numbers: who is in a rate and when, what stands open, and the list of all."""

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.errors import HallscoreError
from data.wayback import withdraw
from metrics.loop import loop
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value
from tests.builders import Row, cube_of, rating, send, town
from tests.data.test_loop_progress import redress
from tests.data.test_voids import void

ALL = Scope("test", None)
RATES = (
    *("reply_rate", "rectification_rate", "on_time_rectification_rate"),
    *("callback_rate", "rerating_satisfaction"),
)
DONE = {
    "signed_at": "2019-08-03 09:00:00",
    "verified_at": "2019-08-03 10:00:00",
    "rectified_at": "2019-08-05 09:00:00",
    "replied_at": "2019-08-06 09:00:00",
    "called_back_at": "2019-08-08 09:00:00",
}
LATE = {"rectified_at": "2019-09-03 09:00:00", "replied_at": "2019-09-04 09:00:00"}


def bad(number: int, day: str = "2019-08-02", **changes: Any) -> Row:
    return rating(number, grade=1, rated_at=f"{day} 10:00:00", **changes)


def sent(folder: Path, ratings: Iterable[Row], redressed: Iterable[Row]) -> Path:
    """A home with bad ratings among good ones of two months."""
    home = town(folder / "home")
    good = [rating(900 + n) for n in range(9)]
    send(home, "ratings", [*good, rating(990, rated_at="2019-10-31 10:00:00"), *ratings])
    rest = [
        redress(f"R{901 + place}", verdict="unfounded", opened_at=f"{day} 09:00:00")
        for place, day in enumerate(("2019-08-01", "2019-10-31"))
    ]
    send(home, "rectifications", [*redressed, *rest])
    return home


UNJUST = {"R901", "R902"}  # the two that are never upheld


def got(home: Path, metric: str, period: str, as_of: date | None = None) -> tuple[Any, Any, str]:
    frame = value(home, metric, parse_period(period), "city", ALL, as_of)
    row = frame.row(0, named=True)
    return row["n"], row["d"], row["state"]


def test_what_is_open_and_not_due_lowers_no_rate(tmp_path: Path) -> None:
    """Due on 17 August by the fifteen days of the general rule."""
    home = sent(tmp_path, [bad(1), bad(2)], [redress("R1", **DONE)])
    assert got(home, "reply_rate", "2019-08", date(2019, 8, 5)) == (0, 0, "none")
    assert got(home, "reply_rate", "2019-08", date(2019, 8, 6)) == (1, 1, "few")
    assert got(home, "reply_rate", "2019-08", date(2019, 8, 16)) == (1, 1, "few")
    assert got(home, "reply_rate", "2019-08", date(2019, 8, 17)) == (1, 2, "few")
    assert [got(home, "open_bad", "2019", date(2019, 8, day))[0] for day in (1, 2, 5, 6)] == [
        *(0, 2, 2, 1)
    ]
    overdue = [got(home, "bad_overdue", "2019", date(2019, 8, day))[0] for day in (17, 18, 31)]
    assert overdue == [0, 1, 1]


def test_zero_bad_ratings_are_neither_nothing_nor_all(tmp_path: Path) -> None:
    home = sent(tmp_path, [], [])
    for metric in RATES:
        assert got(home, metric, "2019-10", date(2019, 10, 31)) == (0, 0, "none")


def test_what_was_done_late_is_known_from_its_day_on(tmp_path: Path) -> None:
    """The rate of August as of its end, and as of a day in September; never on time."""
    home = sent(tmp_path, [bad(1)], [redress("R1", **LATE)])
    for day, replied in ((date(2019, 8, 31), 0), (date(2019, 9, 3), 0), (date(2019, 9, 4), 1)):
        assert got(home, "reply_rate", "2019-08", day)[:2] == (replied, 1)
        assert got(home, "bad_overdue", "2019", day)[0] == 1 - replied
    assert got(home, "rectification_rate", "2019-08", date(2019, 9, 3))[:2] == (1, 1)
    assert got(home, "on_time_rectification_rate", "2019-08", date(2019, 9, 30))[:2] == (0, 1)
    assert got(home, "reply_rate", "2019-09", date(2019, 9, 30)) == (0, 0, "none")


def test_a_loop_is_dated_by_its_due_day_or_its_earlier_closing(tmp_path: Path) -> None:
    """Opened in August, due on 14 September."""
    day = "2019-08-30"
    early = {"opened_at": f"{day} 11:00:00"}
    early |= {"rectified_at": f"{day} 12:00:00", "replied_at": f"{day} 13:00:00"}
    home = sent(tmp_path, [bad(1, day), bad(2, day)], [redress("R1", **early)])
    as_of = date(2019, 9, 30)
    assert got(home, "reply_rate", "2019-08", as_of)[:2] == (1, 1)
    assert got(home, "reply_rate", "2019-09", as_of)[:2] == (0, 1)
    assert got(home, "reply_rate", "2019", as_of)[:2] == (1, 2)


@pytest.mark.parametrize("verdict", ["unfounded", "mistaken", "malicious"])
def test_what_is_not_upheld_is_in_no_number(verdict: str, tmp_path: Path) -> None:
    rows = [redress("R1", verified_at="2019-08-05 09:00:00", verdict=verdict), redress("R2")]
    home = sent(tmp_path, [bad(1), bad(2)], rows)
    as_of = date(2019, 9, 30)
    assert got(home, "reply_rate", "2019-08", as_of)[:2] == (0, 1)
    assert got(home, "open_bad", "2019", as_of)[0] == 1


def test_a_void_takes_the_loop_with_it_and_brings_it_back(tmp_path: Path) -> None:
    """With the cube brought up in between."""
    home = sent(tmp_path, [bad(1), bad(2)], [redress("R1", **DONE)])
    before, as_of = cube_of(home), date(2019, 9, 30)
    batch = send(home, "voids", [void("R2")])
    assert got(home, "reply_rate", "2019-08", as_of)[:2] == (1, 1)
    assert got(home, "bad_overdue", "2019", as_of)[0] == 0
    withdraw(home, batch.no, "not decided")
    assert cube_of(home) == before
    assert got(home, "bad_overdue", "2019", as_of)[0] == 1


AGAIN = [
    ([], {}, (0, 0)),
    ([("2019-08-10", 4)], {}, (1, 1)),  # a follow-up stands for a second grade
    ([("2019-08-10", 2)], {}, (0, 1)),
    ([("2019-08-10", 2), ("2019-08-12", 5)], {}, (0, 1)),  # once, and the first time
    ([], {"rerated_at": "2019-08-10 09:00:00", "rerated_grade": "3"}, (1, 1)),
    ([("2019-08-10", 5)], {"rerated_at": "2019-08-11 09:00:00", "rerated_grade": "1"}, (0, 1)),
]


@pytest.mark.parametrize(("again", "cells", "expected"), AGAIN)
def test_content_is_who_says_so_in_a_second_rating(
    again: list[tuple[str, int]], cells: Row, expected: tuple[int, int], tmp_path: Path
) -> None:
    """A call-back that found content, or a closing, is no second rating."""
    rated = [
        rating(50 + place, case_id="K1", grade=grade, rated_at=f"{day} 10:00:00")
        for place, (day, grade) in enumerate(again)
    ]
    closed = DONE | {"callback_satisfied": "1", "state": "closed"}
    home = sent(tmp_path, [bad(1), *rated], [redress("R1", **closed, **cells)])
    assert got(home, "rerating_satisfaction", "2019-08", date(2019, 9, 30))[:2] == expected


def test_a_follow_up_counts_without_a_row_of_redress_too(tmp_path: Path) -> None:
    """Known from its own day on."""
    again = rating(50, case_id="K1", grade=5, rated_at="2019-08-25 10:00:00")
    home = sent(tmp_path, [bad(1), again], [])
    satisfied = [
        got(home, "rerating_satisfaction", "2019-08", date(2019, 8, day))[:2] for day in (24, 25)
    ]
    assert satisfied == [(0, 0), (1, 1)]


def test_a_follow_up_of_a_later_file_finds_its_bad_rating(tmp_path: Path) -> None:
    """And the other way round: in each order, with the cube brought up in between."""
    homes = []
    again = rating(50, case_id="K1", grade=5, rated_at="2019-08-10 10:00:00")
    for name, files in (("a", ([bad(1)], [again])), ("b", ([again], [bad(1)]))):
        home = sent(tmp_path / name, files[0], [])
        cube_of(home)
        send(home, "ratings", files[1])
        homes.append(home)
    assert cube_of(homes[0])[1] == cube_of(homes[1])[1]
    as_of = date(2019, 9, 30)
    assert got(homes[0], "rerating_satisfaction", "2019-08", as_of)[:2] == (1, 1)


def test_of_two_redresses_of_one_rating_the_later_counts(tmp_path: Path) -> None:
    rows = [
        redress("R1", rectification_id="A", **DONE),
        redress("R1", rectification_id="B", **{"opened_at": "2019-08-20 09:00:00"}),
    ]
    home = sent(tmp_path, [bad(1)], rows)
    assert got(home, "open_bad", "2019", date(2019, 9, 30))[0] == 1
    assert got(home, "reply_rate", "2019", date(2019, 9, 30))[:2] == (0, 1)


def test_other_deadlines_of_the_home_restate_its_numbers(tmp_path: Path) -> None:
    home = sent(tmp_path, [bad(1)], [redress("R1", **LATE)])
    assert got(home, "bad_overdue", "2019", date(2019, 8, 10))[0] == 0
    (home / "loop.toml").write_text('preset = "linwu"\n', "utf-8")
    assert got(home, "bad_overdue", "2019", date(2019, 8, 10))[0] == 1


def test_a_home_without_redress_reports_none(tmp_path: Path) -> None:
    """Its bad ratings are listed all the same, as those that nobody signed for."""
    home = town(tmp_path / "home")
    send(home, "ratings", [*(rating(900 + n) for n in range(9)), bad(1)])
    assert got(home, "reply_rate", "2019-08", date(2019, 9, 30))[2] == "missing"
    told = loop(home, ALL, date(2019, 8, 31))
    assert told.select("rating_id", "state", "overdue").rows() == [("R1", "unsigned", True)]


def listed(home: Path, **asked: Any) -> dict[str, Row]:
    told = loop(home, ALL, **asked).to_dicts()
    return {row["rating_id"]: row for row in told if row["rating_id"] not in UNJUST}


def test_the_list_says_what_is_next_and_how_late_it_is(tmp_path: Path) -> None:
    """Four days after: the contact of the next day is three days over, the second step."""
    signed = redress("R2", signed_at="2019-08-03 09:00:00", owner="D1")
    verified = {"signed_at": "2019-08-02 12:00:00", "verified_at": "2019-08-03 09:00:00"}
    rows = [redress("R1", **DONE), signed, redress("R3", **verified)]
    home = sent(tmp_path, [bad(number) for number in range(1, 6)], rows)
    send(home, "voids", [void("R5")])
    told = listed(home, as_of=date(2019, 8, 6))
    assert {one: row["state"] for one, row in told.items()} == {
        **{"R1": "closed", "R2": "signed", "R3": "verified", "R4": "unsigned"}
    }
    two, three, one = told["R2"], told["R3"], told["R1"]
    assert (two["next_stage"], two["next_due_on"]) == ("verified", date(2019, 8, 3))
    assert (two["days_left"], two["step"], two["owner"]) == (-3, 2, "D1")
    assert (three["next_stage"], three["days_left"], three["step"]) == ("rectified", 11, None)
    assert (one["next_stage"], one["closed_on"]) == (None, date(2019, 8, 6))
    assert (two["counter"], two["hall"], two["overdue"]) == ("公安窗口", "市民中心", False)


def test_the_list_is_as_of_a_day(tmp_path: Path) -> None:
    """What happened later is not known, what was opened later is not there."""
    home = sent(tmp_path, [bad(1), bad(2, "2019-08-09")], [redress("R1", **DONE)])
    states = {
        day: {one: row["state"] for one, row in listed(home, as_of=date(2019, 8, day)).items()}
        for day in (1, 2, 3, 5, 9)
    }
    assert states == {
        1: {},
        2: {"R1": "open"},
        3: {"R1": "verified"},
        5: {"R1": "rectified"},
        9: {"R1": "closed", "R2": "unsigned"},
    }


def test_the_list_may_be_cut_by_state_and_period(tmp_path: Path) -> None:
    """Overdue ones are as many as the stock says."""
    home = sent(tmp_path, [bad(1), bad(2), bad(3, "2019-09-20"), bad(4)], [redress("R1", **DONE)])
    send(home, "voids", [void("R4")])
    as_of = date(2019, 9, 30)
    assert set(listed(home, as_of=as_of, state="overdue")) == {"R2"}
    assert got(home, "bad_overdue", "2019", as_of)[0] == 1
    assert set(listed(home, as_of=as_of, state="closed")) == {"R1"}
    assert set(listed(home, as_of=as_of, state="voided")) == {"R4"}
    assert set(listed(home, as_of=as_of, period=parse_period("2019-09"))) == {"R3"}
    with pytest.raises(HallscoreError, match="Did you mean 'overdue'"):
        loop(home, ALL, as_of, state="overdu")


def test_nobody_sees_the_bad_ratings_of_another_hall(tmp_path: Path) -> None:
    home = sent(tmp_path, [bad(1), bad(2, counter_id="C2")], [])
    county = Scope("county", frozenset(["H2"]))
    assert loop(home, county, date(2019, 8, 31))["rating_id"].to_list() == ["R2"]


def test_the_command_prints_the_list_as_json(tmp_path: Path) -> None:
    home = sent(tmp_path, [bad(1), bad(2)], [redress("R1", **DONE)])
    asked = ["--home", str(home), "loop", "list", "--as-of", "2019-08-31", "--state", "overdue"]
    run = [sys.executable, "-m", "hallscore", *asked, "--json"]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert [row["rating_id"] for row in json.loads(done.stdout)] == ["R2"]


def test_the_worked_example_of_the_rating_numbers_holds(tmp_path: Path) -> None:
    """WE-1: 1,000 services, 700 active ratings, 120 default ones, 180 without any.

    Five more that were voided change nothing: their services are unrated.
    """
    home = town(tmp_path / "home")
    day = "2019-08-05"
    times = {"taken_at": f"{day} 09:00:00", "called_at": f"{day} 09:05:00"}
    tickets = [
        {"ticket_id": f"T{n}", "counter_id": "C1", "status": "served", **times} for n in range(1000)
    ]
    grades = [5] * 500 + [4] * 150 + [3] * 40 + [2] * 7 + [1] * 3
    told = [(grade, "active") for grade in grades] + [(3, "default")] * 120
    told += [(1, "active")] * 3 + [(5, "active")] * 2
    rows = [
        rating(n, case_id=f"T{n}", rated_at=f"{day} 10:00:00", grade=grade, origin=origin)
        for n, (grade, origin) in enumerate(told)
    ]
    send(home, "tickets", tickets)
    send(home, "ratings", rows)
    send(home, "voids", [void(f"R{820 + n}", n) for n in range(5)])
    expected = {
        "response_rate": (700, 1000, 0.70),
        "response_rate_incl_default": (820, 1000, 0.82),
        "unrated_rate": (300, 1000, 0.30),
        "unrated_rate_excl_default": (180, 1000, 0.18),
        "active_good_rate": (690, 700, 0.9857),
        "good_rate": (810, 820, 0.9878),
        "bad_rate": (10, 700, 0.0143),
        "bad_rate_incl_default": (10, 820, 0.0122),
        "active_satisfaction": (64_610, 700, 92.30),
        "satisfaction_incl_default": (71_810, 820, 87.57),
    }
    for metric, (n, d, number) in expected.items():
        frame = value(home, metric, parse_period("2019-08"), "city", ALL, date(2019, 9, 30))
        row = frame.row(0, named=True)
        assert (row["n"], row["d"]) == (n, d), metric
        assert round(row["value"], 2 if number > 1 else 4) == number, metric
    assert got(home, "voided_ratings", "2019-08", date(2019, 9, 30))[0] == 5
