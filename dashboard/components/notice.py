"""Boxes that say what is wrong and what to do, in the language of the page."""

from html import escape
from pathlib import Path

import streamlit as st

from dashboard.components.reasons import reason
from dashboard.text import Words
from data.errors import HallscoreError


def titled(title: str) -> None:
    """The title of a page that has nothing else."""
    st.html(f'<div class="hs-title"><h1>{escape(title)}</h1></div>')


def empty(home: Path, words: Words) -> None:
    """Nothing to show yet: how to get there."""
    titled(words("empty.title"))
    st.markdown(words("empty.body", home=home))
    st.code(
        f"hallscore --home {home} demo\n"
        f"hallscore --home {home} ingest FILE --log LOG --profile NAME\n"
        f"hallscore --home {home} rollup",
        language=None,
    )


def failed(error: HallscoreError, words: Words) -> None:
    """An expected error: what is wrong and what to do; the message of the terminal below."""
    titled(words("empty.title_error"))
    st.markdown(reason(error, words))
    with st.expander(words("empty.message"), key="message"):
        st.code(str(error), language=None, wrap_lines=True)
