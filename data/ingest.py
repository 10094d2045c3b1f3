"""Logs in: read, type, judge, stage, commit. A batch is all there or not there at all."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from data import batches as registry
from data import steps
from data.batches import Batch
from data.derive import DERIVE, to_stored
from data.disk import lease, open_home, sync_all, sync_file
from data.errors import HallscoreError
from data.identity import identities, no_identities, stored_hits
from data.ids import Entries, IdIndex
from data.judge import (
    CONFLICT,
    Verdict,
    judge_cases,
    judge_events,
    judge_references,
    mark_repeats,
)
from data.profile import Profile, load_profile
from data.stage import MonthFiles, QuarantineFile, Spool, sweep
from data.store import Snapshot, StagedFile, commit, next_number, snapshot, sync_commit
from data.tables import LOGS, TABLES, Table
from data.typed import inversion_error, raw_rows, read_typed
from data.units import Units
from data.views import clock_digest, clockwork, connect

OnProgress = Callable[[str, float], None]


@dataclass(frozen=True)
class Request:
    """What to take in, and how. `new_units` is the agreed number of halls and counters that are new."""

    path: Path
    log: str
    profile: str
    admit_units: bool = False
    new_units: int | None = None
    span: tuple[date, date] | None = None  # half-open; rows outside are out of period
    replaces: int | None = None
    replayed: tuple[tuple[int, int], ...] = ()


def quiet(_text: str, _share: float) -> None:
    """No progress shown."""


def ingest(home: Path, request: Request, progress: OnProgress = quiet) -> Batch:
    """Take one file into the store and return its report; raises HallscoreError with nothing done.

    read = accepted + known + repeated + no_rating + the sum of quarantined, always.
    """
    table = TABLES.get(request.log)
    if table is None:
        raise HallscoreError(f"log {request.log!r} is unknown; known logs: {', '.join(TABLES)}.")
    if not request.path.is_file():
        raise HallscoreError(f"{request.path}: no such file. Name a file that is there.")
    profile = load_profile(request.profile)
    open_home(home)
    with lease(home, on_wait=lambda: progress("waiting for another writer", 0.0)):
        return Attempt(home, table, request, profile, progress).run()


def file_digest(path: Path) -> str:
    """sha256 of the bytes of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _all_known(batch: Batch) -> Batch:
    """The report on a file that was committed before: it adds nothing, not even to quarantine."""
    counts = dict.fromkeys(batch.counts, 0) | {
        "read": batch.counts["read"],
        "known": batch.counts["read"],
    }
    return replace(batch, counts=counts, quarantined={}, admitted_units=0)


