"""Homes at the edge: no row at all, one counter with a long name, a month without data.

They are made through the ordinary ingest, for pictures and for the test of every page on them.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from data.disk import open_home
from data.ingest import ingest
from data.intake import Request
from metrics.rollup import refresh

# Forty characters, as a hall of a merged district may well call it.
LONG = "不动产登记与住房公积金及水电气网联合报装一件事一次办综合受理专窗（帮办代办延时）"
HALL = "株洲市政务服务中心（市民之家）"
Row = Mapping[str, object]


def empty_home(home: Path) -> Path:
    """A home without a row."""
    open_home(home)
    return home


def lone_home(home: Path) -> Path:
    """One counter with a name of forty characters; January and March 2019, nothing in February."""
    files = home.parent / "files"
    files.mkdir(parents=True, exist_ok=True)
    hall: Row = {"hall_id": "H1", "name": HALL, "level": "city", "parent_id": ""}
    counter: Row = {"counter_id": "C1", "name": LONG, "hall_id": "H1", "department_id": "D1"}
    logs: dict[str, Sequence[Row]] = {
        "halls": [hall],
        "departments": [{"department_id": "D1", "name": "自然资源和规划局"}],
        "counters": [counter],
        "tickets": [row for month in (1, 3) for row in _queue(month)],
        "ratings": [row for month in (1, 3) for row in _ratings(month)],
    }
    for log, rows in logs.items():
        path = files / f"{log}.csv"
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        ingest(home, Request(path, log, "canonical"))
    refresh(home)
    return home


def _moments(month: int) -> list[datetime]:
    """Forty moments on the Wednesdays of a month."""
    first = datetime.combine(date(2019, month, 1), time(9))
    days = [first + timedelta(days=day) for day in range(28)]
    return [
        day + timedelta(minutes=10 * place)
        for day in days
        if day.weekday() == 2
        for place in range(10)
    ]


def _queue(month: int) -> list[Row]:
    return [
        {
            "ticket_id": f"T{month}-{number}",
            "counter_id": "C1",
            "taken_at": taken,
            "called_at": taken + timedelta(minutes=4),
            "finished_at": taken + timedelta(minutes=12),
            "status": "served",
        }
        for number, taken in enumerate(_moments(month))
    ]


def _ratings(month: int) -> list[Row]:
    return [
        {
            "rating_id": f"R{month}-{number}",
            "case_id": f"K{month}-{number}",
            "counter_id": "C1",
            "served_at": taken + timedelta(minutes=12),
            "rated_at": taken + timedelta(minutes=14),
            "grade": 1 if number == 7 else 5,
            "origin": "active",
        }
        for number, taken in enumerate(_moments(month))
    ]
