"""Rankings: units inside a declared frame, ties as ties, who is not ranked listed apart."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from data.errors import HallscoreError, nearest
from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.entities import LEVELS, PEOPLE
from metrics.periods import Period
from metrics.places import Tree, tree
from metrics.points import as_points
from metrics.reported import reported_part
from metrics.rollup import ensure
from metrics.scheme_files import scheme as scheme_of
from metrics.scheme_items import Item, MetricItem
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from metrics.score_events import events_by_unit
from metrics.scores import Scores, score_of
from metrics.values import default_as_of

SIMPLE = (*LEVELS, "all", "hall")
PARTS = ("value", "n", "d", "state", "weight")
REPORTED = ("reported_n", "reported_d")


@dataclass(frozen=True)
class Ranking:
    """A ranking of counters as known on `as_of`.

    `frame`: the ranked, `unranked`: the others (state none, missing or few; no rank, no score).
    Both have rank, tied, id, name, score, n, state, one column of points per item, frame, observed
    (share of the reported weight), hall_id, hall, owed_by (who owes what is missing), and per item
    <item>_value, _n, _d, _state and _weight, and _reported_n and _reported_d: what tallies make up
    of n and d (null: nothing), and _events, the records that count in an item of events.
    """

    period: Period
    scheme: Scheme
    as_of: date
    frame_asked: str | None
    frame: pl.DataFrame
    unranked: pl.DataFrame

    def table(self) -> pl.DataFrame:
        """Ranked, then unranked, in the published columns."""
        items = [item.id for item in self.scheme.items]
        columns = ["rank", "tied", "id", "name", "score", "n", "state", *items, "frame", "observed"]
        return pl.concat([self.frame, self.unranked]).select(columns)

    def detail(self) -> pl.DataFrame:
        """One row per unit and item: id, item, value, n, d, state, weight, points.

        A last column `reported`, the part of d that tallies make up, where some unit has any.
        """
        both = pl.concat([self.frame, self.unranked])
        listed = pl.concat(
            both.select(
                "id",
                pl.lit(item.id).alias("item"),
                *(pl.col(f"{item.id}_{part}").alias(part) for part in PARTS),
                pl.col(item.id).alias("points"),
                pl.coalesce(f"{item.id}_{part}" for part in reversed(REPORTED)).alias("reported"),
            )
            for item in self.scheme.items
        )
        return listed if listed["reported"].count() else listed.drop("reported")


def rank(
    home: Path,
    period: Period,
    scope: Scope,
    frame: str | None = None,
    scheme: str = "first",
    as_of: date | None = None,
) -> Ranking:
    """The ranking of the entities of a scheme in a scope.

    `frame` says who is compared with whom: None, as the scheme says (each hall level by itself);
    a level; `all`; `hall`, each hall by itself; `hall:ID`; `county:ID`, a county with all below it.
    Competition rank (1, 2, 2, 4) on the printed decimals; unknown names raise HallscoreError.
    """
    state = ensure(home)
    day = as_of or default_as_of(state, period)
    return rank_scores(
        state,
        score_of(state, scheme_of(scheme, home, period.start), period, scope, day),
        scope,
        frame,
    )


def rank_scores(state: CubeState, found: Scores, scope: Scope, frame: str | None) -> Ranking:
    """The ranking of scores at hand."""
    chosen = found.scheme
    compared = _framed(
        tree(state, scope, found.period.start, found.period.end), found.units, frame or chosen.frame
    )
    scored = _wide(state, found, compared, scope)
    by_score = pl.col("score_u").rank("min", descending=True).over("frame").cast(pl.Int64)
    ranked = (
        scored.filter(pl.col("state") == "number")
        .with_columns(rank=by_score, tied=pl.len().over("frame", "score_u") > 1)
        .sort("order", "frame", "rank", "id")
    )
    apart = scored.filter(pl.col("state") != "number").with_columns(
        rank=pl.lit(None, pl.Int64), tied=pl.lit(value=False)
    )
    columns = _columns(chosen)
    return Ranking(
        period=found.period,
        scheme=chosen,
        as_of=found.as_of,
        frame_asked=frame,
        frame=ranked.select(columns),
        unranked=apart.sort("order", "frame", "state", "id").select(columns),
    )


def _columns(chosen: Scheme) -> list[str]:
    items = [item.id for item in chosen.items]
    first = ["rank", "tied", "id", "name", "score", "n", "state", *items, "frame", "observed"]
    parts = [f"{name}_{part}" for name in items for part in (*PARTS, *REPORTED, "events")]
    return [*first, "hall_id", "hall", "owed_by", *parts]


def _wide(state: CubeState, found: Scores, compared: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """One row per unit with value, n, d, state, weight, points and reported part of each item."""
    rows = compared.with_columns(score=as_points("score_u"))
    value = pl.when(pl.col("state").is_in(["number", "few"])).then(
        pl.col("value_n") / pl.col("value_d")
    )
    parts = found.parts.with_columns(
        value=value, weight=as_points("weight_u"), points=as_points("points_u")
    )
    for item in found.scheme.items:
        mine = parts.filter(pl.col("item") == item.id)
        named = mine.select(
            "id",
            pl.col("points").alias(item.id),
            *(pl.col(part).alias(f"{item.id}_{part}") for part in PARTS),
        )
        rows = rows.join(named, on="id", how="left", maintain_order="left")
        for part in (_reported(state, found, item, scope), events_by_unit(found.lines, item.id)):
            rows = rows.join(part, on="id", how="left", maintain_order="left")
    return rows


def _reported(state: CubeState, found: Scores, item: Item, scope: Scope) -> pl.DataFrame:
    """id and what tallies make up of n and d of an item, where it rests on a metric."""
    names = {key: f"{item.id}_reported_{key}" for key in ("n", "d")}
    if not isinstance(item, MetricItem) or found.entity in PEOPLE:
        return pl.DataFrame(schema={"id": pl.String(), **dict.fromkeys(names.values(), pl.Int64())})
    one = metric(item.metric)
    part = reported_part(state, one, found.period, found.entity, scope, found.as_of)
    return part.rename(names)


def _framed(found: Tree, units: pl.DataFrame, frame: str) -> pl.DataFrame:
    """The units that take part, with frame and order (levels from the city down)."""
    level = pl.col("level").fill_null("all")
    order = level.replace_strict(
        list(LEVELS), list(range(len(LEVELS))), default=len(LEVELS), return_dtype=pl.Int32
    )
    listed = units.with_columns(frame=level, order=order)
    if frame == "level":
        return listed
    if frame in LEVELS:
        return listed.filter(pl.col("level") == frame)
    one = listed.with_columns(order=pl.lit(0, pl.Int32))
    if frame == "hall":
        return one.with_columns(frame=pl.lit("hall:") + pl.col("hall_id"))
    if frame != "all":
        inside = _halls_of(found, frame)
        one = one.filter(pl.col("hall_id").is_in(sorted(inside)))
    return one.with_columns(frame=pl.lit(frame))


def _halls_of(found: Tree, frame: str) -> set[str]:
    """The halls that `hall:ID` or `county:ID` names."""
    kind, _, one = frame.partition(":")
    if kind not in ("hall", "county") or not one:
        raise HallscoreError(
            f"--frame {frame!r}: expected {', '.join(SIMPLE)}, hall:ID or county:ID."
            f"{nearest(frame, SIMPLE)}"
        )
    known = found.halls if kind == "hall" else found.halls.filter(pl.col("level") == "county")
    ids = known["hall_id"].to_list()
    if one not in ids:
        raise HallscoreError(
            f"--frame {frame!r}: no {kind} {one!r} among those that this user sees."
            f"{nearest(one, ids)}"
        )
    return {one} if kind == "hall" else found.below(one)
