"""The monthly sheet of each member of staff (个人月考核表): shifts, bonuses and findings."""

from datetime import date
from pathlib import Path

import polars as pl

from data.errors import HallscoreError, nearest
from metrics.cube import CubeState
from metrics.engines import DuckEngine
from metrics.periods import Period
from metrics.places import tree
from metrics.rollup import ensure
from metrics.scope import PERSONS, Scope
from metrics.sums import Span, span_of
from metrics.values import default_as_of

KINDS = ("present", "late", "early", "no_sign", "absent", "away", "not_back", "leave")
COUNTED = ("shifts", *(f"{kind}_n" for kind in KINDS), "unapproved_n")
FACTS = {
    "attendance": "SELECT staff_id, counter, day, kind, approved, minutes FROM attendance AS f",
    # A row of a person alone is shown where the person stood on that day.
    "bonuses": "SELECT f.staff_id, COALESCE(f.counter, s.staff_counter) AS counter, f.day, "
    "f.points_c AS bonus_c FROM bonuses AS f LEFT JOIN staff_days AS s "
    "ON f.staff_id = s.staff_id AND f.day >= s.since AND f.day < s.left_on",
    "findings": "SELECT staff_id, counter, day, points_c AS finding_c FROM findings AS f",
}


def monthly_sheet(
    home: Path,
    period: Period,
    scope: Scope,
    counter: str | None = None,
    hall: str | None = None,
    as_of: date | None = None,
) -> pl.DataFrame:
    """One row per person of whom anything is recorded in the period, by staff_id.

    staff_id, counter_id, counter (its name; where the person stood last), shifts and of these
    present_n, late_n, early_n, no_sign_n, absent_n, away_n, not_back_n, leave_n (they add up to
    shifts), unapproved_n (leaves that were refused), minutes (late, early or away), bonus_points,
    finding_points. Null is: not recorded; a person without a row in `attendance` has no 0.
    `counter` and `hall` are ids; only what happened at counters in the scope is counted. Raises
    HallscoreError without the right to see persons, and for a unit outside the scope.
    """
    if PERSONS not in scope.rights:
        raise HallscoreError(
            f"user {scope.user!r} may not see single members of staff: the sheet needs the right "
            f'"{PERSONS}". Whoever keeps access.toml can add it: rights = ["{PERSONS}"].'
        )
    state = ensure(home)
    span = span_of(period.start, period.end, as_of or default_as_of(state, period))
    places = _places(state, period, scope, counter, hall)
    everywhere = scope.hall_ids is None and counter is None and hall is None
    facts = _facts(state, span).join(places, on="counter", how="left", maintain_order="left")
    here = (pl.col("day") >= pl.col("since")) & (pl.col("day") < pl.col("until"))
    homeless = pl.col("since").is_null() & everywhere
    return _sheet(facts.filter(here.fill_null(value=False) | homeless), state)


def _places(
    state: CubeState, period: Period, scope: Scope, counter: str | None, hall: str | None
) -> pl.DataFrame:
    """counter (number), counter_id, name, since, until of what is asked for and may be seen."""
    tiles = tree(state, scope, period.start, period.end).counters
    for name, asked in (("counter", counter), ("hall", hall)):
        known = tiles[f"{name}_id"].unique().drop_nulls().to_list()
        if asked is not None and asked not in known:
            raise HallscoreError(
                f"--{name} {asked!r}: no {name} with counters among those that user "
                f"{scope.user!r} may see.{nearest(asked, known)}"
            )
        if asked is not None:
            tiles = tiles.filter(pl.col(f"{name}_id") == asked)
    return tiles.select(
        pl.col("no").alias("counter"),
        "counter_id",
        pl.coalesce("name", "counter_id").alias("name"),
        "since",
        "until",
    )


def _facts(state: CubeState, span: Span) -> pl.DataFrame:
    """Everything that names a person on a day of the span, one row each."""
    inside = f"f.day BETWEEN DATE '{span.first}' AND DATE '{span.last}'"
    with DuckEngine(state.snap) as engine:
        parts = [
            engine.ask(f"{text} WHERE f.staff_id IS NOT NULL AND {inside}")
            for text in FACTS.values()
        ]
    return pl.concat(parts, how="diagonal")


def _sheet(facts: pl.DataFrame, state: CubeState) -> pl.DataFrame:
    kept = {batch.log for batch in state.snap.live}
    counts = {f"{kind}_n": (pl.col("kind") == kind).sum() for kind in KINDS}
    refused = ((pl.col("kind") == "leave") & ~pl.col("approved")).sum()
    summed = (
        facts.sort("day", "counter_id", nulls_last=False)
        .group_by("staff_id")
        .agg(
            pl.col("counter_id").drop_nulls().last(),
            pl.col("name").drop_nulls().last().alias("counter"),
            pl.col("kind").count().alias("shifts"),
            **counts,
            unapproved_n=refused,
            minutes=pl.col("minutes").sum(),
            timed=pl.col("minutes").count(),
            bonus_c=pl.col("bonus_c").sum(),
            finding_c=pl.col("finding_c").sum(),
        )
    )
    # A source that writes no minutes does not say that there were none.
    untold = (pl.col("timed") == 0) & (pl.sum_horizontal("late_n", "early_n", "away_n") > 0)
    points = [
        pl.when(log in kept).then(pl.col(f"{name}_c") / 100).alias(f"{name}_points")
        for name, log in (("bonus", "bonuses"), ("finding", "findings"))
    ]
    attended = pl.col("shifts") > 0
    return summed.sort("staff_id").select(
        "staff_id",
        "counter_id",
        "counter",
        *(pl.when(attended).then(pl.col(name).cast(pl.Int64)).alias(name) for name in COUNTED),
        pl.when(attended & ~untold).then(pl.col("minutes").cast(pl.Int64)).alias("minutes"),
        *points,
    )
