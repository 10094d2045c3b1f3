"""What exemptions lifted: the decisions of a period, and the rows that each of them took out."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from data.exempt import LIFTS, decisions, spans, spans_of_log
from data.versions import within
from metrics.cube import CubeState
from metrics.engines import DuckEngine
from metrics.periods import Period
from metrics.places import placement
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.sums import THERE, span_of
from metrics.values import default_as_of

EXEMPTIONS = pl.Schema(
    {
        "id": pl.String(),
        "hall_id": pl.String(),  # null: of one counter, or of the whole city
        "hall": pl.String(),
        "counter_id": pl.String(),
        "includes_below": pl.Boolean(),
        "system": pl.String(),
        "starts_at": pl.Datetime("us"),
        "ends_at": pl.Datetime("us"),
        "cause": pl.String(),
        "decided_by": pl.String(),
        "decided_on": pl.Date(),
        **{f"lifted_{log}": pl.Int64() for log in LIFTS},
    }
)
ROWS = pl.Schema(
    {
        "counter_id": pl.String(),
        "id": pl.String(),
        "exemption": pl.String(),
        "day": pl.Date(),
        "at": pl.Datetime("us"),
    }
)


def exemptions(home: Path, period: Period, scope: Scope, as_of: date | None = None) -> pl.DataFrame:
    """The standing exemptions that touch a period, one row each, in the order of their start.

    lifted_<log>: rows of counters in scope that they lift out of the period's sums up to `as_of`;
    of two that lift the same row the first by id is named, so that the counts add up. Who sees a
    part of the city sees the decisions that mean a counter of it.
    """
    state = ensure(home)
    return exemptions_of(state, period, scope, as_of)


def exemptions_of(
    state: CubeState, period: Period, scope: Scope, as_of: date | None = None
) -> pl.DataFrame:
    """The same from a cube at hand."""
    day = as_of or default_as_of(state, period)
    last = min(period.last, day) + timedelta(days=1)
    touching = decisions(state.snap).filter(
        pl.col("starts_at") < last, pl.col("ends_at") > period.start
    )
    mine = touching.filter(pl.col("id").is_in(_meant(state, touching, period, scope).implode()))
    found = _named(state, mine)
    for log in LIFTS:
        counts = lifted_rows(state, log, period, scope, day).group_by(id="exemption")
        found = found.join(counts.agg(pl.len().alias(f"lifted_{log}")), on="id", how="left")
    counted = found.with_columns(pl.col(f"lifted_{log}").fill_null(0) for log in LIFTS)
    return counted.sort("starts_at", "id").match_to_schema(
        EXEMPTIONS, integer_cast="upcast", extra_columns="ignore"
    )


def _meant(state: CubeState, rows: pl.DataFrame, period: Period, scope: Scope) -> pl.Series:
    """Ids of the decisions that mean a counter of the scope; for the whole city all of them."""
    if scope.hall_ids is None:
        return rows["id"]
    members = placement(state, "counter", scope, period.start, period.end).members
    mine = within(members.drop_nulls("unit"), period.start, period.end)
    return spans(state.snap, rows).join(mine, on="counter", how="semi")["exemption"].unique()


def _named(state: CubeState, rows: pl.DataFrame) -> pl.DataFrame:
    """Decisions with hall_id, hall and counter_id in the place of numbers."""
    halls, counters = (state.snap.reference(one) for one in ("halls", "counters"))
    names = halls.unique("no", keep="last").select(
        "hall_id", pl.col("no").alias("hall"), pl.coalesce("name", "hall_id").alias("_name")
    )
    ids = counters.unique("no", keep="last").select("counter_id", pl.col("no").alias("counter"))
    both = rows.join(names, on="hall", how="left").join(ids, on="counter", how="left")
    return both.with_columns(hall="_name")


def lifted_rows(
    state: CubeState, log: str, period: Period, scope: Scope, as_of: date | None = None
) -> pl.DataFrame:
    """counter_id, id of the row, exemption, day (on which it would count) and moment (at).

    Of findings, tickets or ratings that exemptions lift out of the sums of a period, as far as they
    are known on `as_of`; each row once, with the first exemption by id.
    """
    day = as_of or default_as_of(state, period)
    span, lifted = span_of(period.start, period.end, day), spans_of_log(state.snap, log)
    if lifted.is_empty() or span.last < span.first:
        return pl.DataFrame(schema=ROWS)
    _, moment, known = LIFTS[log]
    inside = f"day BETWEEN DATE '{span.first}' AND DATE '{span.last}'"
    with DuckEngine(state.snap) as engine:
        rows = engine.ask(
            f"SELECT counter, id, day, {moment} AS at FROM {log} AS r "
            f"WHERE exempt AND {inside} AND {known} <= DATE '{span.as_of}'"
        )
    place = placement(state, "counter", scope, period.start, period.end)
    mine = rows.join(place.members.drop_nulls("unit"), on="counter").filter(THERE)
    by = mine.join(lifted, on="counter").filter(
        pl.col("at") >= pl.col("begins"), pl.col("at") < pl.col("ends")
    )
    first = by.sort("exemption").unique("id", keep="first")
    named = first.join(place.units.select("unit", counter_id="id"), on="unit")
    return named.select(*ROWS).sort("at", "id").match_to_schema(ROWS)
