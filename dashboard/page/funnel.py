"""漏斗图: which counters lie outside what chance and the usual spread allow, in one frame."""

from dashboard import formats, state
from dashboard.components import definition, export, frames, funnels
from dashboard.components.heading import heading, remark, section
from dashboard.components.months import month_select
from dashboard.exports.funnel import funnel_csv, funnel_workbook
from dashboard.viewer import Viewer
from metrics.catalogue import metric
from metrics.fairness.funnel import funnel_metrics

FIRST = "on_time_rate"


def draw(viewer: Viewer) -> None:
    """Filters, how to read it, the picture, the table behind it, the same case mix, files."""
    words = viewer.words
    with heading(words("funnel.title")):
        period = month_select(viewer)
        names = funnel_metrics()
        labels = {name: words.of(metric(name).label) for name in names}
        chosen = state.select(
            "metric", words("filters.metric"), names, FIRST, labels.__getitem__, width=230
        )
        options = frames.frames_of(viewer, period)
        codes = list(options)
        first = "county" if "county" in options else codes[0]
        label = words("filters.frame")
        frame = state.select("frame", label, codes, first, options.__getitem__, width=230)
    found = funnels.funnel(viewer, chosen, period, frame)
    named = {"period": period.label(words.lang), "frame": options[frame], "metric": labels[chosen]}
    remark(words("funnel.summary", as_of=formats.day(found.as_of, words), **named))
    remark(words("funnel.how"), *funnels.reading(found, words))
    funnels.draw_chart(found, named, words)
    remark(words("funnel.caution"))
    section(words("funnel.points"))
    funnels.draw_table(found, words("funnel.table", **named), words)
    mix = funnels.case_mix(viewer, found)
    if mix is not None and not mix.is_empty():
        funnels.draw_case_mix(mix, words)
    filters = export.filters(
        viewer, period, found.as_of, frame=options[frame], metric=labels[chosen]
    )
    export.buttons(
        f"funnel-{chosen}-{period.text}-{frame.replace(':', '-')}",
        words,
        csv=lambda: funnel_csv(found, filters, words),
        xlsx=lambda: funnel_workbook(found, mix, filters, words),
    )
    definition.draw([metric(chosen)], words)
