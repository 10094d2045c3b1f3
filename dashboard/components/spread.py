"""How ratings spread over the five grades and the channels: bars and tables, no ranks."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.charts.stacked import stacked
from dashboard.components import figures, frames, look, unit_frames
from dashboard.components.heading import remark, section
from dashboard.components.picture import picture
from dashboard.components.tables import Cell, Column, table
from dashboard.components.unit_frames import Chosen
from dashboard.text import Words, keys_of
from dashboard.viewer import Viewer
from metrics.catalogue import metric
from metrics.graded import GRADES
from metrics.periods import Period

BESIDE = ("response_rate", "default_share")
SHOWN = ("all", "below")  # all five grades; those below the best, which fills nearly every bar
MOST_BARS = 30
LEVEL = "level"
Row = Mapping[str, Any]
Frames = Mapping[str, pl.DataFrame]


def parts_select(viewer: Viewer, period: Period) -> str:
    """By hall level or by what the whole is shown by (county, or hall)."""
    words = viewer.words
    options = [LEVEL, frames.parts_of(viewer, period)]
    return state.segments(
        "by", words("spread.by"), options, LEVEL, lambda by: words(f"spread_by.{by}")
    )


def rows_of(viewer: Viewer, unit: Chosen, by: str, period: Period) -> tuple[pl.DataFrame, Frames]:
    """The grades of the unit (its id left blank), then of every other part; and BESIDE alike."""
    as_of = frames.as_of(viewer, period)
    mine = unit_frames.grades(viewer, unit.by, period, as_of)
    parts = unit_frames.grades(viewer, by, period, as_of)
    beside = {}
    for name in BESIDE:
        if by == LEVEL:
            rest = unit_frames.rate_by_level(viewer, name, period, as_of)
        else:
            rest = frames.value(viewer, name, period, by)
        own = frames.value(viewer, name, period, unit.by)
        beside[name] = _joined(own, rest, unit, by, viewer.words)
    return _joined(mine, parts, unit, by, viewer.words), beside


def _joined(
    own: pl.DataFrame, parts: pl.DataFrame, unit: Chosen, by: str, words: Words
) -> pl.DataFrame:
    """A hall and its county may have the same id: that of the unit is blank."""
    first = own.filter(pl.col("id") == unit.id).with_columns(id=pl.lit(""), name=pl.lit(unit.name))
    rest = parts.with_columns(_level(words)) if by == LEVEL else parts
    if by == unit.by:
        rest = rest.filter(pl.col("id") != unit.id)
    return pl.concat([first, rest], how="diagonal")


def _level(words: Words) -> pl.Expr:
    return (
        pl.col("id")
        .replace_strict(
            {level: words(f"level.{level}") for level in ("city", "county", "township", "village")}
        )
        .alias("name")
    )


def draw(rows: pl.DataFrame, beside: Frames, named: Mapping[str, str], words: Words) -> None:
    """The bars, all five or those below the best, and the table of all numbers."""
    with st.container(border=True, key="card_spread"):
        shown = state.segments(
            "spread", words("spread.shown"), SHOWN, "all", lambda one: words(f"spread_shown.{one}")
        )
        marks = _marks(rows, shown, words)
        if marks.is_empty():
            remark(words("spread.nothing"))
        elif marks["name"].n_unique() <= MOST_BARS:
            kinds = [words(f"grade.{grade}") for grade in _grades(shown)]
            chart = stacked(marks, kinds, len(kinds), look.palette())
            with st.container(key="card_parts"):
                picture(chart, alt=words("spread.chart", **named))
        _table(rows, beside, words("spread.table", **named), words)


def _grades(shown: str) -> Sequence[int]:
    return GRADES if shown == "all" else GRADES[1:]


def _marks(rows: pl.DataFrame, shown: str, words: Words) -> pl.DataFrame:
    """What is drawn: units with ratings, grade by grade in the order of the stack."""
    grades = _grades(shown)
    known = rows.filter(pl.col("value").is_not_null(), pl.col("grade").is_in(grades))
    said = {grade: words(f"grade.{grade}") for grade in grades}
    details = [
        f"{said[row['grade']]} {formats.rate(row['value'])} · {_ratio(row, words)}"
        for row in known.iter_rows(named=True)
    ]
    return known.select(
        "name",
        "value",
        kind=pl.col("grade").replace_strict(said, return_dtype=pl.String),
        place=-pl.col("grade").cast(pl.Int32),
        detail=pl.Series(details, dtype=pl.String),
    )


def _ratio(row: Row, words: Words) -> str:
    return words("format.ratio", n=formats.count(row["n"]), d=formats.count(row["d"]))


def _table(rows: pl.DataFrame, beside: Frames, caption: str, words: Words) -> None:
    columns = [
        Column(words("export.name"), look="hs-name"),
        *(Column(words.of(metric(name).label), look="hs-number") for name in BESIDE),
        Column(words("spread.rated"), look="hs-number"),
        *(Column(words(f"grade.{grade}"), look="hs-number") for grade in GRADES),
    ]
    lines = []
    for (id_,), own in rows.group_by("id", maintain_order=True):
        first = own.row(0, named=True)
        sides = [_beside(name, beside[name], str(id_), words) for name in BESIDE]
        shares = [_share(row, words) for row in own.iter_rows(named=True)]
        lines.append([Cell(first["name"]), *sides, _rated(first, words), *shares])
    table(columns, lines, caption, whole=1)


def _beside(name: str, frame: pl.DataFrame, id_: str, words: Words) -> Cell:
    found = frame.filter(pl.col("id") == id_)
    return figures.cell(metric(name), found.row(0, named=True), words) if found.height else Cell("")


def _rated(row: Row, words: Words) -> Cell:
    if row["d"] is None:
        return Cell(formats.MARKS["missing"], words("state.missing"), mute=True)
    few = row["state"] == "few"
    return Cell(formats.count(row["d"]), words("state.few") if few else "", mute=few)


def _share(row: Row, words: Words) -> Cell:
    if row["value"] is None:
        return Cell(formats.MARKS["none" if row["state"] == "none" else "missing"], mute=True)
    return Cell(formats.rate(row["value"]), formats.count(row["n"]), mute=row["state"] == "few")


def draw_channels(rows: pl.DataFrame, caption: str, words: Words) -> None:
    """Shares and bad rates by channel, the largest first."""
    section(words("channels.title"), words("channels.note"))
    if rows.is_empty():
        remark(words("spread.nothing"))
        return
    columns = [
        Column(words("channels.channel"), look="hs-name"),
        Column(words("channels.share"), words("funnel.ratio"), "hs-number"),
        Column(words.of(metric("bad_rate").label), words("funnel.ratio"), "hs-number"),
    ]
    table(columns, [_channel(row, words) for row in rows.to_dicts()], caption)


def _channel(row: Row, words: Words) -> list[Cell]:
    few = row["state"] == "few"
    bad = words("format.ratio", n=formats.count(row["bad"]), d=formats.count(row["n"]))
    note = f"{bad}\n{words('state.few')}" if few else bad
    return [
        Cell(channel_name(row["channel"], words)),
        Cell(formats.rate(row["value"]), _ratio(row, words)),
        Cell(formats.rate(row["bad_rate"]), note, mute=few),
    ]


def channel_name(code: str | None, words: Words) -> str:
    """A channel in words; a code of the source's own as it is."""
    if code is None:
        return words("channel.untold")
    return words(f"channel.{code}") if f"channel.{code}" in keys_of(words.lang) else code
