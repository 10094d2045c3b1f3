"""评优名单: what follows from a scheme's rules, in words; nobody has decided it yet."""

import polars as pl

from dashboard.exports.workbook import Sheet
from dashboard.text import Words
from metrics.scheme_model import Scheme


def basis(row: dict[str, object], words: Words) -> str:
    """On what a place on a list rests, and that it is by rule where nothing else sets it apart."""
    told = words(f"awards.by_{row['basis']}", **{k: row[k] for k in ("quota", "titles", "periods")})
    told = words("awards.edge", basis=told) if row["edge"] else told
    if row.get("beyond_chance"):
        return told
    by_rule = "by_rule" if row["list"] == "red" else "listed_by_rule"
    unsure = row.get("beyond_chance") is False
    return words(f"fairness.{by_rule}" if unsure else f"awards.{by_rule}", basis=told)


def award_labels(scheme: Scheme, words: Words) -> dict[str, str]:
    """id → what it is called, of awards and of last places."""
    labels = {one.id: words.of(one.label) for one in scheme.awards}
    return labels | {one.id: words.of(one.label) for one in scheme.last_places}


def veto_text(scheme: Scheme, ids: str | None, words: Words) -> str:
    """The vetoes of a unit by their labels."""
    labels = {one.id: words.of(one.label) for one in scheme.vetoes}
    listed = ids.split(",") if ids else []
    return words("format.list").join(labels.get(one, one) for one in listed)


def awards_frame(given: pl.DataFrame, scheme: Scheme, words: Words) -> pl.DataFrame:
    """The lists under printed headings."""
    labels = award_labels(scheme, words)
    rows = given.to_dicts()
    columns = {
        words("awards.award"): [labels.get(row["award"], row["award"]) for row in rows],
        words("awards.list"): [words(f"awards.{row['list']}") for row in rows],
        words("export.id"): given["id"],
        words("export.name"): given["name"],
        words("export.hall"): given["hall"],
        words("export.rank"): given["rank"],
        words("export.score"): given["score"],
        words("awards.basis"): [basis(row, words) for row in rows],
    }
    texts = [words("awards.award"), words("awards.list"), words("awards.basis")]
    return pl.DataFrame(columns, schema_overrides=dict.fromkeys(texts, pl.String()))


def awards_sheets(given: pl.DataFrame | None, scheme: Scheme, words: Words) -> list[Sheet]:
    """One sheet, or none where the scheme has no lists for the period."""
    if given is None or not (scheme.awards or scheme.last_places):
        return []
    form = {words("export.score"): "0.00", words("export.rank"): "0"}
    return [Sheet(words("awards.title"), awards_frame(given, scheme, words), form)]
