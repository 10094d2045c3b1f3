"""Heirs of closed units (现行口径): whose earlier numbers count for whom."""

from datetime import date

import polars as pl

from data.errors import HallscoreError


def heirs(successors: pl.DataFrame, kind: str, day: date) -> dict[str, str]:
    """old id -> the id at the end of the chain of successors that had begun by `day`.

    Only whole successions (share 1) can be followed; a part of one raises HallscoreError.
    """
    begun = successors.filter(pl.col("unit_kind") == kind, pl.col("succeeds_on") <= day)
    for old, new, since, share in begun.select(
        "old_id", "new_id", "succeeds_on", "share"
    ).iter_rows():
        if share != 1:
            raise HallscoreError(
                f"successors: {kind} {old!r} passed {share:g} of itself to {new!r} on {since}. "
                "Numbers as things stand now (--places now) follow whole successions only, share "
                "1: a counted rating cannot be split. Ask with --places then, where each day "
                "counts as it stood, or name one successor with share 1."
            )
    nearest = dict(begun.sort("succeeds_on").select("old_id", "new_id").iter_rows())
    found: dict[str, str] = {}
    for old in nearest:
        seen, at = {old}, nearest[old]
        while at in nearest and at not in seen:
            seen.add(at)
            at = nearest[at]
        found[old] = at
    return found


def succeeded(counters: pl.DataFrame, successors: pl.DataFrame, day: date) -> pl.DataFrame:
    """Counters (one row each, as on `day`) under the id, hall and department of their heirs.

    `no` stays: it is the number under which their rows were counted.
    """
    if successors.is_empty():
        return counters
    of_counters, of_halls = heirs(successors, "counter", day), heirs(successors, "hall", day)
    place = ["counter_id", "hall_id", "department_id"]
    named = counters.select(pl.col("counter_id").replace(of_counters), "no")
    stand = named.join(counters.select(place), on="counter_id", how="left", maintain_order="left")
    return stand.with_columns(pl.col("hall_id").replace(of_halls))
