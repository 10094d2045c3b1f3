"""A ranking as table rows: rank with 并列 and score; points of each item with value, n and d."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats
from dashboard.components import figures, ranked, sure
from dashboard.components.heading import remark, section
from dashboard.components.links import to
from dashboard.components.ranked import Beside
from dashboard.components.tables import Cell, Column, table
from dashboard.reported import NAMES, footnote
from dashboard.state import page_of, paginate, segments
from dashboard.text import Words
from metrics.catalogue import metric
from metrics.fairness.peer_words import group_label
from metrics.fairness.ranking import FairRanking
from metrics.points import UNIT
from metrics.scheme_items import BonusItem, DeductItem, Item, MetricItem, label_of

ROWS, UNRANKED_ROWS = 50, 20
VIEWS = ("result", "points")
MANY = 8  # items from which their columns stand closer
UNRANKED = ("number", "few", "none", "missing")


def _columns(ranking: FairRanking, words: Words) -> list[Column]:
    """Rank, counter, hall, score, then one column per item of the scheme."""
    look = "hs-number" if len(ranking.scheme.items) < MANY else "hs-number hs-tight"
    return [
        Column(words("ranking.rank"), look="hs-number"),
        Column(words("ranking.unit"), words("ranking.hall"), "hs-name"),
        Column(words("ranking.score"), words("ranking.score_note"), "hs-number"),
        *(
            Column(
                words.of(label_of(item)),
                words("ranking.points_note", weight=formats.plain(item.weight / UNIT))
                if item.weight
                else "",
                look,
            )
            for item in ranking.scheme.items
        ),
    ]


def _first(ranking: FairRanking, row: Mapping[str, Any], words: Words) -> list[Cell]:
    """Rank, counter and score."""
    return [
        sure.rank_cell(ranking, row, words),
        Cell(row["name"], _place(ranking, row, words), link=_link("profile", ranking, row, words)),
        Cell(
            formats.score(row["score"]),
            _base(row, words),
            strong=True,
            link=_link("explanation", ranking, row, words),
        ),
    ]


def _scale(ranking: FairRanking) -> tuple[float, float]:
    return sure.domain(ranking.frame, ranking.scheme.readable / UNIT)


def _place(ranking: FairRanking, row: Mapping[str, Any], words: Words) -> str:
    """The hall, and under it the peer group where ranks count inside such groups."""
    peers = (ranking.frame_asked or ranking.scheme.frame) == "peers"
    if not peers or ranking.groups.height == 1:
        return str(row["hall"])
    return "\n".join([row["hall"], group_label(row["frame"], words.lang)])


def _link(page: str, ranking: FairRanking, row: Mapping[str, Any], words: Words) -> str:
    """Where the name of a row leads (its portrait), and its score (why it is that)."""
    asked = {"period": ranking.period.text, "scheme": ranking.scheme.id, "unit": row["id"]}
    return to(page, words, **asked)


def _base(row: Mapping[str, Any], words: Words) -> str:
    """The largest base of the items."""
    return words("ranking.base", n=formats.count(row["n"]))


def _item(row: Mapping[str, Any], item: Item, words: Words) -> Cell:
    """Points over value, n and d of an item; the mark of its state where it is unobserved."""
    name = item.id
    if not isinstance(item, MetricItem):
        return _without_metric(row, item, words)
    value = {key: row[f"{name}_{key}"] for key in ("value", "n", "d", "state", *NAMES)}
    under = figures.cell(metric(item.metric), value, words)
    if row[name] is None:
        return under
    notes = [under.note]
    # Weight of unobserved items went to this one: its full points are more than in the heading.
    if row[f"{name}_weight"] * UNIT != item.weight:
        full = formats.score(row[f"{name}_weight"])
        notes.append(words("ranking.of_weight", weight=full))
    # The mark stands in the note beside n and d: on the first line it would widen every column.
    return Cell(formats.score(row[name]), "\n".join(notes), aside=under.text)


def _without_metric(row: Mapping[str, Any], item: Item, words: Words) -> Cell:
    """Points of events, votes and means; under them the number of records, or n and d."""
    name = item.id
    if row[name] is None:
        state = row[f"{name}_state"]
        return Cell(formats.MARKS.get(state, ""), words(f"state.{state}"), mute=True)
    if isinstance(item, DeductItem | BonusItem):
        count = row.get(f"{name}_events") or 0
        note = words("ranking.events", count=formats.count(count)) if count else ""
        return Cell(formats.score(row[name]), note)
    value = row[f"{name}_value"]
    return Cell(formats.score(row[name]), "" if value is None else formats.score(value))


def view_select(words: Words) -> str:
    """The result with what can be told apart, or the points of each item."""
    labels = {name: words(f"ranking_view.{name}") for name in VIEWS}
    return segments("view", words("ranking.view"), VIEWS, VIEWS[0], labels.__getitem__)


def draw_ranked(
    ranking: FairRanking, query: str, caption: str, beside: Callable[[], Beside], words: Words
) -> None:
    """The ranked counters whose name contains the query, a page of the table at a time."""
    found = matching(ranking.frame, query)
    if query:
        remark(words("ranking.found", query=query, count=formats.count(found.height)))
    elif found.is_empty():
        remark(words("ranking.nobody"))
    if found.is_empty():
        return
    view = view_select(words)
    pages = list(found.iter_slices(ROWS))
    shown = pages[page_of(len(pages)) - 1].to_dicts()
    if view == VIEWS[0]:
        remark(words(f"decides.{ranking.scheme.publish}"))
        told, scale = beside(), _scale(ranking)
        rows = [
            _first(ranking, row, words) + ranked.cells(ranking, row, told, scale, words)
            for row in shown
        ]
        table(ranked.columns(scale, told, words), rows, caption)
    else:
        items = ranking.scheme.items
        rows = [
            _first(ranking, row, words) + [_item(row, item, words) for item in items]
            for row in shown
        ]
        table(_columns(ranking, words), rows, caption)
    remark(*_reported(ranking, words))
    paginate(len(pages))


def _reported(ranking: FairRanking, words: Words) -> list[str]:
    """What the mark means, and what of the ranked counters' items is reported."""
    items = [item for item in ranking.scheme.items if isinstance(item, MetricItem)]
    metrics = [metric(item.metric) for item in items]
    sums = [
        ranking.frame.select(
            pl.when(pl.col(f"{one.id}_{name}").count() > 0)
            .then(pl.col(f"{one.id}_{name}").sum())
            .alias(name)
            for name in NAMES
        ).row(0, named=True)
        for one in items
    ]
    return footnote(metrics, sums, words, "reported.ranking")


