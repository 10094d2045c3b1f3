"""Awards beside what the data can tell apart: by rule, or also beyond chance."""

from datetime import date
from pathlib import Path

import polars as pl

from metrics.awards import AWARDS, awards
from metrics.fairness.ranking import fair_ranking
from metrics.periods import Period
from metrics.scheme_files import DEFAULT, versions
from metrics.scope import Scope

BEYOND = pl.Schema({**AWARDS, "beyond_chance": pl.Boolean()})


def fair_awards(
    home: Path,
    period: Period,
    scope: Scope,
    scheme: str = DEFAULT,
    as_of: date | None = None,
) -> pl.DataFrame:
    """`metrics.awards.awards` with beyond_chance: the 95 % rank set lies inside the list.

    False: an award by rule among units that cannot be told apart (依办法授予). Null where no
    certainty is known: lists of a longer period than the scheme's, and scores of facts alone.
    """
    given = awards(home, period, scope, scheme, as_of)
    known = [one for one in versions(scheme, home) if one.in_force(period.start)]
    if given.is_empty() or not known or known[0].period != period.kind:
        return given.with_columns(beyond_chance=pl.lit(None, pl.Boolean)).select(list(BEYOND))
    ranking = fair_ranking(home, period, scope, None, scheme, as_of)
    sets = ranking.frame.select("id", "frame", "rank_low", "rank_high").join(
        ranking.groups.select("frame", "k"), on="frame"
    )
    placed = given.join(sets.drop("frame"), on="id", how="left", maintain_order="left")
    places = pl.len().over("award", "frame")
    inside = (
        pl.when(pl.col("list") == "red")
        .then(pl.col("rank_high") <= places)
        .otherwise(pl.col("rank_low") > pl.col("k") - places)
    )
    return placed.with_columns(beyond_chance=inside).select(list(BEYOND))
