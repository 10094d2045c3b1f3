"""Tables as real HTML: aligned figures, n and d under each rate, readable by a screen reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

import streamlit as st


@dataclass(frozen=True)
class Column:
    """A column: its heading, the unit or weight under it, and how its cells are set."""

    title: str
    note: str = ""
    look: str = ""
    group: str = ""  # what columns beside each other have in common, printed over them


@dataclass(frozen=True)
class Cell:
    """A cell: its text, what stands small before and under it, or the interval that it is."""

    text: str
    note: str = ""
    mark: str = ""
    aside: str = ""
    mute: bool = False
    strong: bool = False
    span: tuple[float, float, float] | None = None  # from, to and the mark inside, each 0–1
    link: str = ""  # where the text leads
    shade: float | None = None  # how deep the ground is, 0–1
    drawing: str = ""  # markup of a small picture in the place of the text, which describes it


Rows = Sequence[Sequence[Cell]]


def table_html(columns: Sequence[Column], rows: Rows, caption: str, whole: int = 0) -> str:
    """The markup of a table; the first `whole` rows are the totals."""
    heads = "".join(
        f'<th scope="col" class="{column.look}">{escape(column.title)}'
        f"{f'<small>{escape(column.note)}</small>' if column.note else ''}</th>"
        for column in columns
    )
    body = "".join(_row(columns, row, at < whole) for at, row in enumerate(rows))
    label = escape(caption, quote=True)
    return (
        f'<div class="hs-scroll" tabindex="0" role="region" aria-label="{label}">'
        f'<table class="hs-table"><caption>{label}</caption>'
        f"<thead>{_groups(columns)}<tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _groups(columns: Sequence[Column]) -> str:
    """A first row of headings over columns that belong together; none where none does."""
    if not any(column.group for column in columns):
        return ""
    runs = [(name, len(list(some))) for name, some in groupby(columns, lambda one: one.group)]
    cells = "".join(
        f'<th scope="colgroup" colspan="{count}" class="hs-group">{escape(name)}</th>'
        if name
        else f'<td colspan="{count}"></td>'
        for name, count in runs
    )
    return f"<tr>{cells}</tr>"


def _row(columns: Sequence[Column], row: Sequence[Cell], whole: bool) -> str:
    cells = "".join(_cell(column, cell) for column, cell in zip(columns, row, strict=True))
    return f'<tr class="{"hs-whole" if whole else ""}">{cells}</tr>'


def _cell(column: Column, cell: Cell) -> str:
    extra = {"hs-mute": cell.mute, "hs-strong": cell.strong}
    look = " ".join([column.look, *(name for name, wanted in extra.items() if wanted)]).strip()
    if cell.span is not None:
        return f'<td class="{look}">{_span(cell)}</td>'
    if cell.drawing:
        return f'<td class="{look}">{cell.drawing}</td>'
    mark = f'<span class="hs-tie">{escape(cell.mark)}</span> ' if cell.mark else ""
    aside = f'<span class="hs-aside">{escape(cell.aside)}</span> ' if cell.aside else ""
    note = f"<small>{escape(cell.note)}</small>" if cell.note else ""
    text = escape(cell.text)
    if cell.link:
        text = f'<a href="{escape(cell.link, quote=True)}" target="_self">{text}</a>'
    shade = "" if cell.shade is None else f' style="--hs-shade:{min(max(cell.shade, 0), 1):.0%}"'
    return f'<td class="{look}"{shade}>{mark}{aside}{text}{note}</td>'


def _span(cell: Cell) -> str:
    """An interval as a band with the point of the record on it, and in words for who hears it."""
    assert cell.span is not None
    low, high, at = (min(max(one, 0.0), 1.0) for one in cell.span)
    label = escape(cell.text, quote=True)
    return (
        f'<span class="hs-span" role="img" aria-label="{label}" title="{label}">'
        f'<i style="left:{low:.2%};width:{high - low:.2%}"></i><b style="left:{at:.2%}"></b></span>'
    )


def table(columns: Sequence[Column], rows: Rows, caption: str, whole: int = 0) -> None:
    """Draw a table."""
    st.html(table_html(columns, rows, caption, whole))
