"""Simulated cities through the whole pipeline: their counts month by month, and their known truth.

Logs are written, ingested and summed by the product; x of n is read from `metrics.values`, the
groups are the product's peer groups. What is not drawn as a number (the share of long waits, and
bad ratings after them) is its long-run value: the queues of six more years, without logs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.ingest import ingest
from data.intake import Request
from data.simulate import simulate
from data.simulate.city import open_days
from data.simulate.services import ONLINE_SHARE, counter_days, queued
from data.simulate.town import Town, build_town
from data.workdays import load_calendar
from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.expected import EVERYBODY
from metrics.fairness.day_sums import day_sums
from metrics.fairness.peers import peer_groups
from metrics.methods.days import day_correlation, design_effect
from metrics.periods import Period, parse_period
from metrics.rollup import refresh
from metrics.values import value_of
from simulation.truth_estimators import nodes_of
from simulation.truth_series import Series

Floats = NDArray[np.float64]
TICKETS = 2_000_000
START, END = date(2019, 1, 1), date(2019, 8, 31)
MONTHS = tuple(f"2019-{month:02d}" for month in range(1, 9))
YEARS = 6
QUICK_S, LONG_S = 900, 1800  # called within 15 minutes; beyond 30 a rating is thrice as often bad
# The metrics, and whether n counts what is good: x is always what is bad.
METRICS = {"bad_rate": False, "on_time_rate": True, "wait_within_15_rate": True}
# Decisions of the authority (voids, exemptions) are no quality of the counter and are left out.
LOGS = ("halls", "departments", "counters", "desks", "items", "tickets", "cases", "ratings")


@dataclass(frozen=True)
class Known:
    """A city of one seed: `truth` has id, level and a column of the bad share per metric.

    `months` by metric: a frame of id, month (0 …), x, n; `days`: id, month, day, x, n.
    """

    seed: int
    truth: pl.DataFrame
    months: dict[str, pl.DataFrame]
    days: dict[str, pl.DataFrame]


def city(folder: Path, seed: int, tickets: int = TICKETS, years: int = YEARS) -> Known:
    """Simulate, ingest and sum one city below `folder`, which is to be empty."""
    drawn = simulate(folder / "simulated", START, END, tickets=tickets, seed=seed)
    for file in drawn.files:
        if file.log in LOGS:
            ingest(folder, Request(file.path, file.log, "canonical"))
    state = refresh(folder)
    periods = [parse_period(month) for month in MONTHS]
    groups = peer_groups(state, "counter", periods[0]).select("id", "group")
    truth = long_run(build_town(tickets, seed), seed, years).join(groups, on="id")
    return Known(
        seed,
        truth,
        {name: _monthly(state, name, periods) for name in METRICS},
        {name: _daily(state, name, periods) for name in METRICS},
    )


def long_run(town: Town, seed: int, years: int) -> pl.DataFrame:
    """id, level and the bad share per metric in the long run, as the simulator has it.

    The share of late cases is the drawn one; long waits are those of `years` years of queues; a
    bad rating is three times as likely after half an hour's wait, which online cases do not have.
    """
    calls = np.zeros((3, len(town.desks)))
    days, saturdays, factor, _ = open_days(load_calendar(), date(2019, 1, 1), date(2019, 12, 31))
    for year in range(years):
        # A stream of its own: the years that follow are not those of the logs.
        rng = np.random.default_rng([seed, year, 77])
        counter, _, counts = counter_days(town, days, saturdays, factor, rng)
        group, queue = queued(town, counter, counts, rng)
        called, each = queue.called >= 0, counter[group]
        wait = queue.called - queue.taken
        for row, kept in enumerate((called, called & (wait > QUICK_S), called & (wait > LONG_S))):
            calls[row] += np.bincount(each[kept], minlength=len(town.desks))
    beyond, long = calls[1:] / np.maximum(calls[0], 1)
    at_counter = 1 / (1 + ONLINE_SHARE[town.level])
    base = town.truth["bad_probability"].to_numpy()
    return pl.DataFrame(
        {
            "id": town.counter_ids,
            "level": town.level,
            "bad_rate": base * (1 + 2 * long * at_counter),
            "on_time_rate": town.truth["late_probability"].to_numpy(),
            "wait_within_15_rate": beyond,
        }
    )


def _monthly(state: CubeState, name: str, periods: list[Period]) -> pl.DataFrame:
    """id, month, x, n of all counters with events, as known at the end of the span."""
    parts = []
    for number, period in enumerate(periods):
        told = value_of(state, metric(name), period, "counter", EVERYBODY, END)
        known = told.filter(pl.col("state").is_in(["number", "few"]))
        parts.append(known.select("id", pl.lit(number).alias("month"), x=_bad(name), n="d"))
    return pl.concat(parts)


def _daily(state: CubeState, name: str, periods: list[Period]) -> pl.DataFrame:
    parts = [
        day_sums(state, metric(name), period, "counter", END).select(
            "id", pl.lit(number).alias("month"), "day", x=_bad(name), n="d"
        )
        for number, period in enumerate(periods)
    ]
    return pl.concat(parts)


def _bad(name: str) -> pl.Expr:
    return pl.col("d") - pl.col("n") if METRICS[name] else pl.col("n")


def spreads(cities: list[Known], name: str) -> dict[int, Floats]:
    """By hall level the spread of true shares over all cities: what the oracle is told."""
    both = pl.concat([one.truth.select("level", name) for one in cities])
    return {
        int(level): nodes_of(both.filter(pl.col("level") == level)[name].to_numpy())
        for level in both["level"].unique().sort()
    }


def whole_groups(one: Known) -> list[list[str]]:
    """The ids of the counters of each peer group of the product."""
    found = one.truth.sort("group", "id").group_by("group", maintain_order=True).agg("id")
    return [list(ids) for ids in found["id"]]


def random_groups(one: Known, name: str, size: int, most: int) -> list[list[str]]:
    """At most `most` groups of `size` counters of one hall level with events in the first month."""
    rng = np.random.default_rng([one.seed, size])
    busy = one.months[name].filter(pl.col("month") == 0, pl.col("n") > 0)
    found = []
    for level in sorted(one.truth["level"].unique()):
        here = one.truth.filter(pl.col("level") == level).join(busy, on="id", how="semi")["id"]
        ids = list(rng.permutation(here.sort().to_numpy()))
        found += [ids[at : at + size] for at in range(0, len(ids) - size + 1, size)]
    picked = rng.permutation(len(found))[:most]
    return [found[at] for at in sorted(picked)]


def series_of(
    one: Known, name: str, groups: list[list[str]], nodes: dict[int, Floats], by_unit: bool
) -> Iterator[Series]:
    """The months of each group; its units are blocks of their own, or the group is one block."""
    for ids in groups:
        place = pl.DataFrame({"id": ids, "place": np.arange(len(ids))})
        truth = place.join(one.truth, on="id", maintain_order="left")
        x, n = np.zeros((2, len(MONTHS), len(ids)))
        rows = one.months[name].join(place, on="id")
        at = rows["month"].to_numpy(), rows["place"].to_numpy()
        x[at], n[at] = rows["x"].to_numpy(), rows["n"].to_numpy()
        key = f"{one.seed} {ids[0]}"
        yield Series(
            key=key,
            x=x,
            n=n,
            deff=_effects(one.days[name].join(place, on="id"), len(ids)),
            truth=np.tile(truth[name].to_numpy(), (len(MONTHS), 1)),
            nodes=nodes[int(truth["level"][0])],
            blocks=tuple(f"{one.seed} {unit}" if by_unit else key for unit in ids),
        )


def _effects(days: pl.DataFrame, count: int) -> Floats:
    """Design effects (T, K) of each month by the correlation of days inside the group."""
    effects = np.ones((len(MONTHS), count))
    for month in range(len(MONTHS)):
        rows = days.filter(pl.col("month") == month)
        x, n, unit = (rows[column].to_numpy() for column in ("x", "n", "place"))
        if len(n):
            effects[month] = design_effect(n, unit, day_correlation(x, n, unit), count)
    return effects
