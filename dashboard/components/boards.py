"""Tables of the day and the week: counts with what they are out of, coverage, stocks, rows."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard import formats
from dashboard.components import figures
from dashboard.components.heading import remark
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from data.masking import mask_text
from metrics.catalogue import metric
from metrics.movers import SCORE
from metrics.points import UNIT
from metrics.weekly import FLOWS

SHOWN, MOST_DOTS = 20, 30
# A heading and the column of the rows that stands under it.
SOURCE = {"grade": "code", "rule": "code", "points": "points_u"}
Row = Mapping[str, Any]


def draw_counts(counts: pl.DataFrame, caption: str, words: Words) -> None:
    """One line per count: the number, and what it is out of."""
    columns = [
        Column(words("daily.item")),
        Column(words("daily.n"), look="hs-number"),
        Column(words("daily.d"), look="hs-number"),
    ]
    rows = [
        [
            Cell(
                words(f"daily_count.{row['kind']}"),
                words("daily.of_what", base=words(f"daily_of.{row['kind']}")),
            ),
            number(row["n"], row["state"], words, strong=True),
            number(row["d"], row["state"], words),
        ]
        for row in counts.iter_rows(named=True)
    ]
    table(columns, rows, caption)


def number(n: int | None, state: str, words: Words, strong: bool = False) -> Cell:
    """A count, or the mark of its state."""
    if n is None or (state == "none" and not n):
        mark = formats.MARKS.get(state, formats.MARKS["missing"])
        return Cell(mark, words("daily.none" if state == "none" else f"state.{state}"), mute=True)
    return Cell(formats.count(n), strong=strong)


def draw_rounds(
    parts: pl.DataFrame, whole: pl.DataFrame, part: str, caption: str, words: Words
) -> None:
    """Rounds, counters covered out of those due, and findings; the whole first."""
    columns = [
        Column(part.capitalize(), look="hs-name"),
        Column(words("daily.rounds"), look="hs-number"),
        Column(words("daily.coverage"), words("daily.coverage_note"), "hs-number"),
        Column(words("daily.findings"), look="hs-number"),
    ]
    rows = [_rounds_row(row, words) for row in pl.concat([whole, parts]).iter_rows(named=True)]
    table(columns, rows, caption, whole=1)


def _rounds_row(row: Row, words: Words) -> list[Cell]:
    share = number(None, row["state"], words)
    if row["due"]:
        base = words("format.ratio", n=formats.count(row["covered"]), d=formats.count(row["due"]))
        share = Cell(formats.rate(row["covered"] / row["due"]), base)
    told = [number(row[name], row["state"], words) for name in ("rounds", "findings")]
    return [Cell(row["name"]), told[0], share, told[1]]


def coverage_dots(parts: pl.DataFrame, words: Words) -> pl.DataFrame:
    """name, value, label, detail of the parts whose counters were due."""
    due = parts.filter(pl.col("due") > 0).with_columns(value=pl.col("covered") / pl.col("due"))
    rows = due.sort("value", descending=True, maintain_order=True)
    return _dots(
        rows,
        [formats.rate(value) for value in rows["value"]],
        [
            words("format.ratio", n=formats.count(n), d=formats.count(d))
            for n, d in rows.select("covered", "due").iter_rows()
        ],
    )


def stock_dots(parts: pl.DataFrame, kind: str, words: Words) -> pl.DataFrame:
    """name, value, label, detail of what is open at the end, the most first."""
    known = parts.filter(pl.col("kind") == kind).drop_nulls("end")
    rows = known.sort("end", descending=True, maintain_order=True).with_columns(value="end")
    said = [words("weekly.detail", **row) for row in rows.select(FLOWS).to_dicts()]
    return _dots(rows, [formats.count(value) for value in rows["value"]], said)


def _dots(rows: pl.DataFrame, labels: list[str], details: list[str]) -> pl.DataFrame:
    return rows.select("name", pl.col("value").cast(pl.Float64)).with_columns(
        label=pl.Series(labels, dtype=pl.String), detail=pl.Series(details, dtype=pl.String)
    )


def draw_stocks(rows: pl.DataFrame, heading: str, caption: str, words: Words, whole: int) -> None:
    """start + opened − closed = end, a line per kind or unit (`heading` says which)."""
    columns = [
        Column(heading.capitalize()),
        *(Column(words(f"weekly.{name}"), look="hs-number") for name in FLOWS),
    ]
    lines = [
        [
            Cell(row["label"]),
            *(number(row[name], row["state"], words, name == "end") for name in FLOWS),
        ]
        for row in rows.iter_rows(named=True)
    ]
    table(columns, lines, caption, whole=whole)


def draw_movers(rows: pl.DataFrame, caption: str, words: Words) -> None:
    """Who moved most, item by item: now and before, each with its base, and the change."""
    if rows.is_empty():
        remark(words("weekly.no_movers"))
        return
    columns = [
        Column(words("weekly.item"), look="hs-name"),
        Column(words("ranking.unit"), words("ranking.hall"), "hs-name"),
        Column(words("weekly.before"), look="hs-number"),
        Column(words("weekly.now"), look="hs-number"),
        Column(words("weekly.change"), look="hs-number"),
    ]
    table(columns, [_mover(row, words) for row in rows.iter_rows(named=True)], caption)


def _mover(row: Row, words: Words) -> list[Cell]:
    one = None if row["item"] == SCORE else metric(row["item"])

    def told(value: float, n: int, d: int | None) -> Cell:
        if one is None:
            return Cell(formats.score(value))
        base = "" if d is None else words("format.ratio", n=formats.count(n), d=formats.count(d))
        return Cell(figures.printed(one, value), base)

    better = {True: "weekly.better", False: "weekly.worse"}.get(row["better"])
    return [
        Cell(words("ranking.score") if one is None else words.of(one.label)),
        Cell(row["name"], row["hall"]),
        told(row["before"], row["before_n"], row["before_d"]),
        told(row["value"], row["n"], row["d"]),
        Cell(change_of(row, words), words(better) if better else "", strong=True),
    ]


def change_of(row: Row, words: Words) -> str:
    """A change as printed: points of a rate, a share of a count per working day, or points."""
    if row["change_kind"] == "share":
        return f"{formats.signed(row['change'] * 100, 1)}%"
    if row["item"] != SCORE and metric(row["item"]).unit == "share":
        return words("overview.pp", change=formats.signed(row["change"] * 100, 2))
    return formats.signed(row["change"], 2)


def draw_rows(rows: pl.DataFrame, names: list[str], caption: str, words: Words) -> None:
    """Raw rows with what identifies them masked, a part of them where they are many."""
    if rows.is_empty():
        remark(words("daily.no_rows"))
        return
    columns = [
        Column(words("daily.row"), look="hs-name"),
        Column(words("ranking.unit"), words("ranking.hall"), "hs-name"),
        *(Column(words(f"daily.{name}"), look="hs-number") for name in names),
    ]
    lines = [
        [
            Cell(mask_text(row["row"])),
            Cell(row["name"], row["hall"] or ""),
            *(Cell(printed(name, row[SOURCE.get(name, name)], words)) for name in names),
        ]
        for row in rows.head(SHOWN).iter_rows(named=True)
    ]
    table(columns, lines, caption)
    if rows.height > SHOWN:
        remark(words("duties.more", shown=SHOWN, count=formats.count(rows.height)))


def clock(left: int, words: Words) -> str:
    """Working days to a due day, in words: over, today, or so many left."""
    if left == 0:
        return words("daily.due_today")
    return words("daily.over" if left < 0 else "daily.days_left", count=abs(left))


def printed(name: str, content: Any, words: Words) -> str:
    """A cell of a raw row: yes or no, points, a kind, a day, or what is there."""
    if content is None:
        return formats.MARKS["none"]
    if isinstance(content, bool):
        return words("export.yes" if content else "export.no")
    if name == "points":
        return formats.score(content / UNIT)
    if name == "left":
        return clock(content, words)
    return words(f"backlog.{content}") if name == "kind" else str(content)
