"""Alarms of a span (报警): counters whose bad events come faster than is usual for them.

All counters of the home together give about one false alarm a week (metrics.fairness.control_rare),
so a list of one is what chance alone brings. An alarm is a reason to look, not a verdict.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from data.errors import HallscoreError
from metrics.catalogue import Metric, metric
from metrics.entities import assessed
from metrics.expected import EVERYBODY
from metrics.fairness.control import last_known
from metrics.fairness.control_rare import Rare, rare
from metrics.fairness.rebasing import events_of
from metrics.periods import Period
from metrics.rollup import ensure
from metrics.scope import Scope

BAD = "bad_rate"
ALARMS = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "hall_id": pl.String(),
        "hall": pl.String(),
        "day": pl.Date(),  # on which the sum passed the threshold
        "since": pl.Date(),  # on which this climb began
        "n": pl.Int64(),  # bad events from `since` to `day`
        "d": pl.Int64(),
        "value": pl.Float64(),
        "usual": pl.Float64(),
        "sum": pl.Float64(),
        "limit": pl.Float64(),
        "provisional": pl.Boolean(),
    }
)


@dataclass(frozen=True, eq=False)
class Alarms:
    """`frame`: ALARMS, the newest first. `charts`: the counters that share the false alarms."""

    period: Period
    metric: Metric
    as_of: date
    charts: int
    frame: pl.DataFrame


def alarms(
    home: Path,
    period: Period,
    scope: Scope,
    metric_id: str = BAD,
    as_of: date | None = None,
) -> Alarms:
    """The alarms of the counters of a scope on the days of a period, known up to `as_of`.

    An alarm within the first 20 weeks of a phase is provisional: the usual share that it is held
    against is that of the same weeks. Raises HallscoreError for a metric that is not of events.
    """
    state, one = ensure(home), metric(metric_id)
    if one.drawn != "events" or one.good == "none":
        raise HallscoreError(
            f"metric {metric_id!r} does not count bad events of all; ask for {BAD}, for instance."
        )
    day = as_of or last_known(state, period)
    # A counter's own days stand wherever it is looked at from: the scope only chooses the rows.
    walks = rare(state, one.id, "counter", EVERYBODY, day, events_of(state, one.id).rebases)
    rows = [row for row in _rows(walks, one) if period.start <= row["day"] < period.end]
    found = pl.DataFrame(rows, schema_overrides=ALARMS) if rows else pl.DataFrame(schema=ALARMS)
    units = assessed(state, "counter", period, scope).select("id", "name", "hall_id", "hall")
    named = found.drop("name", "hall_id", "hall", strict=False).join(units, on="id")
    listed = named.select(list(ALARMS)).sort(["day", "sum", "id"], descending=[True, True, False])
    return Alarms(period, one, day, walks.charts, listed)


def _rows(walks: Rare, one: Metric) -> list[dict[str, Any]]:
    """Every alarm of every phase."""
    found = []
    for row, place in zip(*walks.alarm.nonzero(), strict=True):
        begun = walks.begun(row, place)
        bad = int(walks.x[row, begun : place + 1].sum())
        all_ = int(walks.n[row, begun : place + 1].sum())
        n = bad if one.good == "low" else all_ - bad
        usual = float(walks.usual[row])
        found.append(
            {
                "id": walks.rows["id"][int(row)],
                "day": walks.days[place],
                "since": walks.days[begun],
                "n": n,
                "d": all_,
                "value": n / all_,
                "usual": usual if one.good == "low" else 1 - usual,
                "sum": float(walks.path[row, place]),
                "limit": float(walks.limit[row]),
                "provisional": bool(place < walks.firm[row]),
            }
        )
    return found
