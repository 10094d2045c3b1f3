"""The pages of ratings and of cases as files: one sheet per table, the values first."""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from dashboard.components.loop_boards import left
from dashboard.components.queue_maps import clock, weekday_name
from dashboard.components.spread import channel_name
from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.definitions import definition_frame
from dashboard.exports.parts import STATES
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.reported import has_some, named_filters
from dashboard.text import Words
from data.masking import mask_series
from metrics.catalogue import Metric
from metrics.graded import GRADES
from metrics.loop_board import COUNTED, LoopBoard

Frames = Mapping[str, pl.DataFrame]
Filters = Mapping[str, str]


def value_frame(metrics: Sequence[Metric], values: Frames, words: Words) -> pl.DataFrame:
    """One row per metric: name, value, n, d, state and definition; times in seconds."""
    states = {key: words(f"state.{key}") for key in STATES}
    parts = [
        values[one.id].select(
            pl.lit(words.of(one.label)).alias(words("definition.metric")),
            pl.col("value").alias(words("unit_file.value")),
            pl.col("n").alias(words("unit_file.n")),
            pl.col("d").alias(words("unit_file.d")),
            pl.col("state").replace_strict(states).alias(words("export.state")),
            *_reported(values[one.id], words),
            pl.lit(words(f"unit_of.{one.unit}")).alias(words("unit_file.unit")),
            pl.lit(words.of(one.variant)).alias(words("definition.variant")),
        )
        for one in metrics
    ]
    return pl.concat(parts, how="diagonal")


def _reported(values: pl.DataFrame, words: Words) -> list[pl.Expr]:
    """The reported part of n and d, where tallies count."""
    if not has_some(values):
        return []
    return [
        pl.col("reported_n").alias(words("unit_file.reported_n")),
        pl.col("reported_d").alias(words("unit_file.reported_d")),
    ]


def lane_frame(found: LoopBoard, words: Words) -> pl.DataFrame:
    """The board: a row per state."""
    lanes = found.lanes.with_columns(
        pl.col("lane").map_elements(lambda lane: words(f"lane.{lane}"), pl.String)
    )
    names = {"lane": words("loop_board.lane")}
    return lanes.rename(names | {name: words(f"loop_board.{name}") for name in COUNTED})


def loop_frame(found: LoopBoard, words: Words) -> pl.DataFrame:
    """Every bad rating of the board, ids masked, days as text."""
    rows = found.rows
    yes_no = {True: words("export.yes"), False: words("export.no")}
    said = {None: ""} | {one: words(f"stage.{one}") for one in rows["next_stage"].drop_nulls()}
    days = rows.select("workdays_left", "late").iter_rows()
    remaining = [left(number, late, words) for number, late in days]
    return rows.select(
        mask_series(rows["rating_id"]).alias(words("daily.row")),
        pl.col("counter_id").alias(words("daily.counter_id")),
        pl.col("counter").alias(words("ranking.unit")),
        pl.col("hall").alias(words("export.hall")),
        pl.Series(words("loop_board.lane"), [words(f"lane.{one}") for one in rows["lane"]]),
        pl.col("opened_on").cast(pl.String).alias(words("daily.opened_on")),
        pl.col("age").alias(words("loop_board.age")),
        pl.Series(words("loop_board.next"), [said[one] for one in rows["next_stage"]]),
        pl.col("next_due_on").cast(pl.String).alias(words("loop_board.next_due")),
        pl.Series(words("loop_board.left"), remaining),
        pl.col("due_on").cast(pl.String).alias(words("loop_board.due")),
        pl.Series(words("loop_board.is_overdue"), [yes_no[one] for one in rows["overdue"]]),
        pl.col("closed_on").cast(pl.String).alias(words("daily.closed_on")),
        pl.col("rerated_grade").alias(words("loop_board.rerated")),
    )


