"""The year as files: rolled-up score and rank, the score of each part, the lists by rule."""

from collections.abc import Mapping

import polars as pl

from dashboard.exports.awards import awards_sheets
from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from metrics.annual import RolledUp, mark_of
from metrics.points import as_points

STATES = ("number", "few", "none", "missing", "suppressed")


def annual_frame(found: RolledUp, words: Words) -> tuple[pl.DataFrame, dict[str, str]]:
    """One row a unit under printed headings, and the formats of its columns."""
    parts = {mark_of(one.period): one.period.text for one in found.parts if one is not None}
    states = {key: words(f"state.{key}") for key in STATES}
    frame = found.frame.with_columns(
        pl.col("state").replace_strict(states),
        now=as_points("now_u"),
        projected=as_points("projected_u"),
    )
    named = {
        "rank": words("export.rank"),
        "id": words("export.id"),
        "name": words("export.name"),
        "hall": words("export.hall"),
        "rolled": words("annual.rolled"),
        "state": words("export.state"),
        "scored": words("annual.scored"),
        "held": words("annual.of"),
        "now": words("annual.now"),
        "projected": words("annual.projected"),
        "projected_rank": words("annual.projected_rank"),
    }
    if not found.running:
        named = {key: said for key, said in named.items() if not key.startswith("projected")}
    told = frame.select(*named, *parts).rename(named | parts)
    points = [named[key] for key in ("rolled", "now", "projected") if key in named]
    return told, dict.fromkeys([*points, *parts.values()], "0.00")


def annual_csv(found: RolledUp, filters: Mapping[str, str], words: Words) -> bytes:
    """The frame as csv."""
    return csv_bytes(annual_frame(found, words)[0], filters)


def annual_workbook(
    found: RolledUp, given: pl.DataFrame, filters: Mapping[str, str], words: Words
) -> bytes:
    """A workbook: the year, and the lists that follow from the rules."""
    frame, formats = annual_frame(found, words)
    sheets = [Sheet(words("annual.title"), frame, formats)]
    return workbook_bytes(
        [*sheets, *awards_sheets(given, found.scheme, words)], filters, words("annual.title")
    )