def draw_unranked(frame: pl.DataFrame, words: Words) -> None:
    """One closed list per state, in words, with the mark of the state instead of a score."""
    if frame.is_empty():
        return
    section(words("ranking.unranked"), words("ranking.unranked_note"))
    columns = [
        Column(words("ranking.score"), look="hs-number"),
        Column(words("ranking.unit"), words("ranking.hall"), "hs-name"),
    ]
    for state in UNRANKED:
        part = frame.filter(pl.col("state") == state)
        if part.is_empty():
            continue
        count = formats.count(part.height)
        told = words("awards.apart" if state == "number" else f"state.{state}")
        title = words("ranking.unranked_heading", state=told, count=count)
        with st.expander(title, key=f"unranked_{state}"):
            mark = formats.MARKS.get(state, told)
            owing = [Column(words("ranking.owed_by"))] if part["owed_by"].count() else []
            rows = [
                [
                    Cell(mark, mute=True),
                    Cell(row["name"], row["hall"], mute=True),
                    *(Cell(row["owed_by"] or "", mute=True) for _ in owing),
                ]
                for row in part.head(UNRANKED_ROWS).iter_rows(named=True)
            ]
            table([*columns, *owing], rows, title)
            if part.height > UNRANKED_ROWS:
                remark(words("ranking.unranked_more", shown=UNRANKED_ROWS, count=count))


def matching(frame: pl.DataFrame, query: str) -> pl.DataFrame:
    """The rows whose counter or hall name contains the query; ranks stay as they are."""
    if not query:
        return frame
    names = pl.concat_str("name", "hall", separator=" ").str.to_lowercase()
    return frame.filter(names.str.contains(query.lower(), literal=True))


def scheme_name(ranking: FairRanking, words: Words) -> str:
    """Name and version of the scheme."""
    scheme = ranking.scheme
    return words("ranking.scheme", name=words.of(scheme.label), version=scheme.version)


def scheme_text(ranking: FairRanking, words: Words) -> str:
    """The items of the scheme with their weights, in one sentence."""
    items = [
        f"{words.of(label_of(item))} {formats.plain(item.weight / UNIT)}"
        if item.weight
        else words.of(label_of(item))
        for item in ranking.scheme.items
    ]
    return words("definition.scheme", items=words("format.list").join(items))


def summary(ranking: FairRanking, named: Mapping[str, str], as_of: str, words: Words) -> list[str]:
    """How many are ranked, as of when, by which scheme, published how."""
    ranked, unranked = ranking.frame.height, ranking.unranked.height
    return [
        words(
            "ranking.summary",
            ranked=formats.count(ranked),
            unranked=formats.count(unranked),
            **named,
        ),
        words("ranking.basis", as_of=as_of, scheme=scheme_name(ranking, words)),
        words(f"publish.{ranking.scheme.publish}"),
    ]
