"""A unit's whole series as points of its chart, and what the last of them says."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.rebases import Rebase
from metrics.catalogue import Metric
from metrics.cube import CubeState
from metrics.fairness.control_points import WEEK, week_sums, weeks_of, with_value
from metrics.fairness.control_rare import Rare, rare
from metrics.fairness.rebasing import events_of
from metrics.scope import Scope

if TYPE_CHECKING:
    from metrics.methods.spc import Xmr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
POINTS = pl.Schema(
    {
        "start": pl.Date(),  # Monday of the week, or the day on which the events became known
        "n": pl.Int64(),
        "d": pl.Int64(),
        "value": pl.Float64(),
        "centre": pl.Float64(),  # of a CUSUM the usual value
        "low": pl.Float64(),  # null in a CUSUM
        "high": pl.Float64(),
        "sum": pl.Float64(),  # of a CUSUM: its path and its threshold
        "limit": pl.Float64(),
        "phase": pl.Int64(),
        "rule": pl.String(),  # outside, trend, two_in_three, shift; alarm; or empty
        "means": pl.String(),  # improving, deteriorating, neutral_high, neutral_low, common
        "provisional": pl.Boolean(),
    }
)


@dataclass(frozen=True, eq=False)
class Series:
    """A whole series and the last of it in words; its points are made when they are asked for.

    `week`: start, n, d and value of the last final week. `rule`, `since`: why the last point is no
    common one, and since when its run goes on.
    """

    kind: str
    week: Mapping[str, Any] = field(default_factory=dict)
    variation: str = "none"
    assurance: str = "none"
    rule: str = ""
    since: date | None = None
    autocorrelation: float | None = None
    provisional: bool = False
    make: Callable[[], pl.DataFrame] | None = None

    @property
    def points(self) -> pl.DataFrame:
        """POINTS of the whole series, oldest first."""
        return pl.DataFrame(schema=POINTS) if self.make is None else self.make()

    @property
    def last(self) -> dict[str, Any]:
        """The row of a summary, without names."""
        told = ("kind", "variation", "assurance", "rule", "since", "provisional")
        return {name: getattr(self, name) for name in told} | dict(self.week)


@dataclass(frozen=True, eq=False)
class _Weeks:
    """The weeks of one unit: place in the list of Mondays, n, d, value; shapes (W,)."""

    starts: list[date]
    place: Ints
    n: Ints
    d: Ints
    value: Floats

    @property
    def last(self) -> dict[str, Any]:
        """The last of them as a row."""
        start = self.starts[int(self.place[-1])]
        n, d, value = (float(each[-1]) for each in (self.n, self.d, self.value))
        return {"start": start, "n": int(n), "d": int(d), "value": value}


def series_of(
    state: CubeState,
    one: Metric,
    by: str,
    scope: Scope,
    as_of: date,
    units: Mapping[str, str],
    target: float | None,
) -> dict[str, Series]:
    """The series of units of `by`; `units`: id → kind of chart (xmr, cusum, few, none)."""
    weeks = _weeks(state, one, by, scope, as_of, units)
    events = events_of(state, one.id)
    walks = None
    if "cusum" in units.values():
        walks = rare(state, one.id, by, scope, as_of, events.rebases)
    found = dict[str, Series]()
    for unit, kind in units.items():
        mine = weeks.get(unit)
        if mine is None:
            found[unit] = Series("none")
        elif kind == "xmr":
            found[unit] = _middling(one, mine, events.of(unit), target)
        elif kind == "cusum" and walks is not None:
            found[unit] = _rare(one, walks, walks.of[unit], mine, as_of)
        else:
            found[unit] = Series(kind, mine.last)
    return found


def _weeks(
    state: CubeState, one: Metric, by: str, scope: Scope, as_of: date, units: Collection[str]
) -> dict[str, _Weeks]:
    rows = week_sums(state, one.id, by, scope, as_of)
    rows = rows.filter(pl.col("id").is_in(list(units))).with_columns(value=with_value(one))
    starts = weeks_of(state, one, as_of).starts
    if not starts:
        return {}
    place = ((rows["day"] - starts[0]).dt.total_days() // WEEK).to_numpy()
    arrays = (place, *(rows[name].to_numpy() for name in ("n", "d", "value")))
    sizes = rows.group_by("id", maintain_order=True).len()
    found, begun = dict[str, _Weeks](), 0
    for unit, size in sizes.iter_rows():
        part = slice(begun, begun + size)
        found[unit] = _Weeks(starts, *(each[part] for each in arrays))
        begun += size
    return found


def _middling(
    one: Metric, weeks: _Weeks, events: tuple[Rebase, ...], target: float | None
) -> Series:
    """An XmR chart of weeks; a week that holds the event belongs to the phase before it.

    A week below the least base of the metric (a long holiday) makes no limit and gives no signal.
    """
    from metrics.methods.run_rules import assurance, point_types, signals, variation
    from metrics.methods.spc import xmr

    values = np.full(len(weeks.starts), np.nan)
    values[weeks.place] = np.where(weeks.d >= (one.min_n or 1), weeks.value, np.nan)
    days = np.array([each.day for each in events], "datetime64[D]")
    phases = np.searchsorted(days, np.array(weeks.starts, "datetime64[D]"), side="right")
    chart = xmr(values, phases=phases)
    marks, good = signals(values, chart), None if one.good == "none" else one.good
    there = ~np.isnan(values)
    means = np.where(there, point_types(marks, good), "none")[weeks.place]
    rules, last = marks.rule[weeks.place], int(np.flatnonzero(there)[-1])
    r = chart.autocorrelation
    return Series(
        "xmr",
        weeks.last,
        variation=variation(values, marks, good),
        assurance=assurance(chart, target, good),
        rule=str(marks.rule[last]),
        since=_since(weeks, means) if marks.rule[last] else None,
        autocorrelation=None if np.isnan(r) else r,
        provisional=bool(chart.provisional[last]),
        make=lambda: _xmr_points(one, weeks, chart, rules, means),
    )


def _since(weeks: _Weeks, means: NDArray[np.str_]) -> date:
    """The first point of the last unbroken run of points that say the same."""
    told = means != "none"
    said, place = means[told], weeks.place[told]
    other = np.flatnonzero(said != said[-1])
    return weeks.starts[int(place[int(other[-1]) + 1 if len(other) else 0])]


def _xmr_points(
    one: Metric, weeks: _Weeks, chart: "Xmr", rules: NDArray[np.str_], means: NDArray[np.str_]
) -> pl.DataFrame:
    lowest = 0.0 if one.unit in ("share", "s", "points") else -np.inf
    highest = 1.0 if one.unit == "share" and one.drawn == "events" else np.inf
    here = weeks.place
    return _points(
        {
            "start": [weeks.starts[place] for place in here],
            "n": weeks.n,
            "d": weeks.d,
            "value": weeks.value,
            "centre": chart.centre[here],
            # Limits inside what the value can be: a share lies between 0 and 1.
            "low": np.clip(chart.lower[here], lowest, highest),
            "high": np.clip(chart.upper[here], lowest, highest),
            "phase": chart.phase[here],
            "rule": rules.tolist(),
            "means": means.tolist(),
            "provisional": chart.provisional[here],
        }
    )


def _points(columns: Mapping[str, Any]) -> pl.DataFrame:
    """POINTS; what a kind of chart has not is null."""
    size = len(columns["start"])
    told = {name: columns.get(name, [None] * size) for name in POINTS}
    return pl.DataFrame(told, schema=POINTS).with_columns(
        pl.col("centre", "low", "high").fill_nan(None)
    )


def _rare(one: Metric, walks: Rare, rows: list[int], weeks: _Weeks, as_of: date) -> Series:
    """A CUSUM of days; its last week speaks, as the last point of an XmR chart does."""
    last = rows[-1]
    recent = np.flatnonzero(walks.alarm[last, -WEEK:])
    since = None
    if len(recent):
        place = walks.alarm.shape[1] - min(WEEK, walks.alarm.shape[1]) + int(recent[-1])
        since = walks.days[walks.begun(last, place)]
    return Series(
        "cusum",
        weeks.last,
        variation="common" if since is None else "deteriorating",
        rule="" if since is None else "alarm",
        since=since,
        provisional=bool(walks.firm[last] >= len(walks.days)),
        make=lambda: pl.concat(_walk(one, walks, row) for row in rows),
    )


def _walk(one: Metric, walks: Rare, row: int) -> pl.DataFrame:
    """POINTS of one phase, on the days with events."""
    there = np.flatnonzero(walks.n[row] > 0)
    bad, all_ = walks.x[row, there], walks.n[row, there]
    n = bad if one.good == "low" else all_ - bad
    usual = walks.usual[row] if one.good == "low" else 1 - walks.usual[row]
    alarm = walks.alarm[row, there]
    return _points(
        {
            "start": [walks.days[place] for place in there],
            "n": n.astype(np.int64),
            "d": all_.astype(np.int64),
            "value": n / all_,
            "centre": np.full(len(there), usual),
            "sum": walks.path[row, there],
            "limit": np.full(len(there), walks.limit[row]),
            "phase": np.full(len(there), walks.rows["phase"][row]),
            "rule": np.where(alarm, "alarm", "").tolist(),
            "means": np.where(alarm, "deteriorating", "common").tolist(),
            "provisional": there < walks.firm[row],
        }
    )
