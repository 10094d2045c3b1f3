"""A funnel: a mark per unit, the limits that chance allows narrowing with the base, the target."""

import altair as alt
import polars as pl

from dashboard.charts.colours import Colours
from dashboard.charts.either import either
from dashboard.charts.legends import legend

HEIGHT = 430
FAR = 30  # times the smallest base; beyond it the axis is logarithmic
LINES = {"lower95": "95%", "upper95": "95%", "lower998": "99.8%", "upper998": "99.8%"}
DASHES = {"95%": [4, 3], "99.8%": [1, 0]}
# Form and not hue alone: round inside, hollow at the edge, pointing where an outlier lies.
SHAPES = ("circle", "diamond", "triangle-down", "triangle-up")


def funnel_chart(
    points: pl.DataFrame,
    curve: pl.DataFrame,
    target: float | None,
    kinds: list[str],
    titles: tuple[str, str],
    colours: Colours,
) -> alt.LayerChart | alt.FacetChart:
    """Points (name, detail, d, value, kind, faint) and curve (d and the limits) → a funnel.

    `kinds`: the legend's texts for inside, outside, low and high outlier, in this order. `titles`:
    those of the axes. The axis of the rate holds the points; limits that leave it are cut.
    """
    lines = curve.unpivot(list(LINES), index="d", variable_name="line", value_name="limit")
    lines = lines.with_columns(level=pl.col("line").replace_strict(LINES, return_dtype=pl.String))
    low, high = _domain(points, target)
    x = _axis(points, titles[0], colours)
    rate = alt.Axis(
        format=".1~%",
        tickCount=6,
        gridColor=colours.border,
        labelColor=colours.muted,
        titleColor=colours.muted,
        domain=False,
        ticks=False,
    )
    scale = alt.Scale(domain=[low, high], nice=False)
    y = alt.Y("value:Q", title=titles[1], scale=scale, axis=rate)
    limits = (
        alt.Chart(lines)
        .mark_line(color=colours.muted, strokeWidth=1.3, clip=True)
        .encode(
            x=x,
            y=alt.Y("limit:Q", scale=scale),
            detail=alt.Detail("line:N"),
            strokeDash=alt.StrokeDash(
                "level:N",
                scale=alt.Scale(domain=list(DASHES), range=list(DASHES.values())),
                legend=legend(colours, "bottom"),
            ),
        )
    )
    layers: list[alt.Chart] = [limits]
    if target is not None:
        rule = alt.Chart(pl.DataFrame({"value": [target]}))
        layers.append(rule.mark_rule(color=colours.line, strokeWidth=1).encode(y=y))
    layers.append(_marks(points, kinds, colours).encode(x=x, y=y))
    return alt.layer(*layers).properties(height=HEIGHT)


def _marks(points: pl.DataFrame, kinds: list[str], colours: Colours) -> alt.Chart:
    """The units: form, colour and size by kind, pale where the base is too small."""
    shades = [colours.line, colours.line, colours.bad, colours.bad]
    outside = alt.FieldOneOfPredicate(field="kind", oneOf=kinds[1:])
    told = legend(colours)
    chart: alt.Chart = (
        alt.Chart(points)
        .mark_point(filled=True, clip=True)
        .encode(
            shape=alt.Shape(
                "kind:N", scale=alt.Scale(domain=kinds, range=list(SHAPES)), legend=told
            ),
            color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=shades), legend=told),
            size=either(alt.SizeValue, outside, 90, 28),
            opacity=either(alt.OpacityValue, "datum.faint", 0.3, 0.8),
            tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("detail:N", title=" ")],
        )
    )
    return chart


def _axis(points: pl.DataFrame, title: str, colours: Colours) -> alt.X:
    smallest, largest = points["d"].min(), points["d"].max()
    assert isinstance(smallest, int)
    assert isinstance(largest, int)
    far = largest > FAR * smallest
    axis = alt.Axis(
        format="~s" if largest >= 100_000 else ",~f",
        gridColor=colours.border,
        labelColor=colours.muted,
        titleColor=colours.muted,
        domain=False,
        ticks=False,
        tickCount=6,
        labelOverlap=True,
    )
    kind = alt.Scale(type="log" if far else "linear", nice=False, zero=False, padding=12)
    return alt.X("d:Q", title=title, scale=kind, axis=axis)


def _domain(points: pl.DataFrame, target: float | None) -> tuple[float, float]:
    """From the lowest to the highest value with a margin, inside what a rate can be."""
    known: list[float] = points["value"].to_list() + ([] if target is None else [target])
    low, high = min(known), max(known)
    margin = (high - low) * 0.06 or 0.01
    edge = (high - low) * 0.02 or 0.004  # a mark at 0 % or 100 % is seen whole
    return max(low - margin, -edge), high + margin if high > 1 else min(high + margin, 1 + edge)
