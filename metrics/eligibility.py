"""Who may be given an award: a title of a bonus record, no excluded name, no excluded family."""

from datetime import date

import polars as pl

from data.versions import in_force
from metrics.cube import CubeState
from metrics.entities import members
from metrics.periods import Period
from metrics.scheme_items import BonusItem
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from metrics.score_events import events_of
from metrics.sums import span_of


def eligible(
    state: CubeState,
    chosen: Scheme,
    entity: str,
    units: pl.DataFrame,
    period: Period,
    scope: Scope,
    as_of: date,
) -> pl.DataFrame:
    """The units (id, name, counter_id) that a scheme lets take part in its awards of a period."""
    rules = chosen.eligible
    if rules is None:
        return units
    for part in rules.without_named:
        named = pl.col("name").str.contains(part, literal=True)
        units = units.filter(~named.fill_null(value=False))
    if rules.without_families:
        rows = in_force(state.snap.reference("counters"), "counter_id", period.start, period.end)
        out = rows.filter(pl.col("family").is_in(rules.without_families)).select("counter_id")
        units = units.join(out, on="counter_id", how="anti", maintain_order="left")
    if rules.title is not None:
        item = BonusItem.model_validate(
            {"id": "title", "kind": "bonus", "rule": [{"code": rules.title, "points": 0}]}
        )
        owners = members(state, entity, units, period, scope)
        span = span_of(period.start, period.end, as_of)
        given = events_of(state, item, owners, units, entity, span)
        units = units.join(given.select("id"), on="id", how="semi", maintain_order="left")
    return units
