"""The two axes of the charts that have a row per unit: a scale with a grid, and the names."""

from typing import Any

import altair as alt

from dashboard.charts.colours import Colours


def scale_axis(colours: Colours, **more: Any) -> alt.Axis:
    """Figures on a quiet grid; `more`: format, title and ticks of their own."""
    look: dict[str, Any] = {
        "gridColor": colours.border,
        "labelColor": colours.muted,
        "tickCount": 6,
    }
    return alt.Axis(domain=False, ticks=False, **(look | more))


def name_axis(colours: Colours, **more: Any) -> alt.Axis:
    """Names of units, in the colour of the text and not too long."""
    look: dict[str, Any] = {
        "labelLimit": 260,
        "labelColor": colours.text,
        "labelFontSize": 13,
        "labelPadding": 12,
    }
    return alt.Axis(domain=False, ticks=False, **(look | more))
