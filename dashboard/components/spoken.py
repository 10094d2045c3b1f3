"""The language of the document, for screen readers: Streamlit leaves it at English."""

import json

import streamlit as st

from dashboard.text import Words

TAG = {"zh": "zh-CN", "en": "en"}


def draw(words: Words) -> None:
    """Name the language of the document, and put its first link into it; nothing is seen."""
    tag, skip = json.dumps(TAG[words.lang]), json.dumps(words("app.skip"))
    script = (
        f"document.documentElement.lang = {tag};"
        f'for (const link of document.querySelectorAll("[data-testid=stSkipToContent]"))'
        f" link.textContent = {skip};"
    )
    st.html(f"<script>{script}</script>", width="content", unsafe_allow_javascript=True)
