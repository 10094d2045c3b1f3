"""An edition of the administrative divisions (行政区划): codes, levels and names, as published."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from data.errors import HallscoreError, nearest
from data.readers import read_chunks

LEVELS = ("city", "county", "township", "village")
COLUMNS = ("code", "parent_code", "level", "name")
# Rows of the statistical code that sum up a city's districts; they are no place (国家统计局).
SUMMARIES = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
WIDTH = 12


@dataclass(frozen=True)
class Edition:
    """Divisions by their 12-digit code; `reach` is the deepest level of the file."""

    name: str
    divisions: dict[str, "Division"]
    levels: tuple[str, ...]

    @property
    def reach(self) -> str:
        """The level below which the edition says nothing."""
        return self.levels[-1]

    def parent(self, code: str) -> str | None:
        """The code of the place above a division; None at the top of the file."""
        above = self.divisions[code].parent
        return above if above in self.divisions else None


@dataclass(frozen=True)
class Division:
    """One place, and the line of the file that names it."""

    code: str
    parent: str
    level: str
    name: str
    line: int


def padded(code: str) -> str:
    """A code of 6 or 9 digits in its 12-digit form."""
    return code.ljust(WIDTH, "0")


def read_edition(path: Path, edition: str | None = None) -> Edition:
    """Read a table of divisions; anything in it that cannot be so raises HallscoreError.

    Columns code, parent_code, level, name; with a column `edition` one of its values is chosen.
    """
    rows = _chosen(path, _rows(path), edition)
    found: dict[str, Division] = {}
    for row in rows.iter_rows(named=True):
        one = _division(path, row)
        if one.code in found:
            raise HallscoreError(
                f"{path}, line {one.line}: code {one.code!r} stands in line "
                f"{found[one.code].line} too. A code names one place; keep one of them."
            )
        found[one.code] = one
    levels = tuple(level for level in LEVELS if any(one.level == level for one in found.values()))
    _check_parents(path, found, levels)
    kept = {code: one for code, one in found.items() if one.name not in SUMMARIES}
    return Edition(edition or path.stem, kept, levels)


def _rows(path: Path) -> pl.DataFrame:
    """The file as text with `_line`; every row must be a row."""
    chunks = list(read_chunks(path, "utf-8", ","))
    for chunk in chunks:
        for line, reason, detail, _ in chunk.rejects.iter_rows():
            raise HallscoreError(f"{path}, line {line}: {reason}: {detail}. Correct the file.")
    rows = pl.concat([chunk.rows for chunk in chunks], how="diagonal_relaxed")
    for name in COLUMNS:
        if name not in rows.columns:
            seen = [column for column in rows.columns if column != "_line"]
            raise HallscoreError(
                f"{path}: no column {name!r}; the file has {', '.join(seen)}. Expected "
                f"{', '.join(COLUMNS)}.{nearest(name, seen)}"
            )
    if rows.is_empty():
        raise HallscoreError(f"{path}: no divisions in the file.")
    return rows


def _chosen(path: Path, rows: pl.DataFrame, edition: str | None) -> pl.DataFrame:
    """The rows of one edition."""
    known = sorted(rows["edition"].drop_nulls().unique()) if "edition" in rows.columns else []
    if edition is None and len(known) < 2:
        return rows
    if edition not in known:
        seen = "no --edition given" if edition is None else f"--edition {edition!r}"
        raise HallscoreError(
            f"{path}: {seen}; the file has {', '.join(known) or 'no column edition'}."
            f"{nearest(edition or '', known)}"
        )
    return rows.filter(edition=edition)


def _division(path: Path, row: dict[str, str | int | None]) -> Division:
    cells = {name: str(row[name] or "").strip() for name in COLUMNS}
    line = int(row["_line"] or 0)
    code = cells["code"]
    if not (code.isascii() and code.isdigit() and len(code) in (6, 9, WIDTH)):
        raise HallscoreError(
            f"{path}, line {line}: code {code!r}; expected 12 digits (or 6 or 9). A workbook may "
            "have turned it into a number; save the column as text."
        )
    if cells["level"] not in LEVELS:
        raise HallscoreError(
            f"{path}, line {line}: level {cells['level']!r}; expected {', '.join(LEVELS)}."
            f"{nearest(cells['level'], LEVELS)}"
        )
    if not cells["name"]:
        raise HallscoreError(f"{path}, line {line}: code {code!r} has no name.")
    return Division(padded(code), padded(cells["parent_code"]), cells["level"], cells["name"], line)


def _check_parents(path: Path, found: dict[str, Division], levels: tuple[str, ...]) -> None:
    """Below the first level every place stands under one of the file, of a higher level."""
    for one in found.values():
        above = found.get(one.parent)
        if one.level == levels[0]:
            continue
        if above is None:
            raise HallscoreError(
                f"{path}, line {one.line}: {one.name} ({one.code}) stands under {one.parent!r}, "
                f"which the file does not have.{nearest(one.parent, found, 0.9)}"
            )
        if LEVELS.index(above.level) >= LEVELS.index(one.level):
            raise HallscoreError(
                f"{path}, line {one.line}: {one.level} {one.name} stands under "
                f"{above.level} {above.name}; expected a higher level above it."
            )
