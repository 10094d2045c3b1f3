"""Rows of a source's database into the store: by watermark, with an overlap, exactly once.

The order makes it so: read in one read-only snapshot, spool, ingest as any file, and only then move
the watermark. A pull that dies anywhere runs again from the old one; the id index knows the rest.
"""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data import steps
from data.batches import Batch
from data.database_settings import DatabasePart, password_of
from data.disk import lease, open_home, sync_file, write_json
from data.errors import HallscoreError
from data.ingest import ingest, quiet
from data.intake import OnProgress, Request
from data.profile import Profile, load_profile
from data.pull_marks import Marks
from data.pull_session import Column, Reading, Session, reading_of
from data.pull_text import Rendering, formats_of
from data.sources import Source, profile_of, source_of
from data.store import snapshot
from data.typed import check_columns


@dataclass(frozen=True)
class Pulled:
    """What one pull did. `since`: the first watermark read, None for the very beginning;
    `reached`: the watermark from now on. `batch` is None where no row was there.
    """

    source: str
    read: int
    since: str | None
    reached: str | None
    batch: Batch | None
    notes: tuple[str, ...] = ()
    dry_run: bool = False

    def report(self) -> dict[str, Any]:
        """The batch report with from and to; batch: null where none was made."""
        known = self.batch.report() if self.batch else {"source": self.source, "read": self.read}
        return {
            **known,
            "batch": (self.batch.no or None) if self.batch else None,
            "from": self.since,
            "to": self.reached,
            "notes": list(self.notes),
            "dry_run": self.dry_run,
        }


@dataclass(frozen=True)
class Pull:
    """One source on its way in, under the lease of its folder."""

    home: Path
    name: str
    source: Source
    part: DatabasePart
    profile: Profile
    formats: dict[str, str]
    full: bool

    @property
    def folder(self) -> Path:
        """Where the spool and the watermark lie."""
        return self.home / "pulled" / self.name

    @property
    def mark_path(self) -> Path:
        """The file with the watermark."""
        return self.folder / "watermark.json"


def pull(
    home: Path,
    name: str,
    *,
    full: bool = False,
    dry_run: bool = False,
    admit_units: bool = False,
    new_units: int | None = None,
    progress: OnProgress = quiet,
) -> Pulled:
    """Take what is new at a source into the store; raises HallscoreError with nothing done.

    `full` reads everything again; `dry_run` only counts. Rows that the source deleted are not seen.
    """
    one = _checked(home, name, full)
    request = Request(
        one.folder / f"{name}.parquet",
        one.source.log,
        one.profile.reference,
        admit_units=admit_units,
        new_units=new_units,
        source=name,
        overlaps=True,
    )
    open_home(home)
    with _alone(one):
        try:
            read = _read(one, request.path, dry_run, progress)
            return read if dry_run or not read.read else _take(one, read, request, progress)
        finally:
            _clear(one)


def _checked(home: Path, name: str, full: bool) -> Pull:
    source = source_of(home, name)
    if source.database is None:
        raise HallscoreError(
            f"source {name!r} has no database. Add a table [sources.{name}.database] to "
            "sources.toml, see docs/how-to/databases.md."
        )
    profile = load_profile(profile_of(home, source))
    formats = formats_of(profile.part(source.log), source.log)
    return Pull(home, name, source, source.database, profile, formats, full)


@contextmanager
def _alone(one: Pull) -> Iterator[None]:
    """One pull of a source at a time. What lies in its folder may name people: ours alone."""
    one.folder.mkdir(parents=True, exist_ok=True)
    one.folder.chmod(0o700)
    try:
        with lease(one.folder, wait=False):
            _clear(one)
            yield
    except BlockingIOError:
        raise HallscoreError(
            f"source {one.name!r}: another pull of it is running. Wait for it."
        ) from None


def _clear(one: Pull) -> None:
    """Remove the spool, also that of a pull that was killed."""
    for path in one.folder.glob("*.parquet"):
        path.unlink()


def open_session(part: DatabasePart, home: Path) -> Session:
    """A read-only session; a driver is loaded only where it is needed."""
    password = password_of(part, home)
    if part.kind == "postgresql":
        from data.pull_postgres import PostgresSession

        return PostgresSession(part, password)
    from data.pull_mariadb import MariadbSession

    return MariadbSession(part, password)


