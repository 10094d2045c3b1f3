"""公平性检验: how much order the groups hold, in one sentence, a picture and a table."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard import formats
from dashboard.charts.bars import share_bars
from dashboard.components import look
from dashboard.components.fair_asked import Asked, offer, picture
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.fairness import order_sheet
from dashboard.text import Words
from metrics.fairness.certainty import RANKABLE
from metrics.fairness.told_apart import Headline, headline, order


def draw(asked: Asked) -> None:
    """The headline, a bar per group against one half, the table behind it, its files."""
    words, rows = asked.words, order(asked.ranking)
    if rows.is_empty():
        remark(words("ranking.nobody"))
        return
    summed = headline(asked.ranking)
    told = {name: formats.count(n) for name, n in vars(summed).items()}
    section(words("fair.headline", **told))
    meaning = words("fair.order_meaning")
    remark(words("fair.silent", **told), *_unknown(summed, words), meaning)
    known = rows.drop_nulls("rankability")
    if not known.is_empty():
        chart = share_bars(
            _bars(asked, known), RANKABLE, words("fairness.rankability"), look.palette()
        )
        picture(chart, words("fair.order_chart", **asked.named))
    columns = [
        Column(words("fairness.group"), look="hs-name"),
        Column(words("fairness.size"), look="hs-number"),
        Column(words("fairness.rankability"), look="hs-number"),
        Column(words("fair.reading")),
        Column(words("fairness.pairs"), words("fairness.all_pairs"), "hs-number"),
    ]
    table(
        columns,
        [_row(asked, row) for row in rows.to_dicts()],
        words("fair.order_table", **asked.named),
    )
    offer(asked, "order", order_sheet(rows, asked.label, words), meaning)


def _unknown(told: Headline, words: Words) -> list[str]:
    return [words("fair.unknown", unknown=told.unknown)] if told.unknown else []


def _bars(asked: Asked, rows: pl.DataFrame) -> pl.DataFrame:
    """What the picture shows; hollow where a group holds less order than chance."""
    words = asked.words
    return rows.select(
        name=pl.Series([asked.label(one) for one in rows["frame"]], dtype=pl.String),
        share=pl.col("rankability"),
        label=pl.Series([formats.percent(one) for one in rows["rankability"]]),
        detail=pl.Series([_pairs(row, asked) for row in rows.to_dicts()]),
        weak=pl.col("reading") == "poor",
    ).with_columns(detail=pl.col("detail") + f" {words('fairness.pairs')}")


def _pairs(row: Mapping[str, Any], asked: Asked) -> str:
    if row["told_apart"] is None:
        return formats.MARKS["none"]
    told, pairs = formats.count(row["told_apart"]), formats.count(row["pairs"])
    return asked.words("format.ratio", n=told, d=pairs)


def _row(asked: Asked, row: Mapping[str, Any]) -> list[Cell]:
    share = row["rankability"]
    weak = row["reading"] in ("poor", "unknown")
    return [
        Cell(asked.label(row["frame"])),
        Cell(formats.count(row["k"])),
        Cell(formats.MARKS["none"] if share is None else formats.percent(share), mute=weak),
        Cell(asked.words(f"fair_reading.{row['reading']}"), mute=weak),
        Cell(_pairs(row, asked)),
    ]
