"""办件与等候: how many came, how long they waited, who left, and what was decided on time."""

from dashboard import formats
from dashboard.components import definition, export, frames, queue_maps, unit_figures
from dashboard.components.heading import heading, remark, section
from dashboard.components.months import month_select
from dashboard.components.unit_frames import of_unit, unit_select
from dashboard.exports import units
from dashboard.viewer import Viewer
from metrics.catalogue import metric

METRICS = (
    *("tickets", "abandonment_rate", "wait_median", "wait_p90", "wait_mean"),
    *("wait_within_15_rate", "received_cases", "closed_cases", "open_cases"),
    *("on_time_rate", "on_time_rate_incl_open", "open_overdue"),
)


def draw(viewer: Viewer) -> None:
    """Values with both on-time rates, days, half hours, the back office apart, files."""
    words = viewer.words
    shown = [metric(name) for name in METRICS]
    with heading(words("cases.title")):
        period = month_select(viewer)
        place = frames.place(viewer, period)
        unit = unit_select(viewer, period, place)
    as_of = frames.as_of(viewer, period)
    told = {"period": period.label(words.lang), "unit": unit.name}
    remark(words("cases.note", as_of=formats.day(as_of, words), **told))

    days = of_unit(viewer, "days", unit, period, as_of)
    queue_maps.draw_days(days, told, words)
    mine = unit_figures.values(viewer, shown, period, unit)
    tickets = mine["tickets"]
    heat = of_unit(viewer, "heat", unit, period, as_of)
    state = tickets.item(0, "state") if tickets.height else "none"
    queue_maps.draw_heat(heat, state, told, words)

    section(words("cases.values"), words("cases.values_note"))
    every = {one.id: frames.whole(viewer, one.id, period, place) for one in shown}
    beside = None if unit.by == "all" else every
    unit_figures.draw(shown, mine, beside, words("cases.values"), words)
    section(words("lateness.title"), words("lateness.note"))
    late = of_unit(viewer, "lateness", unit, period, as_of)
    queue_maps.draw_lateness(late, words("lateness.title"), words)

    filters = export.filters(viewer, period, as_of, unit=unit.name)
    export.buttons(
        f"cases-{period.text}-{unit.id}",
        words,
        csv=lambda: units.unit_csv(shown, mine, filters, words),
        xlsx=lambda: units.unit_workbook(
            shown,
            mine,
            {
                words("cases.days_table"): units.day_frame(days, words),
                words("heat.sheet"): units.heat_frame(heat, words),
                words("lateness.title"): units.lateness_frame(late, words),
            },
            filters,
            words("cases.title"),
            words,
        ),
    )
    definition.draw(shown, words)
