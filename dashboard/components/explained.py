"""Why a unit has its score, as tables: lines with their sum, rows, difference, what else."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats
from dashboard.components import figures
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from metrics.catalogue import Metric
from metrics.difference import Difference
from metrics.explain import Explanation

# Facts of a row of evidence, as far as rows of the item have them, and how they are printed.
FACTS: dict[str, Callable[[Any], str]] = {
    "grade": str,
    "wait_s": formats.minutes,
    "item_id": str,
    "due_on": str,
    "closed_on": str,
    "used_days": str,
    "promised_days": str,
    "rule_code": str,
}
HIDDEN_LINES = ("evidence",)


def headline(told: Explanation, words: Words) -> None:
    """The score in large print, and the sentence on the difference."""
    mark = formats.MARKS.get(told.state, words(f"state.{told.state}"))
    with st.container(key="explained_score", gap="small"):
        section(told.name)
        text = mark if told.score_u is None else told.points(told.score_u)
        full = words("explain.full", full=told.points(told.scores.scheme.readable))
        small = words(f"state.{told.state}") if told.score_u is None else full
        st.html(f'<div class="hs-figure">{text}<small>{small}</small></div>')
        if told.difference is not None:
            remark(told.difference.sentence(words.lang))


def draw_lines(told: Explanation, words: Words) -> None:
    """What the score adds up from, one row per line, 合计 last."""
    recorded = int(told.lines["log"].count() > 0)
    columns = [
        Column(words("explain.item"), words("explain.line"), "hs-name"),
        Column(words("explain.points"), look="hs-number"),
        Column(words("explain.value"), words("explain.base"), "hs-number"),
        *([Column(words("explain.record"), words("explain.day"), "hs-name")] * recorded),
    ]
    rows = [_line(told, row, words) for row in told.lines.iter_rows(named=True)]
    if told.score_u is None:
        remark(words("explain.no_score"))
    if not rows:
        return
    if told.score_u is not None:
        total = Cell(told.points(told.score_u), strong=True)
        rows.append([Cell(words("explain.total"), strong=True), total, Cell(""), Cell("")])
    rows = [row[: len(columns)] for row in rows]
    table(columns, rows, words("explain.lines", name=told.name))


def _line(told: Explanation, row: Mapping[str, Any], words: Words) -> list[Cell]:
    named, _, kind = told.label(row, words.lang).partition(" · ")
    metric = told.metric(row["item"]) if row["line"] == "value" else None
    note = kind if metric is None else words.of(metric.variant)
    record = "" if row["log"] is None else (row["row"] or words("explain.withheld"))
    if row["exempt"] is not None:
        record = f"{record} · {row['exempt']}" if record else row["exempt"]
    log = "" if row["log"] is None else words(f"log.{row['log']}")
    day = "" if row["day"] is None else f"{log} {row['day']}"
    quiet = row["line"] in (*HIDDEN_LINES, "exempt", "spread")
    full = _weight(told, row, words)
    return [
        Cell(named, note, mute=quiet),
        Cell(told.points(row["points_u"]), full, mute=quiet),
        _value(row, metric, words),
        Cell(record, day, mute=quiet),
    ]


def _weight(told: Explanation, row: Mapping[str, Any], words: Words) -> str:
    if row["weight_u"] is None:
        return ""
    return words("ranking.of_weight", weight=told.points(row["weight_u"]))


def _value(row: Mapping[str, Any], metric: Metric | None, words: Words) -> Cell:
    if row["line"] == "spread" or (row["line"] == "value" and row["value"] is None):
        return Cell(formats.MARKS.get(row["state"], ""), words(f"state.{row['state']}"), mute=True)
    if metric is not None:
        return figures.cell(metric, {**row, "reported_n": None, "reported_d": None}, words)
    text = "" if row["value"] is None else formats.score(row["value"])
    if row["n"] is None or row["d"] is None or row["line"] != "value":
        return Cell(text)
    ratio = words("format.ratio", n=formats.count(row["n"]), d=formats.count(row["d"]))
    return Cell(text, ratio)


def draw_rows(told: Explanation, words: Words) -> None:
    """The rows that cost points, an item at a time; closed at first."""
    found = {name: one for name, one in told.behind.items() if one.count}
    if not found:
        return
    section(words("explain.rows"), words("explain.rows_note"))
    for name, one in found.items():
        metric = told.metric(name)
        label = name if metric is None else words.of(metric.label)
        title = words("explain.rows_of", item=label, count=formats.count(one.count))
        with st.expander(title, key=f"rows_{name}"):
            draw_evidence(one.rows, title, words)
            if one.count > one.rows.height:
                remark(words("explain.first", shown=one.rows.height))


def draw_evidence(rows: pl.DataFrame, caption: str, words: Words) -> None:
    """Rows of the logs by id and day, with those facts that some of them have."""
    facts = {name: text for name, text in FACTS.items() if rows[name].count()}
    columns = [
        Column(words("explain.record"), words("explain.log"), "hs-name"),
        Column(words("explain.day")),
        *(Column(words(f"explain_fact.{name}"), look="hs-number") for name in facts),
    ]
    listed = [
        [
            Cell(row["row"] or words("explain.withheld"), words(f"log.{row['log']}")),
            Cell(str(row["day"])),
            *(Cell("" if row[k] is None else text(row[k])) for k, text in facts.items()),
        ]
        for row in rows.iter_rows(named=True)
    ]
    table(columns, listed, caption)


def draw_difference(told: Difference, words: Words) -> None:
    """Points of both periods and their difference by item, the sum last."""
    frame = told.table(words.lang)
    if frame.is_empty():
        return
    periods = [one.period.label(words.lang) for one in (told.now, told.before)]
    title = words("explain.difference", period=periods[1])
    section(title)
    heads = [words("explain.item"), *periods, words("explain.change")]
    columns = [Column(head, look="hs-number" if at else "") for at, head in enumerate(heads)]
    none = formats.MARKS["none"]
    rows = [
        [Cell(row["label"]), *(Cell(row[k] or none) for k in ("now", "before", "change"))]
        for row in frame.iter_rows(named=True)
    ]
    table(columns, rows, title)


def draw_circumstances(told: Explanation, words: Words) -> None:
    """How often the unit was inspected, and what exemptions mean it."""
    seen = told.inspected
    if seen is not None:
        section(words("explain.coverage"))
        numbers = {key: formats.count(getattr(seen, key)) for key in ("rounds", "days")}
        remark(words("explain.covered", open_days=formats.count(seen.open_days), **numbers))
    section(words("explain.exemptions"))
    if told.lifted.is_empty():
        remark(words("explain.no_exemption"))
        return
    columns = [
        Column(words("explain.exemption"), words("explain.cause"), "hs-name"),
        Column(words("explain.system")),
        Column(words("explain.span")),
        *(
            Column(words(f"log.{log}"), words("explain.lifted"), "hs-number")
            for log in ("findings", "tickets", "ratings")
        ),
    ]
    rows = [
        [
            Cell(row["exemption"], words(f"entry_code.{row['cause']}")),
            Cell(words(f"entry_code.{row['system']}")),
            Cell(f"{row['starts_at']:%Y-%m-%d %H:%M}", f"{row['ends_at']:%Y-%m-%d %H:%M}"),
            *(
                Cell(formats.count(row[f"lifted_{log}"]))
                for log in ("findings", "tickets", "ratings")
            ),
        ]
        for row in told.lifted.iter_rows(named=True)
    ]
    table(columns, rows, words("explain.exemptions"))
