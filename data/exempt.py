"""Exemptions (豁免): which counters are lifted from which system, and when, by standing decisions.

A decision holds on the half-open stretch [starts_at, ends_at) for the counters that stood in its
hall on each day (with `includes_below` in the halls below it too), for its one counter, or for the
whole city. Of the rows of a log whose own moment lies inside, the view says `exempt`; the sums
leave them out and count them apart (metrics/measures/exempt_*.sql). For cases the stretch stops
the clock (data.clock_stops), which counts whole days: of a stop the days after its first up to and
with its last, so that one inside a single day moves no due day. Nothing is stored twice: withdraw
the decision's batch, and everything is as before.
"""

import hashlib
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl

from data.store import Snapshot
from data.tables import LOGS
from data.versions import ALWAYS, first_above, tiled

# A shift begins as it is due, else as it was signed, else in the morning or after noon.
SHIFT_BEGINS = (
    "COALESCE(r.due_in, r.in_at, CAST(r.day AS TIMESTAMP) + "
    "CASE WHEN r.shift = 'pm' THEN INTERVAL 13 HOUR ELSE INTERVAL 9 HOUR END)"
)
# By log: the system that lifts its rows, the moment of a row r (SQL), and the column of its day.
LIFTS = {
    "findings": ("inspection", "r.found_at", "day"),
    "tickets": ("queue", "r.taken_at", "day"),
    "ratings": ("rating", "r.rated_at", "rated_on"),
    "attendance": ("attendance", SHIFT_BEGINS, "day"),
}
ENDED = "COALESCE(r.finished_at, r.called_at, r.taken_at)"  # of a served ticket
SPANS: dict[str, pl.DataType] = {
    "exemption": pl.String(),
    "system": pl.String(),
    "counter": pl.Int32(),
    "begins": pl.Datetime("us"),
    "ends": pl.Datetime("us"),
}
PLACES = ("halls", "counters")  # who stands where decides whom an exemption of a hall means


def decisions(snap: Snapshot, batches: Collection[int] | None = None) -> pl.DataFrame:
    """Stored exemptions (columns of the table) of the live batches, or of the given ones."""
    files = list(snap.files["exemptions"])
    schema = LOGS["exemptions"].schema
    if not files:
        return pl.DataFrame(schema=schema)
    kept = [one.no for one in snap.live] if batches is None else sorted(batches)
    stored = pl.read_parquet(files, columns=list(schema), hive_partitioning=False)
    return stored.filter(pl.col("batch").is_in(kept)).match_to_schema(schema).sort("id", "batch")


def of_system(rows: pl.DataFrame, system: str) -> pl.DataFrame:
    """The decisions that lift a system."""
    return rows.filter(pl.col("system").is_in([system, "all"]))


def spans(snap: Snapshot, rows: pl.DataFrame) -> pl.DataFrame:
    """exemption, system, counter (number), begins, ends (half-open) of decisions."""
    parts = [_reach(snap, row) for row in rows.iter_rows(named=True)]
    found = pl.concat([pl.DataFrame(schema=SPANS), *parts])
    return found.filter(pl.col("begins") < pl.col("ends")).sort(*SPANS)


def _reach(snap: Snapshot, row: dict[str, Any]) -> pl.DataFrame:
    """The counters of one decision, each on the days on which it stood where the decision holds."""
    places = tiled(snap.reference("counters"), "counter_id")
    counter = pl.col("no").alias("counter")
    if row["counter"] is not None:
        there = places.filter(no=row["counter"]).with_columns(**ALWAYS)
    elif row["hall"] is None:
        there = places.with_columns(**ALWAYS)
    else:
        halls = _halls_of(snap, row["hall"], row["includes_below"])
        both = places.join(halls, on="hall_id", suffix="_hall")
        there = both.with_columns(
            since=pl.max_horizontal("since", "since_hall"),
            until=pl.min_horizontal("until", "until_hall"),
        )
    moment = pl.Datetime("us")
    held = there.select(counter, "since", "until").unique()
    return held.select(
        pl.lit(row["id"]).alias("exemption"),
        pl.lit(row["system"]).alias("system"),
        "counter",
        begins=pl.max_horizontal(pl.col("since").cast(moment), pl.lit(row["starts_at"], moment)),
        ends=pl.min_horizontal(pl.col("until").cast(moment), pl.lit(row["ends_at"], moment)),
    )


def _halls_of(snap: Snapshot, hall: int, below: bool) -> pl.DataFrame:
    """hall_id, since, until of a hall on all days, or of what stands below it day by day too."""
    halls = snap.reference("halls")
    mine = halls.filter(no=hall).select("hall_id").unique()
    if not below:
        return mine.with_columns(**ALWAYS)
    tiles = tiled(halls, "hall_id")
    over = first_above(tiles, pl.col("hall_id").is_in(mine["hall_id"].implode()))
    return over.select("hall_id", "since", "until")


