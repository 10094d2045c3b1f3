"""Names for which rows wait in quarantine: one line per spelling, with the nearest units."""

import polars as pl

from data.batches import folder
from data.name_matching import REJECTED, UNMATCHED
from data.names import NAMES_FILE, TABLE_OF, WAITING, name_days
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


def waiting_names(snap: Snapshot) -> pl.DataFrame:
    """Spellings that nobody has decided, most rows first.

    source, kind, spelling, hall_id (of a counter, where its row names one), rows, batches (list),
    first_day, last_day, first_detail, nearest: list of up to three (unit_id, name, hall_id).
    A spelling that was decided while its rows still wait has its row with `decided` = True; one
    that was rejected, and whose rows were tried since, is no longer here.
    """
    rows = name_rows(snap)
    found = (
        rows.group_by(ABOUT)
        .agg(
            rows=pl.len(),
            batches=pl.col("batch").unique().sort(),
            first_day=pl.col("day").min(),
            last_day=pl.col("day").max(),
            first_detail=pl.col("detail").sort_by("batch", "line").first(),
            tried=(pl.col("reason") == REJECTED).all(),
        )
        .with_columns(decided=pl.lit(value=False), _rejects=pl.lit(value=False))
        .sort("rows", *ABOUT, descending=[True, False, False, False, False])
    )
    marked = _with_decisions(found, snap.reference("aliases"))
    open_ = marked.filter(~(pl.col("tried") & pl.col("_rejects"))).drop("tried", "_rejects")
    order = ["source", "kind", "spelling", "hall_id", "rows", "batches", "first_day", "last_day"]
    return _with_nearest(open_, snap).select(*order, "decided", "first_detail", "nearest")


def _with_decisions(found: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """Whether a standing alias speaks of the spelling, there or in any hall, and says no."""
    told = found.select(ABOUT).join(
        aliases.select("source", "kind", "spelling", "decision", alias_hall="hall_id"),
        on=["source", "kind", "spelling"],
    )
    here = told.filter(
        pl.col("alias_hall").is_null() | pl.col("alias_hall").eq_missing(pl.col("hall_id"))
    )
    marks = here.group_by(ABOUT).agg(
        decided=pl.lit(value=True), _rejects=(pl.col("decision") == "reject").any()
    )
    both = found.drop("decided", "_rejects").join(
        marks, on=ABOUT, how="left", nulls_equal=True, maintain_order="left"
    )
    return both.with_columns(pl.col("decided", "_rejects").fill_null(value=False))


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
