"""Peer groups (同类窗口): hall level × business family × volume, fixed for the calendar year.

Who is compared with whom must not depend on who looks, nor on the month: the groups of a year are
those of the whole home, by the volume of the year before. docs/explanation/methods-peers.md has
the ladder by which small groups merge.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from data.errors import HallscoreError, nearest
from data.versions import in_force
from data.workdays import load_calendar
from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.expected import EVERYBODY
from metrics.fairness.ladder import Rung, band_of, climb, split
from metrics.fairness.peer_words import group_id, group_label
from metrics.periods import Period, parse_period, period_of
from metrics.values import value_of

LEVEL, FAMILY, VOLUME = BY = ("level", "family", "volume")
BANDS, LEAST, TICKETS = 3, 8, "tickets"
ENTITIES = ("counter", "hall", "department")
GROUPS = pl.Schema(
    {
        "id": pl.String(),
        "group": pl.String(),
        "level": pl.String(),
        "family": pl.String(),
        "band": pl.String(),  # 2, 1-2; null without a split by volume
        "label_zh": pl.String(),
        "label_en": pl.String(),
        "k": pl.Int64(),
        "merged": pl.String(),
        "basis": pl.String(),
        "small": pl.Boolean(),
    }
)


@dataclass(frozen=True)
class Rules:
    """How groups are made: the keys, how many bands of which count, the least size."""

    by: tuple[str, ...] = BY
    bands: int = BANDS
    volume: str = TICKETS
    least: int = LEAST


def peer_groups(
    state: CubeState,
    entity: str,
    period: Period,
    by: tuple[str, ...] = BY,
    bands: int = BANDS,
    volume: str = TICKETS,
    least: int = LEAST,
) -> pl.DataFrame:
    """GROUPS: the group of each counter, hall or department of the home in the period's year.

    `k`: units of the group that are valid in the period; `small`: fewer than `least`. `basis`: the
    span by whose volume the unit was placed (2018; 2019-Q1 in a first year; a later quarter for a
    new counter), null where volume plays no part. `merged`: what the ladder gave up, or `new` for
    a counter that waits in the middle for a quarter of its own.
    Halls are grouped by level alone; departments, which have no level, are one group.
    """
    _check(entity, by)
    rules = Rules(tuple(by) if entity == "counter" else (LEVEL,), bands, volume, least)
    placed = groups_of_year(state, entity, year_of(period), rules)
    key = f"{entity}_id"
    rows = state.snap.reference(f"{entity}s")
    if entity == "department":
        known = rows.with_columns(valid=pl.lit(value=True))
    else:
        known = in_force(rows, key, period.start, period.end)
    valid = known.select(pl.col(key).alias("id"), "valid")
    told = placed.join(valid, on="id", maintain_order="left")
    k = pl.col("valid").sum().over("group").cast(pl.Int64)
    return told.with_columns(k=k, small=k < least).select(list(GROUPS))


def _check(entity: str, by: tuple[str, ...]) -> None:
    if entity not in ENTITIES:
        raise HallscoreError(
            f"peer groups of {entity!r}: expected {', '.join(ENTITIES)}.{nearest(entity, ENTITIES)}"
        )
    for one in by:
        if one not in BY:
            raise HallscoreError(
                f"peer groups by {one!r}: expected {', '.join(BY)}.{nearest(one, BY)}"
            )
    if LEVEL not in by:
        raise HallscoreError("peer groups: levels are never mixed; put level into `by`.")


def year_of(period: Period) -> int:
    """The calendar year of a period; a week belongs to the year of its Thursday."""
    return period.start.isocalendar().year if period.kind == "week" else period.start.year


def basis_of(state: CubeState, year: int) -> Period | None:
    """The span whose volume makes the groups of a year, or None while there is none.

    The year before, where at least its last quarter is known; else the first complete quarter.
    """
    before = parse_period(str(year - 1))
    if _complete(state, period_of("quarter", before.last)):
        return before
    return next(iter(_quarters(state, year)), None)


def _quarters(state: CubeState, year: int) -> list[Period]:
    """The quarters of a year that are known whole."""
    named = [parse_period(f"{year}-Q{at}") for at in range(1, 5)]
    return [one for one in named if _complete(state, one)]


def _complete(state: CubeState, quarter: Period) -> bool:
    """Whether the logs begin by its first working day and reach its last."""
    if state.first_day is None or state.last_day is None:
        return False
    days = load_calendar(state.home).frame(quarter.start, quarter.end).filter("workday")["day"]
    return bool(state.first_day <= days[0] and state.last_day >= days[-1])


@lru_cache(maxsize=16)
def groups_of_year(state: CubeState, entity: str, year: int, rules: Rules) -> pl.DataFrame:
    """GROUPS without k and small, of all units that the home knows."""
    basis = basis_of(state, year) if VOLUME in rules.by else None
    units = _units(state, entity, basis, year, rules)
    rungs = {
        level: _rungs(units.filter(pl.col("level") == level, "base"), rules)
        for level in units["level"].unique().sort()
    }
    late = _late(state, units, rungs, year, rules)
    rows = [
        _placed(row, _rung(rungs[row["level"]], row["family"], rules), basis, late, rules)
        for row in units.iter_rows(named=True)
    ]
    schema = {name: kind for name, kind in GROUPS.items() if name not in ("k", "small")}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _units(
    state: CubeState, entity: str, basis: Period | None, year: int, rules: Rules
) -> pl.DataFrame:
    """id, level, family, volume, base: whether a unit's presence shapes the groups.

    Groups are made by who is there when the year begins (in a first year: at the end of the basis)
    and had business in the basis; who opens later joins a group and moves nobody.
    """
    day = date(year, 1, 1)
    if basis is not None and basis.start.year == year:
        day = basis.last
    elif basis is None and state.first_day is not None:
        day = max(day, state.first_day)
    snap, end = state.snap, day + timedelta(days=1)
    none = {"family": pl.lit(None, pl.String), "volume": pl.lit(None, pl.Int64)}
    if entity == "department":
        named = snap.reference("departments").select(id="department_id").sort("id")
        return named.with_columns(**none, level=pl.lit("all"), base=pl.lit(value=True))
    halls = in_force(snap.reference("halls"), "hall_id", day, end)
    levels = halls.select("hall_id", pl.col("level").fill_null("all"))
    if entity == "hall":
        told = levels.join(halls.select("hall_id", "valid"), on="hall_id", maintain_order="left")
        return told.select(pl.col("hall_id").alias("id"), "level", base="valid", **none)
    counters = in_force(snap.reference("counters"), "counter_id", day, end)
    named = counters.join(levels, on="hall_id", how="left", maintain_order="left")
    volumes = _volumes(state, basis, rules).rename({"n": "volume"})
    told = named.select(
        pl.col("counter_id").alias("id"), pl.col("level").fill_null("all"), "family", "valid"
    ).join(volumes, on="id", how="left", maintain_order="left")
    # A place where nobody counts visitors is split by family alone, by who is there.
    counted = (pl.col("volume") > 0).any().over("level", "family")
    active = pl.col("volume").fill_null(0) > 0
    return told.with_columns(base=pl.col("valid") & (active | ~counted.fill_null(value=False)))


def _volumes(state: CubeState, span: Period | None, rules: Rules) -> pl.DataFrame:
    """id, n: the volume of all counters in a span, null where nobody reported."""
    if span is None:
        return pl.DataFrame(schema={"id": pl.String(), "n": pl.Int64()})
    return value_of(state, metric(rules.volume), span, "counter", EVERYBODY).select("id", "n")


def _rungs(base: pl.DataFrame, rules: Rules) -> dict[str | None, Rung]:
    """The ladder of one level."""
    bands = rules.bands if VOLUME in rules.by else 1
    if FAMILY in rules.by:
        return climb(list(base.select("family", "volume").iter_rows()), bands, rules.least)
    return {None: split(base["volume"].to_list(), bands, rules.least)}


def _rung(rungs: dict[str | None, Rung], family: str | None, rules: Rules) -> Rung:
    return rungs.get(family, rungs[None]) if FAMILY in rules.by else rungs[None]


@dataclass(frozen=True)
class _Late:
    """Volume of the first complete quarter of a unit that has none in the basis."""

    quarter: Period
    volume: int


def _late(
    state: CubeState,
    units: pl.DataFrame,
    rungs: dict[str, dict[str | None, Rung]],
    year: int,
    rules: Rules,
) -> dict[str, _Late]:
    """By id, where a split by volume asks for it."""
    asked = {
        row["id"]
        for row in units.filter(pl.col("volume").fill_null(0) == 0).iter_rows(named=True)
        if _rung(rungs[row["level"]], row["family"], rules).runs
    }
    found: dict[str, _Late] = {}
    if not asked:
        return found
    rows = state.snap.reference("counters").select("counter_id", "valid_from")
    opened = dict(rows.group_by("counter_id").agg(pl.col("valid_from").min()).iter_rows())
    for quarter in _quarters(state, year):
        for name, n in _volumes(state, quarter, rules).iter_rows():
            there = (opened.get(name) or date.min) <= quarter.start
            if name in asked and name not in found and n and there:
                found[name] = _Late(quarter, n)
    return found


Row = dict[str, str | int | None]


def _placed(
    row: dict[str, str], rung: Rung, basis: Period | None, late: dict[str, _Late], rules: Rules
) -> Row:
    """One row of GROUPS."""
    run, merged, told = None, rung.merged, None
    if rung.runs and basis is not None:
        run, told = _run(row, rung, basis, late.get(row["id"]), rules.bands)
        merged = merged if told is not None else "new"
    group = group_id(row["level"], rung.family, run, rules.bands)
    band = None if run is None else "-".join(map(str, dict.fromkeys(run)))
    return {
        "id": row["id"],
        "group": group,
        "level": row["level"],
        "family": row["family"],
        "band": band,
        "label_zh": group_label(group, "zh"),
        "label_en": group_label(group, "en"),
        "merged": merged,
        "basis": told,
    }


def _run(
    row: dict[str, str], rung: Rung, basis: Period, late: _Late | None, bands: int
) -> tuple[tuple[int, int], str | None]:
    """The bands of a unit and the span that says so; the middle while nothing does."""
    volume = row["volume"]
    if volume:
        return rung.run(band_of(int(volume), rung.floors)), basis.text
    if late is not None:
        scaled = band_of(late.volume, rung.floors, basis.days, late.quarter.days)
        return rung.run(scaled), late.quarter.text
    return rung.run((bands + 1) // 2), None
