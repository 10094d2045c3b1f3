"""How long a chart runs before it alarms for nothing (ARL0), and the threshold for a wanted length.

The thresholds are set for the whole city: with one chart per counter at most one false alarm a week
over all of them, `city_arl`. For values that are normal the run length is the fixed point of an
integral equation at Gauss-Legendre nodes, the limit of the Markov chain of Brook & Evans 1972,
Biometrika 59:539. For a Bernoulli CUSUM the chain is exact, after Reynolds & Stoumbos 1999, J Qual
Technol 31:87: on the shares of the table a bad rating adds a whole number of what a good one takes.
"""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from metrics.methods.cusum import DOUBLED, HALF_SHIFT, doubled, log_ratios
from metrics.methods.spc import Floats

NODES = 80
PER_WEEK = 1.0  # false alarms over all charts
WORKING_DAYS = 5.0  # of a week
HIGHEST = 0.25  # a share above it is no rare event: an XmR or a p′ chart is
LOWEST = 1e-4  # below it only the number of bad ratings counts, not the share
LONGEST = 1e5  # bad ratings until a false alarm: the end of the table
GRID = 48  # shares in the table
COARSE = 64  # steps of a bad rating in the chain of the delay
Table = tuple[Floats, list[tuple[Floats, Floats]]]


def city_arl(
    charts: float, *, per_week: float = PER_WEEK, working_days: float = WORKING_DAYS
) -> float:
    """Days that each of `charts` charts must run without a false alarm, on average.

    6,000 charts and one false alarm a week over all of them: 30,000 working days.
    """
    if charts <= 0 or per_week <= 0 or working_days <= 0:
        raise ValueError("expected charts, alarms per week and working days above 0")
    return charts * working_days / per_week


def cusum_arl(h: float, *, k: float = HALF_SHIFT, shift: float = 0.0) -> float:
    """Mean run length of a one-sided CUSUM of normal values with mean `shift`, from 0."""
    node, weight = _nodes(0, h)
    kernel = weight * stats.norm.pdf(node + k - node[:, None] - shift)
    zero = stats.norm.cdf(k - shift - np.concatenate([[0], node]))
    system = np.eye(NODES + 1)
    system[1:, 1:] -= kernel
    system[0, 1:] = -weight * stats.norm.pdf(node + k - shift)
    system[:, 0] -= zero
    return float(np.linalg.solve(system, np.ones(NODES + 1))[0])


def ewma_arl(width: float, *, weight: float = 0.2, shift: float = 0.0) -> float:
    """Mean run length of a two-sided EWMA of normal values of mean `shift`, at its final limits."""
    reach = width * np.sqrt(weight / (2 - weight))
    node, share = _nodes(-reach, reach)
    start = np.concatenate([[0], node])
    pull = (node - (1 - weight) * start[:, None]) / weight
    kernel = share * stats.norm.pdf(pull - shift) / weight
    solved = np.linalg.solve(np.eye(NODES) - kernel[1:], np.ones(NODES))
    return float(1 + kernel[0] @ solved)


def bernoulli_arl(p0: ArrayLike, h: ArrayLike, *, odds: float = DOUBLED) -> Floats:
    """Ratings until a false alarm of Bernoulli CUSUMs of single ratings, from 0; shapes (C,)."""
    share, bar = _shares(p0, h)
    ratings: Floats = np.exp(_looked_up(share, bar, _table(odds))) / share
    return ratings


def bernoulli_delay(
    p0: float, h: float, *, odds: float = DOUBLED, shift: float | None = None
) -> float:
    """Ratings until the alarm when the odds are `shift` times those of p0 (None: `odds`), from 0.

    The chain is solved for the nearest share of at least about 1 %: below, the number of bad
    ratings until the alarm no longer depends on the share.
    """
    given, _ = _shares(p0, h)
    rise = int(np.clip(np.round(_ratio(float(given), odds)), 1, COARSE))
    share, fall = _lattice(rise, odds)
    steps = int(np.ceil(h / fall))
    bad = float(doubled(share, odds if shift is None else shift))
    state = np.arange(steps)
    chain = np.eye(steps)
    np.subtract.at(chain, (state, np.maximum(state - 1, 0)), 1 - bad)
    inside = state[state + rise < steps]
    chain[inside, inside + rise] -= bad
    ratings = float(np.linalg.solve(chain, np.ones(steps))[0])
    return ratings * share / float(given)


