"""A small town for tests: rows as a source writes them, ingested in the ordinary way."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from data.ingest import Request, ingest
from data.tables import LOGS
from tests.builders import made_once

Row = Mapping[str, Any]

HALLS: list[Row] = [
    {"hall_id": "C", "name": "City", "level": "city"},
    {"hall_id": "C1", "name": "North county", "level": "county", "parent_id": "C"},
    {"hall_id": "C2", "name": "South county", "level": "county", "parent_id": "C"},
    {"hall_id": "C1T1", "name": "Hill township", "level": "township", "parent_id": "C1"},
    {"hall_id": "C1T1V1", "name": "Mill village", "level": "village", "parent_id": "C1T1"},
]
DEPARTMENTS: list[Row] = [
    {"department_id": "TAX", "name": "Tax"},
    {"department_id": "LAND", "name": "Land"},
]
COUNTERS: list[Row] = [
    {"counter_id": "c-tax", "name": "City tax", "hall_id": "C", "department_id": "TAX"},
    {"counter_id": "c-all", "name": "City general", "hall_id": "C", "department_id": "LAND"},
    {"counter_id": "n-tax", "name": "North tax", "hall_id": "C1", "department_id": "TAX"},
    {"counter_id": "s-tax", "name": "South tax", "hall_id": "C2", "department_id": "TAX"},
    {"counter_id": "t-all", "name": "Hill general", "hall_id": "C1T1"},
    {"counter_id": "v-all", "name": "Mill general", "hall_id": "C1T1V1"},
]


def _deliver(
    home: Path,
    number: int,
    log: str,
    rows: Iterable[Row],
    period: tuple[date, date] | None = None,
    **options: Any,
) -> int:
    path = home.parent / f"{log}-{number}.csv"
    listed = list(rows)
    columns = list(dict.fromkeys(name for row in listed for name in row))
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns)
        writer.writeheader()
        writer.writerows(listed)
    batch = ingest(home, Request(path, log, "canonical", span=period, **options))
    kept = batch.counts["accepted"] + batch.counts["known"] + batch.counts["repeated"]
    assert kept == len(listed), batch
    assert log in LOGS or not batch.quarantined
    return batch.no


class Town:
    """A home with the reference tables above; each call delivers one more file."""

    def __init__(self, home: Path, halls: list[Row], counters: list[Row]) -> None:
        self.home = home
        self.places = home.parent
        tables = (("halls", halls), ("departments", DEPARTMENTS), ("counters", counters))

        def make(place: Path) -> None:
            for number, (log, rows) in enumerate(tables, start=1):
                _deliver(place, number, log, rows)

        made_once(f"{home.name} {tables!r}", home, make)
        self.files = len(tables)

    def deliver(
        self,
        log: str,
        rows: Iterable[Row],
        period: tuple[date, date] | None = None,
        **options: Any,
    ) -> int:
        """Ingest the rows as one csv file; returns the number of the batch."""
        self.files += 1
        return _deliver(self.home, self.files, log, rows, period, **options)

    def rate(
        self,
        counter: str,
        grades: Mapping[int, int],
        day: date,
        origin: str = "active",
        lag_days: int = 0,
    ) -> list[Row]:
        """So many ratings per grade of services of one day; returned, not delivered."""
        served = datetime.combine(day, datetime.min.time()) + timedelta(hours=10)
        rows = []
        for grade, count in grades.items():
            for place in range(count):
                key = f"{counter}-{day}-{origin}-{lag_days}-{grade}-{place}"
                rows.append(
                    {
                        "rating_id": f"r-{key}",
                        "case_id": f"k-{key}",
                        "counter_id": counter,
                        "served_at": served,
                        "rated_at": served + timedelta(days=lag_days, minutes=5),
                        "grade": grade,
                        "origin": origin,
                    }
                )
        return rows

    def queue(self, counter: str, waits_s: Iterable[int | None], day: date) -> list[Row]:
        """Tickets of one day; None is a visitor who gave up."""
        rows = []
        for place, wait_s in enumerate(waits_s):
            taken = datetime.combine(day, datetime.min.time()) + timedelta(hours=9, seconds=place)
            key = f"t-{counter}-{day}-{place}"
            row = {"ticket_id": key, "counter_id": counter, "taken_at": taken}
            if wait_s is None:
                rows.append(row | {"status": "abandoned"})
                continue
            called = taken + timedelta(seconds=wait_s)
            done = {"called_at": called, "finished_at": called + timedelta(minutes=6)}
            rows.append(row | done | {"status": "served"})
        return rows
