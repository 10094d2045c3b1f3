"""What a contract promises: names in both languages, rules that refuse by their own name."""

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from data.contracts import CONTRACTS
from data.reference_pages import contract_markdown, profile_markdown
from data.refusals import COMPARED

LOGS = (
    *("ratings", "tickets", "cases", "inspections", "findings", "tallies", "exemptions"),
    *("attendance", "bonuses", "votes", "vetoes", "voids", "rectifications"),
)
TABLES = (
    *("halls", "counters", "departments", "desks", "staff", "items", "opening_hours"),
    *("aliases", "successors"),
)
AT = datetime(2019, 8, 1, 10)
BEFORE = datetime(2019, 8, 1, 9, 59, 59)


def test_there_are_thirteen_logs_and_nine_reference_tables() -> None:
    assert set(CONTRACTS) == {*LOGS, *TABLES}
    assert {CONTRACTS[log].kind for log in LOGS} == {"event", "record"}
    assert {CONTRACTS[table].kind for table in TABLES} == {"reference"}


@pytest.mark.parametrize("name", CONTRACTS)
def test_each_field_has_a_name_in_chinese_and_in_english(name: str) -> None:
    contract = CONTRACTS[name]
    for field, column in contract.fields.items():
        assert set(column.metadata or {}) == {"zh", "en"}, field
    # A clerk's tally is known by what it speaks of, where it has no id; redress by its rating.
    assert contract.id_column in contract.needed or name in ("tallies", "rectifications")
    assert contract.day_column is None or contract.day_column in contract.needed
    assert set(contract.codes) <= set(contract.fields)


def refused_by(log: str, **cells: Any) -> set[str]:
    """The rules that one row breaks; fields that are not given are null."""
    schema = CONTRACTS[log].schema
    empty = dict.fromkeys(CONTRACTS[log].fields)
    types = {name: column.dtype for name, column in schema.columns().items()}
    row = pl.DataFrame([{"line": 2} | empty | cells], schema=types)
    _, failures = schema.filter(row)
    return set(failures.counts())


RATING = {"rating_id": "R", "case_id": "K", "counter_id": "C", "rated_at": AT, "grade": 5}
TICKET = {"ticket_id": "T", "counter_id": "C", "taken_at": AT, "status": "served"}
CASE = {"case_id": "K", "counter_id": "C", "received_at": AT}
FINDING = {"finding_id": "F", "counter_id": "C", "found_at": AT, "rule_code": "R", "points": 1.0}
ROUND = {"inspection_id": "P", "hall_id": "H", "started_at": AT, "counters": "all"}
ALIAS = {
    **{"source": "S", "spelling": "一", "kind": "hall", "decision": "accept", "unit_id": "H"},
    "decided_by": "A",
}
TALLY = {"hall_id": "H", "month": "2019-08", "measure": "tickets", "n": 4}
EXEMPTION = {
    **{"exemption_id": "E", "starts_at": BEFORE, "ends_at": AT, "cause": "power_cut"},
    **{"decided_by": "A", "decided_on": AT.date()},
}
DAY = date(2019, 8, 1)
SHIFT = {"attendance_id": "A", "staff_id": "S", "attended_on": DAY, "kind": "present"}
BONUS = {"bonus_id": "B", "staff_id": "S", "given_on": DAY, "rule_code": "J1", "points": 0.5}
VOTE = {"vote_id": "V", "hall_id": "H", "voted_on": DAY, "electorate": "clients", "score": 95.0}
VETO = {"veto_id": "F", "department_id": "D", "happened_on": DAY, "rule_code": "quarrel"}
VOID = {
    **{"void_id": "V", "rating_id": "R", "void_reason": "test", "grounds": "drill"},
    **{"decided_by": "A", "decided_on": AT.date()},
}
REDRESS = {"rating_id": "R", "opened_at": AT}
DESK = {"hall_id": "H", "desk_no": "1", "counter_id": "C"}

