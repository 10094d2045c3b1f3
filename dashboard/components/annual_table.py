"""The year as a heat map that is its own table: counters × months, deeper for a higher score."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import polars as pl

from dashboard import formats
from dashboard.components.heading import remark
from dashboard.components.ranks import matching
from dashboard.components.tables import Cell, Column, table
from dashboard.state import page_of, paginate
from dashboard.text import Words
from metrics.annual import RolledUp, mark_of
from metrics.periods import Period
from metrics.points import UNIT

ROWS = 40


def draw(found: RolledUp, rows: pl.DataFrame, query: str, caption: str, words: Words) -> None:
    """A page of the units whose name contains the query, best first; the states at the end."""
    shown = matching(rows, query)
    if shown.is_empty():
        remark(words("ranking.found", query=query, count=0) if query else words("ranking.nobody"))
        return
    scale = _scale(rows, _marks(found))
    pages = list(shown.iter_slices(ROWS))
    cells = [_row(found, row, scale, words) for row in pages[page_of(len(pages)) - 1].to_dicts()]
    table(_columns(found, words), cells, caption)
    remark(words("annual.shade", low=formats.score(scale[0]), high=formats.score(scale[1])))
    paginate(len(pages))


def parts_of(found: RolledUp) -> list[tuple[str, Period]]:
    """The shorter periods that have begun, with the columns that hold them."""
    return [(mark_of(one.period), one.period) for one in found.parts if one is not None]


def _marks(found: RolledUp) -> list[str]:
    return [mark for mark, _ in parts_of(found)]


def _columns(found: RolledUp, words: Words) -> list[Column]:
    late = (
        [Column(words("annual.now"), words("annual.now_note"), "hs-number")]
        if _differs(found)
        else []
    )
    ahead = (
        [Column(words("annual.projected"), words("annual.projected_note"), "hs-number")]
        if found.running
        else []
    )
    return [
        Column(words("ranking.rank"), look="hs-number"),
        Column(words("ranking.unit"), words("ranking.hall"), "hs-name"),
        Column(words("annual.rolled"), words("annual.held"), "hs-number"),
        *late,
        *ahead,
        *(Column(part_label(one, words), look="hs-heat") for _, one in parts_of(found)),
    ]


def part_label(part: Period, words: Words) -> str:
    """A month as 1月 or Jan; other parts by their whole name."""
    if part.kind == "month":
        month = f"m{part.start.month}"
        return words(f"month.{month}")
    return part.label(words.lang)


def _row(
    found: RolledUp, row: Mapping[str, Any], scale: tuple[float, float], words: Words
) -> list[Cell]:
    counted = row["state"] == "number"
    rank = Cell(str(row["rank"]), mark=words("ranking.tied") if row["tied"] else "")
    mark = formats.MARKS.get(row["state"], words(f"state.{row['state']}"))
    rolled = formats.score(row["rolled"]) if counted else mark
    cells = [
        rank if counted and row["rank"] is not None else Cell("", mute=True),
        Cell(row["name"], row["hall"], link=_link(found, row, words)),
        Cell(rolled, f"{row['scored']} / {row['held']}", mute=not counted, strong=counted),
    ]
    if _differs(found):
        cells.append(_points(row["now_u"]))
    if found.running:
        ahead = row["projected_rank"]
        told = words("annual.rank", rank=ahead) if ahead is not None else ""
        cells.append(Cell(_points(row["projected_u"]).text, told, mute=True))
    return cells + [_heat(row[mark], scale) for mark in _marks(found)]


def _points(units: int | None) -> Cell:
    return Cell("/", mute=True) if units is None else Cell(formats.score(units / UNIT))


def _heat(points: float | None, scale: tuple[float, float]) -> Cell:
    if points is None:
        return Cell("·", mute=True)
    low, high = scale
    return Cell(formats.score(points), shade=(points - low) / (high - low) if high > low else 0.5)


def _scale(rows: pl.DataFrame, marks: Sequence[str]) -> tuple[float, float]:
    """From the least to the greatest score of a part, the same on every page of the table."""
    known = [one for mark in marks for one in rows[mark].drop_nulls().to_list()]
    return (min(known), max(known)) if known else (0.0, 0.0)


def _differs(found: RolledUp) -> bool:
    """Whether what is published and what would be computed now are two things."""
    return found.source != "computed"


def _link(found: RolledUp, row: Mapping[str, Any], words: Words) -> str:
    """Where the last scored part of a unit is explained."""
    scored = [one for mark, one in parts_of(found) if row[mark] is not None]
    if not scored:
        return ""
    asked = {"period": scored[-1].text, "scheme": found.scheme.id, "unit": row["id"]}
    return f"explanation?{urlencode(asked | {'lang': words.lang})}"
