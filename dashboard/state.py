"""What the viewer has chosen: read from the address once, kept over page switches, written back.

The address carries stable codes (`frame=county`), never labels. Streamlit's own binding of widgets
to query parameters writes the printed label, which would break shared links with the language.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import streamlit as st

from dashboard.text import LANGUAGES

FIELDS = (
    *("lang", "period", "frame", "scheme", "metric", "by", "q", "page", "log", "step"),
    *("day", "week", "kind", "hall", "unit", "group", "section", "span"),
    *("find", "part", "grain", "content", "rules", "year", "assign", "weights"),
    *("county", "spread", "flow", "heat", "view"),
)
SLOT = "chosen"


def begin() -> None:
    """Take the choices of the address over, at the first run of a session only.

    Later runs may carry an address that is older than a choice just made.
    """
    if SLOT not in st.session_state:
        given = st.query_params.to_dict()
        st.session_state[SLOT] = {name: given[name] for name in FIELDS if name in given}


def publish() -> None:
    """Write the choices into the address; a page switch has emptied it."""
    wanted = {name: chosen for name, chosen in st.session_state[SLOT].items() if chosen}
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def keep(name: str, chosen: str) -> None:
    """Remember a choice; another filter starts again on the first page of the table."""
    st.session_state[SLOT][name] = chosen
    if name not in ("page", "lang"):
        st.session_state[SLOT].pop("page", None)


def forget(name: str) -> None:
    """Take a choice back."""
    st.session_state[SLOT].pop(name, None)


def address(page: str = "", **more: str) -> str:
    """A link to a page (none: this one) with all that is chosen, and what is chosen besides."""
    wanted = {name: chosen for name, chosen in st.session_state[SLOT].items() if chosen} | more
    return f"{page}?{urlencode(wanted)}"


def language() -> str:
    """The language of the page: Chinese unless the address says otherwise."""
    chosen = st.session_state[SLOT].get("lang")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def chosen(name: str) -> str | None:
    """What is chosen so far, whether or not it can be chosen here."""
    given: str | None = st.session_state[SLOT].get(name)
    return given


def read(name: str, options: Sequence[str], default: str) -> str:
    """The choice if it is among the options, else the default; the choice is then explicit."""
    chosen = st.session_state[SLOT].get(name)
    current: str = chosen if chosen in options else default
    st.session_state[SLOT][name] = current
    return current


def select(
    name: str,
    label: str,
    options: Sequence[str],
    default: str,
    show: Callable[[str], str],
    width: int = 195,
) -> str:
    """A list to choose one code from, printed through `show`."""
    _seed(name, read(name, options, default))
    st.selectbox(
        label,
        options,
        format_func=show,
        key=_key(name),
        on_change=_changed,
        args=(name,),
        width=width,
    )
    return read(name, options, default)


def segments(
    name: str, label: str, options: Sequence[str], default: str, show: Callable[[str], str]
) -> str:
    """A row of buttons to choose one code from, printed through `show`."""
    _seed(name, read(name, options, default))
    st.segmented_control(
        label,
        options,
        format_func=show,
        key=_key(name),
        on_change=_changed,
        args=(name,),
        required=True,
    )
    return read(name, options, default)


def search(label: str, placeholder: str, name: str = "q") -> str:
    """A search box; returns what was typed, without blanks around it."""
    _seed(name, st.session_state[SLOT].get(name, ""))
    st.text_input(
        label,
        placeholder=placeholder,
        key=_key(name),
        on_change=_changed,
        args=(name,),
        icon=":material/search:",
        width=230,
    )
    return str(st.session_state[SLOT].get(name, "")).strip()


def page_of(pages: int) -> int:
    """The number of the table page that the viewer turned to, from 1."""
    return int(read("page", [str(number) for number in range(1, pages + 1)], "1"))


def paginate(pages: int) -> None:
    """The page numbers under a table."""
    if pages > 1:
        current = page_of(pages)
        # A key for each page: the shown number is then the chosen one without being set twice.
        key = f"{_key('page')}_{current}"
        st.pagination(pages, default=current, key=key, on_change=_turned, args=(key,))


def _turned(key: str) -> None:
    keep("page", str(st.session_state[key]))


def _key(name: str) -> str:
    return f"pick_{name}"


def _seed(name: str, current: str) -> None:
    st.session_state[_key(name)] = current


def _changed(name: str) -> None:
    keep(name, str(st.session_state[_key(name)]))
