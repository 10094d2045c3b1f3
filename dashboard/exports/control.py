"""A control chart as files: its points, the events, the overview and the alarms of the week."""

from collections.abc import Mapping

import polars as pl

from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.definitions import definition_frame
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from metrics.catalogue import metric
from metrics.fairness.alarms import Alarms
from metrics.fairness.control import ControlChart
from metrics.fairness.rebasing import rebase_frame

Filters = Mapping[str, str]
RATE, NUMBER = "0.00%", "0.00"
POINTS = {"start": "control.start", "n": "control.n", "d": "control.d", "value": ""}
POINTS |= {"centre": "control.centre", "low": "control.low", "high": "control.high"}
POINTS |= {"sum": "control.sum", "limit": "control.limit", "phase": "control.phase"}
POINTS |= {"means": "control.reading", "rule": "control.rule", "provisional": "control.trial"}
ICONS = {"id": "export.id", "name": "export.name", "metric": "control.metric"}
ICONS |= {"kind": "control.kind", "start": "control.start", "n": "control.n", "d": "control.d"}
ICONS |= {"value": "explain.value", "target": "control.target_line"}
ICONS |= {"variation": "control.variation", "assurance": "control.assurance"}
ICONS |= {"rule": "control.rule", "since": "control.alarm_since", "provisional": "control.trial"}
ALARMED = {"id": "export.id", "name": "export.name", "hall": "export.hall"}
ALARMED |= {"day": "control.alarm_day", "since": "control.alarm_since", "n": "control.n"}
ALARMED |= {"d": "control.d", "value": "control.alarm_seen", "usual": "control.alarm_usual"}
ALARMED |= {"sum": "control.sum", "limit": "control.limit", "provisional": "control.trial"}
EVENTS = {"day": "control.start", "event": "control.event", "by": "control.event_by"}
SAID = {"means": "control_mark", "variation": "control_mark", "assurance": "control_assurance"}
SAID |= {"rule": "control_rule"}


def _headed(frame: pl.DataFrame, heads: Mapping[str, str], words: Words) -> pl.DataFrame:
    """A frame under printed headings: codes in words, days as text."""
    told = frame.with_columns(pl.col(pl.Date).cast(pl.String))
    for name, table in SAID.items():
        if name in told.columns:
            codes = [code for code in told[name].drop_nulls().unique() if code]
            said = {code: words(f"{table}.{code}") for code in codes}
            told = told.with_columns(pl.col(name).replace(said))
    if "provisional" in told.columns:
        yes = {True: words("export.yes"), False: words("export.no")}
        trial = pl.col("provisional").replace_strict(yes, default=None, return_dtype=pl.String)
        told = told.with_columns(trial)
    return told.select(pl.col(name).alias(words(key)) for name, key in heads.items())


def point_frame(found: ControlChart, words: Words) -> pl.DataFrame:
    """The points under printed headings, oldest first."""
    told = found.points.with_columns(pl.col("phase") + 1)
    heads = {name: key for name, key in POINTS.items() if key}
    rows = _headed(told, heads, words)
    value = told["value"].alias(words.of(found.metric.label))
    return rows.insert_column(3, value)


def icon_frame(rows: pl.DataFrame, words: Words) -> pl.DataFrame:
    """One row per unit and metric: the last week and what it says."""
    labels = {name: words.of(metric(name).label) for name in rows["metric"].unique()}
    kinds = {kind: words(f"control_chart.{kind}") for kind in rows["kind"].unique()}
    told = rows.with_columns(pl.col("metric").replace(labels), pl.col("kind").replace(kinds))
    return _headed(told, ICONS, words)


def alarm_frame(found: Alarms, words: Words) -> pl.DataFrame:
    """The alarms of a week under printed headings."""
    return _headed(found.frame, ALARMED, words)


def alarm_formats(words: Words) -> dict[str, str]:
    """How the numbers of `alarm_frame` are printed in a workbook."""
    rates = {words(ALARMED[name]): RATE for name in ("value", "usual")}
    return rates | {words(ALARMED[name]): NUMBER for name in ("sum", "limit")}


def control_csv(found: ControlChart, filters: Filters, words: Words) -> bytes:
    """The points."""
    return csv_bytes(point_frame(found, words), filters)


def control_workbook(
    found: ControlChart, icons: pl.DataFrame, alarmed: Alarms, filters: Filters, words: Words
) -> bytes:
    """A sheet each: points, events, overview, alarms, and what the metric means."""
    form = RATE if found.metric.unit == "share" else NUMBER
    heads = [words.of(found.metric.label), *(words(POINTS[n]) for n in ("centre", "low", "high"))]
    shown = dict.fromkeys(heads, form) | {words(POINTS[n]): NUMBER for n in ("sum", "limit")}
    week = {words("weekly.week"): alarmed.period.label(words.lang)}
    sheets = [
        Sheet(words("control.points"), point_frame(found, words), shown),
        Sheet(words("control.events"), _headed(rebase_frame(found.events), EVENTS, words), {}),
        Sheet(words("control.sheet_icons"), icon_frame(icons, words), {}),
        Sheet(words("control.sheet_alarms"), alarm_frame(alarmed, words), alarm_formats(words)),
        Sheet(words("export.definitions"), definition_frame([found.metric], words), {}),
    ]
    return workbook_bytes(sheets, {**filters, **week}, words("control.nav"))
