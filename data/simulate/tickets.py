"""Tickets of one month: arrivals by the half hour, their item and time, and the queue."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.simulate.city import City
from data.simulate.columns import chosen, ids, moments, numbered
from data.simulate.days import CLOSES, DAY_S, NOON, OpenDays, Span
from data.simulate.queues import Calls, Queue, call

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

STATUS = ("served", "abandoned", "suspended", "transferred", "waiting")
SERVED, ABANDONED, SUSPENDED, TRANSFERRED, WAITING = range(5)
CHANNELS = ("onsite", "booked", "online")
# Arrivals by half hour from 9:00; halls in town and stations in the country differ.
HALVES = np.array([*range(18, 24), *range(26, 34)]) * 1800
IN_TOWN = np.array([7.5, 10, 12, 11, 8, 3, 5, 7.5, 9, 9, 8, 6.5, 4, 1.5])
IN_VILLAGES = np.array([11, 14, 14, 11, 7, 3, 4, 6, 7, 7, 6, 5, 3, 1])
MACHINE_STOPS = 900  # seconds before noon and before closing
SLOTS = 1024


@dataclass(frozen=True)
class Tickets:
    """Tickets of a month, shape (tickets,); times in seconds since 1970, -1 where there is none."""

    number: Whole
    counter: Whole
    item: Whole
    taken: Whole
    called: Whole
    finished: Whole
    status: Whole
    channel: Whole
    desk: Whole  # numbered through the city

    def pick(self, mask: Flags) -> "Tickets":
        """The tickets under the mask."""
        return Tickets(*(column[mask] for column in vars(self).values()))


def draw_tickets(city: City, span: Span, days: OpenDays, rng: np.random.Generator) -> Tickets:
    """All tickets of the month in order of day, counter and arrival."""
    size = _sizes(city, days, rng)
    group = np.flatnonzero(size)
    size = size.ravel()[group]
    day, counter = days.day[group // len(city.hall)], group % len(city.hall)
    owner = np.repeat(np.arange(len(group)), size)
    at = counter[owner]
    taken = _arrivals(city.level[at] >= 2, owner, rng)
    queue = Queue(taken, _handle_times(city.minutes[at], rng), _patience(city, at, rng))
    calls = call(queue, np.cumsum(size) - size, size, city.desks[counter])
    midnight = day[owner] * DAY_S
    status, finished = _outcomes(queue, calls, rng)
    return Tickets(
        numbered(span.month, len(at)),
        at,
        _items(city, at, rng),
        midnight + taken,
        np.where(calls.called >= 0, midnight + calls.called, -1),
        np.where(finished >= 0, midnight + finished, -1),
        status,
        _channels(city.level[at], rng),
        np.where(calls.desk >= 0, city.desk_start[at] + calls.desk, -1),
    )


def _sizes(city: City, days: OpenDays, rng: np.random.Generator) -> Whole:
    """Tickets per day and counter; a hall has good and bad days of its own."""
    noise = rng.lognormal(-0.005, 0.1, (len(days.day), city.halls.height))[:, city.hall]
    opened = days.everybody[:, None] | city.weekend
    return rng.poisson(city.demand * days.demand[:, None] * noise * opened)


def _arrivals(rural: Flags, owner: Whole, rng: np.random.Generator) -> Whole:
    """Seconds of the day, in order within each counter-day."""
    even = (np.arange(SLOTS) + 0.5) / SLOTS
    tables = np.stack(
        [
            HALVES[np.searchsorted(np.cumsum(profile) / profile.sum(), even)]
            for profile in (IN_TOWN, IN_VILLAGES)
        ]
    )
    half = tables[rural.astype(np.int64), rng.integers(0, SLOTS, len(owner), dtype=np.int32)]
    last = (half + 1800 == NOON) | (half + 1800 == CLOSES)
    within = np.where(last, 1800 - MACHINE_STOPS, 1800) * rng.random(len(owner), np.float32)
    return np.sort(owner * DAY_S + half + within.astype(np.int64)) - owner * DAY_S


def _handle_times(minutes: Floats, rng: np.random.Generator) -> Whole:
    times = minutes * 60 * np.exp(rng.standard_normal(len(minutes), np.float32) * 0.6 - 0.18)
    return np.clip(times, 45, 5400).astype(np.int64)


def _patience(city: City, at: Whole, rng: np.random.Generator) -> Whole:
    """Log-normal; three in a hundred only look in and leave when they see a queue."""
    drawn = np.exp(rng.standard_normal(len(at), np.float32) * 0.6)
    hasty = np.where(rng.random(len(at), np.float32) < 0.03, 0.08, 1.0)
    return (city.quality.patience_s[at] * drawn * hasty).astype(np.int64) + 30


def _items(city: City, at: Whole, rng: np.random.Generator) -> Whole:
    slot = rng.integers(0, city.slots.shape[2], len(at), dtype=np.int32)
    return city.slots[city.department[at], city.level[at], slot].astype(np.int64)


def _channels(level: Whole, rng: np.random.Generator) -> Whole:
    drawn = rng.random(len(level), np.float32)
    return np.where(level <= 1, (drawn < 0.13) + 2 * ((drawn >= 0.13) & (drawn < 0.2)), 0)


def _outcomes(queue: Queue, calls: Calls, rng: np.random.Generator) -> tuple[Whole, Whole]:
    """Status and end; some services are suspended for missing papers or sent on elsewhere."""
    drawn = rng.random(len(queue.taken), np.float32)
    called = calls.called >= 0
    status = np.where(called, SERVED, np.where(calls.left >= 0, ABANDONED, WAITING))
    status = np.where(called & (drawn < 0.011), TRANSFERRED, status)
    status = np.where(called & (drawn < 0.005), SUSPENDED, status)
    return status, np.where(called, calls.called + queue.handle, calls.left)


def ticket_table(city: City, tickets: Tickets) -> pa.Table:
    """The rows as the queue machine exports them."""
    called = tickets.called >= 0
    return pa.table(
        {
            "ticket_id": ids("T", tickets.number),
            "counter_id": chosen(city.counters["counter_id"].to_list(), tickets.counter),
            "taken_at": moments(tickets.taken),
            "called_at": moments(tickets.called),
            "finished_at": moments(tickets.finished),
            "status": chosen(STATUS, tickets.status),
            "channel": chosen(CHANNELS, tickets.channel),
            "desk_no": chosen(city.desk_no, tickets.desk, called),
            "item_id": chosen(city.items.frame["item_id"].to_list(), tickets.item),
            "staff_id": chosen(city.staff, tickets.desk, called),
        }
    )


