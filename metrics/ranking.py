"""Rankings: units inside a declared frame, ties as ties, who is not ranked listed apart."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.entities import LEVELS, PEOPLE
from metrics.periods import Period
from metrics.points import as_points
from metrics.reported import reported_part
from metrics.rollup import ensure
from metrics.scheme_files import DEFAULT
from metrics.scheme_files import scheme as scheme_of
from metrics.scheme_items import Item, MetricItem
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from metrics.score_events import events_by_unit
from metrics.scores import Scores, score_of
from metrics.standings import standings
from metrics.values import default_as_of

__all__ = ["LEVELS", "Ranking", "rank", "rank_scores"]  # pages name frames by the levels

PARTS = ("value", "n", "d", "state", "weight")
REPORTED = ("reported_n", "reported_d")


@dataclass(frozen=True)
class Ranking:
    """A ranking of counters as known on `as_of`.

    `frame`: the ranked, `unranked`: the others: state none, missing or few without a score, or set
    apart by a veto (state number, with the score). Both have rank, tied, id, name, score, n, state,
    one column of points per item, frame, observed (share of the reported weight), hall_id, hall,
    owed_by (who owes what is missing), veto (ids of the vetoes that hold, or null), and per item
    <item>_value, _n, _d, _state and _weight, and _reported_n and _reported_d: what tallies make up
    of n and d (null: nothing), and _events, the records that count in an item of events.
    """

    period: Period
    scheme: Scheme
    as_of: date
    frame_asked: str | None
    frame: pl.DataFrame
    unranked: pl.DataFrame

    def beside(self) -> tuple[str, ...]:
        """Columns that stand after the items; the ranking with its certainty has some."""
        return ()

    def table(self) -> pl.DataFrame:
        """Ranked, then unranked, in the published columns."""
        items = [item.id for item in self.scheme.items]
        first = ["rank", "tied", "id", "name", "score", "n", "state", *items]
        columns = [*first, *self.beside(), "frame", "observed"]
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
    scheme: str = DEFAULT,
    as_of: date | None = None,
) -> Ranking:
    """The ranking of the entities of a scheme in a scope.

    `frame` says who is compared with whom: None, as the scheme says (each hall level by itself);
    a level; `all`; `hall`, each hall by itself; `hall:ID`; `county:ID`, a county with all below it.
    Competition rank (1, 2, 2, 4) on the printed decimals, then by the scheme's tie rules; unknown
    names raise HallscoreError.
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
    chosen, columns = found.scheme, _columns(found.scheme)
    scored = _wide(state, found, standings(state, found, scope, frame), scope)
    ranked = pl.col("rank").is_not_null()
    return Ranking(
        period=found.period,
        scheme=chosen,
        as_of=found.as_of,
        frame_asked=frame,
        frame=scored.filter(ranked).sort("order", "frame", "rank", "id").select(columns),
        unranked=scored.filter(~ranked).sort("order", "frame", "state", "id").select(columns),
    )


def _columns(chosen: Scheme) -> list[str]:
    items = [item.id for item in chosen.items]
    first = ["rank", "tied", "id", "name", "score", "n", "state", *items, "frame", "observed"]
    parts = [f"{name}_{part}" for name in items for part in (*PARTS, *REPORTED, "events")]
    return [*first, "hall_id", "hall", "owed_by", "veto", *parts]


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
