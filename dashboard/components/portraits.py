"""What a portrait is drawn from: who is looked at, and its frames, kept by stamp and scope."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from dashboard import state
from dashboard.components import frames
from dashboard.components.kept import kept
from dashboard.components.links import to
from dashboard.viewer import Viewer
from metrics.catalogue import Metric
from metrics.catalogue import metric as metric_of
from metrics.explain import Explanation
from metrics.headline import KEY_METRICS
from metrics.periods import Period, parse_period
from metrics.portrait import course as course_of
from metrics.portrait import ledger as ledger_of
from metrics.portrait import rows as rows_of
from metrics.portrait.nodes import (
    BY,
    Node,
    address,
    children,
    counters_of,
    department_scope,
    node_of,
    nodes,
    placed,
    top,
)
from metrics.portrait.peers import Peers, peers
from metrics.portrait.search import find
from metrics.rollup import ensure
from metrics.scheme_files import scheme as scheme_of
from metrics.scope import Scope

KEPT, LISTS, PAGES = 500, 32, 100
OFFERED = (*KEY_METRICS, "bad_rate", "response_rate", "findings_n", "inspection_coverage")


@dataclass(frozen=True, eq=False)
class Portrait:
    """Who is looked at, in which period, by which scheme (empty: none is for it) and metric."""

    viewer: Viewer
    period: Period
    listed: pl.DataFrame
    node: Node
    scheme: str
    metric: Metric

    def link(self, unit: str, **more: str) -> str:
        """The address of another unit's portrait with the same choices."""
        chosen = {"period": self.period.text, "scheme": self.scheme, "metric": self.metric.id}
        return to("profile", self.viewer.words, unit=unit, **(chosen | more))

    def link_of(self, node: Node) -> str:
        """The same by the node."""
        return self.link(address(self.listed, node))

    def name(self, node: Node) -> str:
        """What a node is called; all together, as the viewer's whole."""
        return node.name or frames.place(self.viewer, self.period)


@kept(LISTS)
def _nodes(home: Path, stamp: str, period: str, scope: Scope) -> pl.DataFrame:
    return nodes(ensure(home), parse_period(period), scope)


@kept(KEPT)
def _course(
    home: Path, stamp: str, metric: str, by: str, unit: str, period: str, grain: str, scope: Scope
) -> pl.DataFrame:
    asked = parse_period(period)
    return course_of.course(ensure(home), metric_of(metric), by, unit, asked, grain, scope)


@kept(KEPT)
def _days(
    home: Path, stamp: str, metric: str, by: str, unit: str, period: str, scope: Scope
) -> pl.DataFrame:
    asked = parse_period(period)
    return course_of.month_days(ensure(home), metric_of(metric), by, unit, asked, scope)


@kept(PAGES)
def _rows(
    home: Path, stamp: str, log: str, by: str, unit: str, period: str, scope: Scope, start: int
) -> rows_of.RawRows:
    return rows_of.raw_rows(ensure(home), log, by, unit, parse_period(period), scope, start)


# What is shown of persons depends on the rights, which are no part of a scope's key.
@kept(PAGES)
def _behind(
    home: Path,
    stamp: str,
    metric: str,
    by: str,
    unit: str,
    period: str,
    scope: Scope,
    rights: str,
    start: int,
) -> rows_of.Behind | None:
    asked = parse_period(period)
    return rows_of.behind(ensure(home), metric_of(metric), by, unit, asked, scope, start)


def listed(viewer: Viewer, period: Period) -> pl.DataFrame:
    """All nodes that the viewer sees; as `metrics.portrait.nodes.nodes`."""
    return _nodes(viewer.home, viewer.stamp, period.text, viewer.scope)


def chosen(rows: pl.DataFrame) -> tuple[Node, bool]:
    """The node of the address, and whether it is one that this viewer sees."""
    found = node_of(rows, state.chosen("unit"))
    return (top(rows), False) if found is None else (found, True)


def found(viewer: Viewer, period: Period, query: str) -> pl.DataFrame:
    """The units that a search finds; as `metrics.portrait.search.find`."""
    return find(viewer.cube, period, viewer.scope, query)


def schemes(viewer: Viewer, period: Period, node: Node) -> list[str]:
    """The schemes that score units like this one."""
    entity = node.by if node.by in ("counter", "department") else "hall"
    known = frames.schemes_of(viewer, period)
    return [one for one in known if scheme_of(one, viewer.home, period.start).entity == entity]


def below(seen: Portrait, by: str) -> pl.DataFrame:
    """The nodes right below one: places, or departments; of a department its counters."""
    if seen.node.kind == "department":
        home = ensure(seen.viewer.home)
        scope = seen.viewer.scope
        return counters_of(home, seen.listed, seen.node.id, seen.period, scope)
    if by != "department":
        return children(seen.listed, seen.node)
    rows = seen.listed.filter(pl.col("kind") == "department")
    here = frames.value(_within(seen), KEY_METRICS[0], seen.period, "department")
    return rows.filter(pl.col("id").is_in(here["id"].implode()))


