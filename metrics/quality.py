"""How fresh and how complete the logs are: by source, and by unit up the tree."""

from datetime import date

import polars as pl

from data.batches import COUNTS
from data.store import Snapshot
from data.tables import LOGS, SPORADIC
from metrics.cube import CubeState
from metrics.periods import Period
from metrics.places import placement
from metrics.scope import Scope
from metrics.sums import span_of

# The measure file whose rows tell that a counter appears in a log; a round that found nothing has
# no finding, so findings tell nothing.
TOLD_BY = {
    "ratings": "ratings",
    "tickets": "tickets",
    "cases": "receipts",
    "inspections": "inspections",
}
DELIVERED = {
    "log": pl.String(),
    "source": pl.String(),
    "batches": pl.Int64(),
    "last_batch": pl.Int64(),
    "first_day": pl.Date(),
    "last_day": pl.Date(),
    "behind": pl.Int64(),
    "read": pl.Int64(),
    "accepted": pl.Int64(),
    "known": pl.Int64(),
    "repeated": pl.Int64(),
    "no_rating": pl.Int64(),
    "quarantined": pl.Int64(),
}


def freshness(snap: Snapshot) -> pl.DataFrame:
    """log, last_day of its latest source, behind: days to the latest of the logs that come daily.

    Decisions, which come when they come, are neither behind nor what others are behind.
    """
    told = deliveries(snap).drop_nulls("last_day").filter(~pl.col("log").is_in(SPORADIC))
    logs = told.group_by("log", maintain_order=True).agg(pl.col("last_day").max())
    return logs.with_columns(behind=(pl.col("last_day").max() - pl.col("last_day")).dt.total_days())


def deliveries(snap: Snapshot, period: Period | None = None) -> pl.DataFrame:
    """One row per log and source (its profile where it has no name) of the live batches.

    log, source, batches, last_batch (its number), first_day and last_day of the accepted rows,
    behind (days from there to the last day that any log has reached), and the parts of the reports:
    read, accepted, known, repeated, no_rating, quarantined. With a period only batches that report
    on a part of it.
    """
    rows = [
        {
            "log": batch.log,
            "source": batch.source or batch.profile.rpartition("/")[2].removesuffix(".toml"),
            "no": batch.no,
            "first_day": batch.first_day,
            "last_day": batch.last_day,
            **batch.counts,
            "quarantined": sum(batch.quarantined.values()),
        }
        for batch in snap.live
        if batch.log in LOGS
        and (period is None or any(s < period.end and e > period.start for s, e in batch.covers))
    ]
    if not rows:
        return pl.DataFrame(schema=DELIVERED)
    order = pl.col("log").replace_strict(list(LOGS), list(range(len(LOGS))))
    parts = [pl.col(name).sum() for name in (*COUNTS, "quarantined")]
    newest = max((b.last_day for b in snap.live if b.last_day is not None), default=None)
    behind = (pl.lit(newest, pl.Date) - pl.col("last_day")).dt.total_days()
    summed = (
        pl.DataFrame(rows, infer_schema_length=None)
        .group_by("log", "source")
        .agg(
            pl.len().alias("batches"),
            pl.col("no").max().alias("last_batch"),
            pl.col("first_day").min(),
            pl.col("last_day").max(),
            *parts,
        )
    )
    told = summed.with_columns(behind=behind).sort(order, "source")
    return told.select(pl.col(n).cast(k) for n, k in DELIVERED.items())


def completeness(
    state: CubeState, log: str, period: Period, by: str, scope: Scope, as_of: date
) -> pl.DataFrame:
    """id, name, n, d, value: the share of the counters of each unit of which the log has a row.

    A counter without business has none either, so that less than 1 is a question and no error.
    Units are those of `metrics.values.value`; a counter that moved counts in each of its units.
    """
    place = placement(state, by, scope, period.start, period.end)
    span = span_of(period.start, period.end, as_of)
    seen = state.between(TOLD_BY[log], span.first, span.last).select("counter", "day").unique()
    here = place.members.filter(pl.col("since") < period.end, pl.col("until") > period.start)
    there = (pl.col("day") >= pl.col("since")) & (pl.col("day") < pl.col("until"))
    active = here.join(seen, on="counter").filter(there).select("counter", "unit").unique()
    n = active.group_by("unit").agg(n=pl.len())
    d = here.select("counter", "unit").unique().group_by("unit").agg(d=pl.len())
    joined = (
        place.units.filter("valid")
        .join(d, on="unit", how="left", maintain_order="left")
        .join(n, on="unit", how="left", maintain_order="left")
        .with_columns(pl.col("n", "d").fill_null(0).cast(pl.Int64))
    )
    value = pl.when(pl.col("d") > 0).then(pl.col("n") / pl.col("d"))
    return joined.select("id", "name", "n", "d", value=value)
