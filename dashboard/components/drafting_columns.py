"""The second step of a draft: which column is which field."""

from html import escape

import streamlit as st

from dashboard.components.drafting_work import COLUMN, JOIN, JOINED, ask, several, work
from dashboard.components.heading import section
from dashboard.text import Words
from data.drafting import Draft
from data.drafting_choices import field_options
from data.drafting_match import Suggestion
from data.profile import Source, source_columns

WIDTHS = (3, 3, 3, 3)


def draw(draft: Draft, words: Words) -> None:
    """A row per field: its name, a select box with the suggestion, the reason, some values."""
    section(words("drafting.columns"), words("drafting.columns_note"))
    with st.container(border=True, key="card_columns"):
        heads = ("drafting.ours", "drafting.theirs", "drafting.why", "drafting.seen")
        with st.container(key="columns_heads"):
            for place, head in zip(st.columns(WIDTHS), heads, strict=True):
                place.html(f'<p class="hs-note"><strong>{escape(words(head))}</strong></p>')
        ordered = sorted(draft.contract.fields, key=lambda one: one not in draft.contract.needed)
        for name in ordered:
            _row(draft, name, words)


def _row(draft: Draft, name: str, words: Words) -> None:
    label = words.of(draft.contract.fields[name].metadata or {})
    needed = name in draft.contract.needed
    options = field_options(draft, name)
    chosen = draft.matches.chosen.get(name)
    work().picks.setdefault(COLUMN + name, _option(options, chosen))
    ours, theirs, why, seen = st.columns(WIDTHS, vertical_alignment="center")
    special = {"": words("drafting.absent"), JOINED: words("drafting.join")}
    mark = f' <span class="hs-need">{escape(words("drafting.needed"))}</span>' if needed else ""
    ours.html(f'<p class="hs-field">{escape(label)}{mark}<small>{escape(name)}</small></p>')
    with theirs:
        pick = ask(
            st.selectbox,
            COLUMN + name,
            label,
            list(options),
            lambda one: special.get(one, one),
            label_visibility="collapsed",
            placeholder=words("drafting.choose"),
        )
        if pick == JOINED:
            several(JOIN + name, label, list(draft.looks), words("drafting.join_hint"))
    why.html(f'<p class="hs-note">{escape(_why(draft, name, pick, options, words))}</p>')
    seen.html(f'<p class="hs-note">{escape(_examples(draft, options.get(pick or ""), words))}</p>')


def _option(options: dict[str, Source | None], chosen: Suggestion | None) -> str:
    if chosen is None:
        return ""
    return next(option for option, source in options.items() if source == chosen.source)


def _why(
    draft: Draft, name: str, pick: str | None, options: dict[str, Source | None], words: Words
) -> str:
    """The reason of what is chosen, or what might be chosen."""
    candidates = draft.matches.candidates.get(name, [])
    source = options.get(pick or "")
    for one in candidates:
        if source is not None and one.source == source:
            return words("drafting.reason", score=f"{one.score:.0%}", reason=reason(one, words))
    if source is None and pick != JOINED and candidates:
        names = [" + ".join(source_columns(one.source)) for one in candidates[:2]]
        return words("drafting.candidates", names=words("format.list").join(names))
    return ""


def reason(one: Suggestion, words: Words) -> str:
    """Why a column is suggested."""
    shipped = one.reason == "profile"
    detail = words(f"drafting_profile.{one.detail}") if shipped else one.detail
    return words(f"drafting_reason.{one.reason}", detail=detail)


def _examples(draft: Draft, source: Source | None, words: Words) -> str:
    columns = [] if source is None else source_columns(source)
    looks = [draft.looks[column] for column in columns]
    texts = [look.examples for look in looks]
    rows = [" + ".join(row) for row in zip(*texts, strict=False)] if texts else []
    if looks and not any(look.filled for look in looks):
        return words("drafting.empty_column")
    return words("format.list").join(dict.fromkeys(rows))
