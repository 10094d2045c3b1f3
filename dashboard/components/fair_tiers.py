"""公平性检验: who lies above or below the group by more than chance."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import polars as pl

from dashboard import formats
from dashboard.charts.bars import tier_bars
from dashboard.components import look, sure
from dashboard.components.fair_asked import Asked, offer, picture
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.fairness import beyond_sheet, tiers_sheet
from dashboard.state import page_of, paginate
from metrics.fairness.told_apart import beyond, headline, order
from metrics.points import UNIT

ROWS = 50
TIERS = ("above", "expected", "below")


def draw(asked: Asked) -> None:
    """Counts by group as bars to both sides, the same as a table, then the counters by name."""
    words, rows = asked.words, order(asked.ranking)
    if rows.is_empty():
        remark(words("ranking.nobody"))
        return
    told = headline(asked.ranking)
    given = {name: formats.count(getattr(told, name)) for name in ("above", "below")}
    section(words("fair.tiers_headline", **given))
    meaning = words("fair.tiers_meaning", least=_least(asked))
    remark(meaning)
    called = rows.filter(pl.col("above") + pl.col("below") > 0).sort("frame")
    if not called.is_empty():
        sides = (words("fairness.below"), words("fairness.above"))
        chart = tier_bars(_bars(asked, called), sides, look.palette())
        picture(chart, words("fair.tiers_chart", **asked.named))
    draw_groups(asked, rows.sort("frame"))
    offer(asked, "tiers", tiers_sheet(rows.sort("frame"), asked.label, words), meaning)
    draw_beyond(asked, beyond(asked.ranking), meaning)


def _least(asked: Asked) -> str:
    return formats.plain(asked.ranking.scheme.least_difference / UNIT)


def _bars(asked: Asked, rows: pl.DataFrame) -> pl.DataFrame:
    labels = [asked.label(one) for one in rows["frame"]]
    sizes = [asked.words("fair.of_counters", k=formats.count(k)) for k in rows["k"]]
    return rows.select("below", "above", name=pl.Series(labels), detail=pl.Series(sizes))


def draw_groups(asked: Asked, rows: pl.DataFrame) -> None:
    """Above, as expected and below, by group."""
    words = asked.words
    columns = [
        Column(words("fairness.group"), look="hs-name"),
        Column(words("fairness.size"), look="hs-number"),
        *(Column(words(f"fairness.{name}"), look="hs-number") for name in TIERS),
    ]
    listed = [
        [
            Cell(asked.label(row["frame"])),
            Cell(formats.count(row["k"])),
            *(
                Cell(
                    formats.MARKS["none"] if row[name] is None else formats.count(row[name]),
                    mute=not row[name],
                )
                for name in TIERS
            ),
        ]
        for row in rows.to_dicts()
    ]
    table(columns, listed, words("fair.tiers_table", **asked.named))


def draw_beyond(asked: Asked, rows: pl.DataFrame, meaning: str) -> None:
    """The counters above or below, with their rank set and the way to their explanation."""
    words = asked.words
    section(words("fair.beyond"), words("fair.beyond_note"))
    if rows.is_empty():
        remark(words("fair.nobody_beyond"))
        return
    columns = [
        Column(words("fairness.group")),
        Column(words("fairness.tier")),
        Column(words("ranking.unit"), words("ranking.hall"), "hs-name"),
        Column(words("ranking.score"), look="hs-number"),
        Column(words("fairness.reliability_head"), look="hs-number"),
    ]
    pages = list(rows.iter_slices(ROWS))
    here = pages[page_of(len(pages)) - 1].to_dicts()
    table(columns, [_row(asked, row) for row in here], words("fair.beyond"))
    paginate(len(pages))
    offer(asked, "beyond", beyond_sheet(rows, asked.label, words), meaning)


def _row(asked: Asked, row: Mapping[str, Any]) -> list[Cell]:
    words = asked.words
    chosen = {"period": asked.period.text, "scheme": asked.scheme, "unit": row["id"]}
    link = f"explanation?{urlencode(chosen | {'lang': words.lang})}"
    share = row["reliability"]
    return [
        Cell(asked.label(row["frame"])),
        Cell(words(f"fairness.{row['tier']}"), strong=True),
        Cell(row["name"], row["hall"] or "", link=link),
        Cell(formats.score(row["score"]), sure.rank_set(row, words)),
        Cell(formats.MARKS["none"] if share is None else formats.percent(share)),
    ]
