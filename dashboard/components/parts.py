"""The parts of the whole (counties or halls): as rows of a table and as dots of a chart."""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from dashboard.components import figures
from dashboard.components.tables import Cell, Column
from dashboard.reported import mark
from dashboard.text import Words
from metrics.catalogue import Metric

Frames = Mapping[str, pl.DataFrame]


def part_table(
    metrics: Sequence[Metric],
    parts: Frames,
    whole: Frames,
    heading: str,
    words: Words,
    link: Callable[[str], str] | None = None,
) -> tuple[list[Column], list[list[Cell]]]:
    """Columns and rows: the whole first, then each part, one column per metric.

    `link` says where the name of a part leads, by its id.
    """
    columns = [Column(heading.capitalize(), look="hs-name")]
    columns += [
        Column(words.of(metric.label), figures.unit(metric, words), "hs-number")
        for metric in metrics
    ]
    rows = []
    for frames in (whole, parts):
        for id_, name in frames[metrics[0].id].select("id", "name").iter_rows():
            cells = [_cell(metric, frames[metric.id], id_, words) for metric in metrics]
            leads = link(id_) if link is not None and frames is parts else ""
            rows.append([Cell(name, link=leads), *cells])
    return columns, rows


def _cell(metric: Metric, frame: pl.DataFrame, id_: str, words: Words) -> Cell:
    row = frame.row(by_predicate=pl.col("id") == id_, named=True)
    return figures.cell(metric, row, words)


def dot_frame(
    metric: Metric, frame: pl.DataFrame, words: Words, sure: pl.DataFrame | None = None
) -> pl.DataFrame:
    """name, value, label, detail of the parts with a number, best or largest first.

    `sure`: id, lower, upper of their intervals; then low and high stand beside.
    """
    known = frame.filter(pl.col("value").is_not_null())
    ends = []
    if sure is not None:
        there = sure.select("id", low="lower", high="upper")
        known, ends = known.join(there, on="id", how="left", maintain_order="left"), ["low", "high"]
    known = known.sort("value", descending=metric.good != "low", maintain_order=True)
    rows = list(known.iter_rows(named=True))
    printed = [figures.printed(metric, row["value"]) for row in rows]
    details = [
        " ".join(filter(None, [figures.base(row, words) or text, mark(row, words)]))
        for row, text in zip(rows, printed, strict=True)
    ]
    return known.select("name", "value", *ends).with_columns(
        label=pl.Series(printed, dtype=pl.String), detail=pl.Series(details, dtype=pl.String)
    )
