"""A value beside an earlier one: the change, and the periods that lead up to one."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from metrics.periods import Period, period_of


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
