"""Frames from `metrics`, kept per content of the cube and scope; readers never change them."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from dashboard.components.kept import kept
from dashboard.components.ranked import Beside
from dashboard.reported import with_part
from dashboard.viewer import Viewer
from metrics import places, quality, ranking, rollup, values
from metrics import scores as scoring
from metrics.annual import RolledUp, roll_up
from metrics.catalogue import Metric
from metrics.catalogue import metric as metric_of
from metrics.entities import PEOPLE
from metrics.explain import Explanation, explain
from metrics.fairness.awards import fair_awards
from metrics.fairness.ranking import FairRanking, fair_ranking
from metrics.issued import Issued, issued
from metrics.monthly import changes
from metrics.periods import Period, parse_period
from metrics.reported import reported_part
from metrics.scheme_files import all_schemes
from metrics.scope import PERSONS, Scope
from metrics.scores import Scores
from metrics.trail import scores_of, trailing_of

# A frame is some kilobytes (a ranking of all counters about one megabyte).
VALUES, RANKINGS, EXPLANATIONS, ROLLED = 2000, 64, 256, 16


# The stamp is part of the key: a new delivery gives new entries, the old ones fall out.
@kept(VALUES)
def _values(
    home: Path, stamp: str, metric: str, period: str, by: str, scope: Scope, as_of: date | None
) -> pl.DataFrame:
    cube, one, asked = rollup.ensure(home), metric_of(metric), parse_period(period)
    part = reported_part(cube, one, asked, by, scope, as_of)
    return with_part(values.value_of(cube, one, asked, by, scope, as_of), part)


@kept(RANKINGS)
def _ranking(
    home: Path, stamp: str, period: str, scope: Scope, frame: str, scheme: str, as_of: date | None
) -> FairRanking:
    return fair_ranking(home, parse_period(period), scope, frame, scheme, as_of)


@kept(RANKINGS)
def _changes(
    home: Path, stamp: str, period: str, scope: Scope, frame: str, scheme: str
) -> dict[str, dict[str, Any]]:
    rows = changes(home, parse_period(period), scope, scheme, frame)
    return {row["id"]: row for row in rows.iter_rows(named=True)}


@kept(RANKINGS)
def _month_scores(
    home: Path, stamp: str, period: str, scope: Scope, scheme: str
) -> dict[str, float | None]:
    return dict(scores_of(home, parse_period(period), scope, scheme).iter_rows())


@kept(RANKINGS)
def _issued(
    home: Path, stamp: str, period: str, scope: Scope, frame: str, scheme: str
) -> Issued | None:
    return issued(home, _ranking(home, stamp, period, scope, frame, scheme, None))


@kept(RANKINGS)
def _scores(home: Path, stamp: str, period: str, scope: Scope, scheme: str) -> Scores:
    return scoring.score(home, parse_period(period), scope, scheme)


@kept(RANKINGS)
def _awards(home: Path, stamp: str, period: str, scope: Scope, scheme: str) -> pl.DataFrame:
    return fair_awards(home, parse_period(period), scope, scheme)


@kept(ROLLED)
def _rolled_up(
    home: Path, stamp: str, period: str, scope: Scope, scheme: str, frame: str
) -> RolledUp:
    return roll_up(home, parse_period(period), scope, scheme, frame=frame)


# What is shown of persons depends on the rights, which are no part of a scope's key.
@kept(EXPLANATIONS)
def _explanation(
    home: Path, stamp: str, period: str, scope: Scope, rights: str, scheme: str, unit: str
) -> Explanation:
    asked = parse_period(period)
    before = None
    if scheme in schemes_in(home, asked.previous(), scope):
        before = _scores(home, stamp, asked.previous().text, scope, scheme)
    now = _scores(home, stamp, period, scope, scheme)
    return explain(rollup.ensure(home), now, unit, scope, before)


@kept(VALUES)
def _immature(
    home: Path, stamp: str, metric: str, period: str, by: str, scope: Scope
) -> pl.DataFrame:
    return values.immature(home, metric, parse_period(period), by, scope)


@kept(VALUES)
def _complete(
    home: Path, stamp: str, log: str, period: str, by: str, scope: Scope, as_of: date
) -> pl.DataFrame:
    return quality.completeness(rollup.ensure(home), log, parse_period(period), by, scope, as_of)


def complete(viewer: Viewer, log: str, period: Period, by: str) -> pl.DataFrame:
    """Which counters appear in a log, by unit; as `metrics.quality.completeness`."""
    day = as_of(viewer, period)
    return _complete(viewer.home, viewer.stamp, log, period.text, by, viewer.scope, day)


def value(viewer: Viewer, metric: str, period: Period, by: str) -> pl.DataFrame:
    """A metric by unit as this viewer may see it; as `metrics.values.value`.

    With reported_n and reported_d, the part of n and d that tallies make up (null: nothing).
    """
    return _values(viewer.home, viewer.stamp, metric, period.text, by, viewer.scope, None)


def whole(viewer: Viewer, metric: str, period: Period, name: str) -> pl.DataFrame:
    """A metric of all that this viewer may see, as one row of that name."""
    return value(viewer, metric, period, "all").with_columns(name=pl.lit(name))


def immature(viewer: Viewer, metric: Metric, period: Period, by: str) -> pl.DataFrame:
    """How much of the base is not final yet, by unit; as `metrics.values.immature`."""
    return _immature(viewer.home, viewer.stamp, metric.id, period.text, by, viewer.scope)


def rank(viewer: Viewer, period: Period, frame: str, scheme: str) -> FairRanking:
    """The ranking inside a frame as this viewer may see it, with its certainty."""
    return _ranking(viewer.home, viewer.stamp, period.text, viewer.scope, frame, scheme, None)


def beside(viewer: Viewer, period: Period, frame: str, scheme: str) -> Beside:
    """What stands beside a ranking: changes against the time before, scores of twelve months."""
    told = _changes(viewer.home, viewer.stamp, period.text, viewer.scope, frame, scheme)
    months = [
        _month_scores(viewer.home, viewer.stamp, one.text, viewer.scope, scheme)
        for one in trailing_of(period)
    ]
    return Beside(told, months, to_date=period.end > viewer.end)


def published(viewer: Viewer, period: Period, frame: str, scheme: str) -> Issued | None:
    """What stands published of a ranking, and how many units differ now."""
    return _issued(viewer.home, viewer.stamp, period.text, viewer.scope, frame, scheme)


def scores(viewer: Viewer, period: Period, scheme: str) -> Scores:
    """The scores of a period as this viewer may see them; as `metrics.scores.score`."""
    return _scores(viewer.home, viewer.stamp, period.text, viewer.scope, scheme)


def explanation(viewer: Viewer, period: Period, scheme: str, unit: str) -> Explanation:
    """Why a unit has its score, against the period before; as `metrics.explain.explain`."""
    rights = ",".join(sorted(viewer.scope.rights))
    return _explanation(viewer.home, viewer.stamp, period.text, viewer.scope, rights, scheme, unit)


def schemes_of(viewer: Viewer, period: Period) -> list[str]:
    """The schemes that hold in a period and whose units this viewer may see."""
    return schemes_in(viewer.home, period, viewer.scope)


def schemes_in(home: Path, period: Period, scope: Scope) -> list[str]:
    """The same of a home and a scope."""
    found = []
    for name, versions in sorted(all_schemes(home).items()):
        holding = [one for one in versions if one.in_force(period.start)]
        if holding and (holding[0].entity not in PEOPLE or PERSONS in scope.rights):
            found.append(name)
    return found


def awards(viewer: Viewer, period: Period, scheme: str) -> pl.DataFrame:
    """The awards by rule of a scheme in a period; as `metrics.fairness.awards.fair_awards`."""
    return _awards(viewer.home, viewer.stamp, period.text, viewer.scope, scheme)


def rolled_up(viewer: Viewer, period: Period, scheme: str, frame: str) -> RolledUp:
    """A longer period by a scheme's rule inside a frame; as `metrics.annual.roll_up`."""
    asked = (viewer.home, viewer.stamp, period.text, viewer.scope, scheme, frame)
    return _rolled_up(*asked)


