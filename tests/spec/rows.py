"""The rows that the tables of a paragraph stand for, as a source would write them."""

from textwrap import dedent
from typing import Any

from tests.spec.paragraphs import Paragraph, Table

Row = dict[str, Any]
DAY = "2019-08-14"
NOON = f"{DAY} 10:00:00"
# What a table leaves out. An id that is left out is numbered.
PLAIN: dict[str, Row] = {
    "halls": {"hall_id": "H1", "level": "county", "name": ""},
    "departments": {"department_id": "", "name": ""},
    "counters": {"counter_id": "", "hall_id": "H1", "name": "", "department_id": ""},
    "staff": {"staff_id": "", "counter_id": "C01", "chief": ""},
    "ratings": {
        "rating_id": "",
        "case_id": "",
        "counter_id": "C01",
        "served_at": "",
        "rated_at": NOON,
        "grade": "5",
        "origin": "active",
        "staff_id": "",
    },
    "tickets": {
        "ticket_id": "",
        "counter_id": "C01",
        "taken_at": f"{DAY} 09:00:00",
        "called_at": f"{DAY} 09:05:00",
        "finished_at": f"{DAY} 09:20:00",
        "status": "served",
    },
    "cases": {
        "case_id": "",
        "counter_id": "C01",
        "department_id": "",
        "received_at": "2019-08-05 09:00:00",
        "closed_at": "",
        "due_at": "",
        "promised_limit": "",
        "promised_unit": "workday",
        "statutory_limit": "",
        "statutory_unit": "workday",
        "ticket_id": "",
    },
    "inspections": {
        "inspection_id": "",
        "hall_id": "H1",
        "started_at": NOON,
        "counters": "all",
        "findings_n": "0",
    },
    "findings": {
        "finding_id": "",
        "counter_id": "C01",
        "found_at": NOON,
        "rule_code": "A1",
        "points": "1",
        "staff_id": "",
    },
    "attendance": {
        "attendance_id": "",
        "staff_id": "S1",
        "counter_id": "C01",
        "attended_on": DAY,
        "shift": "full",
        "kind": "present",
        "minutes": "",
    },
    "bonuses": {
        "bonus_id": "",
        "counter_id": "C01",
        "staff_id": "",
        "given_on": DAY,
        "rule_code": "B1",
        "points": "1",
    },
    "votes": {
        "vote_id": "",
        "counter_id": "C01",
        "staff_id": "",
        "voted_on": "2019-08-30",
        "electorate": "clients",
        "score": "100",
        "scale": "100",
        "ballots": "1",
    },
    "vetoes": {
        "veto_id": "",
        "counter_id": "C01",
        "staff_id": "",
        "happened_on": DAY,
        "rule_code": "exposure",
        "decided_by": "",
    },
    "voids": {
        "void_id": "",
        "rating_id": "",
        "void_reason": "malicious",
        "grounds": "查无此事",
        "decided_by": "办公室",
        "decided_on": DAY,
    },
    "rectifications": {
        "rectification_id": "",
        "rating_id": "",
        "counter_id": "C01",
        "opened_at": NOON,
        "complexity": "",
        "verdict": "",
        "rectified_at": "",
        "replied_at": "",
        "called_back_at": "",
        "rerated_at": "",
        "rerated_grade": "",
        "preset": "",
    },
    "exemptions": {
        "exemption_id": "",
        "hall_id": "H1",
        "counter_id": "",
        "system": "all",
        "includes_below": "",
        "starts_at": "",
        "ends_at": "",
        "cause": "system_fault",
        "grounds": "",
        "decided_by": "办公室",
        "decided_on": DAY,
    },
}
LOGS = tuple(PLAIN)
TIMES = "times"  # a column that says for how many equal rows a line stands
KEYS = {
    "ratings": ("rating_id", "case_id"),
    "departments": (),
    "halls": (),
    "counters": (),
    "staff": (),
} | {
    name: (next(iter(plain)),)
    for name, plain in PLAIN.items()
    if name not in ("halls", "departments", "counters", "staff", "ratings")
}


def rows_of(paragraph: Paragraph, mark: str = "") -> dict[str, list[Row]]:
    """Rows by log; `mark` stands before every id, so that paragraphs can share a home.

    The counters that any table names stand in hall H1, unless a table of counters places them.
    """
    found = {log: _filled(log, paragraph.tables[log]) for log in LOGS if log in paragraph.tables}
    listed = [row["counter_id"] for row in found.get("counters", [])]
    named = [row.get("counter_id", "") for rows in found.values() for row in rows]
    for counter in dict.fromkeys(one for one in named if one and one not in listed):
        found.setdefault("counters", []).append(PLAIN["counters"] | {"counter_id": counter})
    halls = {row["hall_id"] for rows in found.values() for row in rows if row.get("hall_id")}
    own = {row["hall_id"] for row in found.get("halls", [])}
    for hall in sorted(halls - own):
        found.setdefault("halls", []).append(PLAIN["halls"] | {"hall_id": hall})
    for log in ("halls", "counters", "departments"):
        for row in found.get(log, []):
            row["name"] = row["name"] or mark + str(row[f"{log[:-1]}_id"])
    return {log: [_marked(row, mark) for row in found[log]] for log in LOGS if log in found}


def _filled(log: str, told: Table) -> list[Row]:
    rows: list[Row] = []
    for line in told.rows:
        given = {name: _timed(name, cell) for name, cell in line.items() if name != TIMES}
        unknown = set(given) - set(PLAIN[log])
        assert not unknown, f"{log}: unknown columns {sorted(unknown)}"
        for _ in range(int(line.get(TIMES, "1"))):
            row = PLAIN[log] | given
            numbered = {key: f"{log[0].upper()}{len(rows) + 1}" for key in KEYS[log]}
            rows.append(row | {key: name for key, name in numbered.items() if not row[key]})
    return rows


def _timed(name: str, cell: str) -> str:
    """Moments in full: a day alone is ten o'clock, minutes have seconds."""
    if not name.endswith("_at") or not cell:
        return cell
    return {10: f"{cell} 10:00:00", 16: f"{cell}:00"}.get(len(cell), cell)


def _marked(row: Row, mark: str) -> Row:
    changed = {name: f"{mark}{cell}" for name, cell in row.items() if _is_id(name) and cell}
    several = row.get("counters", "")
    if several and several != "all":
        changed["counters"] = ";".join(mark + one for one in several.split(";"))
    return row | changed


def _is_id(name: str) -> bool:
    return name.endswith("_id")


def scheme_text(name: str, body: str) -> str:
    """A scheme file: what a paragraph does not say is as plain as can be."""
    head = {
        "id": f'"{name}"',
        "label": f'{{ zh = "{name}", en = "{name}" }}',
        "version": '"1"',
        "valid_from": "2019-01-01",
        "publish": '"official"',
        "frame": '"all"',
    }
    plain = dedent(body).strip()
    own = {line.partition("=")[0].strip() for line in plain.partition("[[")[0].splitlines()}
    missing = [f"{key} = {text}" for key, text in head.items() if key not in own]
    return "\n".join([*missing, plain, ""])
