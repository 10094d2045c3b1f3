"""Evidence: the rows of the logs behind a number, each with its own part of n and d.

The parts come from the measure SQL itself (metrics/row_sums.py) and sum to n and d exactly.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from data.errors import HallscoreError, nearest
from data.tallies import standing
from metrics.catalogue import Metric
from metrics.cube import CubeState, month_of
from metrics.engines import DuckEngine
from metrics.measure_files import MeasureFile, homes_of_measures
from metrics.periods import Period
from metrics.places import Placement, placement
from metrics.row_sums import FACTS, RowSums, row_sums
from metrics.scope import Scope
from metrics.silence import silent_units
from metrics.sums import THERE, Span, span_of
from metrics.tally_cube import TALLIES
from metrics.tally_sums import placed_tallies, tallied_members
from metrics.values import default_as_of, weighed

EVIDENCE = pl.Schema(
    {
        "log": pl.String(),
        "row": pl.String(),
        "counter_id": pl.String(),
        "day": pl.Date(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        **FACTS,
    }
)
PARTS = {"no": pl.Int32(), "day": pl.Date(), "n": pl.Int64(), "d": pl.Int64()}


@dataclass(frozen=True, eq=False)
class Question:
    """One metric of one unit in the days of a span."""

    state: CubeState
    metric: Metric
    place: Placement
    unit: int
    by: str
    period: Period
    span: Span

    @property
    def decided(self) -> bool:
        """Whether cases go to the department that decides them, not to the counter."""
        return self.metric.attributed_to == "department" and self.by == "department"

    @property
    def own_only(self) -> bool:
        """Whether cases that another department decides are left out."""
        return self.metric.attributed_to == "department" and self.by == "counter"


def evidence(
    state: CubeState,
    one: Metric,
    unit_id: str,
    by: str,
    period: Period,
    scope: Scope,
    as_of: date | None = None,
    beside: Sequence[Metric] = (),
) -> pl.DataFrame:
    """EVIDENCE: the rows that add to n or d of a metric of one unit; of a stock the open ones.

    n and d of the rows sum to those of `metrics.values.value`; d is null where the metric has none.
    Tallies are rows of their own (log `tallies`). A unit whose value is missing has none. `beside`:
    other metrics that will be asked for, read in the same pass. Unknown units raise HallscoreError.
    """
    place = placement(state, by, scope, period.start, period.end)
    known = place.units.filter(pl.col("id") == unit_id)
    if known.is_empty():
        raise HallscoreError(
            f"{by} {unit_id!r}: no such unit in {period.text} among those that this user sees."
            f"{nearest(unit_id, place.units['id'].to_list())}"
        )
    span = span_of(period.start, period.end, as_of or default_as_of(state, period))
    asked = Question(state, one, place, known.item(0, "unit"), by, period, span)
    silent = silent_units(state, one, place, by, span)
    told = _tallies(asked)
    if silent is None:
        if told.is_empty():
            return pl.DataFrame(schema=EVIDENCE)
        counted = replace(asked, place=tallied_members(state, one, period, place, span))
        return _named(state, [_of_logs(counted, beside), told])
    rows = _of_logs(asked, beside)
    if unit_id in silent and told.is_empty():
        base = "d" if one.denominator else "n"
        heard = asked.decided and rows[base].sum() != 0
        rows = rows if heard else rows.clear()
    return _named(state, [rows, told])


def _named(state: CubeState, parts: Collection[pl.DataFrame]) -> pl.DataFrame:
    """Rows in the columns of EVIDENCE, the counter by its id."""
    ids = state.snap.reference("counters").unique("no").select("counter_id", counter="no")
    both = pl.concat(parts, how="diagonal").join(ids, on="counter", how="left")
    filled = both.with_columns(
        pl.lit(None, kind).alias(name)
        for name, kind in EVIDENCE.items()
        if name not in both.columns
    )
    return filled.select(list(EVIDENCE)).cast(EVIDENCE).sort("day", "log", "row")


def _of_logs(asked: Question, beside: Sequence[Metric]) -> pl.DataFrame:
    """Rows of the logs with their n and d."""
    rows = _read(asked, beside)
    ripe = asked.span.ripe(asked.metric.matures_after)
    parts = [part for file in asked.metric.files for part in _of_file(asked, rows, file, ripe)]
    names = asked.metric.measures
    sums = (
        pl.concat(parts, how="diagonal")
        .group_by("no")
        .agg(pl.col("day").min(), pl.col(names).sum())
    )
    one = asked.metric
    n = pl.col(one.histogram) if one.histogram else weighed(one.numerator)
    d = weighed(one.denominator) if one.denominator else pl.lit(None, pl.Int64)
    told = sums.select("no", "day", n=n, d=d)
    told = told.filter((pl.col("n") != 0) | (pl.col("d").fill_null(0) != 0))
    return told.join(_by_ticket(rows.rows).drop("day"), on="no").drop("no")


def _by_ticket(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in which the rating of a case that began with a ticket is one of the ticket.

    The ticket is the service that could be rated (metrics/measures/services.sql).
    """
    cases = rows.filter(pl.col("log") == "cases").drop_nulls("service")
    tickets = cases.select(pl.col("row").alias("service"), _ticket="service").unique("service")
    joined = rows.join(tickets, on="service", how="left", maintain_order="left")
    ticket = pl.when(pl.col("log") == "ratings").then("_ticket")
    return joined.with_columns(service=pl.coalesce(ticket, "service")).drop("_ticket")


