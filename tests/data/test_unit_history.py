"""Units over time: what is refused because it contradicts, and what waits because it was closed."""

from pathlib import Path

import pytest

from data.quarantine import replay, waiting
from data.store import snapshot
from data.unit_history import contradictions, standing
from data.views import connect
from data.wayback import withdraw
from tests.builders import COUNTERS, HALLS, Row, case, rating, send, ticket, town

COUNTY: Row = HALLS[1] | {"valid_from": "", "valid_to": ""}
TAX: Row = COUNTERS[1] | {"valid_from": "", "valid_to": ""}
CLOSED = {"valid_to": "2019-08-10"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two halls, a counter in each; the county hall H2 has C2."""
    return town(tmp_path / "home")


def reasons(home: Path) -> dict[str, str]:
    """Reason and detail of everything that waits."""
    return dict(waiting(snapshot(home)).select("reason", "detail").iter_rows())


def test_what_happens_at_a_counter_after_its_closing_waits(home: Path) -> None:
    """Whatever the log; the day before still counts. Replay takes the rows in when it opens."""
    send(home, "counters", [TAX | CLOSED])
    late, early = "2019-10-05 10:00:00", "2019-08-09 10:00:00"
    rows: dict[str, list[Row]] = {
        "ratings": [rating(n, counter_id="C2", rated_at=at) for n, at in ((1, early), (2, late))],
        "tickets": [
            ticket(n, taken_at=at, called_at="", finished_at="", status="waiting")
            for n, at in ((1, early), (2, late))
        ],
        "cases": [case(n, counter_id="C2", received_at=at) for n, at in ((1, early), (2, late))],
        "findings": [
            {
                "finding_id": f"F{n}",
                "counter_id": "C2",
                "found_at": at,
                "rule_code": "A",
                "points": 1,
            }
            for n, at in ((1, early), (2, late))
        ],
        "inspections": [
            {"inspection_id": f"I{n}", "hall_id": "H2", "started_at": at, "counters": "C2"}
            for n, at in ((1, early), (2, late))
        ],
    }
    for log, both in rows.items():
        batch = send(home, log, both)
        assert batch.quarantined == {"unit_not_open": 1}, log
        assert batch.counts["accepted"] == 1
    assert (
        "counter 'C2' was not open on 2019-10-05: closed from 2019-08-10 in the table"
        in (reasons(home)["unit_not_open"])
    )
    send(home, "counters", [TAX | {"valid_to": "2019-12-31"}])
    assert sum(one.counts["accepted"] for one in replay(home, reason="unit_not_open")) == 5


def test_a_case_that_was_received_before_the_closing_may_end_after_it(home: Path) -> None:
    send(home, "counters", [TAX | CLOSED])
    received, closed = "2019-08-09 09:00:00", "2019-08-20 09:00:00"
    batch = send(home, "cases", [case(1, counter_id="C2", received_at=received, closed_at=closed)])
    assert batch.counts["accepted"] == 1


def test_a_counter_that_opens_again_waits_only_for_the_days_between(home: Path) -> None:
    send(home, "counters", [TAX | CLOSED, TAX | {"valid_from": "2019-08-20"}])
    days = ("2019-08-09", "2019-08-10", "2019-08-19", "2019-08-20")
    rows = [rating(n, counter_id="C2", rated_at=f"{day} 10:00:00") for n, day in enumerate(days)]
    assert send(home, "ratings", rows).quarantined == {"unit_not_open": 2}
    assert "until 2019-08-20" in reasons(home)["unit_not_open"]


def test_a_ticket_by_desk_asks_the_counter_of_the_desk(home: Path) -> None:
    desk = {"hall_id": "H2", "desk_no": "7", "counter_id": "C2", "valid_from": "2019-01-01"}
    send(home, "desks", [desk])
    send(home, "counters", [TAX | CLOSED])
    by_desk = ticket(1, counter_id="", taken_at="2019-08-12 09:00:00") | {
        "hall_id": "H2",
        "desk_no": "7",
        "called_at": "",
        "finished_at": "",
        "status": "waiting",
    }
    assert send(home, "tickets", [by_desk]).quarantined == {"unit_not_open": 1}


def test_a_round_of_a_whole_hall_covers_what_stood_open_in_it_that_day(home: Path) -> None:
    """Not what stands in it when the file comes."""
    moved = COUNTERS[0] | {"hall_id": "H2", "valid_from": "2019-08-15", "valid_to": ""}
    send(home, "counters", [moved, TAX | CLOSED])
    rounds = [
        {"inspection_id": day, "hall_id": "H2", "started_at": f"{day} 09:00:00", "counters": "all"}
        for day in ("2019-08-09", "2019-08-12", "2019-08-15")
    ]
    send(home, "inspections", rounds)
    con = connect(snapshot(home))
    found = con.execute("SELECT id, LEN(counters) FROM inspections ORDER BY id").fetchall()
    assert found == [("2019-08-09", 1), ("2019-08-12", 0), ("2019-08-15", 1)]


def test_versions_that_overlap_with_other_content_are_refused(home: Path) -> None:
    """The new one gives way; the same content, or an end that is put right, is welcome."""
    first = TAX | {"valid_from": "2019-01-01", "valid_to": "2020-01-01"}
    send(home, "counters", [first])
    other = first | {"name": "办税厅", "valid_from": "2019-06-01", "valid_to": ""}
    batch = send(home, "counters", [other])
    assert batch.quarantined == {"versions_overlap": 1}
    said = "counter 'C2' has one row until 2020-01-01 and another"
    assert said in reasons(home)["versions_overlap"]
    assert send(home, "counters", [first | {"valid_from": "2019-06-01"}]).quarantined == {}
    both = [first | {"valid_to": "2019-03-01"}, other | {"valid_from": "2019-03-01"}]
    again = send(home, "counters", both)
    assert (again.counts["accepted"], again.quarantined) == (2, {})


def test_halls_in_a_ring_are_refused(home: Path) -> None:
    """H1 under H2 under H1, on the days from the new row on."""
    batch = send(home, "halls", [HALLS[0] | {"parent_id": "H2", "valid_from": "2019-08-01"}])
    assert batch.quarantined == {"parent_ring": 1}
    assert "H1 → H2 → H1" in reasons(home)["parent_ring"]


def test_a_hall_does_not_close_over_open_counters_and_halls(home: Path) -> None:
    """Counters first; then the closing of the hall is replayed."""
    batch = send(home, "halls", [COUNTY | CLOSED])
    assert batch.quarantined == {"closed_with_units_open": 1}
    assert (
        "hall 'H2' is closed on 2019-08-10, while counter 'C2' in it would stay open"
        in (reasons(home)["closed_with_units_open"])
    )
    send(home, "counters", [TAX | CLOSED])
    (again,) = replay(home, reason="closed_with_units_open")
    assert again.counts["accepted"] == 1
    batch = send(home, "counters", [TAX | {"counter_id": "C9"}])
    assert batch.quarantined == {"hall_closed": 1}
    township = {"hall_id": "H3", "name": "镇", "level": "township", "parent_id": "H2"}
    assert send(home, "halls", [township]).quarantined == {"parent_closed": 1}
    assert not contradictions(standing(snapshot(home)))


def test_a_hall_closes_when_the_same_file_moves_what_is_in_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    city, county = (one | {"valid_from": "", "valid_to": ""} for one in HALLS)
    child = {"hall_id": "H3", "name": "镇", "level": "township", "parent_id": "H2"}
    send(home, "halls", [city, county, child])
    moved = child | {"parent_id": "H1", "valid_from": "2019-08-10", "valid_to": ""}
    assert send(home, "halls", [moved, county | CLOSED]).quarantined == {}


def test_a_withdrawal_may_leave_a_contradiction_which_stays_visible(home: Path) -> None:
    """Nothing is refused by a withdrawal; the check finds it."""
    closing = send(home, "counters", [TAX | CLOSED])
    send(home, "halls", [COUNTY | CLOSED])
    withdraw(home, closing.no, "not closed after all")
    (one,) = contradictions(standing(snapshot(home)))
    assert one.faults[0].reason == "hall_closed"


def test_successors_must_be_known_and_pass_on_no_more_than_one(home: Path) -> None:
    row = {
        "unit_kind": "counter",
        "old_id": "C1",
        "new_id": "C2",
        "succeeds_on": "2019-08-01",
        "share": 1,
    }
    assert send(home, "successors", [row | {"new_id": "C7"}]).quarantined == {"unknown_counter": 1}
    assert send(home, "successors", [row | {"new_id": "C1"}]).quarantined == {"own_successor": 1}
    assert send(home, "successors", [row | {"share": 0}]).quarantined == {"bad_value": 1}
    send(home, "counters", [COUNTERS[0] | {"counter_id": "C3"}])
    too_much = [row | {"share": 0.7}, row | {"share": 0.5, "new_id": "C3"}]
    assert send(home, "successors", too_much).quarantined == {"shares_above_one": 2}
    assert send(home, "successors", [row]).counts["accepted"] == 1
    back = row | {"old_id": "C2", "new_id": "C1"}
    assert send(home, "successors", [back]).quarantined == {"successor_ring": 1}
