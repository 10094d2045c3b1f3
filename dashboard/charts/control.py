"""A control chart: points in time, centre and limits phase by phase, target, recorded events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import polars as pl

from dashboard.charts.colours import Colours
from dashboard.charts.either import either
from dashboard.charts.legends import legend

HEIGHT = 360
# Form and not hue alone: round is usual, up is better, down is worse, a diamond is neither.
SHAPES = ("circle", "triangle-up", "triangle-down", "diamond")
RATE, NUMBER = ".1~%", ",.1~f"


@dataclass(frozen=True)
class Labels:
    """`marks`: usual, improving, deteriorating, neutral. `y`, `target`: title, name of the rule."""

    marks: Sequence[str]
    y: str
    target: str
    is_rate: bool


def control_chart(
    points: pl.DataFrame,
    target: float | None,
    events: pl.DataFrame,
    labels: Labels,
    colours: Colours,
) -> alt.LayerChart | alt.FacetChart:
    """Points (start, y, centre, low, high, phase, mark, detail) → a control chart.

    `centre`, `low` and `high` may be null: then there is no such line. `events`: day and name.
    """
    x = alt.X("start:T", title=None, axis=_axis(colours, format="%Y-%m-%d", labelOverlap=True))
    scale = alt.Scale(domain=_domain(points, target), nice=False)
    form = RATE if labels.is_rate else NUMBER
    y_axis = _axis(colours, format=form, tickCount=6, titleColor=colours.muted)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", title=labels.y, scale=scale, axis=y_axis)

    base = alt.Chart(points)
    limits = base.mark_line(color=colours.muted, strokeDash=[5, 4], strokeWidth=1.3, clip=True)
    centre = base.mark_line(color=colours.muted, strokeWidth=1.3, clip=True)
    layers: list[alt.Chart] = [
        one.encode(x=x, y=y(name), detail=alt.Detail("phase:N"))
        for one, name in ((limits, "low"), (limits, "high"), (centre, "centre"))
        if points[name].count()
    ]
    if target is not None:
        rule = alt.Chart(pl.DataFrame({"target": [target], "label": [labels.target]}))
        layers.append(rule.mark_rule(color=colours.target, strokeWidth=1.5).encode(y=y("target")))
        named = rule.mark_text(align="right", baseline="top", dy=4, color=colours.target)
        layers.append(named.encode(x=alt.XValue("width"), y=y("target"), text=alt.Text("label:N")))
    layers += _events(events, x, colours)
    layers.append(
        base.mark_line(color=colours.line, strokeWidth=1.4).encode(
            x=x, y=y("y"), detail=alt.Detail("phase:N")
        )
    )
    layers.append(_marks(base, labels.marks, colours).encode(x=x, y=y("y")))
    return alt.layer(*layers).properties(height=HEIGHT)


def _marks(base: alt.Chart, marks: Sequence[str], colours: Colours) -> alt.Chart:
    """The points: form, colour and size by what they mean."""
    shades = [colours.muted, colours.line, colours.bad, colours.neutral]
    told = legend(colours)
    signal = alt.FieldOneOfPredicate(field="mark", oneOf=list(marks[1:]))
    domain = list(marks)
    chart: alt.Chart = base.mark_point(filled=True, opacity=1).encode(
        shape=alt.Shape("mark:N", scale=alt.Scale(domain=domain, range=list(SHAPES)), legend=told),
        color=alt.Color("mark:N", scale=alt.Scale(domain=domain, range=shades), legend=told),
        size=either(alt.SizeValue, signal, 120, 34),
        tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("detail:N", title=" ")],
    )
    return chart


def _events(events: pl.DataFrame, x: alt.X, colours: Colours) -> list[alt.Chart]:
    """A dotted rule where a recorded event begins a phase, with its name."""
    if events.is_empty():
        return []
    rules = alt.Chart(events.rename({"day": "start"}))
    text = rules.mark_text(
        align="left", baseline="top", dx=4, dy=2, color=colours.text, fontSize=12, limit=220
    )
    return [
        rules.mark_rule(color=colours.text, strokeDash=[2, 3]).encode(x=x),
        text.encode(x=x, y=alt.YValue(0), text=alt.Text("name:N")),
    ]


def _axis(colours: Colours, **more: Any) -> alt.Axis:
    look: dict[str, Any] = {"gridColor": colours.border, "labelColor": colours.muted}
    return alt.Axis(domain=False, ticks=False, **look, **more)


def _domain(points: pl.DataFrame, target: float | None) -> list[float]:
    """From the lowest to the highest point, limit or target, with a margin."""
    known = [
        one for name in ("y", "low", "high", "centre") for one in points[name].drop_nulls()
    ] + ([] if target is None else [target])
    low, high = min(known), max(known)
    margin = (high - low) * 0.08 or abs(high) * 0.05 or 1.0
    return [low - margin if low else -margin / 3, high + margin]
