"""公平性检验: the county halls as a frame of their own, and what can be said of so few."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.charts.intervals import intervals
from dashboard.components import definition, fair_frames, look
from dashboard.components.fair_asked import Asked, offer, picture
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.fairness import halls_sheet
from dashboard.text import Words
from metrics.catalogue import metric
from metrics.fairness.small_frame import SmallFrame, comparable

FIRST, WAYS = "on_time_rate", ("hall", "county")


def draw(asked: Asked) -> None:
    """A rate and a way to count; sentences, intervals with letters, the table and its files."""
    words, names = asked.words, comparable()
    labels = {name: words.of(metric(name).label) for name in names}
    with st.container(horizontal=True, vertical_alignment="bottom", key="halls_asked"):
        title = words("filters.metric")
        chosen = state.select("metric", title, names, FIRST, labels.__getitem__, width=260)
        title = words("fair.by")
        by = state.segments("by", title, WAYS, WAYS[0], lambda one: words(f"fair_by.{one}"))
    found = fair_frames.halls(asked, chosen, by)
    named = {"metric": labels[chosen], "by": words(f"fair_by.{by}"), **asked.named}
    ranked = found.units.filter(pl.col("rank").is_not_null())
    if ranked.is_empty():
        remark(words("fair.no_halls"))
        return
    said = found.sentences(words.lang)
    section(said[0])
    meaning = words("fair.halls_meaning")
    remark(*said[1:])
    remark(meaning)
    chart = intervals(_marks(ranked, words), labels[chosen], ".1~%", look.palette())
    picture(chart, words("fair.halls_chart", **named))
    _draw_table(found, words("fair.halls_table", **named), asked)
    more = {"metric": labels[chosen], "frame": words(f"fair_by.{by}")}
    offer(asked, f"{by}-{chosen}", halls_sheet(found, words), meaning, [found.metric], **more)
    definition.draw([found.metric], words)


def _marks(ranked: pl.DataFrame, words: Words) -> pl.DataFrame:
    rows = ranked.to_dicts()
    return ranked.select(
        "value",
        name=pl.coalesce("name", "id"),
        low="lower",
        high="upper",
        label=pl.Series([f"{formats.rate(row['value'])}  {row['letters']}" for row in rows]),
        detail=pl.Series([f"{_ratio(row, words)} · {_set(row, words)}" for row in rows]),
    )


def _ratio(row: Mapping[str, Any], words: Words) -> str:
    if row["n"] is None or row["d"] is None:
        return ""
    return words("format.ratio", n=formats.count(row["n"]), d=formats.count(row["d"]))


def _set(row: Mapping[str, Any], words: Words) -> str:
    low, high = row["rank_low"], row["rank_high"]
    key = "fairness.rank_sure" if low == high else "fairness.rank_set"
    return words(key, low=low, high=high)


def _draw_table(found: SmallFrame, caption: str, asked: Asked) -> None:
    words = asked.words
    columns = [
        Column(words("ranking.rank"), look="hs-number"),
        Column(words("fair.unit"), look="hs-name"),
        Column(words.of(found.metric.label), words("funnel.ratio"), "hs-number"),
        Column(words("fair.interval"), look="hs-number"),
        Column(words("fair.rank_set")),
        Column(words("fair.letters"), words("fair.letters_note")),
    ]
    listed = [_row(row, found, words) for row in found.units.to_dicts()]
    table(columns, listed, caption)


def _row(row: Mapping[str, Any], found: SmallFrame, words: Words) -> list[Cell]:
    """A unit; where no pair can be told apart, without a position."""
    name = Cell(row["name"] or row["id"])
    if row["rank"] is None:
        mark = formats.MARKS.get(row["state"], words(f"state.{row['state']}"))
        return [
            Cell(formats.MARKS["none"], mute=True),
            name,
            Cell(mark, words(f"state.{row['state']}"), mute=True),
            *(Cell("", mute=True) for _ in range(3)),
        ]
    return [
        Cell(str(row["rank"]), mark=words("ranking.tied") if row["tied"] else "")
        if found.told_apart
        else Cell(formats.MARKS["missing"], mute=True),
        name,
        Cell(formats.rate(row["value"]), _ratio(row, words)),
        Cell(f"{formats.rate(row['lower'])} – {formats.rate(row['upper'])}"),
        Cell(_set(row, words)),
        Cell(row["letters"], strong=True),
    ]
