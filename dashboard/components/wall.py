"""The views of the large screen as markup: figures, counties, and what speaks this week."""

from html import escape

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.charts.colours import DARK
from dashboard.components import alarms, frames, morning
from dashboard.components import figures as printed
from dashboard.components.card_of import card_of
from dashboard.components.cards import Card
from dashboard.components.months import complete_month
from dashboard.viewer import Viewer
from metrics.catalogue import metric
from metrics.fairness.control import OVERVIEW
from metrics.headline import KEY_METRICS
from metrics.periods import period_of

COUNTIES, SIGNALS = 12, 9


def draw(viewer: Viewer, view: tuple[str, str], at: int, count: int) -> None:
    """The frame of a view (title, markup): whose, as of when, which of the views, the way out."""
    words = viewer.words
    title, body = view
    period = complete_month(viewer)
    dots = "".join(f'<i class="{"hs-on" if one == at else ""}"></i>' for one in range(count))
    told = words(
        "wall.as_of",
        period=period.label(words.lang),
        day=formats.day(frames.as_of(viewer, period), words),
    )
    out = escape(f"./{state.address()}", quote=True)
    st.html(
        f'<div class="hs-wall"><header><h1>{escape(words("wall.title"))}</h1>'
        f"<p>{escape(frames.place(viewer, period))} · {escape(told)}</p></header>"
        f"<h2>{escape(title)}</h2>{body}"
        f'<footer><span aria-hidden="true">{dots}</span>'
        f'<a href="{out}" target="_self">{escape(words("wall.leave"))}</a></footer></div>'
    )


def figures(viewer: Viewer) -> tuple[str, str]:
    """Six figures with their course over twelve months."""
    period = complete_month(viewer)
    cards = [card_of(viewer, metric(name), period, DARK) for name in KEY_METRICS]
    return viewer.words(
        "wall.figures"
    ), f'<div class="hs-wall-cards">{"".join(map(_card, cards))}</div>'


def _card(card: Card) -> str:
    picture = f'<img src="{card.picture}" alt="{escape(card.alt, quote=True)}">'
    return (
        f"<section><h3>{escape(card.label)}</h3><strong>{escape(card.figure)}"
        f"<small>{escape(card.unit)}</small></strong><p>{escape(card.change)}</p>"
        f"{picture if card.picture else ''}<p>{escape(card.base)}</p></section>"
    )


def counties(viewer: Viewer) -> tuple[str, str]:
    """The parts of the city in the order of their ids, never a league table, with three rates."""
    words, period = viewer.words, complete_month(viewer)
    by = frames.parts_of(viewer, period)
    shown = [metric(name) for name in KEY_METRICS[:3]]
    rows = {one.id: frames.value(viewer, one.id, period, by) for one in shown}
    first = rows[shown[0].id].head(COUNTIES)
    lines = []
    for id_, name in first.select("id", "name").iter_rows():
        cells = "".join(_cell(viewer, one.id, rows[one.id], id_) for one in shown)
        lines.append(f"<li><b>{escape(name or id_)}</b>{cells}</li>")
    return words("wall.counties", part=words(f"part.{by}")), _list(lines)


def _cell(viewer: Viewer, name: str, rows: pl.DataFrame, id_: str) -> str:
    words, one = viewer.words, metric(name)
    row = rows.row(by_predicate=pl.col("id") == id_, named=True)
    number, unit = printed.figure(one, row, words)
    base = printed.base(row, words)
    label = words.of(one.label)
    figure = f"{escape(number)}{escape(unit)}<small>{escape(base)}</small>"
    return f"<span><em>{escape(label)}</em>{figure}</span>"


def signals(viewer: Viewer) -> tuple[str, str]:
    """Alarms of the last week and counties whose last week is a signal; words where none is."""
    words = viewer.words
    week = period_of("week", viewer.last_day)
    week = week if week.end <= viewer.end else week.previous()
    faster, quiet = words("wall.alarm"), words("wall.quiet")
    lines = [
        f'<li class="hs-bad"><b>▼ {escape(row["name"])}</b><span>{escape(row["hall"] or "")}</span>'
        f"<span>{escape(faster)}</span></li>"
        for row in alarms.alarms(viewer, week).frame.head(SIGNALS).to_dicts()
    ]
    rows = alarms.summary(viewer, "county", complete_month(viewer))
    spoken = rows.filter(pl.col("variation").is_in(["improving", "deteriorating"]))
    for row in (
        spoken.filter(pl.col("metric").is_in(OVERVIEW)).head(SIGNALS - len(lines)).to_dicts()
    ):
        better = row["variation"] == "improving"
        label = words.of(metric(row["metric"]).label)
        said = words(f"control_mark.{row['variation']}")
        lines.append(
            f'<li class="{"hs-good" if better else "hs-bad"}"><b>{"▲" if better else "▼"} '
            f"{escape(row['name'])}</b><span>{escape(label)}</span><span>{escape(said)}</span></li>"
        )
    reading = morning.reading(viewer, complete_month(viewer))
    told = _list(lines) if lines else f"<p>{escape(quiet)}</p>"
    return words("wall.signals"), f"<p>{escape(reading)}</p>{told}"


def _list(lines: list[str]) -> str:
    return f'<ul class="hs-wall-list">{"".join(lines)}</ul>'
