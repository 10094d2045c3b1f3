"""The counters of the city and what is true of each: demand, desks, speed, quality."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.simulate.business import Department, Items, departments, item_slots, items
from data.simulate.divisions import LEVELS, halls
from data.simulate.quality import Quality, draw_quality

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

FULL_SIZE = 2_000_000  # tickets a year for which the volumes below are made
MONTHLY = np.array([850.0, 230.0, 17.0, 3.5])  # tickets a month of a middling counter, by level
SPREAD = np.array([0.7, 0.8, 0.9, 0.9])  # sd of the log of that number
OPEN_S = 7 * 3600
OPEN_DAYS, OPEN_DAYS_WEEKEND = 250.0, 280.0  # a Saturday brings 0.6 of a day
MAX_DESKS = 60


@dataclass(frozen=True)
class City:
    """Arrays over counters, shape (counters,), in the order of halls; frames are reference files.

    Desks are numbered through the city: those of counter c start at desk_start[c].
    """

    halls: pl.DataFrame
    counters: pl.DataFrame
    items: Items
    slots: NDArray[np.int32]
    hall: Whole
    level: Whole
    department: Whole
    weekend: Flags
    demand: Floats  # tickets on an ordinary open day
    minutes: Floats  # mean time at the desk
    desks: Whole
    desk_start: Whole
    desk_no: list[str]  # by desk of the city
    staff: list[str]  # by desk of the city
    area: Whole  # county hall above the counter, 0 for the city's own
    hall_start: Whole  # first counter of each hall, one more at the end
    quality: Quality


def build_city(seed: int, tickets: int) -> City:
    """The city for about `tickets` a year; the same seed gives the same counters and quality."""
    rng = np.random.default_rng(np.random.SeedSequence([seed]))
    listed, catalogue = departments(), items()
    tree = halls()
    hall, department = _places(tree, listed)
    level = _level_of(tree)[hall]
    area = _areas(tree)[hall]
    weekend = np.array([one.weekend for one in listed])[department] & (level <= 1)
    quality = draw_quality(rng, level, department, area, len(listed))
    minutes = np.array([one.minutes for one in listed])[department] * quality.slowness
    popularity = np.array([one.popularity for one in listed])[department]
    demand = _demand(rng, level, popularity, weekend, tickets)
    # Managers staff for the load of a busy day, more or less generously.
    load = demand * 1.2 * minutes * 60 / OPEN_S
    desks = np.clip(np.ceil(load / rng.uniform(0.6, 0.95, len(load))), 1, MAX_DESKS)
    counters = _counter_frame(tree, listed, hall, department)
    desk_counter = np.repeat(np.arange(len(hall)), desks.astype(np.int64))
    hall_start = np.searchsorted(hall, np.arange(tree.height + 1))
    return City(
        tree.drop("urban"),
        counters,
        catalogue,
        item_slots(catalogue, rng),
        hall,
        level,
        department,
        weekend,
        demand,
        minutes,
        desks.astype(np.int64),
        np.searchsorted(desk_counter, np.arange(len(hall))),
        _desk_numbers(hall[desk_counter]),
        [f"S{number:05d}" for number in range(1, len(desk_counter) + 1)],
        area,
        hall_start,
        quality,
    )


def _level_of(tree: pl.DataFrame) -> Whole:
    steps = tree["level"].replace_strict(LEVELS, range(len(LEVELS)), return_dtype=pl.Int64)
    return steps.to_numpy()


def _areas(tree: pl.DataFrame) -> Whole:
    """Number of the county of each hall, from the first six digits of its code; the city is 0."""
    county = tree["division_code"].str.slice(0, 6)
    own = {code: place for place, code in enumerate(county.unique(maintain_order=True))}
    return county.replace_strict(own, return_dtype=pl.Int64).to_numpy()


def _places(tree: pl.DataFrame, listed: tuple[Department, ...]) -> tuple[Whole, Whole]:
    """Hall and department of every counter, halls in their order."""
    hall, department = [], []
    for place, (level, urban) in enumerate(tree.select("level", "urban").iter_rows()):
        for one in listed:
            rural = one.communities_only and level == "village" and not urban
            count = 0 if rural else one.counters.get(level, 0)
            hall += [place] * count
            department += [one.place] * count
    return np.array(hall, dtype=np.int64), np.array(department, dtype=np.int64)


def _demand(
    rng: np.random.Generator, level: Whole, popularity: Floats, weekend: Flags, tickets: int
) -> Floats:
    """Tickets on an ordinary day: log-normal; a small city leaves the small stations quiet."""
    spread = SPREAD[level]
    weight = MONTHLY[level] * popularity * rng.lognormal(-(spread**2) / 2, spread)
    # Spread thin, a small city would have no queue anywhere: its business gathers at large counters.
    weight **= 1 + 0.35 * max(0.0, np.log10(FULL_SIZE / max(tickets, 1)))
    days = np.where(weekend, OPEN_DAYS_WEEKEND, OPEN_DAYS)
    return weight * tickets / float((weight * days).sum())


def _counter_frame(
    tree: pl.DataFrame, listed: tuple[Department, ...], hall: Whole, department: Whole
) -> pl.DataFrame:
    """The reference file of counters: id is the code of the hall and a running number."""
    running = np.arange(len(hall)) - np.searchsorted(hall, hall)
    hall_ids = tree["hall_id"].to_list()
    kinds = np.stack([hall, department])
    twin = np.zeros(len(hall), dtype=np.int64)
    same = (kinds[:, 1:] == kinds[:, :-1]).all(axis=0)
    for place in np.nonzero(same)[0]:
        twin[place + 1] = twin[place] + 1
    rows = [
        (
            f"{hall_ids[h]}-{number + 1:02d}",
            f"{listed[d].family}窗口" if not again else f"{listed[d].family}窗口{again + 1}",
            hall_ids[h],
            listed[d].department_id,
            listed[d].family,
        )
        for h, d, number, again in zip(hall, department, running, twin, strict=True)
    ]
    columns = ["counter_id", "name", "hall_id", "department_id", "family"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _desk_numbers(hall_of_desk: Whole) -> list[str]:
    running = np.arange(len(hall_of_desk)) - np.searchsorted(hall_of_desk, hall_of_desk) + 1
    return [f"{number:03d}" for number in running]
