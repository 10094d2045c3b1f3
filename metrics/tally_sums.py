"""Reported sums per unit: which tallies enter a metric, where, and from when on.

A month's tally counts in the periods that hold the whole month, a day's from the month on too;
never in a day or a week. It is known, and final, from the last day of its span on. A tally of a
whole hall counts for the hall and what lies above it, a counter's for the counter too. A unit's
tallies of a month enter a metric only where each of the metric's measures is reported, or counted
by a log of the unit in that month: half a ratio is none. Stocks and quantiles take no tallies.
"""

from dataclasses import replace
from datetime import date
from functools import lru_cache

import polars as pl

from data.reportable import LIFTED
from metrics.catalogue import Metric
from metrics.cube import CubeState, month_of
from metrics.measure_files import homes_of_measures
from metrics.periods import Period
from metrics.places import Placement
from metrics.sums import Span
from metrics.tally_cube import SCHEMA, TALLIES

TOO_SHORT = ("day", "week")
PLACED = SCHEMA | {"unit": pl.Int32()}
# A frame of so many columns takes as long to make as a whole number takes without it.
NO_ROWS, NONE_PLACED = pl.DataFrame(schema=SCHEMA), pl.DataFrame(schema=PLACED)


def tally_rows(state: CubeState, first: date, last: date) -> pl.DataFrame:
    """Rows of the tally cube whose span ends on a day from first to last."""
    months = [m for m in state.months(TALLIES.name) if month_of(first) <= m <= month_of(last)]
    if last < first or not months:
        return NO_ROWS
    rows = state.frame(TALLIES.name, months)
    return rows.filter(pl.col("day").is_between(first, last))


def takes_tallies(one: Metric) -> bool:
    """Whether reported sums may enter the metric: it is no quantile and holds no stock."""
    homes = homes_of_measures()
    stocks = any(name in homes[name].stocks for name in one.measures if name in homes)
    return one.histogram is None and not stocks and any(m in TALLIES.sums for m in one.measures)


def tally_sums(
    state: CubeState, one: Metric, period: Period, place: Placement, span: Span
) -> pl.DataFrame:
    """unit and one column per measure (Int64) of the units with tallies in the span; 0 for none."""
    rows = placed_tallies(state, one, period, place, span)
    if rows.is_empty():
        return pl.DataFrame(schema={"unit": pl.Int32(), **dict.fromkeys(one.measures, pl.Int64())})
    sums = [_reported(name).sum().alias(name) for name in one.measures]
    return rows.group_by("unit").agg(sums)


def with_tallies(sums: pl.DataFrame, reported: pl.DataFrame) -> pl.DataFrame:
    """The sums of the logs (unit, measures) with the reported ones added; no unit is lost."""
    if reported.is_empty():
        return sums
    names = [name for name in sums.columns if name != "unit"]
    found = sums.join(reported, on="unit", how="left", maintain_order="left", suffix="_reported")
    added = [pl.col(name) + pl.col(f"{name}_reported").fill_null(0) for name in names]
    return found.select("unit", *added)


def tallied_members(
    state: CubeState, one: Metric, period: Period, place: Placement, span: Span
) -> Placement:
    """The placement with the counters alone that have tallies, by themselves or by their hall."""
    rows = placed_tallies(state, one, period, place, span)
    counters = rows["counter"].drop_nulls()
    halls = rows["hall"].drop_nulls()
    return replace(place, members=_members(place, state, counters, halls))


def _members(
    place: Placement, state: CubeState, counters: pl.Series, halls: pl.Series
) -> pl.DataFrame:
    known = state.snap.reference("halls").filter(pl.col("no").is_in(halls.implode()))
    inside = state.snap.reference("counters").filter(
        pl.col("hall_id").is_in(known["hall_id"].implode())
    )
    kept = pl.concat([counters, inside["no"]]).unique()
    return place.members.filter(pl.col("counter").is_in(kept.implode()))


def placed_tallies(
    state: CubeState, one: Metric, period: Period, place: Placement, span: Span
) -> pl.DataFrame:
    """Rows of the tally cube that enter a metric, with their unit."""
    if period.kind in TOO_SHORT or not takes_tallies(one):
        return NONE_PLACED
    return _placed(state, one.measures, place, span)


@lru_cache(maxsize=48)
def _placed(
    state: CubeState, measures: tuple[str, ...], place: Placement, span: Span
) -> pl.DataFrame:
    rows = tally_rows(state, span.first, span.last)
    if rows.is_empty():
        return NONE_PLACED
    return _with_unit(_whole(rows, measures), place)


def _whole(rows: pl.DataFrame, measures: tuple[str, ...]) -> pl.DataFrame:
    """Rows of the units and months for which each measure is reported, or counted by a log."""
    month = pl.col("day").dt.month_start()
    own = pl.any_horizontal(_reported(name).is_not_null() for name in measures)
    asked = [name for name in measures if name not in LIFTED]  # a paper says what is left
    told = [_told(name).any().over("counter", "hall", month) for name in asked]
    return rows.filter(pl.all_horizontal(told), own)


def _reported(name: str) -> pl.Expr:
    return pl.col(name) if name in TALLIES.sums else pl.lit(None, pl.Int64)


def _told(name: str) -> pl.Expr:
    """Whether a row reports a measure, or a log of the unit counts it in the month."""
    home = homes_of_measures()[name]
    by_log = [pl.col(f"with_{log}") for log in home.sources]
    counted = pl.any_horizontal(by_log) if home.either else pl.all_horizontal(by_log)
    return _reported(name).is_not_null() | counted


def _with_unit(rows: pl.DataFrame, place: Placement) -> pl.DataFrame:
    """A tally goes to the unit of its counter or hall at the end of the span."""
    there = (pl.col("day") >= pl.col("since_member")) & (pl.col("day") < pl.col("until"))
    members = place.members.rename({"since": "since_member"})
    found = [
        rows.join(members, on="counter")
        .filter(there, pl.col("unit").is_not_null())
        .select(*rows.columns, "unit")
    ]
    if place.halls is not None:
        halls = place.halls.rename({"since": "since_member"})
        of_hall = rows.filter(pl.col("hall").is_not_null()).join(halls, on="hall").filter(there)
        found.append(of_hall.select(*rows.columns, "unit"))
    return pl.concat(found)
