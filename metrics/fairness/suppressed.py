"""The public form of values: what is about fewer than five people is withheld.

Privacy, not reliability: `few` says that a rate is unsure, `suppressed` that a count is about too
few people to be printed. Inside the government everybody sees what their halls see; the public
form is asked for. It holds for the whole hall tree at once, so that a table of counties, of
townships and of counters of one period may be printed beside each other and give nothing away.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from data.errors import HallscoreError
from data.versions import in_force
from metrics.catalogue import Metric, metric
from metrics.cube import CubeState
from metrics.expected import EVERYBODY
from metrics.periods import Period
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value_of

LEAST = 5
ON_THE_TREE = ("counter", "hall", "township", "county", "city", "all")
TREE = {"node": pl.String(), "parent": pl.String()}
ROOT = "all"


def withhold(
    cells: pl.DataFrame, counts: tuple[str, ...] = ("n",), least: int = LEAST
) -> pl.DataFrame:
    """Cells (node, parent, one column per count) with `suppressed`: whether a row is withheld.

    `parent` names the node of the total, null for one without; each total is the sum of its
    children. Counts 1 to least − 1 are withheld and what would give them away; see
    metrics/methods/suppression.py. For breakdowns by grade, item or channel, whole or in trees.
    """
    from metrics.methods.suppression import PRINTED, suppress

    numbered = cells.with_row_index("row")
    places = numbered.select(pl.col("node").alias("parent"), over=pl.col("row").cast(pl.Int64))
    parent = numbered.join(places, on="parent", how="left", maintain_order="left")["over"]
    numbers = cells.select(pl.col(counts).fill_null(0)).to_numpy().astype(np.int64)
    codes = suppress(numbers, parent.fill_null(-1).to_numpy(), least)
    return cells.with_columns(
        suppressed=pl.Series((codes != PRINTED).any(axis=1), dtype=pl.Boolean)
    )


def public_value(
    home: Path,
    metric_id: str,
    period: Period,
    by: str,
    scope: Scope,
    as_of: date | None = None,
    least: int = LEAST,
) -> pl.DataFrame:
    """As `metrics.values.value`, with state `suppressed` and no n, d, value where one is withheld.

    What is withheld is decided on the whole home, by its hall tree on the last day of the period,
    whoever asks. Of a share both parts are counts of people (n and d − n), of a mean and a quantile
    the base. Raises HallscoreError by department, which lies across the tree.
    """
    state, one = ensure(home), metric(metric_id)
    if by not in ON_THE_TREE or (scope.hall_ids is not None and by in ("city", ROOT)):
        raise HallscoreError(
            f"--public by {by!r} for user {scope.user!r}: what is withheld is worked out on the "
            "hall tree of the city, and other sums would give it away. Ask by counter, hall, "
            "township or county; with the whole city in sight also by city or all."
        )
    hidden = withheld_units(state, one, period, by, as_of, least)
    return _muted(value_of(state, one, period, by, scope, as_of), hidden)


def public_values(
    home: Path,
    metric_ids: Sequence[str],
    period: Period,
    by: str,
    scope: Scope,
    as_of: date | None = None,
    least: int = LEAST,
) -> dict[str, pl.DataFrame]:
    """The public values of several metrics that are printed beside each other, by their ids.

    A unit that is withheld in one of them is withheld in all: they add up to each other (tickets
    less abandoned ones are those that were called). Errors as of `public_value`.
    """
    told = {one: public_value(home, one, period, by, scope, as_of, least) for one in metric_ids}
    hidden = frozenset(
        name
        for frame in told.values()
        for name in frame.filter(pl.col("state") == "suppressed")["id"]
    )
    return {one: _muted(frame, hidden) for one, frame in told.items()}


def _muted(told: pl.DataFrame, hidden: frozenset[str]) -> pl.DataFrame:
    mute = pl.col("id").is_in(sorted(hidden))
    return told.with_columns(
        *(pl.when(~mute).then(name).alias(name) for name in ("n", "d", "value")),
        state=pl.when(mute).then(pl.lit("suppressed")).otherwise("state"),
    )


def withheld_units(
    state: CubeState,
    one: Metric,
    period: Period,
    by: str,
    as_of: date | None = None,
    least: int = LEAST,
) -> frozenset[str]:
    """Ids of the units of `by` whose numbers are withheld in the public form."""
    printed = {
        kind: _people(one, value_of(state, one, period, kind, EVERYBODY, as_of))
        for kind in ON_THE_TREE
    }
    counts = tuple(name for name in printed[ROOT].columns if name != "id")
    nodes = pl.concat(
        rows.select("id", pl.concat_str(pl.lit(f"{kind} "), "id").alias("node"), *counts)
        for kind, rows in printed.items()
    )
    tree = _tree(state, period, printed)
    told = withhold(_added_up(tree, nodes, counts), counts, least)
    hidden = set(told.filter("suppressed")["node"])
    # Where a counter moved, what is printed of a hall is not the sum of its counters of today.
    small = pl.any_horizontal(pl.col(name).is_between(1, least - 1) for name in counts)
    hidden |= set(nodes.filter(small)["node"])
    return frozenset(name.removeprefix(f"{by} ") for name in hidden if name.startswith(f"{by} "))


def _people(one: Metric, told: pl.DataFrame) -> pl.DataFrame:
    """id and the counts of people in a value: of a share n and d − n, of a mean d, else n."""
    n, d = pl.col("n").fill_null(0), pl.col("d").fill_null(0)
    if one.kind == "ratio" and told.select((n.min() >= 0) & ((d - n).min() >= 0)).item():
        return told.select("id", n=n, rest=d - n)
    base = d if one.denominator else n
    return told.select("id", n=base.abs())


def _tree(state: CubeState, period: Period, printed: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """TREE: every printed unit and the next one above, as they stand on the last day.

    A hall stands for its own counters; what lies below it too is another node, its level's.
    """
    snap, start, end = state.snap, period.start, period.end
    counters = in_force(snap.reference("counters"), "counter_id", start, end)
    halls = in_force(snap.reference("halls"), "hall_id", start, end)
    parents = dict(halls.select("hall_id", "parent_id").iter_rows())
    subtree = {
        one: f"{kind} {one}"
        for kind in ("township", "county", "city")
        for one in printed[kind]["id"]
    }
    root = f"{ROOT} {printed[ROOT]['id'].item()}"
    rows: list[tuple[str, str | None]] = [(root, None)]
    rows += [
        (node, _above(parents.get(one), parents, subtree, root)) for one, node in subtree.items()
    ]
    own = printed["hall"]["id"].to_list()
    rows += [(f"hall {one}", _above(one, parents, subtree, root)) for one in own]
    known = set(own)
    for one, hall in counters.select("counter_id", "hall_id").iter_rows():
        rows.append((f"counter {one}", f"hall {hall}" if hall in known else root))
    return pl.DataFrame(rows, schema=TREE, orient="row")


def _above(
    hall: str | None, parents: dict[str, str | None], subtree: dict[str, str], root: str
) -> str:
    """The node of the nearest hall upwards, itself included, that is printed with all below."""
    seen: set[str] = set()
    while hall is not None and hall not in seen:
        if hall in subtree:
            return subtree[hall]
        seen.add(hall)
        hall = parents.get(hall)
    return root


def _added_up(tree: pl.DataFrame, nodes: pl.DataFrame, counts: tuple[str, ...]) -> pl.DataFrame:
    """The tree with counts that add up: what a total has beyond its children is a child of it.

    Such a rest (tallies of a whole hall) follows from the printed numbers as well as any cell.
    """
    known = tree.join(nodes, on="node", how="left", maintain_order="left")
    cells = {
        row["node"]: [row[name] or 0 for name in counts] for row in known.iter_rows(named=True)
    }
    children: dict[str, list[str]] = {}
    for node, parent in tree.iter_rows():
        if parent is not None:
            children.setdefault(parent, []).append(node)
    rows: list[tuple[str, str | None, list[int]]] = []
    over = dict(tree.iter_rows())
    for node in _deepest_first(children, tree["node"][0]):
        below = children.get(node, [])
        sums = [sum(cells[one][at] for one in below) for at in range(len(counts))]
        rest = [max(own - more, 0) for own, more in zip(cells[node], sums, strict=True)]
        if below:
            if any(rest):
                rows.append((f"rest {node}", node, rest))
            cells[node] = [more + left for more, left in zip(sums, rest, strict=True)]
        rows.append((node, over[node], cells[node]))
    columns = {name: [row[2][at] for row in rows] for at, name in enumerate(counts)}
    return pl.DataFrame(
        {"node": [row[0] for row in rows], "parent": [row[1] for row in rows], **columns},
        schema=TREE | dict.fromkeys(counts, pl.Int64()),
    )


def _deepest_first(children: dict[str, list[str]], root: str) -> list[str]:
    order, front = [], [root]
    while front:
        node = front.pop()
        order.append(node)
        front += children.get(node, [])
    return order[::-1]
