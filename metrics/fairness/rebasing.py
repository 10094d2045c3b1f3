"""Which recorded events begin a new phase of which control chart, and recording one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from data.disk import now_in
from data.errors import HallscoreError, nearest
from data.profile import SITE_ZONE
from data.rebases import EVERY, Rebase, record_rebase, standing_rebases
from data.versions import on_day, tiled
from metrics.catalogue import catalogue
from metrics.cube import CubeState
from metrics.lineage import hall_tiles
from metrics.rollup import ensure

REBASES = pl.Schema(
    {
        "no": pl.Int64(),
        "metric": pl.String(),
        "unit": pl.String(),
        "day": pl.Date(),
        "event": pl.String(),
        "by": pl.String(),
        "recorded_at": pl.Datetime("us"),
        "withdrawn": pl.String(),
    }
)


def add_rebase(home: Path, metric: str, unit: str, day: date, event: str, by: str) -> Rebase:
    """Record an event of a metric (or all) at a hall, a county, a counter, or all units.

    HallscoreError names the nearest metric or unit where there is none of that id.
    """
    known = catalogue()
    if metric != EVERY and metric not in known:
        raise HallscoreError(
            f"metric {metric!r} is not in the catalogue; write one of its ids, or all."
            f"{nearest(metric, known)}"
        )
    snap = ensure(home).snap
    halls = snap.reference("halls")["hall_id"].to_list()
    units = {*halls, *snap.reference("counters")["counter_id"].to_list()}
    if unit != EVERY and unit not in units:
        raise HallscoreError(
            f"--unit {unit!r} is neither a hall nor a counter; write the id of one, or all."
            f"{nearest(unit, units)}"
        )
    return record_rebase(home, Rebase(0, metric, unit, day, event, by, now_in(SITE_ZONE)))


def rebase_frame(rebases: Iterable[Rebase]) -> pl.DataFrame:
    """REBASES: the events as rows."""
    return pl.DataFrame([vars(one) for one in rebases], schema=REBASES)


@dataclass(frozen=True, eq=False)
class Events:
    """The standing events of one metric; `over` says under which halls a unit stood on a day."""

    state: CubeState
    rebases: tuple[Rebase, ...]

    def of(self, unit: str) -> tuple[Rebase, ...]:
        """The events that begin a phase of a unit's chart, by day, at most one a day.

        An event of a hall or county reaches what stood below it on that day, never what is above.
        """
        mine: dict[date, Rebase] = {}
        for one in self.rebases:
            if one.unit in (EVERY, unit) or one.unit in self._over(unit, one.day):
                mine.setdefault(one.day, one)
        return tuple(mine.values())

    def _over(self, unit: str, day: date) -> set[str]:
        """The halls above a hall or counter on a day, itself included where it is a hall."""
        counters = self.state.snap.reference("counters").filter(pl.col("counter_id") == unit)
        start = [unit] if counters.is_empty() else _standing(counters, day)
        parents = dict(
            on_day(hall_tiles(self.state), day).select("hall_id", "parent_id").iter_rows()
        )
        found = set[str]()
        while start:
            here = start.pop()
            if here in parents and here not in found:
                found.add(here)
                start += [parents[here]] if parents[here] is not None else []
        return found


def _standing(counters: pl.DataFrame, day: date) -> list[str]:
    """The hall of one counter on a day."""
    return on_day(tiled(counters, "counter_id"), day)["hall_id"].drop_nulls().to_list()


def events_of(state: CubeState, metric: str) -> Events:
    """The standing events of a metric, by day."""
    standing = standing_rebases(state.home)
    return Events(state, tuple(one for one in standing if one.metric in (EVERY, metric)))
