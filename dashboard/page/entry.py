"""Entering a row by hand (登记): the log, its form, and what was entered last."""

import streamlit as st

from dashboard import state
from dashboard.components import entry_form, entry_list
from dashboard.components.heading import heading, remark, section
from dashboard.viewer import Viewer
from data.entry import enterable
from metrics import places
from metrics.scope import INTAKE


def draw(viewer: Viewer) -> None:
    """For those who may settle what comes in, and for counters of their own halls only."""
    words, logs = viewer.words, enterable()
    with heading(words("entry.title")):
        log = state.select(
            "log", words("entry.log"), logs, logs[0], lambda one: words(f"log.{one}")
        )
    remark(words("entry.note"))
    if INTAKE not in viewer.scope.rights:
        remark(words("entry.no_right"))
        return
    if said := st.session_state.pop(entry_form.SAID, None):
        st.success(said)
    cube = viewer.cube
    there = places.tree(cube, viewer.scope, viewer.last_day, viewer.end)
    entry_form.draw(viewer, log, there)
    section(words("entry.last"), words("entry.last_note"))
    entry_list.draw(viewer, log, there)
