"""The last step of a draft: what is open, rows as they would be read, and the profile itself."""

import re
import tempfile
import tomllib
from dataclasses import replace
from pathlib import Path

import polars as pl
import streamlit as st

from dashboard.components.drafting_work import Given, on_disk
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from data.contracts import CONTRACTS
from data.drafting import Draft
from data.drafting_choices import Choices
from data.drafting_sample import Sample, try_out
from data.drafting_toml import toml_of
from data.errors import HallscoreError
from data.profile import load_profile, shipped
from data.undecided import open_keys

NAME = re.compile(r"[A-Za-z0-9_-]+")
SETTINGS = {
    "encoding": "drafting.encoding",
    "delimiter": "drafting.delimiter",
    "missing": "drafting.missing",
}
REFUSALS = (
    *("unknown_code", "unparseable_time", "not_a_number", "bad_clock_stop", "out_of_period"),
    *("missing_key", "bad_value", "ragged_row", "open_quote", "unreadable_row"),
)


def open_list(draft: Draft, text: str, words: Words) -> list[str]:
    """The decisions that are still open, as people call them, each once."""
    content = tomllib.loads(text)
    return list(dict.fromkeys(_open(draft, key, words) for key in open_keys(content)))


def _open(draft: Draft, key: tuple[str, ...], words: Words) -> str:
    if len(key) == 1:
        return words(SETTINGS[key[0]])
    name = key[2]
    label = words.of(draft.contract.fields[name].metadata or {})
    kind = "dates" if key[-1] == "format" else "codes" if key[-1] == "value" else key[1]
    return words(f"drafting_open.{kind}", field=label)


def draw(draft: Draft, one: Given, text: str, words: Words) -> None:
    """What is open; or the sample of parsed and rejected rows through the real reader."""
    still = open_list(draft, text, words)
    if still:
        section(words("drafting.still_open", count=len(still)), words("drafting.still_open_note"))
        items = "\n".join(f"- {line}" for line in still)
        st.markdown(items)
        return
    sample = trial(draft, one, text)
    counts = {"accepted": f"{sample.accepted:,}", "unrated": f"{sample.no_rating:,}"}
    note = words("drafting.sample_note", **counts)
    section(words("drafting.sample", read=f"{sample.read:,}"), note)
    _warnings(sample, words)
    _parsed(draft, sample, words)
    _rejected(sample, words)


def trial(draft: Draft, one: Given, text: str) -> Sample:
    """The file read by the profile that the text is; nothing is taken in, nothing is kept."""
    with tempfile.TemporaryDirectory(prefix="hallscore-") as folder, on_disk(one) as path:
        written = Path(folder) / "draft.toml"
        written.write_text(text, "utf-8")
        try:
            return try_out(path, load_profile(str(written)), draft.log)
        except HallscoreError as error:
            raise HallscoreError(str(error).replace(f"{folder}/", "")) from None


def _warnings(sample: Sample, words: Words) -> None:
    for warning in sample.warnings:
        st.warning(words("drafting.would_refuse"))
        st.code(warning, language=None, wrap_lines=True)


def _parsed(draft: Draft, sample: Sample, words: Words) -> None:
    fields = CONTRACTS[draft.log].schema.columns()
    heads = {name: words.of(fields[name].metadata or {}) for name in sample.rows.columns}
    columns = [Column(label, name) for name, label in heads.items()]
    rows = [[Cell(_shown(cell)) for cell in row] for row in sample.rows.iter_rows()]
    if rows:
        table(columns, rows, words("drafting.parsed"))


def _shown(cell: object) -> str:
    return "" if cell is None else str(cell)


def _rejected(sample: Sample, words: Words) -> None:
    if sample.rejects.is_empty():
        remark(words("drafting.no_rejects"))
        return
    total = sum(sample.reasons.values())
    section(words("drafting.rejected", count=f"{total:,}"), _reasons(sample, words))
    columns = [
        Column(words("drafting.line"), look="hs-number"),
        Column(words("drafting.because")),
        Column(words("drafting.detail")),
        Column(words("drafting.raw")),
    ]
    rows = [
        [Cell(str(line)), Cell(_refusal(reason, words)), Cell(detail or ""), Cell(raw or "")]
        for line, reason, detail, raw in _told(sample.rejects).iter_rows()
    ]
    table(columns, rows, words("drafting.rejected", count=f"{total:,}"))


def _told(rejects: pl.DataFrame) -> pl.DataFrame:
    return rejects.select("line", "reason", "detail", "raw")


def _reasons(sample: Sample, words: Words) -> str:
    shown = [f"{_refusal(reason, words)} {count:,}" for reason, count in sample.reasons.items()]
    return words("format.list").join(shown)


def _refusal(reason: str, words: Words) -> str:
    return words(f"drafting_refused.{reason}") if reason in REFUSALS else reason


def offer(draft: Draft, chosen: Choices, home: Path | None, done: bool, words: Words) -> None:
    """The TOML to look at and to download; and to save beside sources.toml once it is complete."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="export_draft"):
        name = st.text_input(words("drafting.name"), "my_source", key="drafting_name", width=300)
        good = NAME.fullmatch(name) is not None and name not in shipped()
        named = replace(chosen, settings=chosen.settings | {"name": name if good else "draft"})
        text = toml_of(draft, named)
        st.download_button(
            words("drafting.download") if done else words("drafting.download_open"),
            text,
            file_name=f"{name if good else 'draft'}.toml",
            mime="application/toml",
            on_click="ignore",
            icon=":material/download:",
        )
        pressed = home is not None and st.button(
            words("drafting.save"), disabled=not (done and good), icon=":material/save:"
        )
    if not good:
        remark(words("drafting.bad_name"))
    if pressed and home is not None:
        _save(home / f"{name}.toml", text, words)
    with st.expander(words("drafting.look_at_it")):
        st.code(text, language="toml")


def _save(path: Path, text: str, words: Words) -> None:
    """Write a new file; one that is there stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        st.error(words("drafting.exists", name=path.name))
        return
    st.success(words("drafting.saved", path=path))
