"""A metric of the city as a card."""

from dashboard import formats, state
from dashboard.charts.colours import Colours
from dashboard.charts.sparkline import sparkline
from dashboard.components import figures, frames
from dashboard.components.cards import Card
from dashboard.components.compared import compared_text
from dashboard.components.controls import scheme_in_view
from dashboard.reported import mark, note_line
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics.catalogue import Metric
from metrics.comparison import trailing
from metrics.fairness.control_targets import reaches, target_of
from metrics.periods import Period

MONTHS = 12


def card_of(viewer: Viewer, metric: Metric, period: Period, colours: Colours) -> Card:
    """The card of a metric: this month, the change against the previous one, twelve months."""
    words = viewer.words
    row = frames.value(viewer, metric.id, period, "all").row(0, named=True)
    line = [_city(viewer, metric, each) for each in trailing(period, MONTHS)]
    number, unit = figures.figure(metric, row, words)
    target = target_of(viewer.home, scheme_in_view(viewer), metric, period.last)
    label = words.of(metric.label)
    return Card(
        label=label,
        figure=number,
        unit=unit,
        change=compared_text(viewer, metric, period),
        target=_target(metric, row["value"], target, words),
        picture=sparkline(line, colours, target),
        alt=words("overview.spark", label=label, value=f"{number}{unit}"),
        base=figures.base(row, words),
        late=_late(viewer, metric, period),
        variant=words.of(metric.variant),
        empty=row["value"] is None,
        mark=mark(row, words),
        reported=note_line(row, words),
        act=words("assigned.give"),
        link=state.address(assign=metric.id) + "#assign",
    )


def _target(metric: Metric, value: float | None, target: float | None, words: Words) -> str:
    """Where the target (满分线) of the scheme in view lies, and whether the value reaches it."""
    if target is None:
        return ""
    printed = figures.printed(metric, target)
    if value is None:
        return words("overview.target", target=printed)
    return words(
        "overview.target_met" if reaches(metric, value, target) else "overview.target_missed",
        target=printed,
    )


def _late(viewer: Viewer, metric: Metric, period: Period) -> str:
    """How many services are left out because their ratings may still come."""
    if not metric.matures_after:
        return ""
    count = frames.immature(viewer, metric, period, "all").item(0, "immature")
    return viewer.words("overview.late", count=formats.count(count)) if count else ""


def _city(viewer: Viewer, metric: Metric, period: Period) -> float | None:
    if period.end <= viewer.first_day:
        return None
    number: float | None = frames.value(viewer, metric.id, period, "all").item(0, "value")
    return number
