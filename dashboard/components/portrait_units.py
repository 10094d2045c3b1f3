"""Where a unit stands: the way down to it, what a search finds, its siblings, what is below it."""

from html import escape

import polars as pl
import streamlit as st

from dashboard import formats, state
from dashboard.components import cards, export, figures, frames, portraits
from dashboard.components.cards import Card
from dashboard.components.compared import compared_text
from dashboard.components.heading import remark, section
from dashboard.components.portraits import Portrait
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.parts import part_csv, part_workbook
from dashboard.reported import mark, note_line
from dashboard.text import Words
from metrics.catalogue import Metric
from metrics.explain import Explanation
from metrics.points import UNIT
from metrics.portrait.nodes import Node, path, siblings
from metrics.portrait.peers import Peers

ROWS = 50
PLACE, DEPARTMENT = "place", "department"


def draw_trail(seen: Portrait) -> None:
    """The way from the top to the unit, each step a link that keeps the choices."""
    words = seen.viewer.words
    *above, last = path(seen.listed, seen.node)
    steps = [
        f'<li><a href="{escape(seen.link_of(one), quote=True)}" target="_self">'
        f"{escape(seen.name(one))}</a></li>"
        for one in above
    ]
    here = f'<li aria-current="page">{escape(seen.name(last))}</li>'
    label = escape(words("profile.trail"), quote=True)
    st.html(f'<nav class="hs-trail" aria-label="{label}"><ol>{"".join(steps)}{here}</ol></nav>')


def draw_found(seen: Portrait, query: str) -> None:
    """What a search finds, as links; nothing where nothing is searched for."""
    if not query:
        return
    words = seen.viewer.words
    rows = portraits.found(seen.viewer, seen.period, query)
    if rows.is_empty():
        remark(words("profile.nothing", query=query))
        return
    told = words("profile.found", query=query, count=formats.count(rows.item(0, "hits")))
    listed = "".join(
        f'<li><a href="{escape(seen.link_of(one), quote=True)}" target="_self">'
        f"{escape(one.name)}</a> <small>{escape(_kind(one, words))}</small></li>"
        for one in map(_node, rows.iter_rows(named=True))
    )
    st.html(f'<p class="hs-note">{escape(told)}</p><ul class="hs-found">{listed}</ul>')


def _node(row: dict[str, str]) -> Node:
    return Node(row["kind"], row["id"], row["name"], row["hall"])


def _kind(node: Node, words: Words) -> str:
    kind = words(f"profile_kind.{node.kind}")
    return f"{kind} · {node.hall}" if node.hall else kind


def draw_head(seen: Portrait, told: Explanation | None, group: Peers | None) -> None:
    """Name, what it is, the score and the key metrics."""
    words, node = seen.viewer.words, seen.node
    section(seen.name(node), words(f"profile_scale.{node.kind}", hall=node.hall))
    known = []
    if told is not None and (node.kind == "counter" or told.score_u is not None):
        known = [_score_card(told, group, words)]
    cards.draw([*known, *(_card(seen, one) for one in portraits.shown_metrics(seen)[:5])])


def _score_card(told: Explanation, group: Peers | None, words: Words) -> Card:
    """The score, and beside it the rank set and the tier that the data can tell."""
    scheme, change = told.scores.scheme, ""
    if told.difference is not None and told.difference.change_u is not None:
        amount = formats.signed(told.difference.change_u / UNIT, 2)
        change = words("profile.change", change=amount)
    empty = told.score_u is None
    full = words("explain.full", full=told.points(scheme.readable))
    figure = formats.MARKS.get(told.state, words(f"state.{told.state}"))
    if told.score_u is not None:
        figure = told.points(told.score_u)
    rank, tier = _standing(group, words)
    return Card(
        label=words("ranking.score"),
        figure=figure,
        unit=words(f"state.{told.state}") if empty else full,
        change=change,
        picture="",
        alt="",
        base=rank,
        late="",
        variant=" · ".join(filter(None, [tier, words.of(scheme.label)])),
        empty=empty,
    )


def _standing(group: Peers | None, words: Words) -> tuple[str, str]:
    """The rank set and the tier of a unit, in words; empty where it is not ranked."""
    if group is None or group.row is None:
        return "", ""
    low, high, tier = (group.row[name] for name in ("rank_low", "rank_high", "tier"))
    rank = ""
    if low is not None:
        kind = "fairness.rank_sure" if low == high else "fairness.rank_set"
        rank = words(kind, low=low, high=high)
    size = words("profile.of_group", count=formats.count(group.rows.height))
    return f"{rank} {size}".strip(), words(f"fairness.{tier}") if tier else ""


