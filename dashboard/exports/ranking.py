"""A ranking as files: the numbers of the page, points with their value, n and d."""

from collections.abc import Mapping

import polars as pl

from dashboard.exports.awards import awards_sheets, veto_text
from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.definitions import definition_frame
from dashboard.exports.parts import FORMATS
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.reported import named_filters
from dashboard.text import Words
from metrics.catalogue import metric
from metrics.fairness.certainty import TIERS
from metrics.fairness.peer_words import group_label
from metrics.fairness.ranking import FairRanking
from metrics.ranking import Ranking
from metrics.scheme_items import MetricItem, label_of
from metrics.scores import metrics_of

SCORE, COUNT = "0.00", "#,##0"
# Column of the ranking → (its heading, its number format).
Columns = dict[str, tuple[str, str | None]]


def ranked_columns(ranking: Ranking, words: Words) -> Columns:
    """Who stands where: rank, counter, score."""
    columns: Columns = {
        "rank": (words("export.rank"), "0"),
        "tied": (words("export.tied"), None),
        "id": (words("export.id"), None),
        "name": (words("export.name"), None),
        "hall": (words("export.hall"), None),
        "score": (words("export.score"), SCORE),
    }
    if (ranking.frame_asked or ranking.scheme.frame) == "peers":
        columns["frame"] = (words("export.peers"), None)
    return columns


def point_columns(ranking: Ranking, words: Words) -> Columns:
    """The points of each item."""
    return _named_columns(words) | {
        item.id: (words("export.points", item=words.of(label_of(item))), SCORE)
        for item in ranking.scheme.items
    }


def sure_columns(ranking: Ranking, words: Words) -> Columns:
    """What the data can tell apart, beside the official columns."""
    if not ranking.beside():
        return {}
    return {
        "rank_low": (words("fairness.rank_low"), "0"),
        "rank_high": (words("fairness.rank_high"), "0"),
        "tier": (words("fairness.tier"), None),
        "reliability": (words("fairness.reliability_head"), "0%"),
        "low": (words("fairness.interval_low"), SCORE),
        "high": (words("fairness.interval_high"), SCORE),
    }


def _named_columns(words: Words) -> Columns:
    """Of whom the numbers of a sheet are."""
    return {
        "rank": (words("export.rank"), "0"),
        "id": (words("export.id"), None),
        "name": (words("export.name"), None),
    }


def value_columns(ranking: Ranking, words: Words) -> Columns:
    """What the points rest on: value, n and d of each item."""
    columns = _named_columns(words)
    for item in ranking.scheme.items:
        if not isinstance(item, MetricItem):
            continue
        label = words.of(label_of(item))
        shape = FORMATS[metric(item.metric).unit]
        for key, form in (("value", shape), ("n", COUNT), ("d", COUNT)):
            columns[f"{item.id}_{key}"] = (words(f"export.{key}", item=label), form)
        if ranking.frame[f"{item.id}_reported_n"].count():
            for key in ("n", "d"):
                heading = words(f"reported.{key}", item=label)
                columns[f"{item.id}_reported_{key}"] = (heading, COUNT)
    return columns


def _named(ranking: Ranking, filters: Mapping[str, str], words: Words) -> Mapping[str, str]:
    """The head of the file; it says what reported sums are where some count."""
    items = [item.id for item in ranking.scheme.items]
    some = any(ranking.frame[f"{name}_reported_n"].count() for name in items)
    return named_filters(filters, words, some)


def ranked_frame(ranking: Ranking, columns: Columns, words: Words) -> pl.DataFrame:
    """The ranked counters under printed headings."""
    tied = pl.when("tied").then(pl.lit(words("export.yes"))).otherwise(pl.lit(words("export.no")))
    named = [group_label(one, words.lang) for one in ranking.frame["frame"]]
    frame = _as_published(ranking, words).with_columns(
        tied=tied, frame=pl.Series(named, dtype=pl.String)
    )
    return frame.select(pl.col(name).alias(head) for name, (head, _) in columns.items())


