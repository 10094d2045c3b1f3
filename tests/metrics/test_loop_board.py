"""The board of the rating loop: lanes, ages in working days, what is late, and for whom."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.workdays import load_calendar
from metrics.daily import daily_board
from metrics.loop import loop
from metrics.loop_board import LANES, OPEN, loop_board
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value
from tests.builders import Row, rating, send, town
from tests.data.test_loop_progress import redress

ALL, AUGUST = Scope("test", None), parse_period("2019-08")
# Friday; the days after it are the weekend of 17 and 18 August.
FRIDAY = date(2019, 8, 16)
# A file of bad ratings alone would be taken for one whose grades are turned round.
GOOD = [rating(900 + number) for number in range(20)]
SIGNED = {"signed_at": "2019-08-03 09:00:00"}
VERIFIED = SIGNED | {"verified_at": "2019-08-03 10:00:00"}
RECTIFIED = VERIFIED | {"rectified_at": "2019-08-06 09:00:00"}
REPLIED = VERIFIED | {"replied_at": "2019-08-06 09:00:00"}
CLOSED = RECTIFIED | {"replied_at": "2019-08-07 09:00:00"}
AGAIN = CLOSED | {"rerated_at": "2019-08-09 09:00:00", "rerated_grade": "4"}
UNFOUNDED = VERIFIED | {"verdict": "unfounded"}
WANTED = {
    "R1": "contact",  # no redress at all
    "R2": "contact",
    "R3": "verify",
    "R4": "redress",
    "R5": "reply",
    "R6": "redress",
    "R7": "rerate",
    "R8": "done",
    "R9": "rejected",
}
DONE: dict[str, dict[str, Any]] = {
    "R2": {},
    "R3": SIGNED,
    "R4": VERIFIED,
    "R5": RECTIFIED,
    "R6": REPLIED,
    "R7": CLOSED,
    "R8": AGAIN,
    "R9": UNFOUNDED,
}


def bad(number: int, day: str = "2019-08-02", **changes: Any) -> Row:
    return rating(number, grade=1, rated_at=f"{day} 10:00:00", **changes)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine bad ratings of one Friday, one in each place; a later month follows."""
    home = town(tmp_path_factory.mktemp("board") / "home")
    late = rating(990, rated_at="2019-10-31 10:00:00")
    send(home, "ratings", [*GOOD, *(bad(number) for number in range(1, 10)), late])
    last = redress("R990", verdict="unfounded", opened_at="2019-10-31 11:00:00")
    send(home, "rectifications", [*(redress(key, **done) for key, done in DONE.items()), last])
    return home


def test_every_bad_rating_stands_in_the_lane_that_its_times_tell(home: Path) -> None:
    found = loop_board(home, "all", "all", AUGUST, ALL, FRIDAY)
    assert dict(found.rows.select("rating_id", "lane").iter_rows()) == WANTED
    counts = dict(found.lanes.select("lane", "n").iter_rows())
    assert counts == {lane: list(WANTED.values()).count(lane) for lane in LANES} | {"open": 6}
    assert counts["open"] == sum(counts[lane] for lane in OPEN)


def test_the_board_of_a_day_has_the_clock_of_each_rating_that_waits(home: Path) -> None:
    """Due days are those of the loop, what is left counts working days; the nearest is first."""
    tuesday = date(2019, 8, 20)
    waiting = daily_board(home, tuesday, ALL).waiting
    due = dict(loop(home, ALL, tuesday).select("rating_id", "due_on").iter_rows())
    assert set(waiting["row"]) == {"R1", "R2", "R3", "R4", "R5", "R6"}
    calendar = load_calendar(home)
    for row in waiting.iter_rows(named=True):
        assert row["due_on"] == due[row["row"]]
        assert row["left"] == -calendar.workdays_between(row["due_on"], tuesday) < 0
    on_the_day = daily_board(home, FRIDAY, ALL).waiting
    assert set(on_the_day["left"]) == {0}


