"""Weekdays by half hours, a tile each: darker for more, its number printed on it."""

import altair as alt
import polars as pl

from dashboard.charts.colours import Colours
from dashboard.charts.either import either

ROW_PX, AXIS_PX = 34, 40
SIDES = {"left": 0, "right": 4, "top": 4, "bottom": 0}


def heat_chart(
    tiles: pl.DataFrame, weekdays: list[str], times: list[str], colours: Colours
) -> alt.LayerChart | alt.FacetChart:
    """Tiles (weekday, time, value, label, detail, faint, dark) → a map; pale on a small base.

    `weekdays` and `times` are all rows and columns, in order. `dark`: the label is set light.
    """
    plain = alt.Axis(
        domain=False, ticks=False, labelColor=colours.text, labelFontSize=12, labelPadding=8
    )
    top = alt.Axis(**{**plain.to_dict(), "orient": "top", "labelAngle": 0, "labelOverlap": True})
    x = alt.X("time:O", sort=times, title=None, scale=alt.Scale(domain=times), axis=top)
    y = alt.Y("weekday:O", sort=weekdays, title=None, scale=alt.Scale(domain=weekdays), axis=plain)
    shade = alt.Color(
        "value:Q",
        scale=alt.Scale(range=[colours.panel, colours.line], zero=True),
        legend=None,
    )
    base = alt.Chart(tiles).encode(x=x, y=y)
    faint = either(alt.OpacityValue, "datum.faint", 0.35, 1)
    text = either(alt.ColorValue, "datum.dark", colours.ground, colours.text)
    tooltip = [
        alt.Tooltip("weekday:N", title=" "),
        alt.Tooltip("time:N", title=" "),
        alt.Tooltip("detail:N", title=" "),
    ]
    return alt.layer(
        base.mark_rect(stroke=colours.ground, strokeWidth=2, cornerRadius=3).encode(
            color=shade, opacity=faint, tooltip=tooltip
        ),
        base.mark_text(fontSize=11).encode(text=alt.Text("label:N"), color=text, tooltip=tooltip),
    ).properties(height=ROW_PX * len(weekdays) + AXIS_PX, padding=SIDES)
