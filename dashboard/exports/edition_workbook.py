"""The workbook of an edition: 排名, 得分明细, 扣分台账, 未参评名单, 口径, 数据质量, 筛选条件."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from dashboard.exports.awards import awards_sheets, veto_text
from dashboard.exports.definitions import definition_frame
from dashboard.exports.parts import FORMATS
from dashboard.exports.quality import source_frame
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from data.masking import mask_series
from metrics.catalogue import metric
from metrics.edition_results import Results
from metrics.explain_words import line_label
from metrics.fairness.peer_words import group_label
from metrics.scheme_items import MetricItem, label_of
from metrics.scores import metrics_of

SCORE, COUNT, SHARE = "0.00", "#,##0", "0%"
# Column of the ranking → its heading and number format.
RANKING: dict[str, tuple[str, str | None]] = {
    "frame": ("fairness.group", None),
    "rank": ("export.rank", "0"),
    "tied": ("export.tied", None),
    "id": ("export.id", None),
    "name": ("export.name", None),
    "hall": ("export.hall", None),
    "county": ("edition.county", None),
    "score": ("export.score", SCORE),
    "change": ("ranking.change", "+0.00;-0.00;0.00"),
    "n": ("edition.base", COUNT),
    "observed": ("edition.observed", SHARE),
    "rank_low": ("fairness.rank_low", "0"),
    "rank_high": ("fairness.rank_high", "0"),
    "tier": ("fairness.tier", None),
    "reliability": ("fairness.reliability_head", SHARE),
    "low": ("fairness.interval_low", SCORE),
    "high": ("fairness.interval_high", SCORE),
}
UNRANKED = {"state": "export.state", "id": "export.id", "name": "export.name"}
UNRANKED |= {"hall": "export.hall", "county": "edition.county", "owed_by": "export.owed_by"}
UNRANKED |= {"veto": "awards.veto"}


@dataclass(frozen=True)
class Issue:
    """What a file says of the edition that it prints: its state, digest, and who checked it."""

    state: str
    digest: str
    checked_by: str


def edition_filters(results: Results, issue: Issue, words: Words) -> dict[str, str]:
    """筛选条件: everything that tells which numbers these are."""
    told = results.header
    made = told.made_at.isoformat(" ", "minutes") if told.made_at else "/"
    return {
        words("export.period"): told.period.text,
        words("export.scheme"): f"{words.of(told.scheme.label)} {told.scheme.version}",
        words("export.as_of"): told.as_of.isoformat(),
        words("edition.id"): told.id or words("edition.none"),
        words("edition.state"): words(f"edition_state.{issue.state}"),
        words("edition.digest"): issue.digest or "/",
        words("edition.corrects"): told.corrects or "/",
        words("edition.reason"): told.reason or "/",
        words("edition.made"): f"{told.made_by or '/'} {made}",
        words("edition.checked"): issue.checked_by or "/",
        words("edition.part"): results.part or words("edition.whole"),
        words("edition.ranks"): words("edition.ranks_note"),
    }


def edition_workbook(results: Results, issue: Issue, words: Words) -> bytes:
    """The workbook; the same edition gives the same bytes."""
    filters = edition_filters(results, issue, words)
    sheets = [
        ranking_sheet(results, words),
        items_sheet(results, words),
        ledger_sheet(results, words),
        unranked_sheet(results, words),
        *awards_sheets(results.awards, results.header.scheme, words),
        Sheet(
            words("export.definitions"),
            definition_frame(metrics_of(results.header.scheme), words),
            {},
        ),
        Sheet(words("edition.quality"), source_frame(results.quality, words), {}),
        Sheet(words("edition.filters"), _pairs(filters, words), {}),
    ]
    brief = dict(list(filters.items())[:5])
    made = results.header.made_at or datetime.combine(results.header.as_of, datetime.min.time())
    return workbook_bytes(sheets, brief, words("ranking.title"), made)


def _pairs(filters: Mapping[str, str], words: Words) -> pl.DataFrame:
    heads = (words("edition.filter"), words("edition.content"))
    return pl.DataFrame(dict(zip(heads, (list(filters), list(filters.values())), strict=True)))


def ranking_frame(results: Results, words: Words) -> pl.DataFrame:
    """The ranked by group and rank, under printed headings."""
    answer = {True: words("export.yes"), False: words("export.no")}
    tiers = {one: words(f"fairness.{one}") for one in ("above", "expected", "below")}
    groups = {one: group_label(one, words.lang) for one in results.ranking["frame"].unique()}
    told = results.ranked.with_columns(
        pl.col("frame").replace(groups),
        pl.col("tied").replace_strict(answer, return_dtype=pl.String),
        pl.col("tier").replace(tiers),
    )
    return told.select(pl.col(name).alias(words(key)) for name, (key, _) in RANKING.items())


def ranking_sheet(results: Results, words: Words) -> Sheet:
    """排名, with bars on the score and names that stay in view."""
    formats = {words(key): form for key, form in RANKING.values() if form}
    return Sheet(
        words("edition.ranking"),
        ranking_frame(results, words),
        formats,
        bars=(words("export.score"),),
        held=list(RANKING).index("name") + 1,
    )


def _named(results: Results, rows: pl.DataFrame, words: Words) -> pl.DataFrame:
    """Rows of units and items with the names of both."""
    labels = {item.id: words.of(label_of(item)) for item in results.header.scheme.items}
    names = results.ranking.select("id", "name")
    told = rows.join(names, on="id", how="left", maintain_order="left")
    return told.with_columns(pl.col("item").replace(labels))


def _whose(words: Words) -> list[pl.Expr]:
    """The first columns of such rows: id, name and item."""
    heads = {"id": "export.id", "name": "export.name", "item": "edition.item"}
    return [pl.col(name).alias(words(key)) for name, key in heads.items()]


def items_sheet(results: Results, words: Words) -> Sheet:
    """得分明细: a row a unit and item; a rate is printed as the item's metric is."""
    states = {
        one: words(f"state.{one}") for one in ("number", "few", "none", "missing", "suppressed")
    }
    told = _named(results, results.items, words).select(
        *_whose(words),
        pl.col("points").alias(words("edition.points")),
        pl.col("weight").alias(words("edition.weight")),
        pl.col("value").alias(words("edition.value")),
        pl.col("n").alias(words("edition.n")),
        pl.col("d").alias(words("edition.d")),
        pl.col("reported").alias(words("edition.reported")),
        pl.col("state").replace(states).alias(words("export.state")),
    )
    formats = {words("edition.points"): SCORE, words("edition.weight"): SCORE}
    formats |= {words(f"edition.{one}"): COUNT for one in ("n", "d", "reported")}
    formats[words("edition.value")] = _value_format(results)
    return Sheet(words("edition.items"), told, formats, held=2)