def grade_frame(rows: pl.DataFrame, words: Words) -> pl.DataFrame:
    """A row per unit: ratings, and n and share of every grade."""
    wide = rows.select("id", "name", pl.col("d").alias(words("spread.rated")), "state")
    wide = wide.unique("id", keep="first", maintain_order=True)
    for grade in GRADES:
        label = words(f"grade.{grade}")
        names = {"n": words("export.n", item=label), "value": label}
        part = rows.filter(pl.col("grade") == grade).select("id", *names).rename(names)
        wide = wide.join(part, on="id", how="left", maintain_order="left")
    states = {key: words(f"state.{key}") for key in STATES}
    return wide.with_columns(pl.col("state").replace_strict(states)).rename(
        {"id": words("export.id"), "name": words("export.name"), "state": words("export.state")}
    )


def channel_frame(rows: pl.DataFrame, words: Words) -> pl.DataFrame:
    """A row per channel."""
    named = [channel_name(code, words) for code in rows["channel"]]
    return rows.select(
        pl.Series(words("channels.channel"), named, pl.String),
        pl.col("n").alias(words("spread.rated")),
        pl.col("value").alias(words("channels.share")),
        pl.col("bad").alias(words("channels.bad")),
        pl.col("bad_rate").alias(words("channels.bad_rate")),
    )


def day_frame(days: pl.DataFrame, words: Words) -> pl.DataFrame:
    """A row per day with its counts."""
    yes_no = {True: words("export.yes"), False: words("export.no")}
    return days.select(
        pl.col("day").cast(pl.String).alias(words("daily.day")),
        pl.col("workday").replace_strict(yes_no).alias(words("cases.workday")),
        *(pl.col(name).alias(words(f"flow.{name}")) for name in days.columns[2:]),
    )


def heat_frame(cells: pl.DataFrame, words: Words) -> pl.DataFrame:
    """A row per kind, weekday and half hour; waits in seconds."""
    coded: Mapping[str, Callable[..., str]] = {
        "kind": lambda one: words(f"heat_kind.{one}"),
        "weekday": lambda one: weekday_name(one, words),
        "half_hour": clock,
        "state": lambda one: words(f"state.{one}"),
    }
    heads = {
        "kind": "unit_file.kind",
        "weekday": "cases.weekday",
        "half_hour": "heat.time",
        "value": "unit_file.value",
        "n": "unit_file.n",
        "d": "unit_file.d",
        "state": "export.state",
    }
    told = {
        words(key): pl.Series([coded[name](one) for one in cells[name]], dtype=pl.String)
        if name in coded
        else cells[name]
        for name, key in heads.items()
    }
    return pl.DataFrame(told)


def lateness_frame(rows: pl.DataFrame, words: Words) -> pl.DataFrame:
    """Own decisions and those of the back office."""
    return rows.select(
        pl.Series(words("lateness.whose"), [words(f"whose.{one}") for one in rows["whose"]]),
        pl.col("value").alias(words("lateness.value")),
        pl.col("n").alias(words("unit_file.n")),
        pl.col("d").alias(words("unit_file.d")),
        pl.col("late").alias(words("lateness.late")),
        pl.col("open_overdue").alias(words("lateness.open_overdue")),
    )


def unit_csv(metrics: Sequence[Metric], values: Frames, filters: Filters, words: Words) -> bytes:
    """The values with n, d and definition."""
    told = named_filters(filters, words, has_some(*values.values()))
    return csv_bytes(value_frame(metrics, values, words), told)


def unit_workbook(
    metrics: Sequence[Metric],
    values: Frames,
    tables: Mapping[str, pl.DataFrame],
    filters: Filters,
    title: str,
    words: Words,
) -> bytes:
    """The values, a sheet for each of `tables` (by its name), and the definitions."""
    sheets = [Sheet(words("export.values"), value_frame(metrics, values, words), {})]
    sheets += [Sheet(name, frame, {}) for name, frame in tables.items()]
    sheets.append(Sheet(words("export.definitions"), definition_frame(metrics, words), {}))
    told = named_filters(filters, words, has_some(*values.values()))
    return workbook_bytes(sheets, told, title)
