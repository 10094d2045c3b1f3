"""A read-only session with a source's database: what both drivers offer, and what they are asked.

Every value arrives as the server's own text, so that nothing is rounded, moved or refused on the
way; `data.pull_text` turns it into what the profile reads.
"""

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from data.database_settings import DatabasePart
from data.errors import HallscoreError, nearest

# instant: a point in time, written in UTC. moment: a local time without a zone.
Kind = Literal[
    "text", "number", "float", "flag", "date", "moment", "instant", "clock", "bytes", "bits"
]
Cell = str | bytes | None
Value = str | int | Decimal | None
TIMES = ("date", "moment", "instant")


@dataclass(frozen=True)
class Column:
    """A column of the source, as its server describes it."""

    name: str
    kind: Kind


class Session(Protocol):
    """One connection inside one read-only transaction: every answer is of the same moment."""

    def quote(self, name: str) -> str:
        """A name as an identifier of this server."""

    def names(self, table: str) -> list[str]:
        """The columns of a table that the user may read; HallscoreError where there are none."""

    def describe(self, select: str) -> list[Column]:
        """The columns of a SELECT without reading a row of it."""

    def one(self, select: str, values: Sequence[Value]) -> str | None:
        """The first cell of the first row."""

    def stream(
        self, select: str, values: Sequence[Value], size: int
    ) -> Generator[list[list[Cell]], None, None]:
        """The rows in pieces of at most `size`, by a cursor of the server."""

    def as_bytes(self, column: str) -> str:
        """The bytes of a quoted column as they are stored."""

    def as_text(self, column: str) -> str:
        """A quoted column as the text by which `at` finds its value again."""

    def at(self, column: Column) -> str:
        """A place for a value that is compared with the column in the column's own type."""

    def earlier(self, column: Column, seconds: int) -> str:
        """A place for a value, less some seconds, as text."""

    def now(self) -> str:
        """The server's own time in UTC, as 2019-08-01 10:00:00.000000."""

    def close(self) -> None:
        """End the transaction and the connection."""


@dataclass(frozen=True)
class Reading:
    """The SELECTs on one source; the watermark comes last in each row, as text."""

    session: Session
    part: DatabasePart
    columns: tuple[Column, ...]
    mark: Column
    there: frozenset[str]  # what could be asked for

    @property
    def source(self) -> str:
        """What stands after FROM."""
        return source_text(self.session, self.part)

    @property
    def quoted_mark(self) -> str:
        """The watermark's name for the server."""
        return self.session.quote(self.mark.name)

    def rows(self, since: str | None) -> tuple[str, list[Value]]:
        """All rows from a watermark on, in its order, and what fills the places.

        A row without a watermark is never behind one, so it is read each time.
        """
        listed = [self._cell(column) for column in self.columns]
        listed.append(f"{self.session.as_text(self.quoted_mark)} AS hallscore_mark")
        order = [self.quoted_mark, *(self.session.quote(name) for name in self.part.key)]
        where, values = self._since(since)
        text = f"SELECT {', '.join(listed)} FROM {self.source}{where} ORDER BY {', '.join(order)}"
        return text, values

    def count(self, since: str | None) -> tuple[str, list[Value]]:
        """How many rows that would be."""
        where, values = self._since(since)
        return f"SELECT COUNT(*) FROM {self.source}{where}", values

    def start(self, reached: str) -> str | None:
        """Where to begin so that the overlap is read again; None for the very beginning."""
        back = self.part.overlap_rows
        if back is None:
            seconds = int(self.part.overlap_time.total_seconds()) if self.part.overlap_time else 0
            place = self.session.earlier(self.mark, seconds)
            return self.session.one(f"SELECT {place}", [reached])
        mark, at = self.quoted_mark, self.session.at(self.mark)
        return self.session.one(
            f"SELECT {self.session.as_text(mark)} FROM {self.source} WHERE {mark} <= {at} "
            f"ORDER BY {mark} DESC LIMIT 1 OFFSET {back - 1}",
            [self.value(reached)],
        )

    def value(self, text: str) -> Value:
        """A watermark as the driver sends it; a number as one, or servers compare 53 bits of it."""
        if self.mark.kind != "number":
            return text
        return int(text) if text.lstrip("-").isdigit() else Decimal(text)

    @property
    def first(self) -> str | None:
        """Where the very first pull begins; None for the beginning."""
        return None if self.part.first == "" else str(self.part.first)

    def _since(self, since: str | None) -> tuple[str, list[Value]]:
        """The condition: not before the watermark, and never before the first one of all."""
        bounds = [one for one in dict.fromkeys((since, self.first)) if one is not None]
        if not bounds:
            return "", []
        mark, at = self.quoted_mark, self.session.at(self.mark)
        after = " AND ".join(f"{mark} >= {at}" for _ in bounds)
        return f" WHERE ({after} OR {mark} IS NULL)", [self.value(one) for one in bounds]

    def _cell(self, column: Column) -> str:
        name = self.session.quote(column.name)
        if column.name in self.part.stored_as:
            return f"{self.session.as_bytes(name)} AS {name}"
        return name


