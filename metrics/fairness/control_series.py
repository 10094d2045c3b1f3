"""A unit's whole series as points of its chart, and what the last of them says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
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
    from metrics.methods.run_rules import Good

Floats = NDArray[np.float64]
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
    """POINTS of a whole series, and the last of them in words.

    `last`: start, n, d and value of the last final week. `rule`, `since`: why the last point is no
    common one, and since when its run goes on.
    """

    kind: str
    points: pl.DataFrame
    variation: str = "none"
    assurance: str = "none"
    rule: str = ""
    since: date | None = None
    autocorrelation: float | None = None
    provisional: bool = False
    week: Mapping[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> dict[str, Any]:
        """The row of a summary, without names."""
        told = ("kind", "variation", "assurance", "rule", "since", "provisional")
        return {name: getattr(self, name) for name in told} | dict(self.week)


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
    rows = week_sums(state, one.id, by, scope, as_of).with_columns(value=with_value(one))
    starts = weeks_of(state, one, as_of).starts
    mine = rows.filter(pl.col("id").is_in(list(units)))
    by_unit = {str(key[0]): part for key, part in mine.partition_by("id", as_dict=True).items()}
    events = events_of(state, one.id)
    walks = None
    if "cusum" in units.values():
        walks = rare(state, one.id, by, scope, as_of, events.rebases)
    found = dict[str, Series]()
    for unit, kind in units.items():
        weeks = by_unit.get(unit)
        if weeks is None or kind in ("few", "none"):
            week = {} if weeks is None else _last_week(weeks)
            found[unit] = Series(kind, pl.DataFrame(schema=POINTS), week=week)
        elif kind == "xmr":
            found[unit] = _middling(one, weeks, starts, events.of(unit), target)
        elif walks is not None:
            found[unit] = _rare(one, walks, unit, _last_week(weeks), as_of)
    return found


def _last_week(weeks: pl.DataFrame) -> dict[str, Any]:
    last: dict[str, Any] = weeks.select(pl.col("day").alias("start"), "n", "d", "value").row(
        -1, named=True
    )
    return last


def _middling(
    one: Metric,
    weeks: pl.DataFrame,
    starts: list[date],
    events: tuple[Rebase, ...],
    target: float | None,
) -> Series:
    """An XmR chart of weeks; a week that holds the event belongs to the phase before it."""
    from metrics.methods.run_rules import assurance, point_types, signals
    from metrics.methods.spc import xmr

    places = ((weeks["day"] - starts[0]).dt.total_days() // WEEK).to_numpy()
    values = np.full(len(starts), np.nan)
    values[places] = weeks["value"].to_numpy()
    phases = np.searchsorted([one.day for one in events], starts, side="right")
    chart = xmr(values, phases=phases)
    marks, good = signals(values, chart), _good(one)
    means = np.array(point_types(marks, good))[places]
    points = weeks.select(pl.col("day").alias("start"), "n", "d", "value").with_columns(
        centre=pl.Series(chart.centre[places]),
        low=pl.Series(_inside(chart.lower[places], one)),
        high=pl.Series(_inside(chart.upper[places], one)),
        phase=pl.Series(phases[places], dtype=pl.Int64),
        rule=pl.Series(marks.rule[places].tolist(), dtype=pl.String),
        means=pl.Series(means.tolist(), dtype=pl.String),
        provisional=pl.Series(chart.provisional[places]),
    )
    r = chart.autocorrelation
    return Series(
        "xmr",
        _points(points),
        variation=str(means[-1]),
        assurance=assurance(chart, target, good),
        rule=str(marks.rule[places[-1]]),
        since=_since(points) if marks.rule[places[-1]] else None,
        autocorrelation=None if np.isnan(r) else r,
        provisional=bool(chart.provisional[places[-1]]),
        week=_last_week(weeks),
    )


def _good(one: Metric) -> "Good | None":
    return None if one.good == "none" else one.good


def _inside(limits: Floats, one: Metric) -> Floats:
    """Limits inside what the value can be: a share lies between 0 and 1, a time above 0."""
    highest = 1.0 if one.unit == "share" and one.drawn == "events" else np.inf
    return np.clip(limits, 0.0 if one.unit in ("share", "s", "points") else -np.inf, highest)


def _since(points: pl.DataFrame) -> date:
    """The first point of the last unbroken run of points that say the same."""
    said, starts = points["means"].to_list(), points["start"].to_list()
    place = len(said) - 1
    while place and said[place - 1] == said[-1]:
        place -= 1
    first: date = starts[place]
    return first


def _points(frame: pl.DataFrame) -> pl.DataFrame:
    """POINTS; what a kind of chart has not is null."""
    absent = [pl.lit(None, kind).alias(name) for name, kind in POINTS.items()]
    there = [one for one in absent if one.meta.output_name() not in frame.columns]
    told = frame.with_columns(there).with_columns(
        pl.col("centre", "low", "high").fill_nan(None),
    )
    return told.match_to_schema(POINTS, extra_columns="ignore")


def _rare(
    one: Metric, walks: Rare, unit: str, week: Mapping[str, Any], as_of: date
) -> Series:
    """A CUSUM of days; its last week speaks, as the last point of an XmR chart does."""
    rows = walks.rows.with_row_index("row").filter(pl.col("id") == unit)
    points = pl.concat(
        [pl.DataFrame(schema=POINTS), *(_walk(one, walks, row) for row in rows["row"])]
    )
    alarms = points.filter(pl.col("rule") != "", pl.col("start") > as_of - timedelta(days=WEEK))
    alarmed = not alarms.is_empty()
    last = rows["row"][-1]
    since = None
    if alarmed:
        place = (alarms["start"][-1] - walks.days[0]).days
        since = walks.days[walks.begun(last, place)]
    return Series(
        "cusum",
        points,
        variation="deteriorating" if alarmed else "common",
        rule="alarm" if alarmed else "",
        since=since,
        provisional=bool(points["provisional"][-1]) if points.height else True,
        week=week,
    )


def _walk(one: Metric, walks: Rare, row: int) -> pl.DataFrame:
    """POINTS of one phase, on the days with events."""
    there = np.flatnonzero(walks.n[row] > 0)
    bad, all_ = walks.x[row, there], walks.n[row, there]
    n = bad if one.good == "low" else all_ - bad
    usual = walks.p0[row] if one.good == "low" else 1 - walks.p0[row]
    alarm = walks.alarm[row, there]
    frame = pl.DataFrame(
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
    return _points(frame)
