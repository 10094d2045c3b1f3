"""The style sheet of our own elements, in the colours of the theme."""

from pathlib import Path

import streamlit as st

from dashboard.charts.colours import Colours, colours

SHEET = Path(__file__).with_name("look.css").read_text("utf-8")


def palette() -> Colours:
    """The colours of the theme that the viewer sees."""
    return colours(st.context.theme.type)


def apply() -> None:
    """Put the style sheet on the page; it draws nothing."""
    shades = palette()
    variables = "".join(f"--hs-{name}:{shade};" for name, shade in vars(shades).items())
    st.html(f"<style>:root{{{variables}}}\n{SHEET}</style>")
