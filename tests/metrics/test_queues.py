"""Days and half hours of a unit against a count by hand, and who decides what was late."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from town import Row, Town

from metrics.periods import parse_period
from metrics.queues import ABANDONMENT, HEAT, VOLUME, WAIT, heat, lateness, unit_days
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value

CITY, AUGUST, LAST = Scope("local", None), parse_period("2019-08"), date(2019, 8, 31)
MONDAY = date(2019, 8, 5)


def queue(counter: str, rng: Random, count: int) -> list[Row]:
    """Tickets on the first ten days after a Monday, at odd minutes of the day; a third leaves."""
    rows = []
    for place in range(count):
        day = MONDAY + timedelta(days=rng.choice((0, 1, 4, 7, 8)))
        taken = datetime.combine(day, time(rng.choice((9, 9, 14)), rng.randrange(60)))
        row: Row = {"ticket_id": f"{counter}-{place}", "counter_id": counter, "taken_at": taken}
        called = taken + timedelta(seconds=rng.randrange(3000))
        served = {"called_at": called, "finished_at": called + timedelta(minutes=5)}
        left = rng.random() < 0.3
        rows.append(row | {"status": "abandoned"} if left else row | served | {"status": "served"})
    return rows


@pytest.fixture
def queued(town: Town) -> tuple[Town, list[Row]]:
    rng = Random(11)
    rows = [row for one in ("n-tax", "t-all", "c-tax") for row in queue(one, rng, 90)]
    town.deliver("tickets", rows, (AUGUST.start, AUGUST.end))
    return town, rows


def by_hand(rows: list[Row]) -> dict[tuple[str, int, int], tuple[int, int]]:
    """(kind, weekday, half hour) → n, d, row by row."""
    days: dict[int, set[date]] = {}
    cells: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        taken = row["taken_at"]
        half = taken.hour * 2 + (1 if taken.minute >= 30 else 0)
        days.setdefault(taken.isoweekday(), set()).add(taken.date())
        cells.setdefault((taken.isoweekday(), half), []).append(row)
    told = {}
    for (weekday, half), here in cells.items():
        waits = [(r["called_at"] - r["taken_at"]).seconds for r in here if r["status"] == "served"]
        told[VOLUME, weekday, half] = (len(here), len(days[weekday]))
        told[WAIT, weekday, half] = (sum(waits), len(waits))
        told[ABANDONMENT, weekday, half] = (len(here) - len(waits), len(here))
    return told


@pytest.mark.parametrize(
    ("by", "unit", "counters"),
    [
        ("all", "all", {"n-tax", "t-all", "c-tax"}),
        ("county", "C1", {"n-tax", "t-all"}),
        ("hall", "C1", {"n-tax"}),
        ("hall", "C2", set()),
    ],
)
def test_every_half_hour_holds_the_tickets_that_were_taken_in_it(
    queued: tuple[Town, list[Row]], by: str, unit: str, counters: set[str]
) -> None:
    """Of the unit alone; a quotient of sums, pale where the base is too small for the metric."""
    town, rows = queued
    found = heat(ensure(town.home), by, unit, AUGUST, CITY, LAST)
    wanted = by_hand([row for row in rows if row["counter_id"] in counters])
    told = {(r["kind"], r["weekday"], r["half_hour"]): r for r in found.to_dicts()}
    assert {key: (row["n"], row["d"]) for key, row in told.items()} == wanted
    for (kind, _, _), row in told.items():
        n, d = row["n"], row["d"]
        assert row["value"] == (pytest.approx(n / d) if d else None)
        few = kind != VOLUME and d < 30
        assert row["state"] == ("few" if few and d else "number" if d else "none")
    assert found.schema == HEAT


def test_the_half_hours_add_up_to_the_metrics_of_the_unit(queued: tuple[Town, list[Row]]) -> None:
    """Waits, tickets and those who left: no ticket is in two tiles or in none."""
    town, _ = queued
    found = heat(ensure(town.home), "county", "C1", AUGUST, CITY, LAST)
    for kind, name in ((WAIT, "wait_mean"), (ABANDONMENT, "abandonment_rate"), (VOLUME, "tickets")):
        row = value(town.home, name, AUGUST, "county", CITY).row(0, named=True)
        cells = found.filter(pl.col("kind") == kind)
        assert cells["n"].sum() == row["n"]
        if kind != VOLUME:
            assert cells["d"].sum() == row["d"]


def test_a_ticket_that_an_exemption_lifts_is_volume_and_nothing_else(town: Town) -> None:
    """The machine stood still until noon; those of the afternoon count."""
    rows = queue("n-tax", Random(3), 60)
    town.deliver("tickets", rows, (AUGUST.start, AUGUST.end))
    lifted = {
        "exemption_id": "e1",
        "counter_id": "n-tax",
        "starts_at": "2019-08-05 00:00:00",
        "ends_at": "2019-08-05 12:00:00",
        "system": "queue",
        "cause": "power_cut",
        "decided_by": "office",
        "decided_on": "2019-08-06",
    }
    town.deliver("exemptions", [lifted])
    found = heat(ensure(town.home), "hall", "C1", AUGUST, CITY, LAST)
    gone = sum(r["taken_at"] < datetime(2019, 8, 5, 12) for r in rows)
    sums = dict(found.group_by("kind").agg(pl.col("n").sum()).iter_rows())
    based = dict(found.group_by("kind").agg(pl.col("d").sum()).iter_rows())
    assert gone > 0
    assert sums[VOLUME] == 60
    assert based[ABANDONMENT] == 60 - gone


def test_days_without_business_are_zero_and_without_a_log_they_are_null(
    queued: tuple[Town, list[Row]],
) -> None:
    town, rows = queued
    days = unit_days(ensure(town.home), "county", "C1", AUGUST, CITY, date(2019, 8, 20))
    assert days["day"].to_list() == [date(2019, 8, day) for day in range(1, 21)]
    mine = [row["taken_at"].date() for row in rows if row["counter_id"] != "c-tax"]
    assert days["tickets"].to_list() == [mine.count(day) for day in days["day"]]
    assert days["closed_cases"].null_count() == days["received_cases"].null_count() == 20
    rest = days.filter(~pl.col("workday"))["day"].to_list()
    assert rest == [date(2019, 8, day) for day in (3, 4, 10, 11, 17, 18)]


def case(
    number: int, counter: str, department: str, due: str, closed: str | None
) -> dict[str, Any]:
    row = {
        "case_id": f"k{number}",
        "counter_id": counter,
        "department_id": department,
        "received_at": "2019-08-01 09:00:00",
        "due_at": due,
    }
    return row | ({"closed_at": closed, "state": "closed"} if closed else {})


def test_what_another_department_decides_stands_apart(town: Town) -> None:
    """The tax counter answers for what TAX decides; the two add up to the on-time rate."""
    soon, late = "2019-08-05 17:00:00", "2019-08-12 10:00:00"
    rows = [
        *(case(n, "n-tax", "TAX", soon, "2019-08-02 10:00:00") for n in range(3)),
        case(10, "n-tax", "TAX", soon, late),
        *(case(20 + n, "n-tax", "LAND", soon, late) for n in range(2)),
        case(30, "n-tax", "LAND", soon, None),
        case(40, "c-tax", "LAND", soon, late),
    ]
    town.deliver("cases", rows, (AUGUST.start, AUGUST.end))
    state = ensure(town.home)
    found = lateness(state, "county", "C1", AUGUST, CITY, LAST).to_dicts()
    own, back = found
    assert [own[name] for name in ("whose", "n", "d", "late", "open_overdue")] == [
        *("own", 3, 4, 1, 0)
    ]
    assert [back[name] for name in ("whose", "n", "d", "late", "open_overdue")] == [
        *("back", 0, 2, 2, 1)
    ]
    assert [row["state"] for row in found] == ["few", "few"]
    whole = value(town.home, "on_time_rate", AUGUST, "county", CITY).row(0, named=True)
    assert (own["n"] + back["n"], own["d"] + back["d"]) == (whole["n"], whole["d"])
    nothing = lateness(state, "county", "C2", AUGUST, CITY, LAST)
    assert nothing["state"].to_list() == ["none", "none"]
    assert nothing["value"].null_count() == 2


def test_no_log_of_cases_has_no_lateness(queued: tuple[Town, list[Row]]) -> None:
    town, _ = queued
    assert lateness(ensure(town.home), "all", "all", AUGUST, CITY, LAST).is_empty()
