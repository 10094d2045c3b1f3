"""The catalogue and the schemes in one language: the same words on the page and in the files."""

from collections.abc import Mapping, Sequence

import polars as pl

from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from metrics.catalogue import Metric
from metrics.reference_pages import formula
from metrics.scheme_model import Scheme
from metrics.scheme_pages import scheme_text


def catalogue_frame(metrics: Sequence[Metric], words: Words) -> pl.DataFrame:
    """One row a metric: all that the catalogue says of it, under printed headings."""
    return pl.DataFrame(
        [
            {
                words("export.id"): one.id,
                words("definition.metric"): words.of(one.label),
                words("definition.variant"): words.of(one.variant),
                words("catalogue.formula"): formula_text(one, words),
                words("catalogue.kind"): words(f"metric_kind.{one.kind}"),
                words("catalogue.unit"): words(f"metric_unit.{one.unit}"),
                words("definition.good"): words(f"good.{one.good}"),
                words("catalogue.matters"): matters(one, words),
                words("definition.least"): least(one),
                words("catalogue.dated_by"): words(f"dated_by.{one.dated_by}"),
                words("catalogue.matures"): one.matures_after,
                words("definition.owner"): words(f"owner.{one.attributed_to}"),
                words("definition.why"): words.of(one.why),
                words("definition.gaming"): words.of(one.gaming),
                words("catalogue.source"): words.of(one.source),
                words("catalogue.review"): one.next_review.isoformat(),
            }
            for one in metrics
        ]
    )


def formula_text(one: Metric, words: Words) -> str:
    """The sums of a metric as a formula of measures; a quantile in words."""
    if one.histogram:
        return words("catalogue.quantile", percent=one.percent)
    return formula(one).replace("`", "")


def matters(one: Metric, words: Words) -> str:
    """The smallest difference that matters, in the unit of the metric or as a ratio of odds."""
    if one.matters is None:
        return "/"
    if one.matters.odds is not None:
        return words("catalogue.odds", odds=f"{one.matters.odds:g}")
    if one.unit == "share":
        return words("catalogue.share", points=f"{(one.matters.difference or 0) * 100:g}")
    return f"{one.matters.difference:g} {words(f'metric_unit.{one.unit}')}"


def least(one: Metric) -> str:
    """The least base of a metric; a slash where it needs none."""
    return str(one.min_n) if one.min_n else "/"


def catalogue_csv(metrics: Sequence[Metric], filters: Mapping[str, str], words: Words) -> bytes:
    """The catalogue as csv."""
    return csv_bytes(catalogue_frame(metrics, words), filters)


def catalogue_workbook(
    metrics: Sequence[Metric], filters: Mapping[str, str], words: Words
) -> bytes:
    """The catalogue as a workbook."""
    sheet = Sheet(words("catalogue.metrics"), catalogue_frame(metrics, words), {})
    return workbook_bytes([sheet], filters, words("catalogue.title"))


def scheme_frame(chosen: Scheme, words: Words) -> pl.DataFrame:
    """A scheme in words, a sentence a row, without the marks of markdown."""
    lines = [line for line in scheme_text(chosen, words.lang).splitlines() if line.strip()]
    told = [line.lstrip(" -").replace("**", "").replace("`", "") for line in lines]
    return pl.DataFrame({words("catalogue.rule"): told})


def scheme_csv(chosen: Scheme, filters: Mapping[str, str], words: Words) -> bytes:
    """A scheme in words as csv."""
    return csv_bytes(scheme_frame(chosen, words), filters)


def scheme_workbook(chosen: Scheme, filters: Mapping[str, str], words: Words) -> bytes:
    """A scheme in words as a workbook."""
    sheet = Sheet(words("catalogue.schemes"), scheme_frame(chosen, words), {})
    return workbook_bytes([sheet], filters, words.of(chosen.label))
