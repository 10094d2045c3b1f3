"""Logs in: read, type, judge, stage, commit. A batch is all there or not there at all."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from data import batches as registry
from data import steps
from data.batches import Batch
from data.derive import to_stored
from data.disk import lease, now_in, open_home, sync_tree
from data.errors import HallscoreError, nearest
from data.housekeeping import restore_ids
from data.ids import Entries, IdIndex
from data.intake import Intake, OnProgress, Request
from data.judge import CONFLICT, Verdict
from data.names import Names
from data.overlaps import Waiting
from data.profile import Profile, load_profile
from data.stage import MonthFiles, QuarantineFile, Spool, sweep
from data.store import Snapshot, commit, next_number, snapshot, sync_commit
from data.tables import LOGS, TABLES, Table
from data.units import Units
from data.views import clock_digest


def quiet(_text: str, _share: float) -> None:
    """No progress shown."""


def ingest(home: Path, request: Request, progress: OnProgress = quiet) -> Batch:
    """Take the files of a batch into the store and return its report, or raise HallscoreError.

    An error leaves nothing done.
    read = accepted + known + repeated + no_rating + the sum of quarantined, always.
    """
    table = TABLES.get(request.log)
    if table is None:
        raise HallscoreError(
            f"--log {request.log!r} is unknown; known are {', '.join(TABLES)}."
            f"{nearest(request.log, TABLES)}"
        )
    check_files(request)
    profile = load_profile(request.profile)
    profile.part(request.log)
    open_home(home)
    with lease(home, on_wait=lambda: progress("waiting for another writer", 0.0)):
        return _deliver(home, table, request, profile, progress)


def check_files(request: Request) -> None:
    """Every file is there, and none is given twice, not even under another name."""
    seen: dict[str, Path] = {}
    for path in (request.path, *request.more):
        if not path.is_file():
            raise HallscoreError(f"{path}: no such file.")
        first = seen.setdefault(file_digest(path) if request.more else "", path)
        if first is not path:
            raise HallscoreError(
                f"{path}: the very same bytes as {first} in one batch. Name the file once."
            )


@dataclass(frozen=True)
class Delivery:
    """The files of a batch on their way in, under the lease."""

    home: Path
    table: Table
    request: Request
    profile: Profile
    snap: Snapshot
    no: int
    digest: str
    generation: int

    @property
    def folder(self) -> Path:
        """Where quarantine, units and report of the batch lie."""
        return registry.folder(self.home, self.no)

    @property
    def indexes(self) -> list[IdIndex]:
        """The id indexes that the batch feeds."""
        names = [self.table.name] if self.table.name in LOGS else []
        names += ["ratings_pairs"] if self.table.name == "ratings" else []
        return [IdIndex(self.home / "ids" / name) for name in names]


def file_digest(path: Path) -> str:
    """sha256 of the bytes of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def batch_digest(table: Table, request: Request, profile: Profile) -> str:
    """What makes two deliveries the same: bytes, profile, contract and period."""
    parts = (
        *sorted(map(file_digest, request.paths)),
        profile.digest,
        table.name,
        repr(table.arrow_table),
        repr(request.span),
        # Rows that are refused a second time make the same bytes again for the third attempt.
        *map(repr, request.replayed),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _deliver(
    home: Path, table: Table, request: Request, profile: Profile, progress: OnProgress
) -> Batch:
    snap = _without_replaced(snapshot(home), request)
    digest = batch_digest(table, request, profile)
    same = [batch for batch in snap.batches if batch.digest == digest]
    for batch in same:
        if batch.withdrawn is None and not _lost_rows(snap, batch):
            _refuse_to_replace(request, batch)
            return _all_known(batch)
    no = next_number(snap.batches)
    if again := tuple(line for batch in same for line in _waiting_lines(home, batch)):
        request = replace(request, replayed=again)
    delivery = Delivery(home, table, request, profile, snap, no, digest, len(same))
    sweep(home, no)
    if table.name in LOGS:
        restore_ids(home, snap, table)
    try:
        return _all_steps(delivery, progress)
    except HallscoreError:
        sweep(home, no)
        raise


def _without_replaced(snap: Snapshot, request: Request) -> Snapshot:
    """The store as it will be once the batch that is replaced has left."""
    if request.replaces is None:
        return snap
    registry.find(snap.batches, request.replaces)
    old = {batch.no for batch in registry.same_file(snap.batches, request.replaces)}
    standing = tuple(
        replace(batch, withdrawn=batch.withdrawn or "being replaced") if batch.no in old else batch
        for batch in snap.batches
    )
    return replace(snap, batches=standing, _frames={})


def _lost_rows(snap: Snapshot, batch: Batch) -> bool:
    """Whether rows that were known when the batch came may have left with another one since."""
    return any(batch.leans_on(gone) for gone in snap.batches if gone.withdrawn is not None)


def _waiting_lines(home: Path, batch: Batch) -> list[tuple[int, int]]:
    """What a live batch has in quarantine: taken in again, the file has it there once."""
    if batch.withdrawn is not None or not batch.quarantined:
        return []
    path = registry.folder(home, batch.no) / "quarantine.parquet"
    return [(batch.no, line) for line in pl.read_parquet(path, columns=["line"])["line"]]


def _refuse_to_replace(request: Request, batch: Batch) -> None:
    """A file that counts already cannot take the place of another batch."""
    if request.replaces is not None:
        raise HallscoreError(
            f"{request.path}: committed before, as batch {batch.no}, so it cannot replace batch "
            f"{request.replaces}. Use `hallscore batches withdraw {request.replaces} --reason …`."
        )


def _all_known(batch: Batch) -> Batch:
    """The report on a file that was committed before: it adds nothing, not even to quarantine."""
    read = batch.counts["read"]
    counts = dict.fromkeys(batch.counts, 0) | {"read": read, "known": read}
    return replace(batch, counts=counts, quarantined={}, examples={}, admitted_units=0)


def _all_steps(delivery: Delivery, progress: OnProgress) -> Batch:
    """The steps of data.steps in their order."""
    waiting = Waiting(delivery.snap, delivery.request)
    quarantine = QuarantineFile(delivery.folder / "quarantine.parquet", waiting.without_known)
    intake = _intake(delivery)
    intake.take(quarantine, progress)
    progress("judging", 1.0)
    ids = intake.identities()
    verdict = intake.judge(ids)
    steps.reached("typed")
    files = _write_rows(delivery, intake, ids, verdict)
    staged = files.close()
    steps.reached("files_written")
    _quarantine_late(intake, quarantine, ids, verdict)
    if delivery.request.whole:
        _refuse_parts(quarantine, verdict, delivery.request)
    if delivery.request.overlaps and not verdict.keep.any() and not quarantine.counts:
        quarantine.close()
        return _nothing_new(delivery, _report(delivery, intake, quarantine, verdict, files))
    written = [one.path for one in staged] + [quarantine.close()]
    written += intake.write_waiting_names(delivery.folder)
    steps.reached("quarantine_written")
    written += _write_units(delivery, intake.units)
    steps.reached("units_written")
    written += _write_ids(delivery, ids.filter(verdict.keep))
    steps.reached("ids_written")
    batch = _report(delivery, intake, quarantine, verdict, files)
    written.append(registry.write_report(delivery.home, batch))
    steps.reached("report_written")
    sync_tree(written, delivery.home)
    steps.reached("staged_synced")
    commit(delivery.home, delivery.table, batch.app, batch.no, staged)
    steps.reached("committed")
    sync_commit(delivery.home, delivery.table.name)
    steps.reached("commit_synced")
    for index in delivery.indexes:
        index.merge(delivery.no + 1)
    steps.reached("indexed")
    return batch


def _refuse_parts(quarantine: QuarantineFile, verdict: Verdict, request: Request) -> None:
    """All rows or none: what is refused, or known, stops the batch before anything is kept."""
    if verdict.known or quarantine.counts:
        quarantine.close()
        told = [f"{reason}: {said}" for reason, said in quarantine.examples(()).items()]
        said = "; ".join(told) or "this very row is there already"
        end = "" if said.endswith((".", "?")) else "."
        raise HallscoreError(f"{request.log}: {said}{end} Nothing was entered.")


def _nothing_new(delivery: Delivery, batch: Batch) -> Batch:
    """An overlap that brought only what was there: number 0, for no batch was made."""
    sweep(delivery.home, delivery.no)
    return replace(batch, no=0)


def _intake(delivery: Delivery) -> Intake:
    units = Units.of(delivery.snap)
    source = delivery.request.source or delivery.profile.name
    return Intake(
        snap=delivery.snap,
        table=delivery.table,
        request=delivery.request,
        profile=delivery.profile,
        no=delivery.no,
        spool=Spool(delivery.home / "spool"),
        units=units,
        names=Names(delivery.snap, units, source),
    )


def _write_rows(
    delivery: Delivery, intake: Intake, ids: pl.DataFrame, verdict: Verdict
) -> MonthFiles:
    """The kept rows with what only the whole batch could tell: contested, key, pair."""
    files, start = MonthFiles(delivery.home, delivery.table, delivery.no), 0
    for frame in intake.spool:
        here = slice(start, start + frame.height)
        told = {
            "contested": verdict.contested[here],
            "key": ids["low"][here].reinterpret(signed=True),
            "pair": ids["pair"][here] if "pair" in ids.columns else None,
        }
        marked = frame.with_columns(
            series.alias(name)
            for name, series in told.items()
            if name in frame.columns and series is not None
        )
        kept = marked.filter(verdict.keep[here])
        if kept.height:
            files.add(kept)
            intake.units.lean_on(kept)
        start += frame.height
    intake.spool.remove()
    return files


def _quarantine_late(
    intake: Intake, quarantine: QuarantineFile, ids: pl.DataFrame, verdict: Verdict
) -> None:
    """Rows refused after typing get their raw text by a second look at the file."""
    conflicts = verdict.conflicts.join(ids.select("place", "line"), on="place").select(
        "line", reason=pl.lit(CONFLICT), detail="detail"
    )
    late = pl.concat([*intake.late, conflicts], how="vertical_relaxed")
    if late.is_empty():
        return
    for rows in intake.late_rows(late):
        quarantine.add(rows)


def _write_units(delivery: Delivery, units: Units) -> list[Path]:
    """Halls and counters that only logs know, as far as this batch names them."""
    files = []
    for name, kept in units.to_keep().items():
        numbered = kept.with_columns(
            batch=pl.lit(delivery.no), line=pl.int_range(pl.len(), dtype=pl.Int32)
        )
        path = delivery.folder / f"{name}.parquet"
        to_stored(numbered, name).write_parquet(path)
        files.append(path)
    return files


def _write_ids(delivery: Delivery, stored: pl.DataFrame) -> list[Path]:
    files: list[Path] = []
    if stored.is_empty():
        return files
    batch = np.full(stored.height, delivery.no, dtype=np.int32)
    month = stored["month"].to_numpy().astype(np.int32)
    content = stored["content"].to_numpy()
    for index in delivery.indexes:
        names = ("pair", "pair") if index.folder.name == "ratings_pairs" else ("high", "low")
        high, low = (stored[name].to_numpy().view(np.uint64) for name in names)
        files += index.write(delivery.no, Entries.sorted(high, low, content, batch, month))
    return files


def _report(
    delivery: Delivery,
    intake: Intake,
    quarantine: QuarantineFile,
    verdict: Verdict,
    files: MonthFiles,
) -> Batch:
    ratings = delivery.table.name == "ratings"
    repeated = int((verdict.contested & verdict.keep).sum()) if ratings else 0
    counts = {
        "read": intake.read,
        "accepted": int(verdict.keep.sum()) - repeated,
        "known": verdict.known + quarantine.known,
        "repeated": repeated,
        "no_rating": intake.no_rating,
    }
    parts = sum(counts.values()) - intake.read + sum(quarantine.counts.values())
    if parts != intake.read:
        raise HallscoreError(
            f"{delivery.request.title}: {intake.read} rows read, but {parts} accounted for "
            f"({counts}, {quarantine.counts}). Nothing was committed; please report this defect."
        )
    return Batch(
        no=delivery.no,
        app=f"{delivery.digest}:{delivery.generation}",
        digest=delivery.digest,
        log=delivery.table.name,
        profile=delivery.profile.reference,
        file=delivery.request.title,
        counts=counts,
        quarantined=dict(sorted(quarantine.counts.items())),
        admitted_units=intake.units.admitted_n,
        first_day=files.first_day,
        last_day=files.last_day,
        covers=_covers(delivery, files),
        replaces=delivery.request.replaces,
        replayed=delivery.request.replayed,
        clock=clock_digest(delivery.snap),
        examples=quarantine.examples(intake.told_parts),
        dead=tuple(sorted(delivery.snap.withdrawn)),
        source=delivery.request.source,
        parts=intake.told_parts,
        sheets=tuple(report.content() for report in intake.reports),
        received_at=delivery.request.received_at or now_in(delivery.profile.zone),
    )


def _covers(delivery: Delivery, files: MonthFiles) -> tuple[tuple[date, date], ...]:
    """The days on which a delivery reports: its stated period, or the whole periods of its rows."""
    if delivery.request.span is not None:
        return (delivery.request.span,)
    if files.first_day is None or files.last_day is None:
        return ()
    start, _ = delivery.profile.unit_around(files.first_day)
    _, end = delivery.profile.unit_around(files.last_day)
    return ((start, end),)
