"""A page's title with its filters on one line."""

from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def heading(title: str) -> DeltaGenerator:
    """Draw the title; the filters go into the returned row."""
    row = st.container(
        horizontal=True, vertical_alignment="bottom", gap="medium", key="filters", width="stretch"
    )
    with row, st.container(width="content"):
        st.html(f'<div class="hs-title"><h1>{escape(title)}</h1></div>', width="content")
    return row


def section(title: str, note: str = "") -> None:
    """The title of a part of the page."""
    small = f'<p class="hs-note">{escape(note)}</p>' if note else ""
    st.html(f'<div class="hs-title"><h2 class="hs-section">{escape(title)}</h2>{small}</div>')


def remark(*sentences: str) -> None:
    """Small print under a title or a table; nothing where there is nothing to say."""
    if sentences:
        st.html(f'<p class="hs-note">{escape(" ".join(sentences))}</p>')
