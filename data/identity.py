"""Who a row is: its id and content as numbers, its month, and for a rating its case and counter."""

import numpy as np
import polars as pl
import xxhash

from data.ids import Hits, IdIndex, hash_content, hash_ids
from data.store import Snapshot
from data.tables import LOGS, REFERENCE_KEYS, Table

SEPARATOR = "\x1f"
SCHEMA = {
    "line": pl.Int32(),
    "content": pl.UInt64(),
    "month": pl.Int32(),
    "high": pl.UInt64(),
    "low": pl.UInt64(),
}
OF_RATING = {"id": pl.String(), "rated_at": pl.Datetime("us"), "pair": pl.Int64()}


def id_text(frame: pl.DataFrame, table: Table) -> pl.Series:
    """The id of each stored row as text; of a reference row its key."""
    if table.name in LOGS:
        return frame["id"]
    parts = [pl.col(name).cast(pl.String).fill_null("") for name in REFERENCE_KEYS[table.name]]
    return frame.select(pl.concat_str(parts, separator=SEPARATOR)).to_series()


def pair_of(frame: pl.DataFrame) -> pl.Series:
    """64-bit code of (case, counter) of a rating; a collision is harmless, see settle_ratings."""
    text = frame.select(
        pl.concat_str(pl.col("case_id"), pl.col("counter").cast(pl.String), separator=SEPARATOR)
    ).to_series()
    codes = [xxhash.xxh3_64_intdigest(one) for one in text.cast(pl.Binary).to_list()]
    return pl.Series(np.array(codes, dtype=np.uint64).view(np.int64), dtype=pl.Int64)


def identities(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """line, content, month, high, low of each stored row; of a rating also id, rated_at, pair."""
    high, low = hash_ids(id_text(frame, table))
    month = (
        frame["day"].dt.year() * 100 + frame["day"].dt.month()
        if table.partitioned
        else pl.zeros(frame.height, dtype=pl.Int32, eager=True)
    )
    found = pl.DataFrame(
        {
            "line": frame["line"],
            "content": hash_content(frame, table.content),
            "month": month.cast(pl.Int32),
            "high": high,
            "low": low,
        },
        schema=SCHEMA,
    )
    if table.name != "ratings":
        return found
    return found.with_columns(frame["id"], frame["rated_at"], pair_of(frame).alias("pair"))


def no_identities(table: Table) -> pl.DataFrame:
    """The identities of no rows."""
    return pl.DataFrame(schema={**SCHEMA, **(OF_RATING if table.name == "ratings" else {})})


def stored_hits(snap: Snapshot, table: Table, ids: pl.DataFrame, before: int) -> Hits:
    """Live stored rows with the ids of the batch."""
    high, low = ids["high"].to_numpy(), ids["low"].to_numpy()
    if table.name in LOGS:
        index = IdIndex(snap.home / "ids" / table.name)
        return index.hits(high, low, before, snap.withdrawn)
    standing = identities(snap.reference(table.name), table)
    both = (
        ids.select("high", "low", "place")
        .join(standing.select("high", "low", "content"), on=["high", "low"])
        .sort("place")
    )
    none = np.zeros(both.height, dtype=np.int32)
    return Hits(both["place"].to_numpy(), both["content"].to_numpy(), none, none)
