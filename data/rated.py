"""The ratings that decisions and redress speak of: they must be there, and lend their counter."""

from pathlib import Path

import numpy as np
import polars as pl

from data.errors import nearest
from data.housekeeping import restore_ids
from data.ids import IdIndex, hash_ids
from data.loop_rules import load_loop
from data.store import Snapshot
from data.tables import RATINGS
from data.units import reject

LOGS_ON_RATINGS = ("voids", "rectifications")
NEWEST = 2**31 - 1


def with_ratings(snap: Snapshot, log: str, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Typed rows with rated_counter and rated_month of their rating, and rejects.

    Rows of other logs come back untouched. A rating that is not there, or no longer, is waited for:
    `unknown_rating`. A row of redress that names its counter can do without.
    """
    if log not in LOGS_ON_RATINGS:
        return rows, _none(rows)
    joined = rows.join(_found(snap, rows["rating_id"]), on="rating_id", how="left")
    joined = joined.sort("line")
    missed = pl.col("rated_month").is_null()
    preset = pl.lit(value=False)
    if log == "rectifications":
        missed &= pl.all_horizontal(pl.col("counter_id", "counter_name").is_null())
        preset = ~pl.col("preset").is_in(list(load_loop(snap.home).presets))
    said = pl.format("rating {} is not in the store (yet)", "rating_id")
    rejects = pl.concat(
        [
            reject(joined, missed, "unknown_rating", said),
            reject(joined, ~missed & preset, "unknown_preset", _preset_detail(snap.home, joined)),
        ]
    )
    return joined.join(rejects.select("line"), on="line", how="anti"), rejects


def _none(rows: pl.DataFrame) -> pl.DataFrame:
    return reject(rows.clear(), pl.lit(value=True), "unknown_rating", pl.lit(""))


def _preset_detail(home: Path, rows: pl.DataFrame) -> pl.Expr:
    """What is said of each preset that is not known."""
    if "preset" not in rows.columns:
        return pl.lit("")
    known = list(load_loop(home).presets)
    seen = [one for one in rows["preset"].unique().drop_nulls().to_list() if one not in known]
    said = {
        one: f"preset {one!r} is not known; known are {', '.join(known)}.{nearest(one, known)}"
        for one in seen
    }
    return pl.col("preset").replace_strict(said, default="", return_dtype=pl.String)


def _found(snap: Snapshot, ids: pl.Series) -> pl.DataFrame:
    """rating_id, rated_counter (number), rated_month (yyyymm) of the live ratings of these ids."""
    restore_ids(snap.home, snap, RATINGS)
    wanted = ids.unique()
    high, low = hash_ids(wanted)
    hits = IdIndex(snap.home / "ids" / RATINGS.name).hits(high, low, NEWEST, snap.withdrawn)
    months = set(np.unique(hits.month).tolist())
    files = [one for one in snap.files[RATINGS.name] if month_of_path(one) in months]
    schema = {"rating_id": pl.String(), "rated_counter": pl.Int32(), "rated_month": pl.Int32()}
    if not files:
        return pl.DataFrame(schema=schema)
    month = pl.col("day").dt.year() * 100 + pl.col("day").dt.month()
    rows = (
        pl.scan_parquet(files, hive_partitioning=False)
        .filter(
            pl.col("id").is_in(wanted.implode()), ~pl.col("batch").is_in(sorted(snap.withdrawn))
        )
        .select(pl.col("id").alias("rating_id"), rated_counter="counter", rated_month=month)
    )
    return rows.unique("rating_id").collect().cast(schema)  # type: ignore[arg-type]


def month_of_path(path: str) -> int:
    """The month (yyyymm) of a file of a log, as its folder says."""
    return int(Path(path).parent.name.removeprefix("month="))
