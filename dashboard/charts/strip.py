"""A group on one axis: a stroke per unit, the one that is looked at as a diamond with its name."""

import altair as alt
import polars as pl

from dashboard.charts.axes import scale_axis
from dashboard.charts.colours import Colours

HEIGHT = 92


def strip(frame: pl.DataFrame, title: str, colours: Colours) -> alt.LayerChart | alt.FacetChart:
    """Frame with name, score, detail and mine → strokes and one diamond."""
    low, high = float(frame["score"].min()), float(frame["score"].max())  # type: ignore[arg-type]
    margin = (high - low) * 0.05 or 1.0
    x = alt.X(
        "score:Q",
        title=title,
        scale=alt.Scale(domain=[low - margin, high + margin], nice=False),
        axis=scale_axis(colours, tickCount=8, titleColor=colours.muted, titleFontWeight="normal"),
    )
    tooltip = [alt.Tooltip("name:N", title=" "), alt.Tooltip("detail:N", title=" ")]
    others = alt.Chart(frame.filter(~pl.col("mine")))
    mine = alt.Chart(frame.filter("mine"))
    layers = [
        others.mark_tick(size=26, thickness=2, color=colours.line, opacity=0.35).encode(
            x=x, tooltip=tooltip
        ),
        mine.mark_point(shape="diamond", size=190, filled=True, color=colours.bad).encode(
            x=x, tooltip=tooltip
        ),
        mine.mark_text(dy=-20, color=colours.text, fontSize=13, limit=320).encode(
            x=x, text=alt.Text("name:N")
        ),
    ]
    sides = {"left": 8, "right": 8, "top": 12, "bottom": 0}
    return alt.layer(*layers).properties(height=HEIGHT, padding=sides)
