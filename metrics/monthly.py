"""The monthly ranking (月评比) with what changed: score and rank, and the main counts."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from metrics.awards import awards
from metrics.beside import BESIDE, Like, beside, has_earlier, like, per_workday
from metrics.catalogue import metric
from metrics.comparison import EARLIER
from metrics.cube import CubeState
from metrics.fairness.ranking import FairRanking, fair_scores
from metrics.months import UNITS, Months, Source, published_or_computed
from metrics.periods import Period
from metrics.points import as_points
from metrics.rollup import ensure
from metrics.scheme_files import DEFAULT, versions
from metrics.scheme_files import scheme as scheme_of
from metrics.scope import Scope
from metrics.scores import score_of
from metrics.standings import standings
from metrics.values import default_as_of

COUNTED = (
    "tickets",
    "received_cases",
    "closed_cases",
    "findings_n",
    "open_overdue",
    "active_good_rate",
    "on_time_rate",
    "wait_within_15_rate",
)
COUNTS = pl.Schema(
    {
        "metric": pl.String(),
        "kind": pl.String(),
        "against": pl.String(),  # previous (环比) or year_before (同比)
        **{name: kind for name, kind in BESIDE.items() if name not in ("id", "name")},
        "first": pl.Date(),
        "last": pl.Date(),
        "before_first": pl.Date(),
        "before_last": pl.Date(),
        "days": pl.Int64(),  # working days over which a count is spread; null: it is not
        "before_days": pl.Int64(),
        "estimated": pl.Boolean(),
    }
)


@dataclass(frozen=True, eq=False)
class MonthlySummary:
    """A month's ranking as known on `as_of`, beside the like part of the month before.

    `changes`: frame, rank, tied, id, name, hall, score, before_rank, before_score, rank_change
    (positive: so many places up), score_change; null where there is nothing like to compare.
    `before_version`: of the scheme in the month before; null: it did not hold then, or no data.
    `before_source`: published or computed. `awards`: metrics/awards.py, by the scheme's rules.
    `counts`: COUNTS of all in scope, against the previous period and the year before.
    """

    period: Period
    as_of: date
    like: Like
    ranking: FairRanking
    before_version: str | None
    before_source: Source | None
    changes: pl.DataFrame
    awards: pl.DataFrame
    counts: pl.DataFrame


def monthly(
    home: Path,
    month: Period,
    scope: Scope,
    scheme: str = DEFAULT,
    as_of: date | None = None,
    frame: str | None = None,
) -> MonthlySummary:
    """Ranking, changes against the month before (to date against to date), and main counts."""
    state = ensure(home)
    day = as_of or default_as_of(state, month)
    alike = like(state, month, day, "previous")
    now = score_of(state, scheme_of(scheme, home, month.start), month, scope, day)
    before = _before(state, scheme, alike, scope, day, frame)
    return MonthlySummary(
        period=month,
        as_of=day,
        like=alike,
        ranking=fair_scores(state, now, scope, frame),
        before_version=None if before is None else before.scheme.version,
        before_source=None if before is None else before.source,
        changes=_changes(standings(state, now, scope, frame), before),
        awards=awards(home, month, scope, scheme, as_of),
        counts=counts(state, month, scope, day),
    )


def _before(
    state: CubeState, name: str, alike: Like, scope: Scope, as_of: date, frame: str | None
) -> Months | None:
    """The month before as published (else computed), or the like part of it; None: nothing like."""
    if not has_earlier(state, alike):
        return None
    held = [one for one in versions(name, state.home) if one.in_force(alike.before.first)]
    if not held:
        return None
    known = alike.known_on(as_of)
    if not alike.to_date:
        return published_or_computed(state.home, name, alike.other, scope, known, frame=frame)
    found = score_of(state, held[0], alike.earlier(), scope, known)
    placed = standings(state, found, scope, frame)
    return Months(alike.earlier(), held[0], known, "computed", placed.select(UNITS))


def changes(
    home: Path,
    period: Period,
    scope: Scope,
    scheme: str = DEFAULT,
    frame: str | None = None,
    as_of: date | None = None,
) -> pl.DataFrame:
    """The `changes` of MonthlySummary alone."""
    state = ensure(home)
    day = as_of or default_as_of(state, period)
    now = score_of(state, scheme_of(scheme, home, period.start), period, scope, day)
    alike = like(state, period, day, "previous")
    return changes_of(state, scheme, standings(state, now, scope, frame), alike, scope, day, frame)


def changes_of(
    state: CubeState,
    name: str,
    now: pl.DataFrame,
    alike: Like,
    scope: Scope,
    as_of: date,
    frame: str | None = None,
) -> pl.DataFrame:
    """The same of standings at hand."""
    return _changes(now, _before(state, name, alike, scope, as_of, frame))


def _changes(now: pl.DataFrame, before: Months | None) -> pl.DataFrame:
    """Rank and score beside the earlier ones; scores are subtracted in whole units."""
    ranked = now.filter(pl.col("rank").is_not_null()).sort("order", "frame", "standing", "id")
    earlier = now.clear() if before is None else before.units
    old = earlier.select("id", before_frame="frame", before_rank="rank", before_u="score_u")
    joined = ranked.join(old, on="id", how="left", maintain_order="left")
    # A counter that moved to another frame has no place to compare with.
    same = pl.col("frame") == pl.col("before_frame")
    placed = joined.with_columns(
        before_rank=pl.when(same).then("before_rank"), _u=pl.col("score_u") - pl.col("before_u")
    )
    return placed.select(
        *("frame", "rank", "tied", "id", "name", "hall"),
        as_points("score_u").alias("score"),
        "before_rank",
        as_points("before_u").alias("before_score"),
        (pl.col("before_rank") - pl.col("rank")).alias("rank_change"),
        as_points("_u").alias("score_change"),
    )


def counts(state: CubeState, period: Period, scope: Scope, as_of: date) -> pl.DataFrame:
    """COUNTS of all that a scope sees: counts per working day, rates as they are."""
    rows = []
    for against in EARLIER:
        alike = like(state, period, as_of, against)
        for name in COUNTED:
            one = metric(name)
            told = beside(state, one, period, "all", scope, as_of, alike).row(0, named=True)
            pair = per_workday(state, one, as_of, alike) or (None, None)
            rows.append(
                told
                | {"metric": name, "kind": one.kind, "against": against}
                | {"first": alike.now.first, "last": alike.now.last}
                | {"before_first": alike.before.first, "before_last": alike.before.last}
                | {"days": pair[0], "before_days": pair[1], "estimated": alike.estimated}
            )
    return pl.DataFrame(rows, schema_overrides=COUNTS).select(list(COUNTS))
