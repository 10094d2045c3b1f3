"""A control chart as this viewer may see it: choice of the unit, picture, sentences, table."""

from collections.abc import Mapping
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.charts.control import Labels, control_chart
from dashboard.components import figures, look
from dashboard.components.heading import remark, section
from dashboard.components.kept import kept
from dashboard.components.picture import picture
from dashboard.components.tables import Cell, Column, table
from dashboard.state import page_of, paginate
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics.catalogue import Metric, metric
from metrics.entities import assessed
from metrics.fairness.control import SPANS, ControlChart, control_units, span_to
from metrics.fairness.control import control as control_of
from metrics.fairness.control_points import control_metrics
from metrics.fairness.rebasing import rebase_frame
from metrics.periods import Period
from metrics.scheme_files import DEFAULT, schemes
from metrics.scope import Scope

ROWS, KEPT = 13, 256
FIRST = "wait_within_15_rate"
BY = ("all", "county", "hall", "counter")
MARKS = ("common", "improving", "deteriorating", "neutral_high")
SIGNS = {"improving": "▲", "deteriorating": "▼", "neutral_high": "◆", "neutral_low": "◆"}
SIGNS |= {"common": "●", "none": "–"}
ASSURED = {"pass": "✓", "fail": "✗", "inconsistent": "∼", "none": "–"}
NEITHER = {"neutral_high": "neutral", "neutral_low": "neutral"}  # one form for both
Row = Mapping[str, Any]


@kept(KEPT)
def _control(
    home: Path,
    stamp: str,
    metric: str,
    span: tuple[date, date],
    by: str,
    unit: str,
    scope: Scope,
    scheme: str,
) -> ControlChart:
    period = Period(f"{span[0]}…", "weeks", *span)
    return control_of(home, metric, period, by, unit, scope, scheme=scheme)


def scheme_in_view(viewer: Viewer) -> str:
    """The scheme whose full points are the targets: the one that the viewer looks at."""
    names = list(schemes(viewer.home))
    return state.read("scheme", names, DEFAULT if DEFAULT in names else names[0])


def span_select(viewer: Viewer) -> Period:
    """How far back the chart is shown; its limits do not depend on it."""
    words = viewer.words
    labels = {name: words(f"control_span.{name}") for name in SPANS}
    chosen = state.select("span", words("control.span"), list(SPANS), "year", labels.__getitem__)
    return span_to(viewer.first_day, viewer.last_day, chosen)


def metric_select(words: Words) -> Metric:
    """The metrics that have a chart."""
    names = control_metrics()
    labels = {name: words.of(metric(name).label) for name in names}
    label = words("filters.metric")
    return metric(state.select("metric", label, names, FIRST, labels.__getitem__, width=230))


def unit_select(viewer: Viewer) -> tuple[str, str | None]:
    """What the chart is of, and the id of the one that is chosen; a counter by its hall."""
    words = viewer.words
    labels = {by: words(f"control_by.{by}") for by in BY}
    by = state.select("by", words("control.by"), BY, "all", labels.__getitem__, width=120)
    asked = state.chosen("unit") or ""
    if by == "counter":
        return by, _counter_select(viewer, asked)
    names = control_units(viewer.cube, by, viewer.scope, viewer.last_day)
    codes = list(names)
    if by == "all" or not codes:
        return by, codes[0] if codes else None
    return by, state.select("unit", words("control.unit"), codes, codes[0], names.__getitem__, 260)


def _counter_select(viewer: Viewer, asked: str) -> str | None:
    words, day = viewer.words, viewer.last_day
    period = Period("", "day", day, viewer.end)
    units = assessed(viewer.cube, "counter", period, viewer.scope)
    halls = dict(units.select("hall_id", "hall").drop_nulls("hall_id").unique().iter_rows())
    if not halls:
        return None
    home, codes = dict(units.select("id", "hall_id").iter_rows()).get(asked), sorted(halls)
    label = words("explain.hall")
    hall = state.select("hall", label, codes, home or codes[0], halls.__getitem__, 230)
    mine = dict(units.filter(hall_id=hall).select("id", "name").iter_rows())
    codes = list(mine)
    return state.select("unit", words("control.unit"), codes, codes[0], mine.__getitem__, 230)


