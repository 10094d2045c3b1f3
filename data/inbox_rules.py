"""Which files of an inbox belong to its source, and what their names say of the period."""

import fnmatch
import re
from datetime import date
from pathlib import Path

from pydantic import Field, field_validator

from data.errors import HallscoreError
from data.profile import span_around
from data.toml_files import Strict

# Which groups a name may give, and the kind of period that they make together.
KINDS = {
    ("year",): "year",
    ("year", "quarter"): "quarter",
    ("year", "month"): "month",
    ("year", "week"): "week",
    ("year", "month", "day"): "day",
}
UNFINISHED = (".part", ".tmp")


class InboxRules(Strict):
    """[sources.NAME.inbox]: `patterns` of file names (with * and ?), and how they are taken in.

    `period_from_name`: a regular expression, found anywhere in the name, whose groups year,
    quarter, month, week, day say which period the file reports on.
    """

    patterns: tuple[str, ...] = Field(default=("*",), min_length=1)
    admit_units: bool = False
    period_from_name: str | None = None

    @field_validator("period_from_name")
    @classmethod
    def _groups_make_a_period(cls, text: str | None) -> str | None:
        if text is None:
            return None
        try:
            groups = tuple(re.compile(text).groupindex)
        except re.error as error:
            raise ValueError(f"not a regular expression ({error})") from None
        if not any(sorted(groups) == sorted(known) for known in KINDS):
            known = "; ".join("+".join(groups) for groups in KINDS)
            raise ValueError(
                f"the named groups are {', '.join(groups) or 'none'}; expected are {known}, "
                "for instance (?P<year>\\d{4})-(?P<month>\\d{2})"
            )
        return text

    def takes(self, name: str) -> bool:
        """Whether a file of that name is a finished delivery of the source."""
        if name.startswith((".", "~$")) or name.lower().endswith(UNFINISHED):
            return False
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns)

    def span(self, path: Path) -> tuple[date, date] | None:
        """The half-open days that the name of a file says it reports on; None: no rule."""
        if self.period_from_name is None:
            return None
        found = re.search(self.period_from_name, path.name)
        if found is None:
            raise HallscoreError(
                f"{path.name}: the name does not say its period by the rule period_from_name = "
                f"{self.period_from_name!r}. Rename the file, or correct the rule in sources.toml."
            )
        numbers = {key: int(text) for key, text in found.groupdict().items() if text}
        try:
            return _span_of(numbers)
        except ValueError:
            said = ", ".join(f"{key} {number}" for key, number in numbers.items())
            raise HallscoreError(
                f"{path.name}: {said or 'nothing'} in the name is no period. Rename the file."
            ) from None


def _span_of(numbers: dict[str, int]) -> tuple[date, date]:
    year = numbers.get("year", 0)
    kind = next((k for groups, k in KINDS.items() if set(groups) == set(numbers)), "year")
    if kind == "week":
        return span_around(date.fromisocalendar(year, numbers["week"], 1), "week")
    quarter = numbers.get("quarter", 1)
    if not 1 <= quarter <= 4:
        raise ValueError(quarter)
    month = numbers.get("month", quarter * 3)
    return span_around(date(year, month, numbers.get("day", 1)), kind)
