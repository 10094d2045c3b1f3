"""The choice of a month."""

from dashboard import state
from dashboard.viewer import Viewer
from metrics.comparison import months_between
from metrics.periods import Period, parse_period


def complete_month(viewer: Viewer) -> Period:
    """The last complete month with data, else the running one."""
    months = months_between(viewer.first_day, viewer.last_day)
    return next((month for month in months if month.end <= viewer.end), months[0])


def month_select(viewer: Viewer) -> Period:
    """A list of the months with data, newest first; the last complete month is chosen at first."""
    words = viewer.words
    months = {month.text: month for month in months_between(viewer.first_day, viewer.last_day)}
    return months[
        state.select(
            "period",
            words("filters.period"),
            list(months),
            complete_month(viewer).text,
            lambda text: months[text].label(words.lang),
        )
    ]


def year_select(viewer: Viewer) -> Period:
    """A list of the years with data, newest first; of the chosen month the year is chosen."""
    words = viewer.words
    days = range(viewer.last_day.year, viewer.first_day.year - 1, -1)
    years = [str(year) for year in days]
    asked = (state.chosen("period") or "")[:4]
    first = asked if asked in years else years[0]
    text = state.select(
        "year",
        words("filters.year"),
        years,
        first,
        lambda text: parse_period(text).label(words.lang),
        width=130,
    )
    return parse_period(text)
