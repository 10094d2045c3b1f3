"""What a paragraph of the rules is: a title, a sentence, tables in, a question, a table out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Row = dict[str, str]


@dataclass(frozen=True)
class Text:
    """The same in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True)
class Table:
    """Rows of cells as they are written, all text; an empty cell is nothing."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Paragraph:
    """One rule. `answers`: tables out by what they are of; see `city`."""

    title: Text
    why: Text
    tables: Mapping[str, Table]
    answers: Mapping[str, Table]
    schemes: Mapping[str, str]
    metric: str
    period: str
    as_of: str
    alone: bool


@dataclass(frozen=True)
class Chapter:
    """Paragraphs of one subject, in reading order."""

    id: str
    title: Text
    paragraphs: tuple[Paragraph, ...] = field(default=())


def table(text: str) -> Table:
    """Lines of cells between bars, the first of them the columns."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    head, body = tuple(lines[0]), lines[1:]
    assert all(len(line) == len(head) for line in body), f"a line has not {len(head)} cells: {text}"
    return Table(head, tuple(dict(zip(head, line, strict=True)) for line in body))


ANSWERS = ("expect", "lines", "chiefs", "titles", "chief_titles")


def city(
    title: Text,
    why: Text,
    *,
    metric: str = "",
    schemes: Mapping[str, str] | None = None,
    period: str = "2019-08",
    as_of: str = "2019-09-30",
    alone: bool = False,
    **tables: str,
) -> Paragraph:
    """A rule by a small city: its logs by name, and what is expected.

    expect: values of `metric` (or of each metric of a column `metric`), scores by the first of the
    `schemes`, or deadlines of cases, by its first column. lines: the lines of a score; chiefs: the
    scores of the chief representatives; titles, chief_titles: the awards of either.
    `alone`: in a home of its own, because what was not delivered plays a part.
    """
    read = {name: table(text) for name, text in tables.items()}
    answers = {name: read.pop(name) for name in ANSWERS if name in read}
    return Paragraph(title, why, read, answers, dict(schemes or {}), metric, period, as_of, alone)
