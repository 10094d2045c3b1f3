"""Assignments (交办) as a frame: whose, how far, and how long they still have."""

from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from data.assignments import Assignment, assignments
from data.errors import HallscoreError, nearest
from data.workdays import load_calendar
from metrics.catalogue import Metric
from metrics.cube import CubeState
from metrics.periods import Period
from metrics.places import tree
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value

STATES = ("overdue", "open", "answered", "done")
ASSIGNED = pl.Schema(
    {
        "no": pl.Int64(),
        "unit": pl.String(),
        "name": pl.String(),
        "metric": pl.String(),
        "period": pl.String(),
        "figure": pl.String(),
        "task": pl.String(),
        "due": pl.Date(),
        "state": pl.String(),
        "workdays": pl.Int64(),  # left until the due day; negative: past it
        "by": pl.String(),
        "recorded_on": pl.Date(),
        "answers": pl.Int64(),
        "last": pl.String(),  # what was said last
        "last_by": pl.String(),
    }
)


def assigned(home: Path, scope: Scope, day: date) -> pl.DataFrame:
    """ASSIGNED as they stand on `day`: what is overdue first, then by the due day.

    Those of the whole city and of the units of the scope. `answered` is an open one with an answer
    that is not overdue. Working days follow the home's calendar.
    """
    names = unit_names(home, scope, day)
    rows = [_row(home, one, names[one.unit], day) for one in assignments(home) if one.unit in names]
    frame = pl.DataFrame(rows, schema=ASSIGNED)
    order = pl.col("state").replace_strict(STATES, range(len(STATES)), return_dtype=pl.Int32)
    return frame.sort(order, "due", "no")


def unit_names(home: Path, scope: Scope, day: date) -> dict[str, str]:
    """id → name of the halls and counters that a viewer may name; "" is the whole of the city."""
    state = ensure(home)
    return _names(state, scope, state.first_day or day, state.last_day or day)


@lru_cache(maxsize=16)
def _names(state: CubeState, scope: Scope, first: date, last: date) -> dict[str, str]:
    places = tree(state, scope, first, max(last, first))
    halls = dict(places.listed.select("hall_id", pl.coalesce("name", "hall_id")).iter_rows())
    counters = places.named.select("counter_id", pl.coalesce("name", "counter_id"), "hall_id")
    inside = {
        counter: f"{halls.get(hall, '')} {name}".strip()
        for counter, name, hall in counters.iter_rows()
    }
    whole = {"": ""} if scope.hall_ids is None else {}
    return whole | halls | inside  # shared: nobody changes it


def check_unit(home: Path, scope: Scope, unit: str, day: date) -> None:
    """HallscoreError where the viewer may not name a unit, or there is none of that id."""
    names = unit_names(home, scope, day)
    if unit not in names:
        raise HallscoreError(
            f"--unit {unit!r}: no hall or counter of yours has that id.{nearest(unit, names)}"
        )


def figure_of(home: Path, one: Metric, period: Period, scope: Scope, unit: str) -> str:
    """The value of a metric of a unit as it stands now, printed with its n and d.

    A hall of a county is its whole county. A value without a number is named by its state.
    """
    by = _kind_of(home, scope, unit, period)
    found = value(home, one.id, period, by, scope)
    mine = found if by == "all" else found.filter(pl.col("id") == unit)
    if mine.is_empty():
        return "none"
    row = mine.row(0, named=True)
    if row["value"] is None:
        return str(row["state"])
    shown = (
        f"{row['value']:.2%}" if one.unit == "share" else f"{row['value']:,.2f}".removesuffix(".00")
    )
    return shown if row["d"] is None else f"{shown} ({row['n']:,} / {row['d']:,})"


def _kind_of(home: Path, scope: Scope, unit: str, period: Period) -> str:
    if not unit:
        return "all"
    halls = tree(ensure(home), scope, period.start, period.end).listed
    levels = dict(halls.select("hall_id", "level").iter_rows())
    if unit not in levels:
        return "counter"
    return "county" if levels[unit] == "county" else "hall"


def _row(home: Path, one: Assignment, name: str, day: date) -> dict[str, object]:
    calendar = load_calendar(home)
    ahead = one.due >= day
    between = (
        calendar.workdays_between(day, one.due)
        if ahead
        else calendar.workdays_between(one.due, day)
    )
    said = one.done or (one.answers[-1] if one.answers else None)
    return {
        "no": one.no,
        "unit": one.unit,
        "name": name,
        "metric": one.metric,
        "period": one.period,
        "figure": one.figure,
        "task": one.task,
        "due": one.due,
        "state": _state(one, day),
        "workdays": between if ahead else -between,
        "by": one.by,
        "recorded_on": one.recorded_at.date(),
        "answers": len(one.answers),
        "last": said.text if said else None,
        "last_by": said.by if said else None,
    }


def _state(one: Assignment, day: date) -> str:
    if one.done is not None:
        return "done"
    if one.due < day:
        return "overdue"
    return "answered" if one.answers else "open"
