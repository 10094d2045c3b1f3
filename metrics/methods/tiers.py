"""Three tiers: surely better than its peers, surely worse, or as expected.

A unit is called when the set of all that are called so is right on average in 95 %: the largest set
whose mean chance of being wrong is at most 4 % (Bayesian false discovery rate), and in which each
is likelier right than wrong. The difference must matter: with ten thousand ratings any difference
is "significant", and a smallest difference of 0 calls nearly half of a healthy city.

Source: Newton et al. 2004, Biostatistics 5:155; Müller, Parmigiani & Rice 2007 (direct posterior
probability approach); Jones, Ohlssen & Spiegelhalter 2008, J Clin Epidemiol 61:232 (providers).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Tiers = tuple[NDArray[np.int8], Floats, Floats]
# A set of calls is at most so likely false by the model. Aimed at 5 % the false ones are 5 to 6 %
# of all where few are called or days are alike; at 4 % they stay under 5 % (coverage.md).
CALLS = 0.04
LIKELY = 0.5  # no unit is called that is likelier not to be so


def tiers(draws: ArrayLike, centre: ArrayLike, least: float, level: float = CALLS) -> Tiers:
    """Call K units by their draws (K, D), higher is better: +1 above, −1 below, 0 as expected.

    `centre`: the mean of the peers in each draw (D,), or a number; `least`: the smallest difference
    from it that matters, on the scale of the draws. Returns (call, p_above, p_below), shapes (K,),
    the last two being P(θ > centre + least) and P(θ < centre − least). A row of NaN is a unit
    without a score: no chances, call 0. Units with equal chances are called alike. Raises
    ValueError unless 0 < least < inf.
    """
    if not 0 < least < np.inf:
        raise ValueError(f"expected a smallest difference that matters above 0, not {least!r}")
    given, middle = _given(draws, centre)
    return _called(given, middle + least, middle - least, level)


def tiers_of_odds(
    draws: ArrayLike, centre: ArrayLike, odds: float = 1.75, level: float = CALLS
) -> Tiers:
    """The same of draws of bad rates (K, D), each in 0–1, lower is better.

    A rate matters where its odds θ / (1 − θ) differ from the centre's by the factor `odds`: below
    the centre's odds / `odds` is +1 (better than its peers), above them × `odds` is −1. Returns
    (call, p_above, p_below): above is better here too. Raises ValueError unless 1 < odds < inf.
    """
    if not 1 < odds < np.inf:
        raise ValueError(f"expected a ratio of odds that matters above 1, not {odds!r}")
    given, middle = _given(draws, centre)
    worse, better = (middle * r / (1 - middle + middle * r) for r in (odds, 1 / odds))
    return _called(-given, -better, -worse, level)


def false_discovery_set(p: ArrayLike, level: float = CALLS) -> NDArray[np.bool_]:
    """The largest set of units (K,) whose mean of 1 − p is at most `level`; NaN is never in it.

    Units of equal p are all in it or none.
    """
    chance = np.asarray(p, float)
    order = np.argsort(-chance, kind="stable")[: int(np.isfinite(chance).sum())]
    sorted_ = chance[order]
    # The mean rises along the order, so the largest set is a beginning of it. Chances are shares of
    # draws; the slack is for their sums, 0.05 × 20 is met by one unit of 20 that is wrong.
    within = np.cumsum(1 - sorted_) <= level * np.arange(1, len(order) + 1) + 1e-9
    size = int(within.sum())
    if size < len(order):
        size = int((sorted_[:size] > sorted_[size]).sum())
    found = np.zeros(len(chance), dtype=np.bool_)
    found[order[:size]] = True
    return found


def _given(draws: ArrayLike, centre: ArrayLike) -> tuple[NDArray[np.floating], Floats]:
    given, middle = np.asarray(draws), np.asarray(centre, float)
    if given.dtype not in (np.float32, np.float64):
        given = given.astype(float)
    if given.ndim != 2 or given.shape[1] == 0 or middle.shape not in ((), given.shape[1:]):
        raise ValueError("expected draws (K, D) and a centre that is a number or (D,)")
    absent = np.isnan(given)
    if not np.array_equal(absent.any(axis=1), absent.all(axis=1)) or np.isnan(middle).any():
        raise ValueError("expected units with all their draws or none, and a centre in each draw")
    return given, middle


def _called(given: NDArray[np.floating], above: Floats, below: Floats, level: float) -> Tiers:
    some = ~np.isnan(given[:, 0])
    p_above = np.where(some, (given > above.astype(given.dtype)).mean(axis=1), np.nan)
    p_below = np.where(some, (given < below.astype(given.dtype)).mean(axis=1), np.nan)
    # Twenty sure units would carry one into the set that is surely not: a call is likely, too.
    up, down = (
        false_discovery_set(np.where(p > LIKELY, p, np.nan), level) for p in (p_above, p_below)
    )
    call: NDArray[np.int8] = up.astype(np.int8) - down.astype(np.int8)
    return call, p_above, p_below
