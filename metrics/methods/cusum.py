"""CUSUM charts: small lasting changes, of standardised values and of rare bad events.

A step whose value is missing leaves the sum where it is. At an alarm the sum begins again at 0.
Sources: Page 1954, Biometrika 41:100; Reynolds & Stoumbos 1999, J Qual Technol 31:87 (Bernoulli).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from metrics.methods.spc import Bools, Floats, series

HALF_SHIFT = 0.5  # k: half the change looked for, in standard deviations
DOUBLED = 2.0  # the odds ratio looked for: the odds of a bad rating double
SURE = 0.9  # that the true share of the base is not above p0


@dataclass(frozen=True, eq=False)
class Cusum:
    """A two-sided CUSUM of T values: `up`, `down` >= 0 (T,); alarms (T,) before the restart."""

    up: Floats
    down: Floats
    alarm_up: Bools
    alarm_down: Bools


@dataclass(frozen=True, eq=False)
class Bernoulli:
    """Bernoulli CUSUMs, shapes (..., T): `path` before a restart, `alarm` where path >= h."""

    path: Floats
    alarm: Bools


def cusum(z: ArrayLike, *, k: float = HALF_SHIFT, h: float = 5.071) -> Cusum:
    """Two-sided CUSUM of standardised values z (T,): S = max(0, S ± z − k), alarm at S >= h."""
    given = series(z)
    up, alarm_up = _summed(given - k, h)
    down, alarm_down = _summed(-given - k, h)
    return Cusum(up, down, alarm_up, alarm_down)


def doubled(p0: ArrayLike, odds: float = DOUBLED) -> Floats:
    """p1: the share whose odds are `odds` times those of p0."""
    share = np.asarray(p0, float)
    raised: Floats = odds * share / (1 + (odds - 1) * share)
    return raised


def in_control(
    bad: ArrayLike, n: ArrayLike, mean: float, strength: float, *, sure: float = SURE
) -> Floats:
    """p0 of C counters with bad of n ratings in their base, shapes (C,): a cautious posterior.

    The quantile `sure` of Beta(mean·strength + bad, (1 − mean)·strength + n − bad): `mean` is the
    share of the peers, `strength` the M of the shrinkage. The posterior mean would set half of the
    thresholds too low: measured, 1.3 to 1.8 false alarms a week where one is allowed. Raises
    ValueError unless 0 <= bad <= n, 0 < mean < 1 and strength > 0.
    """
    seen, size = np.broadcast_arrays(np.asarray(bad, float), np.asarray(n, float))
    if np.any(seen < 0) or np.any(seen > size) or not (0 < mean < 1 and strength > 0):
        raise ValueError("expected 0 <= bad <= n, 0 < mean < 1 and strength > 0")
    share: Floats = stats.beta.ppf(
        sure, mean * strength + seen, (1 - mean) * strength + size - seen
    )
    return share


def bernoulli_cusum(
    x: ArrayLike, n: ArrayLike, p0: ArrayLike, h: ArrayLike, *, odds: float = DOUBLED
) -> Bernoulli:
    """Log-likelihood-ratio CUSUM of x bad of n per day, shapes (T,) or (C, T); p0 and h () or (C,).

    A day adds x·log(p1/p0) + (n − x)·log((1 − p1)/(1 − p0)). A day without ratings adds 0. Raises
    ValueError unless 0 <= x <= n, 0 < p0 < 1 and h > 0.
    """
    bad, size = np.broadcast_arrays(np.asarray(x, float), np.asarray(n, float))
    share, bar = np.asarray(p0, float), np.asarray(h, float)
    if np.any(bad < 0) or np.any(bad > size):
        raise ValueError("expected 0 <= x <= n")
    if not np.all((share > 0) & (share < 1) & (bar > 0)):
        raise ValueError("expected 0 < p0 < 1 and h > 0")
    rise, fall = log_ratios(share, odds)
    path, alarm = np.zeros(bad.shape), np.zeros(bad.shape, dtype=np.bool_)
    total = np.zeros(bad.shape[:-1])
    for day in range(bad.shape[-1]):
        step = bad[..., day] * rise - (size[..., day] - bad[..., day]) * fall
        total = np.maximum(0, total + np.nan_to_num(step))
        path[..., day], alarm[..., day] = total, total >= bar
        total = np.where(total >= bar, 0, total)
    return Bernoulli(path, alarm)


def log_ratios(p0: ArrayLike, odds: float = DOUBLED) -> tuple[Floats, Floats]:
    """What a bad rating adds and what a good one takes away, both positive."""
    share = np.asarray(p0, float)
    raised = doubled(share, odds)
    return np.log(raised / share), np.log1p(-share) - np.log1p(-raised)


def _summed(steps: Floats, h: float) -> tuple[Floats, Bools]:
    path, alarm, total = np.zeros(len(steps)), np.zeros(len(steps), dtype=np.bool_), 0.0
    for position, step in enumerate(steps):
        total = max(0.0, total + (0.0 if np.isnan(step) else float(step)))
        path[position], alarm[position] = total, total >= h
        total = 0.0 if total >= h else total
    return path, alarm