def _card(seen: Portrait, metric: Metric) -> Card:
    words, node = seen.viewer.words, seen.node
    row = portraits.own(seen, metric).row(0, named=True)
    number, unit = figures.figure(metric, row, words)
    return Card(
        label=words.of(metric.label),
        figure=number,
        unit=unit,
        change=compared_text(seen.viewer, metric, seen.period, node.by, row["id"]),
        picture="",
        alt="",
        base=figures.base(row, words),
        late=words("state.few") if row["state"] == "few" else "",
        variant=words.of(metric.variant),
        empty=row["value"] is None,
        mark=mark(row, words),
        reported=note_line(row, words),
    )


def draw_beside(seen: Portrait) -> None:
    """The siblings with the chosen metric and their place by it; the unit itself is marked."""
    words = seen.viewer.words
    rows = siblings(seen.listed, seen.node)
    if rows.height < 2:
        return
    label = words.of(seen.metric.label)
    section(words(f"profile_siblings.{seen.node.kind}"), words("profile.placed", metric=label))
    told = portraits.ordered(seen, rows).iter_rows(named=True)
    lines = "".join(_sibling(seen, row) for row in told)
    name = escape(words(f"profile_siblings.{seen.node.kind}"), quote=True)
    st.html(
        f'<div class="hs-beside" tabindex="0" role="region" aria-label="{name}">'
        f"<ol>{lines}</ol></div>"
    )


def _sibling(seen: Portrait, row: dict[str, object]) -> str:
    words = seen.viewer.words
    node = Node(str(row["kind"]), str(row["id"]), str(row["name"]), str(row["hall"]))
    number, unit = figures.figure(seen.metric, row, words)
    place = "" if row["place"] is None else f"{row['place']}"
    here = node.id == seen.node.id
    name = escape(node.name)
    if not here:
        name = f'<a href="{escape(seen.link_of(node), quote=True)}" target="_self">{name}</a>'
    current = ' aria-current="true"' if here else ""
    mute = ' class="hs-mute"' if row["state"] != "number" else ""
    base = escape(figures.base(row, words))
    return (
        f"<li{current}><span>{place}</span><span>{name}</span>"
        f"<span{mute}>{escape(number)} {escape(unit)}<small>{base}</small></span></li>"
    )


def draw_below(seen: Portrait) -> None:
    """What is right below the unit: places and counters, or departments; with files."""
    words = seen.viewer.words
    if seen.node.kind == "counter":
        remark(words("profile.lowest"))
        return
    by = PLACE
    if seen.node.kind != "department":
        labels = {one: words(f"profile_by.{one}") for one in (PLACE, DEPARTMENT)}
        by = state.segments("by", words("profile.by"), list(labels), PLACE, labels.__getitem__)
    rows = portraits.below(seen, by)
    metrics = portraits.shown_metrics(seen)
    title = words("profile.below", count=formats.count(rows.height))
    section(title, words(f"profile_below.{by if rows.height else 'empty'}"))
    if rows.is_empty():
        return
    parts = {one.id: portraits.values(seen, rows, one) for one in metrics}
    whole = {one.id: portraits.own(seen, one) for one in metrics}
    pages = list(rows.iter_slices(ROWS))
    here = pages[state.page_of(len(pages)) - 1]
    _table(seen, here, parts, title)
    state.paginate(len(pages))
    as_of = frames.as_of(seen.viewer, seen.period)
    filters = export.filters(seen.viewer, seen.period, as_of, name=seen.name(seen.node))
    export.buttons(
        f"profile-{seen.node.id}-{by}-{seen.period.text}",
        words,
        csv=lambda: part_csv(metrics, parts, whole, filters, words),
        xlsx=lambda: part_workbook(metrics, parts, whole, filters, words("profile.sheet"), words),
    )


def _table(
    seen: Portrait, rows: pl.DataFrame, parts: dict[str, pl.DataFrame], caption: str
) -> None:
    words, metrics = seen.viewer.words, portraits.shown_metrics(seen)
    columns = [
        Column(words("profile.unit"), look="hs-name"),
        *(Column(words.of(one.label), figures.unit(one, words), "hs-number") for one in metrics),
    ]
    told = {
        one.id: {row["id"]: row for row in parts[one.id].iter_rows(named=True)} for one in metrics
    }
    lines = []
    for node in map(_node, rows.iter_rows(named=True)):
        name = Cell(node.name, _kind(node, words), link=seen.link_of(node))
        lines.append([name, *(figures.cell(one, told[one.id][node.id], words) for one in metrics)])
    table(columns, lines, caption)
