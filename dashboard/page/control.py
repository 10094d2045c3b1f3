"""走势控制图: whether a change of one unit is a signal, and who gives one in the last week."""

from dashboard import formats
from dashboard.components import alarms, controls, definition, export, summaries
from dashboard.components.heading import heading, remark
from dashboard.exports.control import control_csv, control_workbook
from dashboard.viewer import Viewer


def draw(viewer: Viewer) -> None:
    """Filters, picture, reading, table, events, alarms of the week, overview, files."""
    words = viewer.words
    with heading(words("control.title")):
        one = controls.metric_select(words)
        by, unit = controls.unit_select(viewer)
        period = controls.span_select(viewer)
        week = summaries.week_select(viewer)
    if unit is None:
        remark(words("control.nobody"))
        return
    found = controls.control(viewer, one, period, by, unit, controls.scheme_in_view(viewer))
    named = {"name": controls.name_of(found, words), "metric": words.of(one.label)}
    remark(words("control.summary", as_of=formats.day(found.as_of, words), **named))
    controls.draw_icons(found, words)
    remark(*controls.reading(found, words))
    controls.draw_chart(found, words)
    remark(*controls.trust(found, words))
    remark(words("control.caution"))
    controls.draw_table(found, words)
    controls.draw_events(found, words)
    rows, alarmed = alarms.summary(viewer, by, period), alarms.alarms(viewer, week)
    alarms.draw_alarms(alarmed, words)
    alarms.draw_overview(rows, by, words)
    filters = export.filters(viewer, period, found.as_of, **named)
    export.buttons(
        f"control-{one.id}-{unit}",
        words,
        csv=lambda: control_csv(found, filters, words),
        xlsx=lambda: control_workbook(found, rows, alarmed, filters, words),
    )
    definition.draw([one], words)
