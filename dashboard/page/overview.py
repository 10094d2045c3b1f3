"""Overview: the city at a glance, month by month, and its counties."""

from dashboard import formats
from dashboard.components import (
    alarms,
    assigned,
    cards,
    definition,
    export,
    frames,
    links,
    look,
    morning,
    parts_chart,
    public,
)
from dashboard.components.card_of import card_of
from dashboard.components.heading import heading, remark, section
from dashboard.components.months import month_select
from dashboard.components.parts import part_table
from dashboard.components.tables import table
from dashboard.exports.parts import part_csv, part_workbook
from dashboard.reported import footnote
from dashboard.viewer import Viewer
from metrics.catalogue import metric
from metrics.headline import KEY_METRICS

MOST_DOTS = 30


def draw(viewer: Viewer) -> None:
    """Cards of the city, one metric over the counties, the table behind it, files."""
    words = viewer.words
    shown = [metric(name) for name in KEY_METRICS]
    with heading(words("overview.title")):
        period = month_select(viewer)
    as_of, place = frames.as_of(viewer, period), frames.place(viewer, period)
    named = {"period": period.label(words.lang), "as_of": formats.day(as_of, words)}
    remark(words("overview.note", place=place, **named))
    morning.draw_fresh(viewer)
    morning.draw_reading(viewer, period)
    cards.draw([card_of(viewer, each, period, look.palette()) for each in shown])

    by = frames.parts_of(viewer, period)
    parts = {each.id: frames.value(viewer, each.id, period, by) for each in shown}
    whole = {each.id: frames.whole(viewer, each.id, period, place) for each in shown}
    part = words(f"part.{by}")
    if parts[KEY_METRICS[0]].height <= MOST_DOTS:
        parts_chart.draw(viewer, shown, period, part, parts, whole)
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
    public.draw(viewer, shown, period, by, title)
    alarms.draw_overview(alarms.summary(viewer, by, period), by, words)
    morning.draw_movers(viewer, period)
    assigned.draw(viewer, shown, period)
    definition.draw(shown, words)
