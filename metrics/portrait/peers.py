"""A unit among its peers: the scores of its group, and where it stands in it."""

from dataclasses import dataclass

import polars as pl

from metrics.fairness.ranking import FairRanking


@dataclass(frozen=True, eq=False)
class Peers:
    """`rows`: id, name, hall, score, rank_low, rank_high, tier of the ranked of a group, best
    first, `mine`: whether it is the unit. `group`: the code of the group. `ordinal`: whether
    positions may be printed. `row`: the unit itself with all columns of the ranking; None: not
    ranked, `state` says why (absent: it takes no part).
    """

    group: str
    ordinal: bool
    state: str
    row: dict[str, object] | None
    rows: pl.DataFrame


COLUMNS = ("id", "name", "hall", "score", "rank_low", "rank_high", "tier")


def peers(ranking: FairRanking, unit: str) -> Peers:
    """The group of a unit in a ranking."""
    mine = pl.col("id") == unit
    ranked, other = ranking.frame.filter(mine), ranking.unranked.filter(mine)
    if ranked.is_empty():
        state = "absent" if other.is_empty() else str(other.item(0, "state"))
        empty = ranking.frame.clear().select(*COLUMNS, mine=mine)
        return Peers("", ordinal=False, state=state, row=None, rows=empty)
    row = ranked.row(0, named=True)
    group = ranking.frame.filter(pl.col("frame") == row["frame"])
    rows = group.sort("score", "id", descending=[True, False]).select(*COLUMNS, mine=mine)
    return Peers(str(row["frame"]), ranking.ordinal(str(row["frame"])), "number", row, rows)
