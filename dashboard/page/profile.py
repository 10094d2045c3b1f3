"""Portrait (画像) of a hall, a department or a counter: from the city down to the single row."""

import streamlit as st

from dashboard import state
from dashboard.components import (
    definition,
    portrait_course,
    portrait_rows,
    portrait_score,
    portrait_units,
    portraits,
)
from dashboard.components.heading import heading, remark
from dashboard.components.months import month_select
from dashboard.components.portraits import OFFERED, Portrait
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics.catalogue import metric
from metrics.scheme_files import scheme as scheme_of

PARTS = ("units", "score", "course", "rows")


def draw(viewer: Viewer) -> None:
    """The way to the unit, its figures, one part of the portrait, its siblings beside it."""
    words = viewer.words
    with heading(words("profile.title")):
        period = month_select(viewer)
        listed = portraits.listed(viewer, period)
        node, seen_here = portraits.chosen(listed)
        scheme = _scheme_select(viewer, portraits.schemes(viewer, period, node))
        chosen = metric(_metric_select(words))
        query = state.search(words("profile.find"), words("profile.find_hint"), "find")
    seen = Portrait(viewer, period, listed, node, scheme, chosen)
    portrait_units.draw_trail(seen)
    portrait_units.draw_found(seen, query)
    if not seen_here:
        remark(words("profile.not_seen"))
    told = portraits.explanation(seen)
    # The group needs the certainty of a whole month: what is there is shown before it comes.
    head = st.empty()
    with head.container():
        portrait_units.draw_head(seen, told, None)
    main, beside = st.columns([3.2, 1], gap="medium")
    with main:
        labels = {one: words(f"profile_part.{one}") for one in PARTS}
        first = "score" if node.kind == "counter" else PARTS[0]
        part = state.segments("part", words("profile.part"), PARTS, first, labels.__getitem__)
        if part == "score":
            portrait_score.draw(seen, told)
        elif part == "course":
            portrait_course.draw(seen)
        elif part == "rows":
            portrait_rows.draw(seen)
        else:
            portrait_units.draw_below(seen)
    with beside:
        portrait_units.draw_beside(seen)
    if told is not None and told.score_u is not None:
        with head.container():
            portrait_units.draw_head(seen, told, portraits.among(seen))
    definition.draw(portraits.shown_metrics(seen), words)


def _scheme_select(viewer: Viewer, names: list[str]) -> str:
    """The schemes for units of this kind; empty where there is none."""
    if not names:
        return ""
    words = viewer.words
    labels = {name: words.of(scheme_of(name, viewer.home).label) for name in names}
    return state.select("scheme", words("filters.scheme"), names, names[0], labels.__getitem__)


def _metric_select(words: Words) -> str:
    labels = {name: words.of(metric(name).label) for name in OFFERED}
    return state.select("metric", words("filters.metric"), OFFERED, OFFERED[0], labels.__getitem__)
