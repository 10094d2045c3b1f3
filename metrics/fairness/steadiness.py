"""Who keeps a place in the first tenth by other weights, and what flips the first pairs.

A reading of metrics/fairness/sensitivity.py: rows of it by group, and its flips one after another.
"""

from itertools import pairwise
from pathlib import Path

import polars as pl

from metrics.fairness.sensitivity import flips
from metrics.periods import Period
from metrics.scope import Scope

STEADY = pl.Schema(
    {
        "frame": pl.String(),
        "k": pl.Int64(),
        "places": pl.Int64(),  # of the first tenth, rounded up
        "first_n": pl.Int64(),  # units in it by the weights as published; more where some tie, or 0
        "always": pl.Int64(),  # of them those in it by every weighting
        "stays": pl.Float64(),  # mean share of the weightings that keep them; null: nobody is in it
        "least": pl.Float64(),  # the share of the one that is kept least
        "moved": pl.Float64(),  # mean share of the weightings that move a unit five places or more
    }
)
FLIPS = pl.Schema(
    {
        "rank": pl.Int64(),
        "ahead": pl.String(),
        "behind": pl.String(),
        "name_ahead": pl.String(),
        "name_behind": pl.String(),
        "score_ahead": pl.Float64(),
        "score_behind": pl.Float64(),
        "moved": pl.Float64(),  # Σ |change| of the weights in points; null: no weights do
        "items": pl.List(pl.String()),  # whose weights change
        "changes": pl.List(pl.Float64()),  # by how many points each
    }
)
PAIRS = 5
TENTH = 10


def first_tenth(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of SENSITIVITY in the first tenth of their frame by the weights as published.

    As in the study itself, who is tied from the first tenth to the last is in neither, and a frame
    of one has none.
    """
    count = pl.len().over("frame").cast(pl.Int64)
    worst = pl.col("rank") + pl.len().over("frame", "rank").cast(pl.Int64) - 1
    places = _places(count)
    return rows.filter(pl.col("rank") <= places, worst <= count - places)


def _places(count: pl.Expr) -> pl.Expr:
    return (count + TENTH - 1) // TENTH


def steady(rows: pl.DataFrame) -> pl.DataFrame:
    """STEADY: one row per frame of SENSITIVITY rows, in their order."""
    whole = rows.group_by("frame", maintain_order=True).agg(
        k=pl.len().cast(pl.Int64), moved=pl.col("moves5").mean()
    )
    stays = pl.col("stays_top")
    first = (
        first_tenth(rows)
        .group_by("frame")
        .agg(
            first_n=pl.len().cast(pl.Int64),
            always=(stays == 1).sum().cast(pl.Int64),
            stays=stays.mean(),
            least=stays.min(),
        )
    )
    told = whole.join(first, on="frame", how="left", maintain_order="left")
    counts = pl.col("first_n", "always").fill_null(0)
    placed = told.with_columns(counts, places=_places(pl.col("k")))
    return placed.select(list(STEADY)).match_to_schema(STEADY)


def first_flips(
    home: Path,
    period: Period,
    scope: Scope,
    scheme: str,
    rows: pl.DataFrame,
    pairs: int = PAIRS,
) -> pl.DataFrame:
    """FLIPS: the smallest change of the weights that flips each of the first `pairs` neighbours.

    `rows`: SENSITIVITY of one frame, by rank. Fewer units than pairs + 1 give fewer rows.
    """
    names = dict(rows.select("id", "name").iter_rows())
    ids = rows.sort("rank", "id")["id"].to_list()[: pairs + 1]
    ranks = rows.sort("rank", "id")["rank"].to_list()
    told = []
    for at, (first, second) in enumerate(pairwise(ids)):
        found = flips(home, period, scope, scheme, first, second)
        row = {"rank": ranks[at], "ahead": first, "behind": second}
        if found is not None:
            changed = found.frame.filter(pl.col("change") != 0)
            row |= {"ahead": found.ahead, "behind": found.behind, "moved": found.moved}
            row |= {"score_ahead": found.before[0], "score_behind": found.before[1]}
            row |= {name: changed[name[:-1]].to_list() for name in ("items", "changes")}
        row |= {f"name_{side}": names[row[side]] for side in ("ahead", "behind")}
        told.append(row)
    return pl.DataFrame(told, schema=FLIPS, orient="row")
