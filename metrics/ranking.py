"""Rankings: counters inside a declared frame, ties as ties, who is not ranked listed apart."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from data.errors import HallscoreError, nearest
from metrics import scoring
from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.periods import Period
from metrics.places import Tree, tree
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.scoring import Scheme, score_units
from metrics.scoring import schemes as schemes
from metrics.values import default_as_of, value_of

LEVELS = ("city", "county", "township", "village")
SIMPLE = (*LEVELS, "all", "hall")
PARTS = ("value", "n", "d", "state", "weight")


@dataclass(frozen=True)
class Ranking:
    """A ranking of counters as known on `as_of`.

    `frame`: the ranked, `unranked`: the others (state none, missing or few; no rank, no score).
    Both have rank, tied, id, name, score, n, state, one column of points per item, frame, observed
    (share of the reported weight), hall_id, hall, and per item <item>_value, _n, _d, _state and
    _weight.
    """

    period: Period
    scheme: Scheme
    as_of: date
    frame_asked: str | None
    frame: pl.DataFrame
    unranked: pl.DataFrame

    def table(self) -> pl.DataFrame:
        """Ranked, then unranked, in the published columns."""
        items = [item.metric for item in self.scheme.items]
        columns = ["rank", "tied", "id", "name", "score", "n", "state", *items, "frame", "observed"]
        return pl.concat([self.frame, self.unranked]).select(columns)

    def detail(self) -> pl.DataFrame:
        """One row per unit and item: id, item, value, n, d, state, weight, points."""
        both = pl.concat([self.frame, self.unranked])
        return pl.concat(
            both.select(
                "id",
                pl.lit(item.metric).alias("item"),
                *(pl.col(f"{item.metric}_{part}").alias(part) for part in PARTS),
                pl.col(item.metric).alias("points"),
            )
            for item in self.scheme.items
        )


def rank(
    home: Path,
    period: Period,
    scope: Scope,
    frame: str | None = None,
    scheme: str = "first",
    as_of: date | None = None,
) -> Ranking:
    """The ranking of the counters of a scope by a scheme.

    `frame` says who is compared with whom: None, the counters of each hall level among themselves;
    a level; `all`; `hall`, each hall by itself; `hall:ID`; `county:ID`, a county with all below it.
    Competition rank (1, 2, 2, 4) on the printed two decimals; unknown names raise HallscoreError.
    """
    state, chosen = ensure(home), scoring.scheme(scheme)
    day = as_of or default_as_of(state, period)
    compared = _frames(tree(state, scope, period.start, period.end), period, frame)
    rows = _item_values(state, compared, chosen, period, scope, day)
    scored = _printed(score_units(rows, chosen), chosen)
    by_score = pl.col("score_c").rank("min", descending=True).over("frame").cast(pl.Int64)
    ranked = (
        scored.filter(pl.col("state") == "number")
        .with_columns(rank=by_score, tied=pl.len().over("frame", "score_c") > 1)
        .sort("order", "frame", "rank", "id")
    )
    apart = scored.filter(pl.col("state") != "number").with_columns(
        rank=pl.lit(None, pl.Int64), tied=pl.lit(value=False)
    )
    columns = _columns(chosen)
    return Ranking(
        period=period,
        scheme=chosen,
        as_of=day,
        frame_asked=frame,
        frame=ranked.select(columns),
        unranked=apart.sort("order", "frame", "state", "id").select(columns),
    )


def _columns(chosen: Scheme) -> list[str]:
    items = [item.metric for item in chosen.items]
    first = ["rank", "tied", "id", "name", "score", "n", "state", *items, "frame", "observed"]
    parts = [f"{name}_{part}" for name in items for part in PARTS]
    return [*first, "hall_id", "hall", *parts]


@lru_cache(maxsize=64)
def _frames(found: Tree, period: Period, frame: str | None) -> pl.DataFrame:
    """id, hall_id, hall, frame, order of the counters that take part."""
    halls = found.halls.select("hall_id", pl.coalesce("name", "hall_id").alias("hall"), "level")
    placed = found.ranked.join(halls, on="hall_id", how="left", maintain_order="left")
    level = pl.col("level").fill_null("all")
    order = level.replace_strict(
        list(LEVELS), list(range(len(LEVELS))), default=len(LEVELS), return_dtype=pl.Int32
    )
    keys = ("id", "hall_id", "hall", "frame", "order")
    listed = placed.with_columns(id="counter_id", frame=level, order=order)
    if frame is None:
        return listed.select(keys)
    if frame in LEVELS:
        return listed.filter(pl.col("level") == frame).select(keys)
    one = listed.with_columns(order=pl.lit(0, pl.Int32))
    if frame == "hall":
        return one.with_columns(frame=pl.lit("hall:") + pl.col("hall_id")).select(keys)
    if frame != "all":
        inside = _halls_of(found, frame)
        one = one.filter(pl.col("hall_id").is_in(sorted(inside)))
    return one.with_columns(frame=pl.lit(frame)).select(keys)


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


def _item_values(
    state: CubeState,
    compared: pl.DataFrame,
    chosen: Scheme,
    period: Period,
    scope: Scope,
    as_of: date,
) -> pl.DataFrame:
    """One row per counter that is valid or has rows, with value, n, d, state of each item."""
    rows = compared
    names: list[pl.Expr] = []
    for item in chosen.items:
        one = metric(item.metric)
        values = value_of(state, one, period, "counter", scope, as_of)
        absent = "none" if (values["state"] != "missing").any() else "missing"
        renamed = {part: f"{one.id}_{part}" for part in ("name", "value", "n", "d", "state")}
        rows = rows.join(values.rename(renamed), on="id", how="left", maintain_order="left")
        rows = rows.with_columns(pl.col(f"{one.id}_state").fill_null(absent))
        names.append(pl.col(f"{one.id}_name"))
    return rows.with_columns(name=pl.coalesce(names)).filter(pl.col("name").is_not_null())


def _printed(scored: pl.DataFrame, chosen: Scheme) -> pl.DataFrame:
    """Points, weights and score in points with two decimals."""
    names = [item.metric for item in chosen.items]
    printed = {"score_c": "score"} | {f"{name}_c": name for name in names}
    printed |= {f"{name}_weight_c": f"{name}_weight" for name in names}
    # polars divides by a constant through its reciprocal, which misses the nearest float.
    return scored.with_columns((pl.col(c) / 100).round(2).alias(p) for c, p in printed.items())
