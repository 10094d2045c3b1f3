"""The rating loop as it stands: every bad rating with its redress, its deadlines and what followed.

A bad rating is one that counts, is active, and is of grade 1 or 2; where nobody signed for it, it
stands here as open. A loop is `valid` unless its rating was voided, its verdict is not `upheld`, or
another redress of the same rating was opened later.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl

from data.bad_ratings import BAD, bad_with_mates
from data.loop_clock import DUES, add_deadlines, is_upheld
from data.loop_rules import LoopRules, load_loop
from data.progress import PROGRESS, fold_versions
from data.store import Snapshot
from data.tables import LOGS
from data.tables_loop import SOURCE_OF_RECTIFICATION
from data.workdays import Calendar, load_calendar

LOGS_OF_LOOP = ("ratings", "voids", "rectifications")
LOOP: dict[str, pl.DataType] = {
    "id": pl.String(),  # null: nobody signed for it
    "day": pl.Date(),
    **SOURCE_OF_RECTIFICATION,
    **dict.fromkeys(DUES, pl.Date()),
    "due_on": pl.Date(),
    "overdue_on": pl.Date(),
    "closed_on": pl.Date(),
    "settled_on": pl.Date(),
    "calendar_known": pl.Boolean(),
    "state": pl.String(),
    "voided": pl.Boolean(),
    "superseded": pl.Boolean(),  # another redress of the same rating was opened later
    "valid": pl.Boolean(),
}
FOLLOWED = {"followed_at": "rerated_at", "followed_grade": "rerated_grade"}


@dataclass(frozen=True)
class LoopSources:
    """All stored rows that the loop is made of, those of withdrawn batches too."""

    ratings: pl.DataFrame  # data.bad_ratings.COLUMNS
    voids: pl.DataFrame
    versions: pl.DataFrame
    rules: LoopRules
    calendar: Calendar

    @classmethod
    def of(cls, snap: Snapshot) -> "LoopSources":
        """The sources of a snapshot."""
        voids, versions = (stored(snap, log) for log in LOGS_OF_LOOP[1:])
        rules, calendar = load_loop(snap.home), load_calendar(snap.home)
        return cls(bad_with_mates(snap), voids, versions, rules, calendar)

    def loop(self, live: Collection[int]) -> pl.DataFrame:
        """The loop as the rows of these batches tell it, in the columns of LOOP."""
        here = pl.col("batch").is_in(sorted(live))
        void_ids = self.voids.filter(here)["rating_id"].unique()
        voided = pl.col("rating_id").is_in(void_ids.implode())
        ratings = self.ratings.filter(here, ~pl.col("id").is_in(void_ids.implode()))
        bad = _bad_ratings(ratings)
        records = fold_versions(self.versions.filter(here), PROGRESS["rectifications"])
        latest = records.sort("opened_at", "id").unique("rating_id", keep="last")
        gone = self.ratings.filter(here, pl.col("id").is_in(void_ids.implode()), BAD)
        alone = [bad, gone.rename({"id": "rating_id"})]
        unsigned = pl.concat(
            one.select("rating_id", "counter", opened_at="rated_at") for one in alone
        ).join(records, on="rating_id", how="anti")
        follow = bad.select("rating_id", *FOLLOWED)
        both = pl.concat([records, unsigned], how="diagonal_relaxed").join(
            follow, on="rating_id", how="left"
        )
        own = pl.col("rerated_grade").is_not_null()
        filled = both.with_columns(
            pl.when(own).then(name).otherwise(followed).alias(name)
            for followed, name in FOLLOWED.items()
        )
        last = pl.col("id").is_null() | pl.col("id").is_in(latest["id"].implode())
        judged = add_deadlines(filled, self.rules, self.calendar).with_columns(
            voided=voided, superseded=~last, valid=~voided & is_upheld() & last
        )
        told = judged.select(pl.col(name).cast(kind) for name, kind in LOOP.items())
        return told.sort("opened_at", "rating_id", "id")


def stored(snap: Snapshot, log: str) -> pl.DataFrame:
    """All stored rows of a small log, those of withdrawn batches too."""
    files = list(snap.files[log])
    if not files:
        return pl.DataFrame(schema=LOGS[log].schema)
    rows = pl.scan_parquet(files, hive_partitioning=False)
    return rows.select(pl.col(n).cast(kind) for n, kind in LOGS[log].schema.items()).collect()


def _bad_ratings(ratings: pl.DataFrame) -> pl.DataFrame:
    """rating_id, counter, rated_at, followed_at, followed_grade of the bad ratings that count.

    `ratings` are live and not voided. The earliest of a case and counter counts; what follows a bad
    one is its first later active rating (追评).
    """
    subject = ["case_id", "counter"]
    ordered = ratings.sort("rated_at", "id", nulls_last=True)
    first = ordered.unique(subject, keep="first", maintain_order=True)
    bad = first.filter(BAD).select(
        *subject, "rated_at", rating_id="id", batch_of="batch", line_of="line"
    )
    later = ordered.filter(pl.col("origin") == "active").join(
        bad.select(*subject, "batch_of", "line_of"), on=subject
    )
    follow = (
        later.filter(
            (pl.col("batch") != pl.col("batch_of")) | (pl.col("line") != pl.col("line_of"))
        )
        .sort("rated_at", "id", nulls_last=True)
        .unique(subject, keep="first", maintain_order=True)
        .select(*subject, followed_at="rated_at", followed_grade="grade")
    )
    return bad.join(follow, on=subject, how="left")


def loop_stamp(snap: Snapshot) -> str:
    """Names the content of the loop: its logs, the calendar and the rules."""
    rules, calendar = load_loop(snap.home).digest, load_calendar(snap.home).digest
    return f"{snap.stamp_of(*LOGS_OF_LOOP)}-{calendar[:12]}-{rules[:12]}"


def loop_of(snap: Snapshot) -> pl.DataFrame:
    """The loop of a snapshot, in the columns of LOOP; also of a home that sends no redress."""
    return LoopSources.of(snap).loop([batch.no for batch in snap.live])


def is_kept(snap: Snapshot) -> bool:
    """Whether a home keeps the log of redress; without it its measures are not reported."""
    return any(batch.log == "rectifications" for batch in snap.live)


def touched_loop_days(snap: Snapshot, before: Collection[int]) -> set[date]:
    """Every date of the loops that differ between the batches `before` and those that live now."""
    live = {batch.no for batch in snap.live}
    logs = {batch.no: batch.log for batch in snap.batches}
    then = set(before)
    if not any(logs[no] in LOGS_OF_LOOP for no in live ^ then):
        return set()
    sources = LoopSources.of(snap)
    none = pl.DataFrame(schema=LOOP)
    frames = [
        sources.loop(batches) if any(logs[no] == "rectifications" for no in batches) else none
        for batches in (then, live)
    ]
    days: set[date] = set()
    for one, other in (frames, frames[::-1]):
        changed = one.join(other, on=list(LOOP), how="anti", nulls_equal=True)
        for name in ("day", "closed_on", "settled_on", "overdue_on"):
            days |= set(changed[name].drop_nulls().unique())
    return days


FACTS = ("due", "rectified", "replied", "called_back", "rerated")
FACT: dict[str, pl.DataType] = {
    "counter": pl.Int32(),
    "day": pl.Date(),
    "lag_days": pl.Int32(),
    "fact": pl.String(),
    "on_time": pl.Boolean(),
    "grade": pl.Int8(),
}


def loop_facts(loop: pl.DataFrame) -> pl.DataFrame:
    """counter, day, lag_days, fact, on_time, grade of the valid loops that are due or closed.

    `day` is the day from which a loop counts; what was done after it is known `lag_days` later.
    """
    counting = loop.filter("valid", pl.col("settled_on").is_not_null())
    last_day = pl.coalesce("rectified_due_on", "due_on")
    parts = [pl.DataFrame(schema=FACT)]
    for fact in FACTS:
        done = pl.col("settled_on") if fact == "due" else pl.col(f"{fact}_at").dt.date()
        lag = (done - pl.col("settled_on")).dt.total_days().clip(lower_bound=0)
        rows = counting.filter(done.is_not_null()).select(
            "counter",
            day="settled_on",
            lag_days=lag,
            fact=pl.lit(fact),
            on_time=(done <= last_day).fill_null(value=True),
            grade="rerated_grade",
        )
        parts.append(rows.cast(FACT))  # type: ignore[arg-type]
    return pl.concat(parts).filter((pl.col("fact") != "rerated") | pl.col("grade").is_not_null())
