"""Exemptions: exactly the rows of the stretch are lifted, and come back when it is withdrawn."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.store import snapshot
from data.views import connect
from data.wayback import withdraw
from metrics.rollup import refresh
from tests.builders import Row, case, cube_of, rating, send, sums, ticket, town

HALLS = [
    {"hall_id": "H3", "name": "栗雨街道", "level": "township", "parent_id": "H2"},
    {"hall_id": "H4", "name": "石峰区政务服务中心", "level": "county", "parent_id": "H1"},
]
COUNTERS = [
    {"counter_id": "C3", "name": "街道窗口", "hall_id": "H3", "department_id": "D1"},
    {"counter_id": "C4", "name": "石峰窗口", "hall_id": "H4", "department_id": "D1"},
]


def exemption(number: int, **changes: Any) -> Row:
    """Half a day without power in hall H2."""
    base = {
        "exemption_id": f"E{number}",
        "hall_id": "H2",
        "counter_id": "",
        "includes_below": "",
        "system": "",
        "starts_at": "2019-08-14 09:00:00",
        "ends_at": "2019-08-14 12:00:00",
        "cause": "power_cut",
        "grounds": "",
        "decided_by": "李科长",
        "decided_on": "2019-08-15",
    }
    return base | changes


def finding(number: int, **changes: Any) -> Row:
    base = {
        "finding_id": f"F{number}",
        "counter_id": "C2",
        "found_at": "2019-08-14 10:00:00",
        "rule_code": "R1",
        "points": 1,
    }
    return base | changes


@pytest.fixture
def home(tmp_path: Path) -> Path:
    found = town(tmp_path / "home")
    send(found, "halls", HALLS)
    send(found, "counters", COUNTERS)
    return found


def lifted(home: Path, log: str) -> list[str]:
    """Ids of the rows of a log that the view says are exempt."""
    con = connect(snapshot(home))
    found = con.execute(f"SELECT id FROM {log} WHERE exempt ORDER BY id").fetchall()
    con.close()
    return [one for (one,) in found]


ENDS = {
    "before": "2019-08-14 08:59:59",
    "first": "2019-08-14 09:00:00",
    "inside": "2019-08-14 11:59:59",
    "after": "2019-08-14 12:00:00",
}


@pytest.mark.parametrize("log", ["findings", "tickets", "ratings"])
def test_the_stretch_holds_its_first_moment_and_not_its_last(home: Path, log: str) -> None:
    rows = {
        "findings": [finding(0, finding_id=one, found_at=at) for one, at in ENDS.items()],
        "tickets": [
            ticket(0, ticket_id=one, taken_at=at, called_at="", finished_at="", status="waiting")
            for one, at in ENDS.items()
        ],
        "ratings": [
            rating(n, rating_id=one, counter_id="C2", rated_at=at)
            for n, (one, at) in enumerate(ENDS.items())
        ],
    }[log]
    send(home, log, rows)
    send(home, "exemptions", [exemption(1)])
    assert lifted(home, log) == ["first", "inside"]


def at_each_counter() -> list[Row]:
    return [finding(n, finding_id=f"C{n}", counter_id=f"C{n}") for n in range(1, 5)]


@pytest.mark.parametrize(
    ("changes", "counters"),
    [
        ({}, ["C2"]),
        ({"includes_below": "1"}, ["C2", "C3"]),
        ({"hall_id": "H1", "includes_below": "1"}, ["C1", "C2", "C3", "C4"]),
        ({"hall_id": "H1"}, ["C1"]),
        ({"hall_id": ""}, ["C1", "C2", "C3", "C4"]),
        ({"counter_id": "C4"}, ["C4"]),
        ({"hall_id": "", "counter_id": "C3"}, ["C3"]),
        ({"system": "inspection"}, ["C2"]),
        ({"system": "queue"}, []),
        ({"system": "attendance"}, []),
    ],
)
def test_whom_a_decision_means(home: Path, changes: Row, counters: list[str]) -> None:
    """A counter alone, a hall, what stands below it, or everybody; and only its system."""
    send(home, "findings", at_each_counter())
    send(home, "exemptions", [exemption(1, **changes)])
    assert lifted(home, "findings") == counters


def test_a_hall_is_meant_by_its_name(home: Path) -> None:
    send(home, "findings", at_each_counter())
    send(home, "exemptions", [exemption(1, hall_id="", hall_name="天元区政务服务中心")])
    assert lifted(home, "findings") == ["C2"]


def test_a_name_that_nobody_knows_waits_and_never_means_the_whole_city(home: Path) -> None:
    send(home, "findings", at_each_counter())
    batch = send(home, "exemptions", [exemption(1, hall_id="", hall_name="天元区大厅")])
    assert batch.quarantined == {"unmatched_name": 1}
    assert lifted(home, "findings") == []


def test_a_counter_that_moves_is_meant_while_it_stands_there(home: Path) -> None:
    """C3 goes from H3 to H4 on the second day of an exemption of H3."""
    moves = COUNTERS[0] | {"hall_id": "H4", "valid_from": "2019-08-15", "valid_to": ""}
    send(home, "counters", [moves])
    days = ["2019-08-14 10:00:00", "2019-08-15 10:00:00"]
    rows = [finding(n, counter_id="C3", found_at=at) for n, at in enumerate(days)]
    send(home, "findings", rows)
    send(home, "exemptions", [exemption(1, hall_id="H3", ends_at="2019-08-16 00:00:00")])
    assert lifted(home, "findings") == ["F0"]


def cell(home: Path, name: str, column: str) -> int:
    """The sum of a column of a cube."""
    state = refresh(home)
    return int(state.frame(name)[column].sum())


def everything(home: Path) -> None:
    """Rows inside and outside the stretch, in every log."""
    inside = {"taken_at": "2019-08-14 10:00:00", "called_at": "2019-08-14 10:40:00"}
    left = {"called_at": "", "finished_at": "", "status": "abandoned"}
    send(
        home,
        "tickets",
        [
            ticket(1, **inside, finished_at="2019-08-14 10:50:00"),
            ticket(2, taken_at="2019-08-14 11:00:00", **left),
            ticket(3, taken_at="2019-08-14 14:00:00", **left),
            ticket(4),
        ],
    )
    at = "2019-08-14 10:51:00"
    rows = [rating(1, counter_id="C2", rated_at=at, grade=1), rating(2, counter_id="C2")]
    send(home, "ratings", [*rows, rating(3, counter_id="C2", rated_at=at)])
    send(home, "findings", [finding(1), finding(2, found_at="2019-08-13 10:00:00")])
    closed = {"counter_id": "C2", "closed_at": "2019-08-14 11:00:00"}
    open_ = {"received_at": "2019-08-12 09:00:00", "counter_id": "C2", "due_at": ""}
    limit = {"promised_limit": 5, "promised_unit": "workday"}
    send(
        home,
        "cases",
        [case(1, promised_limit="", promised_unit="", **closed), case(2, **open_, **limit)],
    )


def test_half_a_day_without_power_lifts_exactly_its_rows(home: Path) -> None:
    """A ticket stays a visit; its wait, its leaving, ratings and findings are counted apart."""
    everything(home)
    send(home, "exemptions", [exemption(1)])
    wanted = {
        ("tickets", "tickets"): 4,
        ("tickets", "served"): 2,
        ("tickets", "abandoned"): 1,
        ("tickets", "waited"): 1,
        ("tickets", "wait_s"): 420,
        ("waits", "waits"): 1,
        ("exempt_tickets", "exempt_tickets"): 2,
        ("ratings", "active_ratings"): 1,
        ("ratings", "active_bad"): 0,
        ("exempt_ratings", "exempt_ratings"): 2,
        ("findings", "findings"): 1,
        ("findings", "points_c"): 100,
        ("exempt_findings", "exempt_findings"): 1,
        ("services", "services"): 3,
        ("exempt_services", "exempt_services"): 2,
    }
    assert {key: cell(home, *key) for key in wanted} == wanted


@pytest.mark.parametrize("system", ["all", "queue", "rating", "inspection", "case"])
def test_a_withdrawn_decision_restores_everything(home: Path, system: str) -> None:
    """Also when the sums are brought up in between, day by day."""
    everything(home)
    before = cube_of(home)
    two_days = {"system": system, "ends_at": "2019-08-16 12:00:00"}
    batch = send(home, "exemptions", [exemption(1, **two_days)])
    decided = cube_of(home)
    assert decided != before
    withdraw(home, batch.no, "决定撤销")
    assert cube_of(home) == before


@pytest.mark.parametrize("decided_first", [True, False])
def test_the_sums_are_the_same_in_whatever_order_rows_and_decision_came(
    home: Path, tmp_path: Path, decided_first: bool
) -> None:
    """Against a home that is summed once, when all is there."""
    decision = [exemption(1, ends_at="2019-08-20 12:00:00", includes_below="1")]
    if decided_first:
        send(home, "exemptions", decision)
        refresh(home)
    everything(home)
    refresh(home)
    if not decided_first:
        send(home, "exemptions", decision)
    whole = town(tmp_path / "other" / "home")
    for log, rows in (("halls", HALLS), ("counters", COUNTERS), ("exemptions", decision)):
        send(whole, log, rows)
    everything(whole)
    assert sums(refresh(home)) == sums(refresh(whole))


def test_a_correction_of_the_counter_restates_the_lifted_days(home: Path) -> None:
    """C2 turns out to have stood in H4 all along; the cube follows without a full rebuild."""
    everything(home)
    send(home, "exemptions", [exemption(1)])
    assert cell(home, "exempt_findings", "exempt_findings") == 1
    send(
        home,
        "counters",
        [{"counter_id": "C2", "name": "税务窗口", "hall_id": "H4", "department_id": "D2"}],
    )
    assert cell(home, "exempt_findings", "exempt_findings") == 0
    assert cell(home, "findings", "findings") == 2


def dues(home: Path) -> dict[str, tuple[Any, ...]]:
    con = connect(snapshot(home))
    found = con.execute("SELECT id, due_on, used_days, on_time FROM cases").fetchall()
    con.close()
    return {one: tuple(rest) for one, *rest in found}


LIMITED = {"received_at": "2019-08-12 09:00:00", "due_at": "", "counter_id": "C2"}
LIMIT = {"promised_limit": 5, "promised_unit": "workday", "closed_at": ""}


def test_a_stretch_over_nights_moves_the_due_day_of_a_case(home: Path) -> None:
    """5 working days from Monday 12 August end on the 19th; Wednesday noon to Friday noon stops
    Thursday and Friday (the days after the first up to and with the last), so the 21st."""
    rows = [case(1, **LIMITED, **LIMIT), case(2, **LIMITED | {"counter_id": "C1"}, **LIMIT)]
    send(home, "cases", rows)
    refresh(home)
    send(
        home,
        "exemptions",
        [exemption(1, starts_at="2019-08-14 12:00:00", ends_at="2019-08-16 12:00:00")],
    )
    found = {one: due for one, (due, *_) in dues(home).items()}
    assert found == {"K1": date(2019, 8, 21), "K2": date(2019, 8, 19)}
    state = refresh(home)
    overdue = dict(state.frame("overdue").select("counter", "day").iter_rows())
    assert sorted(overdue.values()) == [date(2019, 8, 20), date(2019, 8, 22)]


def test_half_a_day_moves_no_due_day_and_neither_does_one_that_the_source_says(
    home: Path,
) -> None:
    """The clock counts whole days; a due time of the source rules, as with its own stops."""
    given = LIMITED | {"due_at": "2019-08-19 17:00:00"}
    send(home, "cases", [case(1, **LIMITED, **LIMIT), case(2, **given, closed_at="")])
    send(home, "exemptions", [exemption(1)])
    assert {due for due, *_ in dues(home).values()} == {date(2019, 8, 19)}
    send(home, "exemptions", [exemption(2, ends_at="2019-08-16 12:00:00")])
    found = {one: due for one, (due, *_) in dues(home).items()}
    assert found == {"K1": date(2019, 8, 21), "K2": date(2019, 8, 19)}


def test_the_stop_of_an_exemption_joins_those_of_the_source(home: Path) -> None:
    """A hearing on the same days stops the clock once."""
    hearing = {"clock_stops": "2019-08-14T12:00:00/2019-08-15T12:00:00"}
    send(home, "cases", [case(1, **LIMITED, **LIMIT, **hearing)])
    stretch = {"starts_at": "2019-08-14 12:00:00", "ends_at": "2019-08-16 12:00:00"}
    send(home, "exemptions", [exemption(1, **stretch)])
    assert dues(home)["K1"][0] == date(2019, 8, 21)
    con = connect(snapshot(home))
    told = con.execute("SELECT clock_stops FROM cases").fetchone()
    con.close()
    assert told == (hearing["clock_stops"],)  # what the source said stays what it said


def test_the_grounds_hold_no_personal_number(home: Path) -> None:
    send(home, "exemptions", [exemption(1, grounds="电话" + "139" + "12345678" + "报修")])
    con = connect(snapshot(home))
    assert con.execute("SELECT grounds FROM exemptions").fetchall() == [("电话[phone number]报修",)]
    con.close()


def test_a_decision_sent_twice_is_known_and_with_other_content_a_conflict(home: Path) -> None:
    send(home, "exemptions", [exemption(1)])
    again = send(home, "exemptions", [exemption(1), exemption(2)])
    assert again.counts["known"] == 1
    other = send(home, "exemptions", [exemption(1, ends_at="2019-08-14 13:00:00")])
    assert other.quarantined == {"conflicting_id": 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ends_at": "2019-08-14 09:00:00"}, "ends_before_it_starts"),
        ({"cause": ""}, "missing_key"),
        ({"cause": "holiday"}, "unknown_code"),
        ({"system": "lift"}, "unknown_code"),
        ({"decided_by": ""}, "missing_key"),
        ({"decided_on": ""}, "missing_key"),
        ({"counter_id": "C9"}, "unknown_counter"),
        ({"hall_id": "H9"}, "unknown_hall"),
    ],
)
def test_a_decision_that_lacks_something_waits(home: Path, changes: Row, reason: str) -> None:
    # Beside a good row: a column that does not read at all stops the file.
    batch = send(home, "exemptions", [exemption(1), exemption(2, **changes)])
    assert batch.quarantined == {reason: 1}
