"""Columns of log files made from arrays, and the files themselves, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

DIGITS = 7  # of the running number; with year and month an id has 12 characters
STEP = 10**DIGITS


def numbered(month: int, count: int, start: int = 1) -> Whole:
    """Running numbers of a month as yymm and seven digits: 19080000001 is the first of 2019-08."""
    return (month % 10_000) * STEP + start + np.arange(count)


def ids(prefix: str, number: Whole, mask: Flags | None = None, other: str = "") -> pa.Array:
    """Ids like T19080001234; where the mask is set the prefix is `other`, where number < 0 null."""
    width = DIGITS + 5
    letters = np.empty((len(number), width), dtype=np.uint8)
    letters[:, 0] = ord(prefix)
    if mask is not None:
        letters[mask, 0] = ord(other)
    front, back = np.divmod(np.maximum(number, 0), 1_000_000)
    for part, low, high in ((front, 1, width - 6), (back, width - 6, width)):
        rest = part.astype(np.int32)
        for place in range(high - 1, low - 1, -1):
            rest, digit = np.divmod(rest, np.int32(10))
            letters[:, place] = digit + 48
    offsets = np.arange(0, width * (len(number) + 1), width, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(letters)]
    if (number < 0).any():
        buffers[0] = pa.array(number >= 0).buffers()[1]
    return pa.Array.from_buffers(pa.string(), len(number), buffers)


def moments(seconds: Whole) -> pa.Array:
    """Times from seconds since 1970; negative ones are null."""
    times = (seconds * 1_000_000).view("datetime64[us]")
    return pa.array(times, mask=seconds < 0 if (seconds < 0).any() else None)


def chosen(words: Sequence[str], place: Whole, valid: Flags | None = None) -> pa.Array:
    """One of a few words per row, null where not valid."""
    mask = None if valid is None else ~valid
    return pa.DictionaryArray.from_arrays(
        pa.array(place.astype(np.int32), mask=mask), pa.array(words, type=pa.string())
    )


@dataclass
class LogWriter:
    """Files of the logs: one per log and span, a row group for each month that is added."""

    folder: Path
    open_files: dict[str, pq.ParquetWriter] = field(default_factory=dict)
    paths: dict[str, list[Path]] = field(default_factory=dict)

    def add(self, log: str, name: str, table: pa.Table) -> None:
        """Append a month to the file of that name, which is begun if it is not open."""
        if log not in self.open_files:
            path = self.folder / f"{log}_{name}.parquet"
            self.open_files[log] = _writer(path, table.schema)
            self.paths.setdefault(log, []).append(path)
        self.open_files[log].write_table(table)

    def close(self, log: str) -> None:
        """End the open file of a log; the next `add` begins another one."""
        if log in self.open_files:
            self.open_files.pop(log).close()


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Columns of few words go in as dictionaries, yet read back as plain text (no Arrow schema)."""
    words = [one.name for one in schema if pa.types.is_dictionary(one.type)]
    return pq.ParquetWriter(
        path,
        schema,
        compression="snappy",
        use_dictionary=words,
        store_schema=False,
        write_statistics=False,
    )
