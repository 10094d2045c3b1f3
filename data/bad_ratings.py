"""Bad ratings, 0.1 % of all and the most watched, in a small table of their own with what followed.

Stored rows never change, so the table of the batches up to one number is only ever added to: a new
day looks at its own files, and elsewhere only for the first ratings of its own late bad ones.
"""

import os
from pathlib import Path

import polars as pl

from data.disk import remove_old
from data.store import Snapshot

COLUMNS: dict[str, pl.DataType] = {
    "id": pl.String(),
    "case_id": pl.String(),
    "counter": pl.Int32(),
    "day": pl.Date(),
    "rated_at": pl.Datetime("us"),
    "grade": pl.Int8(),
    "origin": pl.String(),
    "pair": pl.Int64(),
    "contested": pl.Boolean(),
    "batch": pl.Int32(),
    "line": pl.Int32(),
}
BAD = (pl.col("grade") <= 2) & (pl.col("origin") == "active")


def bad_with_mates(snap: Snapshot) -> pl.DataFrame:
    """Every stored active rating of grade 1 or 2, and the others of its case and counter.

    Withdrawn batches are in it too. Columns as in COLUMNS.
    """
    last = max((one.no for one in snap.batches if one.log == "ratings"), default=0)
    folder = snap.home / "settled"
    path = folder / f"bad_ratings-{last:06d}.parquet"
    if path.exists():
        return pl.read_parquet(path)
    done, frame = _nearest(folder, last)
    frame = _grown(snap, frame, done, last)
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    frame.write_parquet(draft)
    draft.replace(path)
    remove_old(folder.glob("bad_ratings-*.parquet"), keep={path})
    return frame


def _number(path: Path) -> int:
    """The batch up to which a table reaches, or the last of which a file of a log holds rows."""
    return int(path.stem.removeprefix("bad_ratings-").split("-")[0])


def _nearest(folder: Path, last: int) -> tuple[int, pl.DataFrame]:
    """The furthest table that reaches no further than batch `last`."""
    for path in sorted(folder.glob("bad_ratings-*.parquet"), reverse=True):
        if _number(path) <= last:
            try:
                return _number(path), pl.read_parquet(path)
            except (OSError, pl.exceptions.PolarsError):
                path.unlink(missing_ok=True)  # cut short by a crash, or tidied away
    return 0, pl.DataFrame(schema=COLUMNS)


def _grown(snap: Snapshot, known: pl.DataFrame, done: int, last: int) -> pl.DataFrame:
    files = [Path(one) for one in snap.files["ratings"]]
    fresh = _scan([one for one in files if _number(one) > done]).filter(
        pl.col("batch").is_between(done + 1, last)
    )
    bad = fresh.filter(BAD).collect()
    pairs = pl.concat([known["pair"], bad["pair"]]).unique()
    found = [known, fresh.filter(pl.col("pair").is_in(pairs.implode())).collect()]
    late = bad.filter("contested")["pair"].unique()
    if len(late) and done:
        before = _scan(files).filter(pl.col("batch") <= done, pl.col("pair").is_in(late.implode()))
        found.append(before.collect())
    return pl.concat(found).unique(["batch", "line"], maintain_order=True)


def _scan(files: list[Path]) -> pl.LazyFrame:
    if not files:
        return pl.LazyFrame(schema=COLUMNS)
    rows = pl.scan_parquet(files, hive_partitioning=False)
    return rows.select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())
