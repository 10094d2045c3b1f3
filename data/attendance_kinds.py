"""What kind a shift was, where a source has only its times: the rule behind `derive_kind = true`.

Used for rows without a kind, and only where the profile asks for it:

- a leave is stated by its leave_kind: leave;
- no due time at all: nothing is derived, and the row lacks its key;
- a due time without the time of signing beside it: no_sign. Absence is a decision of people; that
  nobody signed is all that the times tell;
- signed in a whole minute or more after due_in: late; signed out so before due_out: early; both in
  one shift: late;
- otherwise present.

Minutes, where the source has none: late and early together, whole completed ones of each.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from data.errors import HallscoreError
from data.profile_errors import key_line

if TYPE_CHECKING:
    from data.profile import LogPart

NO_SIGN = "no_sign"
TIMES = (("due_in", "in_at"), ("due_out", "out_at"))


def with_kinds(rows: pl.DataFrame, derive: bool) -> pl.DataFrame:
    """Typed rows of attendance with kind and minutes derived where `derive` is set."""
    if not derive:
        return rows
    late = (pl.col("in_at") - pl.col("due_in")).dt.total_minutes()
    early = (pl.col("due_out") - pl.col("out_at")).dt.total_minutes()
    unsigned = pl.any_horizontal(
        pl.col(due).is_not_null() & pl.col(signed).is_null() for due, signed in TIMES
    )
    told = (
        pl.when(pl.col("leave_kind").is_not_null())
        .then(pl.lit("leave"))
        .when(pl.col("due_in").is_null() & pl.col("due_out").is_null())
        .then(pl.lit(None, pl.String))
        .when(unsigned)
        .then(pl.lit(NO_SIGN))
        .when(late > 0)
        .then(pl.lit("late"))
        .when(early > 0)
        .then(pl.lit("early"))
        .otherwise(pl.lit("present"))
    )
    lost = pl.sum_horizontal(late.clip(0).fill_null(0), early.clip(0).fill_null(0))
    derived = pl.col("kind").is_null()
    timed = told.is_in(["late", "early", NO_SIGN]) & (lost > 0)
    minutes = pl.when(derived & timed).then(lost.cast(pl.Int32))
    return rows.with_columns(
        kind=pl.coalesce("kind", told), minutes=pl.coalesce("minutes", minutes)
    )


def check_kinds(path: Path, text: str, log: str, part: "LogPart") -> None:
    """Refuse a profile by which no shift has a kind, or that derives kinds of another log."""
    if log != "attendance":
        if part.derive_kind:
            line = key_line(text, log, "derive_kind")
            raise HallscoreError(
                f"{path}, line {line}: derive_kind belongs under [attendance]: only a shift has a "
                "kind. Remove it here."
            )
        return
    if "kind" not in part.columns and not part.derive_kind:
        raise HallscoreError(
            f"{path}: [attendance.columns] lacks 'kind', which every row of attendance must have. "
            "Add the source's column for it, or set derive_kind = true under [attendance] where "
            "it has the times."
        )
    if part.derive_kind and not any({due, at} <= set(part.columns) for due, at in TIMES):
        line = key_line(text, "attendance", "derive_kind")
        raise HallscoreError(
            f"{path}, line {line}: derive_kind needs due_in and in_at, or due_out and out_at, in "
            "[attendance.columns]; a kind is never guessed."
        )