def _value_format(results: Results) -> str:
    """Of one unit its own; of several four plain decimals, which suit all."""
    items = [one for one in results.header.scheme.items if isinstance(one, MetricItem)]
    units = {metric(one.metric).unit for one in items}
    return FORMATS[units.pop()] or "0.0000" if len(units) == 1 else "0.0000"


def ledger_sheet(results: Results, words: Words) -> Sheet:
    """扣分台账: what every score adds up from, with the evidence row (masked) and its day."""
    kinds = {one: line_label(one, words.lang) for one in results.lines["kind"].unique()}
    rows = _named(results, results.lines, words)
    told = rows.select(
        *_whose(words),
        pl.col("kind").replace(kinds).alias(words("edition.kind")),
        pl.col("points").alias(words("edition.points")),
        pl.col("n").alias(words("edition.n")),
        pl.col("d").alias(words("edition.d")),
        pl.col("log").alias(words("edition.log")),
        mask_series(rows["row"]).alias(words("edition.row")),
        pl.col("day").cast(pl.String).alias(words("edition.day")),
        pl.col("rule").alias(words("edition.rule")),
    )
    return Sheet(words("edition.ledger"), told, {words("edition.points"): "0.00##"}, held=2)


def unranked_sheet(results: Results, words: Words) -> Sheet:
    """未参评名单: by state, with who owes what is missing."""
    states = {one: words(f"state.{one}") for one in ("none", "missing", "few", "suppressed")}
    states["number"] = words("awards.apart")
    vetoes = [
        veto_text(results.header.scheme, ids, words) for ids in results.unranked["veto"].to_list()
    ]
    told = results.unranked.with_columns(
        pl.col("state").replace(states), veto=pl.Series(vetoes, dtype=pl.String)
    )
    named = told.select(pl.col(name).alias(words(key)) for name, key in UNRANKED.items())
    return Sheet(words("edition.unranked"), named, {}, held=3)
