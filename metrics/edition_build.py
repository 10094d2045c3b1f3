"""The frames of an edition, from a home whose reads are recorded or frozen."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from data.loop import is_kept
from data.versions import in_force, on_day
from metrics.annual import RolledUp, mark_of, roll_up
from metrics.awards import awards
from metrics.beside import has_earlier, like
from metrics.catalogue import Metric, metric
from metrics.comparison import EARLIER
from metrics.cube import CubeState
from metrics.edition_frames import GROUPS, ITEMS, LINES, LOOP, RANKING, VALUES, printed
from metrics.edition_results import Header, Results, units_of
from metrics.fairness.moved import moved
from metrics.fairness.ranking import FairRanking, fair_scores
from metrics.headline import KEY_METRICS
from metrics.lineage import above
from metrics.loop import loop
from metrics.monthly import changes_of
from metrics.periods import Period
from metrics.points import as_points
from metrics.quality import deliveries
from metrics.receipts import owed_logs
from metrics.rollup import ensure
from metrics.scheme_files import scheme as scheme_of
from metrics.scheme_files import versions
from metrics.scheme_model import Scheme
from metrics.scope import Scope, scope_for
from metrics.scores import metrics_of, score_of
from metrics.silence import logs_of
from metrics.standings import standings
from metrics.values import default_as_of, value_of

Frames = Mapping[str, pl.DataFrame]
PLACES = ("city", "county", "township", "department")


def results_of(home: Path, period: Period, scheme: str, as_of: date | None = None) -> Results:
    """The results of a period by a scheme for the whole city, as known on `as_of`.

    A period longer than the scheme's own is rolled up from its shorter ones, as `roll_up` does.
    """
    state, scope = ensure(home), scope_for(home, None)
    day = as_of or default_as_of(state, period)
    if _scores_by(home, scheme, period):
        chosen = scheme_of(scheme, home, period.start)
        main = _scored(state, chosen, period, scope, day)
    else:
        up = roll_up(home, period, scope, scheme, as_of)
        chosen = up.scheme
        main = _rolled(state, up)
    figures = list(
        {one.id: one for one in (*metrics_of(chosen), *map(metric, KEY_METRICS))}.values()
    )
    by = chosen.entity if chosen.entity in ("counter", "hall", "department") else "counter"
    logs = {log for one in figures for log in logs_of(state, one)}
    alike = like(state, period, day, "previous")
    other = {
        "awards": awards(home, period, scope, scheme, as_of),
        "owed": owed_logs(state, logs, period, scope, day),
        "quality": deliveries(state.snap, period),
        "values": _values(state, figures, period, scope, day),
        "movers": moved(state, period, scope, day, alike, [one.id for one in figures], by),
        "loop": _loop(home, state, period, scope, day),
    }
    frames = {name: printed(frame) for name, frame in {**main, **other}.items()}
    return Results(Header("", period, chosen, day, stamp=state.stamp), frames)


def _scores_by(home: Path, name: str, period: Period) -> bool:
    """Whether a scheme scores periods of this kind itself."""
    held = [one for one in versions(name, home) if one.in_force(period.start)]
    return bool(held) and held[0].period == period.kind


def _scored(
    state: CubeState, chosen: Scheme, period: Period, scope: Scope, day: date
) -> dict[str, pl.DataFrame]:
    """ranking, items, lines, groups and units of a period that the scheme scores itself."""
    found = score_of(state, chosen, period, scope, day)
    fair = fair_scores(state, found, scope, None)
    placed = standings(state, found, scope, None)
    alike = like(state, period, day, "previous")
    told = changes_of(state, chosen.id, placed, alike, scope, day).select(
        "id", rank_before="before_rank", score_before="before_score", change="score_change"
    )
    both = pl.concat([fair.frame, fair.unranked]).join(
        told, on="id", how="left", maintain_order="left"
    )
    lines = found.lines.rename({"line": "kind"}).with_columns(points=as_points("points_u"))
    return {
        "ranking": _located(state, both, chosen, period),
        "items": _filled(fair.detail(), ITEMS),
        "lines": lines.select(pl.col(name).cast(kind) for name, kind in LINES.items()),
        "groups": _groups(fair),
        "units": units_of(placed),
    }


def _groups(fair: FairRanking) -> pl.DataFrame:
    pairs = pl.col("k") * (pl.col("k") - 1) // 2
    return fair.groups.with_columns(pairs=pairs).match_to_schema(GROUPS).sort("frame")


def _rolled(state: CubeState, up: RolledUp) -> dict[str, pl.DataFrame]:
    """The same of a roll-up: its parts stand in the place of items; no chance is computed."""
    rows = up.frame.with_columns(score="rolled", n="scored", observed=pl.lit(1.0))
    marks = [mark_of(one.period) for one in up.parts if one is not None]
    items = [
        up.frame.select("id", item=pl.lit(mark), points=pl.col(mark)).with_columns(
            state=pl.when(pl.col("points").is_null())
            .then(pl.lit("none"))
            .otherwise(pl.lit("number"))
        )
        for mark in marks
    ]
    sizes = up.frame.filter(pl.col("rank").is_not_null()).group_by("frame").agg(k=pl.len())
    return {
        "ranking": _located(state, rows, up.scheme, up.period),
        "items": _filled(pl.concat(items) if items else pl.DataFrame(), ITEMS),
        "lines": pl.DataFrame(schema=LINES),
        "groups": _filled(sizes.sort("frame"), GROUPS),
        "units": units_of(up.frame),
    }


def _filled(rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Rows in all columns of a schema, null where they have none."""
    if not rows.columns:
        return pl.DataFrame(schema=schema)
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )


