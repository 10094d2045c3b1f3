"""The ranking with its certainty: official ranks, and beside them what the data can tell apart."""

from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from metrics.cube import CubeState
from metrics.fairness.certainty import FRAMES, RANKABLE, SURE, certainty
from metrics.periods import Period
from metrics.ranking import Ranking, rank_scores
from metrics.rollup import ensure
from metrics.scheme_files import DEFAULT
from metrics.scheme_files import scheme as scheme_of
from metrics.scope import Scope
from metrics.scores import Scores, score_of
from metrics.values import default_as_of

BESIDE = ("rank_low", "rank_high", "tier", "reliability")


@dataclass(frozen=True)
class FairRanking(Ranking):
    """A Ranking whose `frame` and `unranked` also have the columns SURE (null where unranked).

    `groups`: FRAMES, one row per frame with ranked units. `chance`: what chance does to each item,
    by peer group (metrics/fairness/score_draws.py, GROUPS).
    """

    groups: pl.DataFrame
    chance: pl.DataFrame

    def beside(self) -> tuple[str, ...]:
        """The columns of certainty that stand after the items."""
        return BESIDE

    def ordinal(self, frame: str) -> bool:
        """Whether positions may be printed: by an official scheme always, else where they hold.

        A scheme that publishes tiers prints no position in a frame of which most is noise.
        """
        if self.scheme.publish == "official":
            return True
        share: float | None = self.group(frame)["rankability"]
        return share is None or share >= RANKABLE

    def within(self, frame: str) -> "FairRanking":
        """The same of one frame alone."""
        mine = pl.col("frame") == frame
        return replace(
            self,
            frame=self.frame.filter(mine),
            unranked=self.unranked.filter(mine),
            groups=self.groups.filter(mine),
        )

    def group(self, frame: str) -> dict[str, Any]:
        """The row of FRAMES of one frame."""
        return self.groups.row(by_predicate=pl.col("frame") == frame, named=True)


def fair_ranking(
    home: Path,
    period: Period,
    scope: Scope,
    frame: str | None = None,
    scheme: str = DEFAULT,
    as_of: date | None = None,
) -> FairRanking:
    """`metrics.ranking.rank` with its certainty; the same arguments and errors."""
    state = ensure(home)
    day = as_of or default_as_of(state, period)
    found = score_of(state, scheme_of(scheme, home, period.start), period, scope, day)
    return fair_scores(state, found, scope, frame)


def fair_scores(state: CubeState, found: Scores, scope: Scope, frame: str | None) -> FairRanking:
    """The same of scores at hand."""
    official = rank_scores(state, found, scope, frame)
    sure = certainty(state, found, official.frame.select("id", "frame"))
    given = {one.name: getattr(official, one.name) for one in fields(Ranking)}
    given["frame"] = official.frame.join(sure.units, on="id", how="left", maintain_order="left")
    empty = [pl.lit(None, kind).alias(name) for name, kind in SURE.items() if name != "id"]
    given["unranked"] = official.unranked.with_columns(empty)
    return FairRanking(**given, groups=sure.frames.match_to_schema(FRAMES), chance=sure.draws.items)
