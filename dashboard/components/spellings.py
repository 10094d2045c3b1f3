"""Names that wait for a decision: the nearest units, and the form that accepts or rejects one."""

from collections.abc import Callable
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats
from dashboard.components.heading import remark
from dashboard.components.tables import Cell, Column, table
from dashboard.components.waiting import SAID, told
from dashboard.text import Words
from dashboard.viewer import Viewer
from data.aliases import Choice, accept, reject
from data.batches import Batch
from data.errors import HallscoreError

SHOWN = 50


def draw(viewer: Viewer, names: pl.DataFrame, may_settle: bool) -> None:
    """The open spellings, most rows first, and for those who may settle them the form."""
    words = viewer.words
    open_ = names.filter(~pl.col("decided"))
    if open_.is_empty():
        remark(words("spellings.none"))
        return
    columns = [
        Column(words("spellings.spelling"), words("quality.source"), "hs-name"),
        Column(words("spellings.kind"), words("quality.log"), "hs-name"),
        Column(words("quality.rows"), look="hs-number"),
        Column(words("spellings.nearest"), look="hs-name"),
    ]
    rows = [_row(row, words) for row in open_.head(SHOWN).iter_rows(named=True)]
    table(columns, rows, words("spellings.title"))
    if may_settle:
        _form(viewer, open_.head(SHOWN).to_dicts())


def _row(row: dict[str, Any], words: Words) -> list[Cell]:
    nearest = words("format.list").join(_unit(one) for one in row["nearest"])
    return [
        Cell(row["spelling"], row["source"]),
        Cell(words(f"spellings.{row['kind']}"), row["hall_id"] or ""),
        Cell(formats.count(row["rows"])),
        Cell(nearest or formats.MARKS["none"]),
    ]


def _unit(one: dict[str, Any]) -> str:
    return f"{one['name']} {one['unit_id']}"


def _form(viewer: Viewer, rows: list[dict[str, Any]]) -> None:
    """Which spelling, which unit, decided by whom."""
    words = viewer.words
    with st.container(horizontal=True, vertical_alignment="bottom", key="alias"):
        place = st.selectbox(
            words("spellings.spelling"),
            range(len(rows)),
            format_func=lambda at: f"{rows[at]['spelling']} ({rows[at]['source']})",
            key="alias_spelling",
            width=280,
        )
        chosen = rows[place or 0]
        units = {one["unit_id"]: _unit(one) for one in chosen["nearest"]}
        unit = st.selectbox(
            words("spellings.unit"),
            list(units),
            index=None,
            format_func=lambda one: units.get(one, one),
            placeholder=words("spellings.unit_hint"),
            accept_new_options=True,
            # Another spelling begins with no unit chosen.
            key=f"alias_unit_{chosen['source']}_{chosen['spelling']}",
            width=360,
        )
        by = st.text_input(words("spellings.by"), key="alias_by", width=140)
        taken = st.button(words("spellings.accept"), disabled=not (unit and by.strip()))
        refused = st.button(words("spellings.reject"), disabled=not by.strip())
    hall = chosen["hall_id"] if chosen["kind"] == "counter" else None
    choice = Choice(chosen["spelling"], by, chosen["source"], chosen["kind"], hall)
    if taken and unit is not None:
        _settle(viewer, lambda: accept(viewer.home, choice, unit.split(" ")[-1]))
    elif refused:
        _settle(viewer, lambda: reject(viewer.home, choice))


def _settle(viewer: Viewer, decide: Callable[[], list[Batch]]) -> None:
    words = viewer.words
    try:
        with st.spinner(words("quality.replaying")):
            first, *again = decide()
    except HallscoreError as error:
        st.warning(str(error))
        return
    said = [words("spellings.decided", batch=first.no), *(told(one, words) for one in again)]
    st.session_state[SAID] = "\n\n".join(said)
    st.rerun()
