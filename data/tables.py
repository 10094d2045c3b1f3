"""What is stored of each log and reference table: columns, types, which are the source's."""

from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from data.tables_conduct import CONDUCT_TABLES
from data.tables_exempt import EXEMPTION_COLUMNS, EXEMPTION_CONTENT
from data.tables_loop import LOOP_TABLES

TIME = pl.Datetime("us")
TEXT, DAY, INT, FLAG = pl.String(), pl.Date(), pl.Int32(), pl.Boolean()
ORIGIN = {"batch": INT, "line": INT}


@dataclass(frozen=True)
class Table:
    """Columns with their types; `content` are the source's own, whose change makes a conflict."""

    name: str
    id_column: str
    columns: dict[str, pl.DataType]
    content: tuple[str, ...]
    partitioned: bool = True

    @property
    def schema(self) -> pl.Schema:
        """Polars schema of a stored row."""
        return pl.Schema({**self.columns, **ORIGIN})

    @property
    def arrow(self) -> pa.Schema:
        """Arrow schema of the files (without the month, which is in the path)."""
        large = pl.DataFrame(schema=self.schema).to_arrow().schema
        return pa.schema([(field.name, _small(field.type)) for field in large])

    @property
    def arrow_table(self) -> pa.Schema:
        """Arrow schema of the table (with the month of the partition)."""
        month = [pa.field("month", pa.int32())] if self.partitioned else []
        return pa.schema([*self.arrow, *month])


def _small(kind: pa.DataType) -> pa.DataType:
    """Delta knows strings and lists of one width only."""
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_large_list(kind):
        return pa.list_(_small(kind.value_type))
    return kind


RATINGS = Table(
    "ratings",
    "rating_id",
    {
        "id": TEXT,
        "case_id": TEXT,
        "counter": INT,
        "day": DAY,
        "rated_on": DAY,
        "rated_at": TIME,
        "served_at": TIME,
        "lag_days": INT,
        "grade": pl.Int8(),
        "origin": TEXT,
        "channel": TEXT,
        "desk_no": TEXT,
        "item_id": TEXT,
        "staff_id": TEXT,
        "pair": pl.Int64(),
        "contested": FLAG,
    },
    (
        "case_id",
        "counter",
        "rated_at",
        "served_at",
        "grade",
        "origin",
        "channel",
        "desk_no",
        "item_id",
        "staff_id",
    ),
)
TICKETS = Table(
    "tickets",
    "ticket_id",
    {
        "id": TEXT,
        "counter": INT,
        "hall": INT,
        "by_desk": FLAG,
        "day": DAY,
        "half_hour": pl.Int8(),
        "taken_at": TIME,
        "called_at": TIME,
        "finished_at": TIME,
        "wait_s": INT,
        "handle_s": INT,
        "status": TEXT,
        "channel": TEXT,
        "desk_no": TEXT,
        "item_id": TEXT,
        "staff_id": TEXT,
    },
    # Not the hall: that of a counter may be corrected, and the same ticket stays the same.
    (
        "counter",
        "taken_at",
        "called_at",
        "finished_at",
        "status",
        "channel",
        "desk_no",
        "item_id",
        "staff_id",
    ),
)
SOURCE_OF_CASE: dict[str, pl.DataType] = {
    "counter": INT,
    "department": INT,
    "item_id": TEXT,
    "case_kind": TEXT,
    "channel": TEXT,
    "received_at": TIME,
    "accepted_at": TIME,
    "closed_at": TIME,
    "due_at": TIME,
    "due_is_date": FLAG,
    "promised_limit": INT,
    "promised_unit": TEXT,
    "statutory_limit": INT,
    "statutory_unit": TEXT,
    "clock_stops": TEXT,
    "ticket_id": TEXT,
    "source_state": TEXT,
    "updated_at": TIME,
}
CLOCK_OF_CASE: dict[str, pl.DataType] = {
    "day": DAY,
    "accepted_on": DAY,
    "closed_on": DAY,
    "due_on": DAY,
    "overdue_on": DAY,
    "on_time": FLAG,
    "used_days": INT,
    "promised_days": INT,
    "statutory_days": INT,
    "limit_unit": TEXT,
    "calendar_known": FLAG,
    "state": TEXT,
}
CASES = Table(
    "cases",
    "case_id",
    {
        "id": TEXT,
        "key": pl.Int64(),
        **SOURCE_OF_CASE,
        "own": FLAG,
        **CLOCK_OF_CASE,
        "contested": FLAG,
    },
    tuple(SOURCE_OF_CASE),
)
INSPECTIONS = Table(
    "inspections",
    "inspection_id",
    {
        "id": TEXT,
        "hall": INT,
        "day": DAY,
        "inspector_id": TEXT,
        "started_at": TIME,
        "counters": pl.List(pl.Int32),
        "covers": TEXT,
        "findings_n": INT,
    },
    ("hall", "inspector_id", "started_at", "covers", "findings_n"),
)
FINDINGS = Table(
    "findings",
    "finding_id",
    {
        "id": TEXT,
        "inspection_id": TEXT,
        "counter": INT,
        "day": DAY,
        "found_at": TIME,
        "rule_code": TEXT,
        "points_c": INT,
        "staff_id": TEXT,
        "closed_at": TIME,
        "closed_on": DAY,
    },
    ("inspection_id", "counter", "found_at", "rule_code", "points_c", "staff_id"),
)
TALLIES = Table(
    "tallies",
    "tally_id",
    {
        "id": TEXT,
        "counter": INT,  # null: of the whole hall
        "hall": INT,  # null: of a counter
        "since": DAY,  # first and last day of the span; the same day for a day's tally
        "day": DAY,
        "measure": TEXT,
        "n": INT,
        "source": TEXT,
        "updated_at": TIME,
    },
    ("counter", "hall", "since", "day", "measure", "n", "source", "updated_at"),
)
EXEMPTIONS = Table("exemptions", "exemption_id", EXEMPTION_COLUMNS, EXEMPTION_CONTENT)
LOGS = {t.name: t for t in (RATINGS, TICKETS, CASES, INSPECTIONS, FINDINGS, TALLIES, EXEMPTIONS)}
LOGS |= {name: Table(name, *rest) for name, rest in (CONDUCT_TABLES | LOOP_TABLES).items()}
# Logs that many a city does not keep: nothing is missing where none ever came.
OPTIONAL = ("tallies", "exemptions", *CONDUCT_TABLES, *LOOP_TABLES)
# Facts of single days: months without one are ordinary, so that only a schedule can miss them.
SPORADIC = ("exemptions", "voids", "bonuses", "votes", "vetoes")

