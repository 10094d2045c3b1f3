"""Encoding and delimiter of a text file, proposed with the evidence; a person confirms them."""

import codecs
import csv
from dataclasses import dataclass, field
from pathlib import Path

from data.readers import kind_of, opened

ENOUGH = 64 << 20  # bytes that are tried; what stands behind them is read when the file is taken in
LINES = 200
DELIMITERS = (",", "\t", ";", "|")
TEXTS = (".csv", ".txt", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class Guess:
    """What the bytes say. `why` is a word of WHY; `at` the line of the first byte that decided.

    `cells`: per delimiter the number of cells of the first line, and how many of the first lines
    have as many. Encoding and delimiter are empty where the kind of the file needs none.
    """

    encoding: str = ""
    why: str = ""
    at: int = 0
    delimiter: str = ""
    cells: dict[str, tuple[int, int, int]] = field(default_factory=dict)


WHY = {
    "mark": "the file begins with a UTF-8 byte order mark",
    "utf8": "line {at} holds letters that are whole UTF-8, and so is all that follows",
    "gb18030": "the bytes in line {at} are not UTF-8; as GB18030 all is readable",
    "ascii": "only plain ASCII was seen: both encodings read it alike",
    "neither": "the bytes in line {at} are neither UTF-8 nor GB18030",
}


def sniff(path: Path) -> Guess:
    """The proposal for a file; for workbooks and parquet there is nothing to propose."""
    suffix, packed = kind_of(path)
    if suffix not in TEXTS:
        return Guess()
    with opened(path, packed) as (stream, _tell):
        start = stream.read(ENOUGH)
    encoding, why, at = _encoding(start)
    if suffix in (".jsonl", ".ndjson"):
        return Guess(encoding, why, at)
    text = start[: 1 << 20].decode(encoding or "gb18030", errors="replace").removeprefix("\ufeff")
    cells = _cells(text)
    best = max(cells, key=lambda one: (cells[one][1] * (cells[one][0] > 1), cells[one][0]))
    return Guess(encoding, why, at, best, cells)


def _encoding(start: bytes) -> tuple[str, str, int]:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8", "mark", 1
    try:
        # Not final: the last letter may be cut by the limit.
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError as error:
        line = start[: error.start].count(b"\n") + 1
        try:
            codecs.getincrementaldecoder("gb18030")().decode(start)
        except UnicodeDecodeError:
            return "", "neither", line
        return "gb18030", "gb18030", line
    first = next((at for at, byte in enumerate(start[: 4 << 20]) if byte > 127), -1)
    if first < 0:
        return "utf-8", "ascii", 0
    return "utf-8", "utf8", start[:first].count(b"\n") + 1


def _cells(text: str) -> dict[str, tuple[int, int, int]]:
    """Per delimiter: cells of the first line, lines with as many, lines."""
    lines = [line for line in text.splitlines()[:LINES] if line.strip()]
    if len(lines) > 1 and len(text) >= 1 << 20:
        lines = lines[:-1]
    found = {}
    for delimiter in DELIMITERS:
        try:
            sizes = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            sizes = []
        first = sizes[0] if sizes else 0
        found[delimiter] = (first, sum(size == first for size in sizes), len(sizes))
    return found
