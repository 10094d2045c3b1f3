"""A draft of a profile for a file that nobody has described yet: proposals, each with its reason.

Nothing is decided here. What a person has not confirmed stands as "?" in the TOML (data.undecided).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from data.contracts import CONTRACTS, Contract
from data.drafting_bytes import Guess, sniff
from data.drafting_dates import is_time
from data.drafting_looks import BLOT, ColumnLook, look_at, synonyms
from data.drafting_match import Matches, match
from data.errors import HallscoreError, nearest
from data.masking import mask_text
from data.readers import read_chunks
from data.workbook_plan import any_columns

MOST_ROWS = 1_000_000  # looked at; the ingest reads all
PREVIEW = 20


@dataclass(frozen=True)
class Draft:
    """A file as it was seen, and what is proposed for it.

    `preview`: its first rows, personal cells blotted out; `rows` were looked at, all if `whole`.
    """

    file: str
    log: str
    guess: Guess
    encoding: str
    delimiter: str
    looks: dict[str, ColumnLook]
    matches: Matches
    preview: pl.DataFrame
    rows: int
    whole: bool
    sheet: str = ""

    @property
    def contract(self) -> Contract:
        """The contract of the log."""
        return CONTRACTS[self.log]

    @property
    def blanks(self) -> list[str]:
        """Spellings of no value that stand in the file, besides the empty cell."""
        known = synonyms()["missing"]["spellings"]
        open_looks = [look for look in self.looks.values() if not look.private]
        return [one for one in known if any(one in look.counts for look in open_looks)]

    def look(self, column: str) -> ColumnLook:
        """How a column looks; HallscoreError with the nearest one where there is none."""
        if column not in self.looks:
            raise HallscoreError(
                f"{self.file}: no column {column!r}. The file has: {', '.join(self.looks)}."
                f"{nearest(column, self.looks)}"
            )
        return self.looks[column]


def draft_of(
    path: Path, log: str, encoding: str = "", delimiter: str = "", sheet: str = ""
) -> Draft:
    """Look at a file and propose how it is read as a log; raises HallscoreError.

    Without `encoding` or `delimiter` the file is read as its bytes suggest; `sheet` names the one
    sheet of a workbook that is meant (or a pattern).
    """
    if log not in CONTRACTS:
        raise HallscoreError(
            f"--log {log!r} is unknown; known are {', '.join(CONTRACTS)}.{nearest(log, CONTRACTS)}"
        )
    if not path.is_file():
        raise HallscoreError(f"{path}: no such file.")
    guess = sniff(path)
    encoding = encoding or guess.encoding or "utf-8"
    delimiter = delimiter or guess.delimiter or ","
    reading = _Reading(path, encoding, delimiter, sheet)
    looks = {
        name: replace(look, time_like=is_time(look)) for name, look in look_at(reading).items()
    }
    preview = blotted(reading.first, looks)
    return Draft(
        path.name,
        log,
        guess,
        encoding,
        delimiter,
        looks,
        match(log, looks),
        preview,
        reading.rows,
        reading.whole,
        sheet,
    )


class _Reading:
    """The chunks of a file up to the limit, and what was met on the way."""

    def __init__(self, path: Path, encoding: str, delimiter: str, sheet: str) -> None:
        self.path, self.encoding, self.delimiter = path, encoding, delimiter
        self.plan = any_columns(encoding, sheet)
        self.rows, self.whole = 0, True
        self.first = pl.DataFrame()

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for chunk in read_chunks(self.path, self.encoding, self.delimiter, plan=self.plan):
            if self.rows >= MOST_ROWS:
                self.whole = False
                return
            if not self.first.height:
                self.first = chunk.rows.head(PREVIEW)
            self.rows += chunk.rows.height
            yield chunk.rows


def blotted(rows: pl.DataFrame, looks: dict[str, ColumnLook]) -> pl.DataFrame:
    """Rows as text for the eye: what may be a person's is blotted out, empty cells stay empty."""
    columns = []
    for column in rows.drop("_line", strict=False).iter_columns():
        look = looks.get(column.name)
        texts = [None if cell is None else str(cell) for cell in column.to_list()]
        hidden = look is not None and look.private
        shown = [(BLOT if hidden else mask_text(one)) if one else one for one in texts]
        columns.append(pl.Series(column.name, shown, dtype=pl.String))
    return pl.DataFrame(columns)
