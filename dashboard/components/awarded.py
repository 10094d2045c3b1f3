"""The awards of a ranking: each list with what it rests on, and who is barred by a veto."""

import polars as pl
import streamlit as st

from dashboard import formats
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.awards import award_labels, basis, veto_text
from dashboard.text import Words
from metrics.ranking import Ranking
from metrics.scheme_model import Scheme

ROWS = 20


def draw(given: pl.DataFrame, ranking: Ranking, words: Words) -> None:
    """The lists of a ranking, and the ranked that a veto keeps from them."""
    if ranking.scheme.awards or ranking.scheme.last_places:
        draw_lists(given, ranking.scheme, words)
        _barred(ranking, words)


def draw_lists(given: pl.DataFrame, scheme: Scheme, words: Words) -> None:
    """A section with one closed table per list; nothing where the scheme has no lists."""
    if not (scheme.awards or scheme.last_places):
        return
    section(words("awards.title"), words("awards.note"))
    if given.is_empty():
        remark(words("awards.nobody"))
    for source in given["source"].unique(maintain_order=True):
        remark(words(f"source.{source}"))
    labels = award_labels(scheme, words)
    for name in given["award"].unique(maintain_order=True):
        mine = given.filter(pl.col("award") == name)
        count = formats.count(mine.height)
        kind = words(f"awards.{mine['list'][0]}")
        title = words("awards.heading", name=labels[name], list=kind, count=count)
        with st.expander(title, key=f"award_{name}"):
            table(_columns(words), _rows(mine.head(ROWS), words), title)
            if mine.height > ROWS:
                remark(words("ranking.unranked_more", shown=ROWS, count=count))


def _columns(words: Words) -> list[Column]:
    return [
        Column(words("ranking.rank"), look="hs-number"),
        Column(words("ranking.unit"), words("ranking.hall"), "hs-name"),
        Column(words("ranking.score"), look="hs-number"),
        Column(words("awards.basis")),
    ]


def _rows(mine: pl.DataFrame, words: Words) -> list[list[Cell]]:
    return [
        [
            Cell(str(row["rank"])),
            Cell(row["name"], row["hall"]),
            Cell(formats.score(row["score"])),
            Cell(basis(row, words)),
        ]
        for row in mine.to_dicts()
    ]


def _barred(ranking: Ranking, words: Words) -> None:
    """The ranked that a veto keeps from awards, with its name."""
    for row in ranking.frame.filter(pl.col("veto").is_not_null()).head(ROWS).to_dicts():
        veto = veto_text(ranking.scheme, row["veto"], words)
        remark(words("awards.barred", name=row["name"], veto=veto))
