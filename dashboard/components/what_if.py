"""试改权重: other weights for the scheme, what the ranking would be, and a draft of them."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.components import export
from dashboard.components.heading import remark
from dashboard.components.kept import kept
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.what_if import what_if_csv, what_if_workbook
from dashboard.text import Words
from dashboard.viewer import Viewer
from data.disk import now_in
from data.errors import HallscoreError
from data.profile import SITE_ZONE
from data.scheme_drafts import SchemeDraft, save_draft
from metrics.periods import Period, parse_period
from metrics.scheme_files import scheme as scheme_of
from metrics.scheme_items import label_of
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from metrics.what_if import WhatIf, weights_of, what_if

SHOWN, KEPT = 20, 16
ASKED, SAVED = "weights", "draft_saved"


@kept(KEPT)
def _what_if(
    home: Path, stamp: str, period: str, scope: Scope, scheme: str, frame: str, weights: str
) -> WhatIf:
    return what_if(home, parse_period(period), scope, _read(weights), scheme, frame)


def draw(viewer: Viewer, period: Period, frame: str, scheme: str) -> None:
    """A closed box; once weights are given, what moves, its files, and the way to a draft."""
    words = viewer.words
    chosen = scheme_of(scheme, viewer.home, period.start)
    old = weights_of(chosen)
    if len(old) < 2:
        return
    given = {name: one for name, one in _read(state.chosen(ASKED) or "").items() if name in old}
    changed = {name: points for name, points in given.items() if Decimal(points) != old[name]}
    with st.expander(words("what_if.title"), expanded=bool(changed), key="what_if"):
        remark(words("what_if.note"))
        _form(chosen, old | {name: Decimal(one) for name, one in given.items()}, words)
        if not changed:
            return
        try:
            code = _written(changed)
            asked = (viewer.home, viewer.stamp, period.text, viewer.scope, scheme, frame, code)
            found = _what_if(*asked)
        except HallscoreError as error:
            st.error(words("what_if.refused", why=str(error)))
            return
        _draw(viewer, period, found, changed)


def _read(text: str) -> dict[str, str]:
    """The weights of an address, `item:points,item:points`; what is no number is left out."""
    pairs = [one.partition(":")[::2] for one in text.split(",") if ":" in one]
    return {name: points for name, points in pairs if points.replace(".", "", 1).isdigit()}


def _written(weights: Mapping[str, object]) -> str:
    return ",".join(f"{name}:{points}" for name, points in weights.items())


def _form(chosen: Scheme, now: Mapping[str, Decimal], words: Words) -> None:
    labels = {item.id: words.of(label_of(item)) for item in chosen.items}
    with st.form("weights", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            typed = {
                name: st.number_input(
                    labels[name], min_value=0.5, value=float(points), step=0.5, width=170
                )
                for name, points in now.items()
            }
        with st.container(horizontal=True):
            tried = st.form_submit_button(words("what_if.try"), type="primary")
            back = st.form_submit_button(words("what_if.back"))
    if back:
        state.forget(ASKED)
        st.rerun()
    if tried:
        state.keep(ASKED, _written({name: f"{points:g}" for name, points in typed.items()}))
        st.rerun()


def _draw(viewer: Viewer, period: Period, found: WhatIf, changed: Mapping[str, str]) -> None:
    words = viewer.words
    counted = {name: formats.count(getattr(found, name)) for name in ("ranked", "same", "most")}
    first = {"first": formats.count(found.first), "kept": formats.count(found.first_kept)}
    remark(words("what_if.summary", **counted, **first))
    moved = found.rows.filter(pl.col("moved") != 0).sort(
        pl.col("moved").abs(), "frame", "rank", descending=[True, False, False]
    )
    if not moved.is_empty():
        columns = [
            Column(words("ranking.unit"), words("ranking.hall"), "hs-name"),
            Column(words("what_if.now"), words("ranking.score"), "hs-number"),
            Column(words("what_if.then"), words("ranking.score"), "hs-number"),
            Column(words("what_if.moved"), look="hs-number"),
        ]
        rows = [_row(row) for row in moved.head(SHOWN).to_dicts()]
        table(columns, rows, words("what_if.title"))
        if moved.height > SHOWN:
            count = formats.count(moved.height)
            remark(words("ranking.unranked_more", shown=SHOWN, count=count))
    labels = {item.id: words.of(label_of(item)) for item in found.scheme.items}
    told = words("format.list").join(f"{labels[name]} {points}" for name, points in changed.items())
    filters = {words("export.period"): period.text, words("what_if.weights"): told}
    filters[words("export.scheme")] = f"{found.scheme.id} {found.scheme.version}"
    export.buttons(
        f"what-if-{period.text}",
        words,
        csv=lambda: what_if_csv(found, filters, words),
        xlsx=lambda: what_if_workbook(found, filters, words),
    )
    _draft(viewer, found, changed)


def _row(row: Mapping[str, Any]) -> list[Cell]:
    places = row["moved"]
    then = formats.MARKS["none"] if row["rank_then"] is None else str(row["rank_then"])
    score = "" if row["score_then"] is None else formats.score(row["score_then"])
    sign = "▲" if places > 0 else "▼"
    return [
        Cell(row["name"], row["hall"]),
        Cell(str(row["rank"]), formats.score(row["score"])),
        Cell(then, score),
        Cell(f"{sign} {abs(places)}"),
    ]


def _draft(viewer: Viewer, found: WhatIf, changed: Mapping[str, str]) -> None:
    """Author and reason; the draft is kept beside the schemes and rules nothing."""
    words = viewer.words
    if SAVED in st.session_state:
        st.success(words("what_if.saved", no=st.session_state.pop(SAVED)))
    with (
        st.form("draft", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        author = st.text_input(words("what_if.author"), value=viewer.user or "", width=180)
        reason = st.text_input(words("what_if.reason"), width=420)
        pressed = st.form_submit_button(words("what_if.save"))
    if not pressed:
        return
    draft = SchemeDraft(
        *(0, found.scheme.id, found.scheme.version, dict(changed), author, reason),
        now_in(SITE_ZONE),
    )
    try:
        st.session_state[SAVED] = save_draft(viewer.home, draft).no
    except HallscoreError as error:
        st.error(words("what_if.refused", why=str(error)))
        return
    st.rerun()
