"""Single rules as the referee knows them: cells, working days, spans, which rule takes a row."""

import tomllib
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import chinese_calendar

from tests import score_referee as judge
from tests.spec.rows import Row

LAST_YEAR = max(chinese_calendar.constants.holidays).year
CATALOGUE = Path(__file__).parent.parent.parent / "metrics" / "catalogue"
WHOLE = (
    "grade",
    "rerated_grade",
    "promised_limit",
    "statutory_limit",
    "minutes",
    "ballots",
    "findings_n",
)
# What each source of events rests on: without a report of it there is nothing to deduct from.
REPORTS = {
    "findings": "points_per_round",
    "attendance": "attendance_rate",
    "late_cases": "on_time_rate",
    "bad_ratings": "bad_rate",
}
LOG_OF = {"findings": "inspections", "late_cases": "cases", "bad_ratings": "ratings"}
MEASURED = {
    "rectifications": ("rectification", "reply", "callback", "rerating", "open_bad", "bad_over"),
    "ratings": ("good", "bad", "satisfaction", "response", "unrated"),
    "tickets": ("wait", "abandonment", "tickets", "served"),
    "inspections": ("points", "inspection", "findings"),
    "attendance": ("attendance", "late_n"),
}


def is_workday(day: date) -> bool:
    """By the notices; in a year without one Monday to Friday, which is an estimate."""
    if day.year > LAST_YEAR:
        return day.weekday() < 5
    return bool(chinese_calendar.is_workday(day))


def typed(row: Row) -> Row:
    """Cells as Python values: None, moments, whole numbers, points as fractions."""
    return {name: _cell(name, cell) for name, cell in row.items()}


def _cell(name: str, cell: str) -> Any:
    if cell == "":
        return None
    if name.endswith("_at"):
        return datetime.strptime(cell, "%Y-%m-%d %H:%M:%S")
    if name.endswith("_on"):
        return date.fromisoformat(cell)
    if name in WHOLE:
        return int(cell)
    return Fraction(cell) if name in ("points", "score", "scale") else cell


DECIDED = ("voids", "rectifications", "exemptions")
LIFTED = {"findings": "found_at", "bad_ratings": "rated_at"}


def day_of(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def span_of(period: str) -> tuple[date, date]:
    """A month or a year as half-open days."""
    if len(period) == 4:
        return date(int(period), 1, 1), date(int(period) + 1, 1, 1)
    start = date.fromisoformat(f"{period}-01")
    return start, (start + timedelta(days=31)).replace(day=1)


def log_of(metric: str) -> str:
    """The log on which a metric rests."""
    for log, words in MEASURED.items():
        if any(word in metric for word in words):
            return log
    return "cases"


def least_of(metric: str) -> int:
    """The least base that a metric's file asks for."""
    text = (CATALOGUE / f"{metric}.toml").read_text("utf-8")
    return int(tomllib.loads(text).get("min_n", 0))


def last_day(row: Row) -> date:
    """The last day in time: so many working days after the receipt, which is not one of them."""
    if row["due_at"] is not None:
        return day_of(row["due_at"])
    day, left = row["received_at"].date(), row["promised_limit"]
    while left:
        day += timedelta(days=1)
        left -= row["promised_unit"] == "day" or is_workday(day)
    return day


def days_late(row: Row) -> int:
    """Working days from the day after the last one in time to the day of closing."""
    first, end = last_day(row), row["closed_at"].date()
    days = (first + timedelta(days=one + 1) for one in range((end - first).days))
    return sum(1 for day in days if is_workday(day))


def names_of(chosen: judge.Scheme, item: judge.Scheme) -> set[str]:
    """The codes that some rule of the scheme names for the source of an item's events."""
    if not judge.is_event(item):
        return set()
    alike = [one for one in chosen["item"] if one.get("events") == item.get("events")]
    rules = [rule for one in alike if judge.is_event(one) for rule in one["rule"]]
    return {rule.get("code", "*") for rule in rules} - {"*"}


def rule_for(
    rules: list[judge.Scheme], code: str, row: Row, named: set[str]
) -> judge.Scheme | None:
    """The rule of the code, else that for all codes that no rule names; by minutes."""
    minutes = row.get("minutes") or 0
    for rule in rules:
        own = rule.get("code", "*")
        mine = own == code or (own == "*" and code not in named)
        if mine and rule.get("min_minutes", 0) <= minutes < rule.get("below_minutes", 10**9):
            return rule
    return None
