"""The referee of the rating loop: bad ratings, their redress and their deadlines, in plain Python.

Deadlines are written here from the rules of the places, not read from the presets.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import chinese_calendar

Row = dict[str, Any]
LIMITS = {"dezhou": {"simple": 5, "complex": 5}, "linwu": {"simple": 7, "complex": 15}}
IN_WORKDAYS = ("dezhou",)


def loop_deadline(row: Row) -> date:
    """The last day for redress and reply; without a rule of the place 15 days, as in Zhejiang."""
    complexity = row["complexity"] or "simple"
    left = LIMITS.get(row["preset"], {"simple": 15, "complex": 15})[complexity]
    day = row["opened_at"].date()
    while left:
        day += timedelta(days=1)
        left -= row["preset"] not in IN_WORKDAYS or chinese_calendar.is_workday(day)
    return day


def loop_end(row: Row) -> date | None:
    """The day on which the matter was put right and the citizen had a reply."""
    if row["rectified_at"] is None or row["replied_at"] is None:
        return None
    return max(row["rectified_at"], row["replied_at"]).date()


EMPTY = ("complexity", "preset", "verdict", "rectified_at", "replied_at", "called_back_at")


def loops(ratings: list[Row], counting: list[Row], rectifications: list[Row]) -> list[Row]:
    """Valid loops: of `ratings` (not voided) those that count are in `counting`."""
    of_rating: dict[str, list[Row]] = {}
    for row in rectifications:
        of_rating.setdefault(row["rating_id"], []).append(row)
    bad = [row for row in counting if (row["origin"] or "active") == "active" and row["grade"] <= 2]
    found = [
        dict.fromkeys(EMPTY) | {"counter_id": row["counter_id"], "opened_at": row["rated_at"]}
        for row in bad
        if row["rating_id"] not in of_rating
    ]
    for place, row in enumerate(one for one in bad if one["rating_id"] not in of_rating):
        found[place]["second"] = second_grade(ratings, row)
    standing = {row["rating_id"]: row for row in bad}
    for rating_id, several in of_rating.items():
        last = max(several, key=lambda row: (row["opened_at"], row["rectification_id"]))
        second = None
        if last["rerated_grade"] is not None:
            second = (last["rerated_at"].date(), last["rerated_grade"])
        elif rating_id in standing:
            second = second_grade(ratings, standing[rating_id])
        found.append(last | {"second": second})
    return [row for row in found if row["verdict"] in (None, "upheld")]


def second_grade(ratings: list[Row], bad: Row) -> tuple[date, int] | None:
    """Day and grade of the next active rating of the same case at the same counter."""
    later = [
        row
        for row in ratings
        if (row["case_id"], row["counter_id"]) == (bad["case_id"], bad["counter_id"])
        and (row["rated_at"], row["rating_id"]) > (bad["rated_at"], bad["rating_id"])
        and (row["origin"] or "active") == "active"
    ]
    if not later:
        return None
    first = min(later, key=lambda row: (row["rated_at"], row["rating_id"]))
    return first["rated_at"].date(), first["grade"]


def counts_from(row: Row) -> date:
    """The day from which a loop is in a rate: when it was due, or at its end if that was before."""
    end = loop_end(row)
    return loop_deadline(row) if end is None else min(end, loop_deadline(row))


def done(name: str) -> Callable[[Row, date], bool]:
    """Whether a thing was done by the end of a day."""
    return lambda row, day: row[name] is not None and row[name].date() <= day


def on_time(row: Row, day: date) -> bool:
    return done("rectified_at")(row, day) and row["rectified_at"].date() <= loop_deadline(row)


def rerated(row: Row, day: date) -> bool:
    return row["second"] is not None and row["second"][0] <= day


def content(row: Row, day: date) -> bool:
    return rerated(row, day) and row["second"][1] >= 3


def is_open(row: Row, day: date) -> bool:
    end = loop_end(row)
    return row["opened_at"].date() <= day and (end is None or end > day)


def is_overdue(row: Row, day: date) -> bool:
    return is_open(row, day) and loop_deadline(row) < day
