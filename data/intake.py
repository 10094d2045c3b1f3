"""The first half of a batch: the file read, typed, joined to its units and judged."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.derive import DERIVE, day_of_names, to_stored
from data.identity import identities, no_identities, stored_hits
from data.ids import Hits, IdIndex
from data.judge import (
    Verdict,
    judge_events,
    judge_records,
    judge_references,
    mark_repeats,
)
from data.judge_tallies import judge_tallies
from data.names import NAMES_FILE, WAITING, Names, no_rejects
from data.parts import Part
from data.profile import Profile
from data.progress import PROGRESS
from data.rated import with_ratings
from data.settle import Clockwork
from data.stage import QuarantineFile, Spool
from data.store import Snapshot
from data.tables import LOGS, Table
from data.tallies import beside, logged_days
from data.typed import (
    TypedChunk,
    inversion_error,
    raw_rows,
    read_typed,
    unreadable_error,
)
from data.typing_rules import Tally
from data.unit_history import CHECKED, refused_rows
from data.units import Units
from data.views import clockwork, connect, connect_raw
from data.workbook_grid import SheetReport

OnProgress = Callable[[str, float], None]


@dataclass(frozen=True)
class Request:
    """What to take in, and how. `new_units` is the agreed number of new halls and counters."""

    path: Path
    log: str
    profile: str
    admit_units: bool = False
    new_units: int | None = None
    span: tuple[date, date] | None = None  # half-open; rows outside are out of period
    replaces: int | None = None
    replayed: tuple[tuple[int, int], ...] = ()
    source: str = ""  # its name in sources.toml
    overlaps: bool = False  # rows of earlier deliveries are sent again on purpose
    whole: bool = False  # a row that would wait, or is there already, refuses the batch
    more: tuple[Path, ...] = ()  # further files of the same batch
    received_at: datetime | None = None  # naive, at the site; without it the clock says it

    @property
    def paths(self) -> list[Path]:
        """All files, in an order that does not depend on how they were named."""
        return sorted({self.path, *self.more}, key=lambda path: (path.name, str(path)))

    @property
    def title(self) -> str:
        """The name of the file, or of the first few."""
        names = [path.name for path in self.paths]
        return ", ".join(names[:3]) + (f" … ({len(names)} files)" if len(names) > 3 else "")


@dataclass
class Intake:
    """The rows of the files of a batch while they wait for their verdict."""

    snap: Snapshot
    table: Table
    request: Request
    profile: Profile
    no: int
    spool: Spool
    units: Units
    names: Names
    read: int = 0
    no_rating: int = 0
    lines: int = 0
    grades: dict[int, int] = field(default_factory=dict)
    late: list[pl.DataFrame] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    reports: list[SheetReport] = field(default_factory=list)

    def take(self, quarantine: QuarantineFile, progress: OnProgress) -> None:
        """Read the files chunk by chunk; what contract or unit tables refuse goes aside.

        Raises HallscoreError when a file as a whole does not fit: nothing has happened then.
        """
        clock = clockwork(self.snap)
        for number, path in enumerate(self.request.paths):
            self._take_file(number, path, clock, quarantine, progress)
        if error := inversion_error(self.grades, self.profile, self.request.title):
            raise error
        self.units.check_admission(self.request.new_units)

    def _take_file(
        self,
        number: int,
        path: Path,
        clock: Clockwork,
        quarantine: QuarantineFile,
        progress: OnProgress,
    ) -> None:
        tallies: dict[str, Tally] = {}
        log, count = self.table.name, len(self.request.paths)

        def shown(done: int, total: int) -> None:
            progress("reading", (number + done / max(total, 1)) / count)

        first = len(self.parts)
        for chunk in read_typed(path, self.profile, log, shown, self.request.span):
            sheet = "" if chunk.report is None else chunk.report.sheet
            if len(self.parts) == first or sheet != self.parts[-1].sheet:
                self._refuse_unreadable(tallies, path)
                tallies = {}
                self.parts.append(Part(path.name, sheet, self.lines, number))
            for column, tally in chunk.tallies.items():
                before = tallies.get(column)
                tallies[column] = tally if before is None else before.plus(tally)
            self._take_chunk(chunk, clock, quarantine)
        self._refuse_unreadable(tallies, path)

    def _take_chunk(self, chunk: TypedChunk, clock: Clockwork, quarantine: QuarantineFile) -> None:
        before = self.parts[-1].before
        self.lines = max(self.lines, before + chunk.last)
        self.reports += [] if chunk.report is None else [chunk.report]
        rows, rejected = chunk.rows, chunk.rejects
        if before:
            onward = (pl.col("line") + before).cast(pl.Int32)
            rows, rejected = rows.with_columns(onward), rejected.with_columns(onward)
        self.read += chunk.read
        self.no_rating += chunk.no_rating
        quarantine.add(rejected)
        self._count_grades(rows)
        rows, unmatched = self._named(rows)
        self.late.append(unmatched)
        rows, strangers = with_ratings(self.snap, self.table.name, rows)
        self.late.append(strangers)
        placed = self.table.name in LOGS and "hall_id" in rows.columns
        if self.request.admit_units and placed and rows.height:
            self.units.admit(rows, self.profile.units_level)
        derived, rejects = DERIVE[self.table.name](rows, self.units, clock)
        self.late.append(rejects)
        numbered = derived.with_columns(batch=pl.lit(self.no))
        self.spool.add(to_stored(numbered, self.table.name))

    def _named(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Rows of a log with the ids that their names stand for; what waits for a decision."""
        if self.table.name not in LOGS:
            return rows, no_rejects()
        return self.names.resolve(rows, day_of_names(self.table.name))

    def write_waiting_names(self, folder: Path) -> list[Path]:
        """The names for which rows of this batch wait in quarantine, if there are any."""
        waiting = pl.concat([pl.DataFrame(schema=WAITING), *self.names.waiting])
        if waiting.is_empty():
            return []
        waiting.write_parquet(folder / NAMES_FILE)
        return [folder / NAMES_FILE]

    def _refuse_unreadable(self, tallies: dict[str, Tally], path: Path) -> None:
        sheet = self.parts[-1].sheet if self.parts else ""
        where = f"{path}, sheet {sheet!r}" if sheet else str(path)
        if error := unreadable_error(tallies, self.profile, self.table.name, where):
            raise error

    @property
    def told_parts(self) -> tuple[Part, ...]:
        """The parts, where a line needs them: none of a single file of one sheet."""
        if len(self.request.paths) == len(self.parts) == 1:
            return ()
        sheets = [part.number for part in self.parts]
        return tuple(
            part if sheets.count(part.number) > 1 else replace(part, sheet="")
            for part in self.parts
        )

    def late_rows(self, late: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Rows that were refused after typing, with their raw text by a second look at the files.

        `late` has line, reason, detail; lines are those of the batch.
        """
        for place, part in enumerate(self.parts):
            end = self.parts[place + 1].before if place + 1 < len(self.parts) else self.lines
            here = late.filter(pl.col("line") > part.before, pl.col("line") <= end)
            if here.is_empty():
                continue
            path, lines = self.request.paths[part.number], here["line"] - part.before
            for raw in raw_rows(path, self.profile, self.table.name, lines, part.sheet):
                placed = raw.with_columns((pl.col("line") + part.before).cast(pl.Int32))
                yield here.join(placed, on="line", how="inner", maintain_order="left")

    def _count_grades(self, rows: pl.DataFrame) -> None:
        if self.table.name == "ratings":
            for grade, count in rows.group_by("grade").len().iter_rows():
                self.grades[grade] = self.grades.get(grade, 0) + count

    def identities(self) -> pl.DataFrame:
        """place (0-based), line, content, month, high, low of every row, in file order."""
        parts = self.spool.each(lambda frame: identities(frame, self.table))
        ids = pl.concat(parts or [no_identities(self.table)])
        return ids.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))

    def judge(self, ids: pl.DataFrame) -> Verdict:
        """What becomes of each row, against the store and against the rest of the file."""
        hits = stored_hits(self.snap, self.table, ids, self.no)
        if progress := PROGRESS.get(self.table.name):
            return judge_records(ids, hits, progress, self.spool.pick, self._stored)
        if self.table.name == "tallies":
            return self._judge_tallies(ids, hits)
        if self.table.name not in LOGS:
            return self._consistent(ids, judge_references(ids, hits))
        verdict = judge_events(ids, hits)
        if self.table.name != "ratings":
            return verdict
        pairs = IdIndex(self.snap.home / "ids" / "ratings_pairs")
        again = mark_repeats(ids, verdict.keep, pairs, self.no, self.snap.withdrawn)
        return Verdict(verdict.keep, again, verdict.known, verdict.conflicts)

    def _consistent(self, ids: pl.DataFrame, verdict: Verdict) -> Verdict:
        """The verdict without new rows that contradict the halls and counters beside them."""
        if self.table.name not in CHECKED or not verdict.keep.any():
            return verdict
        kept = self.spool.pick(ids.filter(verdict.keep)["place"])
        refused = refused_rows(self.snap, self.table.name, kept)
        self.late.append(refused)
        stays = ~ids["line"].is_in(refused["line"].implode())
        return replace(verdict, keep=verdict.keep & stays)

    def _judge_tallies(self, ids: pl.DataFrame, hits: Hits) -> Verdict:
        """Against other tallies, and against the logs that count the same."""
        halls = dict(self.units.counters.select("counter", "counter_hall").iter_rows())
        verdict, refused = judge_tallies(
            ids, hits, self.spool.pick, self._stored, self._overruling, halls
        )
        self.late.append(refused)
        return verdict

    def _overruling(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add the `log` that holds rows of the unit and span of a tally, or null."""
        if rows.is_empty():
            return rows.with_columns(log=pl.lit(None, pl.String))
        con = connect(self.snap)
        first, last = rows.select(pl.col("since").min(), pl.col("day").max()).row(0)
        days = logged_days(lambda text: con.sql(text).pl(), self.snap, first, last)
        con.close()
        return beside(rows, days)

    def _stored(self, months: NDArray[np.int32]) -> pl.DataFrame:
        """Stored live versions in some months."""
        con = connect_raw(self.snap)
        listed = ", ".join(str(int(month)) for month in months) or "-1"
        columns = ", ".join(self.table.schema)
        found: pl.DataFrame = con.sql(
            f"SELECT {columns} FROM {self.table.name}_raw WHERE month IN ({listed})"
        ).pl()
        con.close()
        return found
