"""Names for which rows wait in quarantine: one line per spelling, with the nearest units."""

import polars as pl

from data.batches import folder
from data.name_matching import REJECTED, UNMATCHED, by_alias
from data.names import NAMES_FILE, TABLE_OF, WAITING, decisions, name_days
from data.nearest_names import Known
from data.quarantine import waiting
from data.store import Snapshot

LOOKED_UP = 500  # for so many spellings, those with most rows, the nearest units are looked up
ABOUT = ["source", "kind", "hall_id", "spelling"]
NEAR = pl.List(pl.Struct({"unit_id": pl.String, "name": pl.String, "hall_id": pl.String}))


def name_rows(snap: Snapshot) -> pl.DataFrame:
    """Rows that wait for a name, open or rejected: batch, the columns of WAITING, and detail."""
    frames = [pl.DataFrame(schema={"batch": pl.Int32(), **WAITING})]
    for batch in snap.live:
        path = folder(snap.home, batch.no) / NAMES_FILE
        if {UNMATCHED, REJECTED} & set(batch.quarantined) and path.exists():
            stored = pl.read_parquet(path).with_columns(batch=pl.lit(batch.no, dtype=pl.Int32))
            frames.append(stored.select(frames[0].columns))
    rows = pl.concat(frames)
    if rows.is_empty():
        return rows.with_columns(detail=pl.lit(None, pl.String))
    there = waiting(snap, columns=("batch", "place", "reason", "detail")).drop("reason")
    return rows.join(there.rename({"place": "line"}), on=["batch", "line"])


def answered(rows: pl.DataFrame, snap: Snapshot) -> pl.DataFrame:
    """Rows of `name_rows` with `answer`: accept or reject where a standing decision holds."""
    about = ["source", "kind", "hall_id", "spelling", "day"]
    asked = rows.select(about).unique().with_row_index("_place")
    questions = asked.rename({"spelling": "_spelling", "hall_id": "_hall", "day": "_since"})
    told = decisions(snap)
    found = [
        by_alias(part.drop("source", "kind"), told.filter(source=source, kind=kind))
        for (source, kind), part in questions.partition_by("source", "kind", as_dict=True).items()
    ]
    if not found:
        return rows.with_columns(answer=pl.lit(None, pl.String))
    said = pl.when("_rejected").then(pl.lit("reject")).otherwise(pl.lit("accept"))
    answers = pl.concat(found).select("_place", answer=said)
    both = asked.join(answers, on="_place").drop("_place")
    return rows.join(both, on=about, how="left", nulls_equal=True, maintain_order="left")


def waiting_names(snap: Snapshot) -> pl.DataFrame:
    """Spellings that nobody has decided, most rows first.

    source, kind, spelling, hall_id (of a counter, where its row names one), rows, batches (list),
    first_day, last_day, first_detail, nearest: list of up to three (unit_id, name, hall_id).
    `decided`: all of its rows are decided and only wait to be tried again. Rows that were rejected
    are no longer here.
    """
    rows = answered(name_rows(snap), snap)
    closed = (pl.col("reason") == REJECTED) & (pl.col("answer") == "reject")
    found = (
        rows.filter(~closed.fill_null(value=False))
        .group_by(ABOUT)
        .agg(
            rows=pl.len(),
            batches=pl.col("batch").unique().sort(),
            first_day=pl.col("day").min(),
            last_day=pl.col("day").max(),
            decided=pl.col("answer").is_not_null().all(),
            first_detail=pl.col("detail").sort_by("batch", "line").first(),
        )
        .sort("rows", *ABOUT, descending=[True, False, False, False, False])
    )
    order = ["source", "kind", "spelling", "hall_id", "rows", "batches", "first_day", "last_day"]
    return _with_nearest(found, snap).select(*order, "decided", "first_detail", "nearest")


def _with_nearest(rows: pl.DataFrame, snap: Snapshot) -> pl.DataFrame:
    known = {
        kind: Known.of(name_days(snap.reference(table), kind))
        for kind, table in TABLE_OF.items()
        if kind in set(rows["kind"])
    }
    near = [
        [vars(one) for one in known[kind].nearest(spelling, hall)] if place < LOOKED_UP else None
        for place, (kind, spelling, hall) in enumerate(
            rows.select("kind", "spelling", "hall_id").iter_rows()
        )
    ]
    return rows.with_columns(nearest=pl.Series(near, dtype=NEAR))