def _read(asked: Question, beside: Sequence[Metric]) -> RowSums:
    """The numbered rows of the unit's counters, for all the metrics at once."""
    files = {name for one in (asked.metric, *beside) for name in _files(one)}
    mine = asked.place.members.filter(pl.col("unit") == asked.unit)
    departments: list[int] = []
    if asked.decided:
        assert asked.place.departments is not None
        decided = asked.place.departments.filter(pl.col("unit") == asked.unit)
        departments = decided["department"].to_list()
    return row_sums(
        asked.state,
        tuple(sorted(files)),
        frozenset(mine["counter"].to_list()),
        asked.span.first,
        asked.span.last,
        frozenset(departments),
    )


def _files(one: Metric) -> set[str]:
    """Names of the measure files of a metric, those of the flows of its stocks too."""
    homes = homes_of_measures()
    flows = [flow for name in one.measures for flow in homes[name].stocks.get(name, ())]
    return {homes[name].name for name in (*one.measures, *flows)}


def _of_file(asked: Question, read: RowSums, file: MeasureFile, span: Span) -> list[pl.DataFrame]:
    """no, day and measures of the rows of one file that are the unit's; as metrics/sums.py sums."""
    names = asked.metric.measures
    flows = [name for name in names if name in file.sums]
    stocks = [name for name in names if name in file.stocks]
    found = []
    if flows:
        rows = _numbered(read, file, asked)
        inside = pl.col("day").is_between(span.first, span.last)
        if file.late is not None:
            inside &= pl.col("day") + pl.duration(days=file.late) <= span.as_of
        here = rows.filter(inside).join(asked.place.members, on="counter").filter(THERE)
        found.append(_mine(asked, here).select("no", "day", *flows))
    return found + [_of_stock(asked, read, name, span) for name in stocks]


def _numbered(read: RowSums, file: MeasureFile, asked: Question) -> pl.DataFrame:
    """The sums of a file by row: no, counter (number) and the rest of the grain."""
    sums = read.sums[file.name].rename({"counter": "no"}).drop("month")
    rows = sums.join(read.rows.select("no", "counter"), on="no")
    if asked.own_only and "own" in file.grain:
        return rows.filter("own")
    return rows


def _of_stock(asked: Question, read: RowSums, name: str, span: Span) -> pl.DataFrame:
    """What is in a stock at the end of the span: came, and not left."""
    homes = homes_of_measures()
    came, left = homes[name].stocks[name]
    columns = [
        key
        for key in ("no", "counter", "department", "day")
        if key == "no" or key in homes[came].grain
    ]
    both = pl.concat(
        [
            _numbered(read, homes[came], asked).select(*columns, pl.col(came).alias(name)),
            _numbered(read, homes[left], asked).select(*columns, (-pl.col(left)).alias(name)),
        ]
    )
    placed = both.filter(pl.col("day") <= span.last).join(asked.place.on(span.last), on="counter")
    sums = _mine(asked, placed).group_by("no").agg(pl.col("day").min(), pl.col(name).sum())
    return sums.filter(pl.col(name) != 0)


def _mine(asked: Question, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose unit is the one that is asked for: the decider's, or that of the counter."""
    if asked.decided and "department" in rows.columns:
        assert asked.place.departments is not None
        decider = asked.place.departments.rename({"unit": "decider"})
        rows = rows.join(decider, on="department", how="left").with_columns(
            unit=pl.coalesce("decider", "unit")
        )
    return rows.filter(pl.col("unit") == asked.unit)


def _tallies(asked: Question) -> pl.DataFrame:
    """Reported sums that enter the metric, one row per tally with its part of n and d."""
    one = asked.metric
    placed = placed_tallies(asked.state, one, asked.period, asked.place, asked.span)
    mine = placed.filter(pl.col("unit") == asked.unit)
    keys = ["counter", "hall", "since", "day"]
    parts = [
        mine.filter(pl.col(name).is_not_null()).select(
            *keys,
            measure=pl.lit(name),
            n=pl.col(name) * one.numerator.get(name, 0),
            d=pl.col(name) * one.denominator[name]
            if name in one.denominator
            else pl.lit(0 if one.denominator else None, pl.Int64),
        )
        for name in one.measures
        if name in TALLIES.sums
    ]
    if mine.is_empty():
        return pl.DataFrame(
            schema={"log": pl.String(), "row": pl.String(), "counter": pl.Int32(), **PARTS}
        ).drop("no")
    months = {month_of(day) for day in mine["day"]}
    with DuckEngine(asked.state.snap) as engine:
        stored = standing(engine.ask, months).select("id", *keys, "measure")
    ids = stored.sort("id").unique([*keys, "measure"], keep="first")
    told = pl.concat(parts).join(ids, on=[*keys, "measure"], how="left", nulls_equal=True)
    return told.select(
        pl.lit("tallies").alias("log"), pl.col("id").alias("row"), "counter", "day", "n", "d"
    )
