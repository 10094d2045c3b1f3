"""A chart on a page, with its description for those who do not see it."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.charts.unchecked import unchecked

if TYPE_CHECKING:
    import altair


def picture(chart: "altair.TopLevelMixin", alt: str) -> None:
    """Draw a chart; `alt` says what it shows."""
    st.altair_chart(unchecked(chart), alt=alt)
