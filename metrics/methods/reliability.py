"""How much of a difference between units is no chance: rankability, and how it is read.

Source: van Houwelingen, Brand & Louis 1999; Lingsma et al. 2009, BMC Med Res Methodol 9:53; van
Dishoeck et al. 2011, BMJ Qual Saf 20:869 (the three words).
"""

import numpy as np
from numpy.typing import ArrayLike

MODERATE, HIGH = 0.5, 0.75


def rankability(tau2: ArrayLike, s2: ArrayLike) -> float:
    """tau² / (tau² + median s_i²), 0–1: the share of the spread between units that is real.

    `tau2`: variance of the true values between units, a number or its draws (D,). Over draws the
    share is averaged: where the spread is hardly known a few draws of a huge one would otherwise
    pass for it (99.8 % good, 20 units of 90: 0.88 where 0.45 was true). `s2` (K,): variance of each
    unit's own value round its true one *under the fit* (mu(1 − mu)/n_i for shares), never
    x(n − x)/n³: at a ceiling most of those are 0 and nothing would be left to chance. NaN in `s2`
    is a unit without a value. NaN where there is none, or nothing varies at all. Raises ValueError
    below 0.
    """
    between, known = np.atleast_1d(np.asarray(tau2, float)), np.asarray(s2, float)
    known = known[~np.isnan(known)]
    if np.any(between < 0) or np.any(known < 0):
        raise ValueError("expected variances of at least 0")
    if not len(known):
        return float("nan")
    total = between + float(np.median(known))
    if not np.any(total > 0):
        return float("nan")
    return float(np.mean(np.divide(between, total, out=np.zeros_like(total), where=total > 0)))


def reading(rankable: float) -> str:
    """'poor' below a half, 'moderate' to three quarters, 'high' above; 'unknown' for NaN.

    Below a half positions are mostly noise: print tiers only (official ranks stay, with that said).
    """
    if np.isnan(rankable):
        return "unknown"
    if rankable < MODERATE:
        return "poor"
    return "moderate" if rankable <= HIGH else "high"
