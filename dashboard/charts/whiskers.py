"""Intervals: of each unit the raw value with what its own data says, and the shrunk one."""

import altair as alt
import polars as pl

from dashboard.charts.colours import Colours
from dashboard.charts.dots import RATE_FORMAT

ROW_PX, AXIS_PX = 30, 40


def whiskers(
    frame: pl.DataFrame, titles: tuple[str, str], is_rate: bool, colours: Colours
) -> alt.LayerChart | alt.FacetChart:
    """Frame of `metrics.fairness.shrunk.shrunk` → a row per unit with an interval, in its order.

    `titles`: the legend's words for the raw and the shrunk value. A thin line with a hollow mark is
    the raw value, a thick one with a full mark the shrunk one: form and not hue alone.
    """
    known = frame.filter(pl.col("low").is_not_null() & pl.col("shrunk").is_not_null())
    raw = known.select("id", "name", "low", "high", value="value", kind=pl.lit(titles[0]))
    shrunk = known.select(
        "id", "name", low="shrunk_low", high="shrunk_high", value="shrunk", kind=pl.lit(titles[1])
    )
    names = known["name"].to_list()
    axis = alt.Axis(labelLimit=260, labelColor=colours.text, domain=False, ticks=False)
    lines = alt.Axis(
        tickCount=6,
        format=RATE_FORMAT if is_rate else "~g",
        gridColor=colours.border,
        labelColor=colours.muted,
        domain=False,
    )
    scale = alt.Scale(zero=False, nice=False)
    layers = []
    for rows, width, filled in ((raw, 1.2, False), (shrunk, 3.5, True)):
        base = alt.Chart(rows).encode(
            y=alt.Y("name:N", title=None, sort=names, axis=axis),
            yOffset=alt.YOffset("kind:N", sort=list(titles)),
        )
        x = alt.X("low:Q", title=None, scale=scale, axis=lines)
        shade = alt.Color(
            "kind:N",
            scale=alt.Scale(domain=list(titles), range=[colours.muted, colours.line]),
            legend=alt.Legend(title=None, orient="top", labelColor=colours.text),
        )
        tooltip = [alt.Tooltip(f"{one}:N") for one in ("name", "kind", "value", "low", "high")]
        rule = base.mark_rule(strokeWidth=width)
        mark = base.mark_point(filled=filled, size=60, opacity=1)
        layers.append(rule.encode(x=x, x2=alt.X2("high:Q"), color=shade, tooltip=tooltip))
        layers.append(mark.encode(x=alt.X("value:Q", scale=scale), color=shade, tooltip=tooltip))
    return alt.layer(*layers).properties(height=ROW_PX * max(known.height, 1) + AXIS_PX)
