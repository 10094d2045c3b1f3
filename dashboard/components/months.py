"""The choice of a month."""

from dashboard import state
from dashboard.viewer import Viewer
from metrics.comparison import months_between
from metrics.periods import Period


def month_select(viewer: Viewer) -> Period:
    """A list of the months with data, newest first; the last complete month is chosen at first."""
    words = viewer.words
    months = {month.text: month for month in months_between(viewer.first_day, viewer.last_day)}
    complete = [text for text, month in months.items() if month.end <= viewer.end]
    return months[
        state.select(
            "period",
            words("filters.period"),
            list(months),
            complete[0] if complete else next(iter(months)),
            lambda text: months[text].label(words.lang),
        )
    ]
