"""口径: what each number on the page means, generated from the catalogue."""

from collections.abc import Sequence

import streamlit as st

from dashboard.components.tables import Cell, Column, table
from dashboard.exports.definitions import definition_frame
from dashboard.text import Words
from metrics.catalogue import Metric


def draw(metrics: Sequence[Metric], words: Words, *remarks: str) -> None:
    """A closed box with one row per metric."""
    with st.expander(words("definition.title"), key="definition"):
        for remark in remarks:
            st.html(f'<p class="hs-note">{remark}</p>')
        frame = definition_frame(metrics, words)
        columns = [Column(name) for name in frame.columns]
        rows = [[Cell(str(cell)) for cell in row] for row in frame.iter_rows()]
        table(columns, rows, words("definition.caption"))
