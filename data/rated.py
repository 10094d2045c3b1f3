"""The ratings that decisions and redress speak of: they must be there, and lend their counter."""

from pathlib import Path

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
    """Typed rows with rated_month and, where they need it, rated_counter of their rating; rejects.

    Rows of other logs come back untouched. A rating that is not there, or no longer, is waited for:
    `unknown_rating`. A row of redress that names its counter can do without.
    """
    if log not in LOGS_ON_RATINGS:
        return rows, _none(rows)
    found = _months(snap, rows["rating_id"])
    joined = rows.join(found, on="rating_id", how="left", maintain_order="left")
    missed = pl.col("rated_month").is_null()
    preset = pl.lit(value=False)
    if log == "rectifications":
        unplaced = pl.col("counter_id").is_null()
        asked = joined.filter(unplaced)["rating_id"]
        counters = _counters(snap, found, asked)
        joined = joined.join(counters, on="rating_id", how="left", maintain_order="left")
        missed &= unplaced
        preset = ~pl.col("preset").is_in(list(load_loop(snap.home).presets))
    said = pl.format("rating {} is not in the store (yet)", "rating_id")
    rejects = pl.concat(
        [
            reject(joined, missed, "unknown_rating", said),
            reject(joined, ~missed & preset, "unknown_preset", _preset_detail(snap.home, joined)),
        ]
    )
    kept = joined.join(rejects.select("line"), on="line", how="anti", maintain_order="left")
    return kept, rejects


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


def _months(snap: Snapshot, ids: pl.Series) -> pl.DataFrame:
    """rating_id, rated_month (yyyymm) of the live ratings of these ids, by the index of ids."""
    restore_ids(snap.home, snap, RATINGS)
    wanted = ids.unique()
    high, low = hash_ids(wanted)
    hits = IdIndex(snap.home / "ids" / RATINGS.name).hits(high, low, NEWEST, snap.withdrawn)
    found = pl.DataFrame({"rating_id": wanted[hits.query], "rated_month": hits.month})
    return found.unique("rating_id")


def _counters(snap: Snapshot, found: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """rating_id, rated_counter (number) of those of the ratings that are asked for."""
    asked = found.filter(pl.col("rating_id").is_in(ids.implode()))
    months = set(asked["rated_month"].to_list())
    files = [one for one in snap.files[RATINGS.name] if month_of_path(one) in months]
    schema = {"rating_id": pl.String(), "rated_counter": pl.Int32()}
    if not files:
        return pl.DataFrame(schema=schema)
    rows = pl.scan_parquet(files, hive_partitioning=False).filter(
        pl.col("id").is_in(asked["rating_id"].implode()),
        ~pl.col("batch").is_in(sorted(snap.withdrawn)),
    )
    told = rows.select(pl.col("id").alias("rating_id"), rated_counter="counter")
    return told.unique("rating_id").collect().cast(schema)  # type: ignore[arg-type]


def month_of_path(path: str) -> int:
    """The month (yyyymm) of a file of a log, as its folder says."""
    return int(Path(path).parent.name.removeprefix("month="))
