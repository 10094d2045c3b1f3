"""Control charts (走势控制图): which change of a unit is more than the usual up and down.

Middling series are XmR charts of weeks with the four rules of "Making Data Count"; rare bad events
are Bernoulli CUSUMs. Limits begin anew only with a recorded event (hallscore rebase). A chart does
not depend on the span that is shown: limits are those of the whole series. A signal is a question
to ask, not a verdict.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from data.errors import HallscoreError, nearest
from data.rebases import Rebase
from metrics.catalogue import Metric, metric
from metrics.cube import CubeState
from metrics.fairness.control_points import control_metrics, kinds
from metrics.fairness.control_series import series_of
from metrics.fairness.control_targets import target_of
from metrics.fairness.rebasing import events_of
from metrics.periods import Period, period_of
from metrics.places import placement
from metrics.rollup import ensure
from metrics.scheme_files import DEFAULT
from metrics.scope import Scope

SUMMARY = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "metric": pl.String(),
        "kind": pl.String(),  # xmr, cusum, few, none
        "start": pl.Date(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        "value": pl.Float64(),
        "variation": pl.String(),
        "assurance": pl.String(),  # pass, fail, inconsistent, none
        "target": pl.Float64(),
        "rule": pl.String(),
        "since": pl.Date(),
        "provisional": pl.Boolean(),
    }
)
# The metrics of an overview: promptness, ratings and what follows a bad one, the wait.
OVERVIEW = (
    *("on_time_rate", "bad_rate", "response_rate", "on_time_rectification_rate"),
    *("wait_within_15_rate", "abandonment_rate"),
)
SPANS = {"half": 26, "year": 52, "all": None}  # weeks


@dataclass(frozen=True, eq=False)
class ControlChart:
    """The chart of one unit: POINTS of the period, oldest first.

    `kind`: xmr, cusum, few (too few events a week for a chart), none (no whole week). `variation`:
    what the last point says. `assurance`: whether the target will be met, as things are. `since`:
    the first day of the run that the last point belongs to. `autocorrelation`: lag-1 r of the
    whole series. `week`: start, n, d and value of the last final week. `events`: those that begin
    a phase.
    """

    period: Period
    metric: Metric
    by: str
    unit: str
    name: str
    as_of: date
    kind: str
    points: pl.DataFrame
    target: float | None
    variation: str
    assurance: str
    rule: str
    since: date | None
    autocorrelation: float | None
    provisional: bool
    week: Mapping[str, Any]
    events: tuple[Rebase, ...]

    @property
    def correlated(self) -> bool:
        """Whether neighbouring weeks are so alike that the limits are too narrow."""
        from metrics.methods.spc import CORRELATED

        return self.autocorrelation is not None and abs(self.autocorrelation) > CORRELATED


def span_to(first: date, last: date, name: str) -> Period:
    """A span of SPANS that ends with a day: whole weeks back from the Monday before or on it."""
    weeks, end = SPANS[name], last + timedelta(days=1)
    start = first
    if weeks is not None:
        monday = period_of("week", last).start
        start = max(first, monday - timedelta(weeks=weeks))
    return Period(f"{start}…{last}", "weeks", start, end)


def control(
    home: Path,
    metric_id: str,
    period: Period,
    by: str,
    unit: str,
    scope: Scope,
    as_of: date | None = None,
    scheme: str = DEFAULT,
) -> ControlChart:
    """The control chart of a metric of one unit of `by`, as known at the end of the period.

    The target is the value that earns all points in `scheme`; without one there is no assurance.
    Raises HallscoreError for a metric without a chart and for a unit that the scope does not see.
    """
    state, one = ensure(home), _charted(metric_id)
    day = as_of or last_known(state, period)
    names = control_units(state, by, scope, day)
    if unit not in names:
        raise HallscoreError(f"--unit {unit!r}: no {by} of that id.{nearest(unit, names)}")
    known = dict(kinds(state, one, by, scope, day).iter_rows())
    kind = known.get(unit, "none")
    target = target_of(state.home, scheme, one, day)
    series = series_of(state, one, by, scope, day, {unit: kind}, target)[unit]
    shown = series.points.filter(pl.col("start") >= period.start, pl.col("start") < period.end)
    return ControlChart(
        period=period,
        metric=one,
        by=by,
        unit=unit,
        name=names[unit],
        as_of=day,
        kind=kind,
        points=shown,
        target=target,
        variation=series.variation,
        assurance=series.assurance,
        rule=series.rule,
        since=series.since,
        autocorrelation=series.autocorrelation,
        provisional=series.provisional,
        week=series.week,
        events=tuple(each for each in events_of(state, one.id).of(unit) if each.day <= day),
    )


def control_summary(
    home: Path,
    metrics: Iterable[str],
    by: str,
    scope: Scope,
    period: Period,
    as_of: date | None = None,
    scheme: str = DEFAULT,
    units: Iterable[str] | None = None,
) -> pl.DataFrame:
    """SUMMARY: what the last point says, one row per unit and metric, in the order of the ids.

    `units`: of these alone; without it of all that the scope sees.
    """
    state = ensure(home)
    day = as_of or last_known(state, period)
    names = control_units(state, by, scope, day)
    asked = [one for one in (names if units is None else units) if one in names]
    rows: list[dict[str, Any]] = []
    for name in metrics:
        one = _charted(name)
        target = target_of(state.home, scheme, one, day)
        known = dict(kinds(state, one, by, scope, day).iter_rows())
        wanted = {unit: known.get(unit, "none") for unit in asked}
        found = series_of(state, one, by, scope, day, wanted, target)
        for id_, series in found.items():
            told = {"id": id_, "name": names[id_], "metric": name, "target": target}
            rows.append(told | series.last)
    return pl.DataFrame(rows, schema=SUMMARY)


def last_known(state: CubeState, period: Period) -> date:
    """The last day of a past period, else the last day with data."""
    return period.last if state.last_day is None else min(period.last, state.last_day)


def _charted(metric_id: str) -> Metric:
    one = metric(metric_id)
    if one.id not in control_metrics():
        raise HallscoreError(
            f"metric {one.id!r} ({one.kind}) has no control chart; a chart is of a sum over a sum. "
            f"Ask for one of {', '.join(control_metrics())}."
        )
    return one


def control_units(state: CubeState, by: str, scope: Scope, day: date) -> dict[str, str]:
    """id → name of the units of a scope that are there at the end."""
    begin = min(state.first_day or day, day)
    units = placement(state, by, scope, begin, day + timedelta(days=1)).units
    return dict(units.filter("valid").select("id", "name").iter_rows())
