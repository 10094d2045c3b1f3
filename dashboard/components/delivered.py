"""What came in: by source, by unit up the tree, and batch by batch, as table rows."""

from collections.abc import Mapping, Sequence

import polars as pl

from dashboard import formats
from dashboard.components.tables import Cell, Column, table
from dashboard.state import page_of, paginate
from dashboard.text import Words
from data.batches import Batch

UNITS, BATCHES = 50, 20
PARTS = ("read", "accepted", "known", "repeated", "no_rating", "quarantined")


def draw_sources(frame: pl.DataFrame, caption: str, words: Words) -> None:
    """One row per log and source: days, batches, and the parts of what was read."""
    columns = [
        Column(words("quality.log"), words("quality.source"), "hs-name"),
        Column(words("quality.batches"), look="hs-number"),
        Column(words("quality.last_day"), words("quality.behind"), "hs-number"),
        *(Column(words(f"quality.{name}"), look="hs-number") for name in PARTS),
    ]
    rows = [_source_row(row, words) for row in frame.iter_rows(named=True)]
    table(columns, rows, caption)


def _source_row(row: Mapping[str, object], words: Words) -> list[Cell]:
    last = row["last_day"]
    when = Cell(formats.MARKS["none"], mute=True)
    if last is not None:
        behind = words("quality.days_behind", days=row["behind"])
        when = Cell(str(last), behind)
    return [
        Cell(words(f"log.{row['log']}"), str(row["source"])),
        Cell(formats.count(row["batches"])),  # type: ignore[arg-type]
        when,
        *(Cell(formats.count(row[name])) for name in PARTS),  # type: ignore[arg-type]
    ]


def draw_completeness(
    frames: Mapping[str, pl.DataFrame], whole: Mapping[str, pl.DataFrame], part: str, words: Words
) -> None:
    """One row per unit, the whole first, one column per log: share with n / d under it."""
    columns = [Column(part.capitalize(), look="hs-name")]
    columns += [Column(words(f"log.{log}"), look="hs-number") for log in frames]
    height = next(iter(frames.values())).height
    pages = max(1, -(-height // UNITS))
    start = (page_of(pages) - 1) * UNITS
    shown = {log: frame.slice(start, UNITS) for log, frame in frames.items()}
    rows = [*_shares(whole, words), *_shares(shown, words)]
    table(columns, rows, words("quality.complete"), whole=1)
    paginate(pages)


def _shares(frames: Mapping[str, pl.DataFrame], words: Words) -> list[list[Cell]]:
    names = next(iter(frames.values()))["name"]
    return [
        [Cell(name), *(_share(frame.row(place, named=True), words) for frame in frames.values())]
        for place, name in enumerate(names)
    ]


def _share(row: Mapping[str, float | None], words: Words) -> Cell:
    if row["value"] is None:
        return Cell(formats.MARKS["none"], mute=True)
    base = words("format.ratio", n=formats.count(row["n"] or 0), d=formats.count(row["d"] or 0))
    return Cell(formats.percent(row["value"]), base, mute=row["n"] == 0)


def draw_batches(batches: Sequence[Batch], words: Words) -> None:
    """The newest batches; one that left says why. All of them are in the file."""
    newest = sorted(batches, key=lambda one: -one.no)[:BATCHES]
    columns = [
        Column(words("quality.batch"), look="hs-number"),
        Column(words("quality.file"), words("quality.source"), "hs-name"),
        Column(words("quality.log"), look="hs-name"),
        Column(words("quality.days"), look="hs-name"),
        *(Column(words(f"quality.{name}"), look="hs-number") for name in PARTS),
    ]
    table(columns, [_batch_row(batch, words) for batch in newest], words("quality.batch_table"))


def _batch_row(batch: Batch, words: Words) -> list[Cell]:
    counts = batch.counts | {"quarantined": sum(batch.quarantined.values())}
    days = " – ".join(str(day) for day in (batch.first_day, batch.last_day) if day is not None)
    gone = batch.withdrawn
    said = words("quality.withdrawn", reason=gone) if gone is not None else ""
    return [
        Cell(str(batch.no), mute=gone is not None),
        Cell(batch.file, said or batch.source or batch.profile, mute=gone is not None),
        Cell(words(f"log.{batch.log}")),
        Cell(days or formats.MARKS["none"]),
        *(Cell(formats.count(counts[name]), mute=gone is not None) for name in PARTS),
    ]
