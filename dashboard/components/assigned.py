"""交办: a figure becomes somebody's task with a limit, and stands here until it is done."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from dashboard.viewer import Viewer
from data.assignments import Assignment, Said, answer, assign, close
from data.disk import now_in
from data.errors import HallscoreError
from data.profile import SITE_ZONE
from data.workdays import load_calendar
from metrics.assigned import assigned, figure_of, unit_names
from metrics.catalogue import Metric, catalogue, metric
from metrics.periods import Period

DAYS, MOST_DAYS = 5, 60
SHOWN = 20
WIDTH = 260


def draw(viewer: Viewer, metrics: Sequence[Metric], period: Period, unit: str = "") -> None:
    """The open assignments of the viewer's units, the form for a new one, the answer to one."""
    words, today = viewer.words, now_in(SITE_ZONE).date()
    rows = assigned(viewer.home, viewer.scope, today)
    if unit:
        rows = rows.filter(pl.col("unit") == unit)
    open_ = rows.filter(pl.col("state") != "done")
    st.html('<span id="assign"></span>')
    section(words("assigned.title"), words("assigned.note"))
    if open_.is_empty():
        remark(words("assigned.nothing"))
    else:
        _table(open_, words)
    if rows.height > open_.height:
        remark(words("assigned.closed", count=formats.count(rows.height - open_.height)))
    asked = state.chosen("assign")
    with st.expander(words("assigned.new"), expanded=asked is not None, key="assign_form"):
        _form(viewer, metrics, period, unit, asked, today)
    if not open_.is_empty():
        with st.expander(words("assigned.reply"), key="assign_reply"):
            _reply(viewer, open_)


def _table(open_: pl.DataFrame, words: Words) -> None:
    columns = [
        Column(words("assigned.no"), look="hs-number"),
        Column(words("assigned.unit"), words("assigned.figure"), "hs-name"),
        Column(words("assigned.task"), words("assigned.by"), "hs-prose"),
        Column(words("assigned.due")),
        Column(words("assigned.state")),
        Column(words("assigned.last"), words("assigned.last_by"), "hs-prose"),
    ]
    shown = open_.head(SHOWN).to_dicts()
    table(columns, [_row(row, words) for row in shown], words("assigned.title"))
    if open_.height > SHOWN:
        remark(words("assigned.more", shown=SHOWN, count=formats.count(open_.height)))


def _row(row: Mapping[str, Any], words: Words) -> list[Cell]:
    left = abs(row["workdays"])
    late = row["state"] == "overdue"
    label = words.of(metric(row["metric"]).label) if row["metric"] in catalogue() else row["metric"]
    figure = words("assigned.of", metric=label, period=row["period"], figure=row["figure"])
    by = words("assigned.given", by=row["by"], day=formats.day(row["recorded_on"], words))
    return [
        Cell(str(row["no"])),
        Cell(row["name"] or words("overview.city"), figure),
        Cell(row["task"], by),
        Cell(
            formats.day(row["due"], words),
            words("assigned.past" if late else "assigned.left", days=left),
        ),
        Cell(words(f"assigned_state.{row['state']}"), strong=late),
        Cell(row["last"] or "", row["last_by"] or ""),
    ]


def _form(
    viewer: Viewer,
    metrics: Sequence[Metric],
    period: Period,
    unit: str,
    asked: str | None,
    today: date,
) -> None:
    words = viewer.words
    labels = {one.id: words.of(one.label) for one in metrics}
    names = {unit: ""} if unit else unit_names(viewer.home, viewer.scope, today)
    names |= {"": words("overview.city")} if "" in names else {}
    with st.form("assign", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            codes = list(labels)
            at = codes.index(asked) if asked in codes else 0
            chosen = st.selectbox(
                words("filters.metric"),
                codes,
                index=at,
                format_func=labels.__getitem__,
                width=WIDTH,
            )
            whom = unit or st.selectbox(
                words("assigned.unit"), list(names), format_func=names.__getitem__, width=WIDTH
            )
            days = st.number_input(words("assigned.days"), 1, MOST_DAYS, DAYS, width=150)
            by = st.text_input(words("assigned.by"), value=viewer.user or "", width=180)
        task = st.text_area(words("assigned.task"), height=80)
        if st.form_submit_button(words("assigned.give"), type="primary"):
            due = load_calendar(viewer.home).add_workdays(today, int(days))
            figure = figure_of(viewer.home, metric(chosen), period, viewer.scope, whom)
            _try(
                lambda: assign(
                    viewer.home,
                    Assignment(
                        0, whom, chosen, period.text, figure, task, due, by, now_in(SITE_ZONE)
                    ),
                ),
                words,
            )


def _reply(viewer: Viewer, open_: pl.DataFrame) -> None:
    words = viewer.words
    numbers = open_["no"].to_list()
    with st.form("reply", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            no = st.selectbox(words("assigned.no"), numbers, width=120)
            by = st.text_input(words("assigned.last_by"), value=viewer.user or "", width=180)
            done = st.checkbox(words("assigned.done"))
        text = st.text_area(words("assigned.last"), height=80)
        if st.form_submit_button(words("assigned.send")):
            said = Said(by, text, now_in(SITE_ZONE))
            write = close if done else answer
            _try(lambda: write(viewer.home, no, said), words)


def _try(write: Any, words: Words) -> None:
    """Write and draw the page anew; what is refused is said."""
    try:
        write()
    except HallscoreError as error:
        st.error(words("assigned.refused", why=str(error)))
        return
    state.forget("assign")
    st.rerun()
