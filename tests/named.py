"""Rows that name their units instead of giving ids, made from rows that give them."""

from tests.builders import COUNTERS, DEPARTMENTS, HALLS, Row

HALL_NAMES = {row["hall_id"]: row["name"] for row in HALLS}
COUNTER_NAMES = {row["counter_id"]: (row["name"], row["hall_id"]) for row in COUNTERS}
DEPARTMENT_NAMES = {row["department_id"]: row["name"] for row in DEPARTMENTS}


def named(row: Row, **changes: object) -> Row:
    """The row with names where its ids were; `changes` come last, under None nothing is known."""
    name, hall = COUNTER_NAMES[row["counter_id"]]
    left = {key: cell for key, cell in row.items() if key not in ("counter_id", "department_id")}
    told = {"hall_name": HALL_NAMES[hall], "counter_name": name}
    if "department_id" in row:
        told["department_name"] = DEPARTMENT_NAMES[row["department_id"]]
    return left | told | changes


def alias(spelling: str, unit: str | None, kind: str = "hall", **changes: object) -> Row:
    """One row of the table `aliases`; without a unit the spelling is rejected."""
    row: Row = {"source": "canonical", "spelling": spelling, "kind": kind}
    row |= {"decision": "accept" if unit else "reject", "unit_id": unit, "decided_by": "李科长"}
    return row | {"hall_id": None, "valid_from": None, "valid_to": None} | changes
