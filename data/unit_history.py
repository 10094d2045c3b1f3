"""Contradictions among halls, counters, desks and successors over time.

A new row that contradicts waits in quarantine; what stands already (after a withdrawal, or from
before the check) is listed by doctor.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

import polars as pl

from data.store import Snapshot
from data.tables import REFERENCE_KEYS
from data.valid_days import NOTHING
from data.versions import tiled

CHECKED = ("halls", "counters", "desks", "successors")
UNITS = {"halls": ("hall_id",), "counters": ("counter_id",), "desks": ("hall_id", "desk_no")}
ABOVE = {"halls": ("parent_id", "parent_closed"), "counters": ("hall_id", "hall_closed")}
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Fault:
    """A row, by table and key, with the reason for which it cannot stand beside the others."""

    table: str
    key: Key
    reason: str
    detail: str


@dataclass(frozen=True)
class Contradiction:
    """Rows that cannot all be true; the first that is new gives way, or `every` new one."""

    faults: tuple[Fault, ...]
    every: bool = False

    def giving_way(self, table: str, new: set[Key]) -> Iterator[Fault]:
        """The faults of the new rows of a table that are to be refused."""
        found = [fault for fault in self.faults if fault.table == table and fault.key in new]
        yield from found if self.every else found[:1]


@dataclass(frozen=True)
class Version:
    """One row of a unit: in its place on [since, until), open until `lasts`."""

    key: Key
    unit: str
    row: dict[str, Any]
    since: date
    until: date

    @property
    def lasts(self) -> date:
        """The first day on which the unit is no longer open by this row."""
        return min(self.until, self.row["valid_to"] or date.max)

    @cached_property
    def content(self) -> dict[str, Any]:
        """What the row says, apart from its days and from where it came."""
        apart = {"since", "until", "unit", "valid_from", "valid_to", "no", "batch", "line"}
        return {name: cell for name, cell in self.row.items() if name not in apart}


def versions(rows: pl.DataFrame, table: str) -> list[Version]:
    """The versions of a table's units, those of one unit together and in order."""
    named = rows.with_columns(unit=pl.concat_str(UNITS[table], separator=" desk "))
    keys = REFERENCE_KEYS[table]
    return [
        Version(tuple(row[name] for name in keys), row["unit"], row, row["since"], row["until"])
        for row in tiled(named, "unit").iter_rows(named=True)
    ]


def contradictions(tables: dict[str, pl.DataFrame]) -> list[Contradiction]:
    """All contradictions of the tables in CHECKED."""
    told = {table: versions(tables[table], table) for table in UNITS}
    found = [one for table in UNITS for one in _overlaps(table, told[table])]
    found += _rings(told["halls"])
    found += [one for table in ABOVE for one in _closed_above(table, told[table], told["halls"])]
    return found + _successions(tables["successors"])


def standing(snap: Snapshot) -> dict[str, pl.DataFrame]:
    """The tables as they stand."""
    return {table: snap.reference(table) for table in CHECKED}


