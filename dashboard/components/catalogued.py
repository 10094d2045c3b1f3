"""The catalogue as a table, and a scheme as sentences, in the language of the page."""

from collections.abc import Sequence

import streamlit as st

from dashboard.components.tables import Cell, Column, table
from dashboard.exports.catalogue import formula_text, least, matters
from dashboard.text import Words
from metrics.catalogue import Metric
from metrics.scheme_model import Scheme
from metrics.scheme_pages import scheme_text


def matching(metrics: Sequence[Metric], query: str, words: Words) -> list[Metric]:
    """The metrics whose id, name or definition holds what was typed."""
    wanted = query.casefold()
    return [
        one
        for one in metrics
        if wanted in f"{one.id} {words.of(one.label)} {words.of(one.variant)}".casefold()
    ]


def draw_metrics(metrics: Sequence[Metric], words: Words) -> None:
    """One row a metric; what is long stands small under what is short."""
    columns = [
        Column(words("definition.metric"), words("export.id")),
        Column(words("definition.variant"), words("catalogue.formula"), "hs-prose"),
        Column(words("definition.good"), words("catalogue.kind")),
        Column(words("catalogue.matters"), words("definition.least")),
        Column(words("catalogue.dated_by"), words("catalogue.matures")),
        Column(words("definition.why"), words("definition.gaming"), "hs-prose"),
        Column(words("catalogue.source"), words("catalogue.review")),
    ]
    table(columns, [_row(one, words) for one in metrics], words("catalogue.metrics"))


def _row(one: Metric, words: Words) -> list[Cell]:
    days = words("catalogue.days", days=one.matures_after)
    unit = words(f"metric_unit.{one.unit}")
    return [
        Cell(words.of(one.label), one.id, strong=True),
        Cell(words.of(one.variant), formula_text(one, words)),
        Cell(words(f"good.{one.good}"), f"{words(f'metric_kind.{one.kind}')} · {unit}"),
        Cell(matters(one, words), least(one)),
        Cell(words(f"dated_by.{one.dated_by}"), days),
        Cell(words.of(one.why), words.of(one.gaming)),
        Cell(words.of(one.source), one.next_review.isoformat()),
    ]


def draw_scheme(chosen: Scheme, words: Words) -> None:
    """The rules of a scheme, as they are generated from its file."""
    with st.container(border=True, key="scheme_text"):
        st.markdown(scheme_text(chosen, words.lang))