def _read(one: Pull, path: Path, dry_run: bool, progress: OnProgress) -> Pulled:
    """The rows in the spool, and the watermark that holds once they are taken in."""
    progress(f"connecting to {one.part.place}", 0.0)
    with closing(open_session(one.part, one.home)) as session:
        log_part = one.profile.part(one.source.log)
        reading = reading_of(session, one.part, log_part.sources())
        check_columns(Path(one.part.subject), one.profile, one.source.log, set(reading.there))
        stored = None if one.full else _stored_mark(one)
        since = reading.start(stored) if stored else reading.first
        if dry_run:
            count = session.one(*reading.count(since)) or 0
            return Pulled(one.name, int(count), since, stored, None, dry_run=True)
        marks = Marks(reading.mark, _now(session, one.profile, reading.mark), stored)
        rendering = Rendering(reading.columns, one.profile, one.part, one.formats)
        read = _spool(reading, rendering, marks, path, since, progress)
    steps.reached("pull_spooled")
    notes = (*rendering.notes(), *marks.notes(), *_left_notes(one))
    return Pulled(one.name, read, since, marks.reached, None, notes)


def _spool(
    reading: Reading,
    rendering: Rendering,
    marks: Marks,
    path: Path,
    since: str | None,
    progress: OnProgress,
) -> int:
    """Write the rows, one piece after the other, as the parquet file that the ingest reads."""
    read, schema = 0, pa.schema([(column.name, pa.string()) for column in reading.columns])
    select, values = reading.rows(since)
    pieces = reading.session.stream(select, values, reading.part.batch_rows)
    with closing(pieces), pq.ParquetWriter(path, schema, compression="zstd") as writer:
        path.chmod(0o600)
        for rows in pieces:
            marks.see([row[-1] for row in rows])
            writer.write_table(rendering.frame(rows).to_arrow().cast(schema))
            read += len(rows)
            progress(f"read {read:,} rows", 0.0)
            steps.reached("pull_reading")
    return read


def _take(one: Pull, read: Pulled, request: Request, progress: OnProgress) -> Pulled:
    """The ordinary ingest, and the watermark after its commit."""
    batch = ingest(one.home, request, progress)
    steps.reached("pull_ingested")
    found = _stored(one)
    whole = max(batch.no, found.get("whole", 0)) if one.full else found.get("whole", 0)
    mark = {"watermark": read.reached, "of": one.part.fingerprint, "whole": whole}
    write_json(one.mark_path, mark)
    sync_file(one.home / "pulled")
    sync_file(one.home)
    steps.reached("pull_marked")
    return replace(read, batch=batch)


def _stored(one: Pull) -> dict[str, Any]:
    """What the last pull left; nothing before the first."""
    if not one.mark_path.is_file():
        return {}
    found: dict[str, Any] = json.loads(one.mark_path.read_text("utf-8"))
    return found


def _stored_mark(one: Pull) -> str | None:
    """The watermark that the last pull reached; HallscoreError where it is that of other rows."""
    found = _stored(one)
    if found and found["of"] != one.part.fingerprint:
        raise HallscoreError(
            f"{one.mark_path}: the watermark {found['watermark']!r} is of other rows than the "
            f"source {one.name!r} names now (kind, database, table or query, or watermark column "
            "changed). Read everything again with --full."
        )
    mark: str | None = found.get("watermark")
    return mark


def _now(session: Session, profile: Profile, mark: Column) -> str:
    """The server's own clock, written as the watermark is: a local time in the profile's zone."""
    now = datetime.fromisoformat(session.now()).replace(tzinfo=UTC)
    zone = UTC if mark.kind == "instant" else profile.zone
    return now.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S.%f")


def _left_notes(one: Pull) -> list[str]:
    """Withdrawn batches of this source whose rows lie behind the watermark."""
    if one.full:
        return []
    whole = _stored(one).get("whole", 0)
    gone = [
        str(batch.no)
        for batch in snapshot(one.home).batches
        if batch.source == one.name and batch.withdrawn is not None and batch.no > whole
    ]
    if not gone:
        return []
    return [f"withdrawn batches of this source: {', '.join(gone)}; --full reads their rows again"]
