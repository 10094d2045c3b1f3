"""A score as steps: each bar begins where the one before ended, the points are printed beside."""

import altair as alt
import polars as pl

from dashboard.charts.axes import name_axis, scale_axis
from dashboard.charts.colours import Colours
from dashboard.charts.either import either

ROW_PX, AXIS_PX = 27, 34


def waterfall(frame: pl.DataFrame, colours: Colours) -> alt.LayerChart | alt.FacetChart:
    """Frame with label, from, to, kind (start, step, end), printed → bars in the frame's order.

    The axis does not begin at zero: start and end are marks with a place, not bars with a length.
    Losses and gains differ by colour and by the sign of the printed points.
    """
    known: list[float] = [*frame["from"].to_list(), *frame["to"].to_list()]
    low, high = min(known), max(known)
    margin = max((high - low) * 0.08, 0.5)
    scale = alt.Scale(domain=[low - margin, high + margin], nice=False)
    axis = scale_axis(colours)
    names = name_axis(colours)
    y = alt.Y("label:N", title=None, sort=frame["label"].to_list(), axis=names)
    steps = alt.Chart(frame.filter(pl.col("kind") == "step"))
    totals = alt.Chart(frame.filter(pl.col("kind") != "step"))
    tooltip = [alt.Tooltip("label:N", title=" "), alt.Tooltip("printed:N", title=" ")]
    shade = either(alt.ColorValue, "datum.to < datum.from", colours.bad, colours.line)
    layers = [
        steps.mark_bar(height=13, cornerRadius=2).encode(
            x=alt.X("from:Q", title=None, scale=scale, axis=axis),
            x2=alt.X2("to:Q"),
            y=y,
            color=shade,
            tooltip=tooltip,
        ),
        totals.mark_tick(thickness=4, size=20, color=colours.text).encode(
            x=alt.X("to:Q", title=None, scale=scale, axis=axis), y=y, tooltip=tooltip
        ),
        alt.Chart(frame)
        .mark_text(align="right", dx=72, color=colours.text, fontSize=13)
        .encode(x=alt.XValue("width"), y=y, text=alt.Text("printed:N")),
    ]
    sides = {"left": 0, "right": 80, "top": 4, "bottom": 0}
    return alt.layer(*layers).properties(height=ROW_PX * frame.height + AXIS_PX, padding=sides)
