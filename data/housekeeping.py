"""Housekeeping: many small files become one per month, lost id runs come back, old files go."""

from pathlib import Path

import numpy as np
import polars as pl

from data.disk import lease, open_home, sync_all
from data.identity import identities
from data.ids import Entries, IdIndex
from data.stage import MonthFiles
from data.store import Snapshot, replace_month, snapshot, sync_commit, vacuum
from data.tables import LOGS, Table
from data.views import connect_raw, everything

FILES_ENOUGH = 2  # a month with so many files is worth one sorted file


def compact(home: Path) -> dict[str, int]:
    """Write each month that has several files as one, sorted by counter; months done per log.

    Rows, batches and lines stay; who reads an older snapshot keeps its files for a week.
    """
    open_home(home)
    found = {}
    with lease(home):
        for table in LOGS.values():
            months = _crowded(snapshot(home), table)
            for month in months:
                _compact_month(home, table, month)
            if months:
                found[table.name] = len(months)
            vacuum(home, table)
    return found


def _crowded(snap: Snapshot, table: Table) -> list[int]:
    counts: dict[int, int] = {}
    for path in snap.files[table.name]:
        month = int(Path(path).parent.name.removeprefix("month="))
        counts[month] = counts.get(month, 0) + 1
    return sorted(month for month, files in counts.items() if files >= FILES_ENOUGH)


def _compact_month(home: Path, table: Table, month: int) -> None:
    snap = snapshot(home)
    mine = [path for path in snap.files[table.name] if f"/month={month}/" in path]
    rows = pl.read_parquet(mine, hive_partitioning=False)
    last = max(int(Path(path).name.split("-")[0]) for path in mine)
    by = [name for name in ("counter", "day", "batch", "line") if name in rows.columns]
    files = MonthFiles(home, table, last)
    files.add(rows.select(table.schema.names()).sort(by))
    staged = files.close()
    sync_all(one.path for one in staged)
    replace_month(home, table, month, staged)
    sync_commit(home, table.name)


def restore_ids(home: Path, snap: Snapshot, table: Table) -> list[int]:
    """Make the id runs again that committed batches of a log have lost; their numbers."""
    names = [table.name, *(["ratings_pairs"] if table.name == "ratings" else [])]
    restored: set[int] = set()
    for name in names:
        index = IdIndex(home / "ids" / name)
        kept = {
            batch.no
            for batch in snap.batches
            if batch.log == table.name and batch.counts["accepted"] + batch.counts["repeated"]
        }
        lost = sorted(no for no in kept if not index.covers(no))
        for no in lost:
            _restore_run(snap, table, index, no)
        restored |= set(lost)
    return sorted(restored)


def _restore_run(snap: Snapshot, table: Table, index: IdIndex, no: int) -> None:
    con = connect_raw(snap)
    source = everything(con, snap, table.name)
    columns = ", ".join(table.schema)
    rows: pl.DataFrame = con.sql(f"SELECT {columns} FROM {source} WHERE batch = {no}").pl()
    con.close()
    typed = rows.select(pl.col(name).cast(kind) for name, kind in table.schema.items())
    ids = identities(typed, table)
    names = ("pair", "pair") if index.folder.name == "ratings_pairs" else ("high", "low")
    high, low = (ids[name].to_numpy().view(np.uint64) for name in names)
    batch = np.full(ids.height, no, dtype=np.int32)
    month = ids["month"].to_numpy().astype(np.int32)
    entries = Entries.sorted(high, low, ids["content"].to_numpy(), batch, month)
    sync_all(index.restore(no, entries))
