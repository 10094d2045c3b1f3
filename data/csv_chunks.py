"""CSV in bounded chunks with true line numbers: polars where it can, Python's csv where it must.

Polars stops a whole file at one ragged row and knows no line after an embedded newline, so the text
is cut between records here, and a piece that polars refuses, or of which it would lose something,
goes to Python's csv record by record.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import polars as pl

from data.decoding import decoded
from data.errors import HallscoreError

PIECE = 8 << 20
LONGEST_RECORD = 4 << 20  # an open quote is not followed further than this
MOST_LINES = 1000  # nor further than this
MISPLACED = "a quote inside a quoted field that is not doubled"
Pieces = Iterator[tuple[pl.DataFrame, pl.DataFrame]]
_REJECTS = {"line": pl.Int32(), "reason": pl.String(), "detail": pl.String(), "raw": pl.String()}


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
    for text in decoded(stream, path, encoding, PIECE):
        # Cut only where more follows: the last piece ends with the file.
        place = _cut(held)
        if place:
            yield held[:place]
            held = held[place:]
        held += text
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
        lined = _with_lines(frame, text, line, delimiter)
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


def _with_lines(frame: pl.DataFrame, text: str, line: int, delimiter: str) -> pl.DataFrame | None:
    """The rows with their lines, or None where polars read past a quote that was not closed."""
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
    lined = counted.with_columns(_line=place.cast(pl.Int32))
    if not _quoted_as_read(lined, text, line, delimiter):
        return None
    return lined.drop("_inner")


def _quoted_as_read(lined: pl.DataFrame, text: str, line: int, delimiter: str) -> bool:
    """Whether each cell of several lines stands in the text as a whole quoted field.

    Where it does not, polars has read on behind a quote that was no end of a field.
    """
    lines = text.removesuffix("\n").split("\n")
    numbered = pl.DataFrame({"text": lines}).with_columns(
        at=pl.int_range(line, line + len(lines), dtype=pl.Int32)
    )
    starts = lined.select("_line", "_inner")
    begun = numbered.join_asof(starts, left_on="at", right_on="_line", strategy="backward")
    long = begun.filter(pl.col("_inner") > 0).group_by("_line", maintain_order=True)
    records = long.agg(
        text=pl.concat_str(pl.lit(delimiter), pl.col("text").str.join("\n"), pl.lit(delimiter))
    )
    cells = lined.filter(pl.col("_inner") > 0).drop("_line", "_inner")
    for cell in cells.iter_columns():
        doubled = cell.str.replace_all('"', '""', literal=True)
        fields = pl.DataFrame([records["text"], doubled.alias("cell")]).filter(
            pl.col("cell").str.contains("\n", literal=True)
        )
        field = pl.concat_str(pl.lit(delimiter + '"'), "cell", pl.lit('"' + delimiter))
        if not fields.select(pl.col("text").str.contains(field, literal=True).all()).item():
            return False
    return True


def _by_hand(
    text: str, header: list[str], line: int, delimiter: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Record by record: a ragged row, and a line whose quote never closes, are rejects."""
    lines = text.split("\n")
    rows: list[list[str]] = []
    numbers: list[int] = []
    rejects: list[tuple[int, str, str, str]] = []
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        cells, used, wrong = _record(lines, at, delimiter)
        if wrong is None and len(cells) != len(header):
            if _swallows(lines[at + 1 : at + used], header, delimiter):
                used, wrong = 1, "a quote that closes only after other rows"
            else:
                detail = f"{len(cells)} fields, the header has {len(header)}"
                rejects.append((line + at, "ragged_row", detail, "\n".join(lines[at : at + used])))
        if wrong is not None:
            rejects.append((line + at, "open_quote", wrong, lines[at]))
        elif len(cells) == len(header):
            rows.append(cells)
            numbers.append(line + at)
        at += used
    frame = pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String()), orient="row")
    lined = frame.with_columns(_line=pl.Series(numbers, dtype=pl.Int32))
    return lined, pl.DataFrame(rejects, schema=_REJECTS, orient="row")


def _record(lines: list[str], at: int, delimiter: str) -> tuple[list[str], int, str | None]:
    """Cells of the record that begins there, its number of lines, and what is wrong with it.

    A quote inside a field that does not begin with one is a letter. A record that is wrong takes
    one line, so that the rows behind it are read as if nothing had been.
    """
    if '"' not in lines[at]:
        return lines[at].split(delimiter), 1, None
    few = (lines[place] + "\n" for place in range(at, min(at + MOST_LINES, len(lines))))
    reader = csv.reader(few, delimiter=delimiter, strict=True)
    try:
        cells = next(reader)
    except csv.Error as error:
        said = {"unexpected end": "a quote that does not close", "expected after": MISPLACED}
        known = [words for part, words in said.items() if part in str(error)]
        return [], 1, (known or [str(error)])[0]
    return cells, reader.line_num, None


def _swallows(inner: list[str], header: list[str], delimiter: str) -> bool:
    """Whether a line inside a record looks like a row of its own."""
    return any(text.count(delimiter) == len(header) - 1 for text in inner)
