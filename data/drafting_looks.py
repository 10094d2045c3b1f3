"""What the columns of a file look like: how full, how many values, which codes, whose secrets."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from data.masking import mask_text
from data.typing_rules import NO, YES, blanks_to_null

MANY = 2000  # distinct values that are kept of a column to judge it by
CODES = 40  # a code table has fewer entries than this
LONG = 25  # letters on average: free text
SYNONYMS = Path(__file__).with_name("drafting_synonyms.toml")
BLOT = "●●●"


@dataclass(frozen=True)
class ColumnLook:
    """One column: rows, filled cells, distinct values (`more` than are kept), and the values.

    `counts` has every kept value with its rows; it may hold personal data and is never printed
    but through `codes`, `examples`.
    """

    name: str
    rows: int
    filled: int
    more: bool
    distinct: int  # at most; values of a later chunk may be those of an earlier one
    unique: bool
    timed: bool  # cells of a date type
    counts: dict[str, int] = field(repr=False)
    time_like: bool = False  # nearly all values read as times

    @property
    def texts(self) -> list[str]:
        """The kept values in the order in which they came."""
        return list(self.counts)

    @property
    def codes(self) -> list[tuple[str, int]]:
        """Values with their rows in the order of codes; none where they may be a person's."""
        if self.private:
            return []
        return sorted(self.counts.items(), key=lambda one: (len(one[0]), one[0]))

    @property
    def length(self) -> float:
        """Letters of a value on average."""
        return sum(map(len, self.texts)) / max(len(self.counts), 1)

    @property
    def few(self) -> bool:
        """Whether the values may be codes."""
        return not self.more and len(self.counts) < CODES

    @property
    def whole(self) -> bool:
        """Whether all values are whole numbers."""
        return all(text.removeprefix("-").isdecimal() for text in self.texts)

    @property
    def yes_no(self) -> bool:
        """Whether all values say yes or no."""
        return {text.lower() for text in self.texts} <= {*YES, *NO}

    @property
    def private(self) -> bool:
        """Whether the values are, or may be, a person's: numbers, names, free text, secrets."""
        if self.time_like:
            return False
        return _private_name(self.name) or self.length > LONG or self._names_or_numbers()

    def _names_or_numbers(self) -> bool:
        some = self.texts[:200]
        if len(some) < 3:
            return any(mask_text(text) != text for text in some)
        surnames = synonyms()["private"]["surnames"]
        named = sum(2 <= len(text) <= 4 and text[0] in surnames and _han(text) for text in some)
        masked = sum(mask_text(text) != text for text in some)
        return named > 0.8 * len(some) or masked > 0.2 * len(some)

    @property
    def examples(self) -> list[str]:
        """Three values, blotted out where they may be a person's."""
        return [BLOT if self.private else mask_text(text)[:40] for text in self.texts[:3]]


def _han(text: str) -> bool:
    return all("\u4e00" <= letter <= "\u9fff" for letter in text)


def _private_name(name: str) -> bool:
    lower = name.casefold()
    return any(part in lower for part in synonyms()["private"]["names"])


@cache
def synonyms() -> dict[str, Any]:
    """Names by which sources call our fields, words of their codes, and names of secrets."""
    return tomllib.loads(SYNONYMS.read_text("utf-8"))


def texts_of(column: pl.Series) -> pl.Series:
    """The cells as text as they are typed later: no odd blanks, empty ones null."""
    if column.dtype == pl.Date:
        return column.dt.strftime("%Y-%m-%d")
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S")
    return blanks_to_null(column, []).cast(pl.String)


@dataclass
class _Tally:
    """A column while the chunks come by."""

    rows: int = 0
    filled: int = 0
    more: bool = False
    distinct: int = 0
    unique: bool = True
    timed: bool = False
    counts: pl.DataFrame | None = None

    def add(self, column: pl.Series) -> None:
        texts = texts_of(column).alias("text").drop_nulls()
        self.timed = self.timed or column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime)
        self.rows, self.filled = self.rows + len(column), self.filled + len(texts)
        counted = texts.to_frame().group_by("text", maintain_order=True).len("n")
        self.unique = self.unique and counted.height == len(texts)
        self.distinct += counted.height
        if self.counts is not None and not self.more:
            both = pl.concat([self.counts, counted])
            counted = both.group_by("text", maintain_order=True).agg(pl.col("n").sum())
            self.unique = self.unique and bool((counted["n"] == 1).all())
        if self.counts is None or not self.more:
            self.more = counted.height > MANY
            self.counts = counted.head(MANY)


def look_at(frames: Iterable[pl.DataFrame]) -> dict[str, ColumnLook]:
    """The columns of a table that comes in pieces, by name; `_line` is no column."""
    tallies: dict[str, _Tally] = {}
    for frame in frames:
        for column in frame.iter_columns():
            if column.name != "_line":
                tallies.setdefault(column.name, _Tally()).add(column)
    return {
        name: ColumnLook(
            name,
            tally.rows,
            tally.filled,
            tally.more,
            tally.distinct,
            tally.unique and tally.filled > 0,
            tally.timed,
            dict(tally.counts.iter_rows()) if tally.counts is not None else {},
        )
        for name, tally in tallies.items()
    }
