"""One metric over the parts of the whole: a dot each, the whole as a line."""

from collections.abc import Sequence

import streamlit as st

from dashboard import state
from dashboard.charts.dots import dots
from dashboard.components import fair_frames, frames, look
from dashboard.components.heading import remark, section
from dashboard.components.parts import Frames, dot_frame
from dashboard.components.picture import picture
from dashboard.viewer import Viewer
from metrics.catalogue import Metric, metric
from metrics.fairness.small_frame import SmallFrame, comparable
from metrics.periods import Period


def _beside(viewer: Viewer, one: Metric, period: Period, count: int) -> SmallFrame | None:
    """What can be said of the parts beside each other; None of counts and of one alone."""
    if one.id not in comparable() or count < 2:
        return None
    return fair_frames.parts(viewer, period, one.id, frames.parts_of(viewer, period))


def draw(
    viewer: Viewer,
    shown: Sequence[Metric],
    period: Period,
    part: str,
    parts: Frames,
    whole: Frames,
) -> None:
    """One of the metrics over the parts, by choice; in words where no part has a number."""
    words = viewer.words
    labels = {name: words.of(metric(name).label) for name in (one.id for one in shown)}
    with st.container(border=True, key="card_parts"):
        label, names = words("filters.metric"), list(labels)
        first = next((one for one in names if whole[one].item(0, "value") is not None), names[0])
        name = state.segments("metric", label, names, first, labels.__getitem__)
        chosen = metric(name)
        named = {"metric": labels[name], "part": part}
        beside = _beside(viewer, chosen, period, parts[name].height)
        note = words("overview.parts_note", part=part)
        if beside is not None:
            told = beside.sentences(words.lang)[0] if beside.k > 1 else ""
            note = words("overview.parts_sure", part=part) + told
        section(words("overview.parts", **named), note)
        marks = dot_frame(chosen, parts[name], words, None if beside is None else beside.units)
        if marks.is_empty():
            remark(words("overview.no_dots"))
            return
        picture(
            dots(marks, whole[name].item(0, "value"), chosen.unit == "share", look.palette()),
            alt=words("overview.chart", period=period.label(words.lang), **named),
        )
