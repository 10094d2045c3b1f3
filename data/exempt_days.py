"""Which days of a log a changed exemption restates."""

from collections.abc import Callable
from datetime import date

import polars as pl

from data.exempt import ENDED, LIFTS, decisions, of_system
from data.store import Snapshot

Ask = Callable[[str], pl.DataFrame]
# By log: system, moment and day of the sums; a service is lifted with the ratings of its moment.
MOMENTS = {
    **{log: [(system, moment, "day")] for log, (system, moment, _) in LIFTS.items()},
    "tickets": [("queue", "r.taken_at", "day"), ("rating", ENDED, "day")],
    "cases": [("rating", "r.closed_at", "closed_on")],
}
STOPPED = "cases_stopped"  # counter, begins, ends of what stops the clocks of cases


def restated(ask: Ask, snap: Snapshot, log: str, source: str, changed: set[int]) -> set[date]:
    """Days of the rows of `source` inside a stretch of the changed batches of exemptions.

    Of all counters: who stood where is settled by the view. A log that nothing lifts has none.
    """
    days: set[date] = set()
    if not changed:
        return days
    for system, moment, day in MOMENTS.get(log, ()):
        stretches = of_system(decisions(snap, changed), system).select("starts_at", "ends_at")
        for starts_at, ends_at in stretches.unique().iter_rows():
            inside = f"{moment} >= TIMESTAMP '{starts_at}' AND {moment} < TIMESTAMP '{ends_at}'"
            found = ask(f"SELECT DISTINCT {day} AS day FROM {source} AS r WHERE {inside}")
            days |= set(found["day"].to_list())
    return days


def stopped_keys(source: str) -> str:
    """Keys of the cases that ran while a stretch of the table STOPPED stopped their clock."""
    return (
        f"SELECT DISTINCT r.key FROM {source} AS r SEMI JOIN {STOPPED} AS e "
        "ON r.counter = e.counter AND r.received_at < e.ends "
        "AND COALESCE(r.closed_at, TIMESTAMP '9999-12-31') >= e.begins"
    )