class Attempt:
    """One try at one file, under the lease."""

    def __init__(
        self, home: Path, table: Table, request: Request, profile: Profile, progress: OnProgress
    ) -> None:
        self.home, self.table, self.request = home, table, request
        self.profile, self.progress = profile, progress
        self.snap = self._without_replaced(snapshot(home))
        self.no = next_number(self.snap.batches)
        self.digest = self._batch_digest()
        self.spool = Spool(home / "spool")
        self.units = Units.of(self.snap)
        self.read = self.no_rating = 0
        self.grades: dict[int, int] = {}

    def _without_replaced(self, snap: Snapshot) -> Snapshot:
        """The store as it will be once the batch that is replaced has left."""
        if self.request.replaces is None:
            return snap
        old = registry.find(snap.batches, self.request.replaces)
        gone = replace(old, withdrawn=old.withdrawn or "being replaced")
        return replace(
            snap, batches=tuple(gone if b.no == old.no else b for b in snap.batches), _frames={}
        )

    def _batch_digest(self) -> str:
        parts = (
            file_digest(self.request.path),
            self.profile.digest,
            self.table.name,
            repr(self.table.arrow_table.names),
            repr(self.request.span),
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def run(self) -> Batch:
        """All steps of data.steps in order."""
        same = [batch for batch in self.snap.batches if batch.digest == self.digest]
        for batch in same:
            if batch.withdrawn is None:
                return _all_known(batch)
        sweep(self.home, self.table, self.no)
        self._indexes_forget()
        folder = registry.folder(self.home, self.no)
        quarantine = QuarantineFile(folder / "quarantine.parquet")
        self._type(quarantine)
        ids = self._identities()
        verdict = self._judge(ids)
        repeats = self._repeats(ids, verdict)
        steps.reached("typed")
        staged, stored = self._write_rows(ids, verdict, repeats)
        steps.reached("files_written")
        self._quarantine_late(quarantine, ids, verdict)
        written = [one.path for one in staged] + [quarantine.close()]
        steps.reached("quarantine_written")
        written += self._write_units(folder)
        steps.reached("units_written")
        written += self._write_ids(stored)
        steps.reached("ids_written")
        batch = self._report(len(same), quarantine, verdict, repeats, stored)
        written.append(registry.write_report(self.home, batch))
        steps.reached("report_written")
        sync_all(written)
        sync_file(self.home / "batches")
        steps.reached("staged_synced")
        commit(self.home, self.table, batch.app, batch.no, staged)
        steps.reached("committed")
        sync_commit(self.home, self.table.name)
        steps.reached("commit_synced")
        self._after(batch)
        steps.reached("settled")
        return batch

    def _indexes_forget(self) -> None:
        for index in self._indexes():
            index.forget(self.no)

    def _indexes(self) -> list[IdIndex]:
        names = [self.table.name] if self.table.name in LOGS else []
        if self.table.name == "ratings":
            names.append("ratings_pairs")
        return [IdIndex(self.home / "ids" / name) for name in names]

    def _type(self, quarantine: QuarantineFile) -> None:
        """Read the file chunk by chunk; what the contract or the unit tables refuse goes aside."""
        clock = clockwork(self.snap)
        self.late: list[pl.DataFrame] = []
        shown = lambda done, total: self.progress("reading", done / max(total, 1))  # noqa: E731
        for chunk in read_typed(
            self.request.path, self.profile, self.table.name, on_bytes=shown, span=self.request.span
        ):
            self.read += chunk.read
            self.no_rating += chunk.no_rating
            quarantine.add(chunk.rejects)
            rows = chunk.rows
            self._count_grades(rows)
            if self.request.admit_units and self.table.name in LOGS and rows.height:
                self.units.admit(rows, self.profile.units_level, tuple(rows.columns))
            derived, rejects = DERIVE[self.table.name](rows, self.units, clock)
            self.late.append(rejects)
            self._add_to_spool(derived)
        self._check_grades()
        self.units.check_admission(self.request.new_units)

    def _add_to_spool(self, derived: pl.DataFrame) -> None:
        self.spool.add(to_stored(derived.with_columns(batch=pl.lit(self.no)), self.table.name))

    def _count_grades(self, rows: pl.DataFrame) -> None:
        if self.table.name == "ratings":
            for grade, count in rows.group_by("grade").len().iter_rows():
                self.grades[grade] = self.grades.get(grade, 0) + count

    def _check_grades(self) -> None:
        error = inversion_error(self.grades, self.profile, self.request.path)
        if error is not None:
            raise error

    def _identities(self) -> pl.DataFrame:
        parts = [identities(frame, self.table) for frame in self.spool]
        ids = pl.concat(parts or [no_identities(self.table)])
        return ids.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))

    def _judge(self, ids: pl.DataFrame) -> Verdict:
        self.progress("judging", 1.0)
        hits = stored_hits(self.snap, self.table, ids, self.no)
        if self.table.name == "cases":
            return judge_cases(ids, hits, self.spool.pick, self._old_cases)
        if self.table.name in LOGS:
            return judge_events(ids, hits)
        return judge_references(ids, hits)

    def _old_cases(self, months: np.ndarray) -> pl.DataFrame:
        """Stored live versions in the months that the id index names."""
        con = connect(self.snap)
        listed = ", ".join(str(int(month)) for month in months)
        columns = ", ".join(self.table.schema)
        found = con.sql(f"SELECT {columns} FROM cases_raw WHERE month IN ({listed})").pl()
        con.close()
        return found

    def _repeats(self, ids: pl.DataFrame, verdict: Verdict) -> pl.Series:
        if self.table.name != "ratings":
            return verdict.contested
        pairs = IdIndex(self.home / "ids" / "ratings_pairs")
        return mark_repeats(ids, verdict.keep, pairs, self.no, self.snap.withdrawn)

    def _write_rows(
        self, ids: pl.DataFrame, verdict: Verdict, contested: pl.Series
    ) -> tuple[list[StagedFile], pl.DataFrame]:
        files, start = MonthFiles(self.home, self.table, self.no), 0
        for frame in self.spool:
            here = slice(start, start + frame.height)
            marked = frame
            if "contested" in frame.columns:
                marked = marked.with_columns(contested=contested[here])
            if "key" in frame.columns:
                marked = marked.with_columns(key=ids["low"][here].reinterpret(signed=True))
            if "pair" in frame.columns:
                marked = marked.with_columns(pair=ids["pair"][here])
            kept = marked.filter(verdict.keep[here])
            if kept.height:
                files.add(kept)
            start += frame.height
        self.days = files.first_day, files.last_day
        staged = files.close()
        self.spool.remove()
        return staged, ids.filter(verdict.keep)

    def _quarantine_late(
        self, quarantine: QuarantineFile, ids: pl.DataFrame, verdict: Verdict
    ) -> None:
        """Rows refused after typing get their raw text by a second look at the file."""
        conflicts = verdict.conflicts.join(ids.select("place", "line"), on="place").select(
            "line", reason=pl.lit(CONFLICT), detail="detail"
        )
        late = pl.concat([*self.late, conflicts], how="vertical_relaxed")
        if late.is_empty():
            return
        for raw in raw_rows(self.request.path, self.profile, self.table.name, late["line"]):
            quarantine.add(late.join(raw, on="line", how="inner", maintain_order="left"))

    def _write_units(self, folder: Path) -> list[Path]:
        files = []
        for name, entries in self.units.admitted.items():
            frame = pl.DataFrame(entries, schema_overrides={"no": pl.Int32})
            frame = frame.with_columns(
                batch=pl.lit(self.no), line=pl.int_range(pl.len(), dtype=pl.Int32)
            )
            path = folder / f"{name}.parquet"
            to_stored(frame, name).write_parquet(path)
            files.append(path)
        return files

    def _write_ids(self, stored: pl.DataFrame) -> list[Path]:
        files: list[Path] = []
        if self.table.name not in LOGS or stored.is_empty():
            return files
        batch = np.full(stored.height, self.no, dtype=np.int32)
        month = stored["month"].to_numpy().astype(np.int32)
        high, low = stored["high"].to_numpy(), stored["low"].to_numpy()
        content = stored["content"].to_numpy()
        for index in self._indexes():
            if index.folder.name == "ratings_pairs":
                high = low = stored["pair"].to_numpy().view(np.uint64)
            files += index.write(self.no, Entries.sorted(high, low, content, batch, month))
        return files

    def _report(
        self, generation: int, quarantine: QuarantineFile, verdict: Verdict,
        repeats: pl.Series, stored: pl.DataFrame,
    ) -> Batch:
        ratings = self.table.name == "ratings"
        repeated = int((repeats & verdict.keep).sum()) if ratings else 0
        counts = {
            "read": self.read,
            "accepted": stored.height - repeated,
            "known": verdict.known,
            "repeated": repeated,
            "no_rating": self.no_rating,
        }
        parts = sum(counts.values()) - self.read + sum(quarantine.counts.values())
        if parts != self.read:
            raise HallscoreError(
                f"{self.request.path}: {self.read} rows read, but {parts} accounted for "
                f"({counts}, {quarantine.counts}). Nothing was committed; this is a defect."
            )
        first, last = self.days
        return Batch(
            no=self.no,
            app=f"{self.digest}:{generation}",
            digest=self.digest,
            log=self.table.name,
            profile=self.profile.reference,
            file=self.request.path.name,
            counts=counts,
            quarantined=dict(sorted(quarantine.counts.items())),
            admitted_units=self.units.admitted_n,
            first_day=first,
            last_day=last,
            covers=self._covers(first, last),
            replaces=self.request.replaces,
            replayed=self.request.replayed,
            clock=clock_digest(self.snap),
        )

    def _covers(self, first: date | None, last: date | None) -> tuple[tuple[date, date], ...]:
        if self.request.span is not None:
            return (self.request.span,)
        if first is None or last is None:
            return ()
        start, _ = self.profile.unit_around(first)
        _, end = self.profile.unit_around(last)
        return ((start, end),)

    def _after(self, batch: Batch) -> None:
        for index in self._indexes():
            index.merge(self.no + 1)
        if self.table.name in ("ratings", "cases"):
            connect(snapshot(self.home)).close()
