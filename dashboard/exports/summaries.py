"""The daily board and the weekly summary as files: every row, under printed headings."""

from collections.abc import Callable, Mapping

import polars as pl

from dashboard.exports.control import alarm_formats, alarm_frame
from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.quality import duty_frame
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from data.masking import mask_series
from metrics.catalogue import metric
from metrics.daily import DailyBoard
from metrics.fairness.alarms import Alarms
from metrics.movers import SCORE
from metrics.points import as_points
from metrics.weekly import WeeklySummary

Filters = Mapping[str, str]
HEADS = {
    "row": "daily.row",
    "counter_id": "daily.counter_id",
    "id": "export.id",
    "name": "export.name",
    "hall_id": "daily.hall_id",
    "hall": "export.hall",
    "state": "export.state",
    "rounds": "daily.rounds",
    "covered": "daily.covered",
    "due": "daily.due",
    "findings": "daily.findings",
    **{name: f"weekly.{name}" for name in ("start", "opened", "closed", "end", "item", "before")},
    **{name: f"weekly.{name}" for name in ("change", "change_kind", "better", "before_n")},
    **{name: f"weekly.{name}" for name in ("before_d", "value")},
}


def headed(frame: pl.DataFrame, words: Words) -> pl.DataFrame:
    """A frame under printed headings: ids masked, codes in words, days as text."""
    rows = frame
    if "row" in rows.columns:
        rows = rows.with_columns(mask_series(rows["row"]))
    if "points_u" in rows.columns:
        rows = rows.with_columns(points=as_points("points_u")).drop("points_u")
    yes_no = {True: words("export.yes"), False: words("export.no")}
    told = rows.with_columns(
        pl.col(pl.Date).cast(pl.String),
        *(
            pl.col(name).replace_strict(yes_no, default=None, return_dtype=pl.String)
            for name, kind in rows.schema.items()
            if kind == pl.Boolean()
        ),
    )
    coded: Mapping[str, Callable[[str], str]] = {
        "kind": lambda code: words(f"backlog.{code}"),
        "state": lambda code: words(f"state.{code}"),
        "change_kind": lambda code: words(f"weekly_change.{code}"),
    }
    for name, say in coded.items():
        if name in told.columns:
            said = {code: say(code) for code in told[name].drop_nulls().unique()}
            told = told.with_columns(pl.col(name).replace(said))
    if "item" in told.columns:
        items = {
            one: words("ranking.score") if one == SCORE else words.of(metric(one).label)
            for one in told["item"].unique()
        }
        told = told.with_columns(pl.col("item").replace(items))
    return told.rename({name: words(HEADS.get(name, f"daily.{name}")) for name in told.columns})


def count_frame(counts: pl.DataFrame, words: Words) -> pl.DataFrame:
    """The counts of a day in words: item, n, out of d, of what, state."""
    told = counts.with_columns(
        of=pl.col("kind").map_elements(lambda kind: words(f"daily_of.{kind}"), pl.String),
        item=pl.col("kind").map_elements(lambda kind: words(f"daily_count.{kind}"), pl.String),
        state=pl.col("state").map_elements(lambda one: words(f"state.{one}"), pl.String),
    )
    names = {"item": "daily.item", "n": "daily.n", "d": "daily.d", "of": "daily.of"}
    names |= {"state": "export.state"}
    return told.select(pl.col(name).alias(words(key)) for name, key in names.items())


def daily_csv(board: DailyBoard, filters: Filters, words: Words) -> bytes:
    """The counts of the day."""
    return csv_bytes(count_frame(board.counts, words), filters)


def daily_workbook(board: DailyBoard, filters: Filters, words: Words) -> bytes:
    """A sheet each: counts, halls, findings, bad ratings, those that wait, cases, deliveries."""
    rows = {
        "daily.halls": board.halls,
        "daily.findings_list": board.findings,
        "daily.bad_list": board.bad,
        "daily.waiting_list": board.waiting,
        "daily.overdue_list": board.overdue,
    }
    sheets = [Sheet(words("daily.title"), count_frame(board.counts, words), {})]
    sheets += [Sheet(words(key), headed(frame, words), {}) for key, frame in rows.items()]
    sheets.append(Sheet(words("duties.title"), duty_frame(board.late, words), {}))
    return workbook_bytes(sheets, filters, words("daily.title"))


def weekly_csv(found: WeeklySummary, filters: Filters, words: Words) -> bytes:
    """Opened, closed and still open of the whole and of every hall."""
    return csv_bytes(headed(pl.concat([found.whole, found.halls]), words), filters)


def weekly_workbook(found: WeeklySummary, alarmed: Alarms, filters: Filters, words: Words) -> bytes:
    """A sheet each: the whole and the counties, halls, movers, alarms, rounds, what is open."""
    rows = {
        "weekly.title": pl.concat([found.whole, found.counties]),
        "weekly.halls": found.halls,
        "weekly.movers": found.movers,
        "daily.halls": found.rounds,
        "weekly.open_list": found.still_open,
    }
    sheets = [Sheet(words(key), headed(frame, words), {}) for key, frame in rows.items()]
    shown = alarm_formats(words)
    sheets.insert(3, Sheet(words("control.sheet_alarms"), alarm_frame(alarmed, words), shown))
    return workbook_bytes(sheets, filters, words("weekly.title"))