def threshold(p0: ArrayLike, arl0: ArrayLike, *, odds: float = DOUBLED) -> Floats:
    """h of Bernoulli CUSUMs with a false alarm every `arl0` ratings; shapes (C,) and (C,) or ().

    h for days: arl0 = days × ratings a day. The sum is looked at once a day and the threshold is
    that of single ratings: the days without a false alarm are at least as many. Raises ValueError
    unless 0 < p0 <= 0.25 and arl0 > 0.
    """
    share, wanted = _shares(p0, arl0)
    due = np.log(wanted * share)  # bad ratings until a false alarm
    known, curves = _table(odds)
    return _looked_up(share, due, (known, [(dues, bars) for bars, dues in curves]))


def lattice_arls(share: float, rise: int, steps: int) -> Floats:
    """Exact mean run lengths of a walk on whole numbers, at the thresholds 1 … `steps`.

    A bad rating (probability `share`) adds `rise`, a good one takes 1 away, never below 0; the walk
    starts at 0. With L as a function of the distance u = threshold − 1 − state,
    L(u + 1) = (L(u) − 1 − share·L(u − rise)) / (1 − share), linear in the unknown L(0): one pass
    gives every threshold, for at the state 0 a good rating changes nothing, L(u + 1) = L(u). The
    walk must drift down: a bad rating adds less than the good ones between two of them take away.
    """
    kept = 1 - share
    ones, zeros = np.zeros(steps + 1), np.zeros(steps + 1)
    ones[0] = 1.0
    for start in range(0, steps, rise):
        stop = min(start + rise, steps)
        # u − rise lies in the stretch before: known, and below 0 the alarm has been given.
        past = slice(start - rise, stop - rise)
        before = (ones[past], zeros[past]) if start else (np.zeros(stop), np.zeros(stop))
        power = kept ** np.arange(1, stop - start + 1)
        for path, back, cost in ((ones, before[0], 0.0), (zeros, before[1], 1.0)):
            summed = np.cumsum((cost + share * back) * power / kept)
            path[start + 1 : stop + 1] = (path[start] - summed) / power
    free = (zeros[:-1] - zeros[1:]) / np.diff(ones)
    lengths: Floats = zeros[:-1] + free * ones[:-1]
    return lengths


def _shares(p0: ArrayLike, given: ArrayLike) -> tuple[Floats, Floats]:
    share, other = np.broadcast_arrays(np.asarray(p0, float), np.asarray(given, float))
    if not np.all((share > 0) & (share <= HIGHEST) & (other > 0)):
        raise ValueError(f"expected 0 < p0 <= {HIGHEST}, and run lengths and thresholds above 0")
    return share, other


def _looked_up(share: Floats, given: Floats, table: Table) -> Floats:
    """The curves of a table at `given`, between its two shares next to each share."""
    (known, curves), at = table, np.log(share)
    right = np.clip(np.searchsorted(known, at), 1, len(known) - 1)
    part = np.clip((at - known[right - 1]) / (known[right] - known[right - 1]), 0, 1)
    # Far out the log of the run length grows as the threshold does: the mean likelihood ratio is 1.
    every = np.stack([np.interp(given, x, y) + np.maximum(given - x[-1], 0) for x, y in curves])
    low = np.take_along_axis(every, (right - 1)[None], 0)[0]
    high = np.take_along_axis(every, right[None], 0)[0]
    found: Floats = low + part * (high - low)
    return found


@cache
def _table(odds: float) -> Table:
    """log p0, rising, and for each (h, log of the bad ratings until a false alarm).

    At these p0 a bad rating adds a whole number of what a good one takes: the chain is exact.
    """
    most = _ratio(LOWEST, odds)
    rises = np.unique(np.round(np.geomspace(1, most, GRID))).astype(int)[::-1]
    shares: list[float] = []
    curves: list[tuple[Floats, Floats]] = []
    for rise in rises:
        share, fall = _lattice(int(rise), odds)
        steps = int((np.log(LONGEST) + 1) / fall)
        # Rounding may turn a flat stretch of the curve by 1e-14: it never falls.
        due = np.maximum.accumulate(np.log(lattice_arls(share, int(rise), steps) * share))
        bars: Floats = fall * np.arange(1, steps + 1, dtype=np.float64)
        shares.append(float(np.log(share)))
        curves.append((bars, np.asarray(due, np.float64)))
    return np.array(shares), curves


def _lattice(rise: int, odds: float) -> tuple[float, float]:
    """The share at which a bad rating adds `rise` times what a good one takes, and that much."""
    share = float(optimize.brentq(lambda p: _ratio(p, odds) - rise, LOWEST / 2, 0.9))
    return share, float(log_ratios(share, odds)[1])


def _ratio(share: float, odds: float) -> float:
    rise, fall = log_ratios(share, odds)
    return float(rise / fall)


def _nodes(low: float, high: float) -> tuple[Floats, Floats]:
    node, weight = np.polynomial.legendre.leggauss(NODES)
    return low + (node + 1) * (high - low) / 2, weight * (high - low) / 2
