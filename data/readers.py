"""Files in chunks of raw text, every row with its line: csv, jsonl, parquet and workbooks.

Memory stays bounded by the chunk (workbooks are read a sheet at a time). Nothing is dropped in
silence: what cannot be read as a row is a reject with its line.
"""

import gzip
import json
import math
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import polars as pl
import pyarrow.parquet as pq

from data.csv_chunks import read_csv_chunks
from data.decoding import decoded
from data.errors import HallscoreError, nearest
from data.workbook_grid import SheetReport
from data.workbook_plan import SheetPlan, any_columns
from data.workbooks import WORKBOOKS, read_book

OnBytes = Callable[[int, int], None]
ROWS = 200_000
KINDS = (".csv", ".txt", ".jsonl", ".ndjson", ".parquet", *WORKBOOKS)


@dataclass(frozen=True)
class RawChunk:
    """Rows as they stand in the file with `_line`; rejects are (line, reason, detail, raw).

    A chunk of a workbook is a whole sheet, of which `report` tells; lines are those of the sheet.
    """

    rows: pl.DataFrame
    rejects: pl.DataFrame
    report: SheetReport | None = None

    @property
    def sheet(self) -> str:
        """The sheet that the lines belong to; '' where the file has none."""
        return "" if self.report is None else self.report.sheet


REJECTS = {"line": pl.Int32(), "reason": pl.String(), "detail": pl.String(), "raw": pl.String()}


def no_rejects() -> pl.DataFrame:
    """An empty frame of rejects."""
    return pl.DataFrame(schema=REJECTS)


def kind_of(path: Path) -> tuple[str, bool]:
    """The kind of a file by its name, and whether it is gzipped."""
    name = path.name.lower()
    packed = name.endswith(".gz")
    suffix = Path(name.removesuffix(".gz")).suffix
    if suffix not in KINDS:
        raise HallscoreError(
            f"{path}: files named {suffix or '(nothing)'!r} are not read; known are "
            f"{', '.join(KINDS)} and .gz of the text kinds."
        )
    return suffix, packed


@contextmanager
def opened(path: Path, packed: bool) -> Iterator[tuple[IO[bytes], Callable[[], int]]]:
    """The bytes of a file, unpacked, and how many of its own bytes are read."""
    with path.open("rb") as plain:
        if not packed:
            yield plain, plain.tell
            return
        with gzip.open(plain, "rb") as unpacked:
            yield cast(IO[bytes], unpacked), plain.tell


def read_chunks(
    path: Path,
    encoding: str,
    delimiter: str,
    on_bytes: OnBytes | None = None,
    plan: SheetPlan | None = None,
) -> Iterator[RawChunk]:
    """Chunks of a file in order; raises HallscoreError on a file that is not what it says.

    `plan` finds the header of a workbook; without one its first row is the header.
    """
    suffix, packed = kind_of(path)
    if not path.is_file():
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        raise HallscoreError(f"{path}: no such file.{nearest(path.name, beside)}")
    total = path.stat().st_size
    seen = on_bytes or (lambda _done, _total: None)
    if suffix == ".parquet":
        yield from _parquet(path, seen)
    elif suffix in WORKBOOKS:
        yield from _workbook(path, plan or any_columns(encoding), seen)
    else:
        with opened(path, packed) as (stream, tell):
            pieces = (
                read_csv_chunks(stream, path, encoding, delimiter)
                if suffix in (".csv", ".txt")
                else _jsonl(stream, path, encoding)
            )
            try:
                for rows, rejects in pieces:
                    seen(tell(), total)
                    yield RawChunk(rows, rejects)
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise HallscoreError(f"{path}: not a whole gzip file ({error}).") from None


def _parquet(path: Path, seen: OnBytes) -> Iterator[RawChunk]:
    try:
        file = pq.ParquetFile(path)
    except Exception as error:
        raise HallscoreError(f"{path}: not a parquet file ({error}).") from None
    line, total = 1, file.metadata.num_rows
    with file:
        for batch in file.iter_batches(batch_size=ROWS):
            rows = pl.DataFrame(pl.from_arrow(batch)).with_row_index("_line", offset=line)
            line += rows.height
            seen(line - 1, total)
            yield RawChunk(rows.with_columns(pl.col("_line").cast(pl.Int32)), no_rejects())
        if total == 0:
            empty = pl.DataFrame(pl.from_arrow(file.schema_arrow.empty_table()))
            yield RawChunk(empty.with_columns(_line=pl.lit(1, pl.Int32)).clear(), no_rejects())


def _workbook(path: Path, plan: SheetPlan, seen: OnBytes) -> Iterator[RawChunk]:
    for rows, rejects, report in read_book(path, plan):
        yield RawChunk(rows, rejects, report)
    seen(1, 1)


def _jsonl(
    stream: IO[bytes], path: Path, encoding: str
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    rows: list[dict[str, str | None]] = []
    rejects: list[tuple[int, str, str, str]] = []
    keys: dict[str, None] = {}
    for line, text in enumerate(_lines(stream, path, encoding), start=1):
        if not text.strip():
            continue
        try:
            content = json.loads(text)
        except ValueError as error:
            content = str(error)
        if not isinstance(content, dict):
            rejects.append((line, "unreadable_row", f"not a JSON object: {content}", text))
            continue
        keys.update(dict.fromkeys(content))
        row: dict[str, str | None] = {key: _plain(cell) for key, cell in content.items()}
        rows.append(row | {"_line": str(line)})
        if len(rows) >= ROWS:
            yield _frames(rows, rejects, keys)
            rows, rejects = [], []
    if not keys:
        raise HallscoreError(f"{path}: no line is a JSON object; one row per line was expected.")
    yield _frames(rows, rejects, keys)


def _lines(stream: IO[bytes], path: Path, encoding: str) -> Iterator[str]:
    held = ""
    for text in decoded(stream, path, encoding):
        *whole, held = (held + text).split("\n")
        yield from whole
    if held:
        yield held


def _plain(cell: object) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, float) and math.isnan(cell):
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # 5.0 is the 5 of a text file
    return json.dumps(cell, ensure_ascii=False)


def _frames(
    rows: list[dict[str, str | None]],
    rejects: list[tuple[int, str, str, str]],
    keys: dict[str, None],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    schema = {"_line": pl.String(), **dict.fromkeys(keys, pl.String())}
    frame = pl.DataFrame(rows, schema=schema).with_columns(pl.col("_line").cast(pl.Int32))
    return frame, pl.DataFrame(rejects, schema=REJECTS, orient="row")
