"""Calendar periods: 2019, 2019-H1, 2019-Q3, 2019-08, 2019-W35 (Monday to Sunday), 2019-08-14."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from data.errors import HallscoreError

PATTERNS = (
    ("year", re.compile(r"(?P<year>\d{4})")),
    ("half", re.compile(r"(?P<year>\d{4})-H(?P<part>[12])")),
    ("quarter", re.compile(r"(?P<year>\d{4})-Q(?P<part>[1-4])")),
    ("week", re.compile(r"(?P<year>\d{4})-W(?P<part>\d{2})")),
    ("month", re.compile(r"(?P<year>\d{4})-(?P<part>\d{2})")),
    ("day", re.compile(r"(?P<year>\d{4})-(?P<part>\d{2})-(?P<day>\d{2})")),
)
MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
PARTS = {"year": "month", "half": "month", "quarter": "month", "month": "day", "week": "day"}
HALVES = {1: "上半年", 2: "下半年"}
QUARTERS = {1: "一", 2: "二", 3: "三", 4: "四"}
NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class Period:
    """A half-open span of days [start, end) with its written form."""

    text: str
    kind: str
    start: date
    end: date

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def contains(self, day: date) -> bool:
        """Whether the day falls into it."""
        return self.start <= day < self.end

    def previous(self) -> "Period":
        """The period of the same kind just before (环比)."""
        return period_of(self.kind, self.start - timedelta(days=1))

    def next(self) -> "Period":
        """The period of the same kind just after."""
        return period_of(self.kind, self.end)

    def year_before(self) -> "Period":
        """The same period a year earlier (同比): same week number (53 → 52), 29 February → 28."""
        if self.kind == "week":
            year, week, _ = self.start.isocalendar()
            return _week(year - 1, min(week, _weeks_in(year - 1)))
        leap = self.start.month == 2 and self.start.day == 29
        day = self.start.replace(year=self.start.year - 1, day=28 if leap else self.start.day)
        return period_of(self.kind, day)

    def children(self) -> tuple["Period", ...]:
        """The months that make it up, or the days of a month or week; a day has none."""
        if self.kind not in PARTS:
            return ()
        parts, day = [], self.start
        while day < self.end:
            part = period_of(PARTS[self.kind], day)
            parts.append(part)
            day = part.end
        return tuple(parts)

    def label(self, lang: str = "zh") -> str:
        """The period in words."""
        return _label_zh(self) if lang == "zh" else _label_en(self)


def _label_zh(period: Period) -> str:
    start, year = period.start, f"{period.start.year}年"
    if period.kind == "year":
        return year
    if period.kind == "half":
        return year + HALVES[1 if start.month == 1 else 2]
    if period.kind == "quarter":
        return f"{year}第{QUARTERS[(start.month + 2) // 3]}季度"
    if period.kind == "month":
        return f"{year}{start.month}月"
    if period.kind == "week":
        iso = start.isocalendar()
        span = f"{start.month}.{start.day}—{period.last.month}.{period.last.day}"
        return f"{iso.year}年第{iso.week}周({span})"
    return f"{year}{start.month}月{start.day}日"


def _label_en(period: Period) -> str:
    start = period.start
    if period.kind == "month":
        return f"{NAMES[start.month - 1]} {start.year}"
    if period.kind == "quarter":
        return f"Q{(start.month + 2) // 3} {start.year}"
    if period.kind == "half":
        return f"H{1 if start.month == 1 else 2} {start.year}"
    if period.kind == "week":
        last = period.last
        span = f"{NAMES[start.month - 1]} {start.day} – {NAMES[last.month - 1]} {last.day}"
        return f"week {start.isocalendar().week} {start.isocalendar().year} ({span})"
    if period.kind == "day":
        return f"{NAMES[start.month - 1]} {start.day}, {start.year}"
    return period.text


def _weeks_in(year: int) -> int:
    return date(year, 12, 28).isocalendar().week


def _week(year: int, week: int) -> Period:
    start = date.fromisocalendar(year, week, 1)
    return Period(f"{year}-W{week:02d}", "week", start, start + timedelta(days=7))


def period_of(kind: str, day: date) -> Period:
    """The period of a kind that holds the day."""
    if kind == "day":
        return Period(day.isoformat(), "day", day, day + timedelta(days=1))
    if kind == "week":
        iso = day.isocalendar()
        return _week(iso.year, iso.week)
    months = MONTHS[kind]
    part = (day.month - 1) // months
    start = date(day.year, part * months + 1, 1)
    after = start.month + months
    end = date(day.year + (after > 12), (after - 1) % 12 + 1, 1)
    mark = {"year": "", "half": f"-H{part + 1}", "quarter": f"-Q{part + 1}"}
    text = f"{day.year}{mark.get(kind, f'-{day.month:02d}')}"
    return Period(text, kind, start, end)


def parse_period(text: str) -> Period:
    """The period of a written form; HallscoreError names the forms there are."""
    for kind, pattern in PATTERNS:
        match = pattern.fullmatch(text.strip())
        if match is None:
            continue
        try:
            return _built(kind, {key: int(number) for key, number in match.groupdict().items()})
        except ValueError:
            break
    raise HallscoreError(
        f"period {text!r} is none. Write 2019, 2019-H1, 2019-Q3, 2019-08, 2019-W35 or 2019-08-14."
    )


def _built(kind: str, numbers: dict[str, int]) -> Period:
    year, part = numbers["year"], numbers.get("part", 1)
    if kind == "week":
        if part > _weeks_in(year):
            raise ValueError(part)
        return _week(year, part)
    if kind == "day":
        return period_of("day", date(year, part, numbers["day"]))
    return period_of(kind, date(year, (part - 1) * MONTHS[kind] + 1, 1))
