"""Whether earlier months help: their counts at a discount, added to the month (power prior).

x = x_t + α·x_(t−1) + α²·x_(t−2), n alike, over the design effects of each month; α = 0 is the month
alone, α = 1 the sum of months. Ibrahim & Chen 2000, Statistical Science 15:46. `chosen` takes the α
and depth under which the months seen so far were likeliest, each given those before it.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulation.truth_estimators import Forecast, ours
from simulation.truth_series import Ledger, Series, kept_of

Floats = NDArray[np.float64]
ALPHAS = (0.25, 0.5, 0.75, 1.0)
DEPTHS = (1, 2)
ALONE, CHOSEN = "alone", "chosen"
VARIANTS = {ALONE: (1, 0.0)} | {f"{d} × {a:g}": (d, a) for d in DEPTHS for a in ALPHAS}


def lent(one: Series, month: int, depth: int, alpha: float, seed: int) -> Forecast:
    """Our forecast with the counts of `depth` earlier months, each at α times the one after it."""
    seen = one.n[month] > 0
    x, n = one.effective(month)
    for back in range(1, depth + 1):
        more_x, more_n = one.effective(month - back)
        x, n = x + alpha**back * more_x, n + alpha**back * more_n
    return kept_of(ours(x[seen], n[seen], seed=seed), one.paired(month)[seen])


def lending(group: Iterable[Series], months: Iterable[int], seed: int) -> Ledger:
    """All variants and the chosen one for what is one city; months from the second on, where one
    month at least has been seen to choose by."""
    ledger, origins = Ledger.empty(), list(months)
    for one in group:
        for month in origins:
            if one.paired(month).sum() >= 2:
                made = {
                    name: lent(one, month, depth, alpha, seed)
                    for name, (depth, alpha) in VARIANTS.items()
                }
                ledger.add(one, month, made)
    scores, orders = pl.concat(ledger.scores), ledger.orders
    best = choices(scores, origins)
    later = scores.filter(pl.col("month") > origins[0])
    kept = pl.concat(orders).filter(pl.col("month") > origins[0]) if orders else None
    return Ledger(
        [_with_chosen(later, best, "")],
        [] if kept is None else [_with_chosen(_with_chosen(kept, best, "rank "), best, "top ")],
    )


def choices(scores: pl.DataFrame, origins: list[int]) -> dict[int, str]:
    """By month the variant with the highest total log score over the months before it."""
    best = {}
    for month in origins[1:]:
        seen = scores.filter(pl.col("month") < month).select(list(VARIANTS)).sum().row(0)
        best[month] = list(VARIANTS)[int(np.argmax(seen))]
    return best


def _with_chosen(frame: pl.DataFrame, best: dict[int, str], before: str) -> pl.DataFrame:
    cases = [
        pl.when(pl.col("month") == month).then(pl.col(f"{before}{name}"))
        for month, name in best.items()
    ]
    return frame.with_columns(pl.coalesce(cases).alias(f"{before}{CHOSEN}"))
