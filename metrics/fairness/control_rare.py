"""CUSUMs of rare bad events by unit, with thresholds that are set for the whole home.

A chart looks for odds twice the unit's own usual ones. Usual is the unit's share in the first 20
weeks of its phase, drawn towards its peers (metrics.methods.shrinkage); the chart itself works
with a cautious one (metrics.methods.cusum.in_control), for what is usual is not known for sure. Its
threshold is such that all counters of the home together give at most one false alarm a week: with
6,000 counters a chart alarms for nothing once in 30,000 working days.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.rebases import Rebase
from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.expected import EVERYBODY
from metrics.fairness.control_points import WEEK, bad_of, known_sums
from metrics.fairness.rebasing import Events
from metrics.scope import Scope

Floats = NDArray[np.float64]
BASE_DAYS = 20 * WEEK  # METHODS: limits stand still after 20 points
DRAWS = 100
ROWS = pl.Schema(
    {"id": pl.String(), "phase": pl.Int64(), "start": pl.Date(), "end": pl.Date()}
)  # a phase of a unit: [start, end)


@dataclass(frozen=True, eq=False)
class Rare:
    """The CUSUMs of K phases over T days.

    `rows`: ROWS (K), in the order of ids and phases. `days` (T). `x`, `n` (K, T): bad events and
    all. `usual`, `p0`, `limit` (K,): usual share, the cautious one of the chart, threshold. `path`,
    `alarm` (K, T): as metrics.methods.cusum has them. `firm` (K,): the place of the first day after
    the base weeks. `charts`: the counters over which the false alarms are shared out.
    """

    rows: pl.DataFrame
    days: list[date]
    x: Floats
    n: Floats
    usual: Floats
    p0: Floats
    limit: Floats
    path: Floats
    alarm: NDArray[np.bool_]
    firm: NDArray[np.int64]
    charts: int

    @cached_property
    def of(self) -> dict[str, list[int]]:
        """id → the places of its phases, in order."""
        found = dict[str, list[int]]()
        for row, id_ in enumerate(self.rows["id"]):
            found.setdefault(id_, []).append(row)
        return found

    def begun(self, row: int, place: int) -> int:
        """The place of the first day of the climb that a day is part of."""
        rests = (self.path[row, :place] == 0) | self.alarm[row, :place]
        before = np.flatnonzero(rests)
        return int(before[-1]) + 1 if len(before) else 0


@lru_cache(maxsize=8)
def rare(
    state: CubeState,
    name: str,
    by: str,
    scope: Scope,
    as_of: date,
    rebases: tuple[Rebase, ...],
) -> Rare:
    """The CUSUMs of all units of `by` in a scope up to `as_of`; `rebases` are those of the metric.

    Prior and threshold are those of the whole home, whoever looks.
    """
    from metrics.methods.cusum import bernoulli_cusum, in_control
    from metrics.methods.run_lengths import HIGHEST, WORKING_DAYS, city_arl, threshold

    grid = _grid(state, name, by, scope, as_of, rebases)
    everybody = grid
    if scope.hall_ids is not None:
        everybody = _grid(state, name, by, EVERYBODY, as_of, rebases)
    charts = known_sums(state, name, "counter", EVERYBODY, as_of)["id"].n_unique()
    bad, all_ = grid.base()
    mean, strength = _peers(everybody)
    usual = (mean * strength + bad) / (strength + all_)
    p0 = np.minimum(in_control(bad, all_, mean, strength), HIGHEST)
    limit = np.full(len(p0), np.inf)
    some = all_ > 0
    if some.any():
        a_day = all_ / (grid.base_weeks() * WORKING_DAYS)
        limit[some] = threshold(p0[some], city_arl(charts) * a_day[some])
    walk = bernoulli_cusum(grid.x, grid.n, p0, limit)
    return Rare(
        grid.rows,
        grid.days,
        grid.x,
        grid.n,
        usual,
        p0,
        limit,
        walk.path,
        walk.alarm,
        np.array([grid.place(start) + BASE_DAYS for start in grid.rows["start"]], dtype=np.int64),
        charts,
    )


@dataclass(frozen=True, eq=False)
class _Grid:
    """Bad and all events of K phases over T days."""

    rows: pl.DataFrame
    days: list[date]
    x: Floats
    n: Floats

    def place(self, day: date) -> int:
        return (day - self.days[0]).days

    def base(self) -> tuple[Floats, Floats]:
        """Bad and all events of the base weeks, (K,) each."""
        inside = np.zeros(self.n.shape, dtype=np.bool_)
        for row, start in enumerate(self.rows["start"]):
            first = self.place(start)
            inside[row, first : first + BASE_DAYS] = True
        return (self.x * inside).sum(axis=1), (self.n * inside).sum(axis=1)

    def base_weeks(self) -> Floats:
        """How many weeks the base of each phase has, (K,): 20, or what there is of them."""
        last = self.days[-1] + timedelta(days=1) if self.days else date.min
        days = [
            min(BASE_DAYS, (min(end, last) - start).days)
            for start, end in self.rows.select("start", "end").iter_rows()
        ]
        weeks: Floats = np.maximum(np.array(days, dtype=float), WEEK) / WEEK
        return weeks


def _peers(everybody: _Grid) -> tuple[float, float]:
    """The mean share of all units of the home in their base, and how alike they are (mu, M)."""
    from metrics.methods.shrinkage import shrink

    fit = shrink(*everybody.base(), draws=DRAWS)
    return float(fit.mu.mean()), float(np.median(fit.strength))


def _grid(
    state: CubeState,
    name: str,
    by: str,
    scope: Scope,
    as_of: date,
    rebases: tuple[Rebase, ...],
) -> _Grid:
    sums = known_sums(state, name, by, scope, as_of).with_columns(bad=bad_of(metric(name)))
    # n below 0 or above d: two logs disagree, and such a day is no count.
    sums = sums.filter(pl.col("bad") >= 0, pl.col("bad") <= pl.col("d"))
    rows = _phases(sums, Events(state, rebases))
    begin = sums["day"].min()
    if not isinstance(begin, date):
        return _Grid(rows, [], np.zeros((0, 0)), np.zeros((0, 0)))
    days = [begin + timedelta(days=place) for place in range((as_of - begin).days + 1)]
    placed = sums.join(rows.with_row_index("row"), on="id").filter(
        pl.col("day") >= pl.col("start"), pl.col("day") < pl.col("end")
    )
    where = placed["row"].to_numpy(), (placed["day"] - begin).dt.total_days().to_numpy()
    x, n = np.zeros((rows.height, len(days))), np.zeros((rows.height, len(days)))
    x[where], n[where] = placed["bad"].to_numpy(), placed["d"].to_numpy()
    return _Grid(rows, days, x, n)


def _phases(sums: pl.DataFrame, events: Events) -> pl.DataFrame:
    """ROWS: the first phase of a unit begins with its first day, each other one with an event."""
    begun = sums.group_by("id").agg(start=pl.col("day").min()).sort("id")
    if not events.rebases:
        return begun.select(
            "id", pl.lit(0, pl.Int64).alias("phase"), "start", pl.lit(date.max).alias("end")
        )
    rows: list[dict[str, Any]] = []
    for id_, start in begun.iter_rows():
        later = [one.day for one in events.of(id_) if one.day > start]
        for phase, (first, end) in enumerate(zip([start, *later], [*later, date.max], strict=True)):
            rows.append({"id": id_, "phase": phase, "start": first, "end": end})
    return pl.DataFrame(rows, schema=ROWS)
