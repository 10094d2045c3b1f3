"""Sums of measures per unit: period, maturity and lag cut first, then one sum, nothing divided."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from metrics.cube import CubeState, month_of
from metrics.measure_files import MeasureFile, homes_of_measures, measure_files
from metrics.places import Placement

KEYS = ("counter", "department", "own")
THERE = (pl.col("day") >= pl.col("since")) & (pl.col("day") < pl.col("until"))


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last` as known on `as_of`; `last` may be before `first`: no day."""

    first: date
    last: date
    as_of: date

    def ripe(self, matures_after: int) -> "Span":
        """The days that can no longer change in the ordinary course."""
        ripe_until = self.as_of - timedelta(days=matures_after)
        return Span(self.first, min(self.last, ripe_until), self.as_of)


def span_of(start: date, end: date, as_of: date) -> Span:
    """The days of [start, end) up to the as-of day."""
    return Span(start, min(end - timedelta(days=1), as_of), as_of)


def sums_by_unit(
    state: CubeState,
    place: Placement,
    names: tuple[str, ...],
    span: Span,
    own_only: bool,
    by_decider: bool,
) -> pl.DataFrame:
    """unit and one column per measure; units without rows are absent or 0.

    `own_only`: cases that another department decides are left out. `by_decider`: cases go to the
    deciding department instead of that of the receiving counter.
    """
    homes = homes_of_measures()
    parts: list[pl.DataFrame] = []
    for measure in {homes[name].name: homes[name] for name in names}.values():
        stocks = [name for name in names if name in measure.stocks]
        if any(name in measure.sums for name in names):
            parts.append(_flow_rows(state, place, measure.name, span, own_only))
        parts += [_stock_rows(state, place, name, span, own_only) for name in stocks]
    found = place.units.select("unit")
    for rows in parts:
        placed = _to_decider(rows, place) if by_decider and "department" in rows.columns else rows
        columns = [name for name in names if name in placed.columns]
        sums = placed.group_by("unit").agg(pl.col(columns).sum())
        found = found.join(sums, on="unit", how="left", maintain_order="left")
    return found.with_columns(pl.col(names).fill_null(0))


@lru_cache(maxsize=48)
def _flow_rows(
    state: CubeState, place: Placement, name: str, span: Span, own_only: bool
) -> pl.DataFrame:
    """All sums of a measure file over the days of the span, with the unit of each day's place.

    Kept for the other metrics of the same file: a page or a ranking asks for several.
    """
    measure = measure_files()[name]
    rows = _kept(state.between(name, span.first, span.last), measure, span, own_only)
    keys = [key for key in ("counter", "department") if key in measure.grain]
    sums = pl.col(measure.sums).sum()
    members, steady = place.between(span.first, span.last)
    if steady:
        summed = rows.group_by(keys).agg(sums)
        return summed.join(members.select("counter", "unit"), on="counter")
    placed = rows.join(members, on="counter").filter(THERE)
    return placed.group_by([*keys, "unit"]).agg(sums)


def day_sums_by_unit(
    state: CubeState,
    place: Placement,
    names: tuple[str, ...],
    span: Span,
    own_only: bool,
    by_bin: bool = False,
    known: bool = False,
) -> pl.DataFrame:
    """unit, day and one column per measure that is a flow, where any is not 0; no tallies.

    `by_bin`: one row per bin of the histogram. The days add up to `sums_by_unit`. `known`: the day
    is the one on which a late row became known, its unit that of the day of the service.
    """
    homes = homes_of_measures()
    members, _ = place.between(span.first, span.last)
    keys = ["unit", "day", "bin"] if by_bin else ["unit", "day"]
    parts = []
    for measure in {homes[name].name: homes[name] for name in names}.values():
        mine = [name for name in names if name in measure.sums]
        rows = _kept(state.between(measure.name, span.first, span.last), measure, span, own_only)
        some = rows.filter(pl.any_horizontal(pl.col(mine) != 0))
        placed = some.join(members, on="counter").filter(THERE).drop_nulls("unit")
        if known and measure.late is not None:
            placed = placed.with_columns(pl.col("day") + pl.duration(days=measure.late))
        parts.append(placed.group_by(keys).agg(pl.col(mine).sum()))
    found = parts[0]
    for part in parts[1:]:
        found = found.join(part, on=keys, how="full", coalesce=True)
    return found.with_columns(pl.col(names).fill_null(0)).sort(keys)


