"""Bars of the fairness page: shares against a limit, calls to both sides, a histogram."""

from typing import Any

import altair as alt
import polars as pl

from dashboard.charts.colours import Colours
from dashboard.charts.either import either

ROW_PX, AXIS_PX, HEIGHT = 20, 46, 250
FILLED, HOLLOW = 1.0, 0.0


def share_bars(
    frame: pl.DataFrame, limit: float, title: str, colours: Colours
) -> alt.LayerChart | alt.FacetChart:
    """Frame with name, share (0–1), label, detail, weak → a bar each, in the frame's order.

    Below the limit a bar is hollow and orange, above it filled and blue: form, not hue alone.
    """
    y = _names(frame, colours)
    scale = alt.Scale(domain=[0, 1], nice=False)
    axis = _axis(colours, format=".0%", tickCount=5)
    x = alt.X("share:Q", title=title, scale=scale, axis=axis)
    bars = _weak(alt.Chart(frame).mark_bar(height=11, strokeWidth=1.4), colours)
    texts = alt.Chart(frame).mark_text(align="left", dx=5, color=colours.text, fontSize=12)
    rule = alt.Chart(pl.DataFrame({"share": [limit]}))
    layers = [
        bars.encode(x=x, y=y, tooltip=_tooltip()),
        texts.encode(x=alt.X("share:Q", scale=scale), y=y, text=alt.Text("label:N")),
        rule.mark_rule(color=colours.text, strokeDash=[4, 4]).encode(x=alt.X("share:Q")),
    ]
    return alt.layer(*layers).properties(height=ROW_PX * max(frame.height, 1) + AXIS_PX)


def tier_bars(
    frame: pl.DataFrame, titles: tuple[str, str], colours: Colours
) -> alt.LayerChart | alt.FacetChart:
    """Frame with name, below, above, detail → bars to the left (below) and to the right (above).

    `titles`: what the left and the right side are called. The side says it, the colour repeats it.
    """
    sides = [
        _side(frame, "below", titles[0], -1, colours.bad),
        _side(frame, "above", titles[1], 1, colours.line),
    ]
    most = max([1, *frame["below"].to_list(), *frame["above"].to_list()]) * 1.15
    scale = alt.Scale(domain=[-most, most], nice=False)
    axis = _axis(colours, format="~s", tickCount=6, labelExpr="abs(datum.value)")
    x = alt.X("signed:Q", title=f"← {titles[0]}   |   {titles[1]} →", scale=scale, axis=axis)
    y = _names(frame, colours)
    layers: list[alt.Chart] = []
    for rows, sign, colour in sides:
        chart = alt.Chart(rows)
        layers.append(chart.mark_bar(height=11, color=colour).encode(x=x, y=y, tooltip=_tooltip()))
        aside = chart.mark_text(
            align="left" if sign > 0 else "right", dx=4 * sign, color=colours.text, fontSize=12
        )
        layers.append(aside.encode(x=alt.X("signed:Q", scale=scale), y=y, text=alt.Text("count:N")))
    zero = alt.Chart(pl.DataFrame({"signed": [0]}))
    layers.append(zero.mark_rule(color=colours.muted).encode(x=alt.X("signed:Q", scale=scale)))
    return alt.layer(*layers).properties(height=ROW_PX * max(frame.height, 1) + AXIS_PX)


def _side(
    frame: pl.DataFrame, name: str, title: str, sign: int, colour: str
) -> tuple[pl.DataFrame, int, str]:
    count = pl.col(name)
    rows = frame.filter(count > 0).select(
        "name", "detail", signed=count * sign, count=count, side=pl.lit(title)
    )
    return rows, sign, colour


def histogram(
    frame: pl.DataFrame, titles: tuple[str, str], colours: Colours
) -> alt.LayerChart | alt.FacetChart:
    """Frame with name (of the bin), count, label, detail, weak → columns in the frame's order."""
    order = frame["name"].to_list()
    scale = alt.Scale(domain=order)
    axis = _axis(colours, labelAngle=0)
    x = alt.X("name:N", title=titles[0], sort=order, scale=scale, axis=axis)
    y = alt.Y("count:Q", title=titles[1], axis=_axis(colours, tickMinStep=1, format=",~f"))
    seen = frame.filter(pl.col("count") > 0)  # the outline of nothing would be a line
    bars = _weak(alt.Chart(seen).mark_bar(strokeWidth=1.4), colours)
    texts = alt.Chart(frame).mark_text(dy=-8, color=colours.text, fontSize=12)
    layers = [
        bars.encode(x=x, y=y, tooltip=_tooltip()),
        texts.encode(x=alt.X("name:N", sort=order), y=alt.Y("count:Q"), text=alt.Text("label:N")),
    ]
    return alt.layer(*layers).properties(height=HEIGHT)


def _weak(chart: alt.Chart, colours: Colours) -> alt.Chart:
    """Hollow in the colour of bad news where `weak`, else filled."""
    bad, good = colours.bad, colours.line
    told: alt.Chart = chart.encode(
        fill=either(alt.FillValue, "datum.weak", bad, good),
        stroke=either(alt.StrokeValue, "datum.weak", bad, good),
        fillOpacity=either(alt.FillOpacityValue, "datum.weak", HOLLOW, FILLED),
    )
    return told


def _names(frame: pl.DataFrame, colours: Colours) -> alt.Y:
    axis = alt.Axis(
        labelLimit=260,
        labelColor=colours.text,
        labelFontSize=12,
        labelOverlap=False,  # else every other name is left out
        domain=False,
        ticks=False,
        labelPadding=8,
    )
    return alt.Y("name:N", title=None, sort=frame["name"].to_list(), axis=axis)


def _axis(colours: Colours, **more: Any) -> alt.Axis:
    given: dict[str, Any] = {
        "gridColor": colours.border,
        "labelColor": colours.muted,
        "domain": False,
    }
    given |= {"titleColor": colours.muted, "ticks": False}
    return alt.Axis(**(given | more))


def _tooltip() -> list[alt.Tooltip]:
    return [alt.Tooltip("name:N", title=" "), alt.Tooltip("detail:N", title=" ")]