BROKEN: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("ratings", RATING, {"rating_id": None}, "rating_id|nullability"),
    ("ratings", RATING, {"grade": 6}, "grade|max"),
    ("ratings", RATING, {"grade": 0}, "grade|min"),
    ("tickets", TICKET, {"called_at": BEFORE}, "called_before_taken"),
    ("tickets", TICKET, {"finished_at": BEFORE}, "finished_before_called"),
    ("tickets", TICKET, {"counter_id": None}, "no_counter_and_no_desk"),
    ("tickets", TICKET, {"counter_id": None, "desk_no": "1"}, "no_counter_and_no_desk"),
    ("tallies", TALLY, {"n": -1}, "n|min"),
    ("tallies", TALLY, {"n": None}, "n|nullability"),
    ("tallies", TALLY, {"month": "2019-8"}, "month|regex"),
    ("tallies", TALLY, {"month": None}, "not_one_of_day_and_month"),
    ("tallies", TALLY, {"day": AT.date()}, "not_one_of_day_and_month"),
    ("tallies", TALLY, {"hall_id": None}, "no_counter_and_no_hall"),
    ("cases", CASE, {"closed_at": BEFORE}, "closed_before_accepted"),
    ("cases", CASE, {"accepted_at": BEFORE}, "accepted_before_received"),
    ("cases", CASE, {"state": "closed"}, "closed_without_a_time"),
    ("cases", CASE, {"promised_limit": -1}, "promised_limit|min"),
    ("exemptions", EXEMPTION, {"ends_at": BEFORE}, "ends_before_it_starts"),
    ("exemptions", EXEMPTION, {"cause": None}, "cause|nullability"),
    ("exemptions", EXEMPTION, {"decided_by": None}, "decided_by|nullability"),
    ("exemptions", EXEMPTION, {"decided_on": None}, "decided_on|nullability"),
    ("findings", FINDING, {"points": -0.5}, "points|min"),
    ("findings", FINDING, {"points": float("nan")}, "points|nan"),
    ("ratings", RATING, {"counter_id": None}, "no_counter"),
    ("findings", FINDING, {"counter_id": None, "hall_id": "H"}, "no_counter"),
    ("inspections", ROUND, {"hall_id": None}, "no_hall"),
    ("inspections", ROUND, {"counters": None}, "no_counters"),
    ("aliases", ALIAS, {"unit_id": None}, "accepted_without_unit"),
    ("aliases", ALIAS, {"decision": "reject"}, "accepted_without_unit"),
    ("aliases", ALIAS, {"hall_id": "H"}, "hall_of_no_counter"),
    ("attendance", SHIFT, {"staff_id": None}, "staff_id|nullability"),
    ("attendance", SHIFT, {"attended_on": None}, "attended_on|nullability"),
    ("attendance", SHIFT, {"kind": None}, "no_kind"),
    ("attendance", SHIFT, {"minutes": -1}, "minutes|min"),
    ("attendance", SHIFT, {"in_at": AT, "out_at": BEFORE}, "out_before_in"),
    ("attendance", SHIFT, {"due_in": AT, "due_out": BEFORE}, "out_before_in"),
    ("attendance", SHIFT, {"leave_kind": "sick"}, "leave_kind_without_leave"),
    ("bonuses", BONUS, {"staff_id": None}, "no_entity"),
    ("bonuses", BONUS, {"points": -0.5}, "points|min"),
    ("bonuses", BONUS, {"points": 3e7}, "points|max"),
    ("bonuses", BONUS, {"rule_code": None}, "rule_code|nullability"),
    ("votes", VOTE, {"hall_id": None}, "no_entity"),
    ("votes", VOTE, {"electorate": None}, "electorate|nullability"),
    ("votes", VOTE, {"score": -1.0}, "score|min"),
    ("votes", VOTE, {"score": 100.01}, "score_above_scale"),
    ("votes", VOTE, {"score": 10.5, "scale": 10.0}, "score_above_scale"),
    ("votes", VOTE | {"score": 0.0}, {"scale": 0.0}, "scale|min"),
    ("votes", VOTE, {"ballots": 0}, "ballots|min"),
    ("vetoes", VETO, {"department_id": None}, "no_entity"),
    ("vetoes", VETO, {"decided_on": date(2019, 7, 31)}, "decided_before_it_happened"),
    ("voids", VOID, {"grounds": None}, "grounds|nullability"),
    ("rectifications", REDRESS, {"signed_at": BEFORE}, "signed_before_opened"),
    ("rectifications", REDRESS, {"rerated_grade": 3}, "rerated_without_a_time"),
    ("rectifications", REDRESS, {"state": "closed"}, "ended_without_a_time"),
    ("desks", DESK, {"valid_from": AT.date(), "valid_to": AT.date()}, "ends_before_it_begins"),
]


@pytest.mark.parametrize(("log", "good", "change", "rule"), BROKEN)
def test_a_row_is_refused_by_the_rule_that_it_breaks(
    log: str, good: dict[str, Any], change: dict[str, Any], rule: str
) -> None:
    assert refused_by(log, **good) == set()
    assert refused_by(log, **(good | change)) == {rule}


def test_a_desk_in_a_hall_stands_for_its_counter() -> None:
    assert (
        refused_by("tickets", **(TICKET | {"counter_id": None, "hall_id": "H", "desk_no": "1"}))
        == set()
    )


NAMED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("ratings", RATING, {"counter_id": None, "counter_name": "一"}),
    ("cases", CASE, {"counter_id": None, "counter_name": "一"}),
    ("findings", FINDING, {"counter_id": None, "counter_name": "一"}),
    ("tickets", TICKET, {"counter_id": None, "counter_name": "一"}),
    ("tickets", TICKET, {"counter_id": None, "hall_name": "一", "desk_no": "1"}),
    ("inspections", ROUND, {"hall_id": None, "hall_name": "一"}),
    ("inspections", ROUND, {"counters": None, "counter_names": "一;二"}),
    ("bonuses", BONUS, {"staff_id": None, "counter_name": "一"}),
    ("votes", VOTE, {"hall_id": None, "hall_name": "一"}),
    ("vetoes", VETO, {"department_id": None, "counter_id": "C"}),
]


@pytest.mark.parametrize(("log", "good", "change"), NAMED)
def test_a_name_stands_for_an_empty_id(
    log: str, good: dict[str, Any], change: dict[str, Any]
) -> None:
    assert refused_by(log, **(good | change)) == set()


def test_each_rule_shows_the_fields_that_it_compares() -> None:
    for contract in CONTRACTS.values():
        for rule, fields in COMPARED.items():
            if hasattr(contract.schema, rule):
                assert set(fields) <= set(contract.fields), rule


def test_the_pages_list_each_field_and_each_profile() -> None:
    contracts, profiles = contract_markdown(), profile_markdown()
    for contract in CONTRACTS.values():
        assert f"## `{contract.name}`" in contracts
        assert all(f"| `{field}` |" in contracts for field in contract.fields)
    for name in ("gbt39046", "national", "zhejiang", "four_key", "wabo", "nhft"):
        assert f"## `{name}`" in profiles
    assert "`closed_before_accepted`" in contracts
