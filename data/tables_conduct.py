"""What is stored of attendance, bonuses, votes and vetoes: columns, and which are the source's."""

import polars as pl

TIME = pl.Datetime("us")
TEXT, DAY, INT, FLAG = pl.String(), pl.Date(), pl.Int32(), pl.Boolean()
# Without a counter and a person: the hall. What the source says of a department stays beside both.
ENTITY: dict[str, pl.DataType] = {
    "id": TEXT,
    "counter": INT,
    "hall": INT,
    "department": INT,
    "staff_id": TEXT,
    "day": DAY,
}
SAID = tuple(name for name in ENTITY if name != "id")
# name -> id, columns, content
CONDUCT_TABLES: dict[str, tuple[str, dict[str, pl.DataType], tuple[str, ...]]] = {
    "attendance": (
        "attendance_id",
        {
            "id": TEXT,
            "staff_id": TEXT,
            "counter": INT,
            # What the row itself said: the counter of the table `staff` may be corrected, and the
            # same row stays the same.
            "named_counter": INT,
            "day": DAY,
            "shift": TEXT,
            "kind": TEXT,
            "minutes": INT,
            "leave_kind": TEXT,
            "approved": FLAG,
            "due_in": TIME,
            "due_out": TIME,
            "in_at": TIME,
            "out_at": TIME,
        },
        (
            *("staff_id", "named_counter", "day", "shift", "kind", "minutes", "leave_kind"),
            *("approved", "due_in", "due_out", "in_at", "out_at"),
        ),
    ),
    "bonuses": (
        "bonus_id",
        {**ENTITY, "rule_code": TEXT, "points_c": INT, "reason": TEXT, "decided_by": TEXT},
        (*SAID, "rule_code", "points_c", "reason", "decided_by"),
    ),
    "votes": (
        "vote_id",
        {**ENTITY, "electorate": TEXT, "score_c": INT, "scale_c": INT, "ballots": INT},
        (*SAID, "electorate", "score_c", "scale_c", "ballots"),
    ),
    "vetoes": (
        "veto_id",
        {**ENTITY, "rule_code": TEXT, "finding_id": TEXT, "decided_by": TEXT, "decided_on": DAY},
        (*SAID, "rule_code", "finding_id", "decided_by", "decided_on"),
    ),
}