def _located(state: CubeState, rows: pl.DataFrame, chosen: Scheme, period: Period) -> pl.DataFrame:
    """RANKING: the rows with county, township, level and department of the last day."""
    halls = in_force(state.snap.reference("halls"), "hall_id", period.start, period.end)
    named = halls.select("hall_id", pl.coalesce("name", "hall_id").alias("_name"), "level")
    told = rows.drop("level", strict=False).join(
        named.select("hall_id", "level"), on="hall_id", how="left", maintain_order="left"
    )
    for level in ("township", "county"):
        over = on_day(above(state, level), period.last).select(
            "hall_id", pl.col("above").alias(f"{level}_id")
        )
        names = named.select(pl.col("hall_id").alias(f"{level}_id"), pl.col("_name").alias(level))
        told = told.join(over, on="hall_id", how="left", maintain_order="left")
        told = told.join(names, on=f"{level}_id", how="left", maintain_order="left")
    told = _with_departments(state, told, chosen, period)
    return _filled(told, RANKING)


def _with_departments(
    state: CubeState, rows: pl.DataFrame, chosen: Scheme, period: Period
) -> pl.DataFrame:
    names = state.snap.reference("departments").unique("department_id", keep="last")
    named = names.select("department_id", department=pl.coalesce("name", "department_id"))
    if chosen.entity == "counter":
        counters = in_force(
            state.snap.reference("counters"), "counter_id", period.start, period.end
        ).select("department_id", id="counter_id")
        rows = rows.join(counters, on="id", how="left", maintain_order="left")
    elif chosen.entity == "department":
        rows = rows.with_columns(department_id="id")
    else:
        return rows
    return rows.join(named, on="department_id", how="left", maintain_order="left")


def _values(
    state: CubeState, figures: Sequence[Metric], period: Period, scope: Scope, day: date
) -> pl.DataFrame:
    """VALUES now, and of the like part of the period before and of the year before."""
    spans = [("now", period, day)]
    for name, asked in zip(("before", "year_before"), EARLIER, strict=True):
        alike = like(state, period, day, asked)
        if has_earlier(state, alike):
            spans.append((name, alike.earlier(), alike.known_on(day)))
    parts = [
        value_of(state, one, span, by, scope, known).with_columns(
            by=pl.lit(by), metric=pl.lit(one.id), span=pl.lit(name)
        )
        for name, span, known in spans
        for by in PLACES
        for one in figures
    ]
    return pl.concat([one.select(list(VALUES)) for one in parts])


def _loop(home: Path, state: CubeState, period: Period, scope: Scope, day: date) -> pl.DataFrame:
    """LOOP; without a row where nobody reports what was done about bad ratings."""
    if not is_kept(state.snap):
        return pl.DataFrame(schema=LOOP)
    rows = loop(home, scope, day, period).filter("valid")
    over = on_day(above(state, "county"), period.last)
    halls = in_force(state.snap.reference("halls"), "hall_id", period.start, period.end)
    names = halls.select(county_id="hall_id", county=pl.coalesce("name", "hall_id"))
    placed = rows.join(over.select("hall_id", county_id="above"), on="hall_id", how="left")
    closed = pl.col("closed_on").is_not_null() & (pl.col("closed_on") <= day)
    sums = placed.group_by("county_id").agg(
        opened=pl.len(),
        closed=closed.sum(),
        open=(~closed).sum(),
        overdue=pl.col("overdue").sum(),
    )
    told = sums.join(names, on="county_id", how="left").sort("county_id", nulls_last=False)
    return _filled(told, LOOP)