def rows_of_unit(
    state: CubeState, place: Placement, name: str, unit_id: str, span: Span
) -> pl.DataFrame:
    """Rows of a measure file in its grain whose counter stands in one unit on their day."""
    units = place.units.filter(pl.col("id") == unit_id).select("unit")
    members, _ = place.between(span.first, span.last)
    rows = _kept(state.between(name, span.first, span.last), measure_files()[name], span, False)
    mine = members.join(units, on="unit").select("counter", "since", "until")
    return rows.join(mine, on="counter").filter(THERE).drop("since", "until")


def week_sums_by_unit(
    state: CubeState, place: Placement, names: tuple[str, ...], span: Span, own_only: bool
) -> pl.DataFrame:
    """unit, day (the Monday of the week) and one column per measure that is a flow; no tallies."""
    parts = [
        _week_rows(state, place, one, span, own_only)
        for one in dict.fromkeys(homes_of_measures()[name].name for name in names)
    ]
    found = parts[0]
    for part in parts[1:]:
        found = found.join(part, on=["unit", "day"], how="full", coalesce=True)
    return found.select("unit", "day", pl.col(names).fill_null(0))


@lru_cache(maxsize=24)
def _week_rows(
    state: CubeState, place: Placement, name: str, span: Span, own_only: bool
) -> pl.DataFrame:
    """All sums of a measure file by unit and week, kept for the other metrics of the file."""
    measure = measure_files()[name]
    rows = _kept(state.between(name, span.first, span.last), measure, span, own_only)
    members, steady = place.between(span.first, span.last)
    week, sums = pl.col("day").dt.truncate("1w"), pl.col(measure.sums).sum()
    if steady:  # the long table is summed before it is joined
        summed = rows.group_by("counter", day=week).agg(sums)
        placed = summed.join(members.select("counter", "unit"), on="counter")
    else:
        placed = rows.join(members, on="counter").filter(THERE).with_columns(day=week)
    return placed.drop_nulls("unit").group_by("unit", "day").agg(sums)


def _kept(rows: pl.DataFrame, measure: MeasureFile, span: Span, own_only: bool) -> pl.DataFrame:
    if measure.late is not None:
        known_on = pl.col("day") + pl.duration(days=measure.late)
        rows = rows.filter(known_on <= span.as_of)
    if own_only and "own" in measure.grain:
        rows = rows.filter("own")
    return rows


def _stock_rows(
    state: CubeState, place: Placement, name: str, span: Span, own_only: bool
) -> pl.DataFrame:
    """A stock at the end of the span: flows from the beginning, by the unit of that day."""
    came, left = homes_of_measures()[name].stocks[name]
    both = pl.concat(
        [
            _flow_until(state, came, span.last).rename({came: name}),
            _flow_until(state, left, span.last).with_columns(-pl.col(left)).rename({left: name}),
        ]
    )
    rows = both.filter("own") if own_only and "own" in both.columns else both
    keys = [key for key in ("counter", "department") if key in both.columns]
    summed = rows.group_by(keys).agg(pl.col(name).sum())
    return summed.join(place.on(span.last), on="counter")


def _flow_until(state: CubeState, flow: str, last: date) -> pl.DataFrame:
    """counter, with the grain also department and own, and the sum of a flow up to `last`."""
    measure = homes_of_measures()[flow]
    rows = state.between(measure.name, last.replace(day=1), last)
    before = flow_before(state, flow, month_of(last))
    return pl.concat([before, rows.select(*_keys(measure), flow)])


@lru_cache(maxsize=24)
def flow_before(state: CubeState, flow: str, month: int) -> pl.DataFrame:
    """counter, with the grain also department and own, and its sum over all months before one."""
    measure = homes_of_measures()[flow]
    months = [one for one in state.months(measure.name) if one < month]
    return state.frame(measure.name, months).group_by(*_keys(measure)).agg(pl.col(flow).sum())


def _keys(measure: MeasureFile) -> list[str]:
    """What the sums of a flow are kept by."""
    return [key for key in KEYS if key in measure.grain]


def _to_decider(rows: pl.DataFrame, place: Placement) -> pl.DataFrame:
    """Rows by the unit of the deciding department; without one, that of the counter decides."""
    assert place.departments is not None
    decider = place.departments.rename({"unit": "decider"})
    return rows.join(decider, on="department", how="left").with_columns(
        unit=pl.coalesce("decider", "unit")
    )


def bins_by_unit(state: CubeState, place: Placement, name: str, span: Span) -> pl.DataFrame:
    """unit, bin and the number of waits in it."""
    rows = state.between(name, span.first, span.last)
    members, steady = place.between(span.first, span.last)
    if steady:
        summed = rows.group_by("counter", "bin").agg(pl.col(name).sum())
        placed = summed.join(members.select("counter", "unit"), on="counter")
    else:
        placed = rows.join(members, on="counter").filter(THERE)
    return placed.group_by("unit", "bin").agg(pl.col(name).sum())
