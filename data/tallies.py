"""Tallies beside logs: where a log holds rows of a unit in a span, its own count goes before.

A tally that comes after the log is refused (`beside_log`). One that came before stays stored and
stops counting, and counts again should the log's batch be withdrawn: the sums are the same in
either order of delivery.
"""

from collections.abc import Callable, Collection
from datetime import date

import polars as pl

from data.reportable import COUNTED_LOGS, REPORTABLE
from data.store import Snapshot
from data.tables import TALLIES
from data.versions import counter_halls

Ask = Callable[[str], pl.DataFrame]  # SQL over the views of data.views.connect → frame
DAYS = {"log": pl.String(), "counter": pl.Int32(), "hall": pl.Int32(), "day": pl.Date()}
REASON = "beside_log"


def _spoken(log: str, first: date, last: date) -> str:
    """The counters and days of a log, as SQL; a case speaks on its receipt and on its closing."""
    inside = f"BETWEEN DATE '{first}' AND DATE '{last}'"
    if log == "cases":
        return (
            f"SELECT counter, day FROM cases WHERE day {inside} UNION "
            f"SELECT counter, closed_on AS day FROM cases WHERE closed_on {inside}"
        )
    if log == "inspections":
        named = f"SELECT UNNEST(counters) AS counter, day FROM inspections WHERE day {inside}"
        return f"SELECT DISTINCT counter, day FROM ({named}) AS covered"
    return f"SELECT DISTINCT counter, day FROM {log} WHERE day {inside}"


def logged_days(
    ask: Ask, snap: Snapshot, first: date, last: date, logs: Collection[str] = COUNTED_LOGS
) -> pl.DataFrame:
    """log, counter, hall (numbers), day of all days from first to last with rows in a log."""
    kept = {batch.log for batch in snap.live}
    parts = [pl.DataFrame(schema={name: DAYS[name] for name in ("log", "counter", "day")})]
    for log in sorted(set(logs) & kept):
        rows = ask(_spoken(log, first, last))
        parts.append(rows.select(pl.lit(log).alias("log"), pl.col("counter").cast(pl.Int32), "day"))
    tiles = counter_halls(snap.reference("counters"), snap.reference("halls"))
    there = (pl.col("day") >= pl.col("since")) & (pl.col("day") < pl.col("until"))
    days = pl.concat(parts)
    placed = days.join(tiles, on="counter").filter(there).select("counter", "day", "hall").unique()
    return days.join(placed, on=["counter", "day"], how="left").select(*DAYS)


def beside(tallies: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Add `log` to rows with counter, hall, since, day, measure: a log that overrules it, or null.

    It is the first of the measure's logs that holds rows of the unit on a day of the span; `days`
    as from `logged_days`.
    """
    numbered = tallies.with_row_index("_row")
    logs = pl.col("measure").replace_strict(
        list(REPORTABLE), list(map(list, REPORTABLE.values())), return_dtype=pl.List(pl.String)
    )
    asked = numbered.select("_row", "counter", "hall", "since", "day", log=logs).explode("log")
    found = []
    for unit in ("counter", "hall"):
        spoken = days.select("log", unit, on="day").drop_nulls().unique()
        both = asked.filter(pl.col(unit).is_not_null()).join(spoken, on=["log", unit])
        found.append(
            both.filter(pl.col("on").is_between("since", "day")).select("_row", "log").unique()
        )
    first = pl.concat(found).group_by("_row").agg(pl.col("log").min())
    return numbered.join(first, on="_row", how="left", maintain_order="left").drop("_row")


def settled(tallies: pl.DataFrame, days: pl.DataFrame, tiles: pl.DataFrame) -> pl.DataFrame:
    """As `beside`; `log` is "tallies" for a hall's tally beside one of its counters'.

    Both cannot be delivered, but a corrected table of counters may put a counter into a hall that
    has reported as a whole; `tiles` as from `counter_halls`.
    """
    told = beside(tallies, days).with_row_index("_row")
    counts = pl.col("log").is_null()
    there = (pl.col("day") >= pl.col("begins")) & (pl.col("day") < pl.col("until"))
    places = tiles.rename({"since": "begins"})
    parts = told.filter(counts & pl.col("counter").is_not_null()).drop("hall")
    inside = (
        parts.join(places, on="counter").filter(there).select("hall", "measure", "since", "day")
    )
    whole = told.filter(counts & pl.col("hall").is_not_null())
    both = whole.join(inside, on=["hall", "measure"], suffix="_part")
    apart = (pl.col("day") < pl.col("since_part")) | (pl.col("day_part") < pl.col("since"))
    twice = both.filter(~apart)["_row"].unique()
    log = pl.when(pl.col("_row").is_in(twice.implode())).then(pl.lit("tallies")).otherwise("log")
    return told.with_columns(log=log).drop("_row")


def standing(ask: Ask, months: Collection[int] | None = None) -> pl.DataFrame:
    """What was reported last of each tally, overruled or not, in the columns of the table."""
    columns = ", ".join(TALLIES.schema)
    listed = "" if months is None else ", ".join(map(str, sorted(months))) or "-1"
    where = "" if months is None else f" WHERE month IN ({listed})"
    return ask(f"SELECT {columns} FROM tallies{where}").cast(TALLIES.schema)


def overruled(snap: Snapshot) -> pl.DataFrame:
    """Tallies that do not count because a log came for their unit and span; `log` says which.

    unit_id, since, day (last of the span), measure, n, source, log, batch.
    """
    from data.views import connect

    con = connect(snap)
    rows = standing(lambda text: con.sql(text).pl())
    found = rows.clear().with_columns(log=pl.lit("", pl.String))
    first, last = rows["since"].min(), rows["day"].max()
    if isinstance(first, date) and isinstance(last, date):
        days = logged_days(lambda text: con.sql(text).pl(), snap, first, last)
        tiles = counter_halls(snap.reference("counters"), snap.reference("halls"))
        found = settled(rows, days, tiles).filter(pl.col("log").is_not_null())
    con.close()
    names = {
        kind: snap.reference(f"{kind}s").select(pl.col("no").alias(kind), f"{kind}_id").unique(kind)
        for kind in ("counter", "hall")
    }
    named = found.join(names["counter"], on="counter", how="left").join(
        names["hall"], on="hall", how="left"
    )
    return named.select(
        pl.coalesce("counter_id", "hall_id").alias("unit_id"),
        *("since", "day", "measure", "n", "source", "log", "batch"),
    ).sort("since", "unit_id", "measure")
