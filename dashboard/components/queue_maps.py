"""Volume, wait and abandonment of a unit: day by day, and by weekday and half hour."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.charts.daily_bars import daily_bars
from dashboard.charts.heat import heat_chart
from dashboard.components import look
from dashboard.components.heading import remark, section
from dashboard.components.picture import picture
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from metrics.queues import ABANDONMENT, COUNTS, KINDS, VOLUME, WAIT

WEEKDAYS = range(1, 8)
LIGHT_FROM = 0.65  # of the largest value: from here on a tile needs a light label in both themes
Row = Mapping[str, Any]


def draw_days(days: pl.DataFrame, named: Mapping[str, str], words: Words) -> None:
    """One of the counts as bars, all of them as a table in a closed box."""
    with st.container(border=True, key="card_days"):
        flow = state.segments(
            "flow", words("cases.flow"), COUNTS, COUNTS[0], lambda one: words(f"flow.{one}")
        )
        told = {**named, "flow": words(f"flow.{flow}")}
        section(words("cases.days", **told))
        if days[flow].count() == 0:
            remark(words("state.missing"))
            return
        kinds = {True: words("cases.workday"), False: words("cases.rest_day")}
        rows = days.to_dicts()
        marks = pl.DataFrame(
            {
                "label": [str(row["day"].day) for row in rows],
                "value": days[flow],
                "kind": [kinds[row["workday"]] for row in rows],
                "detail": [_detail(row["day"], row[flow], words) for row in rows],
            }
        )
        chart = daily_bars(marks, list(kinds.values()), look.palette())
        picture(chart, alt=words("cases.days_chart", **told))
        with st.expander(words("cases.days_table"), key="days_table"):
            _days_table(rows, words("cases.days_table"), words)


def _detail(day: date, count: int | None, words: Words) -> str:
    shown = words("state.missing") if count is None else formats.count(count)
    return f"{formats.day(day, words)} · {weekday_name(day.isoweekday(), words)} · {shown}"


def _days_table(rows: list[dict[str, Any]], caption: str, words: Words) -> None:
    columns = [
        Column(words("daily.day")),
        Column(words("cases.weekday")),
        *(Column(words(f"flow.{name}"), look="hs-number") for name in COUNTS),
    ]
    lines = [
        [
            Cell(str(row["day"])),
            Cell(
                weekday_name(row["day"].isoweekday(), words),
                "" if row["workday"] else words("cases.rest_day"),
                mute=not row["workday"],
            ),
            *(_count(row[name], words) for name in COUNTS),
        ]
        for row in rows
    ]
    table(columns, lines, caption)


def _count(count: int | None, words: Words) -> Cell:
    if count is None:
        return Cell(formats.MARKS["missing"], words("state.missing"), mute=True)
    return Cell(formats.count(count), mute=count == 0)


def draw_heat(cells: pl.DataFrame, tickets: str, named: Mapping[str, str], words: Words) -> None:
    """One kind as a map, and its numbers with n and d in a closed box.

    `tickets`: the state of the unit's tickets, which says why there may be no cell.
    """
    with st.container(border=True, key="card_heat"):
        kind = state.segments(
            "heat", words("heat.kind"), KINDS, VOLUME, lambda one: words(f"heat_kind.{one}")
        )
        told = {**named, "kind": words(f"heat_kind.{kind}")}
        section(words("heat.title", **told), words(f"heat_note.{kind}"))
        shown = cells.filter(pl.col("kind") == kind).sort("weekday", "half_hour")
        if shown["value"].count() == 0:
            remark(words("state.missing" if tickets == "missing" else "state.none"))
            return
        hours = list(range(shown["half_hour"].min(), shown["half_hour"].max() + 1))  # type: ignore[arg-type, operator]
        days = [day for day in WEEKDAYS if day in shown["weekday"]]
        chart = heat_chart(
            _tiles(shown, words),
            [weekday_name(day, words) for day in days],
            [clock(half) for half in hours],
            look.palette(),
        )
        with st.container(key="card_parts"):
            picture(chart, alt=words("heat.chart", **told))
        with st.expander(words("heat.table"), key="heat_table"):
            _heat_table(shown, hours, days, words("heat.title", **told), words)


def _tiles(shown: pl.DataFrame, words: Words) -> pl.DataFrame:
    known = shown.filter(pl.col("value").is_not_null())
    rows = known.to_dicts()
    most = max(row["value"] for row in rows)
    few = pl.col("state") == "few"
    return known.select(
        "value", faint=few, dark=~few & (pl.col("value") > most * LIGHT_FROM)
    ).with_columns(
        weekday=pl.Series([weekday_name(row["weekday"], words) for row in rows]),
        time=pl.Series([clock(row["half_hour"]) for row in rows]),
        label=pl.Series([_short(row) for row in rows]),
        detail=pl.Series([" · ".join(filter(None, texts(row, words))) for row in rows]),
    )


def _short(row: Row) -> str:
    """The number on a tile: without unit, short enough for it."""
    if row["kind"] == WAIT:
        return formats.minutes(row["value"])
    if row["kind"] == ABANDONMENT:
        return f"{row['value'] * 100:.1f}"
    return formats.count(row["value"]) if row["value"] >= 10 else f"{row['value']:.1f}"


def texts(row: Row, words: Words) -> tuple[str, str]:
    """A cell in print: its value with unit, and under it what it rests on."""
    if row["value"] is None:
        return formats.MARKS["none"], ""
    few = words("state.few") if row["state"] == "few" else ""
    if row["kind"] == ABANDONMENT:
        ratio = words("format.ratio", n=formats.count(row["n"]), d=formats.count(row["d"]))
        return formats.rate(row["value"]), " ".join(filter(None, [ratio, few]))
    base = words(f"heat_base.{row['kind']}", n=formats.count(row["n"]), d=formats.count(row["d"]))
    value = f"{formats.minutes(row['value'])} {words('unit.minutes')}"
    shown = value if row["kind"] == WAIT else f"{row['value']:,.1f}"
    return shown, " ".join(filter(None, [base, few]))


def _heat_table(
    shown: pl.DataFrame, hours: list[int], days: list[int], caption: str, words: Words
) -> None:
    cells = {(row["half_hour"], row["weekday"]): row for row in shown.to_dicts()}
    columns = [Column(words("heat.time"))]
    columns += [Column(weekday_name(day, words), look="hs-number") for day in days]
    lines = [
        [Cell(clock(half)), *(_heat_cell(cells.get((half, day)), words) for day in days)]
        for half in hours
    ]
    table(columns, lines, caption)


def _heat_cell(row: Row | None, words: Words) -> Cell:
    if row is None:
        return Cell(formats.MARKS["none"], mute=True)
    text, note = texts(row, words)
    return Cell(text, note, mute=row["state"] != "number")


def clock(half_hour: int) -> str:
    """The beginning of a half hour as 9:00 or 9:30."""
    return f"{half_hour // 2}:{'30' if half_hour % 2 else '00'}"


def weekday_name(weekday: int, words: Words) -> str:
    """The name of 1 (Monday) to 7."""
    return words(f"weekday.{weekday}")


def draw_lateness(rows: pl.DataFrame, caption: str, words: Words) -> None:
    """On time and late by who decides: the counter's own department or another one."""
    if rows.is_empty():
        remark(words("state.missing"))
        return
    columns = [
        Column(words("lateness.whose"), look="hs-name"),
        Column(words("lateness.value"), words("funnel.ratio"), "hs-number"),
        Column(words("lateness.late"), look="hs-number"),
        Column(words("lateness.open_overdue"), words("lateness.open_note"), "hs-number"),
    ]
    table(columns, [_late(row, words) for row in rows.to_dicts()], caption)


def _late(row: Row, words: Words) -> list[Cell]:
    ratio = words("format.ratio", n=formats.count(row["n"]), d=formats.count(row["d"]))
    few = row["state"] == "few"
    value = Cell(formats.MARKS["none"], words("state.none"), mute=True)
    if row["value"] is not None:
        note = f"{ratio}\n{words('state.few')}" if few else ratio
        value = Cell(formats.rate(row["value"]), note, mute=few)
    name = Cell(words(f"whose.{row['whose']}"), words(f"whose_note.{row['whose']}"))
    return [
        name,
        value,
        Cell(formats.count(row["late"])),
        Cell(formats.count(row["open_overdue"])),
    ]
