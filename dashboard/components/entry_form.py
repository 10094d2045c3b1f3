"""The form of a log, made from its contract: a unit of the viewer's scope, then field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import streamlit as st

from dashboard.components.heading import remark
from dashboard.text import Words, keys_of
from dashboard.viewer import Viewer
from data.contracts import CONTRACTS, Contract
from data.entry import enter
from data.errors import HallscoreError
from metrics.places import Tree

SAID = "entered"
UNIT_FIELDS = ("hall_id", "hall_name", "counter_id", "counter_name")
DEFAULTED = ("decided_by", "decided_on")  # who enters the row, and today
CITY = "*"
WIDTH = 250
WIDE = ("grounds", "reason")


@dataclass
class Filled:
    """What the form holds: fields of the contract, and names of needed ones that are empty."""

    row: dict[str, Any] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)


def draw(viewer: Viewer, log: str, places: Tree) -> None:
    """The form and its button; a row that is refused is told with the reason."""
    words, contract = viewer.words, CONTRACTS[log]
    filled = Filled()
    with st.container(border=True, key="entry"):
        with st.container(horizontal=True, vertical_alignment="bottom", key="entry_unit"):
            _unit(contract, places, filled, words)
        with st.container(horizontal=True, vertical_alignment="bottom", key="entry_fields"):
            for name in contract.fields:
                if name not in (*UNIT_FIELDS, contract.id_column):
                    _field(contract, name, filled, words)
        with st.container(horizontal=True, vertical_alignment="bottom", key="entry_by"):
            label = words("entry.by")
            by = st.text_input(label, value=viewer.user or "", key="entry_by_name", width=WIDTH)
            if not by.strip():
                filled.lacking.append(label)
            ready = not filled.lacking
            pressed = st.button(words("entry.enter"), type="primary", disabled=not ready)
        if filled.lacking:
            remark(words("entry.lacking", fields=words("format.list").join(filled.lacking)))
    if pressed:
        _enter(viewer, log, filled.row, by)


def label_of(contract: Contract, name: str, words: Words) -> str:
    """The name of a field in the language of the page."""
    told: Mapping[str, str] = contract.fields[name].metadata or {}
    label = str(told.get(words.lang, name))
    return label[:1].upper() + label[1:]


def code_of(code: str, words: Words) -> str:
    """A code in words; one that has none stands for itself."""
    return words(f"entry_code.{code}") if f"entry_code.{code}" in keys_of(words.lang) else code


def _unit(contract: Contract, places: Tree, filled: Filled, words: Words) -> None:
    """First the hall, then one of its counters; both from what the viewer sees.

    Where a row may be of more than a counter, the whole city is an answer of its own, never what
    follows from no answer; no counter means the whole hall.
    """
    if not set(UNIT_FIELDS) & set(contract.fields):
        return
    free = ("counter_id", "counter_name") not in contract.either
    city = {CITY: words("entry.city")} if free and places.scope.hall_ids is None else {}
    halls = city | _units(places.halls, "hall_id")
    hall = _pick("hall", "hall", halls, words("entry.choose"), words)
    if hall is None:
        filled.lacking.append(words("entry.hall"))
    if hall in (None, CITY):
        return
    inside = _units(places.ranked.filter(pl.col("hall_id") == hall), "counter_id")
    hint = words("entry.whole_hall" if free else "entry.choose")
    counter = _pick("counter", f"counter_{hall}", inside, hint, words)
    if counter is not None:
        filled.row["counter_id"] = counter
    elif free:
        filled.row["hall_id"] = hall
    else:
        filled.lacking.append(words("entry.counter"))


def _units(rows: pl.DataFrame, key: str) -> dict[str, str]:
    """Name and id of the open units, by id."""
    named = rows.filter("valid").sort(key).select(key, pl.coalesce("name", key))
    return {one: f"{name} {one}" for one, name in named.iter_rows()}


def _pick(name: str, key: str, units: dict[str, str], hint: str, words: Words) -> str | None:
    chosen: str | None = st.selectbox(
        words(f"entry.{name}"),
        list(units),
        index=None,
        format_func=lambda one: units.get(one, one),
        placeholder=hint,
        key=f"entry_{key}",
        width=360,
    )
    return chosen


def _field(contract: Contract, name: str, filled: Filled, words: Words) -> None:
    needed = name in contract.needed and name not in DEFAULTED
    label = label_of(contract, name, words)
    given = _widget(contract, name, label + (" *" if needed else ""), words)
    if given not in (None, ""):
        filled.row[name] = given
    elif needed:
        filled.lacking.append(label)


def _widget(contract: Contract, name: str, label: str, words: Words) -> Any:
    """The widget that fits the type of a field; None or '' where nothing is given."""
    key, kind = f"entry_{contract.name}_{name}", type(contract.fields[name]).__name__
    codes = contract.codes.get(name)
    if codes:
        return st.selectbox(
            label,
            codes,
            index=None,
            format_func=lambda code: code_of(code, words),
            placeholder=words("entry.choose" if name in contract.needed else "entry.optional"),
            key=key,
            width=WIDTH,
        )
    if kind == "Bool":
        return st.checkbox(label, key=key, width=WIDTH)
    if kind == "Date":
        return st.date_input(label, value=None, format="YYYY-MM-DD", key=key, width=WIDTH)
    if kind in ("Int32", "Int8", "Float64"):
        step: Any = 0.5 if kind == "Float64" else 1
        return st.number_input(label, value=None, step=step, key=key, width=WIDTH)
    hint = words("entry.moment") if kind == "Datetime" else ""
    width: Any = 2 * WIDTH if name in WIDE else WIDTH
    return st.text_input(label, placeholder=hint, key=key, width=width)


def _enter(viewer: Viewer, log: str, row: dict[str, Any], by: str) -> None:
    words = viewer.words
    try:
        with st.spinner(words("entry.entering")):
            batch = enter(viewer.home, log, row, by)
    except HallscoreError as error:
        st.warning(words("entry.refused"))
        st.code(str(error), language=None, wrap_lines=True)
        return
    st.session_state[SAID] = words("entry.done", log=words(f"log.{log}"), batch=batch.no)
    st.rerun()
