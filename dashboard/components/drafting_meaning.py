"""The third step of a draft: formats of times, code tables, and which grade is best."""

from collections.abc import Callable

import streamlit as st

from dashboard.components.drafting_work import ask, typed, work
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from data.contracts import CONTRACTS
from data.drafting import Draft
from data.drafting_choices import Choices, is_moment, sources_of, zone_of
from data.drafting_codes import NONE, Table, asks_table, tables
from data.drafting_dates import Reading, positions, reading, readings
from data.drafting_looks import ColumnLook
from data.profile import Constant, Interval, Source, source_columns
from data.undecided import OPEN

UNITS = ("workday", "day")
GRADES = ("1", "2", "3", "4", "5", NONE)
MOST = 40


def draw(draft: Draft, chosen: Choices, words: Words) -> None:
    """A card per question that the chosen columns raise."""
    sources = sources_of(draft, chosen)
    ordered = sorted(sources, key=lambda name: name != "grade")
    asked = [name for name in ordered if _card(draft, name, sources[name], chosen, words)]
    if not asked:
        remark(words("drafting.nothing_to_ask"))


def _card(draft: Draft, name: str, source: Source, chosen: Choices, words: Words) -> bool:
    if isinstance(source, Constant):
        with st.container(border=True, key=f"card_{name}"):
            _title(draft, name, words("drafting.constant"), words)
            ask(st.radio, name, _label(draft, name, words), UNITS, _meaning(words), horizontal=True)
        return True
    looks = [draft.looks[column] for column in source_columns(source)]
    if isinstance(source, Interval) or (is_moment(draft.log, name) and isinstance(source, str)):
        with st.container(border=True, key=f"card_{name}"):
            _format(draft, name, looks[0], chosen, words)
        return True
    if isinstance(source, str) and asks_table(draft.log, name, looks[0]):
        with st.container(border=True, key=f"card_{name}"):
            _codes(draft, name, looks[0], chosen, words)
        return True
    return False


def _label(draft: Draft, name: str, words: Words) -> str:
    return words.of(draft.contract.fields[name].metadata or {})


def _title(draft: Draft, name: str, note: str, words: Words) -> None:
    section(_label(draft, name, words), note)


def _format(draft: Draft, name: str, look: ColumnLook, chosen: Choices, words: Words) -> None:
    """The formats that read the column, each with what it makes of a value; none is preset."""
    seen = words("format.list").join(look.examples)
    _title(draft, name, words("drafting.column_seen", column=look.name, seen=seen), words)
    zone = zone_of(chosen)
    found = {one.form: one for one in readings(look, zone)}
    if len(found) > 1 and (largest := positions(look, list(found.values()))) is not None:
        first, second, third = largest
        remark(words("drafting.ambiguous", first=first, second=second, third=third))
    if found:
        ask(
            st.radio,
            name,
            words("drafting.format"),
            list(found),
            captions=[_reads(one, words) for one in found.values()],
        )
    with st.container(width=360):
        hint = words("drafting.format_hint", form="%Y-%m-%d")
        typed(name, words("drafting.format_other"), hint, apart=list(found))
    form = work().picks.get(name)
    if form and form not in found and (one := reading(look, form, zone)) is not None:
        remark(_reads(one, words))


def _reads(one: Reading, words: Words) -> str:
    text = words(
        "drafting.reads",
        seen=one.example,
        moment=one.read_as.strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00"),
        read=one.read,
        first=one.first.strftime("%Y-%m-%d"),
        last=one.last.strftime("%Y-%m-%d"),
    )
    return text + words("drafting.fails", failed=one.failed) if one.failed else text


def _codes(draft: Draft, name: str, look: ColumnLook, chosen: Choices, words: Words) -> None:
    """The possible tables, none preset; or each code by itself."""
    note = words("drafting.direction_note") if name == "grade" else words("drafting.table_note")
    _title(draft, name, words("drafting.column", column=look.name) + note, words)
    if look.private:
        remark(words("drafting.private_codes"))
        return
    possible = {one.origin: one for one in _distinct(tables(draft.log, name, look))}
    if possible:
        question = words("drafting.direction") if name == "grade" else words("drafting.table")
        ask(
            st.radio,
            name,
            question,
            list(possible),
            lambda origin: _origin(origin, words),
            captions=[_told(one, look, words) for one in possible.values()],
        )
    columns = [
        Column(words("drafting.code")),
        Column(words("drafting.rows"), look="hs-number"),
        Column(words("drafting.means")),
    ]
    decided = chosen.codes.get(name, {})
    rows = [
        [Cell(code), Cell(f"{count:,}"), Cell(_meaning(words)(str(decided.get(code, OPEN))))]
        for code, count in look.codes[:MOST]
    ]
    with st.container(width=620):
        table(columns, rows, _label(draft, name, words))
    with st.expander(words("drafting.each")), st.container(horizontal=True):
        for code, _rows in look.codes[:MOST]:
            _one_code(draft, name, code, words)


def _one_code(draft: Draft, name: str, code: str, words: Words) -> None:
    targets = GRADES if name == "grade" else draft.contract.codes.get(name, ())
    key, label = f"{name}.{code}", words("drafting.code_named", code=code)
    if targets:
        hint = words("drafting.choose")
        ask(st.selectbox, key, label, targets, _meaning(words), placeholder=hint, width=170)
        return
    with st.container(width=170):
        typed(key, label, words("drafting.own_word"))


def _distinct(found: list[Table]) -> list[Table]:
    """Tables that say different things about the same codes; those of the direction go first."""
    ordered = sorted(found, key=lambda one: not one.origin.startswith("best "))
    kept: list[Table] = []
    for one in ordered:
        if all(one.codes != other.codes for other in kept):
            kept.append(one)
    return kept


def _origin(origin: str, words: Words) -> str:
    kind, _, best = origin.partition(" ")
    if kind == "best":
        return words("drafting.best", code=best)
    if kind in ("words", "as-is"):
        return words("drafting.words") if kind == "words" else words("drafting.as_is")
    return words("drafting.profile_table", name=words(f"drafting_profile.{origin}"))


def _told(one: Table, look: ColumnLook, words: Words) -> str:
    """What a table makes of the codes of the column."""
    show = _meaning(words)
    seen = [code for code, _rows in look.codes]
    shown = [f"{code} → {show(str(one.codes[code]))}" for code in seen if code in one.codes]
    strange = sum(code not in one.codes for code in seen)
    text = words("format.list").join(shown[:10])
    return text + (words("drafting.not_known", count=strange) if strange else "")


def _meaning(words: Words) -> Callable[[str], str]:
    """How what a code may mean is printed; a source's own words stay as they are."""
    known = {code for each in CONTRACTS.values() for codes in each.codes.values() for code in codes}

    def show(target: str) -> str:
        if target == OPEN:
            return words("drafting.open")
        if target in GRADES:
            return words(f"drafting_grade.{target}")
        return words(f"drafting_target.{target}") if target in known else target

    return show
