"""Ids over all time: which ids a log has seen, in a few sorted runs that are mapped, not loaded.

An id is its 128-bit xxh3; the high half is searched, the low half confirms a hit. A row's content
is a 64-bit mix of its stored columns, so that the same row is known again and another one under the
same id is a conflict. Both are stable across versions of every library used (xxh3 is a frozen
format; the mix is splitmix64, Steele, Lea and Flood 2014); `hash()` of polars or DuckDB is not.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

from data.disk import sync_all, sync_file

U64 = NDArray[np.uint64]
MOST_RUNS = 4
SAMPLE, MOSTLY = 4096, 0.95
PARTS = ("high", "low", "content", "batch", "month")
TYPES = {
    "high": np.uint64,
    "low": np.uint64,
    "content": np.uint64,
    "batch": np.int32,
    "month": np.int32,
}


def hash_ids(ids: pl.Series) -> tuple[U64, U64]:
    """High and low half of the xxh3-128 of each id (strings, no nulls), shape (rows,) each."""
    digest = xxhash.xxh3_128_digest
    joined = b"".join([digest(one) for one in ids.cast(pl.Binary).to_list()])
    halves = np.frombuffer(joined, dtype=">u8").reshape(-1, 2)
    return halves[:, 0].astype(np.uint64), halves[:, 1].astype(np.uint64)


def _mix(state: U64) -> U64:
    with np.errstate(over="ignore"):
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def _codes(column: pl.Series) -> U64:
    """One 64-bit code per value; a null has its own."""
    if column.dtype == pl.List:
        column = column.cast(pl.List(pl.String)).list.join(",")
    if column.dtype == pl.String:
        # Ids are known by their first rows; either way leads to the same codes.
        first = column.head(SAMPLE)
        distinct = first.unique().drop_nulls()
        if distinct.len() < MOSTLY * first.len():
            distinct = column.unique().drop_nulls()
            first = column
        if distinct.len() * 2 > first.len():
            texts = column.fill_null("\x00null").cast(pl.Binary).to_list()
            return np.fromiter(map(xxhash.xxh3_64_intdigest, texts), np.uint64, len(texts))
        table = [xxhash.xxh3_64_intdigest(one) for one in distinct.cast(pl.Binary).to_list()]
        null = xxhash.xxh3_64_intdigest(b"\x00null")
        coded = column.replace_strict(
            distinct, pl.Series(table, dtype=pl.UInt64), default=null, return_dtype=pl.UInt64
        )
        return coded.to_numpy().astype(np.uint64)
    numbers = column.to_physical().cast(pl.Int64)
    filled = numbers.fill_null(np.iinfo(np.int64).min).to_numpy()
    return filled.astype(np.int64).view(np.uint64)


def hash_content(rows: pl.DataFrame, columns: tuple[str, ...]) -> U64:
    """Content code of each row over the named columns, shape (rows,)."""
    state = np.zeros(rows.height, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for name in columns:
            state = _mix(state + np.uint64(0x9E3779B97F4A7C15) + _codes(rows[name]))
    return state


def stable_order(codes: U64) -> NDArray[np.int64]:
    """The order of `np.argsort(codes, kind="stable")`, four times as fast where no code repeats."""
    order = np.argsort(codes)
    ordered = codes[order]
    if (ordered[1:] == ordered[:-1]).any():
        return np.argsort(codes, kind="stable")
    return order


@dataclass(frozen=True)
class Entries:
    """What is kept of each stored row, sorted by `high`; arrays of equal length."""

    high: U64
    low: U64
    content: U64
    batch: NDArray[np.int32]
    month: NDArray[np.int32]

    @classmethod
    def sorted(
        cls, high: U64, low: U64, content: U64, batch: NDArray[np.int32], month: NDArray[np.int32]
    ) -> "Entries":
        order = stable_order(high)
        return cls(high[order], low[order], content[order], batch[order], month[order])

    def save(self, folder: Path) -> list[Path]:
        """Write the run and return its files (not yet synced)."""
        folder.mkdir(parents=True)
        files = []
        for part in PARTS:
            path = folder / f"{part}.npy"
            np.save(path, np.ascontiguousarray(getattr(self, part), dtype=TYPES[part]))
            files.append(path)
        return files

    @classmethod
    def load(cls, folder: Path) -> "Entries":
        """Map a run; nothing is read until it is searched."""
        return cls(*(np.load(folder / f"{part}.npy", mmap_mode="r") for part in PARTS))


@dataclass(frozen=True)
class Hits:
    """Pairs of a queried row and a stored row with the same id; arrays of equal length."""

    query: NDArray[np.int64]
    content: U64
    batch: NDArray[np.int32]
    month: NDArray[np.int32]


def search(run: Entries, high: U64, low: U64) -> Hits:
    """Stored rows with one of the queried ids; `high` is sorted, so the walk through is local."""
    left = np.searchsorted(run.high, high, side="left")
    inside = np.minimum(left, len(run.high) - 1)
    touched = np.nonzero((left < len(run.high)) & (run.high[inside] == high))[0]
    right = np.searchsorted(run.high, high[touched], side="right")
    spans = right - left[touched]
    query = np.repeat(touched, spans)
    before = np.cumsum(spans) - spans
    place = np.repeat(left[touched] - before, spans) + np.arange(len(query))
    same = run.low[place] == low[query]
    query, place = query[same], place[same]
    return Hits(query, run.content[place], run.batch[place], run.month[place])


NO_HITS = Hits(
    np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.int32), np.zeros(0, np.int32)
)


class IdIndex:
    """The runs of one log. A run counts if all of its batches are committed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _folders(self) -> list[tuple[int, int, Path]]:
        found = []
        for path in sorted(self.folder.glob("run-*-*")):
            _, first, last = path.name.split("-")
            found.append((int(first), int(last), path))
        return found

    def runs(self, before: int) -> list[Path]:
        """Folders of the runs of batches below `before`, without those a merged run contains."""
        found = [run for run in self._folders() if run[1] < before]
        return [
            path
            for first, last, path in found
            if not any(f <= first and last <= t and (f, t) != (first, last) for f, t, _ in found)
        ]

    def hits(self, high: U64, low: U64, before: int, dead: frozenset[int]) -> Hits:
        """Stored rows of live batches below `before` with one of the queried ids."""
        order = stable_order(high)
        runs = [Entries.load(run) for run in self.runs(before)]
        parts = [search(run, high[order], low[order]) for run in runs if len(run.high)]
        if not parts:
            return NO_HITS
        query, content, batch, month = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("query", "content", "batch", "month")
        )
        live = ~np.isin(batch, np.array(sorted(dead), dtype=np.int32))
        return Hits(order[query[live]], content[live], batch[live], month[live])

    def write(self, no: int, entries: Entries) -> list[Path]:
        """Write the run of one batch; it counts once the batch does."""
        folder = self.folder / f"run-{no:06d}-{no:06d}"
        self.forget(no)
        return entries.save(folder)

    def covers(self, no: int) -> bool:
        """Whether some run holds the ids of that batch."""
        return any(first <= no <= last for first, last, _ in self._folders())

    def restore(self, no: int, entries: Entries) -> list[Path]:
        """Write the run of an old batch again, beside those that are there."""
        return entries.save(self.folder / f"run-{no:06d}-{no:06d}")

    def forget(self, no: int) -> None:
        """Remove what an attempt that never committed left behind."""
        for first, last, path in self._folders():
            if first >= no or last >= no:
                shutil.rmtree(path)

    def merge(self, before: int) -> None:
        """Bring the runs of committed batches back to at most four, smallest first (LSM)."""
        folders = self.runs(before)
        if len(folders) <= MOST_RUNS:
            self._drop_contained(before)
            return
        # Neighbours only, so that a run's name is the span of its batches: the pair of least size.
        sizes = [(path / "high.npy").stat().st_size for path in folders]
        at = min(range(len(sizes) - 1), key=lambda place: sizes[place] + sizes[place + 1])
        pair = [Entries.load(path) for path in folders[at : at + 2]]
        joined = Entries.sorted(
            *(np.concatenate([getattr(run, part) for run in pair]) for part in PARTS)
        )
        first = folders[at].name.split("-")[1]
        last = folders[at + 1].name.split("-")[2]
        draft = self.folder / f"draft-{first}-{last}"
        shutil.rmtree(draft, ignore_errors=True)
        sync_all(joined.save(draft))
        draft.rename(self.folder / f"run-{first}-{last}")
        sync_file(self.folder)  # before the runs go that it holds
        self._drop_contained(before)
        self.merge(before)

    def _drop_contained(self, before: int) -> None:
        alive = set(self.runs(before))
        for _, last, path in self._folders():
            if last < before and path not in alive:
                shutil.rmtree(path)
