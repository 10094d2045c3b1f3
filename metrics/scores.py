"""The scores of a period: units of a scheme's entity, their items, and the lines of points."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl

from metrics.catalogue import Metric, metric
from metrics.cube import CubeState
from metrics.entities import assessed
from metrics.periods import Period
from metrics.receipts import owners_by_hall
from metrics.rollup import ensure
from metrics.scheme_files import DEFAULT
from metrics.scheme_files import scheme as scheme_of
from metrics.scheme_items import MetricItem
from metrics.scheme_model import Scheme
from metrics.scope import PERSONS, Scope
from metrics.score_inputs import inputs_of, metric_values
from metrics.scoring import Scored, score_units
from metrics.silence import held_back, logs_of
from metrics.values import default_as_of
from metrics.vetoes import VETOED, vetoed, with_vetoes


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of a period as known on `as_of`.

    `units`: id, name, counter_id, hall_id, hall, level, score_u (1/10,000 point; null unless state
    is number), observed, n, state, owed_by. `parts` and `lines`: see metrics/scoring.py; the lines
    of a unit with a score add up to it exactly. `vetoes`: see metrics/vetoes.py.
    """

    period: Period
    scheme: Scheme
    entity: str
    as_of: date
    units: pl.DataFrame
    parts: pl.DataFrame
    lines: pl.DataFrame
    vetoes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=VETOED))


def score(
    home: Path,
    period: Period,
    scope: Scope,
    scheme: str = DEFAULT,
    as_of: date | None = None,
    entity: str | None = None,
) -> Scores:
    """Score the entities of a scheme in a period; `entity` may be its dual entity (首席代表).

    Any calendar period will do, by the version of the scheme that holds on its first day.
    Unknown schemes raise HallscoreError with the nearest; people need the right `persons`.
    """
    state = ensure(home)
    day = as_of or default_as_of(state, period)
    return score_of(state, scheme_of(scheme, home, period.start), period, scope, day, entity)


def score_of(
    state: CubeState,
    chosen: Scheme,
    period: Period,
    scope: Scope,
    as_of: date,
    entity: str | None = None,
) -> Scores:
    """The same by a scheme at hand, also one that is in no file."""
    kind = entity or chosen.entity
    units = assessed(state, kind, period, scope)

    def scores_of(name: str, who: str) -> pl.DataFrame:
        other = scheme_of(name, state.home, period.start)
        # Only sums of persons come out of it: the right is asked where persons are shown.
        seen = replace(scope, rights=scope.rights | {PERSONS})
        found = score_of(state, other, period, seen, as_of, who)
        return found.units.select("id", "counter_id", "state", "score_u").with_columns(
            full=pl.lit(other.readable, pl.Int64)
        )

    inputs = inputs_of(state, chosen, kind, units, period, scope, as_of, scores_of)
    active = _active(state, chosen, kind, units, period, scope, as_of)
    if chosen.dual is not None and kind == chosen.dual.entity:
        inputs = {name: one.scaled(chosen.dual.ratio) for name, one in inputs.items()}
    scored = score_units(active["id"].to_list(), inputs, chosen)
    told = active.join(scored.totals, on="id", maintain_order="left")
    held = _held_back(state, told, chosen, period, as_of)
    facts = vetoed(state, chosen, kind, active, period, scope, as_of)
    lines, final = with_vetoes(_of_scored(scored, held), held, facts, chosen)
    return Scores(period, chosen, kind, as_of, final, scored.parts, lines, facts)


def _of_scored(scored: Scored, units: pl.DataFrame) -> pl.DataFrame:
    """Lines of the units that have a score; the others have none to explain."""
    ranked = units.filter(pl.col("state") == "number").select("id")
    return scored.lines.join(ranked, on="id", how="semi", maintain_order="left")


def _active(
    state: CubeState,
    chosen: Scheme,
    entity: str,
    units: pl.DataFrame,
    period: Period,
    scope: Scope,
    as_of: date,
) -> pl.DataFrame:
    """Units that are valid in the period or have rows in it; a closed counter is nobody's."""
    if entity != "counter":
        return units
    names = [one.id for one in metrics_of(chosen)] or ["tickets"]
    told = [metric_values(state, name, period, entity, scope, as_of) for name in names]
    listed = pl.concat([one.select("id", "name") for one in told]).unique("id")
    return units.join(listed.select("id"), on="id", how="semi", maintain_order="left")


def metrics_of(chosen: Scheme) -> list[Metric]:
    """The metrics of the catalogue on which a scheme rests."""
    names = [item.metric for item in chosen.items if isinstance(item, MetricItem)]
    return [metric(name) for name in dict.fromkeys(names)]


def _held_back(
    state: CubeState, units: pl.DataFrame, chosen: Scheme, period: Period, as_of: date
) -> pl.DataFrame:
    """Units of a hall that owes what others delivered are `missing`: silence must not pay.

    Without one of six items they would be scored on the other five, which may suit them.
    """
    metrics = metrics_of(chosen)
    held = held_back(state, metrics, period, as_of)
    logs = {log for one in metrics for log in logs_of(state, one)}
    owners = owners_by_hall(state, logs, period, as_of)
    named = units.join(owners, on="hall_id", how="left", maintain_order="left")
    owing = pl.col("hall_id").fill_null("").is_in(sorted(held))
    marked = named.with_columns(state=pl.when(owing).then(pl.lit("missing")).otherwise("state"))
    missing = pl.col("state") == "missing"
    return marked.with_columns(
        score_u=pl.when(~owing).then("score_u"), owed_by=pl.when(missing).then("owed_by")
    )
