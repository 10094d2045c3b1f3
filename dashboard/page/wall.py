"""大屏: the city on a large screen, three views in turn, renewed by itself."""

import time

import streamlit as st

from dashboard.components import wall
from dashboard.viewer import Viewer

TURN_S = 20


def draw(viewer: Viewer) -> None:
    """One view at a time over the whole screen; the same numbers as on the pages."""

    @st.fragment(run_every=f"{TURN_S}s")
    def turn() -> None:
        views = (wall.figures, wall.counties, wall.signals)
        at = int(time.time() // TURN_S) % len(views)
        wall.draw(viewer, views[at](viewer), at, len(views))

    turn()