def _as_published(ranking: Ranking, words: Words) -> pl.DataFrame:
    """The ranked with their tiers in words; no position where positions are mostly noise."""
    if not isinstance(ranking, FairRanking):
        return ranking.frame
    tiers = {name: words(f"fairness.{name}") for name in TIERS.values()}
    frames = ranking.groups["frame"].to_list()
    kept = [name for name in frames if ranking.ordinal(name)]
    return ranking.frame.with_columns(
        pl.col("low", "high").round(2),
        pl.col("reliability").round(4),
        rank=pl.when(pl.col("frame").is_in(kept)).then("rank"),
        tier=pl.col("tier").replace_strict(tiers, return_dtype=pl.String),
    )


def groups_sheet(ranking: Ranking, words: Words) -> list[Sheet]:
    """What each group can tell apart."""
    if not isinstance(ranking, FairRanking):
        return []
    pairs = pl.col("k") * (pl.col("k") - 1) // 2
    names = {"frame": "group", "k": "size", "rankability": "rankability"}
    named = [group_label(one, words.lang) for one in ranking.groups["frame"]]
    told = ranking.groups.with_columns(frame=pl.Series(named, dtype=pl.String)).select(
        *(pl.col(key).alias(words(f"fairness.{name}")) for key, name in names.items()),
        pl.col("told_apart").alias(words("fairness.pairs")),
        pairs.alias(words("fairness.all_pairs")),
        *(pl.col(name).alias(words(f"fairness.{name}")) for name in ("above", "below")),
    )
    return [Sheet(words("fairness.groups"), told, {words("fairness.rankability"): "0%"})]


def unranked_frame(ranking: Ranking, words: Words) -> pl.DataFrame:
    """The counters without a rank, with their state in words and no score; and who owes, if any.

    Who is set apart by a veto has its name beside it.
    """
    states = {key: words(f"state.{key}") for key in ("none", "missing", "few", "suppressed")}
    states["number"] = words("awards.apart")
    owing = [pl.col("owed_by").alias(words("export.owed_by"))]
    named = [veto_text(ranking.scheme, ids, words) for ids in ranking.unranked["veto"]]
    vetoes = [pl.Series(words("awards.veto"), named, pl.String())]
    return ranking.unranked.select(
        pl.col("state").replace_strict(states, return_dtype=pl.String).alias(words("export.state")),
        pl.col("id").alias(words("export.id")),
        pl.col("name").alias(words("export.name")),
        pl.col("hall").alias(words("export.hall")),
        *(owing if ranking.unranked["owed_by"].count() else []),
        *(vetoes if ranking.unranked["veto"].count() else []),
    )


def ranking_csv(ranking: Ranking, filters: Mapping[str, str], words: Words) -> bytes:
    """Ranked, then unranked counters (no rank, no score, their state) as csv."""
    official = ranked_columns(ranking, words) | point_columns(ranking, words)
    columns = official | sure_columns(ranking, words) | value_columns(ranking, words)
    ranked, apart = ranked_frame(ranking, columns, words), unranked_frame(ranking, words)
    together = pl.concat([ranked, apart], how="diagonal")
    return csv_bytes(together, _named(ranking, filters, words))


def ranking_workbook(
    ranking: Ranking,
    filters: Mapping[str, str],
    words: Words,
    given: pl.DataFrame | None = None,
) -> bytes:
    """名次, 各项得分, 指标值, 未参评, 分组, 评优名单 (`given`, if any) and 口径 as sheets."""
    metrics = metrics_of(ranking.scheme)
    sheets = [
        *(
            Sheet(words(name), ranked_frame(ranking, columns, words), _formats(columns))
            for name, columns in (
                (
                    "export.ranking",
                    ranked_columns(ranking, words) | sure_columns(ranking, words),
                ),
                ("export.item_points", point_columns(ranking, words)),
                ("export.values", value_columns(ranking, words)),
            )
        ),
        Sheet(words("export.unranked"), unranked_frame(ranking, words), {}),
        *groups_sheet(ranking, words),
        *awards_sheets(given, ranking.scheme, words),
        Sheet(words("export.definitions"), definition_frame(metrics, words), {}),
    ]
    return workbook_bytes(sheets, _named(ranking, filters, words), words("ranking.title"))


def _formats(columns: Columns) -> dict[str, str]:
    return {head: form for head, form in columns.values() if form}
