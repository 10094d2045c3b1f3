"""One metric over the parts of the whole: a dot each, the whole as a line."""

from collections.abc import Sequence

import streamlit as st

from dashboard import state
from dashboard.charts.dots import dots
from dashboard.components import look
from dashboard.components.heading import remark, section
from dashboard.components.parts import Frames, dot_frame
from dashboard.viewer import Viewer
from metrics.catalogue import Metric, metric
from metrics.periods import Period


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
        section(words("overview.parts", **named), words("overview.parts_note", part=part))
        marks = dot_frame(chosen, parts[name], words)
        if marks.is_empty():
            remark(words("overview.no_dots"))
            return
        st.altair_chart(
            dots(marks, whole[name].item(0, "value"), chosen.unit == "share", look.palette()),
            alt=words("overview.chart", period=period.label(words.lang), **named),
        )
