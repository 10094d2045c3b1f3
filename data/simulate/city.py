"""A year of a city, quarter by quarter, as the log files that its systems would deliver."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from data.profile import span_around
from data.simulate.conduct import attendance, blamed, rare_facts, with_lapses
from data.simulate.exemptions import exemptions
from data.simulate.loops import LoopTruth, goes_on, known_by, rectifications, voids
from data.simulate.rounds import inspections
from data.simulate.services import Services, cases, counter_days, ratings, tickets
from data.simulate.town import Town, build_town
from data.workdays import Calendar, load_calendar

EPOCH = date(1970, 1, 1)
EXEMPTIONS = 4  # the child seed of their stream
# Quiet before the spring festival, busy before the summer and in the autumn.
MONTHS = np.array([0.95, 0.75, 1.1, 1.05, 1.0, 1.05, 1.08, 1.0, 1.06, 0.98, 1.04, 0.94])
MONDAY_FIRST = np.array([1.22, 1.04, 0.98, 0.95, 0.9, 1.0, 1.0])
ORDER = ("halls", "departments", "counters", "desks", "staff", "items", "opening_hours")
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class LogFile:
    """One delivered file and the log that it belongs to."""

    path: Path
    log: str


@dataclass
class SimulatedCity:
    """The files in the order in which to ingest them, and where the truth lies."""

    files: list[LogFile] = field(default_factory=list)
    truth: Path = Path()


@dataclass
class Carried:
    """What one quarter leaves to the next: cases, ratings still to come, redress, rare facts."""

    cases: pl.DataFrame | None = None
    ratings: pl.DataFrame | None = None
    loops: pl.DataFrame | None = None
    rare: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    voids: list[pl.DataFrame] = field(default_factory=list)  # of all quarters: they are few


def simulate(
    home: Path,
    start: date,
    end: date,
    *,
    tickets: int = 2_000_000,
    seed: int = 2019,
    progress: Progress | None = None,
) -> SimulatedCity:
    """Write the logs of [start, end] to home/logs and the true quality to home/truth.

    `tickets` is about the number of queue tickets a year; the same arguments give the same files.
    A case that is open at the end of a quarter comes again, closed, in a later quarter's file.
    """
    show = progress or (lambda _text, _share: None)
    town = build_town(tickets, seed)
    town = replace(town, truth=with_lapses(town.truth, seed))
    calendar = load_calendar()
    city = SimulatedCity()
    (home / "logs").mkdir(parents=True, exist_ok=True)
    (home / "truth").mkdir(parents=True, exist_ok=True)
    for log in ORDER:
        _write(city, home, log, log, town.frames[log])
    city.truth = home / "truth" / "counters.parquet"
    town.truth.write_parquet(city.truth)
    truth = LoopTruth.of(town, seed)
    truth.frame(town).write_parquet(home / "truth" / "halls.parquet")
    carried, day = Carried(), start
    while day <= end:
        last = min(span_around(day, "quarter")[1] - timedelta(days=1), end)
        show(f"simulate {day} – {last}", (day - start).days / ((end - start).days + 1))
        rated = _quarter(city, home, town, calendar, (day, last), seed, carried)
        _loops(city, home, town, truth, rated, (day, last), seed, carried)
        day = last + timedelta(days=1)
    # One list for the whole span: a batch costs the same for ten rows as for ten thousand.
    for log, parts in carried.rare.items():
        _write(city, home, log, log, pl.concat(parts))
    _write(city, home, "voids", f"voids-{start.year}", pl.concat(carried.voids))
    manifest = [{"log": one.log, "file": one.path.name} for one in city.files]
    (home / "logs" / "manifest.json").write_text(
        json.dumps({"seed": seed, "from": str(start), "to": str(end), "files": manifest}, indent=1),
        "utf-8",
    )
    return city


def _write(city: SimulatedCity, home: Path, log: str, name: str, rows: pl.DataFrame) -> None:
    path = home / "logs" / f"{name}.parquet"
    rows.write_parquet(path, compression="lz4", statistics=False)
    city.files.append(LogFile(path, log))


def _quarter(
    city: SimulatedCity,
    home: Path,
    town: Town,
    calendar: Calendar,
    span: tuple[date, date],
    seed: int,
    carried: Carried,
) -> pl.DataFrame:
    """The files of one span; returns its ratings and those that are still to come."""
    first, last = span
    tag = f"{first.year}Q{(first.month + 2) // 3}"
    rng = np.random.default_rng([seed, first.toordinal()])
    days, saturdays, factor, workdays = open_days(calendar, first, last)
    counter, day, counts = counter_days(town, days, saturdays, factor, rng)
    rows, served, _ = tickets(town, counter, day, counts, tag, rng)
    _write(city, home, "tickets", f"tickets-{tag}", rows)
    bounds = ((first - EPOCH).days, (last - EPOCH).days + 1)
    drawn = cases(town, calendar, served, bounds, tag, rng)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time())
    standing = drawn.rows if carried.cases is None else pl.concat([carried.cases, drawn.rows])
    _write(city, home, "cases", f"cases-{tag}", _as_of(standing, end))
    carried.cases = standing.filter(pl.col("closed_at") >= end)
    rated = ratings(town, _rateable(served, drawn, tag), tag, rng)
    pending = rated if carried.ratings is None else pl.concat([carried.ratings, rated])
    _write(city, home, "ratings", f"ratings-{tag}", pending.filter(pl.col("rated_at") < end))
    carried.ratings = pending.filter(pl.col("rated_at") >= end)
    rounds, found = inspections(town, workdays, tag, rng)
    _write(city, home, "inspections", f"inspections-{tag}", rounds)
    # A stream of its own: what was drawn before stays as it was.
    own = np.random.default_rng([seed, first.toordinal(), EXEMPTIONS])
    carried.rare.setdefault("exemptions", []).append(exemptions(town, workdays, tag, own))
    _write(city, home, "findings", f"findings-{tag}", blamed(town, found, tag, seed))
    _write(city, home, "attendance", f"attendance-{tag}", attendance(town, workdays, tag, seed))
    for log, facts in rare_facts(town, workdays, tag, seed).items():
        carried.rare.setdefault(log, []).append(facts)
    return pending


def _loops(
    city: SimulatedCity,
    home: Path,
    town: Town,
    truth: LoopTruth,
    pending: pl.DataFrame,
    span: tuple[date, date],
    seed: int,
    carried: Carried,
) -> None:
    """The redress of the span's bad ratings, that of earlier ones as far as it went on, and voids.

    It has a seed of its own, so that the other files are those of a city without it.
    """
    first, last = span
    tag = f"{first.year}Q{(first.month + 2) // 3}"
    rng = np.random.default_rng([seed, first.toordinal(), 2])
    start = datetime.combine(first, datetime.min.time())
    end = datetime.combine(last + timedelta(days=1), datetime.min.time())
    begun = pending.filter(pl.col("rated_at") < end)
    # A first rating of this span may have its follow-up in the next one.
    follow = pending.filter(pl.col("rated_at") >= end, pl.col("grade") > 2)
    drawn = rectifications(town, truth, pl.concat([begun, follow]), rng)
    standing = drawn if carried.loops is None else pl.concat([carried.loops, drawn])
    _write(city, home, "rectifications", f"rectifications-{tag}", known_by(standing, end))
    carried.voids.append(voids(standing, start, end))
    carried.loops = goes_on(standing, end)


def open_days(
    calendar: Calendar, first: date, last: date
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Days on which anybody is open, which are mere Saturdays, how busy, and the working days."""
    frame = calendar.frame(first, last + timedelta(days=1)).with_columns(
        weekday=pl.col("day").dt.weekday(), month=pl.col("day").dt.month()
    )
    open_days = frame.filter(pl.col("workday") | ((pl.col("weekday") == 6) & ~pl.col("workday")))
    weekday = open_days["weekday"].to_numpy() - 1
    factor = MONTHS[open_days["month"].to_numpy() - 1] * MONDAY_FIRST[weekday]
    days = open_days["day"].to_physical().to_numpy().astype(np.int64)
    working = open_days["workday"].to_numpy()
    return days, ~working, factor, days[working]