def values(seen: Portrait, rows: pl.DataFrame, metric: Metric) -> pl.DataFrame:
    """A metric of some nodes, in their order; departments within the hall that is looked at."""
    parts = []
    for kind in rows["kind"].unique(maintain_order=True):
        viewer = _within(seen) if kind == "department" else seen.viewer
        told = frames.value(viewer, metric.id, seen.period, BY[kind]).drop("name")
        mine = rows.filter(pl.col("kind") == kind).select("id", "name")
        parts.append(mine.join(told, on="id", how="left", maintain_order="left"))
    if not parts:
        return frames.value(seen.viewer, metric.id, seen.period, "all").clear()
    return pl.concat(parts).with_columns(pl.col("state").fill_null("none"))


def own(seen: Portrait, metric: Metric) -> pl.DataFrame:
    """A metric of the node itself, as one row."""
    told = frames.value(seen.viewer, metric.id, seen.period, seen.node.by)
    mine = told.filter(pl.col("id") == seen.node.id) if seen.node.kind != "all" else told.head(1)
    named = pl.lit(seen.name(seen.node)).alias("name")
    if mine.is_empty():
        empty = pl.DataFrame({"id": [seen.node.id], "name": [""], "state": ["none"]})
        mine = pl.concat([mine, empty], how="diagonal")
    return mine.with_columns(named)


def ordered(seen: Portrait, rows: pl.DataFrame) -> pl.DataFrame:
    """Nodes with the chosen metric and their place by it; as `metrics.portrait.nodes.placed`."""
    told = placed(values(seen, rows, seen.metric), seen.metric)
    return told.join(rows.select("id", "kind", "hall"), on="id", maintain_order="left")


def _within(seen: Portrait) -> Viewer:
    """The viewer of the hall that is looked at alone: departments are counted in it."""
    return replace(seen.viewer, scope=department_scope(seen.node, seen.viewer.scope))


def explanation(seen: Portrait) -> Explanation | None:
    """Why the unit has its score; None where the scheme does not score it."""
    if not seen.scheme:
        return None
    scored = frames.scores(seen.viewer, seen.period, seen.scheme).units
    if scored.filter(pl.col("id") == seen.node.id).is_empty():
        return None
    return frames.explanation(seen.viewer, seen.period, seen.scheme, seen.node.id)


def ledger(seen: Portrait, told: Explanation) -> pl.DataFrame:
    """Every record of the unit with its points; as `metrics.portrait.ledger.ledger`."""
    return ledger_of.ledger(ensure(seen.viewer.home), told, seen.viewer.scope)


def among(seen: Portrait) -> Peers:
    """The unit in its group: the first comparison of the ranking page, else the scheme's own."""
    frame: str = scheme_of(seen.scheme, seen.viewer.home, seen.period.start).frame
    if seen.node.kind == "counter":
        frame = next(iter(frames.frames_of(seen.viewer, seen.period)))
    return peers(frames.rank(seen.viewer, seen.period, frame, seen.scheme), seen.node.id)


def course(seen: Portrait, grain: str) -> pl.DataFrame:
    """The metric period by period; as `metrics.portrait.course.course`."""
    viewer, unit = seen.viewer, _unit(seen)
    asked = (seen.metric.id, seen.node.by, unit, seen.period.text, grain)
    return _course(viewer.home, viewer.stamp, *asked, viewer.scope)


def days(seen: Portrait) -> pl.DataFrame | None:
    """The metric day by day; None where it cannot be told by day."""
    if not course_of.by_day(seen.metric, seen.node.by):
        return None
    viewer = seen.viewer
    asked = (seen.metric.id, seen.node.by, _unit(seen), seen.period.text)
    return _days(viewer.home, viewer.stamp, *asked, viewer.scope)


def raw(seen: Portrait, log: str, start: int) -> rows_of.RawRows:
    """A page of the rows of a log; as `metrics.portrait.rows.raw_rows`."""
    viewer = seen.viewer
    asked = (log, seen.node.by, _unit(seen), seen.period.text)
    return _rows(viewer.home, viewer.stamp, *asked, viewer.scope, start)


def raw_file(seen: Portrait, log: str) -> rows_of.RawRows:
    """The same for a file: as many rows as a file may have."""
    asked = (ensure(seen.viewer.home), log, seen.node.by, _unit(seen), seen.period)
    return rows_of.raw_rows(*asked, seen.viewer.scope, most=rows_of.MOST)


def behind(seen: Portrait, start: int) -> rows_of.Behind | None:
    """A page of the rows behind the metric; as `metrics.portrait.rows.behind`."""
    viewer = seen.viewer
    asked = (seen.metric.id, seen.node.by, _unit(seen), seen.period.text)
    rights = ",".join(sorted(viewer.scope.rights))
    return _behind(viewer.home, viewer.stamp, *asked, viewer.scope, rights, start)


def behind_file(seen: Portrait) -> rows_of.Behind | None:
    """The same for a file."""
    asked = (ensure(seen.viewer.home), seen.metric, seen.node.by, _unit(seen), seen.period)
    return rows_of.behind(*asked, seen.viewer.scope, most=rows_of.MOST)


def _unit(seen: Portrait) -> str:
    """The id among the units of its kind; all together have one of their own."""
    if seen.node.kind != "all":
        return seen.node.id
    told = frames.value(seen.viewer, seen.metric.id, seen.period, "all")
    return str(told.item(0, "id"))


def shown_metrics(seen: Portrait) -> Sequence[Metric]:
    """The metrics of tables and cards; the chosen one first."""
    known = [metric_of(name) for name in KEY_METRICS if name != seen.metric.id]
    return [seen.metric, *known]