def control(
    viewer: Viewer, one: Metric, period: Period, by: str, unit: str, scheme: str
) -> ControlChart:
    """As `metrics.fairness.control.control`."""
    span = (period.start, period.end)
    return _control(viewer.home, viewer.stamp, one.id, span, by, unit, viewer.scope, scheme)


def name_of(found: ControlChart, words: Words) -> str:
    """What the unit is called; the whole by the word for it where it is everybody."""
    return words("control_by.all") if found.unit == "all" else found.name


def sign(means: str, words: Words) -> str:
    """A reading as form and word: ▲ improving, ▼ deteriorating, ● usual, ◆ neither."""
    return f"{SIGNS[means]} {words(f'control_mark.{means}')}"


def printed(one: Metric, number: float, words: Words) -> str:
    """A value with its unit."""
    return f"{figures.printed(one, number)} {figures.unit(one, words)}".strip()


def reading(found: ControlChart, words: Words) -> list[str]:
    """The chart in sentences: last week, variation, target, and how far to trust the limits."""
    if found.kind in ("few", "none"):
        return [words(f"control_kind.{found.kind}")]
    rule = words(f"control_rule.{found.rule}") if found.rule else ""
    said = [_week(found, words), words(f"control_say.{found.variation}", rule=rule)]
    if found.since is not None:
        said.append(words("control.since", since=formats.day(found.since, words)))
    if found.target is None:
        said.append(words("control.no_target"))
    elif found.assurance != "none":
        target = printed(found.metric, found.target, words)
        said += [words("control.target", target=target), assured(found.assurance, words)]
    if found.provisional:
        said.append(words("control.provisional"))
    return [one for one in said if one]


def _week(found: ControlChart, words: Words) -> str:
    ratio = words("format.ratio", **_ratio(found.week))
    start = formats.day(found.week["start"], words)
    value = printed(found.metric, found.week["value"], words)
    return words("control.last_week", start=start, value=value, ratio=ratio)


def _ratio(row: Row) -> dict[str, str]:
    return {name: formats.count(row[name]) for name in ("n", "d")}


def assured(assurance: str, words: Words) -> str:
    """What the assurance means, as a sentence."""
    return words(f"control_assured.{assurance}")


def trust(found: ControlChart, words: Words) -> list[str]:
    """How the chart is made, and whether neighbouring weeks go together."""
    said = [words(f"control_kind.{found.kind}")]
    if found.autocorrelation is not None:
        r = f"{found.autocorrelation:.2f}"
        said.append(words("control.autocorrelation", r=r))
        said += [words("control.correlated")] if found.correlated else []
    return said


def draw_icons(found: ControlChart, words: Words) -> None:
    """Variation and assurance in large print, each as a form with its word."""
    met = words(f"control_assurance.{found.assurance}")
    boxes = [("control.variation", sign(found.variation, words), found.variation)]
    boxes.append(("control.assurance", f"{ASSURED[found.assurance]} {met}", found.assurance))
    with st.container(horizontal=True, gap="large", key="control_icons"):
        for key, text, look_of in boxes:
            st.html(
                f'<p class="hs-note">{escape(words(key))}</p>'
                f'<div class="hs-figure hs-{look_of}">{escape(text)}</div>',
                width="content",
            )


