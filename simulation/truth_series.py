"""A peer group over months with its true shares, and the methods compared on it month by month."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulation.truth_estimators import (
    Forecast,
    jeffreys,
    oracle,
    ours,
    plug_in,
    raw,
    wilson_lower,
)
from simulation.truth_measures import rank_correlation, top_precision

Floats = NDArray[np.float64]
METHODS = ("raw", "wilson_lower", "jeffreys", "plug_in", "ours", "ours_no_deff", "oracle")
LEAST_RANKED = 8


@dataclass(frozen=True)
class Series:
    """One group of K units over T months: x of n unfavourable, (T, K), and the true shares.

    `deff` (T, K): design effects of correlated days; `nodes` (J,): the spread of true shares that
    the oracle knows; `blocks` (K,): what is drawn together when an error is estimated; `key`: the
    group's name.
    """

    key: str
    x: Floats
    n: Floats
    deff: Floats
    truth: Floats
    nodes: Floats
    blocks: tuple[str, ...]

    def effective(self, month: int) -> tuple[Floats, Floats]:
        """x and n (K,) of a month over their design effects."""
        return self.x[month] / self.deff[month], self.n[month] / self.deff[month]

    def paired(self, month: int) -> NDArray[np.bool_]:
        """Units (K,) with events in the month and in the next one."""
        both: NDArray[np.bool_] = (self.n[month] > 0) & (self.n[month + 1] > 0)
        return both


def forecasts(one: Series, month: int, seed: int) -> dict[str, Forecast]:
    """Every method's forecast from one month, for the units that have events in it and after."""
    seen = one.n[month] > 0
    last = one.paired(month)[seen]
    x, n = one.x[month][seen], one.n[month][seen]
    soft_x, soft_n = (part[seen] for part in one.effective(month))
    made = {
        "raw": raw(x, n),
        "wilson_lower": wilson_lower(x, n),
        "jeffreys": jeffreys(x, n),
        "plug_in": plug_in(x, n),
        "ours": ours(soft_x, soft_n, seed=seed),
        "oracle": oracle(soft_x, soft_n, one.nodes),
    }
    alike = np.any(one.deff[month] > 1)
    made["ours_no_deff"] = ours(x, n, seed=seed) if alike else made["ours"]
    return {name: kept_of(forecast, last) for name, forecast in made.items()}


def kept_of(forecast: Forecast, kept: NDArray[np.bool_]) -> Forecast:
    """The forecast of some units; all of them were fitted."""

    def score(x: Floats, n: Floats) -> Floats:
        wide_x, wide_n = np.zeros(len(kept)), np.zeros(len(kept))
        wide_x[kept], wide_n[kept] = x, n
        return forecast.score(wide_x, wide_n)[kept]

    return Forecast(forecast.estimate[kept], score)


@dataclass
class Ledger:
    """What was measured: `scores`, a row per unit and month, and `orders`, per group and month."""

    scores: list[pl.DataFrame]
    orders: list[pl.DataFrame]

    @classmethod
    def empty(cls) -> "Ledger":
        """Nothing yet."""
        return cls([], [])

    def add(self, one: Series, month: int, made: dict[str, Forecast]) -> None:
        """Score forecasts of a month by the next one, and their order by the truth."""
        kept = one.paired(month)
        x, n = one.x[month + 1][kept], one.n[month + 1][kept]
        blocks = [block for block, inside in zip(one.blocks, kept, strict=True) if inside]
        scored = {name: forecast.score(x, n) for name, forecast in made.items()}
        self.scores.append(pl.DataFrame({"block": blocks, "month": month, **scored}))
        if kept.sum() < LEAST_RANKED:
            return
        truth, row = one.truth[month][kept], {"block": one.key, "month": month, "k": kept.sum()}
        for name, forecast in made.items():
            row[f"rank {name}"] = rank_correlation(forecast.estimate, truth)
            row[f"top {name}"] = top_precision(forecast.estimate, truth)
        self.orders.append(pl.DataFrame([row]))


def compared(group: Iterable[Series], months: Iterable[int], seed: int) -> Ledger:
    """All methods on each group from each of the months."""
    ledger, chosen = Ledger.empty(), list(months)
    for one in group:
        for month in chosen:
            if one.paired(month).sum() >= 2:
                ledger.add(one, month, forecasts(one, month, seed))
    return ledger
