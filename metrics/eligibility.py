"""Who may take part in the awards of a scheme: titles that were given, and kinds that are out."""

from datetime import date

import polars as pl

from data.versions import in_force
from metrics.cube import CubeState
from metrics.entities import members
from metrics.periods import Period
from metrics.scheme_items import RECORDED, BonusItem
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from metrics.score_events import events_of
from metrics.sums import span_of

OUT = pl.Schema({"id": pl.String(), "reason": pl.String()})


def ineligible(
    state: CubeState,
    chosen: Scheme,
    units: pl.DataFrame,
    period: Period,
    scope: Scope,
    as_of: date,
    entity: str | None = None,
) -> pl.DataFrame:
    """id and reason (title, name or family) of the units that get no award; `units`: UNITS.

    A unit that is out for several reasons has the first of them. `entity`: that of the units, where
    it is the scheme's dual.
    """
    rule = chosen.eligible
    if rule is None:
        return pl.DataFrame(schema=OUT)
    reason = pl.lit(None, pl.String)
    if rule.without_families:
        families = in_force(
            state.snap.reference("counters"), "counter_id", period.start, period.end
        )
        units = units.join(families.select("counter_id", "family"), on="counter_id", how="left")
        out = pl.col("family").is_in(rule.without_families).fill_null(value=False)
        reason = pl.when(out).then(pl.lit("family")).otherwise(reason)
    if rule.without_named:
        named = pl.any_horizontal(
            pl.col("name").str.contains(part, literal=True) for part in rule.without_named
        )
        reason = pl.when(named).then(pl.lit("name")).otherwise(reason)
    if rule.title is not None:
        holders = _holders(state, chosen, rule.title, units, period, scope, as_of, entity)
        reason = pl.when(~pl.col("id").is_in(holders)).then(pl.lit("title")).otherwise(reason)
    told = units.select("id", reason.alias("reason")).drop_nulls("reason")
    return told.select(pl.col(name).cast(kind) for name, kind in OUT.items()).sort("id")


def _holders(
    state: CubeState,
    chosen: Scheme,
    title: str,
    units: pl.DataFrame,
    period: Period,
    scope: Scope,
    as_of: date,
    entity: str | None = None,
) -> list[str]:
    record = {"id": "title", "kind": "bonus", "rule": [{"code": title, "points": RECORDED}]}
    item = BonusItem.model_validate(record)
    kind = entity or chosen.entity
    owners = members(state, kind, units, period, scope)
    span = span_of(period.start, period.end, as_of)
    rows = events_of(state, item, owners, units, kind, span)
    return rows["id"].unique().to_list()
