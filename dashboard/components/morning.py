"""The first lines of the day: how fresh the logs are, whether anything is wrong, and who moved."""

from html import escape
from pathlib import Path

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.components import figures
from dashboard.components.heading import remark, section
from dashboard.components.kept import kept
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from dashboard.viewer import Viewer
from data.disk import now_in
from data.profile import SITE_ZONE
from metrics import rollup
from metrics.assigned import assigned
from metrics.beside import has_earlier, like
from metrics.catalogue import metric
from metrics.comparison import Change
from metrics.fairness.moved import directions, moved
from metrics.periods import Period, parse_period
from metrics.quality import freshness
from metrics.receipts import receipts
from metrics.scope import Scope
from metrics.values import default_as_of

TESTED = ("active_good_rate", "on_time_rate", "wait_within_15_rate", "abandonment_rate")
SHOWN = 12
KEPT = 64


@kept(KEPT)
def _moved(home: Path, stamp: str, period: str, scope: Scope) -> pl.DataFrame | None:
    cube, asked = rollup.ensure(home), parse_period(period)
    as_of = default_as_of(cube, asked)
    alike = like(cube, asked, as_of, "previous")
    if not has_earlier(cube, alike):
        return None
    return moved(cube, asked, scope, as_of, alike, TESTED)


@kept(KEPT)
def _fresh(home: Path, stamp: str) -> pl.DataFrame:
    return freshness(rollup.ensure(home).snap)


def draw_fresh(viewer: Viewer) -> None:
    """The last day of each log in one line; who lags is named with the days."""
    words = viewer.words
    last = formats.day(viewer.last_day, words)
    there, late = [], []
    for row in _fresh(viewer.home, viewer.stamp).to_dicts():
        log = words(f"log.{row['log']}")
        if row["behind"]:
            late.append(words("morning.behind", log=log, days=row["behind"]))
        else:
            there.append(log)
    listed = words("format.list")
    remark(
        words("morning.fresh", day=last, logs=listed.join(there)),
        *([words("morning.late", logs=listed.join(late))] if late else []),
    )


def draw_reading(viewer: Viewer, period: Period) -> None:
    """The reading, set apart."""
    st.html(f'<p class="hs-reading">{escape(reading(viewer, period))}</p>')


def reading(viewer: Viewer, period: Period) -> str:
    """One sentence each: who moved beyond chance, which assignments and deliveries are overdue."""
    words, today = viewer.words, now_in(SITE_ZONE).date()
    found = _moved(viewer.home, viewer.stamp, period.text, viewer.scope)
    said = [_moved_words(found, words)]
    tasks = assigned(viewer.home, viewer.scope, today)
    late = tasks.filter(pl.col("state") == "overdue").height
    owing = receipts(viewer.cube, period, viewer.scope, today)
    missing = owing.filter(pl.col("state") == "missing").height
    said += [words("morning.overdue", count=formats.count(late))] if late else []
    said += [words("morning.owing", count=formats.count(missing))] if missing else []
    if not late and not missing:
        said.append(words("morning.quiet"))
    return ("" if words.lang == "zh" else " ").join(said)


def _moved_words(found: pl.DataFrame | None, words: Words) -> str:
    if found is None:
        return words("morning.moved_before")
    if found.is_empty():
        return words("morning.moved_none")
    better, worse = directions(found)
    return words("morning.moved_some", better=formats.count(better), worse=formats.count(worse))


def draw_movers(viewer: Viewer, period: Period) -> None:
    """Who moved beyond chance, the surest first; nothing where nobody did."""
    words = viewer.words
    found = _moved(viewer.home, viewer.stamp, period.text, viewer.scope)
    if found is None or found.is_empty():
        return
    tested = formats.count(found["tested"][0])
    section(words("morning.movers"), words("morning.movers_note", tested=tested))
    columns = [
        Column(words("morning.counter"), words("ranking.hall"), "hs-name"),
        Column(words("filters.metric"), look="hs-name"),
        Column(words("morning.now"), look="hs-number"),
        Column(words("morning.before"), look="hs-number"),
        Column(words("morning.change"), look="hs-number"),
    ]
    rows = []
    for row in found.head(SHOWN).to_dicts():
        one = metric(row["metric"])
        sign = "▲" if row["change"] > 0 else "▼"
        amount = figures.amount_text(one, Change("difference", row["change"]), words)
        link = state.address("explanation", unit=row["id"])
        rows.append(
            [
                Cell(row["name"], row["hall"], link=link),
                Cell(words.of(one.label)),
                Cell(formats.rate(row["value"]), f"{row['n']:,} / {row['d']:,}"),
                Cell(formats.rate(row["before"]), f"{row['before_n']:,} / {row['before_d']:,}"),
                Cell(f"{sign} {amount}", strong=not row["better"]),
            ]
        )
    table(columns, rows, words("morning.movers"))
    if found.height > SHOWN:
        remark(words("ranking.unranked_more", shown=SHOWN, count=formats.count(found.height)))
