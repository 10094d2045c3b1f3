"""A chart on a page, with its description for those who do not see it."""

import streamlit as st

from dashboard.charts.unchecked import Drawn, unchecked


def picture(chart: Drawn, alt: str) -> None:
    """Draw a chart; `alt` says what it shows."""
    st.altair_chart(unchecked(chart), alt=alt)