VALID: dict[str, pl.DataType] = {"valid_from": DAY, "valid_to": DAY}
_REFERENCE: dict[str, tuple[tuple[str, ...], dict[str, pl.DataType]]] = {
    "halls": (
        ("hall_id",),
        {
            "no": INT,
            "hall_id": TEXT,
            "name": TEXT,
            "level": TEXT,
            "division_code": TEXT,
            "parent_id": TEXT,
            **VALID,
        },
    ),
    "departments": (("department_id",), {"no": INT, "department_id": TEXT, "name": TEXT}),
    "counters": (
        ("counter_id",),
        {
            "no": INT,
            "counter_id": TEXT,
            "name": TEXT,
            "hall_id": TEXT,
            "department_id": TEXT,
            "family": TEXT,
            **VALID,
        },
    ),
    "desks": (
        ("hall_id", "desk_no"),
        {"hall_id": TEXT, "desk_no": TEXT, "counter_id": TEXT, **VALID},
    ),
    "staff": (
        ("staff_id",),
        {
            "staff_id": TEXT,
            "department_id": TEXT,
            "counter_id": TEXT,
            "desk_no": TEXT,
            "chief": FLAG,
            **VALID,
        },
    ),
    "items": (
        ("item_id",),
        {
            "item_id": TEXT,
            "name": TEXT,
            "department_id": TEXT,
            "case_kind": TEXT,
            "statutory_limit": INT,
            "statutory_unit": TEXT,
            "promised_limit": INT,
            "promised_unit": TEXT,
        },
    ),
    "opening_hours": (
        ("hall_id", "counter_id", "weekday", "opens"),
        {
            "hall_id": TEXT,
            "counter_id": TEXT,
            "weekday": INT,
            "opens": TEXT,
            "closes": TEXT,
            "exception": TEXT,
            **VALID,
        },
    ),
    "aliases": (
        ("source", "kind", "hall_id", "spelling"),
        {
            "source": TEXT,
            "spelling": TEXT,
            "kind": TEXT,
            "hall_id": TEXT,
            "decision": TEXT,
            "unit_id": TEXT,
            "decided_by": TEXT,
            "decided_on": DAY,
            **VALID,
        },
    ),
    "successors": (
        ("old_id", "new_id", "unit_kind"),
        {
            "unit_kind": TEXT,
            "old_id": TEXT,
            "new_id": TEXT,
            "succeeds_on": DAY,
            "share": pl.Float64(),
        },
    ),
}
REFERENCE_KEYS = {
    name: (*keys, "valid_from") if "valid_from" in columns else keys
    for name, (keys, columns) in _REFERENCE.items()
}
REFERENCES = {
    name: Table(
        name,
        keys[0],
        columns,
        # A number is ours, and the same decision on another day is the same decision.
        tuple(c for c in columns if c not in ("no", "decided_on")),
        partitioned=False,
    )
    for name, (keys, columns) in _REFERENCE.items()
}
TABLES = {**LOGS, **REFERENCES}