def spans_of_log(snap: Snapshot, log: str) -> pl.DataFrame:
    """`spans` of the standing decisions that lift rows of a log (a key of LIFTS)."""
    system, _, _ = LIFTS[log]
    return spans(snap, of_system(decisions(snap), system))


def case_stops(snap: Snapshot, batches: Collection[int] | None = None) -> pl.DataFrame:
    """counter, begins, ends of what stops the clocks of cases; a stop of one day stops no day."""
    found = spans(snap, of_system(decisions(snap, batches), "case"))
    overnight = pl.col("begins").dt.date() < pl.col("ends").dt.date()
    return found.filter(overnight).select("counter", "begins", "ends").unique().sort(pl.all())


def stops_digest(stops: pl.DataFrame) -> str:
    """Names the content of `case_stops`; empty where nothing stops a clock."""
    if stops.is_empty():
        return ""
    return hashlib.sha256(repr(stops.rows()).encode()).hexdigest()[:12]


def days_of(stretches: pl.DataFrame) -> list[date]:
    """Every day on which one of the half-open stretches (begins, ends) holds for a moment."""
    return sorted(set(_days(stretches)))


def _days(stretches: pl.DataFrame) -> Iterator[date]:
    for begins, ends in stretches.select("begins", "ends").unique().iter_rows():
        last = (ends - timedelta(microseconds=1)).date()
        yield from (
            begins.date() + timedelta(days=n) for n in range((last - begins.date()).days + 1)
        )


def view_sql(log: str, source: str, columns: str, days: Collection[date]) -> str:
    """SELECT of `columns` and `exempt` from `source`; the spans lie in the table <log>_lifted.

    Only rows of days with an exemption are compared; without any, `exempt` is a plain FALSE, which
    the engine folds away.
    """
    _, moment, day = LIFTS[log]
    if not days:
        return f"SELECT {columns}, FALSE AS exempt FROM {source}"
    listed = ", ".join(f"DATE '{one}'" for one in sorted(days))
    inside = (
        f"{log}_lifted AS e ON r.counter = e.counter AND {moment} >= e.begins "
        f"AND {moment} < e.ends WHERE r.{day} IN ({listed})"
    )
    told = ", ".join(f"r.{name.strip()}" for name in columns.split(","))
    return (
        f"SELECT {told}, FALSE AS exempt FROM {source} AS r WHERE r.{day} NOT IN ({listed}) "
        f"UNION ALL SELECT {told}, FALSE AS exempt FROM {source} AS r ANTI JOIN {inside} "
        f"UNION ALL SELECT {told}, TRUE AS exempt FROM {source} AS r SEMI JOIN {inside}"
    )


def services_sql(days: Collection[date]) -> str:
    """SELECT of counter, day and ticket_id of the services lifted with the ratings of their moment.

    Served tickets by their end, which is on their day or the next (ticket_id is null: each is one
    service), and closed cases. The spans lie in the table ratings_lifted.
    """
    if not days:
        return "SELECT counter, day, ticket_id FROM cases WHERE FALSE"
    before = sorted({*days, *(one - timedelta(days=1) for one in days)})
    on, around = (", ".join(f"DATE '{one}'" for one in ones) for ones in (sorted(days), before))
    inside = "ratings_lifted AS e ON r.counter = e.counter AND {0} >= e.begins AND {0} < e.ends"
    return (
        f"SELECT r.counter, r.day, CAST(NULL AS VARCHAR) AS ticket_id FROM tickets AS r "
        f"SEMI JOIN {inside.format(ENDED)} WHERE r.status = 'served' AND r.day IN ({around}) "
        f"UNION ALL SELECT r.counter, r.closed_on AS day, r.ticket_id FROM cases AS r "
        f"SEMI JOIN {inside.format('r.closed_at')} WHERE r.closed_on IN ({on})"
    )


def changed(snap: Snapshot, built: Collection[int], built_withdrawn: Collection[int]) -> set[int]:
    """Batches of exemptions by which a cube of the `built` batches may differ from now.

    Where halls or counters changed since, every exemption that held then or holds now is one.
    """
    held, hold = _then_and_now(snap, "exemptions", built, built_withdrawn)
    return held | hold if moved(snap, built, built_withdrawn) else held ^ hold


def moved(snap: Snapshot, built: Collection[int], built_withdrawn: Collection[int]) -> bool:
    """Whether halls or counters changed since a cube of the `built` batches."""
    pairs = (_then_and_now(snap, table, built, built_withdrawn) for table in PLACES)
    return any(then != now for then, now in pairs)


def _then_and_now(
    snap: Snapshot, log: str, built: Collection[int], built_withdrawn: Collection[int]
) -> tuple[set[int], set[int]]:
    """Batches of a log that counted in the cube, and those that count now."""
    there = {one.no for one in snap.batches if one.log == log}
    then = there & (set(built) - set(built_withdrawn))
    return then, there - snap.withdrawn
