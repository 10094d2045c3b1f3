"""Nodes of the drill-down: city → county → township → village → counter, and departments."""

from dataclasses import dataclass

import polars as pl

from metrics.catalogue import Metric
from metrics.cube import CubeState
from metrics.entities import LEVELS
from metrics.periods import Period
from metrics.places import placement, tree
from metrics.scope import Scope

ALL = "all"
# Of a node's kind: the units of metrics/places.py that hold its values, itself and all below.
BY = {
    ALL: "all",
    **{level: level for level in LEVELS if level != "village"},
    **{one: "hall" for one in ("village", "hall")},
    "department": "department",
    "counter": "counter",
}
KINDS = tuple(BY)
LISTED = pl.Schema(
    {"kind": pl.String(), "id": pl.String(), "name": pl.String(), "hall": pl.String()}
)


@dataclass(frozen=True)
class Node:
    """A unit of the drill-down.

    `kind`: all, a hall level, hall (without a level), department or counter. A hall stands for
    itself with all below it. `hall`: name of a counter's hall.
    """

    kind: str
    id: str
    name: str
    hall: str = ""

    @property
    def by(self) -> str:
        """The units of `metrics.values.value` among which it is found."""
        return BY[self.kind]


def nodes(state: CubeState, period: Period, scope: Scope) -> pl.DataFrame:
    """LISTED with parent (id; null: a root) and valid: all halls, departments and counters.

    As they stand on the last day of the period, of those that the scope sees.
    """
    found = tree(state, scope, period.start, period.end)
    seen = found.halls["hall_id"].implode()
    halls = found.halls.select(
        kind=pl.when(pl.col("level").is_in(LEVELS)).then("level").otherwise(pl.lit("hall")),
        id="hall_id",
        name=pl.coalesce("name", "hall_id"),
        hall=pl.lit(""),
        parent=pl.when(pl.col("parent_id").is_in(seen)).then("parent_id"),
        valid="valid",
    )
    names = halls.select(hall_id="id", hall="name")
    counters = found.ranked.join(names, on="hall_id", maintain_order="left").select(
        kind=pl.lit("counter"),
        id="counter_id",
        name=pl.coalesce("name", "counter_id"),
        hall="hall",
        parent="hall_id",
        valid="valid",
    )
    units = placement(state, "department", scope, period.start, period.end).units
    departments = units.filter("valid").select(
        kind=pl.lit("department"),
        id="id",
        name="name",
        hall=pl.lit(""),
        parent=pl.lit(None, pl.String()),
        valid="valid",
    )
    order = pl.col("kind").cast(pl.Enum(KINDS))
    return pl.concat([halls, departments, counters]).sort(order, "id", maintain_order=True)


def roots(listed: pl.DataFrame) -> pl.DataFrame:
    """The halls above which the viewer sees none."""
    halls = ~pl.col("kind").is_in(["department", "counter"])
    return listed.filter(halls, pl.col("parent").is_null())


def top(listed: pl.DataFrame) -> Node:
    """The node that the drill-down begins with: the one hall above all, or all together."""
    above = roots(listed)
    if above.height == 1:
        return _node(above.row(0, named=True))
    return Node(ALL, ALL, "")


def node_of(listed: pl.DataFrame, unit: str | None) -> Node | None:
    """The node of an address: an id, or kind:id where two kinds share it; None: not seen here."""
    if not unit or unit == ALL:
        return top(listed)
    kind, _, one = unit.partition(":")
    mine = listed.filter(pl.col("id") == unit)
    if mine.is_empty() and kind in KINDS:
        mine = listed.filter(pl.col("kind") == kind, pl.col("id") == one)
    return None if mine.is_empty() else _node(mine.row(0, named=True))


def address(listed: pl.DataFrame, node: Node) -> str:
    """What names a node in an address: its id, with its kind before it where that is not enough."""
    same = listed.filter(pl.col("id") == node.id)
    return node.id if same.height < 2 or same.item(0, "kind") == node.kind else _long(node)


def _long(node: Node) -> str:
    return f"{node.kind}:{node.id}"


def path(listed: pl.DataFrame, node: Node) -> tuple[Node, ...]:
    """From the top to the node itself; a department stands right below the top."""
    halls = listed.filter(~pl.col("kind").is_in(["department", "counter"]))
    mine = listed.filter(pl.col("kind") == node.kind, pl.col("id") == node.id)
    found, at = [node], None if mine.is_empty() else mine.row(0, named=True)
    while at is not None and at["parent"] is not None and len(found) <= halls.height:
        at = halls.row(by_predicate=pl.col("id") == at["parent"], named=True)
        found.append(_node(at))
    first = top(listed)
    return tuple(reversed(found if found[-1] == first else [*found, first]))


def children(listed: pl.DataFrame, node: Node) -> pl.DataFrame:
    """The valid nodes right below one: halls, then its own counters; of a department none."""
    if node.kind == ALL:
        return roots(listed).filter("valid")
    if node.kind in ("department", "counter"):
        return listed.clear()
    departments = pl.col("kind") == "department"
    return listed.filter(pl.col("parent") == node.id, "valid", ~departments)


def siblings(listed: pl.DataFrame, node: Node) -> pl.DataFrame:
    """The valid nodes of the same kind below the same node, itself among them."""
    same = listed.filter(pl.col("kind") == node.kind)
    mine = same.filter(pl.col("id") == node.id)
    if node.kind == ALL or mine.is_empty():
        return same.clear()
    here = pl.col("parent").eq_missing(pl.lit(mine.item(0, "parent"), pl.String()))
    return same.filter(here, pl.col("valid") | (pl.col("id") == node.id))


def counters_of(
    state: CubeState, listed: pl.DataFrame, department: str, period: Period, scope: Scope
) -> pl.DataFrame:
    """The nodes of the counters that a department staffs, in all halls that the scope sees."""
    found = tree(state, scope, period.start, period.end).ranked
    mine = found.filter(pl.col("department_id") == department)["counter_id"].implode()
    return listed.filter(pl.col("kind") == "counter", pl.col("id").is_in(mine))


def department_scope(node: Node, scope: Scope) -> Scope:
    """The scope in which the departments of a hall node are counted: that hall and all below."""
    if node.kind in (ALL, "department", "counter"):
        return scope
    return Scope(scope.user, frozenset([node.id]), scope.rights)


def placed(values: pl.DataFrame, one: Metric) -> pl.DataFrame:
    """Values with `place`, from the best (of a volume the largest) on; equal values share one.

    A place says nothing of whether two units can be told apart. Who has no value, or one on too
    few, has none and stands last.
    """
    ranked = pl.when(pl.col("state") == "number").then("value")
    best = ranked.rank("min", descending=one.good != "low").cast(pl.Int64)
    return values.with_columns(place=best).sort("place", "id", nulls_last=True)


def _node(row: dict[str, str]) -> Node:
    return Node(row["kind"], row["id"], row["name"], row["hall"])
