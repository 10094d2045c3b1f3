"""When a source should have delivered: the spans that it reports on and the day each is due."""

import re
from datetime import date, timedelta
from typing import Literal

from pydantic import field_validator

from data.profile import span_around
from data.toml_files import Strict
from data.workdays import Calendar

DUE = re.compile(r"(?P<count>\d{1,3}) (?P<kind>working|calendar) days?")
Span = tuple[date, date]  # half-open


class Schedule(Strict):
    """[sources.NAME.schedule]: what is expected of a source.

    `every`: the span of one delivery. `due`: how long after its last day it is still in time.
    `first`: the span that holds this day is the first one expected. `each`: every hall of that
    level must appear in the delivery with a row, or its whole subtree has not reported.
    """

    every: Literal["day", "week", "month", "quarter"]
    due: str
    first: date
    each: Literal["county", "township", "village"] | None = None

    @field_validator("due")
    @classmethod
    def _days_are_told(cls, text: str) -> str:
        if DUE.fullmatch(text) is None:
            raise ValueError('expected is a text like "5 working days" or "10 calendar days"')
        return text

    def due_on(self, span: Span, calendar: Calendar) -> date:
        """The last day on which the delivery for a span is in time."""
        told = DUE.fullmatch(self.due)
        assert told is not None
        last, count = span[1] - timedelta(days=1), int(told["count"])
        if told["kind"] == "working":
            return calendar.add_workdays(last, count)
        return last + timedelta(days=count)

    def spans(self, first: date, last: date) -> list[Span]:
        """The expected spans that touch the days from `first` to `last`, in order."""
        found, day = [], first
        while day <= last:
            span = span_around(day, self.every)
            if span[1] > self.first:
                found.append(span)
            day = span[1]
        return found


def workdays(span: Span, calendar: Calendar) -> frozenset[date]:
    """The working days of a span: on the others nobody has to report anything."""
    days = (span[0] + timedelta(days=n) for n in range((span[1] - span[0]).days))
    return frozenset(day for day in days if calendar.is_workday(day))
