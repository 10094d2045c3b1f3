"""Why a unit has its score: two waterfalls with their tables, the ledger, the peers, files."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats
from dashboard.charts.strip import strip
from dashboard.charts.waterfall import waterfall
from dashboard.components import explained, export, look, portraits
from dashboard.components.heading import remark, section
from dashboard.components.links import to
from dashboard.components.picture import picture
from dashboard.components.portraits import Portrait
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.portrait import score_csv, score_workbook
from dashboard.text import Words
from data.masking import mask_text
from metrics.explain import Explanation
from metrics.explain_words import change_text, item_label
from metrics.fairness.peer_words import group_label
from metrics.points import UNIT
from metrics.portrait.peers import Peers
from metrics.portrait.waterfall import lost, moved

NEAR = 5  # peers that the table lists on either side
LISTED = 50  # records that the page lists; the file has all


def draw(seen: Portrait, told: Explanation | None) -> None:
    """The parts that a unit with a scheme has; without one it is said."""
    words = seen.viewer.words
    if told is None:
        remark(words("profile.no_scheme"))
        return
    remark(*_basis(told, words))
    if told.score_u is None:
        remark(words("explain.no_score"))
    steps = {words("profile.lost"): lost(told, words.lang)}
    if told.difference is not None:
        remark(told.difference.sentence(words.lang))
        steps[words("profile.moved")] = moved(told.difference, words.lang)
    for title, one in steps.items():
        _draw_steps(told, one, title, words)
    rows = portraits.ledger(seen, told)
    _draw_ledger(told, rows, words)
    group = None if told.score_u is None else portraits.among(seen)
    if group is not None:
        _draw_peers(seen, group, words)
    _buttons(seen, told, steps, rows, group)
    asked = {"period": seen.period.text, "scheme": seen.scheme, "unit": told.unit}
    leads = to("explanation", words, **asked)
    st.html(f'<p class="hs-note"><a href="{leads}" target="_self">{words("profile.lines")}</a></p>')


def _basis(told: Explanation, words: Words) -> list[str]:
    scheme = told.scores.scheme
    named = words("ranking.scheme", name=words.of(scheme.label), version=scheme.version)
    as_of = formats.day(told.scores.as_of, words)
    own = [words("profile.own_hall")] if told.scores.entity == "hall" else []
    return [words("ranking.basis", as_of=as_of, scheme=named), *own]


def _draw_steps(told: Explanation, steps: pl.DataFrame, title: str, words: Words) -> None:
    """A waterfall and, closed at first, the same as a table."""
    if steps.height < 3:
        return
    section(title, words("profile.steps_note"))
    kept = steps.filter((pl.col("kind") != "step") | (pl.col("change_u") != 0))
    named = [_step(told, row, title, words) for row in kept.iter_rows(named=True)]
    marks = kept.select(
        "kind",
        pl.Series("label", [label for label, _ in named], pl.String()),
        pl.Series("printed", [printed for _, printed in named], pl.String()),
        pl.Series("from", [one / UNIT for one in kept["from_u"]], pl.Float64()),
        pl.Series("to", [one / UNIT for one in kept["to_u"]], pl.Float64()),
    )
    with st.container(key=f"card_steps_{'moved' if title == words('profile.moved') else 'lost'}"):
        picture(
            waterfall(marks, look.palette()),
            alt=words("profile.chart", title=title, unit=told.name),
        )
    columns = [
        Column(words("explain.item")),
        Column(words("profile_column.change_u"), look="hs-number"),
        Column(words("profile_column.to_u"), look="hs-number"),
    ]
    rows = [
        [
            Cell(_step(told, row, title, words)[0], strong=row["kind"] == "end"),
            Cell(
                "" if row["kind"] == "start" else change_text(row["change_u"], told.scores.scheme)
            ),
            Cell(told.points(row["to_u"]), strong=row["kind"] == "end"),
        ]
        for row in steps.iter_rows(named=True)
    ]
    with st.expander(words("profile.as_table", title=title)):
        table(columns, rows, title)


def _step(told: Explanation, row: Mapping[str, Any], title: str, words: Words) -> tuple[str, str]:
    """What a step is called, and its points as printed."""
    if row["kind"] == "step":
        return row["label"], change_text(row["change_u"], told.scores.scheme)
    start = "had_before" if title == words("profile.moved") else "had_full"
    label = words(f"profile_step.{start if row['kind'] == 'start' else 'score'}")
    return label, told.points(row["to_u"])


def _draw_ledger(told: Explanation, rows: pl.DataFrame, words: Words) -> None:
    """Every record, what the scheme takes for it, what it says itself."""
    section(words("profile.ledger"), words("profile.ledger_note"))
    if rows.is_empty():
        remark(words("profile.no_record"))
    else:
        columns = [
            Column(words("explain.day")),
            Column(words("explain.record"), words("explain.log"), "hs-name"),
            Column(words("profile_column.rule"), words("explain.item")),
            Column(words("explain.points"), words("profile_column.recorded_u"), "hs-number"),
        ]
        shown = [_entry(told, row, words) for row in rows.head(LISTED).to_dicts()]
        table(columns, shown, words("profile.ledger"))
        if rows.height > LISTED:
            remark(words("explain.first", shown=LISTED))
    explained.draw_rows(told, words)


def _entry(told: Explanation, row: Mapping[str, Any], words: Words) -> list[Cell]:
    item = row["item"] and item_label(told.scores.scheme, row["item"], words.lang)
    taken = row["points_u"] is not None
    printed = change_text(row["points_u"], told.scores.scheme) if taken else ""
    if not taken:
        printed = words("profile.not_taken")
    said = "" if row["recorded_u"] is None else told.points(row["recorded_u"])
    id_ = words("explain.withheld") if row["row"] is None else mask_text(row["row"])
    lifted = words("profile.lifted", exemption=row["exempt"]) if row["exempt"] else ""
    return [
        Cell(str(row["day"])),
        Cell(id_, "\n".join(filter(None, [words(f"log.{row['log']}"), lifted]))),
        Cell(row["rule"] or "", item or ""),
        Cell(printed, said, mute=not taken),
    ]


def _draw_peers(seen: Portrait, group: Peers, words: Words) -> None:
    """The scores of the group as strokes, the unit among them; its neighbours as a table."""
    section(words("profile.peers"), words("profile.peers_note"))
    if group.row is None:
        known = words("profile.absent" if group.state == "absent" else f"state.{group.state}")
        remark(words("profile.unranked", state=known))
        return
    label = group_label(group.group, words.lang)
    count = formats.count(group.rows.height)
    remark(words("profile.group", group=label, count=count))
    rows = group.rows.with_columns(
        detail=pl.Series([_detail(one) for one in group.rows.to_dicts()], dtype=pl.String())
    )
    with st.container(key="card_peers"):
        chart = strip(rows, words("ranking.score"), look.palette())
        picture(chart, alt=words("profile.strip", unit=group.row["name"], group=label))
    at = int(rows["mine"].arg_max() or 0)
    near = rows.slice(max(0, at - NEAR), 2 * NEAR + 1)
    columns = [
        Column(words("profile.unit"), words("ranking.hall"), "hs-name"),
        Column(words("ranking.score"), look="hs-number"),
        Column(words("profile.rank_set"), look="hs-number"),
        Column(words("fairness.tier")),
    ]
    shown = [_peer(seen, row, words) for row in near.to_dicts()]
    with st.expander(words("profile.near", count=formats.count(near.height))):
        table(columns, shown, words("profile.peers"))


def _detail(row: Mapping[str, Any]) -> str:
    return f"{row['hall'] or ''} · {formats.score(row['score'])}"


def _peer(seen: Portrait, row: Mapping[str, Any], words: Words) -> list[Cell]:
    low, high, tier = row["rank_low"], row["rank_high"], row["tier"]
    ranks = "/" if low is None else f"{low}–{high}"
    link = "" if row["mine"] else seen.link(row["id"])
    strong = row["mine"]
    return [
        Cell(row["name"], row["hall"] or "", link=link, strong=strong),
        Cell(formats.score(row["score"]), strong=strong),
        Cell(ranks),
        Cell(words(f"fairness.{tier}") if tier else "/"),
    ]


def _buttons(
    seen: Portrait,
    told: Explanation,
    steps: Mapping[str, pl.DataFrame],
    rows: pl.DataFrame,
    group: Peers | None,
) -> None:
    words, scheme = seen.viewer.words, told.scores.scheme
    named = words("ranking.scheme", name=words.of(scheme.label), version=scheme.version)
    filters = export.filters(seen.viewer, seen.period, told.scores.as_of, scheme=named)
    filters |= {words("export.name"): f"{told.name} ({told.unit})"}
    export.buttons(
        f"profile-score-{told.unit}-{seen.period.text}",
        words,
        csv=lambda: score_csv(told, rows, filters, words),
        xlsx=lambda: score_workbook(told, steps, rows, group, filters, words),
    )
