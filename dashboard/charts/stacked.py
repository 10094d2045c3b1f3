"""Shares of a whole as stacked bars, a bar per unit, in the frame's order."""

import altair as alt
import polars as pl

from dashboard.charts.axes import name_axis, scale_axis
from dashboard.charts.colours import DARK, LIGHT, Colours
from dashboard.charts.legends import legend

ROW_PX, AXIS_PX = 27, 84
SIDES = {"left": 0, "right": 24, "top": 4, "bottom": 0}
# From the best grade to the worst: blue, pale, grey, pale orange, orange; told apart by lightness.
SHADES = {
    LIGHT: ("#1f5fa8", "#8db4de", "#b9c4cf", "#f3c27f", "#c96a0a"),
    DARK: ("#6fb1f0", "#3d6fa3", "#7d8a97", "#a86f2c", "#f0a04b"),
}


def stacked(frame: pl.DataFrame, kinds: list[str], shades: int, colours: Colours) -> alt.Chart:
    """Frame with name, kind, place (of the kind), value and detail → bars from zero.

    `kinds`: the legend's texts in the order of the stack; they take the last `shades` colours, so
    that a grade keeps its colour where the first is left out.
    """
    axis = scale_axis(colours, format=".1~%")
    names = name_axis(colours, labelOverlap=False)
    order = frame["name"].unique(maintain_order=True).to_list()
    range_ = list(SHADES[colours][-shades:])
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(height=17, stroke=colours.ground, strokeWidth=1)
        .encode(
            x=alt.X("value:Q", title=None, stack="zero", axis=axis, scale=alt.Scale(nice=False)),
            y=alt.Y("name:N", title=None, sort=order, axis=names),
            color=alt.Color(
                "kind:N",
                sort=kinds,
                scale=alt.Scale(domain=kinds, range=range_),
                legend=legend(colours),
            ),
            order=alt.Order("place:Q"),
            tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("detail:N", title=" ")],
        )
        .properties(height=ROW_PX * max(len(order), 1) + AXIS_PX, padding=SIDES)
    )
    return chart
