"""Sheets of an xlsx book: cells by calamine, and what it does not tell from the sheet's own XML."""

import io
import zipfile
from pathlib import Path, PurePosixPath
from typing import cast

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum, ZipError

from data.errors import HallscoreError
from data.workbook_grid import Cell, Grid, SheetName
from data.workbook_marks import Marks, read_marks

MOST_BYTES = 1 << 30
MOST_CELLS = 40_000_000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


class Xlsx:
    """An open xlsx book."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.archive = zipfile.ZipFile(path)
            self._check_size()
            # Not by its path: calamine believes the name, and xlsx books are named .xls by hand.
            self.book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
            self.parts = _sheet_parts(self.archive)
        except (zipfile.BadZipFile, EOFError) as error:
            raise HallscoreError(
                f"{path}: the workbook is cut off or damaged ({error}). Send the file again."
            ) from None
        except (CalamineError, KeyError, etree.XMLSyntaxError, OSError) as error:
            raise HallscoreError(f"{path}: not a readable xlsx workbook ({error}).") from None

    def close(self) -> None:
        """Close the file."""
        self.archive.close()

    def _check_size(self) -> None:
        size = sum(member.file_size for member in self.archive.infolist())
        if size > MOST_BYTES:
            raise HallscoreError(
                f"{self.path}: unpacked this workbook is {size / 1e9:.1f} GB; at most "
                f"{MOST_BYTES / 1e9:.1f} GB are read. Split it, or export csv."
            )

    def sheets(self) -> list[SheetName]:
        """The sheets in their order; chart sheets hold no rows."""
        return [
            SheetName(one.name, one.visible != SheetVisibleEnum.Visible)
            for one in self.book.sheets_metadata
            if one.name in self.parts
        ]

    def grid(self, name: str) -> Grid:
        """The cells of a sheet with true row numbers."""
        try:
            with self.archive.open(self.parts[name]) as stream:
                marks = read_marks(stream)
            self._check_span(name, marks)
            sheet = self.book.get_sheet_by_name(name)
            rows = cast(list[list[Cell]], sheet.to_python(skip_empty_area=False))
            merged = sheet.merged_cell_ranges or []
        except (CalamineError, ZipError, zipfile.BadZipFile, etree.XMLSyntaxError) as error:
            raise HallscoreError(
                f"{self.path}, sheet {name!r}: damaged ({error}). Send the file again."
            ) from None
        _put_faults(rows, marks)
        return Grid(
            name,
            rows,
            [(top, low + 1, left, right + 1) for (top, left), (low, right) in merged],
            tuple(row + 1 for row in marks.hidden_rows),
            tuple(column + 1 for column in marks.hidden_columns),
        )

    def _check_span(self, name: str, marks: Marks) -> None:
        if marks.rows * marks.columns > MOST_CELLS:
            raise HallscoreError(
                f"{self.path}, sheet {name!r}: it spans {marks.rows:,} rows and {marks.columns:,} "
                "columns, mostly empty ones. A stray cell stands far out: delete the empty rows "
                "and columns, or export csv."
            )


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet names and the parts of the archive that hold their cells."""
    members = {name.lower(): name for name in archive.namelist()}
    book = PurePosixPath("xl/workbook.xml")
    for relation in _children(archive, members, PurePosixPath("_rels/.rels")):
        if str(relation.get("Type")).endswith("/officeDocument"):
            book = _joined(PurePosixPath(), str(relation.get("Target")))
    relations = _children(archive, members, book.parent / "_rels" / f"{book.name}.rels")
    targets = {
        one.get("Id"): _joined(book.parent, str(one.get("Target")))
        for one in relations
        if str(one.get("Type")).endswith("/worksheet")
    }
    found = {}
    for sheet in _parsed(archive, members, book).iter("{*}sheet"):
        target = targets.get(sheet.get(_RELATION) or sheet.get(_STRICT_RELATION))
        if target is not None:
            found[str(sheet.get("name"))] = members[str(target).lower()]
    return found


def _joined(folder: PurePosixPath, target: str) -> PurePosixPath:
    return PurePosixPath(target.lstrip("/")) if target.startswith("/") else folder / target


def _parsed(
    archive: zipfile.ZipFile, members: dict[str, str], name: PurePosixPath
) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(archive.read(members[str(name).lower()]), parser)


def _children(
    archive: zipfile.ZipFile, members: dict[str, str], name: PurePosixPath
) -> list[etree._Element]:
    return list(_parsed(archive, members, name))


def _put_faults(rows: list[list[Cell]], marks: Marks) -> None:
    for (row, column), fault in marks.faults.items():
        while len(rows) <= row:
            rows.append([])
        rows[row] += [None] * (column + 1 - len(rows[row]))
        rows[row][column] = fault
