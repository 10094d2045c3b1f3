"""A queue that behaves like one: first come, first served, at several desks, with patience.

Kiefer–Wolfowitz recursion over the place in the queue, for all counter-days at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.simulate.days import AFTERNOON, CLOSES, NOON

Whole = NDArray[np.int64]
LUNCH = AFTERNOON - NOON
FAR = 1 << 40


@dataclass(frozen=True)
class Queue:
    """Tickets in order of counter-day and arrival, shape (tickets,); seconds of the day."""

    taken: Whole
    handle: Whole
    patience: Whole


@dataclass(frozen=True)
class Calls:
    """What became of each ticket, shape (tickets,): seconds of the day, -1 where it did not."""

    called: Whole
    left: Whole  # walked away
    desk: Whole  # 0-based within the counter, -1 without a call


def call(queue: Queue, first: Whole, size: Whole, desks: Whole) -> Calls:
    """Who is called when; counter-day g has the tickets first[g] to first[g] + size[g] - 1.

    Nobody is called at noon or after closing; a service that has begun is finished. Patience does
    not run at noon. Tickets that are neither called nor left stay waiting at closing.
    """
    count = len(queue.taken)
    calls = Calls(np.full(count, -1), np.full(count, -1), np.full(count, -1))
    for single in (True, False):
        members = np.nonzero((desks == 1) == single)[0]
        longest = members[np.argsort(-size[members], kind="stable")]
        if len(longest):
            _step_through(queue, calls, first[longest], size[longest], desks[longest])
    return calls


def _step_through(queue: Queue, calls: Calls, first: Whole, size: Whole, desks: Whole) -> None:
    """One place in the queue after the other; the longest queues come first, so rows only end."""
    width = int(desks.max())
    free = np.where(np.arange(width) < desks[:, None], 0, FAR)
    alive = len(size) - np.searchsorted(size[::-1], np.arange(int(size[0])), side="right")
    everybody = np.arange(len(size))
    for place, rows in enumerate(alive):
        at, row = first[:rows] + place, everybody[:rows]
        desk = free[:rows].argmin(axis=1) if width > 1 else np.zeros(rows, dtype=np.int64)
        taken = queue.taken[at]
        start = np.maximum(taken, free[row, desk])
        start = np.where((start >= NOON) & (start < AFTERNOON), AFTERNOON, start)
        over_noon = (taken < NOON) & (start >= AFTERNOON)
        leaves = taken + queue.patience[at]
        gives_up = start - taken - LUNCH * over_noon > queue.patience[at]
        leaves = np.where((taken < NOON) & (leaves >= NOON), leaves + LUNCH, leaves)
        gives_up &= leaves < CLOSES
        served = ~gives_up & (start < CLOSES)
        free[row, desk] = np.where(served, start + queue.handle[at], free[row, desk])
        calls.called[at] = np.where(served, start, -1)
        calls.left[at] = np.where(gives_up, leaves, -1)
        calls.desk[at] = np.where(served, desk, -1)
