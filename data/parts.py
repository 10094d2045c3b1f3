"""The parts of a batch: several files, or several sheets, whose lines run on from part to part.

A line of a batch is unique; a person needs the file, the sheet and the line in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Part:
    """A file, or a sheet of it; `before` lines of the batch stand in earlier parts.

    `number` is the place of the file in the batch: two folders may hold files of one name.
    """

    file: str
    sheet: str = ""
    before: int = 0
    number: int = 0

    @property
    def title(self) -> str:
        """The file, and the sheet if the file has several."""
        return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file


def place_of(parts: Sequence[Part], line: int) -> tuple[Part, int]:
    """The part of a line of the batch, and the line in that part; `parts` are in their order."""
    part = next(one for one in reversed(parts) if one.before < line or one.before == 0)
    return part, line - part.before


def with_places(rows: pl.DataFrame, parts: Sequence[Part]) -> pl.DataFrame:
    """Rows with `line` of the batch: `place` keeps it, `file` and `line` are what a person needs.

    Rows of a batch of one part come back with `place` alone.
    """
    placed = rows.with_columns(place="line")
    if not parts:
        return placed
    known = pl.DataFrame(
        [(part.before, part.title) for part in parts],
        schema={"before": pl.Int32(), "file": pl.String()},
        orient="row",
    ).with_columns(from_line=pl.col("before") + 1)
    # Kept in the order of the rows: a join as of needs them sorted.
    sorted_rows = placed.drop("file").with_row_index("_at").sort("line")
    found = sorted_rows.join_asof(
        known.sort("from_line"), left_on="line", right_on="from_line", strategy="backward"
    )
    told = found.sort("_at").with_columns(line=pl.col("line") - pl.col("before"))
    return told.drop("_at", "before", "from_line")


def shown(parts: Sequence[Part], line: int) -> str:
    """'line 5', or 'B.xlsx, line 5' where a batch has several parts."""
    if not parts:
        return f"line {line}"
    part, own = place_of(parts, line)
    return f"{part.title}, line {own}"
