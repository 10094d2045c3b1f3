"""Units on one axis: a dot per unit, a rule for the whole, the printed number at the right."""

import altair as alt
import polars as pl

from dashboard.charts.axes import name_axis, scale_axis
from dashboard.charts.colours import Colours

ROW_PX, AXIS_PX = 27, 42
RATE_FORMAT, COUNT_FORMAT = ".1~%", ",~f"


def dots(
    frame: pl.DataFrame, whole: float | None, is_rate: bool, colours: Colours
) -> alt.LayerChart | alt.FacetChart:
    """Frame with name, value, label and detail → dots in the frame's order; low, high: on a band.

    The axis of a rate does not begin at zero: dots carry their place, not their length.
    """
    scale = alt.Scale(domain=_domain(frame, whole, is_rate), nice=False)
    axis = scale_axis(colours, format=RATE_FORMAT if is_rate else COUNT_FORMAT)
    x = alt.X("value:Q", title=None, scale=scale, axis=axis)
    names = name_axis(colours)
    y = alt.Y("name:N", title=None, sort=frame["name"].to_list(), axis=names)
    base = alt.Chart(frame)
    tooltip = [alt.Tooltip("name:N", title=" "), alt.Tooltip("detail:N", title=" ")]
    layers = [
        base.mark_circle(size=95, color=colours.line, opacity=1).encode(x=x, y=y, tooltip=tooltip),
        base.mark_text(align="right", dx=72, color=colours.text, fontSize=13).encode(
            x=alt.XValue("width"), y=y, text=alt.Text("label:N")
        ),
    ]
    if "low" in frame.columns:
        ends = alt.X("low:Q", title=None, scale=scale, axis=axis)
        bands = base.mark_bar(height=9, color=colours.soft, cornerRadius=3)
        layers.insert(0, bands.encode(x=ends, x2=alt.X2("high:Q"), y=y))
    # The city's count is the sum of the counties: it has no place on their axis.
    if whole is not None and is_rate:
        rule = alt.Chart(pl.DataFrame({"value": [whole]}))
        layers.insert(0, rule.mark_rule(color=colours.muted, strokeDash=[4, 4]).encode(x=x))
    sides = {"left": 0, "right": 80, "top": 4, "bottom": 0}
    return alt.layer(*layers).properties(
        height=ROW_PX * max(frame.height, 1) + AXIS_PX, padding=sides
    )


def _domain(frame: pl.DataFrame, whole: float | None, is_rate: bool) -> list[float]:
    ends = [name for name in ("value", "low", "high") if name in frame.columns]
    known: list[float] = [one for name in ends for one in frame[name].drop_nulls().to_list()]
    if whole is not None and is_rate:
        known.append(whole)
    if not known:
        return [0.0, 1.0]
    low, high = min(known), max(known)
    margin = (high - low) * 0.08 or abs(high) * 0.05 or 1.0
    if not is_rate:
        return [0.0, high + margin]
    return [max(low - margin, 0.0), min(high + margin, 1.0)]
