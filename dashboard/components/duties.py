"""Who has sent what, and who owes it (报送情况), and reported sums that a log has overruled."""

import polars as pl

from dashboard import formats
from dashboard.components.heading import remark
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words

SHOWN = 50
ORDER = ("missing", "late", "not due", "nil", "received")


def worst_first(frame: pl.DataFrame) -> pl.DataFrame:
    """The receipt list with what is missing or late before what came."""
    order = pl.col("state").replace_strict(ORDER, range(len(ORDER)), return_dtype=pl.Int32)
    return frame.sort(order, "source", "first_day", "hall_id", maintain_order=True)


def draw_receipts(frame: pl.DataFrame, words: Words) -> None:
    """Counts by state in a sentence, then the list, a part of it where it is long."""
    if frame.is_empty():
        remark(words("duties.none"))
        return
    counts = dict(frame.group_by("state").len().iter_rows())
    said = [
        words("duties.count", state=words(_state(state)), count=formats.count(counts[state]))
        for state in ORDER
        if state in counts
    ]
    remark(words("format.list").join(said))
    columns = [
        Column(words("quality.source"), words("quality.log"), "hs-name"),
        Column(words("duties.hall"), words("duties.owner"), "hs-name"),
        Column(words("duties.span"), look="hs-name"),
        Column(words("duties.due_on"), look="hs-name"),
        Column(words("duties.received_on"), words("quality.batch"), "hs-name"),
        Column(words("duties.state"), look="hs-name"),
    ]
    rows = [
        [
            Cell(row["title"], words(f"log.{row['log']}")),
            Cell(row["hall"] or row["hall_id"], row["owner"]),
            Cell(f"{row['first_day']} – {row['last_day']}"),
            Cell(str(row["due_on"])),
            Cell(_day(row["received_on"]), "" if row["batch"] is None else str(row["batch"])),
            Cell(words(_state(row["state"])), strong=row["state"] in ("missing", "late")),
        ]
        for row in frame.head(SHOWN).iter_rows(named=True)
    ]
    table(columns, rows, words("duties.title"))
    if frame.height > SHOWN:
        remark(words("duties.more", shown=SHOWN, count=formats.count(frame.height)))


def draw_overruled(frame: pl.DataFrame, words: Words) -> None:
    """Reported sums that do not count because a log of the same unit and span came."""
    if frame.is_empty():
        remark(words("duties.none_overruled"))
        return
    columns = [
        Column(words("duties.hall"), look="hs-name"),
        Column(words("duties.span"), look="hs-name"),
        Column(words("duties.measure"), words("quality.source"), "hs-name"),
        Column(words("duties.sum"), look="hs-number"),
        Column(words("duties.beside"), look="hs-name"),
    ]
    rows = [
        [
            Cell(row["unit_id"]),
            Cell(f"{row['since']} – {row['day']}"),
            Cell(row["measure"], row["source"] or ""),
            Cell(formats.count(row["n"])),
            Cell(words(f"log.{row['log']}")),
        ]
        for row in frame.head(SHOWN).iter_rows(named=True)
    ]
    table(columns, rows, words("duties.overruled"))


def _state(state: str) -> str:
    return f"duties.{state.replace(' ', '_')}"


def _day(day: object) -> str:
    return formats.MARKS["missing"] if day is None else str(day)
