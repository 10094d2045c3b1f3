"""One unit of the viewer's choice, and the frames about it, kept per content of the cube."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from dashboard import state
from dashboard.components.kept import kept
from dashboard.viewer import Viewer
from metrics import graded, loop_board, places, queues, rollup
from metrics.loop_board import LoopBoard
from metrics.periods import Period, parse_period
from metrics.scope import Scope, visible_halls

KEPT = 256
WHOLE = "all"
Maker = Callable[..., pl.DataFrame]
OF_UNIT: Mapping[str, Maker] = {
    "channels": graded.channels,
    "days": queues.unit_days,
    "heat": queues.heat,
    "lateness": queues.lateness,
}


@dataclass(frozen=True)
class Chosen:
    """A unit of `by` (all, county, hall): its id and what it is called."""

    by: str
    id: str
    name: str


@kept(KEPT)
def _of_unit(
    home: Path, stamp: str, kind: str, by: str, id_: str, period: str, scope: Scope, as_of: date
) -> pl.DataFrame:
    return OF_UNIT[kind](rollup.ensure(home), by, id_, parse_period(period), scope, as_of)


@kept(KEPT)
def _graded(
    home: Path, stamp: str, by: str, period: str, scope: Scope, as_of: date
) -> pl.DataFrame:
    cube, asked = rollup.ensure(home), parse_period(period)
    if by == "level":
        return graded.grades_by_level(cube, asked, scope, as_of)
    return graded.grades(cube, by, asked, scope, as_of)


@kept(KEPT)
def _by_level(
    home: Path, stamp: str, name: str, period: str, scope: Scope, as_of: date
) -> pl.DataFrame:
    return graded.rate_by_level(rollup.ensure(home), name, parse_period(period), scope, as_of)


@kept(KEPT)
def _board(
    home: Path, stamp: str, by: str, id_: str, period: str, scope: Scope, as_of: date
) -> LoopBoard:
    return loop_board.loop_board(home, by, id_, parse_period(period), scope, as_of)


def of_unit(viewer: Viewer, kind: str, unit: Chosen, period: Period, as_of: date) -> pl.DataFrame:
    """One of OF_UNIT, as the function of that name in `metrics`."""
    asked = (unit.by, unit.id, period.text, viewer.scope, as_of)
    return _of_unit(viewer.home, viewer.stamp, kind, *asked)


def grades(viewer: Viewer, by: str, period: Period, as_of: date) -> pl.DataFrame:
    """As `metrics.graded.grades`; `level` as `grades_by_level`."""
    return _graded(viewer.home, viewer.stamp, by, period.text, viewer.scope, as_of)


def rate_by_level(viewer: Viewer, name: str, period: Period, as_of: date) -> pl.DataFrame:
    """As `metrics.graded.rate_by_level`."""
    return _by_level(viewer.home, viewer.stamp, name, period.text, viewer.scope, as_of)


def board(viewer: Viewer, unit: Chosen, period: Period, as_of: date) -> LoopBoard:
    """As `metrics.loop_board.loop_board`."""
    asked = (unit.by, unit.id, period.text, viewer.scope, as_of)
    return _board(viewer.home, viewer.stamp, *asked)


def unit_select(viewer: Viewer, period: Period, whole: str) -> Chosen:
    """A county and, in it, a hall; without a county the halls that lie in none."""
    words, cube = viewer.words, viewer.cube
    halls = places.tree(cube, viewer.scope, period.start, period.end).halls.sort("hall_id")
    named = halls.with_columns(pl.coalesce("name", "hall_id").alias("name"))
    counties = dict(named.filter(level="county").select("hall_id", "name").iter_rows())
    county = _select("county", words("filters.county"), {WHOLE: whole, **counties})
    roots = frozenset(counties if county == WHOLE else [county])
    inside = visible_halls(named, Scope("", roots))
    here = named.join(inside, on="hall_id", how="anti") if county == WHOLE else inside
    listed = dict(here.select("hall_id", "name").iter_rows())
    hall = _select("hall", words("filters.hall"), {WHOLE: words("filters.all_halls"), **listed})
    if hall != WHOLE:
        return Chosen("hall", hall, listed[hall])
    if county != WHOLE:
        return Chosen("county", county, counties[county])
    units = places.placement(cube, "all", viewer.scope, period.start, period.end).units
    return Chosen("all", units.item(0, "id"), whole)


def _select(name: str, label: str, options: Mapping[str, str]) -> str:
    if len(options) == 1:
        return WHOLE
    return state.select(name, label, list(options), WHOLE, options.__getitem__, width=230)
