"""One build of the cube: which days of which measure file are made again, and their files."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from data.loop_rules import load_loop
from data.store import Snapshot
from data.workdays import load_calendar
from metrics.cube import Manifest, MonthFile, month_of, write_month
from metrics.engines import DuckEngine
from metrics.measure_files import MeasureFile, measure_files
from metrics.opening import open_days
from metrics.tally_cube import TALLIES, redo_tallies

Days = set[date] | None  # None means all days
Months = dict[int, MonthFile]
Between = tuple[date, date] | None
OPEN_DAYS = {"counter": pl.Int32(), "day": pl.Date()}


def reference_stamp(snap: Snapshot, measure: MeasureFile) -> str:
    """Names the content of the reference tables and calendar on which a measure file rests."""
    if not measure.references:
        return ""
    tables = [name for name in measure.references if name not in ("calendar", "loop")]
    calendar = load_calendar(snap.home).digest if "calendar" in measure.references else ""
    loop = load_loop(snap.home).digest if "loop" in measure.references else ""
    return f"{snap.stamp_of(*tables)}{calendar[:12]}{loop[:12]}"


class Builder:
    """Compares a snapshot with the last manifest and writes what differs."""

    def __init__(self, home: Path, snap: Snapshot, old: Manifest, engine: DuckEngine) -> None:
        self.home, self.snap, self.old, self.engine = home, snap, old, engine
        self.of_log: dict[str, Days] = {}

    def build(
        self, progress: Callable[[str, float], None]
    ) -> tuple[dict[str, Months], dict[str, int], Between]:
        """Month files by measure file, days redone of each (-1: all), and the span of the data."""
        files: dict[str, Months] = {}
        redone: dict[str, int] = {}
        span: Between = None
        measures = list(measure_files().values())
        for place, measure in enumerate(measures):
            progress(f"sums: {measure.name}", place / len(measures))
            days = self.touched(measure)
            if measure.spans_data:
                span = span_of_files(files)
                days = self.prepare_open_days(measure, span, days)
            files[measure.name] = self.redo(measure, days)
            redone[measure.name] = -1 if days is None else len(days)
        days = self.touched(TALLIES)
        kept = self.old.files.get(TALLIES.name, {})
        files[TALLIES.name], redone[TALLIES.name] = redo_tallies(
            self.home, self.snap, self.engine.ask, kept, days
        )
        progress("sums", 1.0)
        # The open days are those of the logs; what is reported only lengthens what is known.
        return files, redone, span_of_files(files)

    def touched(self, measure: MeasureFile) -> Days:
        """The days whose sums may differ from those on disk."""
        same = self.old.definitions.get(measure.name) == measure.digest
        if not same or self.old.references.get(measure.name) != reference_stamp(self.snap, measure):
            return None
        days: set[date] = set()
        for log in measure.sources:
            found = self.touched_in(log)
            if found is None:
                return None
            days |= found
        return days

    def touched_in(self, log: str) -> Days:
        """The same for a log; asked once per log."""
        if log not in self.of_log:
            self.of_log[log] = self.engine.touched(
                log, self.old.batches, self.old.withdrawn, self.old.clock
            )
        return self.of_log[log]

    def prepare_open_days(self, measure: MeasureFile, span: Between, days: Days) -> Days:
        """Make the open days that are to be counted; a span that grew touches its new days."""
        spanned = _days_of(span)
        old = {n: one for n, one in self.old.files.items() if n not in (TALLIES.name, measure.name)}
        touched = None if days is None else days | (spanned ^ _days_of(span_of_files(old)))
        wanted = spanned if touched is None else spanned & touched
        table = pl.DataFrame(schema=OPEN_DAYS)
        if wanted:
            table = open_days(self.snap, min(wanted), max(wanted))
        self.engine.register("open_days", table)
        return touched

    def redo(self, measure: MeasureFile, days: Days) -> Months:
        """The month files of a measure: kept, or written again with the touched days anew."""
        kept: Mapping[int, MonthFile] = self.old.files.get(measure.name, {})
        if days is None:
            return self.write(measure, by_month(self.engine.run(measure)))
        if not days:
            return dict(kept)
        parts = by_month(self.engine.run(measure, days))
        for month in {month_of(day) for day in days} & set(kept):
            stored = pl.read_parquet(self.home / "cube" / kept[month].file)
            stays = stored.filter(~pl.col("day").is_in(sorted(days)))
            joined = pl.concat([stays, parts[month]]) if month in parts else stays
            parts[month] = joined.sort(measure.grain)
        redone = {month_of(day) for day in days}
        untouched = {month: one for month, one in kept.items() if month not in redone}
        return untouched | self.write(measure, parts)

    def write(self, measure: MeasureFile, parts: Mapping[int, pl.DataFrame]) -> Months:
        """Write each month that has rows."""
        return {
            month: write_month(self.home, measure, month, part)
            for month, part in sorted(parts.items())
            if part.height
        }


def by_month(rows: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """Rows sorted by their column `month`, as slices without it."""
    runs = rows["month"].rle().struct.unnest()
    parts, start = {}, 0
    plain = rows.drop("month")
    for length, month in runs.iter_rows():
        parts[int(month)] = plain.slice(start, length)
        start += length
    return parts


def span_of_files(files: Mapping[str, Mapping[int, MonthFile]]) -> Between:
    """First and last day on which anything happened."""
    ones = [one for months in files.values() for one in months.values()]
    firsts = [one.first_day for one in ones if one.first_day is not None]
    lasts = [one.last_day for one in ones if one.last_day is not None]
    return (min(firsts), max(lasts)) if firsts and lasts else None


def _days_of(span: Between) -> set[date]:
    if span is None:
        return set()
    first, last = span
    return {first + timedelta(days=place) for place in range((last - first).days + 1)}
