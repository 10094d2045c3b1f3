"""The daily board: every count with what it is out of, and what is not known is not zero."""

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from town import Town

from data.errors import HallscoreError
from metrics.daily import DailyBoard, daily_board
from metrics.scope import Scope

CITY = Scope("local", None)
TUESDAY = date(2019, 8, 27)


def at(day: int, hour: int = 10) -> datetime:
    return datetime(2019, 8, day, hour)


def counts(board: DailyBoard) -> dict[str, tuple[int | None, int | None, str]]:
    return {kind: (n, d, state) for kind, n, d, state in board.counts.iter_rows()}


@pytest.fixture
def inspected(town: Town) -> Town:
    """Two rounds on Tuesday; two findings, one closed that day, and one of Monday."""
    rounds = [
        {"inspection_id": "i1", "hall_id": "C", "started_at": at(27), "counters": "all"},
        {"inspection_id": "i2", "hall_id": "C", "started_at": at(27, 15), "counters": "c-tax"},
        {"inspection_id": "i3", "hall_id": "C1", "started_at": at(26), "counters": "n-tax"},
    ]
    town.deliver("inspections", rounds)
    found = {"rule_code": "R02", "points": 0.5}
    town.deliver(
        "findings",
        [
            {"finding_id": "f1", "counter_id": "c-tax", "found_at": at(27), **found}
            | {"closed_at": at(27, 16)},
            {"finding_id": "f2", "counter_id": "c-all", "found_at": at(27), **found}
            | {"closed_at": at(29)},
            {"finding_id": "f3", "counter_id": "n-tax", "found_at": at(26), **found},
        ],
    )
    return town


def test_rounds_and_findings_stand_on_the_counters_that_were_due(inspected: Town) -> None:
    board = daily_board(inspected.home, TUESDAY, CITY)
    told = counts(board)
    assert told["halls_covered"] == (1, 5, "number")
    assert told["counters_covered"] == (2, 6, "number")
    assert told["findings"] == (2, 2, "number")
    assert told["findings_closed"] == (1, 2, "number")
    hall = board.halls.row(by_predicate=pl.col("id") == "C", named=True)
    assert (hall["rounds"], hall["covered"], hall["due"], hall["findings"]) == (2, 2, 2, 2)
    assert board.findings.select("row", "hall_id", "code", "points_u").rows() == [
        ("f2", "C", "R02", 5000),
        ("f1", "C", "R02", 5000),
    ]


def test_a_later_closing_is_known_later(inspected: Town) -> None:
    board = daily_board(inspected.home, TUESDAY, CITY, as_of=date(2019, 8, 29))
    assert counts(board)["findings_closed"] == (2, 2, "number")


def test_without_an_inspection_log_nothing_is_covered_and_nothing_found_clean(town: Town) -> None:
    town.deliver("tickets", town.queue("c-tax", [60], TUESDAY))
    board = daily_board(town.home, TUESDAY, CITY)
    for kind in ("halls_covered", "counters_covered", "findings", "bad_ratings", "open_overdue"):
        assert counts(board)[kind] == (None, None, "missing")
    assert board.halls["rounds"].null_count() == board.halls.height


def test_bad_ratings_count_on_the_day_they_are_made(town: Town) -> None:
    """Out of the active ratings made that day, whenever the service was; defaults are none."""
    made = town.rate("c-tax", {1: 1, 2: 1, 5: 3}, TUESDAY)
    made += town.rate("n-tax", {1: 1, 4: 1}, date(2019, 8, 25), lag_days=2)
    made += town.rate("n-tax", {1: 1, 5: 3}, date(2019, 8, 26))
    made += town.rate("s-tax", {5: 7}, TUESDAY, origin="default")
    town.deliver("ratings", made)
    board = daily_board(town.home, TUESDAY, CITY)
    assert counts(board)["bad_ratings"] == (3, 7, "number")
    assert counts(board)["bad_waiting"] == (None, None, "missing")
    assert board.bad.group_by("counter_id", "code").len().sort("counter_id", "code").rows() == [
        ("c-tax", "1", 1),
        ("c-tax", "2", 1),
        ("n-tax", "1", 1),
    ]


def case(name: str, due: int, closed: int | None = None) -> dict[str, object]:
    return {
        "case_id": name,
        "counter_id": "c-tax",
        "received_at": at(1),
        "due_at": at(due, 17),
        "closed_at": "" if closed is None else at(closed, 18),
    }


def test_cases_became_overdue_today_or_are_open_overdue(town: Town) -> None:
    town.deliver(
        "cases",
        [
            case("today", 27),
            case("today-closed", 27, 27),
            case("older", 23),
            case("closed-before", 22, 26),
            case("tomorrow", 28),
        ],
    )
    board = daily_board(town.home, TUESDAY, CITY, as_of=TUESDAY)
    assert counts(board)["became_overdue"] == (2, 4, "number")
    assert counts(board)["open_overdue"] == (2, 3, "number")
    # From Friday the 23rd to Tuesday the 27th: three working days over.
    assert board.overdue.select("row", "workdays", "new", "open").rows() == [
        ("older", 3, False, True),
        ("today", 1, True, True),
        ("today-closed", 1, True, False),
    ]


def test_who_sees_a_county_has_its_counts(inspected: Town) -> None:
    board = daily_board(inspected.home, date(2019, 8, 26), Scope("north", frozenset(["C1"])))
    assert counts(board)["counters_covered"] == (1, 3, "number")
    assert board.findings["row"].to_list() == ["f3"]
    assert set(board.halls["id"]) == {"C1", "C1T1", "C1T1V1"}


SOURCES = """
[sources.queue]
log = "tickets"
profile = "canonical"
owner = "排队系统厂商"
[sources.queue.schedule]
every = "month"
due = "5 working days"
first = 2019-07-01
"""


def test_a_source_that_is_due_and_has_not_come_is_late(town: Town, tmp_path: Path) -> None:
    """The tickets of July were due on 7 August; the day after they are late, not before."""
    (town.home / "sources.toml").write_text(SOURCES, "utf-8")
    town.deliver("ratings", town.rate("c-tax", {5: 1}, TUESDAY))
    late = daily_board(town.home, date(2019, 8, 12), CITY)
    assert late.late.select("source", "owner", "state").rows() == [
        ("queue", "排队系统厂商", "missing")
    ]
    assert counts(late)["late_sources"] == (1, 1, "number")
    before = daily_board(town.home, date(2019, 8, 2), CITY)
    assert before.late.is_empty()


def test_a_day_after_the_data_is_refused(inspected: Town) -> None:
    with pytest.raises(HallscoreError, match="begins on 2019-09-09"):
        daily_board(inspected.home, date(2019, 9, 9), CITY)
