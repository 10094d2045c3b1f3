"""Queues that behave like queues: waits follow from arrivals, desks and handling times.

All counter-days are stepped through together, customer by customer: the k-th customer of each
counter-day takes the desk that is free first (the Kiefer–Wolfowitz recursion, first come first
served), or leaves when patience runs out. The loop is over k, never over tickets.
"""

from dataclasses import dataclass

import numpy as np

OPENS, NOON, AFTERNOON, CLOSES = 9 * 3600, 12 * 3600, 13 * 3600, 17 * 3600
# Share of the day's arrivals in each half hour from 9:00, without the hour from 12 to 13.
HALF_HOURS = np.array([9, 13, 14, 12, 9, 6, 0, 0, 8, 10, 9, 7, 5, 4, 3, 1], dtype=float)


@dataclass(frozen=True)
class Queue:
    """Per ticket, in order of arrival within its counter-day; seconds of the day."""

    taken: np.ndarray
    called: np.ndarray  # -1 where the citizen left
    finished: np.ndarray
    desk: np.ndarray  # 0-based inside the counter, -1 where the citizen left


def arrivals(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Seconds of the day at which the tickets of each group are taken, sorted inside the group.

    `groups` (tickets,) is non-decreasing.
    """
    cumulated = np.cumsum(HALF_HOURS) / HALF_HOURS.sum()
    slot = np.searchsorted(cumulated, rng.random(len(groups)), side="right")
    seconds = OPENS + slot * 1800 + rng.integers(0, 1800, len(groups))
    order = np.argsort(groups * 100_000 + seconds, kind="stable")
    return seconds[order]


def serve(
    counts: np.ndarray,
    taken: np.ndarray,
    handling: np.ndarray,
    patience: np.ndarray,
    desks: np.ndarray,
) -> Queue:
    """Serve every counter-day; `counts` and `desks` per group, the others per ticket (seconds)."""
    starts = np.cumsum(counts) - counts
    order = np.argsort(-counts, kind="stable")
    sorted_counts, sorted_starts = counts[order], starts[order]
    most = int(desks.max(initial=1))
    free = np.where(np.arange(most) < desks[order][:, None], 0, np.iinfo(np.int64).max)
    called = np.full(len(taken), -1, dtype=np.int64)
    finished = np.zeros(len(taken), dtype=np.int64)
    desk = np.full(len(taken), -1, dtype=np.int64)
    for k in range(int(counts.max(initial=0))):
        active = int(np.searchsorted(-sorted_counts, -k, side="left"))
        rows = sorted_starts[:active] + k
        chosen = np.argmin(free[:active], axis=1)
        group = np.arange(active)
        start = np.maximum(free[group, chosen], taken[rows])
        start = np.where((start >= NOON) & (start < AFTERNOON), AFTERNOON, start)
        gone = (start - taken[rows] > patience[rows]) | (start >= CLOSES)
        end = start + handling[rows]
        leaves = np.minimum(taken[rows] + patience[rows], CLOSES)
        called[rows] = np.where(gone, -1, start)
        finished[rows] = np.where(gone, leaves, end)
        desk[rows] = np.where(gone, -1, chosen)
        free[group, chosen] = np.where(gone, free[group, chosen], end)
    return Queue(taken, called, finished, desk)
