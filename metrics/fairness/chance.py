"""Draws of the true values of one metric in one peer group, by what chance does to it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from metrics.fairness.evidence import Evidence, Floats, top_level
from metrics.histogram import COARSE_END, FINE_END, FIVE, MINUTE
from metrics.methods.alike import Days
from metrics.methods.composite import mean_draws, quantile_draws
from metrics.methods.days import day_correlation, design_effect
from metrics.methods.levels import Levels, shrink_levels
from metrics.methods.normal import Normal, shrink_normal
from metrics.methods.shrinkage import DRAWS, Shrunk, shrink

Draws = NDArray[np.float32]
EDGES = np.array(
    [
        *range(0, FINE_END + 1, MINUTE),
        *range(FINE_END + FIVE, COARSE_END + 1, FIVE),
        COARSE_END,
    ],
    dtype=float,
)
DAYS = 100_000  # more than any day number: unit and day as one key
LEAST_ERROR = 1e-3  # of the group's typical value: what no unit knows itself better than


@dataclass(frozen=True, eq=False)
class Drawn:
    """One metric in one peer group of K units.

    `fit`: what is known of the true values; `again` (K, D): what the raw values would be if the
    period came again with those. `own` (K, D): draws of means and quantiles round the raw value,
    before any peer. `rho`: correlation of a day's events, by which `deff` (K,) of them say as much
    as one.
    """

    fit: Shrunk | Levels | Normal
    again: Draws
    rho: float
    deff: Floats
    own: Draws | None = None

    @property
    def values(self) -> Draws:
        """Draws (K, D) of the true values."""
        return self.fit.draws


def drawn(told: Evidence, group: NDArray[np.int64], seed: list[int], draws: int = DRAWS) -> Drawn:
    """The draws for the units at the places `group` (rising) of the evidence; deterministic."""
    kind = told.metric.drawn
    x, n, unit = _day_events(told, group)
    rho = likeness(told) if kind in ("events", "levels") else 0.0
    if kind == "values":
        rho = day_correlation(x, n, unit)
    deff = design_effect(n, unit, rho, len(group))
    rng = np.random.default_rng([*seed, 1])
    if kind == "events":
        days = Days(np.minimum(x, n), n, unit, rho)
        return _events(told, group, days, seed, draws, rng)
    if kind == "levels":
        return _levels(told, group, deff, rho, seed, draws, rng)
    return _errors(told, group, deff, rho, seed, draws, rng)


@lru_cache(maxsize=64)
def likeness(told: Evidence) -> float:
    """The correlation of a day's events, from all units of the metric: a group knows too little."""
    return day_correlation(*_day_events(told, np.arange(len(told.ids))))


def _day_events(
    told: Evidence, group: NDArray[np.int64]
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    x, n, unit, _ = events_by_day(told, group)
    return x, n, unit


def events_by_day(
    told: Evidence, group: NDArray[np.int64]
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    """x of n, unit and day; of waits x are those beyond the group's own quantile."""
    inside = np.full(len(told.ids), -1, dtype=np.int64)
    inside[group] = np.arange(len(group))
    kept = inside[told.place] >= 0
    unit, day = inside[told.place[kept]], told.day[kept]
    x, n = told.day_n[kept], told.day_d[kept]
    if told.metric.drawn != "values":
        return x, n, unit, day
    assert told.metric.percent is not None
    upto = np.cumsum(told.counts[group].sum(axis=0))
    edge = int(np.searchsorted(upto, upto[-1] * told.metric.percent / 100))
    days, row = np.unique(unit * DAYS + day, return_inverse=True)
    beyond = np.where(told.day_bin[kept] > edge, n, 0.0)
    late: Floats = np.bincount(row, beyond, len(days)).astype(float)
    total: Floats = np.bincount(row, n, len(days)).astype(float)
    return late, total, days // DAYS, days % DAYS


def _events(
    told: Evidence,
    group: NDArray[np.int64],
    days: Days,
    seed: list[int],
    draws: int,
    rng: np.random.Generator,
) -> Drawn:
    n, d = told.n[group], told.d[group]
    good = np.minimum(n, d)
    fit = shrink(good, d, days=days, draws=draws, seed=seed)
    size = np.maximum(np.round(fit.size), 1).astype(np.int64)[:, None]
    again = (rng.binomial(size, np.nan_to_num(fit.draws)) / size).astype(np.float32)
    return Drawn(fit, again, days.rho, days.effects(len(group)))


def _levels(
    told: Evidence,
    group: NDArray[np.int64],
    deff: Floats,
    rho: float,
    seed: list[int],
    draws: int,
    rng: np.random.Generator,
) -> Drawn:
    one, counts = told.metric, told.counts[group]
    points = np.array(list(one.numerator.values()), dtype=float) / one.divide_by
    fit = shrink_levels(counts, points, deff=deff, draws=draws, seed=seed)
    noise = rng.standard_normal(fit.draws.shape, dtype=np.float32)
    spread = np.sqrt(np.nan_to_num(fit.within)).astype(np.float32)[:, None]
    again = np.clip(fit.draws + noise * spread, points.min(), top_level(one) / one.divide_by)
    return Drawn(fit, again, rho, deff)


def _errors(
    told: Evidence,
    group: NDArray[np.int64],
    deff: Floats,
    rho: float,
    seed: list[int],
    draws: int,
    rng: np.random.Generator,
) -> Drawn:
    """Means and quantiles: their own draws show the error, then they are shrunk."""
    one = told.metric
    if one.drawn == "values":
        assert one.percent is not None
        q = one.percent / 100
        own = quantile_draws(EDGES, told.counts[group], q, draws, rng, deff)
        raw = np.nanmedian(own, axis=1).astype(float)
    else:
        x, n, unit = _day_events(told, group)
        own = mean_draws(x, n * one.divide_by, unit, draws, rng, len(group))
        raw = np.divide(
            *(told.n[group], told.d[group] * one.divide_by),
            out=np.full(len(group), np.nan),
            where=told.d[group] > 0,
        )
    known = np.isfinite(own).all(axis=1)
    value = np.where(known, raw, np.nan)
    typical = float(np.nanmedian(np.abs(value))) if known.any() else 1.0
    least = LEAST_ERROR * typical if typical > 0 else LEAST_ERROR
    error = np.maximum(np.where(known, own.std(axis=1), 1.0), least)
    fit = shrink_normal(value, error, draws=draws, seed=seed)
    again = fit.draws + (own - raw.astype(np.float32)[:, None])
    return Drawn(fit, again, rho, deff, own)
