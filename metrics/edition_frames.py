"""The result files of an edition: their columns, and how a number of them is written.

Numbers are rounded as they are printed before they are written, so that the same inputs give the
same bytes on every machine.
"""

import csv
import io
from pathlib import Path

import polars as pl

from metrics.award_lists import AWARDS
from metrics.fairness.moved import MOVED
from metrics.quality import DELIVERED
from metrics.receipts import OWED

RANKING = pl.Schema(
    {
        "rank": pl.Int64(),
        "tied": pl.Boolean(),
        "id": pl.String(),
        "name": pl.String(),
        "hall_id": pl.String(),
        "hall": pl.String(),
        "township_id": pl.String(),
        "township": pl.String(),
        "county_id": pl.String(),
        "county": pl.String(),
        "level": pl.String(),
        "department_id": pl.String(),
        "department": pl.String(),
        "frame": pl.String(),
        "score": pl.Float64(),
        "n": pl.Int64(),
        "state": pl.String(),
        "observed": pl.Float64(),  # share of the reported weight
        "owed_by": pl.String(),
        "veto": pl.String(),
        "rank_low": pl.Int64(),
        "rank_high": pl.Int64(),
        "tier": pl.String(),
        "reliability": pl.Float64(),
        "low": pl.Float64(),  # 95 % interval of the score
        "high": pl.Float64(),
        "rank_before": pl.Int64(),  # in the same frame, the period before
        "score_before": pl.Float64(),
        "change": pl.Float64(),
    }
)
ITEMS = pl.Schema(
    {
        "id": pl.String(),
        "item": pl.String(),
        "value": pl.Float64(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        "state": pl.String(),
        "weight": pl.Float64(),
        "points": pl.Float64(),
        "reported": pl.Int64(),  # the part of d that tallies make up
    }
)
LINES = pl.Schema(
    {
        "id": pl.String(),
        "item": pl.String(),
        "kind": pl.String(),  # metrics.scoring.KINDS_OF_LINES
        "points": pl.Float64(),
        "log": pl.String(),
        "row": pl.String(),
        "day": pl.Date(),
        "rule": pl.String(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        "exempt": pl.String(),
    }
)
GROUPS = pl.Schema(
    {
        "frame": pl.String(),
        "k": pl.Int64(),
        "rankability": pl.Float64(),
        "told_apart": pl.Int64(),  # of `pairs` those whose order is sure
        "pairs": pl.Int64(),
        "above": pl.Int64(),
        "below": pl.Int64(),
    }
)
VALUES = pl.Schema(
    {
        "by": pl.String(),  # city, county, township or department
        "id": pl.String(),
        "name": pl.String(),
        "metric": pl.String(),
        "span": pl.String(),  # now, before or year_before
        "n": pl.Int64(),
        "d": pl.Int64(),
        "value": pl.Float64(),
        "state": pl.String(),
    }
)
LOOP = pl.Schema(
    {
        "county_id": pl.String(),  # null: what stands in no county
        "county": pl.String(),
        "opened": pl.Int64(),
        "closed": pl.Int64(),
        "open": pl.Int64(),
        "overdue": pl.Int64(),
    }
)
UNITS = pl.Schema(
    {
        **dict.fromkeys(("id", "name", "counter_id", "hall_id", "hall", "level"), pl.String()),
        "score_u": pl.Int64(),
        "state": pl.String(),
        "frame": pl.String(),
        "order": pl.Int32(),
        "rank": pl.Int64(),
        "tied": pl.Boolean(),
        "standing": pl.Int64(),
        "veto": pl.String(),
        "apart": pl.Boolean(),
        "barred": pl.Boolean(),
    }
)
FILES: dict[str, pl.Schema] = {
    "ranking": RANKING,
    "items": ITEMS,
    "lines": LINES,
    "groups": GROUPS,
    "awards": AWARDS,
    "owed": OWED,
    "quality": pl.Schema(DELIVERED),
    "values": VALUES,
    "movers": MOVED,
    "loop": LOOP,
    "units": UNITS,
}
# Decimals of a column of numbers; rates keep what a percentage with two decimals needs.
DECIMALS = {"reliability": 2, "low": 2, "high": 2, "observed": 4, "p": 4, "rankability": 2}
USUAL = 4
TRUTH = {True: "true", False: "false"}


def printed(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame with its numbers as they are written: what is not frozen yet says the same."""
    return frame.with_columns(
        pl.col(name).round(DECIMALS.get(name, USUAL))
        for name, kind in frame.schema.items()
        if kind == pl.Float64
    )


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as UTF-8 csv: fixed decimals, days as 2019-08-31, nothing for null."""
    columns = [_texts(frame[name], DECIMALS.get(name, USUAL)) for name in frame.columns]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(zip(*columns, strict=True))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.getvalue().encode())


def _texts(column: pl.Series, decimals: int) -> list[str]:
    if column.dtype == pl.Float64:
        return ["" if one is None else _number(one, decimals) for one in column]
    if column.dtype == pl.Boolean:
        return ["" if one is None else TRUTH[one] for one in column]
    return column.cast(pl.String).fill_null("").to_list()


def _number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def read_frame(name: str, path: Path) -> pl.DataFrame:
    """A result file with the types of its columns; an empty cell is null."""
    # Quotes are the writer's: "" and nothing are the same here, there is no empty text.
    return pl.read_csv(path, schema=FILES[name], null_values=[""])
