"""Download buttons; the file is made when the button is pressed."""

from collections.abc import Callable
from datetime import date

import streamlit as st

from dashboard.components.heading import remark
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics.periods import Period

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def filters(viewer: Viewer, period: Period, as_of: date, **more: str) -> dict[str, str]:
    """What the numbers of a file depend on, as label → text."""
    words = viewer.words
    named = {
        words("export.period"): period.text,
        **{words(f"export.{key}"): text for key, text in more.items()},
        words("export.as_of"): as_of.isoformat(),
    }
    return {**named, words("export.user"): viewer.user} if viewer.user else named


def buttons(name: str, words: Words, csv: Callable[[], bytes], xlsx: Callable[[], bytes]) -> None:
    """Two buttons: the table as a workbook and as csv."""
    with st.container(horizontal=True, gap="small", key=f"export_{name}"):
        _button(words("export.xlsx"), xlsx, f"hallscore-{name}.xlsx", XLSX)
        _button(words("export.csv"), csv, f"hallscore-{name}.csv", "text/csv")


def public_buttons(
    name: str, words: Words, csv: Callable[[], bytes], xlsx: Callable[[], bytes]
) -> None:
    """The same of the public form, with what is withheld in a sentence."""
    with st.container(horizontal=True, gap="small", key=f"public_{name}"):
        file = f"hallscore-{name}-public"
        _button(words("public.xlsx"), xlsx, f"{file}.xlsx", XLSX)
        _button(words("public.csv"), csv, f"{file}.csv", "text/csv")
    remark(words("public.note"))


def _button(label: str, content: Callable[[], bytes], file: str, mime: str) -> None:
    st.download_button(
        label, content, file_name=file, mime=mime, on_click="ignore", icon=":material/download:"
    )
