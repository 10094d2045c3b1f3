"""The last line of every page: as of when, for whom, by which version."""

from html import escape
from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from dashboard import formats
from dashboard.viewer import Viewer


def package_version() -> str:
    """The installed version, or `dev` when run from a bare checkout."""
    try:
        return version("hallscore")
    except PackageNotFoundError:
        return "dev"


def draw(viewer: Viewer) -> None:
    """Draw the footer."""
    words = viewer.words
    scope = "app.footer_scope_all" if viewer.scope.hall_ids is None else "app.footer_scope_some"
    parts = [
        words("app.name"),
        words("app.footer_data", day=formats.day(viewer.last_day, words)),
        words(scope),
        *([words("app.footer_user", user=viewer.user)] if viewer.user else []),
        words("app.footer_version", version=package_version()),
    ]
    spans = "".join(f"<span>{escape(part)}</span>" for part in parts)
    st.html(f'<footer class="hs-footer">{spans}</footer>')
