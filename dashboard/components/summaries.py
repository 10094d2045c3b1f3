"""The daily board and the weekly summary as this viewer may see them, and their choices."""

from datetime import date
from pathlib import Path

import polars as pl

from dashboard import formats, state
from dashboard.components.kept import kept
from dashboard.viewer import Viewer
from data.disk import now_in
from data.profile import SITE_ZONE
from data.workdays import load_calendar
from metrics import daily as daily_metrics
from metrics import rollup
from metrics import rounds as rounds_metrics
from metrics import weekly as weekly_metrics
from metrics.comparison import board_day
from metrics.daily import DailyBoard
from metrics.periods import Period, parse_period, period_of
from metrics.scheme_files import DEFAULT, schemes
from metrics.scope import Scope
from metrics.weekly import WeeklySummary

KEPT = 32


@kept(KEPT)
def _daily(home: Path, stamp: str, day: date, scope: Scope) -> DailyBoard:
    return daily_metrics.daily_board(home, day, scope)


@kept(KEPT)
def _weekly(home: Path, stamp: str, week: str, scope: Scope, scheme: str) -> WeeklySummary:
    return weekly_metrics.weekly_summary(home, parse_period(week), scope, scheme=scheme)


@kept(KEPT)
def _rounds(
    home: Path, stamp: str, by: str, period: str, scope: Scope, as_of: date
) -> pl.DataFrame:
    cube = rollup.ensure(home)
    return rounds_metrics.rounds(cube, by, parse_period(period), scope, as_of)


def daily(viewer: Viewer, day: date) -> DailyBoard:
    """As `metrics.daily.daily_board`."""
    return _daily(viewer.home, viewer.stamp, day, viewer.scope)


def weekly(viewer: Viewer, week: Period) -> WeeklySummary:
    """As `metrics.weekly.weekly_summary`, movers by the scheme that the viewer looks at."""
    names = list(schemes(viewer.home))
    scheme = state.read("scheme", names, DEFAULT if DEFAULT in names else names[0])
    return _weekly(viewer.home, viewer.stamp, week.text, viewer.scope, scheme)


def rounds(viewer: Viewer, by: str, period: Period, as_of: date, name: str = "") -> pl.DataFrame:
    """As `metrics.rounds.rounds`; the whole under the name that this viewer knows it by."""
    found = _rounds(viewer.home, viewer.stamp, by, period.text, viewer.scope, as_of)
    return found.with_columns(name=pl.lit(name)) if name else found


def day_select(viewer: Viewer) -> Period:
    """A list of the days with data, newest first."""
    words = viewer.words
    days = pl.date_range(viewer.first_day, viewer.last_day, eager=True).sort(descending=True)
    options = [day.isoformat() for day in days]
    calendar = load_calendar(viewer.home)
    chosen = state.select(
        "day",
        words("daily.day"),
        options,
        board_day(viewer.first_day, viewer.last_day, now_in(SITE_ZONE), calendar).isoformat(),
        lambda text: formats.day(date.fromisoformat(text), words),
    )
    return parse_period(chosen)


def week_select(viewer: Viewer) -> Period:
    """A list of the weeks with data, newest first; the last complete week is chosen at first."""
    words = viewer.words
    week, weeks = period_of("week", viewer.last_day), {}
    while week.end > viewer.first_day:
        weeks[week.text] = week
        week = week.previous()
    complete = [text for text, one in weeks.items() if one.end <= viewer.end]
    chosen = state.select(
        "week",
        words("weekly.week"),
        list(weeks),
        complete[0] if complete else next(iter(weeks)),
        lambda text: weeks[text].label(words.lang),
        width=260,
    )
    return weeks[chosen]
