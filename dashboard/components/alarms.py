"""What speaks in the last week: an overview of units by metric, and the alarms of the counters."""

from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl

from dashboard import formats
from dashboard.components import frames
from dashboard.components.controls import ASSURED, printed, scheme_in_view, sign
from dashboard.components.heading import remark, section
from dashboard.components.kept import kept
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics.catalogue import metric
from metrics.fairness.alarms import Alarms
from metrics.fairness.alarms import alarms as alarms_of
from metrics.fairness.control import OVERVIEW, control_summary
from metrics.periods import Period, parse_period
from metrics.scope import Scope

SHOWN, KEPT = 20, 32
QUIET = ("common", "none")


@kept(KEPT)
def _alarms(home: Path, stamp: str, period: str, scope: Scope) -> Alarms:
    return alarms_of(home, parse_period(period), scope)


@kept(KEPT)
def _summary(
    home: Path, stamp: str, by: str, scope: Scope, span: tuple[date, date], scheme: str
) -> pl.DataFrame:
    period = Period("", "weeks", *span)
    return control_summary(home, OVERVIEW, by, scope, period, scheme=scheme)


def alarms(viewer: Viewer, period: Period) -> Alarms:
    """As `metrics.fairness.alarms.alarms`."""
    return _alarms(viewer.home, viewer.stamp, period.text, viewer.scope)


def summary(viewer: Viewer, by: str, period: Period) -> pl.DataFrame:
    """As `metrics.fairness.control.control_summary`, of the metrics of the overview."""
    by = "hall" if by in ("hall", "counter") else frames.parts_of(viewer, period)
    span, scheme = (period.start, period.end), scheme_in_view(viewer)
    return _summary(viewer.home, viewer.stamp, by, viewer.scope, span, scheme)


def draw_overview(rows: pl.DataFrame, by: str, words: Words) -> None:
    """A row per unit, a column per metric: the value of the last week and what it says."""
    part = words("part.hall" if by in ("hall", "counter") else "part.county")
    section(words("control.icons", part=part), words("control.icons_note"))
    signals = pl.col("variation").is_in(["improving", "deteriorating"]).sum()
    order = rows.group_by("id", "name", maintain_order=True).agg(
        signals.alias("signals"), charted=pl.col("kind").is_in(["xmr", "cusum"]).any()
    )
    units = order.filter("charted").sort("signals", descending=True, maintain_order=True)
    if units.is_empty():
        remark(words("control.icons_none"))
        return
    cells = {(row["id"], row["metric"]): row for row in rows.iter_rows(named=True)}
    names = [name for name in OVERVIEW if rows.filter(metric=name)["value"].count()]
    columns = [Column(part.capitalize(), look="hs-name")]
    columns += [Column(words.of(metric(name).label), look="hs-number") for name in names]
    lines = [
        [Cell(name, link=link(id_, by, names[0], words))]
        + [_cell(cells[id_, one], words) for one in names]
        for id_, name in units.head(SHOWN).select("id", "name").iter_rows()
    ]
    table(columns, lines, words("control.icons", part=part))
    if units.height > SHOWN:
        remark(words("control.icons_more", shown=SHOWN, count=formats.count(units.height)))


def _cell(row: dict[str, Any], words: Words) -> Cell:
    one, state = metric(row["metric"]), row["variation"]
    if row["value"] is None:
        return Cell(formats.MARKS["none"], mute=True)
    if row["kind"] == "few":
        return Cell(printed(one, row["value"], words), words("state.few"), mute=True)
    said = [sign(state, words)]
    if row["assurance"] != "none":
        met = words(f"control_assurance.{row['assurance']}")
        said.append(f"{ASSURED[row['assurance']]} {met}")
    return Cell(printed(one, row["value"], words), "\n".join(said), strong=state not in QUIET)


def link(unit: str, by: str, one: str, words: Words) -> str:
    """Where the chart of a unit is."""
    by = by if by in ("hall", "counter") else "county"
    return f"control?{urlencode({'metric': one, 'by': by, 'unit': unit, 'lang': words.lang})}"


def draw_alarms(found: Alarms, words: Words) -> None:
    """The counters that alarmed in a week, with what was seen beside what is usual."""
    week = found.period.label(words.lang)
    note = words("control.alarms_note", week=week, charts=formats.count(found.charts))
    section(words("control.alarms"), note)
    if found.frame.is_empty():
        remark(words("control.alarms_none"))
        return
    remark(words("control.alarms_chance", count=found.frame.height))
    columns = [
        Column(words("ranking.unit"), words("ranking.hall"), "hs-name"),
        Column(words("control.alarm_day"), look="hs-line"),
        Column(words("control.alarm_since"), look="hs-line"),
        Column(words("control.alarm_seen"), words("control.ratio"), "hs-number"),
        Column(words("control.alarm_usual"), look="hs-number"),
    ]
    rows = [
        [
            Cell(
                row["name"], row["hall"] or "", link=link(row["id"], "counter", "bad_rate", words)
            ),
            Cell(row["day"].isoformat(), words("control.trial") if row["provisional"] else ""),
            Cell(row["since"].isoformat()),
            Cell(
                formats.rate(row["value"]),
                words("format.ratio", n=formats.count(row["n"]), d=formats.count(row["d"])),
            ),
            Cell(formats.rate(row["usual"])),
        ]
        for row in found.frame.iter_rows(named=True)
    ]
    table(columns, rows, words("control.alarms_table", week=week))
