"""Movers: the counters whose score or metric moved most against the like part of the week before.

Only counters with enough base on both sides take part, and only what rests on the same items. That
somebody moved is an observation, not a test: chance moves counters too.
"""

from datetime import date

import polars as pl

from metrics.beside import Like, beside, has_earlier
from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.entities import assessed
from metrics.periods import Period
from metrics.points import as_points
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from metrics.scores import Scores, score_of

SCORE = "score"
MOVED = ("wait_within_15_rate", "abandonment_rate", "on_time_rate", "tickets", "closed_cases")
LEAST = 30  # of a count that has no least base of its own, on both sides
MOST = 3  # of each item, up and down
MOVERS = pl.Schema(
    {
        "item": pl.String(),  # score, or a metric
        "id": pl.String(),
        "name": pl.String(),
        "hall_id": pl.String(),
        "hall": pl.String(),
        "value": pl.Float64(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        "before": pl.Float64(),
        "before_n": pl.Int64(),
        "before_d": pl.Int64(),
        "change": pl.Float64(),
        "change_kind": pl.String(),
        "better": pl.Boolean(),  # null: neither
    }
)


def movers(
    state: CubeState, period: Period, scope: Scope, as_of: date, alike: Like, chosen: Scheme
) -> pl.DataFrame:
    """MOVERS: of the score and of each metric the MOST counters that rose and that fell most."""
    if not has_earlier(state, alike):
        return pl.DataFrame(schema=MOVERS)
    parts = [_scores(state, period, scope, as_of, alike, chosen)]
    halls = assessed(state, "counter", period, scope).select("id", "hall_id", "hall")
    for name in MOVED:
        one = metric(name)
        rows = beside(state, one, period, "counter", scope, as_of, alike)
        enough = (pl.col("state") == "number") & (pl.col("before_state") == "number")
        if not one.denominator:
            enough &= pl.min_horizontal("n", "before_n") >= (one.min_n or LEAST)
        sign = {"high": 1, "low": -1}.get(one.good)
        better = pl.lit(None, pl.Boolean()) if sign is None else pl.col("change") * sign > 0
        placed = rows.filter(enough).join(halls, on="id")
        parts.append(_most(placed.with_columns(item=pl.lit(name), better=better)))
    return pl.concat(parts)


def _scores(
    state: CubeState, period: Period, scope: Scope, as_of: date, alike: Like, chosen: Scheme
) -> pl.DataFrame:
    """Changes of scores that rest on the same items with the same weights in both spans."""
    if chosen.entity != "counter" or not chosen.in_force(alike.before.first):
        return pl.DataFrame(schema=MOVERS)
    now = score_of(state, chosen, period, scope, as_of)
    old = score_of(state, chosen, alike.earlier(), scope, alike.known_on(as_of))
    both = _resting(now).join(_resting(old), on="id", suffix="_old", maintain_order="left")
    same = both.filter(pl.col("rests") == pl.col("rests_old"))
    moved = same.with_columns(_moved_u=pl.col("score_u") - pl.col("score_u_old"))
    told = moved.select(
        "id",
        "name",
        "hall_id",
        "hall",
        "n",
        item=pl.lit(SCORE),
        value=as_points("score_u"),
        d=pl.lit(None, pl.Int64),
        before=as_points("score_u_old"),
        before_n="n_old",
        before_d=pl.lit(None, pl.Int64),
        change=as_points("_moved_u"),
        change_kind=pl.lit("difference"),
        better=pl.col("_moved_u") > 0,
    )
    return _most(told)


def _resting(found: Scores) -> pl.DataFrame:
    """Units with a score, and the weights of the items on which it rests."""
    items = found.parts.sort("id", "item").group_by("id", maintain_order=True)
    rests = items.agg(rests=pl.col("weight_u"))
    scored = found.units.filter(pl.col("state") == "number")
    return scored.join(rests, on="id", maintain_order="left")


def _most(rows: pl.DataFrame) -> pl.DataFrame:
    moved = rows.filter(pl.col("change").is_not_null(), pl.col("change") != 0)
    up = moved.sort("change", "id", descending=[True, False]).filter(pl.col("change") > 0)
    down = moved.sort("change", "id").filter(pl.col("change") < 0)
    both = pl.concat([up.head(MOST), down.head(MOST)])
    return both.match_to_schema(MOVERS, extra_columns="ignore")
