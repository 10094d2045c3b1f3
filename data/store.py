"""The event store: Delta tables on disk, one commit point per batch, snapshots for readers."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from data import batches as registry
from data.batches import Batch
from data.disk import check_format, sync_file
from data.errors import HallscoreError
from data.questions import Questions
from data.tables import LOGS, REFERENCE_KEYS, REFERENCES, TABLES, Table

ATTEMPTS = 20
KEEP_HOURS = 7 * 24


@dataclass(frozen=True)
class StagedFile:
    """A parquet file that lies in the table's folder and waits for the commit."""

    path: Path
    rows: int
    month: int | None
    first_day: str | None
    last_day: str | None


def table_path(home: Path, name: str) -> Path:
    """Folder of the Delta table of a log or reference table."""
    return home / ("log" if name in LOGS else "reference") / name


def open_table(home: Path, name: str) -> DeltaTable | None:
    """A handle on the newest version, or None when nothing was ever committed to it."""
    try:
        return DeltaTable(table_path(home, name))
    except TableNotFoundError:
        return None


def create_table(home: Path, table: Table) -> DeltaTable:
    """Open the table, making it (durably) when it is not there."""
    handle = open_table(home, table.name)
    if handle is None:
        path = table_path(home, table.name)
        path.mkdir(parents=True, exist_ok=True)
        handle = DeltaTable.create(
            path,
            schema=table.arrow_table,
            partition_by=["month"] if table.partitioned else None,
            mode="ignore",
        )
        _sync_log(path, handle.version())
        sync_file(path.parent)
    return handle


def _sync_log(path: Path, version: int) -> None:
    log = path / "_delta_log"
    for entry in sorted(log.glob(f"{version:020d}*")):
        sync_file(entry)
    sync_file(log)
    sync_file(path)


def _action(root: Path, staged: StagedFile) -> AddAction:
    footer = pq.read_metadata(staged.path)
    if footer.num_rows != staged.rows:
        raise HallscoreError(
            f"{staged.path}: {footer.num_rows} rows in the footer, {staged.rows} were written; "
            "the disk lost data. Nothing was committed; check the disk and ingest again."
        )
    days = {} if staged.first_day is None else {"day": staged.first_day}
    last = {} if staged.last_day is None else {"day": staged.last_day}
    stats = {"numRecords": staged.rows, "minValues": days, "maxValues": last, "nullCount": {}}
    return AddAction(
        path=staged.path.relative_to(root).as_posix(),
        size=staged.path.stat().st_size,
        partition_values={} if staged.month is None else {"month": str(staged.month)},
        modification_time=int(time.time() * 1000),
        data_change=True,
        stats=json.dumps(stats),
    )


def commit(home: Path, table: Table, app: str, no: int, files: list[StagedFile]) -> None:
    """Make a batch count, once: the table's log names its files and its transaction together.

    The question and the write use the same handle: delta-rs does not refuse a repeated
    transaction id through a fresh one, but it does refuse a write from an old snapshot.
    """
    root = table_path(home, table.name)
    actions: list[AddAction | RemoveAction] = [_action(root, staged) for staged in files]
    properties = CommitProperties(app_transactions=[Transaction(app, no)], max_commit_retries=0)
    handle = create_table(home, table)
    for _ in range(ATTEMPTS):
        if handle.transaction_version(app) is not None:
            return
        try:
            handle.create_write_transaction(
                actions,
                "append",
                table.arrow_table,
                ["month"] if table.partitioned else [],
                commit_properties=properties,
            )
            return
        except CommitFailedError:
            handle = DeltaTable(root)
    raise HallscoreError(
        f"{root}: another writer committed {ATTEMPTS} times in between. Nothing of this batch "
        "counts; run the ingest again."
    )


def replace_month(home: Path, table: Table, month: int, files: list[StagedFile]) -> None:
    """Put one file in the place of all files of a month, in one commit that changes no row."""
    root = table_path(home, table.name)
    handle = DeltaTable(root)
    actions: list[AddAction | RemoveAction] = [
        replace(_action(root, staged), data_change=False) for staged in files
    ]
    handle.create_write_transaction(
        actions,
        "overwrite",
        table.arrow_table,
        ["month"],
        [("month", "=", str(month))],
        commit_properties=CommitProperties(max_commit_retries=0),
    )


def vacuum(home: Path, table: Table) -> None:
    """Remove files that no snapshot of the last week names, leftovers of killed attempts too."""
    path = table_path(home, table.name)
    if path.exists():
        DeltaTable(path).vacuum(retention_hours=KEEP_HOURS, dry_run=False, full=True)


def sync_commit(home: Path, name: str) -> None:
    """Flush the newest log entry of a table, so that the commit survives a power cut."""
    path = table_path(home, name)
    _sync_log(path, DeltaTable(path).version())


