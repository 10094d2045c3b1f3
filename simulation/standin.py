"""Calls and rankability until their methods are joined."""

import numpy as np


def tiers_of_odds(draws, centre, odds, level=0.05):
    with np.errstate(divide="ignore"):
        own = draws / (1 - draws)
        peer = np.asarray(centre) / (1 - np.asarray(centre))
        above = np.nan_to_num(np.mean(own > peer * odds, axis=1))
        below = np.nan_to_num(np.mean(own < peer / odds, axis=1))
    call = np.zeros(len(draws), dtype=np.int64)
    call[_surest(above, level)] = 1
    call[_surest(below, level)] = -1
    return call, above, below


def _surest(p, level):
    order = np.argsort(-p, kind="stable")
    mean = np.cumsum(1 - p[order]) / np.arange(1, len(p) + 1)
    fits = np.nonzero(mean <= level)[0]
    return order[: fits[-1] + 1] if len(fits) else order[:0]


def rankability(tau2, s2):
    middle = float(np.nanmedian(s2))
    return tau2 / (tau2 + middle) if tau2 > 0 else 0.0
