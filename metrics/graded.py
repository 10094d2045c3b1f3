"""How ratings are spread: over the five grades by unit or hall level, and over the channels."""

from collections.abc import Iterable
from datetime import date

import polars as pl

from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.entities import LEVELS
from metrics.periods import Period
from metrics.places import placement, tree
from metrics.scope import Scope
from metrics.sums import rows_of_unit, span_of, sums_by_unit
from metrics.tally_sums import tally_sums, with_tallies
from metrics.values import value_of

GRADES = (5, 4, 3, 2, 1)
# Its numerator names every grade, its denominator the ratings that the grades add up to.
SPREAD_BY = "active_satisfaction"
BY_CHANNEL = "active_good_rate"
GRADED = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "grade": pl.Int8(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        "value": pl.Float64(),
        "state": pl.String(),  # number, few, none, missing
    }
)
CHANNELS = pl.Schema(
    {
        "channel": pl.String(),  # null: none was told
        "n": pl.Int64(),
        "d": pl.Int64(),  # active ratings of all channels
        "value": pl.Float64(),
        "bad": pl.Int64(),
        "bad_rate": pl.Float64(),  # bad over n
        "state": pl.String(),  # of bad_rate: number or few
    }
)


def grades(state: CubeState, by: str, period: Period, scope: Scope, as_of: date) -> pl.DataFrame:
    """GRADED: five rows per unit of `by`, best grade first: active ratings that are mature.

    n of d is the share of a grade, null where nothing was reported or rated. With reported tallies.
    """
    return _long(_wide(state, by, period, scope, as_of))


def grades_by_level(state: CubeState, period: Period, scope: Scope, as_of: date) -> pl.DataFrame:
    """The same by hall level (id and name are its code), each hall with its level of the last day.

    A level is missing where none of its halls reported.
    """
    levels = tree(state, scope, period.start, period.end).listed.select("hall_id", "level")
    halls = _wide(state, "hall", period, scope, as_of)
    placed = halls.join(levels, left_on="id", right_on="hall_id").drop_nulls("level")
    return _long(_by_level(placed, _names(GRADES), metric(SPREAD_BY).min_n or 0))


def _by_level(halls: pl.DataFrame, sums: list[str], least: int) -> pl.DataFrame:
    """id and name (the level), the sums of its halls, d and state, from the city down."""
    known = halls.filter(pl.col("state") != "missing")
    added = known.group_by("level").agg(pl.col([*sums, "d"]).sum())
    here = pl.DataFrame({"level": [one for one in LEVELS if one in halls["level"]]})
    told = here.cast(pl.String).join(added, on="level", how="left", maintain_order="left")
    stated = (
        pl.when(pl.col("d").is_null())
        .then(pl.lit("missing"))
        .when(pl.col("d") == 0)
        .then(pl.lit("none"))
        .when(pl.col("d") < least)
        .then(pl.lit("few"))
        .otherwise(pl.lit("number"))
    )
    return told.with_columns(id="level", name="level", state=stated)


def _names(numbers: Iterable[int]) -> list[str]:
    return [f"active_grade_{grade}" for grade in numbers]


def _wide(state: CubeState, by: str, period: Period, scope: Scope, as_of: date) -> pl.DataFrame:
    """id, name, one column per grade, d and state of every unit; null where it is missing."""
    one = metric(SPREAD_BY)
    place = placement(state, by, scope, period.start, period.end)
    span = span_of(period.start, period.end, as_of)
    ripe = span.ripe(one.matures_after)
    logs = sums_by_unit(state, place, one.measures, ripe, own_only=False, by_decider=False)
    sums = with_tallies(logs, tally_sums(state, one, period, place, span))
    named = place.units.select("unit", "id").join(sums, on="unit").select("id", *_names(GRADES))
    told = value_of(state, one, period, by, scope, as_of).select("id", "name", "d", "state")
    heard = pl.col("state") != "missing"
    found = told.join(named, on="id", how="left", maintain_order="left")
    return found.with_columns(pl.when(heard).then(pl.col(_names(GRADES))))


def _long(wide: pl.DataFrame) -> pl.DataFrame:
    parts = [
        wide.select("id", "name", "d", "state", grade=pl.lit(grade), n=f"active_grade_{grade}")
        for grade in GRADES
    ]
    rows = pl.concat(parts).with_columns(
        value=pl.when(pl.col("d") > 0).then(pl.col("n") / pl.col("d"))
    )
    order = wide.select("id").with_row_index("_at")
    sorted_ = rows.join(order, on="id").sort("_at", "grade", descending=[False, True])
    return sorted_.select(pl.col(name).cast(kind) for name, kind in GRADED.items())


def channels(
    state: CubeState, by: str, unit_id: str, period: Period, scope: Scope, as_of: date
) -> pl.DataFrame:
    """CHANNELS of one unit of `by`, the largest first: mature active ratings of the log.

    Default ratings and reported tallies have no channel and are not in it. No rows where there
    are no ratings or none was reported.
    """
    one = metric(BY_CHANNEL)
    place = placement(state, by, scope, period.start, period.end)
    span = span_of(period.start, period.end, as_of).ripe(one.matures_after)
    rows = rows_of_unit(state, place, "channels", unit_id, span)
    found = rows.group_by("channel").agg(
        n=pl.col("channel_active").sum(), bad=pl.col("channel_bad").sum()
    )
    few = pl.col("n") < (metric("bad_rate").min_n or 0)
    told = found.with_columns(
        d=pl.col("n").sum(),
        value=pl.col("n") / pl.col("n").sum(),
        bad_rate=pl.col("bad") / pl.col("n"),
        state=pl.when(few).then(pl.lit("few")).otherwise(pl.lit("number")),
    )
    ordered = told.sort("n", "channel", descending=[True, False], nulls_last=True)
    return ordered.select(pl.col(name).cast(kind) for name, kind in CHANNELS.items())


def rate_by_level(
    state: CubeState, name: str, period: Period, scope: Scope, as_of: date
) -> pl.DataFrame:
    """A ratio of n over d by hall level: id and name (its code), n, d, value, state."""
    one = metric(name)
    levels = tree(state, scope, period.start, period.end).listed.select("hall_id", "level")
    halls = value_of(state, one, period, "hall", scope, as_of)
    placed = halls.join(levels, left_on="id", right_on="hall_id").drop_nulls("level")
    told = _by_level(placed, ["n"], one.min_n or 0)
    value = pl.when(pl.col("d") > 0).then(pl.col("n") / pl.col("d"))
    return told.select("id", "name", "n", "d", value.alias("value"), "state")
