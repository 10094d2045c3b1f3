"""The dashboard's frame: who looks, in which language, at which home; then one page."""

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import state
from dashboard.components import footer, look, notice, spoken
from dashboard.page import (
    annual,
    cases,
    catalogue,
    control,
    daily,
    drafting,
    entry,
    explain,
    fairness,
    funnel,
    overview,
    profile,
    quality,
    ranking,
    ratings,
    wall,
    weekly,
)
from dashboard.text import Words
from dashboard.viewer import Viewer, viewer
from data.errors import HallscoreError
from metrics.scope import Scope, scope_for

ICON = Path(__file__).with_name("icon.svg")


def arguments() -> tuple[Path, str | None]:
    """The home and the acting user, from the command line or the environment."""
    parser = argparse.ArgumentParser(prog="app.py")
    parser.add_argument("--home", default=os.environ.get("HALLSCORE_HOME", "var"))
    parser.add_argument("--as", dest="user", default=os.environ.get("HALLSCORE_AS"))
    given = parser.parse_args(sys.argv[1:])
    return Path(given.home).absolute(), given.user


@st.cache_resource(show_spinner=False)
def freeze() -> None:
    """Keep what is loaded from the garbage collector, which Streamlit runs after each script."""
    gc.collect()
    gc.freeze()
    # Frozen objects would be reported as leaks of DuckDB's bindings when the process ends.
    atexit.register(gc.unfreeze)


def other_language(words: Words) -> None:
    """The language switch, in the corner of the page."""
    other = "en" if words.lang == "zh" else "zh"
    with st.container(horizontal=True, horizontal_alignment="right", key="language"):
        label = words("app.other_language")
        st.button(label, type="tertiary", on_click=state.keep, args=("lang", other))
        spoken.draw(words)


def draw(page: Callable[[Viewer], None], words: Words) -> None:
    """One page in its frame; an expected error becomes a box that says what to do."""
    home, user = arguments()
    try:
        seen = viewer(home, user, words)
        if seen is None:
            notice.empty(home, words)
            return
        page(seen)
        footer.draw(seen)
    except HallscoreError as error:
        notice.failed(error, words)


def draw_before_data(page: Callable[[Path, Scope, Words], None], words: Words) -> None:
    """A page that a home without any data needs most."""
    home, user = arguments()
    try:
        page(home, scope_for(home, user), words)
    except HallscoreError as error:
        notice.failed(error, words)


# In the order of the navigation: its words, whose first half is the address; icon; what draws it.
Part = tuple[str, str, Callable[[Viewer], None]]
SECTIONS: dict[str, tuple[Part, ...]] = {
    "": (("overview.nav", "dashboard", overview.draw),),
    "nav.daily": (
        ("daily.nav", "today", daily.draw),
        ("weekly.nav", "date_range", weekly.draw),
        ("ratings.nav", "reviews", ratings.draw),
        ("cases.nav", "schedule", cases.draw),
        ("wall.nav", "tv", wall.draw),
    ),
    "nav.ranking": (
        ("ranking.nav", "leaderboard", ranking.draw),
        ("annual.nav", "calendar_month", annual.draw),
        ("profile.nav", "id_card", profile.draw),
        ("explanation.nav", "calculate", explain.draw),
    ),
    "nav.fairness": (
        ("fairness.nav", "balance", fairness.draw),
        ("funnel.nav", "scatter_plot", funnel.draw),
        ("control.nav", "timeline", control.draw),
    ),
    "nav.basis": (
        ("quality.nav", "fact_check", quality.draw),
        ("catalogue.nav", "menu_book", catalogue.draw),
        ("entry.nav", "post_add", entry.draw),
    ),
}
PAGES = tuple(part for parts in SECTIONS.values() for part in parts)
BEFORE_DATA = ("drafting.nav", "edit_document", drafting.draw)


def _page(
    key: str,
    icon: str,
    page: Callable[..., None],
    words: Words,
    within: Callable[..., None] = draw,
) -> StreamlitPage:
    """A page of the navigation; the first one is the start page."""
    return st.Page(
        partial(within, page, words),
        title=words(key),
        icon=f":material/{icon}:",
        url_path=None if key == PAGES[0][0] else key.removesuffix(".nav"),
        default=key == PAGES[0][0],
    )


def _also(words: Words) -> StreamlitPage:
    """The start page by its own name, for links that name it; it stands in no menu."""
    key, _, page = PAGES[0]
    return st.Page(
        partial(draw, page, words),
        title=words(key),
        url_path=key.removesuffix(".nav"),
        visibility="hidden",
    )


def main() -> None:
    """Draw the chosen page."""
    state.begin()
    words = Words(state.language())
    st.set_page_config(page_title=words("app.name"), page_icon=str(ICON), layout="wide")
    look.apply()
    pages = {
        words(section) if section else "": [_page(*part, words) for part in parts]
        for section, parts in SECTIONS.items()
    }
    pages[words("nav.basis")].append(_page(*BEFORE_DATA, words, within=draw_before_data))
    pages[""].append(_also(words))
    chosen = st.navigation(pages, position="top")
    other_language(words)
    chosen.run()
    state.publish()
    freeze()


if __name__ == "__main__":  # Streamlit runs it so; who asks for PAGES draws nothing.
    main()
