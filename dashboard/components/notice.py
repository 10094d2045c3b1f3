"""Boxes that say what is wrong and what to do, in the language of the page."""

from pathlib import Path

import streamlit as st

from dashboard.text import Words
from data.errors import HallscoreError


def empty(home: Path, words: Words) -> None:
    """Nothing to show yet: how to get there."""
    st.subheader(words("empty.title"))
    st.markdown(words("empty.body", home=home))
    st.code(
        f"hallscore --home {home} demo\n"
        f"hallscore --home {home} ingest FILE --log LOG --profile NAME\n"
        f"hallscore --home {home} rollup",
        language=None,
    )


def failed(error: HallscoreError, words: Words) -> None:
    """An expected error, in its own words."""
    st.subheader(words("empty.title_error"))
    st.markdown(words("empty.body_error"))
    st.code(str(error), language=None, wrap_lines=True)
