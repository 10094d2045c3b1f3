"""The legend of a chart: texts side by side, or one under the other where there is no room."""

from typing import Literal

import altair as alt

from dashboard.charts.colours import Colours

NARROW = 700  # px; below it the texts do not stand side by side


def legend(colours: Colours, orient: Literal["top", "bottom"] = "top") -> alt.Legend:
    """A legend without a title; on a phone its texts would be cut, or push the page wider."""
    columns = alt.ExprRef(f"width < {NARROW} ? 1 : 0")
    return alt.Legend(
        title=None, orient=orient, labelColor=colours.text, labelLimit=320, columns=columns
    )
