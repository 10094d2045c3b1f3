"""A funnel as files: every unit with its limits, the curves, and the rates at the same case mix."""

from collections.abc import Mapping

import polars as pl

from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.definitions import definition_frame
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from metrics.fairness.funnel import MetricFunnel

Filters = Mapping[str, str]
NAMES = {"id": "export.id", "name": "export.name", "hall": "export.hall", "n": "funnel.n"}
NAMES |= {"d": "funnel.base", "lower95": "funnel.lower_near", "upper95": "funnel.upper_near"}
NAMES |= {"lower998": "funnel.lower_far", "upper998": "funnel.upper_far", "mark": "funnel.mark"}
NAMES |= {"state": "export.state"}
MIX = {"id": "export.id", "name": "export.name", "hall": "export.hall", "n": "funnel.n"}
MIX |= {"d": "funnel.base", "value": "case_mix.value", "o": "case_mix.o", "e": "case_mix.e"}
MIX |= {"sr": "case_mix.ratio", "adjusted": "case_mix.adjusted"}
MIX |= {"adjusted_low": "case_mix.low", "adjusted_high": "case_mix.high"}
MIX |= {"own_share": "case_mix.own", "merged": "case_mix.merged", "direct": "case_mix.direct"}
RATE = "0.00%"


def funnel_frame(found: MetricFunnel, words: Words) -> pl.DataFrame:
    """The points under printed headings, the most striking first."""
    label = words.of(found.metric.label)
    mark = (
        pl.when(pl.col("outlier") != "none")
        .then("outlier")
        .when(pl.col("outside") != "none")
        .then(pl.lit("outside"))
        .otherwise(pl.lit("inside"))
    )
    kinds = {one: words(f"funnel_mark.{one}") for one in ("inside", "outside", "low", "high")}
    states = {one: words(f"state.{one}") for one in found.points["state"].unique()}
    told = found.points.with_columns(
        mark=mark.replace(kinds), state=pl.col("state").replace(states)
    )
    names = {**NAMES, "value": ""}
    order = ["id", "name", "hall", "n", "d", "value", "lower95", "upper95", "lower998"]
    return told.select(
        pl.col(name).alias(words(names[name]) if names[name] else label)
        for name in (*order, "upper998", "mark", "state")
    )


def mix_frame(rows: pl.DataFrame, words: Words) -> pl.DataFrame:
    """The rates at the same case mix under printed headings."""
    return rows.select(pl.col(name).alias(words(key)) for name, key in MIX.items())


def funnel_csv(found: MetricFunnel, filters: Filters, words: Words) -> bytes:
    """The points."""
    return csv_bytes(funnel_frame(found, words), filters)


def funnel_workbook(
    found: MetricFunnel, mix: pl.DataFrame | None, filters: Filters, words: Words
) -> bytes:
    """A sheet each: points, curves, case mix where it is kept, and what the metric means."""
    limits = ("lower95", "upper95", "lower998", "upper998")
    rates = {words(NAMES[name]): RATE for name in limits} | {words.of(found.metric.label): RATE}
    curve = found.curve.rename({name: words(NAMES[name]) for name in found.curve.columns})
    sheets = [Sheet(words("funnel.points"), funnel_frame(found, words), rates)]
    sheets.append(Sheet(words("funnel.curve"), curve, rates))
    if mix is not None:
        shares = ("value", "adjusted", "adjusted_low", "adjusted_high", "own_share", "merged")
        told = {words(MIX[name]): RATE for name in (*shares, "direct")}
        told |= {words(MIX["e"]): "0.0", words(MIX["sr"]): "0.00"}
        sheets.append(Sheet(words("case_mix.sheet"), mix_frame(mix, words), told))
    meant = definition_frame([found.metric], words)
    sheets.append(Sheet(words("export.definitions"), meant, {}))
    return workbook_bytes(sheets, filters, words("funnel.title"))