def as_of(viewer: Viewer, period: Period) -> date:
    """The day up to which things are known: the last day of a past period, else of the data."""
    return values.known_until(viewer.last_day, period)


def frames_of(viewer: Viewer, period: Period) -> dict[str, str]:
    """Frames to compare in, as code → label: peer groups, the hall levels there are, the counties.

    A home whose halls have no level has one frame, all counters together.
    """
    words = viewer.words
    halls = places.tree(viewer.cube, viewer.scope, period.start, period.end).halls
    found = [level for level in ranking.LEVELS if level in halls["level"]]
    peers = {"peers": words("frame.peers")} if found else {}
    options = peers | {level: words(f"level.{level}") for level in found or ["all"]}
    counties = halls.filter(pl.col("level") == "county", pl.col("valid")).sort("hall_id")
    named = counties.select("hall_id", pl.coalesce("name", "hall_id")).iter_rows()
    return options | {f"county:{id_}": words("frame.county", name=name) for id_, name in named}


def place(viewer: Viewer, period: Period) -> str:
    """What the viewer's whole is called: the city, or the halls that are theirs."""
    if viewer.scope.hall_ids is None:
        return viewer.words("overview.city")
    halls = places.tree(viewer.cube, viewer.scope, period.start, period.end).halls
    mine = halls.filter(pl.col("hall_id").is_in(sorted(viewer.scope.hall_ids)))
    return viewer.words("format.list").join(mine.sort("hall_id")["name"].to_list())


def parts_of(viewer: Viewer, period: Period) -> str:
    """What the whole is shown by: its counties, or its halls where it has none."""
    halls = places.tree(viewer.cube, viewer.scope, period.start, period.end).halls
    return "county" if "county" in halls["level"] else "hall"