@dataclass(frozen=True)
class Snapshot:
    """One consistent view of a home; equal stamps mean equal content."""

    home: Path
    versions: dict[str, int]
    batches: tuple[Batch, ...]
    files: dict[str, tuple[str, ...]]
    _frames: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    # Of a frozen home alone: its rows of the large logs are answers to questions.
    questions: Questions | None = field(default=None, repr=False, compare=False)
    live_snap: "Snapshot | None" = field(default=None, repr=False, compare=False)

    @property
    def withdrawn(self) -> frozenset[int]:
        """Numbers of the batches that no longer count."""
        return frozenset(batch.no for batch in self.batches if batch.withdrawn is not None)

    @property
    def live(self) -> tuple[Batch, ...]:
        """The batches that count."""
        return tuple(batch for batch in self.batches if batch.withdrawn is None)

    def told(self, question: str, ask: Callable[["Snapshot"], pl.DataFrame]) -> pl.DataFrame:
        """Rows that `ask` reads of a snapshot; a frozen one answers from what it kept."""
        if self.questions is None:
            return ask(self)
        return self.questions.told(question, lambda: ask(self.live_snap or self))

    @property
    def stamp(self) -> str:
        """Digest of everything that a reader can see."""
        return self.stamp_of(*TABLES)

    def stamp_of(self, *tables: str) -> str:
        """Digest of what a reader can see of some tables."""
        dead = sorted(b.no for b in self.batches if b.withdrawn is not None and b.log in tables)
        seen = [(name, self.versions.get(name, -1)) for name in sorted(tables)]
        units = [b.no for b in self.live if b.admitted_units]
        return hashlib.sha256(repr((seen, dead, units)).encode()).hexdigest()[:16]

    def reference(self, table: str) -> pl.DataFrame:
        """Current rows of a reference table: the last live batch wins, per key and valid_from."""
        if table not in self._frames:
            self._frames[table] = self._read_reference(table)
        return self._frames[table]

    def _read_reference(self, table: str) -> pl.DataFrame:
        schema = REFERENCES[table].schema
        stored = pl.DataFrame(schema=schema)
        if self.files[table]:
            read = pl.read_parquet(list(self.files[table]), hive_partitioning=False)
            stored = read.select(pl.col(name).cast(kind) for name, kind in schema.items())
        dead = sorted(self.withdrawn)
        live = stored.filter(~pl.col("batch").is_in(dead))
        admitted = [pl.DataFrame(schema=schema)]
        for batch in self.live:
            path = registry.folder(self.home, batch.no) / f"{table}.parquet"
            if path.exists():
                admitted.append(pl.read_parquet(path))
        # A reference file is the better source: what it knows replaces what a log named.
        key = REFERENCES[table].id_column
        named = pl.concat(admitted).join(live.select(key), on=key, how="anti")
        keys = list(REFERENCE_KEYS[table])
        newest = pl.concat([live, named]).sort("batch", "line")
        return newest.unique(keys, keep="last", maintain_order=True).sort(keys)


def snapshot(home: Path) -> Snapshot:
    """What is committed now. Later commits do not change it; its files stay for readers."""
    check_format(home)
    if is_frozen(home):
        return thawed(home)
    handles = {name: open_table(home, name) for name in TABLES}

    def knows(batch: Batch) -> bool:
        handle = handles.get(batch.log)
        return handle is not None and handle.transaction_version(batch.app) is not None

    found = registry.committed(home, knows)
    return Snapshot(
        home=home,
        versions={name: handle.version() for name, handle in handles.items() if handle},
        batches=found,
        files={
            name: tuple(sorted(handle.file_uris())) if handle else ()
            for name, handle in handles.items()
        },
    )


def frozen_path(home: Path) -> Path:
    """The file that makes a folder a frozen home: the inputs of an edition, never written again."""
    return home / "frozen.json"


def is_frozen(home: Path) -> bool:
    """Whether a home holds the inputs of an edition alone."""
    return frozen_path(home).exists()


def thawed(home: Path, live: Snapshot | None = None) -> Snapshot:
    """The snapshot of a frozen home; with `live`, questions are put to that one and kept."""
    content = json.loads(frozen_path(home).read_text("utf-8"))
    references = {name: pl.read_parquet(home / path) for name, path in content["tables"].items()}
    return Snapshot(
        home=home,
        versions=content["versions"],
        batches=registry.committed(home, lambda batch: True),
        files={
            name: tuple(str(home / path) for path in content["files"].get(name, ()))
            for name in TABLES
        },
        _frames=references,
        questions=Questions(home / "rows", recording=live is not None),
        live_snap=live,
    )


def next_number(found: tuple[Batch, ...]) -> int:
    """The number that the next batch gets: one above every committed one."""
    return max((batch.no for batch in found), default=0) + 1
