"""A ranking as files: the numbers of the page, points with their value, n and d."""

from collections.abc import Mapping

import polars as pl

from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.definitions import definition_frame
from dashboard.exports.parts import FORMATS
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from metrics.catalogue import metric
from metrics.ranking import Ranking

SCORE, COUNT = "0.00", "#,##0"


def sheet_columns(ranking: Ranking, words: Words) -> dict[str, tuple[str, str | None]]:
    """Column of the ranking → (its heading, its number format)."""
    columns: dict[str, tuple[str, str | None]] = {
        "rank": (words("export.rank"), "0"),
        "tied": (words("export.tied"), None),
        "id": (words("export.id"), None),
        "name": (words("export.name"), None),
        "hall": (words("export.hall"), None),
        "score": (words("export.score"), SCORE),
    }
    for item in ranking.scheme.items:
        label = words.of(metric(item.metric).label)
        shape = FORMATS[metric(item.metric).unit]
        columns[item.metric] = (words("export.points", item=label), SCORE)
        for key, form in (("value", shape), ("n", COUNT), ("d", COUNT)):
            columns[f"{item.metric}_{key}"] = (words(f"export.{key}", item=label), form)
    return columns


def ranked_frame(ranking: Ranking, words: Words) -> pl.DataFrame:
    """The ranked counters under printed headings."""
    columns = sheet_columns(ranking, words)
    tied = pl.when("tied").then(pl.lit(words("export.yes"))).otherwise(pl.lit(words("export.no")))
    frame = ranking.frame.with_columns(tied=tied)
    return frame.select(pl.col(name).alias(head) for name, (head, _) in columns.items())


def unranked_frame(ranking: Ranking, words: Words) -> pl.DataFrame:
    """The counters without a rank, with their state in words and no score."""
    states = {key: words(f"state.{key}") for key in ("none", "missing", "few", "suppressed")}
    return ranking.unranked.select(
        pl.col("state").replace_strict(states, return_dtype=pl.String).alias(words("export.state")),
        pl.col("id").alias(words("export.id")),
        pl.col("name").alias(words("export.name")),
        pl.col("hall").alias(words("export.hall")),
    )


def ranking_csv(ranking: Ranking, filters: Mapping[str, str], words: Words) -> bytes:
    """Ranked, then unranked counters (no rank, no score, their state) as csv."""
    ranked, apart = ranked_frame(ranking, words), unranked_frame(ranking, words)
    return csv_bytes(pl.concat([ranked, apart], how="diagonal"), filters)


def ranking_workbook(ranking: Ranking, filters: Mapping[str, str], words: Words) -> bytes:
    """名次, 未参评 and 口径 as sheets of one workbook."""
    formats = {head: form for head, form in sheet_columns(ranking, words).values() if form}
    metrics = [metric(item.metric) for item in ranking.scheme.items]
    sheets = [
        Sheet(words("export.ranking"), ranked_frame(ranking, words), formats),
        Sheet(words("export.unranked"), unranked_frame(ranking, words), {}),
        Sheet(words("export.definitions"), definition_frame(metrics, words), {}),
    ]
    return workbook_bytes(sheets, filters, words("ranking.title"))
