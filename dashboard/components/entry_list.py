"""The rows that were entered last, and the way back for one that is wrong."""

import streamlit as st

from dashboard.components.entry_form import SAID, UNIT_FIELDS, code_of, label_of
from dashboard.components.heading import remark
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from dashboard.viewer import Viewer
from data.contracts import CONTRACTS
from data.entry import Entry, entries
from data.errors import HallscoreError
from data.wayback import withdraw
from metrics.places import Tree

SHOWN = 20


def draw(viewer: Viewer, log: str, places: Tree) -> None:
    """The newest entries of units in scope, and the form that withdraws one of them."""
    words = viewer.words
    seen = [one for one in entries(viewer.home, log) if _is_mine(one, places)][:SHOWN]
    if not seen:
        remark(words("entry.none"))
        return
    columns = [
        Column(words("quality.batch"), look="hs-number"),
        Column(words("entry.unit"), look="hs-name"),
        Column(words("entry.row"), look="hs-name"),
        Column(words("entry.by"), words("entry.on")),
        Column(words("entry.state")),
    ]
    names = _names(places)
    table(columns, [_row(one, names, words) for one in seen], words("entry.last"))
    standing = [one for one in seen if one.batch.withdrawn is None]
    if standing:
        _way_back(viewer, standing, names)


def _is_mine(entry: Entry, places: Tree) -> bool:
    """Whether the row is of a hall or counter that the viewer sees."""
    if places.scope.hall_ids is None:
        return True
    counter, hall = entry.row.get("counter_id"), entry.row.get("hall_id")
    if counter:
        return counter in places.ranked["counter_id"]
    return hall is not None and hall in places.halls["hall_id"]


def _names(places: Tree) -> dict[str, str]:
    """Names of halls and counters by id."""
    pairs = [places.halls.select("hall_id", "name"), places.ranked.select("counter_id", "name")]
    return {one: name or one for frame in pairs for one, name in frame.iter_rows()}


def _unit_of(entry: Entry, names: dict[str, str], words: Words) -> str:
    one = entry.row.get("counter_id") or entry.row.get("hall_id")
    return f"{names.get(one, one)} {one}" if one else words("entry.city")


def _told(entry: Entry, words: Words) -> list[str]:
    """The fields of a row in words: a flag where it is set, who decided if somebody else."""
    contract, told = CONTRACTS[entry.batch.log], []
    for name, cell in entry.row.items():
        if name in (*UNIT_FIELDS, "decided_on", contract.id_column):
            continue
        if name == "decided_by" and cell == entry.by:
            continue
        label = label_of(contract, name, words)
        if type(contract.fields[name]).__name__ != "Bool":
            told.append(f"{label} {code_of(cell, words)}")
        elif cell == "1":
            told.append(label)
    return told


def _row(entry: Entry, names: dict[str, str], words: Words) -> list[Cell]:
    gone = entry.batch.withdrawn is not None
    received = entry.batch.received_at
    state = words("entry.gone") if gone else words("entry.counts")
    return [
        Cell(str(entry.batch.no), mute=gone),
        Cell(_unit_of(entry, names, words), mute=gone),
        Cell(words("format.list").join(_told(entry, words)), mute=gone),
        Cell(entry.by, str(received or ""), mute=gone),
        Cell(state, entry.batch.withdrawn or "", mute=gone),
    ]


def _way_back(viewer: Viewer, standing: list[Entry], names: dict[str, str]) -> None:
    """Which entry, and why it leaves."""
    words = viewer.words
    units = {one.batch.no: _unit_of(one, names, words) for one in standing}
    with st.container(horizontal=True, vertical_alignment="bottom", key="entry_back"):
        chosen = st.selectbox(
            words("entry.which"),
            list(units),
            format_func=lambda no: f"{no} · {units[no]}",
            key="entry_which",
            width=360,
        )
        reason = st.text_input(words("entry.why"), key="entry_why", width=300)
        pressed = st.button(words("entry.withdraw"), disabled=not reason.strip())
    if pressed and chosen is not None:
        try:
            withdraw(viewer.home, chosen, reason.strip())
        except HallscoreError as error:
            st.warning(str(error))
            return
        st.session_state[SAID] = words("entry.withdrawn", batch=chosen)
        st.rerun()
