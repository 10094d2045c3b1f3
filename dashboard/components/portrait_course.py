"""How a metric of a unit went: the periods as a line, the days of a month as a sheet, files."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.charts.course import course_chart
from dashboard.components import export, figures, frames, look, portraits
from dashboard.components.heading import remark, section
from dashboard.components.picture import picture
from dashboard.components.portraits import Portrait
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.portrait import course_csv, course_workbook
from dashboard.text import Words
from metrics.catalogue import Metric
from metrics.periods import parse_period
from metrics.portrait.course import GRAINS

WEEKDAYS = range(1, 8)
AHEAD = "ahead"


def draw(seen: Portrait) -> None:
    """Months or weeks as a line, the month as a sheet, both as tables, files."""
    words = seen.viewer.words
    labels = {one: words(f"profile_grain.{one}") for one in GRAINS}
    names = list(labels)
    grain = state.segments("grain", words("profile.grain"), names, names[0], labels.__getitem__)
    rows = portraits.course(seen, grain)
    metric = words.of(seen.metric.label)
    section(words("profile.course_of", metric=metric), words("profile.course_note"))
    _draw_course(seen, rows, words)
    days = portraits.days(seen)
    section(words("profile.calendar_of", metric=metric), words("profile.calendar_note"))
    if days is None:
        remark(words("profile.no_days"))
    else:
        _draw_days(seen.metric, days, words)
    as_of = frames.as_of(seen.viewer, seen.period)
    filters = export.filters(seen.viewer, seen.period, as_of, metric=metric)
    filters |= {words("export.name"): f"{seen.name(seen.node)} ({seen.node.id})"}
    export.buttons(
        f"profile-course-{seen.node.id}-{seen.metric.id}-{grain}",
        words,
        csv=lambda: course_csv(rows, filters, words),
        xlsx=lambda: course_workbook(seen.metric, rows, days, filters, words),
    )


def _draw_course(seen: Portrait, rows: pl.DataFrame, words: Words) -> None:
    """The picture and its table. One home for the picture: whatever chart a metric gets."""
    one, lines = seen.metric, rows.to_dicts()
    if rows["value"].count():
        marks = rows.select("value", "low", "high", few=pl.col("state") == "few").with_columns(
            label=pl.Series([_short(row["period"]) for row in lines]),
            detail=pl.Series([_said(one, row, words) for row in lines]),
        )
        title = " ".join(filter(None, [words.of(one.label), figures.unit(one, words)]))
        chart = course_chart(marks, one.unit == "share", title, look.palette())
        named = {"unit": seen.name(seen.node), "metric": words.of(one.label)}
        with st.container(key="card_course"):
            picture(chart, alt=words("profile.course_chart", **named))
    else:
        remark(words("overview.no_dots"))
    columns = [
        Column(words("profile_column.period")),
        Column(words.of(one.label), figures.unit(one, words), "hs-number"),
        Column(words("profile.interval"), "95%", "hs-number"),
    ]
    listed = [
        [
            Cell(parse_period(row["period"]).label(words.lang)),
            _value(one, row, words),
            Cell(_between(one, row)),
        ]
        for row in reversed(lines)
    ]
    with st.expander(words("profile.as_table", title=words("profile.course"))):
        table(columns, listed, words("profile.course"))


def _short(period: str) -> str:
    """2019-08 as it is, a week without its year."""
    return period.partition("-")[2] if "W" in period else period


def _value(one: Metric, row: Mapping[str, Any], words: Words) -> Cell:
    return figures.cell(one, {**row, "reported_n": None}, words)


def _between(one: Metric, row: Mapping[str, Any]) -> str:
    if row["low"] is None:
        return ""
    return f"{figures.printed(one, row['low'])} – {figures.printed(one, row['high'])}"


def _said(one: Metric, row: Mapping[str, Any], words: Words) -> str:
    if row["value"] is None:
        return words(f"state.{row['state']}")
    base = figures.base(row, words)
    return " · ".join(filter(None, [figures.printed(one, row["value"]), base, _between(one, row)]))


def _draw_days(one: Metric, days: pl.DataFrame, words: Words) -> None:
    """The sheet: seven days a week, coloured by the value; below it the days as a list."""
    low, high = days["value"].min(), days["value"].max()
    cells = {(row["week"], row["weekday"]): row for row in days.iter_rows(named=True)}
    columns = [Column(words(f"weekday.{day}"), look="hs-day") for day in WEEKDAYS]
    weeks = sorted({week for week, _ in cells})
    sheet = [
        [_day(one, cells.get((week, day)), low, high, words) for day in WEEKDAYS] for week in weeks
    ]
    title = words("profile.calendar_of", metric=words.of(one.label))
    table(columns, sheet, title)
    if not days["known"].all():
        remark(words("compare.estimated"))
    listed = [
        [
            Cell(formats.day(row["day"], words), _off(row, words)),
            Cell(words(f"weekday.{row['weekday']}")),
            _of_day(one, row, words),
        ]
        for row in days.iter_rows(named=True)
    ]
    heads = [
        Column(words("explain.day")),
        Column(words("profile_column.weekday")),
        Column(words.of(one.label), figures.unit(one, words), "hs-number"),
    ]
    with st.expander(words("profile.as_table", title=words("profile.calendar"))):
        table(heads, listed, words("profile.calendar"))


def _day(
    one: Metric, row: Mapping[str, Any] | None, low: object, high: object, words: Words
) -> Cell:
    """A day of the sheet: its number, 休 or 班 where it is not as the weekday says, the value."""
    if row is None:
        return Cell("")
    day: date = row["day"]
    told = _of_day(one, row, words)
    note = "\n".join(filter(None, [told.text, told.note])) if row["value"] is not None else ""
    if row["state"] in ("missing", AHEAD):
        note = words(f"profile_state.{row['state']}")
    shade = None
    if row["value"] is not None:
        low_, high_ = float(str(low)), float(str(high))
        shade = 0.5 if high_ == low_ else (row["value"] - low_) / (high_ - low_)
    off = not row["workday"]
    return Cell(str(day.day), note, aside=_off(row, words), mute=off, strong=not off, shade=shade)


def _off(row: Mapping[str, Any], words: Words) -> str:
    weekend = row["weekday"] > 5
    if row["workday"]:
        return words("profile.made_up") if weekend else ""
    return words("profile.holiday") if row["holiday"] or not weekend else ""


def _of_day(one: Metric, row: Mapping[str, Any], words: Words) -> Cell:
    if row["state"] == AHEAD:
        return Cell("", words("profile_state.ahead"), mute=True)
    return _value(one, row, words)
