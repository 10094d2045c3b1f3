"""doctor tells what is stale, lagging, missing, estimated or past review, and changes nothing."""

from datetime import date
from pathlib import Path

import pytest
from town import Town

from data.errors import HallscoreError
from data.wayback import withdraw
from metrics.doctor import Finding, doctor
from metrics.rollup import refresh

END = date(2019, 8, 31)
MONTH = (date(2019, 8, 1), date(2019, 9, 1))


def kinds(findings: list[Finding]) -> set[tuple[str, str]]:
    """kind and where of each finding."""
    return {(one["kind"], one["where"]) for one in findings}


def deliver_all(town: Town) -> None:
    """Every log reports on August."""
    day = date(2019, 8, 5)
    town.deliver("ratings", town.rate("c-tax", {5: 1}, day))
    town.deliver("tickets", town.queue("c-tax", [60], day))
    town.deliver(
        "cases", [{"case_id": "k", "counter_id": "c-tax", "received_at": f"{day} 09:00:00"}]
    )
    round_ = {"inspection_id": "i", "hall_id": "C", "started_at": f"{day} 10:00:00"}
    town.deliver("inspections", [round_ | {"counters": "all", "findings_n": 1}])
    finding = {"finding_id": "f", "counter_id": "c-tax", "found_at": f"{day} 10:00:00"}
    town.deliver("findings", [finding | {"rule_code": "late", "points": 1}])


def test_a_healthy_home_has_no_findings(town: Town) -> None:
    """Everything reported, the cube fresh."""
    deliver_all(town)
    refresh(town.home)
    assert doctor(town.home, END) == []


def test_a_cube_that_lags_and_one_that_is_not_there_are_told_apart(town: Town) -> None:
    """A new batch and a withdrawn one both count."""
    deliver_all(town)
    assert kinds(doctor(town.home, END)) == {("stale", "cube")}
    refresh(town.home)
    batch = town.deliver("tickets", town.queue("n-tax", [60], date(2019, 8, 6)))
    assert "1 batches not in the cube, 0 withdrawn" in doctor(town.home, END)[0]["found"]
    refresh(town.home)
    withdraw(town.home, batch, "wrong file")
    assert "0 batches not in the cube, 1 withdrawn" in doctor(town.home, END)[0]["found"]
    assert kinds(doctor(town.home, END)) == {("lagging", "cube")}


def test_logs_that_never_came_or_stopped_are_missing(town: Town) -> None:
    """No ratings at all; no delivery covers the last complete month."""
    town.deliver("tickets", town.queue("c-tax", [60], date(2019, 8, 5)))
    refresh(town.home)
    found = doctor(town.home, date(2019, 10, 15))
    assert ("missing", "ratings") in kinds(found)
    assert [one["found"] for one in found if one["where"] == "tickets"] == [
        "nothing covers 2019-09"
    ]


def test_definitions_past_their_review_and_unknown_calendars_are_told(town: Town) -> None:
    """As of a day in 2030 no notice of working days is known."""
    deliver_all(town)
    refresh(town.home)
    found = kinds(doctor(town.home, date(2030, 1, 31)))
    assert {("review", "bad_rate"), ("calendar", "workdays")} <= found


def test_an_empty_home_has_only_a_stale_cube(town: Town) -> None:
    """Without a last data day nothing else can be asked."""
    assert kinds(doctor(town.home)) == {("stale", "cube")}


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    """As everywhere."""
    with pytest.raises(HallscoreError, match="no store here"):
        doctor(tmp_path)


def told(town: Town) -> list[str]:
    """What is found about units."""
    refresh(town.home)
    return [one["found"] for one in doctor(town.home, END) if one["kind"] == "units"]


def test_tickets_whose_desk_lost_its_counter_do_not_vanish_silently(town: Town) -> None:
    """They were taken in while the desk had one; the desk row leaves, and doctor counts them."""
    desk = {"hall_id": "C1", "desk_no": "7", "counter_id": "n-tax", "valid_from": "2019-01-01"}
    other = desk | {"desk_no": "8"}
    town.deliver("desks", [other])
    assigned = town.deliver("desks", [desk])
    rows = [
        dict(row) | {"counter_id": "", "hall_id": "C1", "desk_no": "7"}
        for row in town.queue("n-tax", [60] * 3, date(2019, 8, 5))
    ]
    town.deliver("tickets", rows)
    assert told(town) == []
    withdraw(town.home, assigned, "wrong plan")
    (found,) = told(town)
    assert "3 tickets of desk 7 of hall 'C1' from 2019-08-05 to 2019-08-05 count nowhere" in found


def test_rows_outside_the_days_of_a_counter_are_told(town: Town) -> None:
    """The closing and the first day became known after the rows were taken in."""
    town.deliver("tickets", town.queue("n-tax", [60], date(2019, 8, 5)))
    town.deliver("tickets", town.queue("s-tax", [60], date(2019, 8, 5)))
    north = {"counter_id": "n-tax", "name": "North tax", "hall_id": "C1", "department_id": "TAX"}
    town.deliver("counters", [north | {"valid_to": "2019-08-01"}])
    south = north | {"counter_id": "x-tax", "hall_id": "C2", "valid_from": "2019-08-10"}
    town.deliver("counters", [south])
    town.deliver("tickets", town.queue("x-tax", [60], date(2019, 8, 6)))
    assert told(town) == [
        "1 counters have rows after their closing (first: 'n-tax' on 2019-08-05)",
        "1 counters have rows before their first day (first: 'x-tax' on 2019-08-06)",
    ]


def test_contradictions_that_stand_are_told(town: Town) -> None:
    """A withdrawal reopens a counter in a hall that is closed since; a parent is unknown."""
    counter = {"counter_id": "s-tax", "name": "South tax", "hall_id": "C2", "department_id": "TAX"}
    closing = town.deliver("counters", [counter | {"valid_to": "2019-08-10"}])
    hall = {"hall_id": "C2", "name": "South county", "level": "county", "parent_id": "C"}
    town.deliver("halls", [hall | {"valid_to": "2019-08-10"}])
    desk = {"hall_id": "C2", "desk_no": "1", "counter_id": "s-tax", "valid_from": "2019-01-01"}
    town.deliver("desks", [desk])
    (found,) = told(town)
    assert found.startswith("1 desks belong to a closed counter (first: desk 1 of hall 'C2'")
    lost = hall | {"hall_id": "Z", "level": "township", "parent_id": "Y"}
    town.deliver("halls", [lost])
    late = [lost | {"hall_id": "L", "parent_id": "C", "valid_from": "2019-08-10"}]
    town.deliver("halls", late)
    early = counter | {"counter_id": "l", "hall_id": "L", "valid_from": "2019-08-01"}
    town.deliver("counters", [early])
    withdraw(town.home, closing, "not closed")
    assert [one.split(" (")[0] for one in told(town)] == [
        "counter 's-tax' is open on 2019-08-10, when its hall 'C2' is closed. Name another "
        "hall_id from then on, or end it",
        "1 rows name a parent that is no hall",
        "1 counters open before their hall",
    ]
