"""The mark 填报数: which numbers hold reported tallies, and how much of them; for all media."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard import formats
from dashboard.text import Words
from metrics.catalogue import Metric

NAMES = ("reported_n", "reported_d")


def with_part(values: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    """Values with the n and d that tallies make up of each (null: nothing)."""
    renamed = part.rename({"n": "reported_n", "d": "reported_d"})
    return values.join(renamed, on="id", how="left", maintain_order="left")


def has_some(*frames: pl.DataFrame) -> bool:
    """Whether tallies count in any row of the frames."""
    return any("reported_n" in frame.columns and frame["reported_n"].count() for frame in frames)


def part_text(row: Mapping[str, Any], words: Words) -> str:
    """The reported part as n / d, or n of a count; empty where nothing is reported."""
    n, d = row.get("reported_n"), row.get("reported_d")
    if n is None:
        return ""
    if d is None:
        return formats.count(n)
    return words("format.ratio", n=formats.count(n), d=formats.count(d))


def mark(row: Mapping[str, Any], words: Words) -> str:
    """The mark beside a number that holds tallies, else nothing."""
    return words("reported.mark") if row.get("reported_n") is not None else ""


def note_line(row: Mapping[str, Any], words: Words) -> str:
    """The line under such a number, else nothing."""
    text = part_text(row, words)
    return words("reported.part", base=text) if text else ""


def footnote(
    metrics: Sequence[Metric],
    rows: Sequence[Mapping[str, Any]],
    words: Words,
    whole: str = "reported.whole",
) -> list[str]:
    """What the mark means, and the reported part of each metric's row; empty without any.

    `whole` is the sentence that says of what they are a part.
    """
    told = [
        words("reported.of_metric", metric=words.of(metric.label), base=text)
        for metric, row in zip(metrics, rows, strict=True)
        if (text := part_text(row, words))
    ]
    if not told:
        return []
    return [words("reported.note"), words(whole, parts=words("format.list").join(told))]


def named_filters(filters: Mapping[str, str], words: Words, some: bool) -> Mapping[str, str]:
    """The head of a file, with the meaning of the mark where something in it is reported."""
    return {**filters, words("reported.mark"): words("reported.note")} if some else filters
