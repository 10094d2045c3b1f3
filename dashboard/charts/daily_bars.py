"""A count day by day as bars; days of rest are pale."""

import altair as alt
import polars as pl

from dashboard.charts.axes import scale_axis
from dashboard.charts.colours import Colours

HEIGHT = 230
SIDES = {"left": 0, "right": 4, "top": 4, "bottom": 0}


def daily_bars(frame: pl.DataFrame, kinds: list[str], colours: Colours) -> alt.Chart:
    """Frame with label (of the day), value, kind and detail → bars; null leaves a gap.

    `kinds`: the legend's texts for a working day and a day of rest, in this order.
    """
    days = frame["label"].to_list()
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X(
                "label:O",
                sort=days,
                title=None,
                axis=alt.Axis(
                    labelAngle=0,
                    labelOverlap=True,
                    labelColor=colours.muted,
                    domain=False,
                    ticks=False,
                ),
            ),
            y=alt.Y(
                "value:Q",
                title=None,
                axis=scale_axis(colours, format=",~f", tickCount=4),
            ),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=kinds, range=[colours.line, colours.muted]),
                legend=alt.Legend(title=None, orient="top", labelColor=colours.text),
            ),
            tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("detail:N", title=" ")],
        )
        .properties(height=HEIGHT, padding=SIDES)
    )
    return chart
