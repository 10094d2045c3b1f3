"""Which halls and counters appear in deliveries: a row is a row, whatever it says."""

from collections.abc import Collection
from datetime import date

import polars as pl

from data.store import Snapshot
from data.tables import LOGS

DATES = ("day", "rated_on", "accepted_on", "closed_on")
APPEARS = pl.Schema(
    {"batch": pl.Int32(), "counter": pl.Int32(), "hall": pl.Int32(), "day": pl.Date()}
)


def appearances(
    snap: Snapshot, log: str, batches: Collection[int], first: date, last: date
) -> pl.DataFrame:
    """batch, counter, hall (numbers, null where the log has none) and day, each once.

    Of the rows that some batches brought; a row appears on every day that it dates: a case that is
    closed in August is business of August. `first` and `last` are inclusive.
    """
    question = f"appearances {log} {sorted(batches)} {first} {last}"
    return snap.told(question, lambda live: _read(live, log, batches, first, last))


def _read(
    snap: Snapshot, log: str, batches: Collection[int], first: date, last: date
) -> pl.DataFrame:
    columns, files = LOGS[log].columns, list(snap.files[log])
    if not files or not batches:
        return pl.DataFrame(schema=APPEARS)
    rows = pl.scan_parquet(files, hive_partitioning=False)
    brought = rows.filter(pl.col("batch").is_in(sorted(batches)))
    places = [
        pl.col(name) if name in columns else pl.lit(None, pl.Int32()).alias(name)
        for name in ("counter", "hall")
    ]
    dates = pl.concat_list(name for name in DATES if name in columns)
    dated = brought.select("batch", *places, dates.alias("day")).explode("day")
    there = dated.filter(pl.col("day").is_between(first, last))
    found = there.select(*APPEARS).unique().collect()
    return found.match_to_schema(APPEARS, integer_cast="upcast")
