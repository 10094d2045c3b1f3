"""The values of the whole and its parts (parts or halls) as files."""

from collections.abc import Mapping, Sequence

import polars as pl

from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.definitions import definition_frame
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.reported import has_some, named_filters
from dashboard.text import Words
from metrics.catalogue import Metric

FORMATS = {"share": "0.00%", "count": "#,##0", "s": "0", "points": "0.00", "score": "0.00"}
STATES = ("number", "few", "none", "missing", "suppressed")
Frames = Mapping[str, pl.DataFrame]


def part_frame(
    metrics: Sequence[Metric], parts: Frames, whole: Frames, words: Words
) -> tuple[pl.DataFrame, dict[str, str]]:
    """One row per unit (the whole first), value, n, d and state per metric; and the formats."""
    first = metrics[0].id
    units = pl.concat([whole[first], parts[first]]).select("id", "name")
    formats: dict[str, str] = {}
    for metric in metrics:
        label = words.of(metric.label)
        both = pl.concat([whole[metric.id], parts[metric.id]])
        columns = {"value": label}
        if metric.denominator:
            columns |= {key: words(f"export.{key}", item=label) for key in ("n", "d")}
        columns |= reported_columns(metric, both, words)
        columns["state"] = words("export.state_of", item=label)
        states = {key: words(f"state.{key}") for key in STATES}
        part = both.select("id", *columns).with_columns(pl.col("state").replace_strict(states))
        units = units.join(part.rename(columns), on="id", how="left", maintain_order="left")
        formats[label] = FORMATS[metric.unit]
    return units.rename({"id": words("export.id"), "name": words("export.name")}), formats


def reported_columns(metric: Metric, frame: pl.DataFrame, words: Words) -> dict[str, str]:
    """Columns of what is reported of a metric and their headings; none where nothing is."""
    if not has_some(frame):
        return {}
    label = words.of(metric.label)
    if not metric.denominator:
        return {"reported_n": words("reported.count", item=label)}
    return {f"reported_{key}": words(f"reported.{key}", item=label) for key in ("n", "d")}


def part_csv(
    metrics: Sequence[Metric],
    parts: Frames,
    whole: Frames,
    filters: Mapping[str, str],
    words: Words,
) -> bytes:
    """The frame as csv; rates are 0–1, as on the command line."""
    filters = named_filters(filters, words, has_some(*parts.values(), *whole.values()))
    return csv_bytes(part_frame(metrics, parts, whole, words)[0], filters)


def part_workbook(
    metrics: Sequence[Metric],
    parts: Frames,
    whole: Frames,
    filters: Mapping[str, str],
    title: str,
    words: Words,
) -> bytes:
    """The frame and the definitions as a workbook."""
    filters = named_filters(filters, words, has_some(*parts.values(), *whole.values()))
    frame, formats = part_frame(metrics, parts, whole, words)
    sheets = [
        Sheet(title, frame, formats),
        Sheet(words("export.definitions"), definition_frame(metrics, words), {}),
    ]
    return workbook_bytes(sheets, filters, title)