def draw_chart(found: ControlChart, words: Words) -> None:
    """The picture; a CUSUM draws its sum and the alarm line instead of value and limits."""
    if found.points.is_empty():
        return
    one, cusum = found.metric, found.kind == "cusum"
    part = formats.SECONDS_PER_MINUTE if one.unit == "s" else 1
    y = {"y": "sum", "centre": None, "low": None, "high": "limit"} if cusum else {}
    y = y or {"y": "value", "centre": "centre", "low": "low", "high": "high"}
    shown = found.points.filter(pl.col("means") != "none")
    marks = {means: words(f"control_mark.{NEITHER.get(means, means)}") for means in SIGNS}
    rows = shown.to_dicts()
    none = pl.lit(None, pl.Float64)
    points = shown.select(
        "start",
        "phase",
        *((none if at is None else pl.col(at) / part).alias(name) for name, at in y.items()),
        mark=pl.col("means").replace(marks),
        label=pl.Series([formats.day(row["start"], words) for row in rows]),
        detail=pl.Series([_detail(found, row, words) for row in rows]),
    )
    unit = figures.unit(one, words)
    title = words("control.sum") if cusum else f"{words.of(one.label)} {unit}".strip()
    is_rate = one.unit == "share" and not cusum
    labels = Labels([marks[name] for name in MARKS], title, words("control.target_line"), is_rate)
    target = None if cusum or found.target is None else found.target / part
    events = rebase_frame(found.events).filter(
        pl.col("day") >= found.period.start, pl.col("day") < found.period.end
    )
    chart = control_chart(
        points, target, events.select("day", name="event"), labels, look.palette()
    )
    named = {"name": name_of(found, words), "metric": words.of(one.label)}
    picture(chart, alt=words("control.chart", count=points.height, **named))


def _detail(found: ControlChart, row: Row, words: Words) -> str:
    said = [printed(found.metric, row["value"], words), words("format.ratio", **_ratio(row))]
    said += [words(f"control_rule.{row['rule']}")] if row["rule"] else []
    return " · ".join(said)


def draw_table(found: ControlChart, words: Words) -> None:
    """Every point of the picture, the latest first, a page at a time."""
    if found.points.is_empty():
        return
    named = {"name": name_of(found, words), "metric": words.of(found.metric.label)}
    section(words("control.points"))
    pages = list(found.points.reverse().iter_slices(ROWS))
    cusum = found.kind == "cusum"
    columns = [
        Column(words("control.start"), words("control.phase"), "hs-line"),
        Column(named["metric"], words("control.ratio"), "hs-number"),
        Column(words("control.centre"), look="hs-number"),
        Column(words("control.sum" if cusum else "control.limits"), look="hs-number"),
        Column(words("control.reading"), words("control.rule"), "hs-name"),
    ]
    here = pages[page_of(len(pages)) - 1].to_dicts()
    table(columns, [_row(found, row, words) for row in here], words("control.table", **named))
    paginate(len(pages))


def _row(found: ControlChart, row: Row, words: Words) -> list[Cell]:
    one, means = found.metric, row["means"]
    quiet = means in ("common", "none")
    if found.kind == "cusum":
        between = f"{row['sum']:.2f} / {row['limit']:.2f}"
    else:
        ends = [row["low"], row["high"]]
        known = [figures.printed(one, end) for end in ends if end is not None]
        between = " – ".join(known)
    phase = words("control.phase_of", phase=row["phase"] + 1)
    trial = f"{phase} · {words('control.trial')}" if row["provisional"] else phase
    rule = words(f"control_rule.{row['rule']}") if row["rule"] else ""
    rule = words("state.few") if means == "none" else rule
    centre = "" if row["centre"] is None else figures.printed(one, row["centre"])
    return [
        Cell(row["start"].isoformat(), trial),
        Cell(figures.printed(one, row["value"]), words("format.ratio", **_ratio(row))),
        Cell(centre),
        Cell(between),
        Cell(sign(means, words), rule, mute=quiet, strong=not quiet),
    ]


def draw_events(found: ControlChart, words: Words) -> None:
    """The recorded events that gave this chart limits of its own, and how one is recorded."""
    command = "hallscore rebase add"
    section(words("control.events"), words("control.events_note", command=command))
    if not found.events:
        remark(words("control.no_events"))
        return
    columns = [
        Column(words("control.start"), look="hs-line"),
        Column(words("control.event"), look="hs-name"),
        Column(words("control.event_by")),
    ]
    rows = [[Cell(one.day.isoformat()), Cell(one.event), Cell(one.by)] for one in found.events]
    table(columns, rows, words("control.events"))
