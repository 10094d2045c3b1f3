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
from metrics.receipts import owners_by_hall
from metrics.reported import reported_part
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.scoring import Scheme, score_units
from metrics.scoring import schemes as schemes
from metrics.silence import held_back, logs_of
from metrics.values import default_as_of, value_of

LEVELS = ("city", "county", "township", "village")
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
    of n and d (null: nothing).
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
        """One row per unit and item: id, item, value, n, d, state, weight, points.

        A last column `reported`, the part of d that tallies make up, where some unit has any.
        """
        both = pl.concat([self.frame, self.unranked])
        listed = pl.concat(
            both.select(
                "id",
                pl.lit(item.metric).alias("item"),
                *(pl.col(f"{item.metric}_{part}").alias(part) for part in PARTS),
                pl.col(item.metric).alias("points"),
                pl.coalesce(f"{item.metric}_{part}" for part in reversed(REPORTED)).alias(
                    "reported"
                ),
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
    """The ranking of the counters of a scope by a scheme.

    `frame` says who is compared with whom: None, the counters of each hall level among themselves;
    a level; `all`; `hall`, each hall by itself; `hall:ID`; `county:ID`, a county with all below it.
    Competition rank (1, 2, 2, 4) on the printed two decimals; unknown names raise HallscoreError.
    """
    state, chosen = ensure(home), scoring.scheme(scheme)
    day = as_of or default_as_of(state, period)
    compared = _frames(tree(state, scope, period.start, period.end), period, frame)
    rows = _item_values(state, compared, chosen, period, scope, day)
    scored = _held_back(state, _printed(score_units(rows, chosen), chosen), chosen, period, day)
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


def _held_back(
    state: CubeState, scored: pl.DataFrame, chosen: Scheme, period: Period, as_of: date
) -> pl.DataFrame:
    """Counters of a hall that owes what others delivered are `missing`: silence must not pay.

    Without one of six items they would be scored on the other five, which may suit them.
    """
    metrics = [metric(item.metric) for item in chosen.items]
    held = held_back(state, metrics, period, as_of)
    logs = {log for one in metrics for log in logs_of(state, one)}
    owners = owners_by_hall(state, logs, period, as_of)
    named = scored.join(owners, on="hall_id", how="left", maintain_order="left")
    owing = pl.col("hall_id").fill_null("").is_in(sorted(held))
    marked = named.with_columns(state=pl.when(owing).then(pl.lit("missing")).otherwise("state"))
    missing = pl.col("state") == "missing"
    return marked.with_columns(
        score=pl.when(~owing).then("score"), owed_by=pl.when(missing).then("owed_by")
    )


def _columns(chosen: Scheme) -> list[str]:
    items = [item.metric for item in chosen.items]
    first = ["rank", "tied", "id", "name", "score", "n", "state", *items, "frame", "observed"]
    parts = [f"{name}_{part}" for name in items for part in (*PARTS, *REPORTED)]
    return [*first, "hall_id", "hall", "owed_by", *parts]


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
        # Beside units that reported tallies others may be missing: then so are those not listed.
        absent = "missing" if (values["state"] == "missing").any() or not len(values) else "none"
        renamed = {part: f"{one.id}_{part}" for part in ("name", "value", "n", "d", "state")}
        rows = rows.join(values.rename(renamed), on="id", how="left", maintain_order="left")
        rows = rows.with_columns(pl.col(f"{one.id}_state").fill_null(absent))
        names.append(pl.col(f"{one.id}_name"))
        part = reported_part(state, one, period, "counter", scope, as_of)
        renamed = {key: f"{one.id}_reported_{key}" for key in ("n", "d")}
        rows = rows.join(part.rename(renamed), on="id", how="left", maintain_order="left")
    return rows.with_columns(name=pl.coalesce(names)).filter(pl.col("name").is_not_null())


def _printed(scored: pl.DataFrame, chosen: Scheme) -> pl.DataFrame:
    """Points, weights and score in points with two decimals."""
    names = [item.metric for item in chosen.items]
    printed = {"score_c": "score"} | {f"{name}_c": name for name in names}
    printed |= {f"{name}_weight_c": f"{name}_weight" for name in names}
    # polars divides by a constant through its reciprocal, which misses the nearest float.
    return scored.with_columns((pl.col(c) / 100).round(2).alias(p) for c, p in printed.items())