@pytest.mark.parametrize(
    ("day", "age", "column"),
    [
        (2, 0, "age_0_1"),
        (4, 0, "age_0_1"),  # the weekend makes nobody older
        (5, 1, "age_0_1"),
        (6, 2, "age_2_3"),
        (7, 3, "age_2_3"),
        (8, 4, "age_4_5"),
        (9, 5, "age_4_5"),
        (11, 5, "age_4_5"),
        (12, 6, "age_over_5"),
        (31, 20, "age_over_5"),
    ],
)
def test_age_is_in_working_days_after_the_day_of_the_rating(
    home: Path, day: int, age: int, column: str
) -> None:
    """Opened on Friday 2 August 2019."""
    found = loop_board(home, "all", "all", AUGUST, ALL, date(2019, 8, day))
    mine = found.rows.filter(pl.col("rating_id") == "R1")
    assert mine["age"].to_list() == [age]
    contact = found.lanes.filter(pl.col("lane") == "contact").row(0, named=True)
    ages = [name for name in contact if name.startswith("age_") and contact[name]]
    assert ages == [column]


def test_what_is_overdue_is_that_of_the_metric_and_comes_first(home: Path) -> None:
    """Due on 17 August by the fifteen days of the general rule; contact after one day."""
    for day in (date(2019, 8, 3), FRIDAY, date(2019, 8, 17), date(2019, 8, 18), date(2019, 8, 31)):
        found = loop_board(home, "all", "all", AUGUST, ALL, day)
        whole = found.lanes.row(0, named=True)
        for name, metric in (("overdue", "bad_overdue"), ("n", "open_bad")):
            stock = value(home, metric, AUGUST, "all", ALL, day).item(0, "n")
            assert whole[name] == stock
        assert found.rows["overdue"].to_list() == sorted(found.rows["overdue"], reverse=True)
    found = loop_board(home, "all", "all", AUGUST, ALL, date(2019, 8, 18))
    assert whole["overdue"] == 6
    row = found.rows.filter(pl.col("rating_id") == "R4").row(0, named=True)
    # Due on Saturday, looked at on Sunday: no working day between, and late all the same.
    assert (row["next_stage"], row["workdays_left"], row["late"]) == ("rectified", 0, True)


def test_a_step_is_late_before_the_whole_is(home: Path) -> None:
    """To be contacted by Saturday 3 August; the redress has time until the 17th."""
    found = loop_board(home, "all", "all", AUGUST, ALL, date(2019, 8, 6))
    row = found.rows.filter(pl.col("rating_id") == "R2").row(0, named=True)
    assert (row["next_stage"], row["next_due_on"]) == ("verified", date(2019, 8, 3))
    assert (row["workdays_left"], row["late"], row["overdue"]) == (-2, True, False)


def test_what_was_closed_in_an_earlier_month_is_gone_and_what_is_open_stays(home: Path) -> None:
    found = loop_board(home, "all", "all", parse_period("2019-09"), ALL, date(2019, 9, 30))
    counts = dict(found.lanes.select("lane", "n").iter_rows())
    assert [counts[lane] for lane in ("open", "rerate", "done", "rejected")] == [6, 0, 0, 0]


def test_a_unit_and_a_scope_hold_their_own(tmp_path: Path) -> None:
    """C1 stands in the city hall H1, C2 in the county hall H2."""
    home = town(tmp_path / "home")
    send(home, "ratings", [*GOOD, bad(1), bad(2, counter_id="C2"), bad(3, counter_id="C2")])
    send(home, "rectifications", [redress("R1"), redress("R2"), redress("R3")])
    for by, unit, rows in (
        *(("all", "all", {"R1", "R2", "R3"}), ("county", "H2", {"R2", "R3"})),
        *(("hall", "H1", {"R1"}), ("hall", "H2", {"R2", "R3"})),
    ):
        found = loop_board(home, by, unit, AUGUST, ALL, FRIDAY)
        assert set(found.rows["rating_id"]) == rows
    county = Scope("county", frozenset(["H2"]))
    found = loop_board(home, "all", "H2", AUGUST, county, FRIDAY)
    assert set(found.rows["rating_id"]) == {"R2", "R3"}


def test_without_redress_reported_there_is_no_number(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    send(home, "ratings", [*GOOD, bad(1)])
    found = loop_board(home, "all", "all", AUGUST, ALL, FRIDAY)
    assert not found.known
    assert found.rows.is_empty()
    assert found.lanes.drop("lane").null_count().sum_horizontal().item() == 8 * 7
