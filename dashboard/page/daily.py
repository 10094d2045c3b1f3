"""The daily board: rounds and what they cover, findings, bad ratings, overdue cases of a day."""

import streamlit as st

from dashboard import formats
from dashboard.charts.dots import dots
from dashboard.components import boards, duties, export, frames, look, summaries
from dashboard.components.heading import heading, remark, section
from dashboard.components.picture import picture
from dashboard.exports.summaries import daily_csv, daily_workbook
from dashboard.viewer import Viewer
from metrics.periods import Period


def draw(viewer: Viewer) -> None:
    """The counts, coverage by county, the rows behind them, late sources, files."""
    words = viewer.words
    with heading(words("daily.title")):
        day = summaries.day_select(viewer)
    board, place = summaries.daily(viewer, day.start), frames.place(viewer, day)
    told = {"period": day.label(words.lang), "as_of": formats.day(board.as_of, words)}
    remark(words("daily.note", place=place, **told))
    boards.draw_counts(board.counts, words("daily.title"), words)

    _coverage(viewer, day, place)
    section(words("daily.findings_list"), words("daily.findings_note"))
    names = ["rule", "points", "closed_on", "exempt"]
    boards.draw_rows(board.findings, names, words("daily.findings_list"), words)
    section(words("daily.bad_list"))
    boards.draw_rows(board.bad, ["grade", "closed_on", "exempt"], words("daily.bad_list"), words)
    section(words("daily.waiting_list"), words("daily.waiting_note"))
    boards.draw_rows(
        board.waiting,
        ["left", "due_on", "opened_on", "workdays", "grade"],
        words("daily.waiting_list"),
        words,
    )
    section(words("daily.overdue_list"), words("daily.overdue_note"))
    boards.draw_rows(
        board.overdue,
        ["due_on", "opened_on", "workdays", "new", "closed_on"],
        words("daily.overdue_list"),
        words,
    )
    section(words("daily.late"), words("daily.late_note"))
    duties.draw_receipts(board.late, words)
    filters = export.filters(viewer, day, board.as_of)
    export.buttons(
        f"daily-{day.text}",
        words,
        csv=lambda: daily_csv(board, filters, words),
        xlsx=lambda: daily_workbook(board, filters, words),
    )


def _coverage(viewer: Viewer, day: Period, place: str) -> None:
    """Rounds and coverage by county: a dot each, and the table behind the dots."""
    words, by = viewer.words, frames.parts_of(viewer, day)
    as_of = summaries.daily(viewer, day.start).as_of
    parts = summaries.rounds(viewer, by, day, as_of)
    whole = summaries.rounds(viewer, "all", day, as_of, place)
    part = words(f"part.{by}")
    section(words("daily.halls"), words("daily.coverage_why"))
    marks = boards.coverage_dots(parts, words)
    if 0 < marks.height <= boards.MOST_DOTS:
        row = whole.row(0, named=True)
        chart = dots(
            marks, row["covered"] / row["due"] if row["due"] else None, True, look.palette()
        )
        with st.container(key="card_parts"):
            picture(chart, alt=words("daily.chart", period=day.label(words.lang), part=part))
    boards.draw_rounds(parts, whole, part, words("daily.halls"), words)
