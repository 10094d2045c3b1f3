"""The board of the rating loop: counts by state and age, and the open ones, the late first."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import polars as pl

from dashboard import formats
from dashboard.components.heading import remark
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from data.masking import mask_text
from metrics.loop_board import AGES, OPEN, LoopBoard

SHOWN = 20
LATE = ("late", "overdue")
Row = Mapping[str, Any]


def draw(found: LoopBoard, caption: str, words: Words) -> None:
    """States × ages; without redress reported there is no number, which is said."""
    columns = [
        Column(words("loop_board.lane"), look="hs-name"),
        Column(words("loop_board.n"), look="hs-number"),
        Column(words("loop_board.late"), words("loop_board.late_note"), "hs-number"),
        Column(words("loop_board.overdue"), words("loop_board.overdue_note"), "hs-number"),
        *(Column(words(f"loop_board.{age}"), look="hs-number") for age in AGES),
    ]
    table(columns, [_lane(row, found, words) for row in found.lanes.to_dicts()], caption, whole=1)


def _lane(row: Row, found: LoopBoard, words: Words) -> list[Cell]:
    name = Cell(words(f"lane.{row['lane']}"), words(f"lane_note.{row['lane']}"))
    if not found.known:
        blank = Cell(formats.MARKS["missing"], words("state.missing"), mute=True)
        return [name, blank, *[Cell("") for _ in (*LATE, *AGES)]]
    cells = [name, Cell(formats.count(row["n"]), strong=True)]
    return [*cells, *(_count(row[key], key) for key in (*LATE, *AGES))]


def _count(n: int | None, key: str) -> Cell:
    if n is None:
        return Cell("")
    return Cell(formats.count(n), mute=n == 0, strong=n > 0 and key in LATE)


def draw_rows(found: LoopBoard, caption: str, words: Words) -> None:
    """The open ones; each leads to the score of its counter."""
    rows = found.rows.filter(pl.col("lane").is_in(OPEN))
    if rows.is_empty():
        remark(words("daily.no_rows"))
        return
    columns = [
        Column(words("ranking.unit"), words("ranking.hall"), "hs-name"),
        Column(words("loop_board.left"), look="hs-number"),
        Column(words("loop_board.next"), words("loop_board.next_due"), "hs-number"),
        Column(words("loop_board.due"), words("loop_board.due_note"), "hs-number"),
        Column(words("loop_board.lane")),
        Column(words("daily.opened_on"), words("loop_board.age"), "hs-number"),
        Column(words("daily.row"), look="hs-name"),
    ]
    listed = rows.head(SHOWN).to_dicts()
    table(columns, [_row(row, found, words) for row in listed], caption)
    if rows.height > SHOWN:
        remark(words("duties.more", shown=SHOWN, count=formats.count(rows.height)))


def _row(row: Row, found: LoopBoard, words: Words) -> list[Cell]:
    asked = {"period": found.period.text, "unit": row["counter_id"], "lang": words.lang}
    guess = "" if row["calendar_known"] else words("loop_board.guess")
    stage, due = row["next_stage"], row["next_due_on"]
    return [
        Cell(row["counter"], row["hall"], link=f"explanation?{urlencode(asked)}"),
        Cell(left(row["workdays_left"], row["late"], words), strong=row["late"]),
        Cell(words(f"stage.{stage}") if stage else formats.MARKS["none"], f"{due or ''}{guess}"),
        Cell(
            str(row["due_on"] or formats.MARKS["none"]),
            words("loop_board.is_overdue") if row["overdue"] else "",
            strong=row["overdue"],
        ),
        Cell(words(f"lane.{row['lane']}")),
        Cell(str(row["opened_on"]), words("loop_board.days", days=row["age"])),
        Cell(mask_text(row["rating_id"])),
    ]


def left(days: int | None, late: bool, words: Words) -> str:
    """Working days to a due day in words; a due day that only days of rest follow is over too."""
    if days is None:
        return formats.MARKS["none"]
    if late:
        return words("loop_board.over", days=-days) if days else words("loop_board.just_over")
    return words("loop_board.days", days=days) if days else words("loop_board.today")
