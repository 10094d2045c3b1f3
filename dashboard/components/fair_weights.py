"""公平性检验: what a ranking owes to its weights, by group; what flips the first pairs of one."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard import formats, state
from dashboard.charts.intervals import intervals
from dashboard.components import fair_frames, look
from dashboard.components.fair_asked import Asked, offer, picture
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.fairness import changes_text, flips_sheet, steady_sheet, weights_sheet
from metrics.fairness.sensitivity import SPREAD, WEIGHTINGS
from metrics.fairness.steadiness import first_tenth, steady

SHOWN = 20


def draw(asked: Asked) -> None:
    """All groups in a sentence and a table; then one group: ranks, who stays, the first flips."""
    words, rows = asked.words, fair_frames.weights(asked)
    if rows.is_empty():
        remark(words("ranking.nobody"))
        return
    groups, first = steady(rows), first_tenth(rows)
    kept = {"first": first.height, "always": int(groups["always"].sum())}
    given = {"spread": formats.percent(SPREAD), "count": formats.count(WEIGHTINGS)}
    told = {name: formats.count(n) for name, n in kept.items()}
    section(words("fair.weights_headline", **told, **given))
    meaning = words("fair.weights_meaning", **given)
    remark(meaning)
    _draw_steady(asked, groups)
    offer(asked, "steady", steady_sheet(groups, asked.label, words), meaning)
    codes = groups["frame"].to_list()
    group = codes[0]
    if len(codes) > 1:
        group = state.select("group", words("frame.group"), codes, group, asked.label, width=300)
    mine = rows.filter(pl.col("frame") == group)
    _draw_group(asked, group, mine)
    offer(asked, "weights", weights_sheet(mine, asked.label, words), meaning)
    _draw_flips(asked, fair_frames.flips(asked, group))


def _draw_steady(asked: Asked, groups: pl.DataFrame) -> None:
    words = asked.words
    columns = [
        Column(words("fairness.group"), look="hs-name"),
        *(
            Column(words(key), look="hs-number")
            for key in ("fairness.size", "fair.first_n", "fair.always", "fair.stays")
        ),
        Column(words("fair.least"), look="hs-number"),
        Column(words("fair.moves"), look="hs-number"),
    ]
    listed = [
        [
            Cell(asked.label(row["frame"])),
            *(Cell(formats.count(row[name])) for name in ("k", "first_n", "always")),
            *(Cell(_share(row[name])) for name in ("stays", "least", "moved")),
        ]
        for row in groups.to_dicts()
    ]
    table(columns, listed, words("fair.steady"))


def _share(share: float | None) -> str:
    return formats.MARKS["none"] if share is None else formats.percent(share)


def _draw_group(asked: Asked, group: str, rows: pl.DataFrame) -> None:
    """The ranks that 95 % of the weightings give, of the first units of a group."""
    words, shown = asked.words, rows.head(SHOWN)
    given = {"group": asked.label(group), "count": formats.count(shown.height)}
    section(words("fair.ranks", **given), words("fair.ranks_note"))
    listed = shown.to_dicts()
    marks = shown.select(
        name=pl.Series(_unique(listed)),
        low="rank_low_w",
        value="rank",
        high="rank_high_w",
        label=pl.Series([_stays(row, asked) for row in listed]),
        detail=pl.Series([_ranks(row, asked) for row in listed]),
    )
    chart = intervals(marks, words("ranking.rank"), "d", look.palette(), first_left=True)
    picture(chart, words("fair.ranks_chart", **given, period=asked.named["period"]))
    columns = [
        Column(words("ranking.rank"), look="hs-number"),
        Column(words("ranking.unit"), look="hs-name"),
        Column(words("fair.ranks_head"), look="hs-number"),
        *(
            Column(words(key), look="hs-number")
            for key in ("fair.stays_top", "fair.stays_bottom", "fair.moves")
        ),
    ]
    cells = [
        [
            Cell(formats.count(row["rank"])),
            Cell(row["name"], row["id"]),
            Cell(_ranks(row, asked)),
            *(Cell(formats.percent(row[k])) for k in ("stays_top", "stays_bottom", "moves5")),
        ]
        for row in listed
    ]
    table(columns, cells, words("fair.ranks", **given))


def _unique(rows: list[dict[str, Any]]) -> list[str]:
    """Names by which the picture places its rows; counters of several halls share names."""
    seen = [row["name"] for row in rows]
    return [
        name if seen.count(name) == 1 else f"{name} {row['id']}"
        for name, row in zip(seen, rows, strict=True)
    ]


def _stays(row: Mapping[str, Any], asked: Asked) -> str:
    share = formats.percent(row["stays_top"])
    return asked.words("fair.stays_label", share=share) if row["stays_top"] else ""


def _ranks(row: Mapping[str, Any], asked: Asked) -> str:
    low, high = row["rank_low_w"], row["rank_high_w"]
    return str(low) if low == high else f"{low}–{high}"


def _draw_flips(asked: Asked, rows: pl.DataFrame) -> None:
    """The smallest change of the weights that brings each of the first pairs level."""
    words = asked.words
    section(words("fair.flips"), words("fair.flips_note"))
    if rows.is_empty():
        remark(words("fairness.alone"))
        return
    columns = [
        Column(words("ranking.rank"), look="hs-number"),
        Column(words("fair.ahead"), words("ranking.score"), "hs-name"),
        Column(words("fair.behind"), words("ranking.score"), "hs-name"),
        Column(words("fair.moved"), words("fair.moved_note"), "hs-number"),
        Column(words("fair.changes")),
    ]
    listed = [
        [
            Cell(formats.count(row["rank"])),
            Cell(row["name_ahead"], _score(row["score_ahead"])),
            Cell(row["name_behind"], _score(row["score_behind"])),
            Cell(formats.MARKS["none"] if row["moved"] is None else formats.score(row["moved"])),
            Cell(_changes(row, asked)),
        ]
        for row in rows.to_dicts()
    ]
    table(columns, listed, words("fair.flips"))
    sheet = flips_sheet(rows, asked.chosen, words)
    offer(asked, "flips", sheet, words("fair.flips_note"))


def _score(score: float | None) -> str:
    return "" if score is None else formats.score(score)


def _changes(row: Mapping[str, Any], asked: Asked) -> str:
    if row["moved"] is None:
        return asked.words("fair.no_flip")
    return changes_text(row, asked.chosen, asked.words) or asked.words("fair.level")
