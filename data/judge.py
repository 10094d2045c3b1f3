"""Is a row new, known, or in conflict? One verdict per row of a batch, whatever the order of rows.

Events never change: the same id with the same content is known, with other content a conflict.
Records progress: a row of the same id is a new version if it only fills empty fields, moves along
the state order, or carries a later `updated_at` than the version that it contradicts.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from data.ids import Hits, IdIndex
from data.progress import Progress, fold_versions, in_order

CONFLICT = "conflicting_id"


@dataclass(frozen=True)
class Verdict:
    """What becomes of each row, by its 0-based place in the batch; details of conflicts."""

    keep: pl.Series  # Boolean: the row is stored
    contested: pl.Series  # Boolean: its key was seen before
    known: int
    conflicts: pl.DataFrame  # place, detail


def judge_events(ids: pl.DataFrame, hits: Hits, height: int | None = None) -> Verdict:
    """Verdicts for events; `ids` has place, high, low, content (UInt64) and line.

    `height` is the number of rows of the batch where `ids` leaves some out.
    """
    height = ids.height if height is None else height
    if not len(hits.query) and all_different(ids["high"].to_numpy()):
        none = ids.clear().select("place", detail=pl.lit(""))
        return Verdict(_mask(height, ids["place"]), _mask(height, None), 0, none)
    stored = (
        pl.DataFrame({"place": hits.query, "stored": hits.content})
        .group_by("place")
        .agg(pl.col("stored"))
    )
    seen = ids.join(stored, on="place", how="left", maintain_order="left").with_columns(
        hit=pl.col("stored").is_not_null(),
        same=pl.col("stored").list.contains(pl.col("content")).fill_null(value=False),
    )
    fresh = seen.filter(~pl.col("hit")).sort("content", "line")
    first = fresh.unique(["high", "low"], keep="first", maintain_order=True)
    beside = fresh.join(
        first.select("high", "low", chosen="content", first="place"), on=["high", "low"]
    ).filter(pl.col("place") != pl.col("first"))
    twice = beside.filter(pl.col("content") == pl.col("chosen"))
    other = beside.filter(pl.col("content") != pl.col("chosen"))
    against = seen.filter(pl.col("hit") & ~pl.col("same"))
    conflicts = pl.concat(
        [
            other.select("place", detail=pl.lit("the same id with other content in this file")),
            against.select("place", detail=pl.lit("the same id with other content is stored")),
        ]
    )
    known = seen.filter("same").height + twice.height
    return Verdict(_mask(height, first["place"]), _mask(height, None), known, conflicts)


def all_different(codes: np.ndarray) -> bool:
    """Whether no code occurs twice; the ordinary case, which needs no closer look."""
    ordered = np.sort(codes)
    return not bool((ordered[1:] == ordered[:-1]).any())


def judge_references(ids: pl.DataFrame, hits: Hits) -> Verdict:
    """Verdicts for reference rows: another content under a stored key is a new version of it."""
    stored = pl.DataFrame({"place": hits.query, "content": hits.content}).unique()
    fresh = ids.join(stored, on=["place", "content"], how="anti", maintain_order="left")
    none = Hits(hits.query[:0], hits.content[:0], hits.batch[:0], hits.month[:0])
    inside = judge_events(fresh, none, ids.height)
    return Verdict(
        inside.keep, inside.contested, ids.height - fresh.height + inside.known, inside.conflicts
    )


def _mask(height: int, places: pl.Series | None) -> pl.Series:
    flags = np.zeros(height, dtype=np.bool_)
    if places is not None:
        flags[places.to_numpy()] = True
    return pl.Series(flags)


def mark_repeats(
    rows: pl.DataFrame, keep: pl.Series, index: IdIndex, before: int, dead: frozenset[int]
) -> pl.Series:
    """Which kept ratings share case and counter with an earlier one, here or in the store.

    `rows` has place, pair (Int64), rated_at and id. In the file the earliest stays unmarked.
    """
    kept = rows.filter(keep)
    if all_different(kept["pair"].to_numpy()):
        first = kept
    else:
        ordered = kept.sort("rated_at", "id", nulls_last=True)
        first = ordered.unique("pair", keep="first", maintain_order=True)
    pairs = first["pair"].to_numpy().view(np.uint64)
    hits = index.hits(pairs, pairs, before, dead)
    fresh = np.ones(first.height, dtype=np.bool_)
    fresh[hits.query] = False
    marked = keep.to_numpy().copy()
    marked[first["place"].to_numpy()[fresh]] = False
    return pl.Series(marked)


def _differs(name: str) -> pl.Expr:
    """Whether both versions fill a field and disagree; a stop that has ended since does not."""
    new, old = pl.col("new_" + name), pl.col("old_" + name)
    same = new == old
    if name == "clock_stops":
        same = new.str.starts_with(old) | old.str.starts_with(new)
    return (~same).fill_null(value=False)


def _said(names: tuple[str, ...]) -> pl.Expr:
    """Which fields contradict, with both values, in words."""
    parts = [
        pl.when(_differs(name)).then(
            pl.format(
                "{} {} was {}",
                pl.lit(name),
                pl.col("new_" + name).cast(pl.String),
                pl.col("old_" + name).cast(pl.String),
            )
        )
        for name in names
    ]
    listed = pl.concat_list(parts).list.drop_nulls().list.join("; ")
    return pl.format("changes filled fields without a later updated_at: {}", listed)


def _round(new: pl.DataFrame, old: pl.DataFrame, progress: Progress) -> pl.DataFrame:
    """Compare one new row per id with the folded version so far; returns place, detail, bad."""
    left = new.select("id", "place", *(pl.col(n).alias("new_" + n) for n in progress.sources))
    right = old.select("id", *(pl.col(n).alias("old_" + n) for n in progress.sources))
    both = left.join(right, on="id", how="inner")
    # A later stamp may correct, and an earlier one is an older version delivered late.
    excused = (pl.col("new_updated_at") != pl.col("old_updated_at")) & (
        pl.col("new_updated_at").is_not_null() & pl.col("old_updated_at").is_not_null()
    )
    first_stamp = pl.col("new_updated_at").is_not_null() & pl.col("old_updated_at").is_null()
    bad = pl.any_horizontal(_differs(name) for name in progress.fields) & ~(
        excused.fill_null(value=False) | first_stamp
    )
    return both.filter(bad).select("place", detail=_said(progress.fields))


def judge_records(
    ids: pl.DataFrame,
    hits: Hits,
    progress: Progress,
    new_rows: Callable[[pl.Series], pl.DataFrame],
    old_rows: Callable[[np.ndarray], pl.DataFrame],
) -> Verdict:
    """Verdicts for records; `new_rows(places)` gives rows of the batch, `old_rows(months)` stored.

    Only rows whose id occurs more than once, here or in the store, are ever looked at in full.
    """
    hit = (
        pl.DataFrame({"place": hits.query, "stored": hits.content}).group_by("place").agg("stored")
    )
    seen = ids.join(hit, on="place", how="left", maintain_order="left").with_columns(
        old=pl.col("stored").is_not_null(),
        same=pl.col("stored").list.contains(pl.col("content")).fill_null(value=False),
    )
    fresh = seen.filter(~pl.col("same")).sort("line")
    distinct = fresh.unique(["high", "low", "content"], keep="first", maintain_order=True)
    known = ids.height - distinct.height
    several = distinct.filter((pl.len().over("high", "low") > 1) | pl.col("old"))
    if several.is_empty():
        none = several.select("place", detail=pl.lit(""))
        return Verdict(_mask(ids.height, distinct["place"]), _mask(ids.height, None), known, none)
    rows = new_rows(several["place"].sort()).join(ids.select("place", "content"), on="place")
    months = np.unique(hits.month)
    stored = old_rows(months) if len(months) else rows.clear().drop("place", "content")
    conflicts = _in_rounds(rows, stored, progress)
    keep = distinct.join(conflicts.select("place"), on="place", how="anti")
    again = keep.join(several.select("place"), on="place", how="semi")
    starts = again.filter(~pl.col("old")).unique(["high", "low"], keep="first", maintain_order=True)
    contested = again.join(starts.select("place"), on="place", how="anti")
    return Verdict(
        _mask(ids.height, keep["place"]), _mask(ids.height, contested["place"]), known, conflicts
    )


def _in_rounds(rows: pl.DataFrame, stored: pl.DataFrame, progress: Progress) -> pl.DataFrame:
    """Compare the versions of a record one after the other; every round has one row per record."""
    # By content, not by line: in a shuffled file the same row of two that fight must win.
    ordered = in_order(rows, progress, "content").with_columns(
        turn=pl.int_range(pl.len()).over("id")
    )
    standing = stored.filter(pl.col("id").is_in(ordered["id"].implode()))
    columns = ["id", "key", *progress.sources, "batch", "line"]
    standing = standing.select(columns)
    found = []
    for turn in range(int(ordered["turn"].max() or 0) + 1):  # type: ignore[arg-type]
        new = ordered.filter(turn=turn)
        bad = _round(new, fold_versions(standing, progress), progress)
        found.append(bad)
        good = new.join(bad.select("place"), on="place", how="anti")
        standing = pl.concat([standing, good.select(columns)])
    return pl.concat(found)
