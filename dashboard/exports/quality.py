"""Data quality as files: deliveries, completeness and what waits."""

from collections.abc import Mapping, Sequence

import polars as pl

from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from data.batches import Batch
from data.reasons import reason_label

Frames = Mapping[str, pl.DataFrame]


def source_frame(frame: pl.DataFrame, words: Words) -> pl.DataFrame:
    """The deliveries under printed headings."""
    logs = {log: words(f"log.{log}") for log in frame["log"].unique()}
    named = frame.with_columns(
        pl.col("log").replace(logs), pl.col("first_day", "last_day").cast(str)
    )
    return named.rename({name: words(f"quality.{name}") for name in frame.columns})


def complete_frame(parts: Frames, whole: Frames, words: Words) -> pl.DataFrame:
    """One row per unit, the whole first; share, n and d of each log."""
    joined: pl.DataFrame | None = None
    for log in parts:
        label = words(f"log.{log}")
        names = {"value": label} | {key: words(f"export.{key}", item=label) for key in ("n", "d")}
        frame = pl.concat([whole[log], parts[log]]).rename(names)
        told = frame.drop("name")
        joined = frame if joined is None else joined.join(told, on="id", maintain_order="left")
    assert joined is not None
    return joined.rename({"id": words("export.id"), "name": words("export.name")})


def duty_frame(frame: pl.DataFrame, words: Words) -> pl.DataFrame:
    """The receipt list under printed headings."""
    states = {one: words(f"duties.{one.replace(' ', '_')}") for one in frame["state"].unique()}
    named = frame.with_columns(
        pl.col("state").replace(states), pl.col(pl.Date).cast(pl.String), pl.col("batch")
    )
    heads = {"title": "quality.source", "hall": "duties.hall", "owner": "duties.owner"}
    heads |= {name: f"duties.{name}" for name in ("first_day", "last_day", "due_on")}
    heads |= {"received_on": "duties.received_on", "batch": "quality.batch"}
    heads |= {"state": "duties.state"}
    return named.select(pl.col(name).alias(words(key)) for name, key in heads.items())


def batch_frame(batches: Sequence[Batch], words: Words) -> pl.DataFrame:
    """Every batch with its report, oldest first."""
    counted = ("read", "accepted", "known", "repeated", "no_rating", "quarantined")
    named = ("batch", "log", "source", "profile", "file")
    names = (*named, *counted, "first_day", "last_day", "left")
    rows = []
    for batch in batches:
        report = batch.report() | {"left": batch.withdrawn, "log": words(f"log.{batch.log}")}
        report["quarantined"] = sum(batch.quarantined.values())
        rows.append({words(f"quality.{name}"): report[name] for name in names})
    return pl.DataFrame(rows, infer_schema_length=None)


def waiting_frame(rows: pl.DataFrame, words: Words) -> pl.DataFrame:
    """What waits, row by row, with the reason in words; the raw text is masked."""
    labels = {reason: reason_label(reason, words.lang) for reason in rows["reason"].unique()}
    told = rows.with_columns(label=pl.col("reason").replace(labels))
    order = ["batch", "log", "file", "line", "label", "reason", "detail", "raw"]
    return told.select(pl.col(name).alias(words(f"quality.{name}")) for name in order)


def quality_csv(complete: pl.DataFrame, filters: Mapping[str, str]) -> bytes:
    """Completeness as csv."""
    return csv_bytes(complete, filters)


def quality_workbook(
    sources: pl.DataFrame,
    complete: pl.DataFrame,
    duties: pl.DataFrame,
    waiting: pl.DataFrame | None,
    batches: Sequence[Batch],
    filters: Mapping[str, str],
    words: Words,
) -> bytes:
    """A sheet each; what waits and the batches only for those who see the whole city."""
    shares = {name: "0%" for name, kind in complete.schema.items() if kind == pl.Float64}
    sheets = [
        Sheet(words("quality.sources"), source_frame(sources, words), {}),
        Sheet(words("quality.complete"), complete, shares),
        Sheet(words("duties.title"), duty_frame(duties, words), {}),
    ]
    if waiting is not None:
        sheets.append(Sheet(words("quality.waiting"), waiting_frame(waiting, words), {}))
        sheets.append(Sheet(words("quality.batch_table"), batch_frame(batches, words), {}))
    return workbook_bytes(sheets, filters, words("quality.title"))
