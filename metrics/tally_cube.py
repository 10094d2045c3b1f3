"""The cube of reported tallies: what counts beside the logs, per unit and month or day.

A file per month in which a row is a unit (counter, or hall: the other is null) and a span (since,
day: the first and last day), with one column per reportable measure (null: not reported) and, per
log, whether it holds rows of the unit in the month (with_<log>). A tally that a log overrules is
not in it, so the sums are the same in whatever order log and tally came.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from data.reportable import COUNTED_LOGS, REPORTABLE
from data.store import Snapshot
from data.tallies import Ask, logged_days, settled, standing
from data.versions import counter_halls
from metrics.cube import MonthFile, month_of, write_month
from metrics.measure_files import MeasureFile

GRAIN = ("counter", "hall", "since", "day")
FLAGS = tuple(f"with_{log}" for log in COUNTED_LOGS)
TALLIES = MeasureFile(
    name="tallies",
    sql=f"1 {sorted(REPORTABLE.items())}",
    grain=GRAIN,
    sums=tuple(REPORTABLE),
    logs=("tallies", *COUNTED_LOGS),
    either=(),
    references=("halls", "counters", "desks"),
    late=None,
    foresees=False,
    stocks={},
    spans_data=False,
)
SCHEMA: dict[str, pl.DataType] = {
    **{"counter": pl.Int32(), "hall": pl.Int32(), "since": pl.Date(), "day": pl.Date()},
    **dict.fromkeys(REPORTABLE, pl.Int64()),
    **dict.fromkeys(FLAGS, pl.Boolean()),
}
Months = Mapping[int, MonthFile]


def redo_tallies(
    home: Path, snap: Snapshot, ask: Ask, kept: Months, days: Collection[date] | None
) -> tuple[dict[int, MonthFile], int]:
    """Files by month, those with a touched day (None: all) made again; and how many days these are.

    A log's touched day counts only in a month that has tallies, before or now.
    """
    touched = None if days is None else {month_of(day) for day in days}
    stored = set(ask("SELECT DISTINCT month FROM tallies")["month"].to_list())
    redone = stored if touched is None else stored & touched
    files = {} if touched is None else {m: one for m, one in kept.items() if m not in touched}
    for month, rows in _by_month(snap, ask, redone).items():
        first = rows.select(pl.col("since").min()).item()
        files[month] = replace(write_month(home, TALLIES, month, rows), first_day=first)
    told = redone | set(kept)
    count = -1 if days is None and told else sum(month_of(day) in told for day in days or ())
    return files, count


def _by_month(snap: Snapshot, ask: Ask, months: Collection[int]) -> dict[int, pl.DataFrame]:
    """The counting tallies of some months, in the columns of the cube."""
    rows = standing(ask, months)
    first, last = rows["since"].min(), rows["day"].max()
    if not isinstance(first, date) or not isinstance(last, date):
        return {}
    span = pl.select(pl.lit(first).dt.month_start(), pl.lit(last).dt.month_end().alias("last"))
    spoken = logged_days(ask, snap, *span.row(0))
    tiles = counter_halls(snap.reference("counters"), snap.reference("halls"))
    counting = settled(rows, spoken, tiles).filter(pl.col("log").is_null())
    wide = _flagged(_wide(counting), spoken)
    number = (pl.col("day").dt.year() * 100 + pl.col("day").dt.month()).alias("month")
    parts = wide.with_columns(number).partition_by("month", as_dict=True, include_key=False)
    return {int(month): part.sort(GRAIN) for (month,), part in sorted(parts.items())}


def _wide(tallies: pl.DataFrame) -> pl.DataFrame:
    """One row per unit and span, one column per measure; null where it was not reported."""
    sums = [
        pl.col("n").filter(pl.col("measure") == name).first().cast(pl.Int64).alias(name)
        for name in REPORTABLE
    ]
    return tallies.group_by(GRAIN).agg(sums)


def _flagged(wide: pl.DataFrame, spoken: pl.DataFrame) -> pl.DataFrame:
    """Add with_<log>: whether the log holds rows of the unit in the month of the span."""
    month = pl.col("day").dt.month_start().alias("_month")
    found = wide.with_columns(month)
    for log, flag in zip(COUNTED_LOGS, FLAGS, strict=True):
        of_log = spoken.filter(log=log).with_columns(month)
        told = pl.lit(value=False)
        for unit in ("counter", "hall"):
            there = of_log.select(unit, "_month").drop_nulls().unique()
            name = f"_{unit}"
            found = found.join(
                there.with_columns(pl.lit(value=True).alias(name)), on=[unit, "_month"], how="left"
            )
            told = told | pl.col(name).fill_null(value=False)
        found = found.with_columns(told.alias(flag)).drop("_counter", "_hall")
    return found.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
