"""The first step of a draft: how the file is read, and its first rows."""

import streamlit as st

from dashboard.components.drafting_work import ask
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from data.drafting import Draft
from data.drafting_bytes import DELIMITERS
from data.drafting_codes import NONE

ENCODINGS = ("utf-8", "gb18030")
EVERY = ("day", "week", "month", "quarter", "year")
LEVELS = ("city", "county", "township", "village")


def draw(draft: Draft, words: Words) -> None:
    """Encoding, delimiter, spellings of no value, period; then the first rows."""
    with st.container(border=True, key="card_reading"):
        section(words("drafting.reading"), words("drafting.reading_note"))
        with st.container(horizontal=True, gap="large"):
            _bytes(draft, words)
            _blanks(draft, words)
    with st.container(horizontal=True, gap="medium"):
        _rhythm(words)
    section(words("drafting.preview"), words("drafting.preview_note", rows=f"{draft.rows:,}"))
    columns = [Column(name) for name in draft.preview.columns]
    rows = [[Cell(cell or "") for cell in row] for row in draft.preview.iter_rows()]
    table(columns, rows, words("drafting.preview"))
    if any(look.private for look in draft.looks.values()):
        remark(words("drafting.blotted"))


def _bytes(draft: Draft, words: Words) -> None:
    guess = draft.guess
    if guess.why:
        evidence = words(f"drafting_bytes.{guess.why}", at=guess.at)
        ask(
            st.radio,
            "encoding",
            words("drafting.encoding"),
            ENCODINGS,
            str.upper,
            captions=[evidence if one == guess.encoding else "" for one in ENCODINGS],
        )
    if guess.cells:
        counted = [
            words("drafting.cells", cells=cells, same=same, lines=lines)
            for cells, same, lines in (guess.cells[one] for one in DELIMITERS)
        ]
        ask(
            st.radio,
            "delimiter",
            words("drafting.delimiter"),
            DELIMITERS,
            lambda one: words("drafting.tab") if one == "\t" else one,
            captions=counted,
        )


def _blanks(draft: Draft, words: Words) -> None:
    if not draft.blanks:
        return
    spellings = ",".join(draft.blanks)
    shown = {spellings: words("drafting.blank", seen=words("format.list").join(draft.blanks))}
    shown[NONE] = words("drafting.not_blank")
    ask(st.radio, "missing", words("drafting.missing"), list(shown), shown.__getitem__)


def _rhythm(words: Words) -> None:
    """What one delivery spans, and the level of halls that it may bring along."""
    every, level = words("drafting.every"), words("drafting.level")
    ask(
        st.selectbox,
        "every",
        every,
        EVERY,
        lambda one: words(f"drafting_every.{one}"),
        placeholder=words("drafting_every.month"),
        width=220,
    )
    ask(
        st.selectbox,
        "level",
        level,
        LEVELS,
        lambda one: words(f"drafting_target.{one}"),
        placeholder=words("drafting.optional"),
        width=260,
    )
