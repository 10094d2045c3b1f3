"""A metric over periods: a line with its interval; a period without a number leaves a gap."""

import altair as alt
import polars as pl

from dashboard.charts.axes import scale_axis
from dashboard.charts.colours import Colours
from dashboard.charts.either import either

HEIGHT = 260


def course_chart(
    frame: pl.DataFrame, is_rate: bool, title: str, colours: Colours
) -> alt.LayerChart | alt.FacetChart:
    """Frame with label, value, low, high, few and detail, oldest first → line, points and band.

    The axis of a rate does not begin at zero: a line carries its shape, not its length. Points on
    too small a base are hollow.
    """
    x = alt.X(
        "label:O",
        title=None,
        sort=frame["label"].to_list(),
        axis=alt.Axis(
            labelColor=colours.muted, domainColor=colours.border, ticks=False, labelOverlap=True
        ),
    )
    low, high = _domain(frame, is_rate)
    scale = alt.Scale(domain=[low, high], nice=False)
    axis = scale_axis(
        colours,
        format=".1~%" if is_rate else ",~f",
        tickCount=5,
        titleColor=colours.muted,
        titleFontWeight="normal",
    )
    y = alt.Y("value:Q", title=title, scale=scale, axis=axis)
    tooltip = [alt.Tooltip("label:N", title=" "), alt.Tooltip("detail:N", title=" ")]
    base = alt.Chart(frame)
    whiskers = base.transform_filter("isValid(datum.low)").mark_rule(
        color=colours.soft, strokeWidth=7, clip=True
    )
    points = base.transform_filter("isValid(datum.value)").mark_point(filled=True, size=55)
    layers = [
        whiskers.encode(
            x=x, y=alt.Y("low:Q", scale=scale, axis=axis, title=title), y2=alt.Y2("high:Q")
        ),
        base.mark_line(color=colours.line, strokeWidth=2).encode(x=x, y=y),
        points.encode(
            x=x,
            y=y,
            stroke=alt.StrokeValue(colours.line),
            fill=either(alt.FillValue, "datum.few", colours.ground, colours.line),
            tooltip=tooltip,
        ),
    ]
    return alt.layer(*layers).properties(height=HEIGHT)


def _domain(frame: pl.DataFrame, is_rate: bool) -> tuple[float, float]:
    known = [one for name in ("value", "low", "high") for one in frame[name].drop_nulls().to_list()]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    margin = (high - low) * 0.08 or abs(high) * 0.05 or 1.0
    if not is_rate:
        return max(0.0, low - margin), high + margin
    return max(0.0, low - margin), min(1.0 + margin / 2, high + margin)
