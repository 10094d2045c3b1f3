"""公平性检验: what the ranking can and cannot say; one question at a time."""

from collections.abc import Callable

from dashboard import state
from dashboard.components import (
    definition,
    fair_asked,
    fair_groups,
    fair_halls,
    fair_order,
    fair_reliability,
    fair_tiers,
    fair_weights,
)
from dashboard.components.fair_asked import Asked
from dashboard.components.heading import heading, remark
from dashboard.components.months import month_select
from dashboard.viewer import Viewer
from metrics.scores import metrics_of

# In the order of the buttons; only the chosen one is computed.
SECTIONS: dict[str, Callable[[Asked], None]] = {
    "order": fair_order.draw,
    "tiers": fair_tiers.draw,
    "reliability": fair_reliability.draw,
    "weights": fair_weights.draw,
    "halls": fair_halls.draw,
    "groups": fair_groups.draw,
}
FIRST, OF_HALLS, WITHOUT_FRAME = "order", "halls", ("halls", "groups")


def draw(viewer: Viewer) -> None:
    """Filters, the six questions as buttons, the answer to the chosen one."""
    words = viewer.words
    filters = heading(words("fair.title"))
    section = state.segments(
        "section",
        words("fair.section"),
        list(SECTIONS),
        FIRST,
        lambda one: words(f"fair_section.{one}"),
    )
    with filters:
        period = month_select(viewer)
        asked = fair_asked.ask(
            viewer,
            period,
            with_frame=section not in WITHOUT_FRAME,
            with_scheme=section != OF_HALLS,
        )
    if section == OF_HALLS:
        remark(words("fair.of_halls", period=asked.named["period"]))
    else:
        remark(words("fair.basis", scheme=asked.scheme_name(), **asked.named))
    SECTIONS[section](asked)
    if section != OF_HALLS:
        definition.draw(metrics_of(asked.chosen), words)
