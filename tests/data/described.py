"""Files as the sources of the shipped profiles would write them, every field filled."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from data.profile import Constant, Interval, Joined, LogPart, Profile, load_profile
from tests.builders import Row, write

SHAPES = [
    ("gbt39046", "ratings"),
    ("gbt39046", "cases"),
    ("national", "ratings"),
    ("national", "cases"),
    ("zhejiang", "ratings"),
    ("zhejiang", "cases"),
    ("four_key", "ratings"),
    ("four_key", "tickets"),
    ("canonical", "ratings"),
    ("canonical", "cases"),
]
START = datetime(2019, 8, 1, 9)
LATER = ("served_at", "called_at", "finished_at", "accepted_at", "closed_at", "rated_at", "due_at")
FIXED = {
    "promised_limit": "5",
    "statutory_limit": "20",
    "due_is_date": "0",
    "department_id": "",
    "department_name": "",
    "origin": "active",
    "channel": "hall_tablet",
    "case_kind": "promised",
    "promised_unit": "workday",
    "statutory_unit": "workday",
    "state": "closed",
    "clock_stops": "",
}
OFTEN = {"counter_id": 4, "counter_name": 4, "hall_id": 2, "hall_name": 2, "desk_no": 5}


def file_of(folder: Path, name: str, log: str, rows: int = 40) -> Path:
    """A file of a log in the shape of a shipped profile."""
    profile = load_profile(name)
    content = [row_of(profile, profile.part(log), number) for number in range(rows)]
    return write(folder / f"{log}{'.gb' if profile.encoding == 'gb18030' else ''}.csv", content)


def row_of(profile: Profile, part: LogPart, number: int) -> Row:
    """One row in the columns of the source; grades are mostly the best."""
    row: Row = {}
    for field, source in part.columns.items():
        if isinstance(source, Joined):
            for name in source.join:
                row.setdefault(name, f"{name[:3]}{number % 4}")
        elif isinstance(source, Interval):
            row |= {source.start: "", source.end: ""}
            if number % 5 == 0:
                row |= {source.start: at(number, 1, source.format), source.end: ""}
        elif not isinstance(source, Constant):
            row[source] = cell(part, field, number)
    return row | {name: code for name, code in _codes(part, number) if name in row}


def _codes(part: LogPart, number: int) -> Iterator[tuple[str, str]]:
    for field, table in part.codes.items():
        codes = list(table) if field != "grade" else _best_first(table)
        code = codes[0] if number % 7 else codes[number // 7 % len(codes)]
        yield str(part.columns[field]), code


def cell(part: LogPart, field: str, number: int) -> str:
    """The cell of a field that has a column of its own."""
    if field in part.dates:
        return at(number, LATER.index(field) if field in LATER else 0, part.dates[field])
    if field in FIXED:
        return FIXED[field]
    return f"{field[:4]}{number % OFTEN.get(field, 100):04d}"


def at(number: int, hours: int, form: str) -> str:
    """A time in August, some hours after the row began."""
    return (START + timedelta(days=number % 28, hours=hours, minutes=number)).strftime(form)


def _best_first(table: dict[str, str | int]) -> list[str]:
    return sorted(table, key=lambda code: -int(table[code]))
