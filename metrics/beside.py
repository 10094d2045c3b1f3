"""Values beside those of the like part of an earlier period (环比, 同比): to date against to date.

Counts are compared per working day, rates and means as they are, stocks as they stand at the end.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from data.workdays import load_calendar
from metrics.catalogue import Metric
from metrics.comparison import Change, Stretch, change, counterpart, to_date, working
from metrics.cube import CubeState
from metrics.periods import Period
from metrics.scope import Scope
from metrics.values import value_of

BESIDE = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        "value": pl.Float64(),
        "state": pl.String(),
        "before_n": pl.Int64(),
        "before_d": pl.Int64(),
        "before": pl.Float64(),
        "before_state": pl.String(),
        "change": pl.Float64(),  # in the unit of the value, or a share of the old one
        "change_kind": pl.String(),  # difference or share; null: nothing to compare
    }
)


@dataclass(frozen=True)
class Like:
    """The part of a period up to a day, and the like part of an earlier period, with working days.

    `asked`: previous or year_before. `to_date`: the period still runs. `estimated`: no notice
    covers all days, Monday to Friday was assumed. `other`: the written form of the earlier period.
    """

    asked: str
    now: Stretch
    before: Stretch
    other: Period
    days: int
    days_before: int
    to_date: bool
    estimated: bool

    def earlier(self) -> Period:
        """The earlier part as a period; only where it has a day."""
        end = self.before.last + timedelta(days=1)
        return Period(self.other.text, self.other.kind, self.before.first, end)

    def known_on(self, as_of: date) -> date:
        """As of when the earlier part is taken: as long after its end as `as_of` is after ours."""
        return self.before.last + (as_of - self.now.last)


def like(state: CubeState, period: Period, as_of: date, asked: str) -> Like:
    """What a period stands beside; HallscoreError where it has not begun on `as_of`."""
    calendar = load_calendar(state.home)
    now = to_date(period, as_of)
    before = counterpart(period, as_of, asked, calendar)
    days, days_before = working(now, calendar), working(before, calendar)
    return Like(
        asked=asked,
        now=now,
        before=before,
        other=period.previous() if asked == "previous" else period.year_before(),
        days=days.days,
        days_before=days_before.days,
        to_date=now.last < period.last,
        estimated=days.estimated or days_before.estimated,
    )


def has_earlier(state: CubeState, alike: Like) -> bool:
    """Whether the home has data of all of the earlier part; of a part of it no number is like."""
    first = state.first_day
    if first is None or alike.before.last < alike.before.first:
        return False
    calendar = load_calendar(state.home)
    unseen = (alike.before.first, min(first - timedelta(days=1), alike.before.last))
    return working(unseen, calendar).days == 0


def beside(
    state: CubeState, one: Metric, period: Period, by: str, scope: Scope, as_of: date, alike: Like
) -> pl.DataFrame:
    """BESIDE of every unit of `by`: the value as `value` gives it, and the earlier one."""
    found = value_of(state, one, period, by, scope, as_of)
    earlier = found.clear()
    if has_earlier(state, alike):
        earlier = value_of(state, one, alike.earlier(), by, scope, alike.known_on(as_of))
    old = earlier.select("id", before_n="n", before_d="d", before="value", before_state="state")
    joined = found.join(old, on="id", how="left", maintain_order="left")
    pair = per_workday(state, one, as_of, alike)
    told = [_changed(one, row, pair) for row in joined.iter_rows(named=True)]
    return joined.with_columns(
        pl.Series("change", [each and each.amount for each in told], pl.Float64()),
        pl.Series("change_kind", [each and each.kind for each in told], pl.String()),
    ).match_to_schema(BESIDE)


def per_workday(state: CubeState, one: Metric, as_of: date, alike: Like) -> tuple[int, int] | None:
    """Working days over which a count is spread now and before, of ripe days; None: not spread."""
    if one.kind != "count":
        return None
    if not one.matures_after:
        return alike.days, alike.days_before
    calendar = load_calendar(state.home)
    ripe = timedelta(days=one.matures_after)
    now = Stretch(alike.now.first, min(alike.now.last, as_of - ripe))
    before = Stretch(alike.before.first, min(alike.before.last, alike.known_on(as_of) - ripe))
    return working(now, calendar).days, working(before, calendar).days


def _changed(
    one: Metric, row: dict[str, float | None], pair: tuple[int, int] | None
) -> Change | None:
    now, before = row["value"], row["before"]
    if pair is not None:
        days, days_before = pair
        if not days or not days_before or now is None or before is None:
            return None
        # Sum first, divide last: (now / days) against (before / days_before) without two divisions.
        now, before = now * days_before, before * days
    return change(one.kind, now, before)
