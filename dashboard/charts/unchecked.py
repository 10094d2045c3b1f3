"""A chart whose description is not checked against Vega-Lite's schema each time it is drawn.

The check takes three quarters of the time of a small chart. Tests draw every page with it.
"""

from typing import Any, cast

import altair as alt

CHECK = False  # tests switch it on
Drawn = alt.TopLevelMixin  # any chart


class _Unchecked:
    def __init__(self, chart: alt.TopLevelMixin) -> None:
        self.chart = chart

    def to_dict(self) -> dict[str, Any]:
        """All that a page asks a chart for."""
        found: dict[str, Any] = self.chart.to_dict(validate=CHECK)
        return found


def unchecked(chart: alt.TopLevelMixin) -> alt.Chart:
    """The same chart, to be drawn as it is."""
    return cast(alt.Chart, _Unchecked(chart))
