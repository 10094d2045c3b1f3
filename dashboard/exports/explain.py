"""The explanation of a score as files: its lines, the rows behind them, the difference."""

from collections.abc import Mapping

import polars as pl

from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.definitions import definition_frame
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from metrics.explain import Explanation
from metrics.explain_rows import metric_of

LINES = ("label", "points", "weight", "n", "d", "value", "variant", "log", "row", "day", "exempt")
ROWS = ("item", "log", "row", "day", "grade", "wait_s", "due_on", "closed_on", "rule_code")


def line_frame(told: Explanation, words: Words) -> pl.DataFrame:
    """The lines and their sum under printed headings; points are numbers."""
    frame = told.total(words.lang)
    # The page prints a minus sign; a number of a file has the plain one.
    numbers = [
        pl.col(name).str.replace("−", "-", literal=True).cast(pl.Float64)
        for name in ("points", "weight")
    ]
    told_lines = frame.with_columns(*numbers, day=pl.col("day").cast(pl.String))
    return told_lines.select(pl.col(name).alias(words(f"explain_file.{name}")) for name in LINES)


def row_frame(told: Explanation, words: Words) -> pl.DataFrame:
    """The rows that cost points, of all items."""
    parts = [one.rows.with_columns(item=pl.lit(name)) for name, one in told.behind.items()]
    if not parts:
        return pl.DataFrame(schema={words(f"explain_file.{name}"): pl.String() for name in ROWS})
    labels = {n: words.of(one.label) for n in told.behind if (one := told.metric(n)) is not None}
    both = pl.concat(parts).with_columns(
        pl.col("item").replace(labels), pl.col(pl.Date).cast(pl.String)
    )
    return both.select(pl.col(name).alias(words(f"explain_file.{name}")) for name in ROWS)


def difference_frame(told: Explanation, words: Words) -> pl.DataFrame | None:
    """Points of both periods by item, or None where nothing is compared."""
    if told.difference is None or told.difference.rows.is_empty():
        return None
    frame = told.difference.table(words.lang)
    numbers = [
        pl.col(name).str.replace_many(["−", "±"], ["-", ""]).cast(pl.Float64)
        for name in ("now", "before", "change")
    ]
    heads = {"label": "label", "now": "now", "before": "before", "change": "change"}
    return frame.with_columns(numbers).select(
        pl.col(name).alias(words(f"explain_file.{key}")) for name, key in heads.items()
    )


def explain_csv(told: Explanation, filters: Mapping[str, str], words: Words) -> bytes:
    """The lines as csv."""
    return csv_bytes(line_frame(told, words), filters)


def explain_workbook(told: Explanation, filters: Mapping[str, str], words: Words) -> bytes:
    """得分构成, 相关记录, 较另一期 and 口径 as sheets of one workbook."""
    points = words("explain_file.points")
    sheets = [
        Sheet(words("explain.lines_sheet"), line_frame(told, words), {points: "0.00##"}),
        Sheet(words("explain.rows"), row_frame(told, words), {}),
    ]
    compared = difference_frame(told, words)
    if compared is not None:
        sheets.append(Sheet(words("explain.change"), compared, {}))
    metrics = [one for item in told.scores.scheme.items if (one := metric_of(item)) is not None]
    if metrics:
        sheets.append(Sheet(words("export.definitions"), definition_frame(metrics, words), {}))
    return workbook_bytes(sheets, filters, words("explain.title"))
