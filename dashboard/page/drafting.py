"""A profile for a file that nobody has described yet: upload, match, decide, try, save."""

from pathlib import Path

import streamlit as st

from dashboard import state
from dashboard.components import (
    drafting_columns,
    drafting_file,
    drafting_meaning,
    drafting_trial,
    drafting_work,
)
from dashboard.components.heading import heading, remark
from dashboard.text import Words
from data.contracts import CONTRACTS
from data.drafting import Draft
from data.drafting_toml import toml_of
from data.errors import HallscoreError
from metrics.scope import Scope

STEPS = ("file", "columns", "meaning", "sample")


def draw(home: Path, scope: Scope, words: Words) -> None:
    """The file at the top; below it one of the four steps, which the address names."""
    whole_city = scope.hall_ids is None
    with heading(words("drafting.title")):
        label, logs = words("drafting.log"), list(CONTRACTS)
        log = state.select("log", label, logs, logs[0], lambda one: words(f"log.{one}"))
    remark(words("drafting.note"))
    given = drafting_work.given(home / "inbox" if whole_city else None, words)
    if given is None:
        return
    step = state.segments(
        "step", words("drafting.step"), STEPS, STEPS[0], lambda one: words(f"drafting_step.{one}")
    )
    try:
        draft = drafting_work.drafted(given, log)
        _step(draft, given, step, home if whole_city else None, words)
    except HallscoreError as error:
        st.warning(words("drafting.unreadable"))
        st.code(str(error), language=None, wrap_lines=True)


def _step(
    draft: Draft, given: drafting_work.Given, step: str, home: Path | None, words: Words
) -> None:
    if step == "file":
        drafting_file.draw(draft, words)
        return
    if step == "columns":
        drafting_columns.draw(draft, words)
        return
    chosen = drafting_work.choices(draft)
    if step == "meaning":
        drafting_meaning.draw(draft, chosen, words)
        return
    text = toml_of(draft, chosen)
    drafting_trial.draw(draft, given, text, words)
    done = not drafting_trial.open_list(draft, text, words)
    drafting_trial.offer(draft, chosen, home, done, words)
