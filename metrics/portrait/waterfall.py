"""Why a score, as steps: from the full points down to the score, or from the last score to it."""

import polars as pl

from metrics.difference import Difference
from metrics.difference import score_u as score_of
from metrics.explain import Explanation
from metrics.explain_words import item_label, line_label

# key: the item, or the kind of a line of the scheme itself. Each step begins where the one before
# it ended; kind: start, step or end. All points are units of 1/10,000 point.
STEPS = pl.Schema(
    {
        "kind": pl.String(),
        "key": pl.String(),
        "label": pl.String(),
        "change_u": pl.Int64(),
        "from_u": pl.Int64(),
        "to_u": pl.Int64(),
    }
)


def lost(told: Explanation, lang: str) -> pl.DataFrame:
    """STEPS from what could be had to the score: what each item lost (or brought beyond).

    What could be had: the base, the full points of the items, and the weights of the values that
    count. Empty without a score.
    """
    if told.score_u is None:
        return pl.DataFrame(schema=STEPS)
    rows = told.lines.with_columns(
        key=pl.when(pl.col("item") == "").then("line").otherwise("item"),
        full_u=pl.when(pl.col("line").is_in(["base", "full"]))
        .then("points_u")
        .otherwise(pl.col("weight_u").fill_null(0)),
        of_scheme=pl.col("item") == "",
    )
    parts = rows.group_by("key", "of_scheme", maintain_order=True).agg(
        pl.col("points_u").sum(), pl.col("full_u").sum()
    )
    moved = parts.with_columns(change_u=pl.col("points_u") - pl.col("full_u"))
    steps = [
        (row["key"], _label(told, row["key"], row["of_scheme"], lang), row["change_u"])
        for row in moved.iter_rows(named=True)
        if row["change_u"] or not row["of_scheme"]
    ]
    return _steps(int(parts["full_u"].sum()), steps)


def moved(told: Difference, lang: str) -> pl.DataFrame:
    """STEPS from the score of the period before to this one, the largest movers first.

    Empty where one of the two has no score.
    """
    before = score_of(told.before, told.unit)
    if told.change_u is None or before is None:
        return pl.DataFrame(schema=STEPS)
    steps = [
        (row["key"], told.label(row["key"], row["of_scheme"], lang), row["change_u"])
        for row in told.rows.iter_rows(named=True)
        if row["change_u"]
    ]
    return _steps(before, steps)


def _label(told: Explanation, key: str, of_scheme: bool, lang: str) -> str:
    if of_scheme:
        return line_label(key, lang)
    return item_label(told.scores.scheme, key, lang) or key


def _steps(start: int, steps: list[tuple[str, str, int]]) -> pl.DataFrame:
    rows: list[tuple[str, str, str, int, int, int]] = [("start", "start", "", 0, start, start)]
    at = start
    for key, label, change in steps:
        rows.append(("step", key, label, change, at, at + change))
        at += change
    rows.append(("end", "end", "", at - start, at, at))
    return pl.DataFrame(rows, schema=STEPS, orient="row")
