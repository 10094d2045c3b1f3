"""Frames as csv that a Chinese Excel opens rightly, with the filters in the first lines."""

import csv
import io
from collections.abc import Mapping

import polars as pl

# Without the mark Excel reads the file in the system's code page.
BOM = b"\xef\xbb\xbf"
# A text that begins like this would be run as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(frame: pl.DataFrame, filters: Mapping[str, str]) -> bytes:
    """The filters as comment lines (`# name,value`), then the frame with its header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for name, chosen in filters.items():
        writer.writerow([f"# {name}", _plain(chosen)])
    writer.writerow(frame.columns)
    writer.writerows([_plain(cell) for cell in row] for row in frame.iter_rows())
    return BOM + out.getvalue().encode()


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
