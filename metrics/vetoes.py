"""Vetoes (一票否决): which facts of a period, quarter or year override whose score."""

from datetime import date

import polars as pl

from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.entities import PEOPLE, members
from metrics.periods import Period, period_of
from metrics.scheme_items import DeductItem
from metrics.scheme_model import Scheme, Veto
from metrics.scope import Scope
from metrics.score_events import events_of
from metrics.score_inputs import exact_values
from metrics.scoring import in_order, line_frame
from metrics.sums import span_of

VETOED = pl.Schema(
    {
        "id": pl.String(),
        "veto": pl.String(),
        "effect": pl.String(),  # no_award, apart or zero
        "log": pl.String(),  # of the event; null: a metric
        "row": pl.String(),
        "day": pl.Date(),
        "n": pl.Int64(),  # of the metric
    }
)
LENGTHS = ("day", "week", "month", "quarter", "half", "year")


def vetoed(
    state: CubeState,
    chosen: Scheme,
    entity: str,
    units: pl.DataFrame,
    period: Period,
    scope: Scope,
    as_of: date,
) -> pl.DataFrame:
    """VETOED: one row per unit and fact, in the order of the scheme's vetoes, then by day.

    A fact counts from the start of the month, quarter or year that holds the period's first day to
    the period's end, up to `as_of`. A period longer than a veto's scope is not hit: its parts are.
    `units`: id, counter_id.
    """
    found = [pl.DataFrame(schema=VETOED)]
    for veto in chosen.vetoes:
        if LENGTHS.index(period.kind) <= LENGTHS.index(veto.scope):
            spell = spell_of(veto, period)
            rows = _facts(state, veto, entity, units, spell, scope, as_of)
            found.append(_shaped(rows, veto))
    return pl.concat(found)


def spell_of(veto: Veto, period: Period) -> Period:
    """The days whose facts count in a period: from the start of the veto's scope to its end."""
    whole = period_of(veto.scope, period.start)
    if (whole.start, whole.end) == (period.start, period.end):
        return period
    start = min(whole.start, period.start)
    return Period(f"{start}/{period.last}", whole.kind, start, period.end)


def _facts(
    state: CubeState,
    veto: Veto,
    entity: str,
    units: pl.DataFrame,
    spell: Period,
    scope: Scope,
    as_of: date,
) -> pl.DataFrame:
    if veto.metric is not None:
        return _above(state, veto, entity, units, spell, scope, as_of)
    # A veto takes the events that a rule of its code would: theirs on the day, exemptions known.
    rule = {"code": veto.code, "points": 0}
    item = DeductItem.model_validate(
        {"id": veto.id, "kind": "deduct", "events": veto.source, "rule": [rule]}
    )
    owners = members(state, entity, units, spell, scope)
    span = span_of(spell.start, spell.end, as_of)
    rows = events_of(state, item, owners, units, entity, span)
    return rows.filter(pl.col("exempt").is_null()).unique(["id", "log", "row"]).sort("day", "row")


def _above(
    state: CubeState,
    veto: Veto,
    entity: str,
    units: pl.DataFrame,
    spell: Period,
    scope: Scope,
    as_of: date,
) -> pl.DataFrame:
    """The units whose n is above the limit; a person answers for the counter's."""
    assert veto.metric is not None
    # A fact needs no ripening: what came later changes a rate, not that it happened.
    one = metric(veto.metric).model_copy(update={"matures_after": 0})
    by = "counter" if entity in PEOPLE else entity
    told = exact_values(state, one, spell, by, scope, as_of).select(pl.col("id").alias("key"), "n")
    pairs = units.select("id", key="counter_id" if entity in PEOPLE else "id")
    joined = pairs.join(told, on="key", how="inner", maintain_order="left")
    return joined.filter(pl.col("n") > veto.above).select("id", "n").sort("id")


def _shaped(rows: pl.DataFrame, veto: Veto) -> pl.DataFrame:
    named = rows.with_columns(veto=pl.lit(veto.id), effect=pl.lit(veto.effect))
    return named.select(
        (pl.col(name) if name in named.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in VETOED.items()
    )


def veto_lines(found: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """LINES of the vetoes: the earliest fact of each, with what it takes from the score.

    Effect zero takes the whole score, once, and never lifts one below zero; the other effects
    carry 0 points, so that an explanation names them. `units`: id, score_u.
    """
    scored = units.filter(pl.col("score_u").is_not_null()).select("id", "score_u")
    first = found.unique(["id", "veto"], keep="first", maintain_order=True)
    told = first.join(scored, on="id", maintain_order="left").with_columns(rule="veto")
    zero = pl.col("effect") == "zero"
    takes = zero & (zero.cast(pl.Int32).cum_sum().over("id") == 1)
    lost = pl.max_horizontal(pl.col("score_u"), 0)
    return line_frame(told, "", "veto", pl.when(takes).then(-lost).otherwise(0))


def with_vetoes(
    lines: pl.DataFrame, units: pl.DataFrame, found: pl.DataFrame, chosen: Scheme
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines and units after the vetoes: the lines still add up to the score."""
    if found.is_empty():
        return lines, units
    added = veto_lines(found, units)
    return in_order(pl.concat([lines, added]), chosen), zeroed(units, found)


def zeroed(units: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Units with score_u 0 where a veto of effect zero holds."""
    hit = found.filter(pl.col("effect") == "zero")["id"].unique().to_list()
    lowered = pl.min_horizontal(pl.col("score_u"), 0)
    # min_horizontal passes over a null: who has no score keeps none.
    known = pl.col("id").is_in(hit) & pl.col("score_u").is_not_null()
    return units.with_columns(score_u=pl.when(known).then(lowered).otherwise("score_u"))


def marked(units: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Units with `veto` (ids, or null), `apart` and `barred` (no award)."""
    named = found.unique(["id", "veto"], keep="first", maintain_order=True)
    sums = named.group_by("id", maintain_order=True).agg(
        veto=pl.col("veto").str.join(","), apart=(pl.col("effect") == "apart").any()
    )
    joined = units.join(sums, on="id", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("apart").fill_null(value=False), barred=pl.col("veto").is_not_null()
    )
