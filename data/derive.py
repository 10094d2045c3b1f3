"""From a typed row to a stored row: numbers for units, days and durations that every sum needs."""

from collections.abc import Callable

import polars as pl

from data.alias_rules import derive_aliases
from data.conduct import CONDUCT
from data.contracts import CONTRACTS
from data.derive_loop import derive_rectifications, derive_voids
from data.exempt_rows import exemption_columns
from data.joining import Derived, at_counter, hundredths, split, strange_counters
from data.settle import Clockwork
from data.tables import LOGS, REFERENCES
from data.tally_rows import tally_columns
from data.units import Units, reject, unknown
from data.valid_days import not_open

NONE = pl.lit(None, dtype=pl.Int32)


def _seconds(start: str, end: str) -> pl.Expr:
    return (pl.col(end) - pl.col(start)).dt.total_seconds().cast(pl.Int32)


def derive_ratings(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """A rating belongs to the day of the service, or of the rating where that is not known."""
    served = pl.coalesce("served_at", "rated_at").dt.date()
    rows, rejects = split(rows, strange_counters(rows, units, served))
    rated = pl.col("rated_at").dt.date()
    return (
        at_counter(rows, units).with_columns(
            id="rating_id",
            day=served,
            rated_on=rated,
            lag_days=(rated - served).dt.total_days().cast(pl.Int32),
            origin=pl.col("origin").fill_null("active"),
        ),
        rejects,
    )


def derive_tickets(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """Waiting ends with the call; serving runs from the call to the end (no start is recorded)."""
    halls = units.known["halls"]
    by_desk = pl.col("counter_id").is_null()
    hall = pl.col("hall_id").replace_strict(halls, default=None, return_dtype=pl.Int32)
    rejects = [
        *strange_counters(rows, units, pl.col("taken_at").dt.date()),
        unknown(rows.filter(by_desk), "hall_id", "halls", "unknown_hall", units),
        *_unassigned(rows.filter(by_desk).with_columns(hall=hall), units),
    ]
    rows, rejected = split(rows, rejects)
    taken = pl.col("taken_at")
    return (
        at_counter(rows, units).with_columns(
            id="ticket_id",
            hall=pl.coalesce("counter_hall", hall),
            by_desk=by_desk,
            day=taken.dt.date(),
            half_hour=(taken.dt.hour().cast(pl.Int8) * 2 + (taken.dt.minute() >= 30).cast(pl.Int8)),
            wait_s=_seconds("taken_at", "called_at"),
            handle_s=pl.when(pl.col("status") == "served").then(
                _seconds("called_at", "finished_at")
            ),
        ),
        rejected,
    )


def _unassigned(rows: pl.DataFrame, units: Units) -> list[pl.DataFrame]:
    """Quarantine entries for tickets of a desk that has no (open) counter on their day."""
    if rows.is_empty():
        return []
    day = pl.col("taken_at").dt.date()
    told = rows.join(units.desks, on=["hall", "desk_no"]).filter(
        day >= pl.col("valid_from"), day < pl.col("valid_to")
    )
    detail = pl.format(
        "desk {} of hall {} has no counter on {} in the table `desks`.", "desk_no", "hall_id", day
    )
    lacking = rows.join(told.select("line"), on="line", how="anti", maintain_order="left")
    shut = not_open(told, units.closed, day, "counter")
    return [reject(lacking, pl.lit(value=True), "unknown_desk", detail), shut]


def derive_cases(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """A case has the counter that received it and the department that decides it."""
    departments = units.known["departments"]
    rejects = [
        *strange_counters(rows, units, pl.col("received_at").dt.date()),
        unknown(rows, "department_id", "departments", "unknown_department", units),
    ]
    rows, rejected = split(rows, rejects)
    sources = (
        at_counter(rows, units)
        .with_columns(
            id="case_id",
            department=pl.col("department_id").replace_strict(
                departments, default=None, return_dtype=pl.Int32
            ),
        )
        .rename({"state": "source_state"})
        .drop("counter_department")
    )
    return clock.wind(sources), rejected


def derive_inspections(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """A round covers the counters it names, or all counters of its hall."""
    rows, rejected = split(rows, [unknown(rows, "hall_id", "halls", "unknown_hall", units)])
    everywhere = pl.col("counters").str.to_lowercase().is_in(["all", "全部"])
    named = (
        rows.filter(~everywhere)
        .select("line", "started_at", counter_id=pl.col("counters").str.split(";"))
        .explode("counter_id")
        .with_columns(pl.col("counter_id").str.strip_chars())
        .filter(pl.col("counter_id").fill_null("") != "")
    )
    strangers = strange_counters(named, units, pl.col("started_at").dt.date())
    rows, more = split(rows, [rejected.clear(), *strangers])
    lists = (
        named.join(units.counters, on="counter_id")
        .group_by("line")
        .agg(pl.col("counter").unique().sort().alias("named"))
    )
    numbered = rows.with_columns(
        id="inspection_id",
        hall=pl.col("hall_id").replace_strict(
            units.known["halls"], default=None, return_dtype=pl.Int32
        ),
        day=pl.col("started_at").dt.date(),
    )
    covered = (
        numbered.join(_whole_halls(numbered.filter(everywhere), units), on="line", how="left")
        .join(lists, on="line", how="left")
        .with_columns(
            counters=pl.when(everywhere)
            .then("there")
            .otherwise("named")
            .fill_null(pl.lit([], dtype=pl.List(pl.Int32))),
            # What the source said: "all" stays the same row when the hall gets another counter.
            covers=pl.when(everywhere)
            .then(pl.lit("all"))
            .otherwise(pl.col("named").cast(pl.List(pl.String)).list.join(",")),
        )
    )
    return covered.sort("line"), pl.concat([rejected, more])


def _whole_halls(rounds: pl.DataFrame, units: Units) -> pl.DataFrame:
    """line and the counters that stood open in the hall on the day of the round."""
    there = rounds.select("line", "day", "hall_id").join(units.placed, on="hall_id")
    held = there.filter(pl.col("day") >= pl.col("since"), pl.col("day") < pl.col("until"))
    return held.group_by("line").agg(pl.col("counter").sort().alias("there"))


def derive_findings(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """Points are kept as hundredths, so that sums are exact."""
    rows, rejected = split(rows, strange_counters(rows, units, pl.col("found_at").dt.date()))
    return (
        at_counter(rows, units).with_columns(
            id="finding_id",
            day=pl.col("found_at").dt.date(),
            points_c=hundredths("points"),
            closed_on=pl.col("closed_at").dt.date(),
        ),
        rejected,
    )


def derive_tallies(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """A tally is of a counter, or of a whole hall where it names no counter."""
    of_hall = rows.filter(pl.col("counter_id").is_null())
    rejects = [
        unknown(rows, "counter_id", "counters", "unknown_counter", units),
        unknown(of_hall, "hall_id", "halls", "unknown_hall", units),
    ]
    rows, rejected = split(rows, rejects)
    return tally_columns(at_counter(rows, units), units.known["halls"]), rejected


def derive_exemptions(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """An exemption is of a counter, else of a hall, else of the whole city."""
    rejects = [
        unknown(rows, "counter_id", "counters", "unknown_counter", units),
        unknown(rows, "hall_id", "halls", "unknown_hall", units),
    ]
    rows, rejected = split(rows, rejects)
    return exemption_columns(at_counter(rows, units), units.known["halls"]), rejected


def derive_reference(table: str) -> Callable[[pl.DataFrame, Units, Clockwork], Derived]:
    """Reference rows: parents must be known, numbers are given once and for all."""
    parents = {
        "halls": [],
        "departments": [],
        "counters": [("hall_id", "halls", "unknown_hall")],
        "desks": [
            ("hall_id", "halls", "unknown_hall"),
            ("counter_id", "counters", "unknown_counter"),
        ],
        "staff": [("counter_id", "counters", "unknown_counter")],
        "items": [],
        "opening_hours": [("hall_id", "halls", "unknown_hall")],
    }[table]
    if table in ("counters", "staff", "items"):
        parents = [*parents, ("department_id", "departments", "unknown_department")]

    def derive(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
        found = [unknown(rows, column, t, reason, units) for column, t, reason in parents]
        rows, rejected = split(rows, found or [reject(rows, pl.lit(value=False), "", pl.lit(""))])
        if "no" in REFERENCES[table].columns:
            key = REFERENCES[table].id_column
            numbers = [units.number(table, one) for one in rows[key].to_list()]
            rows = rows.with_columns(no=pl.Series(numbers, dtype=pl.Int32))
        return rows, rejected

    return derive


def derive_successors(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """Both ends of a succession must be known, and differ."""
    said = pl.format("{} {} cannot carry on itself", "unit_kind", "old_id")
    rejects = [reject(rows, pl.col("old_id") == pl.col("new_id"), "own_successor", said)]
    for kind, table in (("hall", "halls"), ("counter", "counters")):
        here = rows.filter(pl.col("unit_kind") == kind)
        for end in ("old_id", "new_id"):
            rejects.append(unknown(here, end, table, f"unknown_{kind}", units))
    return split(rows, rejects)


OWN_RULES = ("aliases", "successors")  # reference tables that name no parent by a column alone
DERIVE: dict[str, Callable[[pl.DataFrame, Units, Clockwork], Derived]] = {
    "ratings": derive_ratings,
    "tickets": derive_tickets,
    "cases": derive_cases,
    "inspections": derive_inspections,
    "findings": derive_findings,
    "tallies": derive_tallies,
    "exemptions": derive_exemptions,
    **CONDUCT,
    "voids": derive_voids,
    "rectifications": derive_rectifications,
    **{table: derive_reference(table) for table in REFERENCES if table not in OWN_RULES},
    "aliases": derive_aliases,
    "successors": derive_successors,
}


def day_of_names(log: str) -> pl.Expr:
    """The day on which the names of a row must hold: of a rating that of the service."""
    served = [pl.col("served_at")] if log == "ratings" else []
    if log == "tallies":
        first = pl.concat_str("month", pl.lit("-01")).str.to_date("%Y-%m-%d")
        return pl.coalesce("day", first)
    return pl.coalesce(*served, pl.col(CONTRACTS[log].day_column or "valid_from")).dt.date()


def to_stored(rows: pl.DataFrame, log: str) -> pl.DataFrame:
    """The stored columns of a log in order and type; a column that no source has is null."""
    table = LOGS.get(log) or REFERENCES[log]
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in table.schema.items()
    )