def source_text(session: Session, part: DatabasePart) -> str:
    """The table, or the query in brackets, as it stands after FROM; `%` doubled for the drivers."""
    if part.table:
        return ".".join(session.quote(piece) for piece in part.table.split("."))
    return f"({part.query.replace('%', '%%')}) AS pulled"


def reading_of(session: Session, part: DatabasePart, wanted: Sequence[str]) -> Reading:
    """The SELECTs for the wanted columns; HallscoreError where a column or the watermark is amiss.

    Only columns that somebody reads are asked for: names and comments never leave the source.
    """
    seen = columns_of(session, part)
    known = {column.name: column for column in seen}
    for key, names in (
        ("watermark", [part.watermark]),
        ("key", part.key),
        ("columns", part.columns),
        ("stored_as", part.stored_as),
    ):
        for name in names:
            if name not in known:
                raise HallscoreError(
                    f"{part.subject} has no column {name!r}, which `{key}` names; it has "
                    f"{', '.join(known)}.{nearest(name, known)}"
                )
    mark = known[part.watermark]
    if mark.kind not in (*TIMES, "number"):
        raise HallscoreError(
            f"watermark {mark.name!r} of {part.subject} is a {mark.kind}; a time or a whole number "
            "that only grows was expected. Name another column."
        )
    if mark.kind == "number" and part.overlap_rows is None:
        raise HallscoreError(
            f"overlap {part.overlap!r}: watermark {mark.name!r} of {part.subject} is a number, "
            'which has no days. Write the overlap in rows: overlap = "5000 rows".'
        )
    chosen = tuple(
        Column(name, "bytes") if name in part.stored_as else known[name]
        for name in part.columns or wanted
        if name in known
    )
    reading = Reading(session, part, chosen, mark, frozenset(part.columns or known))
    _check_first(reading)
    return reading


def _check_first(reading: Reading) -> None:
    """A first value that is none would be NULL to MariaDB, and no row comes after NULL."""
    first, session = reading.first, reading.session
    if first is None:
        return
    if reading.mark.kind == "number":
        good = re.fullmatch(r"-?\d+(\.\d+)?", first) is not None
    else:
        asked = f"SELECT {session.as_text(session.at(reading.mark))}"
        # PostgreSQL would take 'yesterday', which is another day at every pull.
        good = first[:4].isdigit() and session.one(asked, [first]) is not None
    if not good:
        raise HallscoreError(
            f"first {first!r}: no {reading.mark.kind} for watermark {reading.mark.name!r}. Write a "
            'number, or a time as "2019-08-01 00:00:00" (of a column with a zone: in UTC).'
        )


def columns_of(session: Session, part: DatabasePart) -> list[Column]:
    """Every column of the source that the user may read."""
    source = source_text(session, part)
    if not part.table:
        return session.describe(f"SELECT pulled.* FROM {source}")
    listed = ", ".join(session.quote(name) for name in session.names(part.table))
    return session.describe(f"SELECT {listed} FROM {source}")


def without_password(said: str, password: str) -> str:
    """A server's own words on one line, the password blotted out."""
    line = " ".join(said.split())
    return line.replace(password, "…") if password else line


def refusal(part: DatabasePart, known: str | None, what: str, said: str) -> HallscoreError:
    """What a server's refusal is in one sentence.

    `known`: the words for an error that is understood, with {user}, {database} and {said}; `what`:
    what was asked of the server; `said`: its own words, without the password.
    """
    if known is not None:
        told = known.format(user=part.user, database=part.database, said=said)
        return HallscoreError(f"{part.place}: {told}.")
    if what == "connect":
        return HallscoreError(
            f"{part.place}: the server cannot be reached ({said}). Check host, port, tls and "
            "that it runs."
        )
    return HallscoreError(
        f"{part.place}: the server did not {what} ({said}). Nothing was taken in; run the pull "
        "again."
    )
