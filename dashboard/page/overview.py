"""Overview: the city at a glance, month by month, and its counties."""

import streamlit as st

from dashboard import formats, state
from dashboard.charts.dots import dots
from dashboard.components import cards, definition, export, frames, links, look
from dashboard.components.card_of import card_of
from dashboard.components.heading import heading, remark, section
from dashboard.components.months import month_select
from dashboard.components.parts import Frames, dot_frame, part_table
from dashboard.components.tables import table
from dashboard.exports.parts import part_csv, part_workbook
from dashboard.reported import footnote
from dashboard.viewer import Viewer
from metrics.catalogue import metric
from metrics.periods import Period

METRICS = (
    "active_good_rate",
    "on_time_rate",
    "wait_within_15_rate",
    "abandonment_rate",
    "closed_cases",
    "tickets",
)
MOST_DOTS = 30


def draw(viewer: Viewer) -> None:
    """Cards of the city, one metric over the counties, the table behind it, files."""
    words = viewer.words
    shown = [metric(name) for name in METRICS]
    with heading(words("overview.title")):
        period = month_select(viewer)
    as_of, place = frames.as_of(viewer, period), frames.place(viewer, period)
    named = {"period": period.label(words.lang), "as_of": formats.day(as_of, words)}
    remark(words("overview.note", place=place, **named))
    cards.draw([card_of(viewer, each, period, look.palette()) for each in shown])

    by = frames.parts_of(viewer, period)
    parts = {each.id: frames.value(viewer, each.id, period, by) for each in shown}
    whole = {each.id: frames.whole(viewer, each.id, period, place) for each in shown}
    part = words(f"part.{by}")
    if parts[METRICS[0]].height <= MOST_DOTS:
        _chart(viewer, period, part, parts, whole)
    title = words("overview.table", part=part)
    section(title, words(f"scale.{by}"))
    columns, rows = part_table(shown, parts, whole, part, words, links.portraits(period, words))
    table(columns, rows, title, whole=1)
    remark(*footnote(shown, [whole[each.id].row(0, named=True) for each in shown], words))
    filters = export.filters(viewer, period, as_of)
    export.buttons(
        f"overview-{period.text}",
        words,
        csv=lambda: part_csv(shown, parts, whole, filters, words),
        xlsx=lambda: part_workbook(shown, parts, whole, filters, title, words),
    )
    definition.draw(shown, words)


def _chart(viewer: Viewer, period: Period, part: str, parts: Frames, whole: Frames) -> None:
    words = viewer.words
    labels = {name: words.of(metric(name).label) for name in METRICS}
    with st.container(border=True, key="card_parts"):
        label, names = words("filters.metric"), list(labels)
        first = next((one for one in names if whole[one].item(0, "value") is not None), names[0])
        name = state.segments("metric", label, names, first, labels.__getitem__)
        chosen = metric(name)
        named = {"metric": labels[name], "part": part}
        section(words("overview.parts", **named), words("overview.parts_note", part=part))
        marks = dot_frame(chosen, parts[name], words)
        if marks.is_empty():
            remark(words("overview.no_dots"))
            return
        st.altair_chart(
            dots(marks, whole[name].item(0, "value"), chosen.unit == "share", look.palette()),
            alt=words("overview.chart", period=period.label(words.lang), **named),
        )
