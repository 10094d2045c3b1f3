"""The columns of a list of awards; see metrics/awards.py for what is on it."""

import polars as pl

AWARDS = pl.Schema(
    {
        "award": pl.String(),  # its id in the scheme
        "list": pl.String(),  # red, black, or last (连续末位)
        "id": pl.String(),
        "name": pl.String(),
        "hall": pl.String(),
        "frame": pl.String(),
        "rank": pl.Int64(),  # in its frame
        "score": pl.Float64(),
        "basis": pl.String(),  # count or share of a quota, titles, or last
        "quota": pl.Int64(),  # places in the list of the group; null: none
        "edge": pl.Boolean(),  # tied at the edge of the quota: more get in than it has places
        "titles": pl.Int64(),  # awards of the list `of` before
        "periods": pl.String(),  # those of the titles, or of the last places
        "source": pl.String(),  # of the scores: published, computed or mixed
        "by_rule": pl.Boolean(),  # what follows from the rule; nobody has decided it yet
    }
)
