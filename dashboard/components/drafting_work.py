"""The file that a viewer drafts a profile for, and what was decided so far.

The bytes stay in the upload of the session; on disk they live as long as one look at them.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from dashboard.text import Words
from data.drafting import Draft, draft_of
from data.drafting_choices import Choices, confirmed, field_options
from data.errors import HallscoreError
from data.profile import Source
from data.readers import KINDS

SLOT = "drafting"
UNREADABLE = (".tmp", ".part", ".toml")
COLUMN, JOIN = "column.", "join."
JOINED = "+"  # the option that opens the choice of several columns


@dataclass(frozen=True)
class Given:
    """A file: an upload with its bytes, or one that lies in the inbox."""

    name: str
    key: str
    content: bytes = field(repr=False, default=b"")
    path: Path | None = None


@dataclass
class Work:
    """What belongs to one file and log: the draft by the settings it was read with, decisions."""

    key: tuple[str, str] = ("", "")
    read_as: tuple[str, str] = ("", "")
    draft: Draft | None = None
    picks: dict[str, str] = field(default_factory=dict)


def work() -> Work:
    """The work of this session."""
    found: Work = st.session_state.setdefault(SLOT, Work())
    return found


def given(inbox: Path | None, words: Words) -> Given | None:
    """The upload, or the file chosen from the inbox."""
    with st.container(key="drafting_file"):
        kinds = [*KINDS, ".csv.gz", ".txt.gz", ".jsonl.gz"]
        speak(words)
        label, types = words("drafting.upload"), [one.removeprefix(".") for one in kinds]
        upload = st.file_uploader(label, type=types)
        waiting = _waiting(inbox)
        if waiting:
            st.selectbox(
                words("drafting.inbox"),
                list(waiting),
                index=None,
                key="drafting_inbox",
                placeholder=words("drafting.inbox_hint"),
            )
    if upload is not None:
        return Given(Path(upload.name).name, upload.file_id, upload.getvalue())
    chosen = st.session_state.get("drafting_inbox") if waiting else None
    if chosen is None:
        return None
    return Given(
        waiting[chosen].name, f"{chosen} {waiting[chosen].stat().st_mtime_ns}", path=waiting[chosen]
    )


def speak(words: Words) -> None:
    """Words for the uploader, whose own are English; the style sheet puts them there."""
    said = {"button": words("drafting.upload_button"), "drop": words("drafting.upload_drop")}
    variables = "".join(
        f"--hs-{name}:{json.dumps(text, ensure_ascii=False)};" for name, text in said.items()
    )
    st.html(f"<style>.st-key-drafting_file{{{variables}}}</style>")


def _waiting(inbox: Path | None) -> dict[str, Path]:
    """Files in the folders of the inbox by source and name; no archive, nothing half copied."""
    if inbox is None or not inbox.is_dir():
        return {}
    files = sorted(path for path in inbox.glob("*/*") if path.is_file())
    return {
        f"{path.parent.name}/{path.name}": path
        for path in files
        if not path.name.startswith((".", "~$")) and path.suffix not in UNREADABLE
    }


@contextmanager
def on_disk(one: Given) -> Iterator[Path]:
    """The file under its own name while the block runs; errors name it without a folder."""
    with tempfile.TemporaryDirectory(prefix="hallscore-") as folder:
        path = one.path or Path(folder) / one.name
        if one.path is None:
            path.write_bytes(one.content)
        try:
            yield path
        except HallscoreError as error:
            raise HallscoreError(str(error).replace(f"{path.parent}/", "")) from None


def drafted(one: Given, log: str) -> Draft:
    """The draft of the file; it is looked at again when the file or its reading changes."""
    current = work()
    if current.key != (one.key, log):
        st.session_state[SLOT] = current = Work((one.key, log))
    read_as = (current.picks.get("encoding", ""), current.picks.get("delimiter", ""))
    if current.draft is None or current.read_as != read_as:
        with on_disk(one) as path:
            current.draft, current.read_as = draft_of(path, log, *read_as), read_as
    return current.draft


def choices(draft: Draft) -> Choices:
    """The decisions of the session that still fit the columns that are chosen."""
    picks = work().picks
    columns: dict[str, Source | None] = {}
    for key, pick in picks.items():
        name = key.removeprefix(COLUMN)
        if key.startswith(COLUMN):
            joined = picks.get(JOIN + name, "").split("\n")
            columns[name] = field_options(draft, name, joined).get(pick)
    chosen = Choices(columns=columns)
    for key, pick in list(picks.items()):
        if key.startswith((COLUMN, JOIN)) or not pick:
            continue
        try:
            chosen = confirmed(draft, chosen, key, pick)
        except HallscoreError:
            del picks[key]  # decided for another column than the one that is chosen now
    return chosen


def ask(
    widget: Callable[..., object],
    name: str,
    label: str,
    options: Sequence[str],
    show: Callable[[str], str] = str,
    **more: object,
) -> str | None:
    """A radio or select box whose choice is kept while its step is not on the page."""
    key = f"draft_{name}"
    pick = work().picks.get(name)
    st.session_state[key] = pick if pick in options else None
    widget(
        label,
        options,
        index=None,
        key=key,
        format_func=show,
        on_change=_picked,
        args=(name, key),
        **more,
    )
    return pick if pick in options else None


def several(name: str, label: str, options: Sequence[str], placeholder: str) -> None:
    """A choice of several columns; kept as lines."""
    key = f"draft_{name}"
    kept = [one for one in work().picks.get(name, "").split("\n") if one in options]
    st.session_state[key] = kept
    st.multiselect(
        label,
        options,
        key=key,
        placeholder=placeholder,
        label_visibility="collapsed",
        on_change=_picked,
        args=(name, key),
    )


def typed(name: str, label: str, placeholder: str, apart: Sequence[str] = ()) -> None:
    """A line of text; empty while one of the choices in `apart` is taken for the same question."""
    key, pick = f"type_{name}", work().picks.get(name, "")
    st.session_state[key] = "" if pick in apart else pick
    st.text_input(label, key=key, placeholder=placeholder, on_change=_picked, args=(name, key))


def _picked(name: str, key: str) -> None:
    pick = st.session_state[key]
    picks = work().picks
    picks[name] = "\n".join(pick) if isinstance(pick, list) else str(pick or "").strip()
    if name.startswith((COLUMN, JOIN)):
        # What was decided for the column before says nothing about this one.
        of = name.partition(".")[2]
        for other in [other for other in picks if other == of or other.startswith(f"{of}.")]:
            del picks[other]
