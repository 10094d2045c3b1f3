"""The weekly summary: what opened, what was closed, what is still open, and who moved."""

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.charts.dots import dots
from dashboard.components import alarms, boards, export, frames, look, summaries
from dashboard.components.heading import heading, remark, section
from dashboard.components.picture import picture
from dashboard.exports.summaries import weekly_csv, weekly_workbook
from dashboard.viewer import Viewer
from metrics.backlog import KINDS
from metrics.periods import Period
from metrics.weekly import WeeklySummary


def draw(viewer: Viewer) -> None:
    """Stocks of the whole and of its parts, movers, coverage, open rows, files."""
    words = viewer.words
    with heading(words("weekly.title")):
        week = summaries.week_select(viewer)
    found, place = summaries.weekly(viewer, week), frames.place(viewer, week)
    told = {"period": week.label(words.lang), "as_of": formats.day(found.as_of, words)}
    days = {"days": found.like.days, "before": found.like.days_before}
    remark(
        words("weekly.note", place=place, **told),
        words("weekly.uneven" if found.uneven else "weekly.even", **days),
        *([words("compare.estimated")] if found.like.estimated else []),
    )
    labels = {kind: words(f"backlog.{kind}") for kind in KINDS}
    whole = found.whole.with_columns(label=pl.col("kind").replace(labels))
    boards.draw_stocks(whole, words("weekly.kind"), words("weekly.title"), words, whole=0)

    _parts(viewer, week, found, labels)
    section(words("weekly.movers"), words("weekly.movers_note"))
    boards.draw_movers(found.movers, words("weekly.movers"), words)

    alarmed = alarms.alarms(viewer, week)
    alarms.draw_alarms(alarmed, words)

    by = frames.parts_of(viewer, week)
    section(words("daily.halls"), words("daily.coverage_why"))
    parts = summaries.rounds(viewer, by, week, found.as_of)
    all_ = summaries.rounds(viewer, "all", week, found.as_of, place)
    boards.draw_rounds(parts, all_, words(f"part.{by}"), words("daily.halls"), words)

    section(words("weekly.open_list"), words("weekly.open_note"))
    names = ["kind", "opened_on", "days", "due_on"]
    boards.draw_rows(found.still_open, names, words("weekly.open_list"), words)
    filters = export.filters(viewer, week, found.as_of, scheme=found.scheme)
    export.buttons(
        f"weekly-{week.text}",
        words,
        csv=lambda: weekly_csv(found, filters, words),
        xlsx=lambda: weekly_workbook(found, alarmed, filters, words),
    )


def _parts(viewer: Viewer, week: Period, found: WeeklySummary, labels: dict[str, str]) -> None:
    """One kind by county (or hall): what is open as dots, all four numbers as a table."""
    words, by = viewer.words, frames.parts_of(viewer, week)
    rows = found.counties if by == "county" else found.halls
    part = words(f"part.{by}")
    with st.container(border=True, key="card_kind"):
        kind = state.segments("kind", words("weekly.kind"), KINDS, KINDS[0], labels.__getitem__)
        section(words("weekly.parts", part=part, kind=labels[kind]), words("weekly.parts_note"))
        marks = boards.stock_dots(rows, kind, words)
        if 0 < marks.height <= boards.MOST_DOTS:
            named = {"period": week.label(words.lang), "part": part, "kind": labels[kind]}
            chart = dots(marks, None, False, look.palette())
            with st.container(key="card_parts"):
                picture(chart, alt=words("weekly.chart", **named))
        mine = rows.filter(pl.col("kind") == kind).with_columns(label="name")
        boards.draw_stocks(
            mine, part, words("weekly.parts", part=part, kind=labels[kind]), words, 0
        )
