"""An edition of the divisions taken in: the listed changes, as ordinary reference batches."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from data.batches import Batch
from data.division_matching import Row
from data.divisions import CLOSED, MERGED, Change, Diff
from data.errors import HallscoreError
from data.ingest import ingest, quiet
from data.intake import OnProgress, Request
from data.store import Snapshot, snapshot
from data.tables import ORIGIN, REFERENCE_KEYS, REFERENCES
from data.unit_history import CHECKED, contradictions, standing
from data.versions import in_force

PROFILE = "canonical"
# Counters leave a hall before it closes; a successor is named when both are there.
ORDER = ("desks", "counters", "halls", "successors")


def import_divisions(
    home: Path, found: Diff, agreed: int | None, progress: OnProgress = quiet
) -> list[Batch]:
    """Apply exactly the listed changes; raises HallscoreError with nothing done otherwise.

    `agreed` is the number of changes that a person read. Every table is one batch, which can be
    withdrawn; withdraw all of them to go back.
    """
    _check_agreement(found, agreed)
    snap = snapshot(home)
    tables = {table: rows for table, rows in rows_of(snap, found).items() if rows.height}
    _check_history(snap, found, tables)
    _check_contradictions(snap, tables)
    reports = []
    with TemporaryDirectory(prefix=".divisions-", dir=home) as folder:
        for table in ORDER:
            if table in tables:
                path = Path(folder) / f"divisions-{found.edition.name}-{found.day}-{table}.csv"
                tables[table].write_csv(path)
                reports.append(ingest(home, Request(path, table, PROFILE), progress))
    return reports


def _check_agreement(found: Diff, agreed: int | None) -> None:
    if found.unsettled:
        first = found.unsettled[0].listed()
        raise HallscoreError(
            f"{len(found.unsettled)} places need a decision first (first: {first['level']} "
            f"{first['name'] or first['new_name']}, {first['code'] or first['new_code']}: "
            f"{first['note']}). Write them with `hallscore divisions diff … --template FILE`, fill "
            "the column decision, and pass the file with --decisions."
        )
    if not found.changes:
        raise HallscoreError(
            f"{found.edition.name} changes nothing from {found.day} on; there is nothing to import."
        )
    if agreed != len(found.changes):
        said = "no --yes given" if agreed is None else f"--yes {agreed} does not name that number"
        raise HallscoreError(
            f"{found.edition.name} makes {len(found.changes)} changes from {found.day} on; {said}. "
            f"Read them with `hallscore divisions diff`, then repeat with --yes "
            f"{len(found.changes)}. Nothing was changed."
        )


def rows_of(snap: Snapshot, found: Diff) -> dict[str, pl.DataFrame]:
    """The new reference rows of a diff by table, in the columns of its contract."""
    day = found.day
    leaving = {str(one.hall["hall_id"]): one for one in found.changes if one.leaves}
    halls = [_hall_row(one, day) for one in found.changes]
    counters = _open_in(snap, "counters", "counter_id", leaving, day)
    going = [row for row in counters if leaving[str(row["hall_id"])].kinds == (CLOSED,)]
    moving = [
        {**row, "hall_id": leaving[str(row["hall_id"])].into, "valid_from": day}
        for row in counters
        if leaving[str(row["hall_id"])].kinds == (MERGED,)
    ]
    desks = _open_in(snap, "desks", "desk", leaving, day)
    heirs = [
        {"unit_kind": "hall", "old_id": old, "new_id": one.into, "succeeds_on": day, "share": 1.0}
        for old, one in leaving.items()
        if one.into is not None
    ]
    return {
        "desks": _frame("desks", _ended(desks, day)),
        "counters": _frame("counters", [*_ended(going, day), *moving]),
        "halls": _frame("halls", halls),
        "successors": _frame("successors", heirs),
    }


def _hall_row(change: Change, day: date) -> Row:
    """The version that a change makes: the old one with its end, or a new one from the day on."""
    if change.leaves:
        return {**change.hall, "valid_to": day}
    return {**change.after, "valid_from": day, "valid_to": change.hall.get("valid_to")}


def _open_in(snap: Snapshot, table: str, key: str, halls: Iterable[str], day: date) -> list[Row]:
    """The rows of counters or desks of some halls that are open on a day."""
    rows = snap.reference(table)
    if key == "desk":
        rows = rows.with_columns(desk=pl.concat_str("hall_id", "desk_no", separator="\x1f"))
    open_rows = in_force(rows, key, day, day + timedelta(days=1)).filter("valid")
    here = open_rows.filter(pl.col("hall_id").is_in(sorted(halls)))
    return [dict(row) for row in here.iter_rows(named=True)]


def _ended(rows: list[Row], day: date) -> list[Row]:
    return [{**row, "valid_to": day} for row in rows]


def _frame(table: str, rows: list[Row]) -> pl.DataFrame:
    """Rows in the columns of a contract, without numbers and origin."""
    schema = {name: kind for name, kind in REFERENCES[table].columns.items() if name != "no"}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def _check_history(snap: Snapshot, found: Diff, tables: dict[str, pl.DataFrame]) -> None:
    """An edition changes the newest version of a unit; a later one would stand over it."""
    for table, key in (("halls", "hall_id"), ("counters", "counter_id")):
        if table not in tables:
            continue
        touched = tables[table][key].unique().to_list()
        rows = snap.reference(table).filter(pl.col(key).is_in(touched))
        late = rows.filter(pl.col("valid_from") > found.day)
        first = rows.filter(pl.col("valid_from") == found.day)
        ending = tables[table].filter(pl.col("valid_to") == found.day)
        for one in late.iter_rows(named=True):
            raise HallscoreError(
                f"{table.removesuffix('s')} {one[key]!r} has a version from {one['valid_from']}, "
                f"after {found.day}. Import editions in the order of their days; withdraw the "
                "later change first (`hallscore batches list`)."
            )
        for one in first.join(ending, on=key, how="semi").iter_rows(named=True):
            raise HallscoreError(
                f"{table.removesuffix('s')} {one[key]!r} would close on {found.day}, the day on "
                "which its newest version begins. Withdraw that change, or choose a later --from."
            )


def _check_contradictions(snap: Snapshot, tables: dict[str, pl.DataFrame]) -> None:
    """Refuse changes that the ingest would refuse in part: all of them, or none."""
    before = standing(snap)
    after = dict(before)
    for table in set(tables) & set(CHECKED):
        keys = list(REFERENCE_KEYS[table])
        old = before[table].join(tables[table], on=keys, how="anti", nulls_equal=True)
        lacking = [
            pl.lit(None, kind).alias(name)
            for name, kind in {**REFERENCES[table].columns, **ORIGIN}.items()
            if name not in tables[table].columns
        ]
        fresh = tables[table].with_columns(lacking).select(old.columns)
        after[table] = pl.concat([old, fresh])
    stood = {fault.detail for one in contradictions(before) for fault in one.faults}
    for one in contradictions(after):
        fault = one.faults[0]
        if fault.detail not in stood:
            raise HallscoreError(
                f"the changes contradict what stands: {fault.detail} Nothing was changed; settle "
                "it in the decisions file (--decisions), or correct the tables first."
            )
