"""Which days of a log differ from a cube that was built before: only those are summed again."""

from collections.abc import Iterable
from datetime import date

import duckdb
import polars as pl

from data.exempt import case_stops
from data.exempt import changed as changed_exemptions
from data.exempt import moved as places_moved
from data.exempt_days import STOPPED, restated, stopped_keys
from data.loop import touched_loop_days
from data.settle import case_members, settle_cases, voided_ratings
from data.store import Snapshot
from data.views import clock_digest, clockwork, everything

DATES_OF_CASE = ("day", "accepted_on", "closed_on", "due_on", "overdue_on")


def touched_days(
    con: duckdb.DuckDBPyConnection,
    snap: Snapshot,
    log: str,
    built: Iterable[int],
    built_withdrawn: Iterable[int],
    built_clock: str,
) -> set[date] | None:
    """Days of a log whose sums may differ from a cube of the `built` batches; None means all.

    `con` comes from `connect(snap)`.
    """
    before, left = set(built), set(built_withdrawn)
    if log == "rectifications":
        return touched_loop_days(snap, before - left)
    changed = _changed(snap, log, before, left)
    if log == "cases" and built_clock != clock_digest(snap):
        return None
    if log == "tickets" and any(b.log == "desks" and b.no not in before for b in snap.batches):
        return None
    decided = changed_exemptions(snap, before, left)
    days = _voided_days(con, snap, before, left) if log == "ratings" else set()
    if not changed and not decided:
        return days
    source = everything(con, snap, log)
    listed = ", ".join(map(str, sorted(changed))) or "-1"
    if log == "cases":
        if decided and places_moved(snap, before, left):
            return None
        days = _touched_case_days(con, snap, source, listed, before - left, decided)
        return days | restated(lambda text: con.sql(text).pl(), snap, log, source, decided)
    days |= restated(lambda text: con.sql(text).pl(), snap, log, source, decided)
    where = f"batch IN ({listed})"
    if log == "ratings":
        where += f" OR pair IN (SELECT pair FROM {source} WHERE batch IN ({listed}) AND contested)"
        # A row that left may have been the reason why others were marked.
        where += (
            f" OR pair IN (SELECT r.pair FROM {source} AS r WHERE r.contested AND r.pair IN "
            f"(SELECT pair FROM {source} WHERE batch IN ({listed})))"
        )
    found = con.execute(f"SELECT DISTINCT day FROM {source} WHERE {where}").fetchall()
    return days | {day for (day,) in found}


def _changed(snap: Snapshot, log: str, before: set[int], left: set[int]) -> set[int]:
    """Batches of a log that came, or left, since a cube of `before` without `left`."""
    live = {batch.no for batch in snap.live if batch.log == log}
    gone = {b.no for b in snap.batches if b.withdrawn is not None and b.log == log}
    return (live - before) | ((gone & before) - left)


def _voided_days(
    con: duckdb.DuckDBPyConnection, snap: Snapshot, before: set[int], left: set[int]
) -> set[date]:
    """Days of the ratings whose voids came or were withdrawn, and of the ratings beside them.

    Of ratings that left the store themselves the days are touched by their own log.
    """
    changed = _changed(snap, "voids", before, left)
    if not changed:
        return set()
    listed = ", ".join(map(str, sorted(changed)))
    source = everything(con, snap, "voids")
    decided = con.sql(f"SELECT rating_id, rated_month FROM {source} WHERE batch IN ({listed})").pl()
    pairs = voided_ratings(con, "ratings_raw", decided)["pair"].unique()
    con.register("void_pairs", pairs.to_frame("pair").to_arrow())
    found = con.execute(
        "SELECT DISTINCT day FROM ratings_raw WHERE pair IN (SELECT pair FROM void_pairs)"
    ).fetchall()
    con.unregister("void_pairs")
    return {day for (day,) in found}


def _touched_case_days(
    con: duckdb.DuckDBPyConnection,
    snap: Snapshot,
    source: str,
    listed: str,
    before: set[int],
    decided: set[int],
) -> set[date]:
    """Every date of the touched cases, as they stood in the cube and as they stand now."""
    keys = f"SELECT key FROM {source} WHERE batch IN ({listed})"
    con.register(STOPPED, case_stops(snap, decided).to_arrow())
    keys = f"{keys} UNION {stopped_keys(source)}" if decided else keys
    members = case_members(con, source, frozenset(), keys)
    live = [batch.no for batch in snap.live]
    days: set[date] = set()
    for batches in (sorted(before), live):
        clock = clockwork(snap, case_stops(snap, batches))
        standing = settle_cases(members.filter(pl.col("batch").is_in(batches)), clock)
        for name in DATES_OF_CASE:
            days |= set(standing[name].drop_nulls().unique().to_list())
    return days
