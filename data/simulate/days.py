"""When halls are open, and how much business a day brings: Mondays, holidays, months."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.simulate.city import City
from data.workdays import FIRST, Calendar

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

DAY_S = 86_400
OPENS, NOON, AFTERNOON, CLOSES = 9 * 3600, 12 * 3600, 13 * 3600, 17 * 3600
FIRST_DAY = (FIRST - date(1970, 1, 1)).days  # days since 1970 of the calendar's first day
BY_WEEKDAY = np.array([1.18, 1.04, 0.98, 0.95, 0.88, 0.60, 0.72])  # Monday first
BY_MONTH = np.array([1.05, 0.86, 1.08, 1.02, 1.0, 0.97, 1.02, 1.0, 1.06, 0.96, 0.98, 1.03])
AFTER_REST = 1.3  # the first day after three or more days off
GROWTH = 1.06  # a year, from 2019


@dataclass(frozen=True)
class Span:
    """Half-open span of days since 1970, one month or less of it."""

    start: int
    end: int
    month: int  # yyyymm

    @property
    def end_s(self) -> int:
        """The last second of the span, in seconds since 1970."""
        return self.end * DAY_S - 1


@dataclass(frozen=True)
class OpenDays:
    """Days on which anything is open, shape (days,): day since 1970, all or weekend counters."""

    day: Whole
    everybody: Flags
    demand: Floats


def months(start: date, end: date) -> list[Span]:
    """The calendar months of start <= day <= end, cut to it."""
    found, first = [], start
    while first <= end:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        low, high = (first - date(1970, 1, 1)).days, (following - date(1970, 1, 1)).days
        last = (end - date(1970, 1, 1)).days + 1
        found.append(Span(low, min(high, last), first.year * 100 + first.month))
        first = following
    return found


def open_days(span: Span, calendar: Calendar) -> OpenDays:
    """Working days with 调休, and the Saturdays on which the weekend counters are open."""
    day = np.arange(span.start, span.end)
    offset, weekday = day - FIRST_DAY, (day + 3) % 7
    works = calendar.workday[offset]
    saturday = (weekday == 5) & ~works & ~_in_holiday(span)
    since = offset - calendar.days_of[calendar.ordinals[offset - 1] - 1]
    demand = BY_WEEKDAY[weekday] * BY_MONTH[span.month % 100 - 1]
    demand = demand * np.where(works & (since > 3), AFTER_REST, 1.0)
    demand *= GROWTH ** (span.month // 100 - 2019)
    opened = works | saturday
    return OpenDays(day[opened], works[opened], demand[opened])


def _in_holiday(span: Span) -> Flags:
    """Days of the notices themselves: weekend counters rest then too."""
    from chinese_calendar import constants  # type: ignore[import-untyped]

    epoch = date(1970, 1, 1)
    days = [epoch + timedelta(days=number) for number in range(span.start, span.end)]
    return np.array([day in constants.holidays for day in days], dtype=np.bool_)


def opening_hours(city: City) -> pl.DataFrame:
    """The reference file: 9–12 and 13–17 on weekdays, weekend counters on Saturdays too.

    A counter with hours of its own repeats the weekdays, since its hours replace those of the hall.
    """
    spans = pl.DataFrame({"opens": ["09:00", "13:00"], "closes": ["12:00", "17:00"]})
    week = pl.DataFrame({"weekday": list(range(1, 7)), "exception": [None] * 5 + ["weekend"]})
    special = city.counters.filter(pl.Series(city.weekend)).select("hall_id", "counter_id")
    ordinary = city.halls.select("hall_id", counter_id=pl.lit(None, dtype=pl.String))
    frame = pl.concat(
        [ordinary.join(week.head(5), how="cross"), special.join(week, how="cross")],
    ).join(spans, how="cross")
    return frame.select("hall_id", "counter_id", "weekday", "opens", "closes", "exception")
