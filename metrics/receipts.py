"""Receipts (报送情况): who has reported what and when, and who owes what is missing (谁未报送)."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

import polars as pl

from data.nil_receipts import Ledger, ledger
from data.schedules import Span
from metrics.catalogue import Metric
from metrics.cube import CubeState
from metrics.delivered import Settled, due_on, reports, working
from metrics.expected import Duty, duties
from metrics.periods import Period
from metrics.places import tree
from metrics.scope import Scope, visible_halls
from metrics.silence import all_debts, logs_of

STATES = ("received", "late", "missing", "not due", "nil")
OWED = pl.Schema(
    {
        "hall_id": pl.String(),
        "hall": pl.String(),
        "source": pl.String(),
        "title": pl.String(),
        "owner": pl.String(),
        "due_on": pl.Date(),
    }
)
RECEIPTS = pl.Schema(
    {
        "source": pl.String(),
        "title": pl.String(),
        "log": pl.String(),
        "hall_id": pl.String(),
        "hall": pl.String(),
        "owner": pl.String(),
        "first_day": pl.Date(),
        "last_day": pl.Date(),
        "due_on": pl.Date(),
        "received_on": pl.Date(),
        "batch": pl.Int64(),
        "state": pl.String(),
    }
)


def owed(state: CubeState, one: Metric, period: Period, scope: Scope, as_of: date) -> pl.DataFrame:
    """Who owes what a metric needs for a period: hall_id, hall, source, title, owner, due_on.

    One row per source and hall that must report, with the first day on which something was due.
    What is in the store counts, whenever it came, as for numbers. Halls outside the scope are left
    out, unless they report for one inside it.
    """
    return owed_logs(state, logs_of(state, one), period, scope, as_of)


def owed_logs(
    state: CubeState, logs: Collection[str], period: Period, scope: Scope, as_of: date
) -> pl.DataFrame:
    """The same for some logs."""
    book = ledger(state.home)
    debts = all_debts(state, book, period, as_of)
    rows = [
        _who(duty) | {"due_on": min(debt.due_on for debt in debts[duty.key])}
        for duty in _seen_duties(state, book, period, scope)
        if duty.source.log in logs and duty.key in debts
    ]
    return pl.DataFrame(rows, schema=OWED).sort("source", "hall_id")


def owners_by_hall(
    state: CubeState, logs: Collection[str], period: Period, as_of: date
) -> pl.DataFrame:
    """hall_id, owed_by: who has to deliver what a hall owes (owner, else title, else source)."""
    book = ledger(state.home)
    debts = all_debts(state, book, period, as_of)
    names: dict[str, list[str]] = {}
    for duty in duties(state, book, period.start, period.end):
        if duty.source.log in logs and duty.key in debts:
            for hall in duty.halls:
                names.setdefault(hall, []).append(_owner(duty))
    rows = [(hall, "、".join(dict.fromkeys(owners))) for hall, owners in sorted(names.items())]
    return pl.DataFrame(rows, schema={"hall_id": pl.String(), "owed_by": pl.String()}, orient="row")


def receipts(
    state: CubeState, period: Period, scope: Scope, as_of: date, in_store: bool = False
) -> pl.DataFrame:
    """The receipt list: one row per source, hall that must report, and span that is expected.

    source, title, log, hall_id, hall, owner, first_day, last_day, due_on, received_on, batch,
    state: received, late, missing, not due or nil, by what had come on `as_of` (`in_store`: by all
    that has come since). A delivery whose day of receipt was not kept counts as in time.
    """
    book = ledger(state.home)
    known = reports(state, book, period.start, period.end)
    rows: list[Mapping[str, object]] = []
    for duty in _seen_duties(state, book, period, scope):
        for span in duty.spans(period.start, period.last):
            days = working(state, span)
            if days:
                settled = known.settled(duty, span, days, None if in_store else as_of)
                due = due_on(state, duty.schedule, span)
                rows.append(_receipt(duty, span, due, settled, as_of))
    return pl.DataFrame(rows, schema=RECEIPTS).sort("source", "first_day", "hall_id")


def _receipt(
    duty: Duty, span: Span, due: date, settled: Settled, as_of: date
) -> Mapping[str, object]:
    by = settled.by
    return _who(duty) | {
        "log": duty.source.log,
        "first_day": span[0],
        "last_day": span[1] - timedelta(days=1),
        "due_on": due,
        "received_on": by.on if by else None,
        "batch": by.batch if by else None,
        "state": _state(settled, due, as_of),
    }


def _state(settled: Settled, due: date, as_of: date) -> str:
    if settled.by is None:
        return "missing" if as_of > due else "not due"
    if settled.nothing:
        return "nil"
    return "late" if settled.by.on and settled.by.on > due else "received"


def _who(duty: Duty) -> dict[str, object]:
    return {
        "source": duty.name,
        "title": duty.source.title or duty.name,
        "hall_id": duty.hall_id,
        "hall": duty.hall,
        "owner": duty.source.owner,
    }


def _owner(duty: Duty) -> str:
    return duty.source.owner or duty.source.title or duty.name


def _seen_duties(state: CubeState, book: Ledger, period: Period, scope: Scope) -> list[Duty]:
    """The duties that concern a hall of the scope."""
    found = duties(state, book, period.start, period.end)
    if scope.hall_ids is None:
        return list(found)
    halls = tree(state, scope, period.start, period.end).halls
    mine = set(visible_halls(halls, scope)["hall_id"])
    return [duty for duty in found if duty.halls & mine]
