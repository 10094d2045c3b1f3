"""The files of a batch before its commit: typed rows in a spool, then one file per month."""

import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TypeVar

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data.ids import IdIndex
from data.parts import Part, shown
from data.store import StagedFile, table_path
from data.tables import Table

IN_MEMORY_ROWS = 1_500_000
# A dictionary would only cost. No column that may be null: DuckDB 2.0.0 misreads IS NULL there.
UNIQUE = ("id", "case_id", "key", "pair", "line")
QUARANTINE = {
    "line": pl.Int32(),
    "reason": pl.String(),
    "detail": pl.String(),
    "raw": pl.String(),
}


Found = TypeVar("Found")
THREADS = 2


class Spool:
    """Typed rows in arrival order; beyond a million and a half they wait on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.frames: list[pl.DataFrame | Path] = []
        self.rows = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Append one chunk."""
        self.rows += frame.height
        if self.rows <= IN_MEMORY_ROWS:
            self.frames.append(frame)
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{len(self.frames):05d}.arrow"
        frame.write_ipc(path)
        self.frames.append(path)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        yield from map(_frame_of, self.frames)

    def each(self, call: Callable[[pl.DataFrame], Found]) -> list[Found]:
        """What `call` finds in every chunk, in order; two chunks at a time."""
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(lambda one: call(_frame_of(one)), self.frames))

    def pick(self, places: pl.Series) -> pl.DataFrame:
        """The rows at these 0-based places (sorted), with their place."""
        found, start = [], 0
        for frame in self:
            here = places.filter((places >= start) & (places < start + frame.height))
            found.append(frame[(here - start)].with_columns(place=here.cast(pl.Int64)))
            start += frame.height
        return pl.concat(found)

    def remove(self) -> None:
        """Delete what waits on disk."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _frame_of(one: pl.DataFrame | Path) -> pl.DataFrame:
    return pl.read_ipc(one) if isinstance(one, Path) else one


class MonthFiles:
    """One parquet file per month of the batch, written as the chunks pass by."""

    def __init__(self, home: Path, table: Table, no: int) -> None:
        self.root = table_path(home, table.name)
        self.table = table
        self.no = no
        self.writers: dict[int | None, pq.ParquetWriter] = {}
        self.staged: dict[int | None, StagedFile] = {}
        # They compress while the next chunk is prepared; a month stays with one, so its rows do
        # not change places.
        self.workers = [ThreadPoolExecutor(1) for _ in range(THREADS)]
        self.pending: list[Future[None]] = []
        self.first_day: date | None = None
        self.last_day: date | None = None

    def add(self, frame: pl.DataFrame) -> None:
        """Write kept rows in the table's columns, sorted by counter inside the chunk and month."""
        if not self.table.partitioned:
            self._write(None, frame)
            return
        self._note_days(frame)
        month = pl.col("day").dt.year() * 100 + pl.col("day").dt.month()
        parts = frame.with_columns(_month=month.cast(pl.Int32)).partition_by("_month", as_dict=True)
        for (number,), part in sorted(parts.items()):
            by = "counter" if "counter" in part.columns else "day"
            self._write(int(number), part.drop("_month").sort(by, maintain_order=True))

    def _note_days(self, frame: pl.DataFrame) -> None:
        """The span of days that the rows speak of: of a case or redress up to its closing."""
        progresses = self.table.name in ("cases", "rectifications")
        for name in ("day", "closed_on") if progresses else ("day",):
            low, high = frame[name].min(), frame[name].max()
            if isinstance(low, date) and isinstance(high, date):
                self.first_day = min(low, self.first_day or low)
                self.last_day = max(high, self.last_day or high)

    def _write(self, month: int | None, part: pl.DataFrame) -> None:
        if month not in self.writers:
            folder = self.root if month is None else self.root / f"month={month}"
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{self.no:06d}-{uuid.uuid4().hex[:12]}.parquet"
            self.writers[month] = pq.ParquetWriter(
                path,
                self.table.arrow,
                compression="zstd",
                compression_level=1,
                use_dictionary=[n for n in self.table.arrow.names if n not in UNIQUE],
            )
            self.staged[month] = StagedFile(path, 0, month, None, None)
        worker = self.workers[list(self.writers).index(month) % THREADS]
        self.pending.append(worker.submit(self._append, self.writers[month], part))
        self.staged[month] = _grown(self.staged[month], part)

    def _append(self, writer: pq.ParquetWriter, part: pl.DataFrame) -> None:
        writer.write_table(_arrow(part, self.table.arrow))

    def close(self) -> list[StagedFile]:
        """Finish the files; none of them counts before the commit."""
        for one in self.pending:
            one.result()
        for worker in self.workers:
            worker.shutdown()
        for writer in self.writers.values():
            writer.close()
        return list(self.staged.values())


def _arrow(part: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    return part.select(schema.names).to_arrow().cast(schema)


def _grown(staged: StagedFile, part: pl.DataFrame) -> StagedFile:
    first, last = staged.first_day, staged.last_day
    if "day" in part.columns and part.height:
        low, high = str(part["day"].min()), str(part["day"].max())
        first = low if first is None else min(first, low)
        last = high if last is None else max(last, high)
    return StagedFile(staged.path, staged.rows + part.height, staged.month, first, last)


class QuarantineFile:
    """Rows that were not accepted, with line, reason and (masked) raw text, as they are found."""

    def __init__(self, path: Path, fresh: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
        """`fresh` leaves out the rejects that wait from an earlier delivery; they are `known`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.fresh = fresh
        self.known = 0
        self.schema = pl.DataFrame(schema=QUARANTINE).to_arrow().schema
        self.writer = pq.ParquetWriter(path, self.schema, compression="zstd")
        self.counts: dict[str, int] = {}
        self.first: dict[str, tuple[int, str]] = {}

    def add(self, rejects: pl.DataFrame) -> None:
        """Append rejects (line, reason, detail, raw)."""
        seen = rejects.height
        rejects = self.fresh(rejects)
        self.known += seen - rejects.height
        if rejects.is_empty():
            return
        first = pl.col("line").sort_by("line").first(), pl.col("detail").sort_by("line").first()
        for reason, count, line, detail in (
            rejects.group_by("reason").agg(pl.len(), *first).iter_rows()
        ):
            self.counts[reason] = self.counts.get(reason, 0) + count
            self.first.setdefault(reason, (line, detail))
        part = rejects.select(pl.col(name).cast(kind) for name, kind in QUARANTINE.items())
        self.writer.write_table(part.to_arrow().cast(self.schema))

    def examples(self, parts: Sequence[Part]) -> dict[str, str]:
        """The first row of each reason, by its line in its part of the batch."""
        return {
            reason: f"{shown(parts, line)}: {detail}"
            for reason, (line, detail) in self.first.items()
        }

    def close(self) -> Path:
        """Finish the file."""
        self.writer.close()
        return self.path


def sweep(home: Path, no: int) -> None:
    """Remove what attempts left that never committed; numbers from `no` on are not in use.

    Of every table, not only the one that comes next: the number will be that of another log, and
    its leftovers would count as committed with it.
    """
    for pattern in ("log/*/month=*/*.parquet", "reference/*/*.parquet"):
        for path in home.glob(pattern):
            if int(path.name.split("-")[0]) >= no:
                path.unlink()
    for folder in (home / "ids").glob("*"):
        IdIndex(folder).forget(no)
    for folder in (home / "batches").glob("[0-9]*"):
        if int(folder.name) >= no:
            shutil.rmtree(folder)
    shutil.rmtree(home / "spool", ignore_errors=True)
