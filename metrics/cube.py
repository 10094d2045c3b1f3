"""The cube: counter × day sums as one file per measure file and month, named by one manifest."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from data.edition_ledger import mark
from data.nil_receipts import ledger
from data.rebases import rebases_digest
from data.store import Snapshot
from metrics.measure_files import STRATA, MeasureFile, measure_files

FORMAT = 1
FILES_HELD = 600


@dataclass(frozen=True)
class MonthFile:
    """One file of the cube; the days are those on which something happened, if any."""

    file: str
    rows: int
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True)
class Manifest:
    """What the cube was built from; it is replaced in one step and names every file that counts."""

    stamp: str = ""
    clock: str = ""
    calendar: str = ""
    versions: Mapping[str, int] = field(default_factory=dict)
    batches: tuple[int, ...] = ()
    withdrawn: tuple[int, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    span: tuple[date, date] | None = None
    files: Mapping[str, Mapping[int, MonthFile]] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """Names of the files that count."""
        return {one.file for months in self.files.values() for one in months.values()}


def manifest_path(home: Path) -> Path:
    """Where the manifest of a home lies."""
    return home / "cube" / "manifest.json"


def manifest_content(manifest: Manifest) -> dict[str, Any]:
    """The manifest as JSON-ready values."""
    return {"format": FORMAT, **asdict(manifest)}


def read_manifest(home: Path) -> Manifest:
    """The last complete manifest; an empty one where there is none that this version can read."""
    try:
        content = json.loads(manifest_path(home).read_text("utf-8"))
        if content.pop("format") != FORMAT:
            return Manifest()
        return _parsed(content)
    except (OSError, ValueError, KeyError, TypeError):
        return Manifest()  # the cube is derived: what cannot be read is made again


def _parsed(content: dict[str, Any]) -> Manifest:
    files = {
        name: {int(month): _month_file(entry) for month, entry in months.items()}
        for name, months in content.pop("files").items()
    }
    span = content.pop("span")
    batches, withdrawn = tuple(content.pop("batches")), tuple(content.pop("withdrawn"))
    days = None if span is None else (date.fromisoformat(span[0]), date.fromisoformat(span[1]))
    return Manifest(**content, batches=batches, withdrawn=withdrawn, span=days, files=files)


def _month_file(entry: dict[str, Any]) -> MonthFile:
    first, last = entry["first_day"], entry["last_day"]
    return MonthFile(
        entry["file"],
        entry["rows"],
        first and date.fromisoformat(first),
        last and date.fromisoformat(last),
    )


def month_of(day: date) -> int:
    """The month of a day as yyyymm."""
    return day.year * 100 + day.month


def write_month(home: Path, measure: MeasureFile, month: int, rows: pl.DataFrame) -> MonthFile:
    """Write the rows of one month under a name that was never used; nothing counts it yet."""
    name = f"{measure.name}-{month}-{secrets.token_hex(6)}.parquet"
    rows.write_parquet(home / "cube" / name, compression="zstd", statistics=False)
    days = rows.clear() if measure.foresees else rows
    known_on = pl.col("day")
    if measure.late is not None:
        known_on = pl.max_horizontal(known_on, known_on + pl.duration(days=measure.late))
    first, last = days.select(pl.col("day").min(), known_on.max().alias("last")).row(0)
    return MonthFile(name, rows.height, first, last)


@lru_cache(maxsize=FILES_HELD)
def _read(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path)


@dataclass(frozen=True, eq=False)
class CubeState:
    """A complete cube and the snapshot whose reference tables and batches go with it.

    `redone` says how many days of each measure file the build that made it recomputed (-1: all).
    """

    home: Path
    manifest: Manifest
    snap: Snapshot
    redone: Mapping[str, int] = field(default_factory=dict)

    @property
    def stamp(self) -> str:
        """Names the content: equal stamps give equal numbers."""
        expected = ledger(self.home).digest  # what is expected decides what is missing
        events = rebases_digest(self.home)  # where a control chart has new limits
        issued = mark(self.home)  # longer periods read what was published
        parts = (self.manifest.stamp, self.manifest.calendar[:12], expected, events, issued)
        return "-".join(part for part in parts if part)

    @property
    def first_day(self) -> date | None:
        """The first day with data, or None in an empty home."""
        return self.manifest.span[0] if self.manifest.span else None

    @property
    def last_day(self) -> date | None:
        """The last day with data, or None in an empty home."""
        return self.manifest.span[1] if self.manifest.span else None

    def months(self, name: str) -> list[int]:
        """The months for which a measure file has rows, in order."""
        return sorted(self.manifest.files.get(name, {}))

    def path_of(self, name: str, month: int) -> Path:
        """Where the rows of a measure file and month lie."""
        return self.home / "cube" / self.manifest.files[name][month].file

    def frame(self, name: str, months: Iterable[int] | None = None) -> pl.DataFrame:
        """Rows of a measure file in its grain, of all months or of some."""
        files = self.manifest.files.get(name, {})
        wanted = files if months is None else set(months)
        parts = [_read(self.path_of(name, month)) for month in sorted(files) if month in wanted]
        return pl.concat(parts) if parts else empty_frame(measure_files()[name])

    def between(self, name: str, first: date, last: date) -> pl.DataFrame:
        """Rows of a measure file with first <= day <= last."""
        if last < first:
            return empty_frame(measure_files()[name])
        months = [m for m in self.months(name) if month_of(first) <= m <= month_of(last)]
        rows = self.frame(name, months)
        return rows.filter(pl.col("day") >= first, pl.col("day") <= last)

    def report(self) -> dict[str, Any]:
        """What the build did and what the cube covers, JSON-ready."""
        return {
            "stamp": self.stamp,
            "first_day": self.first_day and self.first_day.isoformat(),
            "last_day": self.last_day and self.last_day.isoformat(),
            "rows": {
                name: sum(one.rows for one in months.values())
                for name, months in self.manifest.files.items()
            },
            "redone_days": dict(self.redone),
        }

    def sentence(self) -> str:
        """The same in words."""
        if self.manifest.span is None:
            return "the store holds no rows yet; the cube is empty"
        touched = {name: days for name, days in self.redone.items() if days}
        span = f"{self.first_day} to {self.last_day}"
        if not touched:
            return f"the cube is up to date: {span}"
        parts = ", ".join(
            f"{name} {'all days' if days < 0 else f'{days} days'}" for name, days in touched.items()
        )
        return f"the cube covers {span}; recomputed: {parts}"


GRAIN_TYPES = {
    "counter": pl.Int32(),
    "department": pl.Int32(),
    "own": pl.Boolean(),
    "day": pl.Date(),
    "half_hour": pl.Int32(),
    "lag_days": pl.Int32(),
    "bin": pl.Int32(),
    **dict.fromkeys(STRATA, pl.String()),
}


def empty_frame(measure: MeasureFile) -> pl.DataFrame:
    """No rows, in the columns of a measure file."""
    schema: dict[str, pl.DataType] = {name: GRAIN_TYPES[name] for name in measure.grain}
    return pl.DataFrame(schema=schema | dict.fromkeys(measure.sums, pl.Int64()))
