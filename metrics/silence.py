"""Silence: whom it leaves without a value, whom without a rank, and what is owed.

Two questions, two rules:

- A **value** is `missing` for a unit of which nothing was heard in the period: every counter of it
  stands in a hall of which no delivery and no nil receipt reports on any day of the period. Whether
  the delivery is due yet plays no part: on 3 September a township that has not sent August has
  neither 0 nor "no business". What was heard in part keeps its number; `metrics.receipts.owed`
  says what lacks.
- A **rank** needs more: who leaves out a part (a bad week, the inspections) is `missing` in the
  ranking. A part counts once the period is over, and before that once it is overdue. Days that
  every hall owes favour nobody, so that they hold nobody back.

Where no schedule names a log for a hall, the rule for the whole home stands: a log of which no live
batch reports on any day of the period is missing for that hall.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from data.nil_receipts import Ledger, ledger
from data.versions import in_force
from metrics.catalogue import Metric
from metrics.cube import CubeState
from metrics.delivered import covered, due_on, needed_logs, reports, working
from metrics.expected import EVERYBODY, Duty, duties
from metrics.periods import Period
from metrics.places import Placement, tree
from metrics.sums import Span as Days
from metrics.sums import span_of

LEVELS_OF_UNITS = ("hall", "township", "county", "city")


def logs_of(state: CubeState, one: Metric) -> frozenset[str]:
    """The logs that a metric needs in this home."""
    return frozenset(log for measure in one.files for log in needed_logs(state, measure))


def silent_units(
    state: CubeState, one: Metric, place: Placement, by: str, span: Days
) -> frozenset[str] | None:
    """Ids of the units of which nothing was heard in the span; None: of nobody at all."""
    silent, known = _silence(state, ledger(state.home), logs_of(state, one), span)
    if not silent:
        return frozenset()
    if silent >= known:
        return None
    tiles = tree(state, EVERYBODY, span.first, _after(span)).counters.select(
        "hall_id", counter="no", _from="since", _to="until"
    )
    # A counter may have moved: only the halls and units that it belonged to in the span count.
    pairs = place.members.drop_nulls("unit").join(tiles, on="counter")
    start = pl.max_horizontal("since", "_from", pl.lit(span.first))
    end = pl.min_horizontal("until", "_to", pl.lit(_after(span)))
    here = pairs.filter(start < end)
    mute = pl.col("hall_id").fill_null("").is_in(sorted(silent))
    units = here.group_by("unit").agg(mute.all().alias("silent"))
    told = place.units.join(units, on="unit", how="left")
    if by in LEVELS_OF_UNITS:  # a hall without counters is silent where it owes itself
        told = told.with_columns(pl.col("silent").fill_null(pl.col("id").is_in(sorted(silent))))
    return frozenset(told.filter("silent")["id"])


@lru_cache(maxsize=128)
def _silence(
    state: CubeState, book: Ledger, logs: frozenset[str], span: Days
) -> tuple[frozenset[str], frozenset[str]]:
    """Halls that are silent in one of the logs, and all halls; "" is that of a homeless counter."""
    start, end = span.first, _after(span)
    found = tree(state, EVERYBODY, start, end)
    known = frozenset({"", *found.halls["hall_id"]})
    if span.last < span.first:
        return known, known
    silent: set[str] = set()
    for log in logs:
        heard, bound = set[str](), set[str]()
        for duty in duties(state, book, start, end):
            if duty.source.log == log and _expects(state, duty, span):
                bound |= duty.halls
                if reports(state, book, start, end).heard(duty, (start, end)):
                    heard |= duty.halls
        silent |= bound - heard
        if not covered(state, log, span):
            silent |= known - bound
    return frozenset(silent), known


def _after(span: Days) -> date:
    """The day after the span; of one without a day, the day after its first."""
    return max(span.first, span.last) + timedelta(days=1)


def _expects(state: CubeState, duty: Duty, span: Days) -> bool:
    """Whether a delivery is expected of the span; of a Sunday alone nobody expects one."""
    return any(working(state, one) for one in duty.spans(span.first, max(span.first, span.last)))


def held_back(
    state: CubeState, metrics: Collection[Metric], period: Period, as_of: date
) -> frozenset[str]:
    """The halls whose counters have no rank: they owe what others have delivered."""
    logs = frozenset(log for one in metrics for log in logs_of(state, one))
    return _held_back(state, ledger(state.home), logs, period, as_of)


@lru_cache(maxsize=64)
def _held_back(
    state: CubeState, book: Ledger, logs: frozenset[str], period: Period, as_of: date
) -> frozenset[str]:
    span = span_of(period.start, period.end, as_of)
    if span.last < span.first or not any(one.log in logs for one in book.scheduled.values()):
        return frozenset()
    asked = working(state, (span.first, _after(span)))
    staffed, debts = _staffed(state, period), all_debts(state, book, period, as_of)
    lacking: dict[str, set[tuple[str, date]]] = {
        hall: set() for hall in {"", *staffed.drop_nulls()}
    }
    for log in logs:
        bound = set[str]()
        for duty in duties(state, book, span.first, _after(span)):
            if duty.source.log == log and _expects(state, duty, span):
                bound |= duty.halls
                days = {day for debt in debts.get(duty.key, ()) for day in debt.days}
                for hall in duty.halls & lacking.keys():
                    lacking[hall] |= {(log, day) for day in days & asked}
        if not covered(state, log, span):
            for hall in lacking.keys() - bound:
                lacking[hall] |= {(log, day) for day in asked}
    counting = {hall: owed for hall, owed in lacking.items() if hall or staffed.has_nulls()}
    shared = set.intersection(*counting.values()) if counting else set()
    return frozenset(hall for hall, owed in counting.items() if owed - shared)


def _staffed(state: CubeState, period: Period) -> pl.Series:
    """The halls of the counters that are there in the period; null for one without a hall."""
    counters = tree(state, EVERYBODY, period.start, period.end).counters
    standing = in_force(counters.drop("since", "until"), "counter_id", period.start, period.end)
    return standing.filter("valid")["hall_id"]


@dataclass(frozen=True)
class Debt:
    """A span of a duty that is owed: its open days and the day on which it is or was due."""

    days: frozenset[date]
    due_on: date


@lru_cache(maxsize=16)
def all_debts(
    state: CubeState, book: Ledger, period: Period, as_of: date
) -> Mapping[tuple[str, str], tuple[Debt, ...]]:
    """What is owed for the period and counted on the day, by the key of the duty that owes it.

    What is in the store counts, whenever it came.
    """
    span = span_of(period.start, period.end, as_of)
    start, end = span.first, _after(span)
    known = reports(state, book, start, end)
    found = {}
    for duty in duties(state, book, start, end):
        whole = as_of >= period.last or not known.heard(duty, (start, end))
        owed = []
        for one in duty.spans(start, end - timedelta(days=1)):
            due = due_on(state, duty.schedule, one)
            if whole or as_of > due:
                open_days = known.settled(duty, one, working(state, one), None).owed
                owed += [Debt(open_days, due)] if open_days else []
        if owed:
            found[duty.key] = tuple(owed)
    return found
