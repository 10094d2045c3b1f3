"""Overview: the city at a glance, month by month, and its counties."""

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.charts.dots import dots
from dashboard.components import cards, counties, definition, export, frames, look
from dashboard.components.card_of import card_of
from dashboard.components.heading import heading, remark, section
from dashboard.components.months import month_select
from dashboard.components.tables import table
from dashboard.exports.counties import county_csv, county_workbook
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

    by_county = {each.id: frames.value(viewer, each.id, period, "county") for each in shown}
    whole = {each.id: frames.value(viewer, each.id, period, "city") for each in shown}
    if by_county[METRICS[0]].height:
        _chart(viewer, period, by_county, whole)
    section(words("overview.table"), words("overview.table_note"))
    columns, rows = counties.county_table(shown, by_county, whole, place, words)
    table(columns, rows, words("overview.table"), whole=1)
    filters = export.filters(viewer, period, as_of)
    export.buttons(
        f"counties-{period.text}",
        words,
        csv=lambda: county_csv(shown, by_county, whole, filters, words),
        xlsx=lambda: county_workbook(shown, by_county, whole, filters, words),
    )
    definition.draw(shown, words)


def _chart(
    viewer: Viewer,
    period: Period,
    by_county: dict[str, pl.DataFrame],
    whole: dict[str, pl.DataFrame],
) -> None:
    words = viewer.words
    labels = {name: words.of(metric(name).label) for name in METRICS}
    with st.container(border=True, key="card_counties"):
        label, names = words("filters.metric"), list(labels)
        name = state.segments("metric", label, names, names[0], labels.__getitem__)
        chosen = metric(name)
        section(words("overview.counties", metric=labels[name]), words("overview.counties_note"))
        marks = counties.dot_frame(chosen, by_county[name], words)
        st.altair_chart(
            dots(marks, whole[name].item(0, "value"), chosen.unit == "share", look.palette()),
            alt=words("overview.chart", metric=labels[name], period=period.label(words.lang)),
        )
