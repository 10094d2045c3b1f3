"""Roll-ups: the year (or quarter, month) of a unit by a scheme's rule over its shorter periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from data.errors import HallscoreError
from metrics.cube import CubeState
from metrics.months import Months, Source, computed, published_or_computed
from metrics.periods import Period, period_of
from metrics.points import as_points
from metrics.rollup import ensure
from metrics.rule_of_rollup import rolled_units
from metrics.scheme_files import DEFAULT, versions
from metrics.scheme_model import LENGTHS, RollUp, Scheme
from metrics.scope import Scope
from metrics.score_inputs import ballots
from metrics.standings import key_names, metric_keys, placed
from metrics.values import default_as_of
from metrics.vetoes import marked, vetoed, zeroed

MARKS = {"month": "m%m", "week": "w%V", "day": "d%m%d"}
ABOUT = ("id", "name", "counter_id", "hall_id", "hall", "level", "frame", "order")

FIRST = ("rank", "tied", "id", "name", "score_u", "rolled", "state", "scored", "held")
LAST = (
    *("now_u", "projected_u", "projected_rank", "frame", "order", "standing"),
    *("counter_id", "hall_id", "hall", "level", "veto", "apart", "barred"),
)


@dataclass(frozen=True, eq=False)
class RolledUp:
    """A longer period by the rule of a scheme, in whole units of 1/10,000 point.

    `rule`, and whether the scheme `declared` it (else: the mean of the scored periods). `scheme`:
    the version in force at the end, whose rule and vetoes hold; `parts`: the shorter periods, each
    with its own version, None where it has not begun or no version was in force. `source`:
    published, computed, or mixed. `running`: not over yet, so that ranks are to date.

    `frame`: rank, tied, id, name, score_u (rolled up; null unless state is number), rolled (the
    same in points), state, scored (parts with a score), held (parts in which anybody has one), one
    column of points per part (m01 … m12, q1 … q4, w01 …), now_u (what the parts give when all are
    computed anew; differs from score_u only where some are published), projected_u and
    projected_rank (running: where the rule leads with the parts so far, no least number asked and
    ballots to come left out; a projection, no forecast), frame, order, standing, counter_id,
    hall_id, hall, level, veto, apart, barred.
    """

    period: Period
    scheme: Scheme
    rule: RollUp
    declared: bool
    as_of: date
    source: Source
    running: bool
    parts: tuple[Months | None, ...]
    frame: pl.DataFrame


def roll_up(
    home: Path,
    period: Period,
    scope: Scope,
    scheme: str = DEFAULT,
    as_of: date | None = None,
    entity: str | None = None,
    frame: str | None = None,
) -> RolledUp:
    """Roll a period up from shorter ones, each by the version of the scheme then in force.

    Without `as_of` each part is what `score` prints for it; with it, as known on that day. Raises
    HallscoreError where the scheme's own period is not shorter.
    """
    state = ensure(home)
    day = as_of or default_as_of(state, period)
    chosen = _at_the_end(home, scheme, period, day)
    rule, declared = _rule(chosen, period)
    spans = parts_of(period, rule.of)
    asked = _Asked(home, scheme, scope, as_of, entity, frame, day)
    parts = tuple(_part(asked, one, fresh=False) for one in spans)
    sources = {one.source for one in parts if one is not None}
    now = parts
    if sources - {"computed"}:
        now = tuple(_part(asked, one, fresh=True) for one in spans)
    running = day < period.last
    by = _By(state, chosen, rule, period, scope, day, entity or chosen.entity)
    told = _framed(by, parts, now, running=running)
    named = told.rename({f"_{at}": mark_of(one) for at, one in enumerate(spans)})
    source: Source = "mixed" if len(sources) > 1 else next(iter(sources), "computed")
    return RolledUp(period, chosen, rule, declared, day, source, running, parts, named)


@dataclass(frozen=True)
class _Asked:
    """What every part is asked for."""

    home: Path
    scheme: str
    scope: Scope
    as_of: date | None
    entity: str | None
    frame: str | None
    until: date


def parts_of(period: Period, kind: str) -> tuple[Period, ...]:
    """The periods of a kind that make one up; a week belongs where its Thursday lies."""
    found, day = [], period.start
    if kind == "week":
        day += timedelta(days=(3 - day.weekday()) % 7)
    while day < period.end:
        one = period_of(kind, day)
        found.append(one)
        day = day + timedelta(days=7) if kind == "week" else one.end
    return tuple(found)


def mark_of(part: Period) -> str:
    """The column of a part: m01 … m12, q1 … q4, w01 … w53, d0101 …."""
    if part.kind == "quarter":
        return f"q{(part.start.month + 2) // 3}"
    return part.start.strftime(MARKS[part.kind])


def _at_the_end(home: Path, name: str, period: Period, day: date) -> Scheme:
    """The last version that holds on a day of the period up to the as-of day."""
    last = max(min(period.last, day), period.start)
    known = [one for one in versions(name, home) if one.valid_from <= last]
    held = [one for one in known if one.valid_to is None or one.valid_to > period.start]
    if not held:
        spans = ", ".join(f"{one.version} from {one.valid_from}" for one in versions(name, home))
        raise HallscoreError(
            f"--scheme {name!r}: no version holds in {period.text}. There are: {spans}."
        )
    return held[-1]


def _rule(chosen: Scheme, period: Period) -> tuple[RollUp, bool]:
    """The declared rule to a period, else the mean of the scored periods of the scheme."""
    for one in chosen.rollups:
        if one.to == period.kind:
            return one, True
    kind = "year" if period.kind == "half" else period.kind
    own = chosen.period
    if kind not in LENGTHS or own == "year" or LENGTHS.index(own) >= LENGTHS.index(kind):
        raise HallscoreError(
            f"--period {period.text}: scheme {chosen.id!r} scores by {own} itself, so that there "
            "is nothing shorter to roll up. Ask for its score or for a longer period."
        )
    return RollUp.model_validate({"to": kind, "of": own, "rule": "mean"}), False


def _part(asked: _Asked, part: Period, *, fresh: bool) -> Months | None:
    """The scores of one shorter period; None before it begins or a version holds."""
    held = [one for one in versions(asked.scheme, asked.home) if one.in_force(part.start)]
    if part.start > asked.until or not held:
        return None
    if any(one.to == part.kind for one in held[0].rollups):
        found = roll_up(
            *(asked.home, part, asked.scope, asked.scheme),
            *(asked.as_of, asked.entity, asked.frame),
        )
        values = found.frame.with_columns(score_u="now_u") if fresh else found.frame
        return Months(part, held[0], found.as_of, "computed" if fresh else found.source, values)
    read = computed if fresh else published_or_computed
    return read(
        *(asked.home, asked.scheme, part, asked.scope),
        *(asked.as_of, asked.entity, asked.frame),
    )


def _wide(parts: Sequence[Months | None]) -> pl.DataFrame:
    """One row per unit of any part, as in the last: _0, _1 … (score_u), scored, missing, few."""
    listed = [one for one in parts if one is not None]
    if not listed:
        schema = {name: pl.Int32() if name == "order" else pl.String() for name in ABOUT}
        everyone = pl.DataFrame(schema=schema)
    else:
        everyone = pl.concat([one.units.select(ABOUT) for one in reversed(listed)]).unique(
            "id", keep="first", maintain_order=True
        )
    wide = everyone.sort("id")
    for at, one in enumerate(parts):
        if one is None:
            wide = wide.with_columns(pl.lit(None, pl.Int64).alias(f"_{at}"))
            wide = wide.with_columns(pl.lit(None, pl.String).alias(f"_said_{at}"))
            continue
        scores = pl.when(pl.col("state") == "number").then("score_u").alias(f"_{at}")
        told = one.units.select("id", scores, pl.col("state").alias(f"_said_{at}"))
        wide = wide.join(told, on="id", how="left", maintain_order="left")
    return wide


def _framed(
    by: "_By", parts: Sequence[Months | None], now: Sequence[Months | None], *, running: bool
) -> pl.DataFrame:
    """The frame of RolledUp, with _0, _1 … for the parts."""
    n = len(parts)
    units = by.rolled(parts)
    facts = vetoed(by.state, by.chosen, by.kind, units, by.period, by.scope, by.day)
    fresh = units if now is parts else by.rolled(now)
    present = zeroed(fresh, facts).select("id", now_u="score_u")
    ahead = by.placed(by.rolled(parts, loose=True), facts) if running else units.clear()
    named = ahead.select(
        "id", projected_u="score_u", projected_rank="rank" if running else pl.lit(None, pl.Int64)
    )
    told = by.placed(units, facts)
    for more in (present, named):
        told = told.join(more, on="id", how="left", maintain_order="left")
    points = [as_points(f"_{at}").alias(f"_{at}") for at in range(n)]
    columns = [*FIRST, *(f"_{at}" for at in range(n)), *LAST]
    whole = told.with_columns(*points, rolled=as_points("score_u"))
    return whole.sort("order", "frame", "rank", "id", nulls_last=True).select(columns)


@dataclass(frozen=True)
class _By:
    """By what a period is rolled up."""

    state: CubeState
    chosen: Scheme
    rule: RollUp
    period: Period
    scope: Scope
    day: date
    kind: str

    def rolled(self, parts: Sequence[Months | None], *, loose: bool = False) -> pl.DataFrame:
        """Units with score_u, state, scored, held."""
        votes = None
        if self.rule.rule == "weighted":
            last = min(self.period.last, self.day)
            votes = ballots(self.state, self.kind, self.period.start, last)
        return rolled_units(_wide(parts), len(parts), self.rule, self.chosen, votes, loose=loose)

    def placed(self, units: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
        """Units with rank, tied and standing; ties go by the metrics of the whole period.

        Points of items do not roll up: who is equal in the metrics shares the rank.
        """
        keyed = metric_keys(
            self.state, self.chosen, units, self.kind, self.period, self.scope, self.day
        )
        keys = [name for name in key_names(self.chosen) if name in keyed.columns]
        return placed(marked(zeroed(keyed, facts), facts), keys).drop(keys)
