"""The first half of a batch: the file read, typed, joined to its units and judged."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.derive import DERIVE, to_stored
from data.identity import identities, no_identities, stored_hits
from data.ids import IdIndex
from data.judge import (
    Verdict,
    judge_cases,
    judge_events,
    judge_references,
    mark_repeats,
)
from data.profile import Profile
from data.stage import QuarantineFile, Spool
from data.store import Snapshot
from data.tables import LOGS, Table
from data.typed import inversion_error, read_typed, unreadable_error
from data.typing_rules import Tally
from data.unit_history import CHECKED, refused_rows
from data.units import Units
from data.views import clockwork, connect_raw

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


@dataclass
class Intake:
    """The rows of one file while they wait for their verdict."""

    snap: Snapshot
    table: Table
    request: Request
    profile: Profile
    no: int
    spool: Spool
    units: Units
    read: int = 0
    no_rating: int = 0
    grades: dict[int, int] = field(default_factory=dict)
    late: list[pl.DataFrame] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)

    def take(self, quarantine: QuarantineFile, progress: OnProgress) -> None:
        """Read the file chunk by chunk; what contract or unit tables refuse goes aside.

        Raises HallscoreError when the file as a whole does not fit: nothing has happened then.
        """
        clock = clockwork(self.snap)

        def shown(done: int, total: int) -> None:
            progress("reading", done / max(total, 1))

        for chunk in read_typed(
            self.request.path, self.profile, self.table.name, shown, self.request.span
        ):
            self.read += chunk.read
            self.no_rating += chunk.no_rating
            quarantine.add(chunk.rejects)
            self._count_grades(chunk.rows)
            for column, tally in chunk.tallies.items():
                before = self.tallies.get(column)
                self.tallies[column] = tally if before is None else before.plus(tally)
            if self.request.admit_units and self.table.name in LOGS and chunk.rows.height:
                self.units.admit(chunk.rows, self.profile.units_level)
            derived, rejects = DERIVE[self.table.name](chunk.rows, self.units, clock)
            self.late.append(rejects)
            numbered = derived.with_columns(batch=pl.lit(self.no))
            self.spool.add(to_stored(numbered, self.table.name))
        log, path = self.table.name, self.request.path
        if error := unreadable_error(self.tallies, self.profile, log, path):
            raise error
        if error := inversion_error(self.grades, self.profile, self.request.path):
            raise error
        self.units.check_admission(self.request.new_units)

    def _count_grades(self, rows: pl.DataFrame) -> None:
        if self.table.name == "ratings":
            for grade, count in rows.group_by("grade").len().iter_rows():
                self.grades[grade] = self.grades.get(grade, 0) + count

    def identities(self) -> pl.DataFrame:
        """place (0-based), line, content, month, high, low of every row, in file order."""
        parts = [identities(frame, self.table) for frame in self.spool]
        ids = pl.concat(parts or [no_identities(self.table)])
        return ids.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))

    def judge(self, ids: pl.DataFrame) -> Verdict:
        """What becomes of each row, against the store and against the rest of the file."""
        hits = stored_hits(self.snap, self.table, ids, self.no)
        if self.table.name == "cases":
            return judge_cases(ids, hits, self.spool.pick, self._stored_cases)
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

    def _stored_cases(self, months: NDArray[np.int32]) -> pl.DataFrame:
        """Stored live versions in the months that the id index names."""
        con = connect_raw(self.snap)
        listed = ", ".join(str(int(month)) for month in months)
        columns = ", ".join(self.table.schema)
        found: pl.DataFrame = con.sql(
            f"SELECT {columns} FROM cases_raw WHERE month IN ({listed})"
        ).pl()
        con.close()
        return found
