"""The funnel as marks, sentences and table rows; and the rates at the same case mix beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats
from dashboard.charts.funnel import funnel_chart
from dashboard.components import look
from dashboard.components.heading import remark, section
from dashboard.components.kept import kept
from dashboard.components.links import to
from dashboard.components.picture import picture
from dashboard.components.tables import Cell, Column, table
from dashboard.state import page_of, paginate
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics.fairness.case_mix import ADJUSTABLE, CaseMix
from metrics.fairness.case_mix import adjusted as case_mix_of
from metrics.fairness.funnel import MetricFunnel
from metrics.fairness.funnel import funnel as funnel_of
from metrics.periods import Period, parse_period
from metrics.scope import Scope

ROWS, KEPT = 50, 64
KINDS = ("inside", "outside", "low", "high")


@kept(KEPT)
def _funnel(
    home: Path, stamp: str, metric: str, period: str, scope: Scope, frame: str
) -> MetricFunnel:
    return funnel_of(home, metric, parse_period(period), scope, frame)


@kept(KEPT)
def _case_mix(home: Path, stamp: str, metric: str, period: str, scope: Scope) -> CaseMix:
    return case_mix_of(home, metric, parse_period(period), scope)


def funnel(viewer: Viewer, metric: str, period: Period, frame: str) -> MetricFunnel:
    """The funnel of counters inside a frame, as `metrics.fairness.funnel.funnel`."""
    return _funnel(viewer.home, viewer.stamp, metric, period.text, viewer.scope, frame)


def case_mix(viewer: Viewer, found: MetricFunnel) -> pl.DataFrame | None:
    """The rates of the funnel's units at the same case mix; None where that is not kept."""
    if found.metric.id not in ADJUSTABLE:
        return None
    told = _case_mix(
        viewer.home, viewer.stamp, found.metric.id, found.period.text, viewer.scope
    ).frame
    order = found.points.select("id", "hall")
    return order.join(told, on="id", maintain_order="left")


def kind_of(row: Mapping[str, Any]) -> str:
    """inside, outside (of the limits, not among all looks), low or high (an outlier)."""
    if row["outlier"] != "none":
        return str(row["outlier"])
    return "inside" if row["outside"] == "none" else "outside"


def draw_chart(found: MetricFunnel, named: Mapping[str, str], words: Words) -> None:
    """The picture, with a legend in words; nothing to draw is said."""
    if found.points.is_empty():
        remark(words("funnel.nobody"))
        return
    kinds = {one: words(f"funnel_mark.{one}") for one in KINDS}
    rows = found.points.to_dicts()
    marks = found.points.select("name", "d", "value").with_columns(
        detail=pl.Series([_detail(row, words) for row in rows]),
        kind=pl.Series([kinds[kind_of(row)] for row in rows]),
        faint=found.points["state"] == "few",
    )
    titles = (words("funnel.base"), words.of(found.metric.label))
    chart = funnel_chart(
        marks, found.curve, found.target, list(kinds.values()), titles, look.palette()
    )
    picture(chart, alt=words("funnel.chart", **named))


def _detail(row: Mapping[str, Any], words: Words) -> str:
    few = f" · {words('state.few')}" if row["state"] == "few" else ""
    ratio = words("format.ratio", n=formats.count(row["n"]), d=formats.count(row["d"]))
    return f"{row['hall'] or ''} · {formats.rate(row['value'])} · {ratio}{few}"


def reading(found: MetricFunnel, words: Words) -> list[str]:
    """How to read it, in sentences: target, limits, the spread beyond chance, what it is not."""
    if found.points.is_empty() or found.target is None:
        return []
    marked = found.points.filter(pl.col("outlier") != "none").height
    beyond = found.points.filter(pl.col("outside") != "none").height
    phi = "" if found.phi is None else f"{found.phi:.1f}"
    return [
        words("funnel.target", target=formats.rate(found.target)),
        words(
            "funnel.found",
            units=formats.count(found.points.height),
            beyond=formats.count(beyond),
            outliers=formats.count(marked),
        ),
        words(f"funnel_spread.{found.spread}", phi=phi),
        words(f"funnel_kind.{found.kind}"),
    ]


def draw_table(found: MetricFunnel, caption: str, words: Words) -> None:
    """Every unit of the picture, the most striking first, a page at a time."""
    rows = found.points
    if rows.is_empty():
        return
    pages = list(rows.iter_slices(ROWS))
    columns = [
        Column(words("funnel.unit"), words("ranking.hall"), "hs-name"),
        Column(words.of(found.metric.label), words("funnel.ratio"), "hs-number"),
        Column(words("funnel.limits"), "99.8%", "hs-number"),
        Column(words("funnel.limits"), "95%", "hs-number"),
        Column(words("funnel.mark"), look="hs-tier"),
    ]
    here = pages[page_of(len(pages)) - 1].to_dicts()
    table(columns, [_row(found, row, words) for row in here], caption)
    paginate(len(pages))


def _row(found: MetricFunnel, row: Mapping[str, Any], words: Words) -> list[Cell]:
    few = row["state"] == "few"
    note = words("format.ratio", n=formats.count(row["n"]), d=formats.count(row["d"]))
    note = f"{note}\n{words('state.few')}" if few else note
    kind = kind_of(row)
    asked = {"unit": row["id"], "period": found.period.text, "metric": found.metric.id}
    return [
        Cell(row["name"], row["hall"] or "", link=to("profile", words, **asked)),
        Cell(formats.rate(row["value"]), note, mute=few),
        Cell(_between(row["lower998"], row["upper998"])),
        Cell(_between(row["lower95"], row["upper95"])),
        Cell(words(f"funnel_mark.{kind}"), mute=kind == "inside", strong=kind in ("low", "high")),
    ]


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{formats.rate(low)} – {formats.rate(high)}"


def draw_case_mix(rows: pl.DataFrame, words: Words) -> None:
    """Expected and seen late cases, and the rate at the city's mix, in a closed box."""
    section(words("case_mix.title"), words("case_mix.note"))
    columns = [
        Column(words("funnel.unit"), words("ranking.hall"), "hs-name"),
        Column(words("case_mix.value"), words("funnel.ratio"), "hs-number"),
        Column(words("case_mix.o"), look="hs-number"),
        Column(words("case_mix.e"), look="hs-number"),
        Column(words("case_mix.adjusted"), words("case_mix.interval"), "hs-number"),
        Column(words("case_mix.own"), look="hs-number"),
    ]
    shown = [_mix_row(row, words) for row in rows.head(ROWS).to_dicts()]
    with st.expander(words("case_mix.open"), key="case_mix"):
        table(columns, shown, words("case_mix.title"))
        if rows.height > ROWS:
            remark(words("case_mix.more", shown=ROWS, count=formats.count(rows.height)))


def _mix_row(row: Mapping[str, Any], words: Words) -> list[Cell]:
    ratio = words("format.ratio", n=formats.count(row["n"]), d=formats.count(row["d"]))
    none = row["adjusted"] is None
    told = "" if none else _between(row["adjusted_low"], row["adjusted_high"])
    return [
        Cell(row["name"], row["hall"] or ""),
        Cell(formats.rate(row["value"]), ratio, mute=row["state"] == "few"),
        Cell(formats.count(row["o"])),
        Cell(f"{row['e']:.1f}"),
        Cell(
            formats.MARKS["none"] if none else formats.rate(row["adjusted"]),
            told,
            mute=none or row["state"] == "few",
        ),
        Cell(formats.percent(row["own_share"])),
    ]
