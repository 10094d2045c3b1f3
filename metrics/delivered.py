"""What was reported: deliveries and nil receipts of the scheduled sources, set against duties."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from data.batches import Batch
from data.nil_receipts import Ledger
from data.presence import appearances
from data.schedules import Schedule, Span, workdays
from data.workdays import Calendar, load_calendar
from metrics.cube import CubeState
from metrics.expected import EVERYBODY, Duty, duties
from metrics.measure_files import MeasureFile
from metrics.places import Tree, tree
from metrics.sums import Span as Days

# (source, batch) -> hall -> the days of its rows
Seen = dict[tuple[str, int], dict[str, list[date]]]


@dataclass(frozen=True)
class Told:
    """A delivery or a nil receipt (batch None): on which days it reports, and when it came.

    `nothing`: it says that there was no business. `on` None: before such days were kept.
    """

    spans: tuple[Span, ...]
    on: date | None
    batch: int | None
    nothing: bool

    def touches(self, span: Span) -> bool:
        """Whether it reports on some day of the span."""
        return any(start < span[1] and end > span[0] for start, end in self.spans)

    def days_in(self, days: frozenset[date]) -> frozenset[date]:
        """Those of the days on which it reports."""
        return frozenset(d for d in days if any(start <= d < end for start, end in self.spans))


@dataclass(frozen=True)
class Settled:
    """How one span of a duty stands: the days still owed; by what and when it was settled."""

    owed: frozenset[date]
    by: Told | None = None
    nothing: bool = False


@dataclass(frozen=True, eq=False)
class Reports:
    """What scheduled sources have reported on some days: by duty, and who appears in what."""

    told: dict[tuple[str, str], tuple[Told, ...]]
    seen: Seen

    def appears(self, duty: Duty, one: Told, span: Span) -> bool:
        """Whether a hall behind the duty has a row in a delivery, dated on a day of the span."""
        if not duty.alone or one.batch is None:
            return True
        days_of = self.seen.get((duty.name, one.batch), {})
        return any(span[0] <= day < span[1] for hall in duty.halls for day in days_of.get(hall, ()))

    def heard(self, duty: Duty, span: Span) -> bool:
        """Whether anything was heard of the halls behind the duty on some day of the span."""
        touching = [one for one in self.told.get(duty.key, ()) if one.touches(span)]
        if touching and all(one.nothing for one in touching):
            return True
        return any(self.appears(duty, one, span) for one in touching)

    def settled(self, duty: Duty, span: Span, days: frozenset[date], by: date | None) -> Settled:
        """How a span with these working days stands by what had come on the day `by` (None: all).

        An empty file settles the span of a hall that must appear only where all files are empty:
        beside rows of others it does not say who had no business.
        """
        came = [one for one in self.told.get(duty.key, ()) if not (by and one.on and one.on > by)]
        touching = [one for one in came if one.touches(span)]
        quiet = all(one.nothing for one in touching)
        left, appeared, nothing = days, quiet, True
        for one in touching:
            left -= one.days_in(left)
            there = self.appears(duty, one, span)
            appeared |= there
            nothing &= one.nothing or not there
            if not left and appeared:
                return Settled(frozenset(), one, nothing)
        return Settled(left if appeared else days)


@lru_cache(maxsize=64)
def reports(state: CubeState, book: Ledger, start: date, end: date) -> Reports:
    """What is in the store, and in nil receipts, of the days in [start, end)."""
    found, asked = tree(state, EVERYBODY, start, end), duties(state, book, start, end)
    batches = {name: _batches_of(state, book, name) for name in book.scheduled}
    told = {
        one.key: tuple(sorted([*batches[one.name], *_nils_for(book, one, found)], key=_order))
        for one in asked
    }
    seen: Seen = {}
    for name in {one.name for one in asked if one.alone}:
        numbers = {one.batch for one in batches[name] if one.batch is not None}
        seen |= _seen(state, book, name, numbers, found, start, end)
    return Reports(told, seen)


def _order(one: Told) -> tuple[date, float]:
    return one.on or date.min, one.batch or float("inf")


def _batches_of(state: CubeState, book: Ledger, name: str) -> list[Told]:
    """The live deliveries of a source.

    A batch without a source counts where one source alone has the log and reports on all halls:
    the city's file does not speak for a township. A file of which every row is in quarantine
    reports on nothing.
    """
    log, units = book.sources[name].log, book.sources[name].units
    only = not units and sum(one.log == log for one in book.sources.values()) == 1
    found = []
    for batch in state.snap.live:
        named = batch.source == name or (only and not batch.source)
        read = batch.counts["read"]
        useful = read == 0 or read > sum(batch.quarantined.values())
        if batch.log == log and named and useful:
            found.append(Told(batch.covers, _first_received(state, batch), batch.no, read == 0))
    return found


def _first_received(state: CubeState, batch: Batch) -> date | None:
    """When it came; a correction came when the file came that it corrects: it makes nobody late."""
    by_number = {one.no: one for one in state.snap.batches}
    at: Batch | None = batch
    while at is not None and at.replaces is not None:
        batch, at = at, by_number.get(at.replaces)
    first = at or batch
    return first.received_at.date() if first.received_at else None


def _nils_for(book: Ledger, duty: Duty, found: Tree) -> list[Told]:
    return [
        Told(((one.start, one.end),), one.recorded_at.date(), None, nothing=True)
        for one in book.nils
        if one.source == duty.name and (not one.unit or duty.hall_id in found.below(one.unit))
    ]


def _seen(
    state: CubeState,
    book: Ledger,
    name: str,
    batches: set[int],
    found: Tree,
    start: date,
    end: date,
) -> Seen:
    """Which halls appear in the batches of a source, and on which days."""
    source = book.sources[name]
    assert source.schedule is not None
    first, last = _whole(source.schedule, start, end)
    rows = appearances(state.snap, source.log, batches, first, last)
    of_counter = found.counters.unique("no", keep="last").select(
        pl.col("no").alias("counter"), pl.col("hall_id").alias("by_counter")
    )
    of_hall = found.halls.select(pl.col("no").alias("hall"), pl.col("hall_id").alias("by_hall"))
    placed = rows.join(of_counter, on="counter", how="left").join(of_hall, on="hall", how="left")
    named = placed.select("batch", pl.coalesce("by_counter", "by_hall").alias("hall_id"), "day")
    seen: Seen = {}
    for batch, hall, day in named.drop_nulls().unique().iter_rows():
        seen.setdefault((name, batch), {}).setdefault(hall, []).append(day)
    return seen


def _whole(schedule: Schedule, start: date, end: date) -> tuple[date, date]:
    """First and last day of the expected spans that touch [start, end)."""
    spans = schedule.spans(start, end)
    return (spans[0][0], spans[-1][1]) if spans else (start, end)


@lru_cache(maxsize=16)
def calendar_of(state: CubeState) -> Calendar:
    """The calendar of the home."""
    return load_calendar(state.home)


@lru_cache(maxsize=2048)
def working(state: CubeState, span: Span) -> frozenset[date]:
    """The working days of a span by the calendar of the home."""
    return workdays(span, calendar_of(state))


@lru_cache(maxsize=4096)
def due_on(state: CubeState, schedule: Schedule, span: Span) -> date:
    """The last day on which a delivery is in time; asked for every hall, so that it is kept."""
    return schedule.due_on(span, calendar_of(state))


def needed_logs(state: CubeState, measure: MeasureFile) -> tuple[str, ...]:
    """The logs that a measure file needs; of alternatives those that the home keeps at all."""
    kept = {batch.log for batch in state.snap.live}
    either = tuple(log for log in measure.either if log in kept)
    return measure.logs + (either or measure.either[:1])


def covered(state: CubeState, log: str, span: Days) -> bool:
    """Whether a live batch of the log reports on some day of the span."""
    return any(
        start <= span.last and end > span.first and span.first <= span.last
        for batch in state.snap.live
        if batch.log == log
        for start, end in batch.covers
    )