def _as_of(rows: pl.DataFrame, end: datetime) -> pl.DataFrame:
    """The rows as the source knows them at the end of the quarter: the future is not known."""
    iso = "%Y-%m-%dT%H:%M:%S"
    begun, over = pl.col("stop_from") < end, pl.col("stop_to") < end
    until = pl.when(over).then(pl.col("stop_to").dt.strftime(iso)).otherwise(pl.lit(""))
    stops = pl.concat_str(pl.col("stop_from").dt.strftime(iso), pl.lit("/"), until)
    return rows.with_columns(
        closed_at=pl.when(pl.col("closed_at") < end).then("closed_at"),
        clock_stops=pl.when(begun).then(stops),
    ).drop("stop_from", "stop_to", "counter")


def _rateable(served: Services, drawn: object, tag: str) -> Services:
    """Served tickets under the number of their case, and online cases when they are closed."""
    from data.simulate.services import CaseDraw

    assert isinstance(drawn, CaseDraw)
    rows, place = drawn.rows, drawn.from_ticket
    led = place >= 0
    by_ticket = pl.Series(place[led])
    subject = served.subject.scatter(by_ticket, rows["case_id"].filter(pl.Series(led)))
    online = rows.filter(pl.Series(~led))
    ended = online["closed_at"].to_physical().to_numpy() // 1_000_000
    return Services(
        np.concatenate([served.counter, online["counter"].to_numpy()]),
        np.concatenate([served.ended, ended]),
        pl.concat([subject, online["case_id"]]),
        np.concatenate([served.wait, np.zeros(len(ended), dtype=np.int64)]),
        served.staff.extend(pl.Series([None] * len(ended), dtype=pl.String)),
    )
