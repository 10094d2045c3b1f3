"""What is odd about units over time: contradictions that stand, and rows outside a unit's days."""

from datetime import date

import polars as pl

from data.store import Snapshot
from data.unit_history import contradictions, standing
from data.valid_days import closures
from data.versions import tiled
from metrics.cube import CubeState
from metrics.measure_files import measure_files

SHOWN = 10  # contradictions in full; the rest as a number
Told = tuple[str, str, str]  # where, found, advice


def unit_findings(state: CubeState) -> list[Told]:
    """where, found, advice of everything odd about halls, counters, desks and their days."""
    snap = state.snap
    return [
        *_contradictions(snap),
        *_strange_parents(snap),
        *_before_their_hall(snap),
        *_closed_desks(snap),
        *_outside(state),
        *_stranded(snap),
    ]


def _contradictions(snap: Snapshot) -> list[Told]:
    """What the ingest refuses, and yet stands: after a withdrawal, or from before the check."""
    faults = {one.faults[0].detail: one.faults[0] for one in contradictions(standing(snap))}
    advice = "correct the table; see docs/how-to/units-over-time.md"
    told = [(fault.table, fault.detail, advice) for fault in list(faults.values())[:SHOWN]]
    more = len(faults) - SHOWN
    return told + ([("halls", f"{more} more contradictions", advice)] if more > 0 else [])


def _strange_parents(snap: Snapshot) -> list[Told]:
    """Halls under a hall that no table knows; nothing above it counts them."""
    halls = snap.reference("halls")
    lost = halls.filter(
        pl.col("parent_id").is_not_null(),
        ~pl.col("parent_id").is_in(halls["hall_id"].to_list()),
    )
    if lost.is_empty():
        return []
    hall, parent = lost.select("hall_id", "parent_id").row(0)
    found = f"{lost.height} rows name a parent that is no hall (first: {hall!r} under {parent!r})"
    return [("halls", found, "add the hall above, or correct parent_id: no county counts them")]


def _before_their_hall(snap: Snapshot) -> list[Told]:
    """Counters that open, by the tables, before their hall does."""
    opens = (
        tiled(snap.reference("halls"), "hall_id")
        .group_by("hall_id")
        .agg(pl.col("valid_from").sort_by("since").first().alias("hall_opens"))
    )
    counters = snap.reference("counters").join(opens, on="hall_id")
    early = counters.filter(pl.col("valid_from") < pl.col("hall_opens"))
    if early.is_empty():
        return []
    first = early.select("counter_id", "valid_from", "hall_opens").row(0)
    found = (
        f"{early.height} counters open before their hall "
        f"(first: {first[0]!r} on {first[1]}, its hall on {first[2]})"
    )
    return [("counters", found, "correct a valid_from; the numbers count either way")]


def _closed_desks(snap: Snapshot) -> list[Told]:
    """Desks whose counter is closed on the last days of their assignment."""
    shut = closures(snap.reference("counters"))
    desks = snap.reference("desks").join(shut, on="counter_id")
    until = pl.col("valid_to").fill_null(date.max)
    open_desks = desks.filter(until > pl.col("closed_from"), until >= pl.col("closed_to"))
    if open_desks.is_empty():
        return []
    hall, desk, counter = open_desks.select("hall_id", "desk_no", "counter_id").row(0)
    found = (
        f"{open_desks.height} desks belong to a closed counter (first: desk {desk} of hall "
        f"{hall!r}, counter {counter!r})"
    )
    return [("desks", found, "end them or assign them anew: their tickets wait in quarantine")]


def _outside(state: CubeState) -> list[Told]:
    """Counters with rows after their closing, or before their first day."""
    snap = state.snap
    tiles = tiled(snap.reference("counters"), "counter_id")
    first = pl.col("since") == date.min
    begins = tiles.filter(first, pl.col("valid_from").is_not_null()).select(
        "counter_id",
        pl.col("no").alias("counter"),
        closed_from=pl.lit(date.min),
        closed_to="valid_from",
    )
    after = "correct valid_to, or withdraw the rows: they count, though the counter was closed"
    before = "correct valid_from: the rows count"
    told = []
    for shut, what, advice in (
        (closures(snap.reference("counters")), "after their closing", after),
        (begins, "before their first day", before),
    ):
        days = _days_in(state, shut)
        if days.height:
            counter, day = days.row(0)
            found = (
                f"{days['counter_id'].n_unique()} counters have rows {what} "
                f"(first: {counter!r} on {day})"
            )
            told.append(("counters", found, advice))
    return told


def _days_in(state: CubeState, spans: pl.DataFrame) -> pl.DataFrame:
    """counter_id, day of counted rows inside closed_from..closed_to; endings come later and may."""
    parts = [pl.DataFrame(schema={"counter_id": pl.String(), "day": pl.Date()})]
    happens = ("attendance", "findings", "inspections", "ratings", "receipts", "tickets")
    for name in [one for one in happens if one in measure_files() and spans.height]:
        rows = state.frame(name).select("counter", "day").join(spans, on="counter")
        inside = rows.filter(
            pl.col("day") >= pl.col("closed_from"), pl.col("day") < pl.col("closed_to")
        )
        parts.append(inside.select("counter_id", "day"))
    return pl.concat(parts).unique().sort("counter_id", "day")


def _stranded(snap: Snapshot) -> list[Told]:
    """Tickets of desks that lost their counter after the tickets were taken in."""
    if not any(batch.log == "desks" for batch in snap.batches):
        return []
    from data.views import stranded_tickets  # DuckDB is loaded only where desks were ever told

    return [
        (
            "desks",
            f"{n} tickets of desk {desk} of hall {hall!r} from {first} to {last} count nowhere: "
            "the desk has no counter on their days",
            "assign the desk on those days in the table `desks`; the tickets count again at once",
        )
        for hall, desk, n, first, last in stranded_tickets(snap).head(SHOWN).iter_rows()
    ]
