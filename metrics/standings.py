"""Standings: units inside a frame, best first; equal points go by the scheme's tie rules."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from data.errors import HallscoreError, nearest
from metrics.catalogue import catalogue, metric
from metrics.cube import CubeState
from metrics.entities import LEVELS, PEOPLE
from metrics.fairness.peers import Rules, groups_of_year, year_of
from metrics.periods import Period
from metrics.places import Tree, tree
from metrics.points import WIDE
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from metrics.score_inputs import metric_values
from metrics.scores import Scores
from metrics.vetoes import marked

SIMPLE = (*LEVELS, "all", "hall", "peers")
BITS = 2**60  # tells apart any two fractions whose denominators stay below a thousand million


def standings(state: CubeState, found: Scores, scope: Scope, frame: str | None) -> pl.DataFrame:
    """Every unit of the scores that takes part, with its place.

    Adds frame, order (of frames, levels from the city down), rank, tied, standing (place among all
    of all frames), veto, apart, barred. Who is not ranked has no rank and no standing: a state
    other than number, or a veto that sets apart.
    """
    period, chosen = found.period, found.scheme
    asked = frame or chosen.frame
    compared = framed(tree(state, scope, period.start, period.end), found.units, asked)
    if asked == "peers":
        compared = among_peers(state, compared, period, chosen)
    keyed, keys = _item_keys(found, compared)
    if any(name in catalogue() for name in chosen.ties):
        keyed = metric_keys(state, chosen, keyed, found.entity, period, scope, found.as_of)
    return placed(marked(keyed, found.vetoes), keys).drop(keys)


def placed(rows: pl.DataFrame, keys: Sequence[str] = ()) -> pl.DataFrame:
    """Rows with rank, tied and standing: by score_u, then `keys`, more first, null last.

    Competition rank: 1, 2, 2, 4. Who is equal in all of them stays tied.
    """
    by = ["score_u", *keys]
    takes_part = (pl.col("state") == "number") & ~pl.col("apart")
    ranked = rows.filter(takes_part).sort(*by, descending=True, nulls_last=True)
    place = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    told = ranked.with_columns(standing=place, _place=place.over("frame"))
    told = told.with_columns(
        standing=pl.col("standing").min().over(by),
        rank=pl.col("_place").min().over("frame", *by),
        tied=pl.len().over("frame", *by) > 1,
    ).drop("_place")
    rest = rows.filter(~takes_part).with_columns(
        standing=pl.lit(None, pl.Int64), rank=pl.lit(None, pl.Int64), tied=pl.lit(value=False)
    )
    return pl.concat([told, rest])


def key_names(chosen: Scheme) -> list[str]:
    """The columns by which equal points are told apart, in their order."""
    return [f"_tie_{at}" for at in range(len(chosen.ties))]


def _item_keys(found: Scores, units: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Units with the points of the items that break ties; more points come first."""
    keys = key_names(found.scheme)
    for key, name in zip(keys, found.scheme.ties, strict=True):
        if name in catalogue():
            continue
        mine = found.parts.filter(pl.col("item") == name)
        points = mine.select("id", pl.col("points_u").cast(WIDE).alias(key))
        units = units.join(points, on="id", how="left", maintain_order="left")
    return units, keys


def metric_keys(
    state: CubeState,
    chosen: Scheme,
    units: pl.DataFrame,
    entity: str,
    period: Period,
    scope: Scope,
    as_of: date,
) -> pl.DataFrame:
    """Units with the values of the metrics that break ties, the better one first.

    Of a volume, which is neither good nor bad, the larger comes first. A name that is an
    item and a metric is the metric: its value tells apart what points do not.
    """
    by = "counter" if entity in PEOPLE else entity
    pairs = units.select("id", key="counter_id" if entity in PEOPLE else "id")
    for key, name in zip(key_names(chosen), chosen.ties, strict=True):
        if name not in catalogue():
            continue
        told = metric_values(state, name, period, by, scope, as_of)
        sign = -1 if metric(name).good == "low" else 1
        known = told.filter(pl.col("value_d") > 0).select(
            pl.col("id").alias("key"),
            (pl.col("value_n").cast(WIDE) * BITS // pl.col("value_d") * sign).alias(key),
        )
        values = pairs.join(known, on="key", how="left", maintain_order="left")
        units = units.with_columns(values[key])
    return units


def framed(found: Tree, units: pl.DataFrame, frame: str) -> pl.DataFrame:
    """The units that take part, with frame and order (levels from the city down).

    Raises HallscoreError for a frame that does not exist, with the nearest.
    """
    level = pl.col("level").fill_null("all")
    order = level.replace_strict(
        list(LEVELS), list(range(len(LEVELS))), default=len(LEVELS), return_dtype=pl.Int32
    )
    listed = units.with_columns(frame=level, order=order)
    if frame in ("level", "peers"):
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


def among_peers(
    state: CubeState, listed: pl.DataFrame, period: Period, chosen: Scheme
) -> pl.DataFrame:
    """Units framed by level, with the peer group of each as its frame.

    People stand where their counter does; a unit that is in no group stays with its level.
    """
    rule = chosen.peers
    halls = chosen.entity == "hall"
    by = ("level",) if halls else rule.by
    rules = Rules(by, rule.bands, rule.volume, rule.least)
    groups = groups_of_year(state, "hall" if halls else "counter", year_of(period), rules)
    key = "hall_id" if halls else "counter_id"
    named = groups.select(pl.col("id").alias(key), "group")
    told = listed.join(named, on=key, how="left", maintain_order="left")
    return told.with_columns(frame=pl.coalesce("group", "frame")).drop("group")


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
