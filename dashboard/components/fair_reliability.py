"""公平性检验: how much of the counters' differences is no chance, and what base it takes."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard import formats
from dashboard.charts.bars import histogram
from dashboard.components import look
from dashboard.components.fair_asked import Asked, offer, picture
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.fairness import bins_sheet, needed_sheet
from metrics.fairness.told_apart import HALF, middle, needed, spread


def draw(asked: Asked) -> None:
    """The distribution as columns and as a table, then the needed bases by group."""
    words, ranking = asked.words, asked.ranking
    count, median, half, high = middle(ranking)
    if median is None:
        remark(words("fair.no_reliability"))
        return
    given = {"count": count, "half": half, "high": high}
    texts = {name: formats.count(n) for name, n in given.items()}
    section(words("fair.reliability_headline", median=formats.percent(median), **texts))
    meaning = words("fair.reliability_meaning")
    remark(meaning)
    bins = spread(ranking)
    titles = (words("fairness.reliability_head"), words("fair.counters"))
    chart = histogram(_bars(asked, bins), titles, look.palette())
    picture(chart, words("fair.reliability_chart", **asked.named), wide=False)
    _draw_bins(asked, bins)
    offer(asked, "reliability", bins_sheet(bins, words), meaning)
    section(words("fair.needed"), words("fair.needed_note"))
    rows = needed(ranking)
    _draw_needed(asked, rows)
    offer(asked, "needed", needed_sheet(rows, asked.label, words), words("fair.needed_note"))


def _bars(asked: Asked, bins: pl.DataFrame) -> pl.DataFrame:
    counts = bins["units_n"].to_list()
    return pl.DataFrame(
        {
            "name": [_bin(row) for row in bins.to_dicts()],
            "count": counts,
            "label": [formats.count(one) for one in counts],
            "detail": [asked.words("fair.of_counters", k=formats.count(k)) for k in counts],
            "weak": (bins["high"] <= HALF).to_list(),
        }
    )


def _bin(row: Mapping[str, Any]) -> str:
    return f"{row['low']:.1f}–{row['high']:.1f}"


def _draw_bins(asked: Asked, bins: pl.DataFrame) -> None:
    words, rows = asked.words, bins.to_dicts()
    columns = [
        Column(words("fairness.reliability_head")),
        *(Column(_bin(row), look="hs-number") for row in rows),
    ]
    cells = [Cell(formats.count(row["units_n"]), mute=not row["units_n"]) for row in rows]
    caption = words("fair.reliability_table", **asked.named)
    table(columns, [[Cell(words("fair.counters")), *cells]], caption)


def _draw_needed(asked: Asked, rows: pl.DataFrame) -> None:
    words = asked.words
    columns = [
        Column(words("fairness.group"), look="hs-name"),
        Column(words("fair.known"), look="hs-number"),
        Column(words("fair.median"), look="hs-number"),
        Column(words("fair.half_n"), look="hs-number"),
        Column(words("fair.high_n"), look="hs-number"),
        Column(words("fair.base"), look="hs-number"),
        Column(words("fair.half_base"), words("fair.times_note"), "hs-number"),
        Column(words("fair.high_base"), words("fair.times_note"), "hs-number"),
    ]
    listed = [
        [
            Cell(asked.label(row["frame"])),
            Cell(formats.count(row["known"])),
            Cell(formats.percent(row["reliability"])),
            Cell(formats.count(row["half_n"])),
            Cell(formats.count(row["high_n"])),
            Cell(formats.count(row["base"])),
            *(
                Cell(formats.count(row[f"{name}_base"]), _times(asked, row[f"{name}_times"]))
                for name in ("half", "high")
            ),
        ]
        for row in rows.to_dicts()
    ]
    table(columns, listed, words("fair.needed"))


def _times(asked: Asked, times: float) -> str:
    return asked.words("fair.times", times=f"{times:.1f}")
