"""CSV in bounded chunks with true line numbers: polars where it can, Python's csv where it must.

Polars stops a whole file at one ragged row and knows no line after an embedded newline, so the text
is cut between records here, and a piece that polars refuses, or of which it would lose something,
goes to Python's csv record by record.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import polars as pl

from data.errors import HallscoreError

PIECE = 8 << 20
LONGEST_RECORD = 4 << 20  # an open quote is not followed further than this
OTHER = {"utf-8": "gb18030", "gb18030": "utf-8"}
Pieces = Iterator[tuple[pl.DataFrame, pl.DataFrame]]
_REJECTS = {"line": pl.Int32(), "reason": pl.String(), "detail": pl.String(), "raw": pl.String()}


def _decoded(stream: IO[bytes], path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
    lines = 0
    while True:
        packed = stream.read(PIECE)
        try:
            text = decoder.decode(packed, final=not packed)
        except UnicodeDecodeError as error:
            line = lines + error.object[: error.start].count(b"\n") + 1
            seen = error.object[error.start : error.start + 4]
            raise HallscoreError(
                f"{path}, line {line}: the bytes {seen!r} are not {encoding}. The profile says "
                f"encoding = {encoding!r}; did the source write {OTHER[encoding]!r}? Correct the "
                "profile, or save the file in that encoding."
            ) from None
        lines += packed.count(b"\n")
        if text:
            yield text
        if not packed:
            return


def _cut(text: str) -> int:
    """Where the last whole record ends: after the last newline that is outside quotes."""
    odd = text.count('"') % 2
    end = len(text)
    for _ in range(200):
        place = text.rfind("\n", 0, end)
        if place < 0 or len(text) - place > LONGEST_RECORD:
            break
        odd ^= text.count('"', place, end) % 2
        if not odd:
            return place + 1
        end = place
    return text.rfind("\n") + 1 if len(text) > LONGEST_RECORD else 0


def _pieces(stream: IO[bytes], path: Path, encoding: str) -> Iterator[str]:
    held = ""
    for text in _decoded(stream, path, encoding):
        held += text
        place = _cut(held)
        if place:
            yield held[:place]
            held = held[place:]
    if held:
        yield held


def read_csv_chunks(stream: IO[bytes], path: Path, encoding: str, delimiter: str) -> Pieces:
    """Frames of text columns with `_line`, and rejects; the first record is the header."""
    header: list[str] | None = None
    line = 1
    for piece in _pieces(stream, path, encoding):
        text = piece.replace("\r\n", "\n") if "\r" in piece else piece
        if header is None:
            header, size, used = _header(text, path, delimiter)
            text, line = text[size:], line + used
        if text:
            yield _rows(text, header, line, delimiter)
            line += text.count("\n") + (not text.endswith("\n"))
    if header is None:
        raise HallscoreError(f"{path}: empty; a header row was expected.")
    empty = pl.DataFrame(schema=dict.fromkeys(header, pl.String()) | {"_line": pl.Int32()})
    yield empty, pl.DataFrame(schema=_REJECTS)


def _header(text: str, path: Path, delimiter: str) -> tuple[list[str], int, int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = [name.strip() for name in next(reader)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise HallscoreError(
            f"{path}, line 1: column {twice[0]!r} stands twice in the header. Rename one of them."
        )
    used = reader.line_num
    size = 0
    for _ in range(used):
        place = text.find("\n", size)
        size = len(text) if place < 0 else place + 1
    return names, size, used


def _rows(
    text: str, header: list[str], line: int, delimiter: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    frame = _by_polars(text, header, delimiter)
    if frame is not None:
        lined = _with_lines(frame, text, line)
        if lined is not None:
            return lined, pl.DataFrame(schema=_REJECTS)
    return _by_hand(text, header, line, delimiter)


def _by_polars(text: str, header: list[str], delimiter: str) -> pl.DataFrame | None:
    """The rows, or None where polars refuses or fills up short rows."""
    try:
        frame = pl.read_csv(
            io.BytesIO(text.encode()),
            has_header=False,
            new_columns=header,
            schema=dict.fromkeys(header, pl.String()),
            separator=delimiter,
        )
    except pl.exceptions.PolarsError:
        return None
    inside = 0
    if '"' in text:
        counted = frame.select(pl.all().str.count_matches(delimiter, literal=True).sum())
        inside = sum(counted.row(0))
    whole = frame.height * (len(header) - 1) + inside == text.count(delimiter)
    return frame if whole else None


def _with_lines(frame: pl.DataFrame, text: str, line: int) -> pl.DataFrame | None:
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines == frame.height:
        return frame.with_row_index("_line", offset=line).with_columns(
            pl.col("_line").cast(pl.Int32)
        )
    inner = pl.sum_horizontal(
        pl.col(name).str.count_matches("\n", literal=True) for name in frame.columns
    )
    counted = frame.with_columns(_inner=inner.cast(pl.Int64))
    if lines != frame.height + counted["_inner"].sum():
        return None
    before = pl.col("_inner").cum_sum().shift(1, fill_value=0)
    place = pl.int_range(pl.len()) + before + line
    return counted.with_columns(_line=place.cast(pl.Int32)).drop("_inner")


def _by_hand(
    text: str, header: list[str], line: int, delimiter: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Record by record: a ragged row, and a line whose quote never closes, are rejects."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    rows: list[list[str]] = []
    numbers: list[int] = []
    rejects: list[tuple[int, str, str, str]] = []
    at = 0
    while at < len(lines):
        used = _record_length(lines, at)
        raw = "\n".join(lines[at : at + used])
        if not raw.strip():
            at += used
            continue
        cells = next(csv.reader(io.StringIO(raw, newline=""), delimiter=delimiter))
        if used and len(cells) == len(header) and raw.count('"') % 2 == 0:
            rows.append(cells)
            numbers.append(line + at)
        else:
            rejects.append((line + at, *_ragged(cells, header, raw)))
        at += used
    frame = pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String()), orient="row")
    lined = frame.with_columns(_line=pl.Series(numbers, dtype=pl.Int32))
    return lined, pl.DataFrame(rejects, schema=_REJECTS, orient="row")


def _record_length(lines: list[str], at: int) -> int:
    """How many lines the record takes; one where its quote does not close within 1,000 lines."""
    odd = 0
    for used, text in enumerate(lines[at : at + 1000], start=1):
        odd ^= text.count('"') % 2
        if not odd:
            return used
    return 1


def _ragged(cells: list[str], header: list[str], raw: str) -> tuple[str, str, str]:
    if raw.count('"') % 2:
        return "open_quote", "a quote that does not close", raw
    detail = f"{len(cells)} fields, the header has {len(header)}"
    return "ragged_row", detail, raw
