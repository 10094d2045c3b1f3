"""From typed rows to stored rows of attendance, bonuses, votes and vetoes."""

from collections.abc import Callable

import polars as pl

from data.contracts_conduct import FULL_MARKS
from data.joining import Derived, at_counter, hundredths, split, strange_counters
from data.masking import mask_series, pseudonymise
from data.settle import Clockwork
from data.staff_days import on_staff, strange_staff
from data.units import Units, unknown
from data.valid_days import not_open

REASON_LETTERS = 100  # of free text: a line in a list, no report


def derive_attendance(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """A shift is of the counter that the row names, else of the person's counter on that day."""
    day = pl.col("attended_on")
    named = pl.col("counter_id").is_not_null()
    unnamed = on_staff(rows.filter(~named), units.staff, "attended_on")
    there = unnamed.join(rows.select("line", day), on="line")
    rejects = [
        *strange_counters(rows, units, day),
        strange_staff(rows, units.staff, "attended_on", named),
        not_open(there.rename({"staff_counter": "counter"}), units.closed, day, "counter"),
    ]
    rows, rejected = split(rows, rejects)
    placed = at_counter(rows, units).join(unnamed, on="line", how="left", maintain_order="left")
    return (
        placed.with_columns(
            id="attendance_id",
            day=day,
            named_counter="counter",
            counter=pl.coalesce("counter", "staff_counter"),
        ),
        rejected,
    )


def _of_entity(rows: pl.DataFrame, units: Units, key: str, day: str) -> Derived:
    """Rows with the numbers of what they speak of.

    A hall is what a row speaks of where it names neither a counter nor a person; beside one of
    them it only says where that is.
    """
    of_hall = pl.col("counter_id").is_null() & pl.col("staff_id").is_null()
    elsewhere = pl.any_horizontal(pl.col("counter_id", "hall_id", "department_id").is_not_null())
    rejects = [
        *strange_counters(rows, units, pl.col(day)),
        unknown(
            rows.filter(pl.col("counter_id").is_null()), "hall_id", "halls", "unknown_hall", units
        ),
        unknown(rows, "department_id", "departments", "unknown_department", units),
        strange_staff(rows, units.staff, day, elsewhere),
    ]
    rows, rejected = split(rows, rejects)
    halls, departments = (
        pl.col(name).replace_strict(units.known[table], default=None, return_dtype=pl.Int32)
        for name, table in (("hall_id", "halls"), ("department_id", "departments"))
    )
    placed = at_counter(rows, units).with_columns(
        id=key, day=day, hall=pl.when(of_hall).then(halls), department=departments
    )
    return placed, rejected


def derive_bonuses(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """Points in hundredths; the reason without personal numbers, and short."""
    placed, rejected = _of_entity(rows, units, "bonus_id", "given_on")
    return (
        placed.with_columns(
            mask_series(placed["reason"]).str.head(REASON_LETTERS).alias("reason"),
            pseudonymise(placed["decided_by"]).alias("decided_by"),
            points_c=hundredths("points"),
        ),
        rejected,
    )


def derive_votes(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """Marks and full marks in hundredths; a row is one ballot of 100 where it says nothing else."""
    placed, rejected = _of_entity(rows, units, "vote_id", "voted_on")
    return (
        placed.with_columns(
            pl.col("ballots").fill_null(1),
            score_c=hundredths("score"),
            scale_c=hundredths("scale").fill_null(FULL_MARKS * 100),
        ),
        rejected,
    )


def derive_vetoes(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """A veto counts on the day on which it happened, whenever it was decided."""
    placed, rejected = _of_entity(rows, units, "veto_id", "happened_on")
    return placed.with_columns(pseudonymise(placed["decided_by"]).alias("decided_by")), rejected


CONDUCT: dict[str, Callable[[pl.DataFrame, Units, Clockwork], Derived]] = {
    "attendance": derive_attendance,
    "bonuses": derive_bonuses,
    "votes": derive_votes,
    "vetoes": derive_vetoes,
}
