"""The header of a sheet: the row, or the two rows, that hold the columns of the profile."""

import unicodedata
from dataclasses import dataclass

from data.errors import HallscoreError, nearest
from data.masking import mask_text
from data.workbook_grid import Cell, Grid, is_blank
from data.workbook_plan import SheetPlan

MOST_UNDESCRIBED = 50  # rows in which the header is looked for where no column is known
MOST_TITLES = 1000  # a header that stands lower is none; a million rows are not searched


@dataclass(frozen=True)
class Header:
    """Where the header stands (0-based, the end not in it), and the name of each column or ''."""

    start: int
    end: int
    names: list[str]


def folded(text: str) -> str:
    """A name for comparison: no blanks or line breaks, full-width letters as plain ones."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def find_header(grid: Grid, plan: SheetPlan) -> Header | None:
    """The first row that holds every needed column; a second line is joined to it as 'upper/lower'.

    None where no row does. A plan that knows no columns takes the likeliest row.
    """
    if not plan.columns:
        return _likeliest(grid, plan)
    for depth in (plan.header_rows,) if plan.header_rows else (1, 2):
        for start in range(min(len(grid.rows) - depth + 1, MOST_TITLES)):
            if all(is_blank(cell) for cell in grid.rows[start]):
                continue
            here = depth
            if plan.header_rows is None and depth == 1 and _goes_on(grid, start):
                here = 2
            names = _names(grid, start, here, plan)
            if plan.needed <= set(names):
                return Header(start, start + here, names)
    return None


def _likeliest(grid: Grid, plan: SheetPlan) -> Header | None:
    """The first row of the top that fills as many columns as any, with a different text in each.

    A title fills one column, and the upper of two header lines fewer than the lower. Where no row
    is like that it is the first one that is not blank.
    """
    filled = [
        [cell for cell in cells if not is_blank(cell)] for cells in grid.rows[:MOST_UNDESCRIBED]
    ]
    widest = max(map(len, filled), default=0)
    for start, cells in enumerate(filled):
        texts = {folded(cell) for cell in cells if isinstance(cell, str)}
        if len(texts) == widest > 0:
            return Header(start, start + 1, _names(grid, start, 1, plan))
    first = next((start for start, cells in enumerate(filled) if cells), None)
    return None if first is None else Header(first, first + 1, _names(grid, first, 1, plan))


def _goes_on(grid: Grid, row: int) -> bool:
    """Whether a cell of this row reaches down into the next one, as in a header of two lines."""
    return any(
        top == row and low > row + 1 and not is_blank(_at(grid.rows, row, left))
        for top, low, left, _ in grid.merged
    )


def _at(rows: list[list[Cell]], row: int, column: int) -> Cell:
    return rows[row][column] if column < len(rows[row]) else None


def _names(grid: Grid, start: int, depth: int, plan: SheetPlan) -> list[str]:
    """The name of each column as the profile writes it, else as it stands in the sheet."""
    lines = [_line(grid, start + place) for place in range(depth)]
    width = max(len(line) for line in lines)
    padded = [line + [""] * (width - len(line)) for line in lines]
    known = {folded(name): name for name in plan.columns}
    if depth == 1:
        return [known.get(folded(text), text) for text in padded[0]]
    lower = [folded(text) for text in padded[1]]
    names = []
    for upper, under in zip(*padded, strict=True):
        whole = plan.sep.join(part for part in dict.fromkeys((upper, under)) if part)
        name = known.get(folded(whole))
        if name is None and under and lower.count(folded(under)) == 1:
            name = known.get(folded(under))
        names.append(name or whole)
    return names


def _line(grid: Grid, row: int) -> list[str]:
    """The texts of one header row; a merged cell names all columns below it."""
    cells = grid.rows[row]
    texts = ["" if is_blank(cell) else " ".join(str(cell).split()) for cell in cells]
    for top, low, left, right in grid.merged:
        if top <= row < low:
            texts += [""] * (right - len(texts))
            for column in range(left, right):
                texts[column] = texts[left] if row == top else ""
    return texts


def check_twice(where: str, header: Header, plan: SheetPlan) -> None:
    """A column that the profile reads may stand once only."""
    for name in plan.columns:
        if header.names.count(name) > 1:
            raise HallscoreError(
                f"{where}, line {header.start + 1}: column {name!r} stands twice in the header. "
                "Rename one of them, or name both with their upper line in the profile."
            )


def no_header(where: str, grid: Grid, plan: SheetPlan) -> HallscoreError:
    """The refusal of a sheet without the columns of the profile: its best row and what it lacks."""
    best, names, found = 0, list[str](), -1
    for depth in (plan.header_rows,) if plan.header_rows else (1, 2):
        for row in range(min(len(grid.rows) - depth + 1, MOST_TITLES)):
            here = _names(grid, row, depth, plan)
            if (n := len(plan.needed & set(here))) > found:
                best, names, found = row, here, n
    lacking = sorted(plan.needed - set(names))
    seen = [name for name in names if name]
    if found < 1:
        # Not what stands there instead: without a header it may be people's names.
        return HallscoreError(
            f"{where}: no row holds any of the columns that profile {plan.profile!r} needs "
            f"({', '.join(sorted(plan.needed))}). Is it the right sheet and profile? "
            "[workbook] sheet and header_rows say where to look."
        )
    shown = mask_text(", ".join(seen[:12])) + (" …" if len(seen) > 12 else "")
    hint = nearest(lacking[0], [name for name in seen if name not in plan.columns])
    return HallscoreError(
        f"{where}: no row holds all columns of profile {plan.profile!r}. The nearest is line "
        f"{best + 1}, which lacks {', '.join(repr(one) for one in lacking)} and has: {shown}.{hint}"
    )