def refused_rows(snap: Snapshot, table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """line, reason, detail of the new rows (stored columns) that contradict what then stands."""
    tables, keys = standing(snap), list(REFERENCE_KEYS[table])
    kept, said = rows, dict[int, Fault]()
    while kept.height:
        old = tables[table].join(kept, on=keys, how="anti", nulls_equal=True)
        after = {**tables, table: pl.concat([old, kept.select(old.columns)])}
        lines = dict(zip(kept.select(keys).iter_rows(), kept["line"], strict=True))
        faults = [
            fault for one in contradictions(after) for fault in one.giving_way(table, set(lines))
        ]
        if not faults:
            break
        said |= {lines[fault.key]: fault for fault in reversed(faults)}
        kept = kept.filter(~pl.col("line").is_in(list(said)))
    told = [(line, fault.reason, fault.detail) for line, fault in sorted(said.items())]
    return pl.DataFrame(told, schema=NOTHING, orient="row")


def _overlaps(table: str, told: list[Version]) -> Iterator[Contradiction]:
    """Versions of one unit that say different things of the same day."""
    for before, after in pairwise(told):
        ends = before.row["valid_to"]
        if before.unit != after.unit or ends is None or ends <= after.since:
            continue
        if before.content == after.content:
            continue
        what = table.removesuffix("s")
        detail = (
            f"{what} {after.unit!r} has one row until {ends} and another, different one from "
            f"{after.since}. End the earlier row (valid_to {after.since}) in the same file."
        )
        pair = (Fault(table, one.key, "versions_overlap", detail) for one in (after, before))
        yield Contradiction(tuple(pair))


def _rings(told: list[Version]) -> Iterator[Contradiction]:
    """Halls that are, on some day, above themselves."""
    holds: dict[str, Version] = {}
    by_day: dict[date, list[Version]] = {}
    for version in told:
        by_day.setdefault(version.since, []).append(version)
    for day in sorted(by_day):
        holds |= {version.unit: version for version in by_day[day]}
        done: set[str] = set()
        for version in by_day[day]:
            ring = _ring_of(version.unit, holds, done)
            if ring:
                names = " → ".join([*ring, ring[0]])
                detail = f"halls stand above each other in a ring: {names}. Correct a parent_id."
                faults = (Fault("halls", holds[one].key, "parent_ring", detail) for one in ring)
                yield Contradiction(tuple(faults), every=True)


def _ring_of(hall: str, holds: dict[str, Version], done: set[str]) -> list[str]:
    """The ring into which the way up from a hall runs, if any; `done`: seen on other ways."""
    way: list[str] = []
    at: str | None = hall
    while at in holds and at not in done:
        done.add(at)
        way.append(at)
        at = holds[at].row["parent_id"]
    return way[way.index(at) :] if at in way else []


def _closed_above(table: str, told: list[Version], halls: list[Version]) -> list[Contradiction]:
    """Units that stay open on days on which the hall above them is closed."""
    column, reason = ABOVE[table]
    shut = closings(halls)
    found: dict[Key, list[tuple[Version, date]]] = {}
    for below in told:
        for hall, ends, opens in shut.get(below.row[column], ()):
            first = max(below.since, ends)
            if first < min(below.lasts, opens):
                found.setdefault(hall.key, []).append((below, first))
    what = table.removesuffix("s")
    pairs = []
    for key, several in found.items():
        (example, day), hall_id = several[0], key[0]
        more = f" and {len(several) - 1} more" if len(several) > 1 else ""
        parent = (
            f"hall {hall_id!r} is closed on {day}, while {what} {example.unit!r}{more} in it would "
            "stay open. Close or move what is in it first (counters before halls), or in this file."
        )
        for below, day in several:
            child = (
                f"{what} {below.unit!r} is open on {day}, when its hall {hall_id!r} is closed. "
                f"Name another {column} from then on, or end it (valid_to)."
            )
            faults = (
                Fault(table, below.key, reason, child),
                Fault("halls", key, "closed_with_units_open", parent),
            )
            pairs.append(Contradiction(faults))
    return pairs


def closings(told: list[Version]) -> dict[str, list[tuple[Version, date, date]]]:
    """Per unit the version after which it was closed, from when, and until when."""
    found: dict[str, list[tuple[Version, date, date]]] = {}
    for version in told:
        if version.lasts < version.until:
            gap = (version, max(version.lasts, version.since), version.until)
            found.setdefault(version.unit, []).append(gap)
    return found


def _successions(rows: pl.DataFrame) -> list[Contradiction]:
    """Units that pass on more than themselves, or that come to carry on themselves."""
    found = []
    keys = REFERENCE_KEYS["successors"]
    for (kind, old), part in rows.group_by(["unit_kind", "old_id"], maintain_order=True):
        total = sum(part["share"])
        if total > 1 + 1e-9:
            detail = (
                f"{kind} {old!r} would pass on {total:g} of itself; the shares of one unit add up "
                "to 1 at most. Correct the shares in one file."
            )
            faults = (
                Fault("successors", key, "shares_above_one", detail)
                for key in part.select(keys).iter_rows()
            )
            found.append(Contradiction(tuple(faults), every=True))
    return found + list(_succession_rings(rows))


def _succession_rings(rows: pl.DataFrame) -> Iterator[Contradiction]:
    keys = REFERENCE_KEYS["successors"]
    for (kind,), part in rows.group_by(["unit_kind"], maintain_order=True):
        onward = {row["old_id"]: row for row in part.iter_rows(named=True)}
        for start in onward:
            way, at = [start], onward[start]["new_id"]
            while at in onward and at not in way:
                way.append(at)
                at = onward[at]["new_id"]
            if at == start == min(way):
                detail = f"{kind} {start!r} would in the end carry on itself: {' → '.join(way)}."
                faults = (
                    Fault(
                        "successors",
                        tuple(onward[one][key] for key in keys),
                        "successor_ring",
                        detail,
                    )
                    for one in way
                )
                yield Contradiction(tuple(faults), every=True)
