"""A value beside an earlier one: the change, the periods that lead up to one, and like with like.

A running period is compared to date with the same part of the earlier one, counted in working days
from its start: seven days of October are a holiday, and the fifth working day of it is the 12th.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from data.errors import HallscoreError, nearest
from data.workdays import Calendar
from metrics.periods import Period, period_of

EARLIER = ("previous", "year_before")
DAY = timedelta(days=1)
OPENS = time(9)  # when the rows of the day before are there and those of today begin


@dataclass(frozen=True)
class Change:
    """How far a value moved: a difference in its own unit (rates 0–1), or a share of the old."""

    kind: Literal["difference", "share"]
    amount: float


def change(kind: str, now: float | None, before: float | None) -> Change | None:
    """The change of a metric of that kind; None when either side has no number to compare.

    Rates and means differ by points, never by a share of a rate; a count of 0 has no share to grow
    by.
    """
    if now is None or before is None:
        return None
    if kind in ("count", "stock"):
        return Change("share", (now - before) / before) if before else None
    return Change("difference", now - before)


def board_day(first: date, last: date, now: datetime, calendar: Calendar) -> date:
    """The day that a daily board opens on: the last complete working day with data.

    Before OPENS of a day its own rows are not there yet: until then the day before counts as last.
    Without any working day from first to last it is the last day.
    """
    end = last - DAY if last == now.date() and now.time() < OPENS else last
    day = max(end, first)
    while day >= first:
        if calendar.is_workday(day):
            return day
        day -= DAY
    return last


def trailing(period: Period, n: int) -> tuple[Period, ...]:
    """The n periods of the same kind that end with this one, oldest first."""
    periods = [period]
    while len(periods) < n:
        periods.append(periods[-1].previous())
    return tuple(reversed(periods))


def months_between(first_day: date, last_day: date) -> tuple[Period, ...]:
    """The months that hold the days from first to last, newest first."""
    months = [period_of("month", last_day)]
    while months[-1].start > first_day:
        months.append(months[-1].previous())
    return tuple(months)


class Stretch(NamedTuple):
    """Days from first to last, both included; `last` before `first`: no day."""

    first: date
    last: date


@dataclass(frozen=True)
class Working:
    """How many working days a stretch has; `estimated` where no notice covers all of it."""

    days: int
    estimated: bool


def to_date(period: Period, as_of: date) -> Stretch:
    """The part of a period that has passed by the end of `as_of`; the whole of a past one.

    HallscoreError where none of it has.
    """
    if as_of < period.start:
        raise HallscoreError(
            f"period {period.text} begins on {period.start}, after --as-of {as_of}: there is "
            "nothing to compare yet. Name an earlier period, or a later day."
        )
    return Stretch(period.start, min(period.last, as_of))


def counterpart(period: Period, as_of: date, earlier: str, calendar: Calendar) -> Stretch:
    """What to compare `to_date(period, as_of)` with, in the period before or a year before.

    A whole period stands beside the whole earlier one. Of a running one as many working days of the
    earlier count, from its start, as have passed, and the days off that follow them where `as_of`
    is a day off itself. It may be empty (no working day has passed and the earlier period begins
    with one), and it never leaves the earlier period.
    """
    if earlier not in EARLIER:
        raise HallscoreError(
            f"comparison {earlier!r}: expected one of {', '.join(EARLIER)}."
            f"{nearest(earlier, EARLIER)}"
        )
    passed = to_date(period, as_of)
    other = period.previous() if earlier == "previous" else period.year_before()
    if passed.last == period.last:
        return Stretch(other.start, other.last)
    count = working(passed, calendar).days
    days_off = not calendar.is_workday(passed.last)
    return Stretch(other.start, _last(other, count, days_off, calendar))


def _last(period: Period, count: int, days_off: bool, calendar: Calendar) -> date:
    """The day of the count-th working day of a period, or the last of the days off after it."""
    days = calendar.frame(period.start, period.end)
    open_days = days["day"].filter(days["workday"]).to_list()
    if count > len(open_days) or (days_off and count == len(open_days)):
        return period.last
    if days_off:
        return open_days[count] - DAY  # type: ignore[no-any-return]
    return open_days[count - 1] if count else period.start - DAY


def working(span: tuple[date, date], calendar: Calendar) -> Working:
    """The working days of a stretch (first and last day included), and whether they are a guess."""
    first, last = span
    if last < first:
        return Working(0, estimated=False)
    days = calendar.frame(first, last + DAY)
    return Working(int(days["workday"].sum()), estimated=not bool(days["known"].all()))


def per_workday(n: float, span: tuple[date, date], calendar: Calendar) -> float | None:
    """A count per working day of a stretch; None where it has none."""
    days = working(span, calendar).days
    return n / days if days else None
