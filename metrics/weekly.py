"""The weekly summary (周小结): what opened, what was closed, what is still open, and who moved."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from metrics.backlog import KINDS, backlog, closing_known, known_on, located, named
from metrics.beside import Like, like
from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.movers import movers
from metrics.periods import Period
from metrics.places import placement
from metrics.rollup import ensure
from metrics.rounds import rounds
from metrics.scheme_files import DEFAULT
from metrics.scheme_files import scheme as scheme_of
from metrics.scope import Scope
from metrics.values import default_as_of, value_of

STOCKS = pl.Schema(
    {
        "kind": pl.String(),  # findings, bad_ratings, overdue_cases
        "id": pl.String(),
        "name": pl.String(),
        "start": pl.Int64(),
        "opened": pl.Int64(),
        "closed": pl.Int64(),
        "end": pl.Int64(),
        "state": pl.String(),  # number; missing: not reported, or no closings are
    }
)
FLOWS = ("start", "opened", "closed", "end")
# The metric whose logs say whether a unit reported on a kind at all.
TOLD_BY = {"findings": "findings_n", "bad_ratings": "bad_rate", "overdue_cases": "open_overdue"}


@dataclass(frozen=True, eq=False)
class WeeklySummary:
    """A week as known on `as_of`, beside the like part of the week before.

    `whole`, `counties`, `halls`: STOCKS of all in scope, by county and by hall; in every row
    start + opened − closed = end. `movers`: see metrics/movers.py. `still_open`: the rows that are
    open at the end: kind, row, counter_id, name, hall_id, hall, opened_on, code, points_u, due_on,
    days (calendar days open). `rounds`: metrics/rounds.py, by hall. `uneven`: the two weeks have
    unlike numbers of working days (a holiday, a make-up day).
    """

    period: Period
    as_of: date
    like: Like
    scheme: str
    whole: pl.DataFrame
    counties: pl.DataFrame
    halls: pl.DataFrame
    movers: pl.DataFrame
    still_open: pl.DataFrame
    rounds: pl.DataFrame

    @property
    def uneven(self) -> bool:
        """Whether a holiday or a make-up day gave the two stretches unlike working days."""
        return self.like.days != self.like.days_before


def weekly_summary(
    home: Path,
    week: Period,
    scope: Scope,
    as_of: date | None = None,
    scheme: str = DEFAULT,
) -> WeeklySummary:
    """The summary of a week (or any period) of what a scope sees; movers by the scores of a scheme.

    A matter belongs to the hall in which its counter stands on the last day, with all its days, so
    that stocks and flows of a hall are of the same counters. Exempt findings and ratings are left
    out. Without a rectification log nothing is known of the closing of bad ratings: only `opened`
    is a number then.
    """
    state = ensure(home)
    day = as_of or default_as_of(state, week)
    alike = like(state, week, day, "previous")
    chosen = scheme_of(scheme, home, week.start)
    return WeeklySummary(
        period=week,
        as_of=day,
        like=alike,
        scheme=scheme,
        whole=stocks(state, "all", week, scope, day),
        counties=stocks(state, "county", week, scope, day),
        halls=stocks(state, "hall", week, scope, day),
        movers=movers(state, week, scope, day, alike, chosen),
        still_open=still_open(state, week, scope, day),
        rounds=rounds(state, "hall", week, scope, day),
    )


def stocks(state: CubeState, by: str, period: Period, scope: Scope, as_of: date) -> pl.DataFrame:
    """STOCKS of every unit of `by` that is valid or has a number, kind by kind."""
    last = min(period.last, as_of)
    place = placement(state, by, scope, last, last + timedelta(days=1))
    here = place.on(last).drop_nulls("unit")
    parts = []
    for kind in KINDS:
        rows = _counting(state, kind, as_of).join(here, on="counter")
        sums = rows.group_by("unit").agg(**_flows(period.start, last))
        told = place.units.join(sums, on="unit", how="left", maintain_order="left")
        filled = told.with_columns(pl.col(FLOWS).fill_null(0))
        kept = filled.filter(pl.col("valid") | pl.any_horizontal(pl.col(FLOWS) != 0))
        heard = value_of(state, metric(TOLD_BY[kind]), period, by, scope, as_of)
        silent = heard.filter(pl.col("state") == "missing")["id"]
        parts.append(_stated(kept, kind, closing_known(state, kind), silent))
    return pl.concat(parts)


def _counting(state: CubeState, kind: str, as_of: date) -> pl.DataFrame:
    return known_on(backlog(state, kind), as_of).filter(~pl.col("exempt"))


def _flows(first: date, last: date) -> dict[str, pl.Expr]:
    """The four numbers of a span: open before it, opened and closed in it, open after it."""
    opened, shut = pl.col("opened_on"), pl.col("closed_on")
    before = (opened < first) & ~(shut < first).fill_null(value=False)
    after = (opened <= last) & ~(shut <= last).fill_null(value=False)
    return {
        "start": before.sum().cast(pl.Int64),
        "opened": opened.is_between(first, last).sum().cast(pl.Int64),
        "closed": shut.is_between(first, last).sum().cast(pl.Int64),
        "end": after.sum().cast(pl.Int64),
    }


def _stated(rows: pl.DataFrame, kind: str, known: bool, silent: pl.Series) -> pl.DataFrame:
    """No number of units that did not report, no stock where closings are not told."""
    mute = pl.col("id").is_in(silent.implode())
    stock = ~mute & pl.lit(known)
    told = rows.with_columns(
        *(pl.when(stock).then(name).alias(name) for name in ("start", "closed", "end")),
        opened=pl.when(~mute).then("opened"),
        kind=pl.lit(kind),
        state=pl.when(stock).then(pl.lit("number")).otherwise(pl.lit("missing")),
    )
    return told.match_to_schema(STOCKS, extra_columns="ignore")


def still_open(state: CubeState, period: Period, scope: Scope, as_of: date) -> pl.DataFrame:
    """The rows that are open at the end of a period, oldest first; of known closings only."""
    last = min(period.last, as_of)
    places = located(state, scope, last)
    parts = []
    for kind in KINDS:
        rows = _counting(state, kind, last).filter(pl.col("closed_on").is_null())
        if not closing_known(state, kind):
            rows = rows.clear()
        told = named(rows.drop("closed_on", "exempt"), places)
        parts.append(told.select(pl.lit(kind).alias("kind"), pl.all()))
    days = (pl.lit(last) - pl.col("opened_on")).dt.total_days()
    return pl.concat(parts).with_columns(days=days).sort("kind", "opened_on", "row")
