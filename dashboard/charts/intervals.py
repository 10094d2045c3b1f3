"""Units on one axis with their intervals: a dot on a band, what is said of each at the right."""

import altair as alt
import polars as pl

from dashboard.charts.axes import name_axis, scale_axis
from dashboard.charts.colours import Colours

ROW_PX, AXIS_PX, LABEL_PX = 27, 46, 110


def intervals(
    frame: pl.DataFrame, title: str, shape: str, colours: Colours, *, first_left: bool = False
) -> alt.LayerChart | alt.FacetChart:
    """Frame with name, low, value, high, label, detail → a dot and a band each, in its order.

    `shape`: the number format of the axis (".1~%", "d"). `first_left`: ranks, whose axis begins
    at 1. The axis of a rate does not begin at zero: dots carry their place, not their length.
    """
    scale = alt.Scale(domain=_domain(frame, first_left), nice=False)
    axis = scale_axis(
        colours,
        format=shape,
        tickMinStep=1 if first_left else alt.Undefined,
        titleColor=colours.muted,
    )
    names = name_axis(colours, labelFontSize=12, labelPadding=10, labelOverlap=False)
    y = alt.Y("name:N", title=None, sort=frame["name"].to_list(), axis=names)
    base = alt.Chart(frame)
    tooltip = [alt.Tooltip("name:N", title=" "), alt.Tooltip("detail:N", title=" ")]
    bands = base.mark_bar(height=9, color=colours.soft, cornerRadius=3)
    dots = base.mark_circle(size=85, color=colours.line, opacity=1)
    said = base.mark_text(align="left", dx=10, color=colours.text, fontSize=12)
    layers = [
        bands.encode(
            x=alt.X("low:Q", title=title, scale=scale, axis=axis), x2=alt.X2("high:Q"), y=y
        ),
        dots.encode(x=alt.X("value:Q", scale=scale), y=y, tooltip=tooltip),
        said.encode(x=alt.XValue("width"), y=y, text=alt.Text("label:N")),
    ]
    sides = {"left": 0, "right": LABEL_PX, "top": 4, "bottom": 0}
    height = ROW_PX * max(frame.height, 1) + AXIS_PX
    return alt.layer(*layers).properties(height=height, padding=sides)


def _domain(frame: pl.DataFrame, first_left: bool) -> list[float]:
    """All bands with a margin; a rate stays inside what it can be."""
    low, high = min(frame["low"].to_list()), max(frame["high"].to_list())
    margin = (high - low) * 0.05 or 0.01
    if first_left:
        return [0.5, high + 0.5]
    return [max(low - margin, 0.0), min(high + margin, 1.0)]
