"""The parts of a portrait as files: points and records, the course, raw rows."""

from collections.abc import Mapping

import polars as pl

from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.definitions import definition_frame
from dashboard.exports.explain import line_frame
from dashboard.exports.parts import FORMATS
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from metrics.catalogue import Metric
from metrics.explain import Explanation
from metrics.explain_words import item_label
from metrics.points import as_points
from metrics.portrait.peers import Peers
from metrics.portrait.rows import Behind, RawRows

Filters = Mapping[str, str]
STEPS = ("label", "change_u", "from_u", "to_u")
LEDGER = ("day", "log", "row", "rule", "item", "points_u", "recorded_u", "exempt")
COURSE = ("period", "n", "d", "value", "low", "high", "state")
DAYS = ("day", "weekday", "workday", "n", "d", "value", "state")
BEHIND = ("log", "row", "counter_id", "day", "n", "d")
PEERS = ("id", "name", "hall", "score", "rank_low", "rank_high", "tier")


def headed(frame: pl.DataFrame, columns: tuple[str, ...], words: Words) -> pl.DataFrame:
    """Some columns under printed headings: points as numbers, codes in words, days as texts."""
    told = frame.select(columns)
    yes_no = {True: words("export.yes"), False: words("export.no")}
    told = told.with_columns(
        *(as_points(name).alias(name) for name in columns if name.endswith("_u")),
        *(
            pl.col(name).replace_strict(yes_no, default=None, return_dtype=pl.String)
            for name, kind in told.schema.items()
            if kind == pl.Boolean()
        ),
        pl.col(pl.Date).cast(pl.String),
        pl.col(pl.Datetime).dt.to_string("%Y-%m-%d %H:%M:%S"),
    )
    for name, group in (("log", "log"), ("state", "profile_state"), ("tier", "fairness")):
        if name in columns and told.schema[name] == pl.String():
            said = {
                code: words(f"{group}.{code}")
                for code in told[name].drop_nulls().unique()
                if group != "profile_state" or code in VALUE_STATES
            }
            told = told.with_columns(pl.col(name).replace(said))
    return told.rename({name: words(f"profile_column.{name}") for name in columns})


VALUE_STATES = ("number", "few", "none", "missing", "suppressed", "ahead")


def ledger_frame(told: Explanation, rows: pl.DataFrame, words: Words) -> pl.DataFrame:
    """The records under printed headings."""
    items = {one: item_label(told.scores.scheme, one, words.lang) for one in rows["item"].unique()}
    named = {code: label for code, label in items.items() if code and label}
    return headed(rows.with_columns(pl.col("item").replace(named)), LEDGER, words)


def score_workbook(
    told: Explanation,
    steps: Mapping[str, pl.DataFrame],
    rows: pl.DataFrame,
    group: Peers | None,
    filters: Filters,
    words: Words,
) -> bytes:
    """A sheet each: the lines, the steps (by the title of their sheet), the records, the peers."""
    points = words("explain_file.points")
    sheets = [Sheet(words("explain.lines_sheet"), line_frame(told, words), {points: "0.00##"})]
    sheets += [Sheet(title, headed(one, STEPS, words), {}) for title, one in steps.items()]
    sheets.append(Sheet(words("profile.ledger"), ledger_frame(told, rows, words), {}))
    if group is not None and group.rows.height:
        sheets.append(Sheet(words("profile.peers"), headed(group.rows, PEERS, words), {}))
    return workbook_bytes(sheets, filters, words("profile.title"))


def score_csv(told: Explanation, rows: pl.DataFrame, filters: Filters, words: Words) -> bytes:
    """The records with their points."""
    return csv_bytes(ledger_frame(told, rows, words), filters)


def course_workbook(
    metric: Metric,
    rows: pl.DataFrame,
    days: pl.DataFrame | None,
    filters: Filters,
    words: Words,
) -> bytes:
    """A sheet each: periods, days, and what the metric means."""
    formats = {words(f"profile_column.{k}"): FORMATS[metric.unit] for k in ("value", "low", "high")}
    sheets = [Sheet(words("profile.course"), headed(rows, COURSE, words), formats)]
    if days is not None:
        sheets.append(Sheet(words("profile.calendar"), headed(days, DAYS, words), formats))
    meant = definition_frame([metric], words)
    sheets.append(Sheet(words("export.definitions"), meant, {}))
    return workbook_bytes(sheets, filters, words("profile.title"))


def course_csv(rows: pl.DataFrame, filters: Filters, words: Words) -> bytes:
    """The periods."""
    return csv_bytes(headed(rows, COURSE, words), filters)


def raw_frame(found: RawRows, words: Words) -> pl.DataFrame:
    """The rows of a log under printed headings."""
    rows = found.rows
    if "state" in rows.columns:  # the source's own word, not the state of a value
        rows = rows.rename({"state": "row_state"})
    return headed(rows, tuple(rows.columns), words)


def raw_csv(found: RawRows, filters: Filters, words: Words) -> bytes:
    """The rows of a log."""
    return csv_bytes(raw_frame(found, words), filters)


def raw_workbook(found: RawRows, filters: Filters, words: Words) -> bytes:
    """The same as a workbook."""
    sheet = Sheet(words(f"log.{found.log}"), raw_frame(found, words), {})
    return workbook_bytes([sheet], filters, words("profile.title"))


def behind_csv(found: Behind, filters: Filters, words: Words) -> bytes:
    """The rows behind a number with their parts of n and d."""
    return csv_bytes(headed(found.rows, BEHIND, words), filters)


def behind_workbook(found: Behind, metric: Metric, filters: Filters, words: Words) -> bytes:
    """The same as a workbook, and what the metric means."""
    sheets = [
        Sheet(words("profile.behind"), headed(found.rows, BEHIND, words), {}),
        Sheet(words("export.definitions"), definition_frame([metric], words), {}),
    ]
    return workbook_bytes(sheets, filters, words("profile.title"))
