"""Funnel plots: which units lie further from the common rate than chance lets them lie.

Counts are arrays of shape (K,). A unit without a base (n = 0, E = 0) has NaN everywhere and is no
part of K. The spread between units that chance does not explain is measured by phi and tau² after
Spiegelhalter 2005, Stat Med 24:1185 (doi:10.1002/sim.1970) and Spiegelhalter et al. 2012, JRSS-A
175:1 (doi:10.1111/j.1467-985X.2011.01010.x); FunnelPlotR 0.6 computes the same and differs where
docs/explanation/methods-funnel.md says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from metrics.methods.funnel_exact import NEGLIGIBLE, exact_fit, exact_limits, exact_tails
from metrics.methods.intervals import exact_poisson

Floats = NDArray[np.float64]
Limits = tuple[Floats, Floats]
Scale = Literal["log", "sqrt"]
Z95, Z998 = 1.959964, 3.090232  # to six places, as the published limits have them
LEVELS = (0.95, 0.998)
FEWEST = 10  # below so many units the spread between them cannot be measured
CEILING = 0.95  # above it, and below its complement, the arcsine misleads
FALSE_SHARE = 0.05  # of the outliers, by Benjamini and Hochberg


@dataclass(frozen=True)
class Dispersion:
    """How far units differ beyond chance: phi is 1 without it, tau2 the variance between them."""

    phi: float
    tau2: float


@dataclass(frozen=True, eq=False)
class Funnel:
    """A funnel of K units, all arrays of shape (K,).

    `value` and the limits (lower95, upper95, lower998, upper998) are on the scale of the rate or
    ratio. `z`, `p`: two-sided, spread between units included. `outside`: −1 below, +1 above the
    99.8 % limits, else 0. `outlier`: outside, and still so among the looks at all K (BH, 5 %).
    `kind` says how the limits were made. `limits_at(sizes)`: the four curves over any sizes.
    """

    kind: str
    target: float
    dispersion: Dispersion
    value: Floats
    limits: tuple[Floats, Floats, Floats, Floats]
    z: Floats
    p: Floats
    outside: NDArray[np.int64]
    outlier: NDArray[np.bool_]
    limits_at: Callable[[ArrayLike], tuple[Floats, Floats, Floats, Floats]]


def winsorised(z: ArrayLike, share: float = 0.1) -> Floats:
    """z with its tails drawn in to the quantiles `share` and 1 − share (linear, type 7 of R)."""
    given = np.asarray(z, float)
    if not len(given):
        return given
    low, high = np.quantile(given, [share, 1 - share])
    drawn: Floats = np.clip(given, low, high)
    return drawn


def truncated(z: ArrayLike, share: float = 0.1) -> NDArray[np.bool_]:
    """Which z stay when the first and the last group of 1/share groups go (SHMI's rule)."""
    given = np.asarray(z, float)
    group = np.floor(stats.rankdata(given) / share / (len(given) + 1))
    kept: NDArray[np.bool_] = (group > 0) & (group < 1 / share - 1)
    return kept


def dispersion(z: ArrayLike, s: ArrayLike) -> Dispersion:
    """phi = mean z² and tau² of units with z and standard error s, shapes (K,).

    tau² is that of DerSimonian and Laird with the target held fixed; 0 where K·phi < K − 1.
    """
    given, error = np.asarray(z, float), np.asarray(s, float)
    count = len(given)
    if count == 0:
        return Dispersion(float("nan"), 0.0)
    phi = float(np.mean(given**2))
    weight = 1 / error**2
    room = float(weight.sum() - (weight**2).sum() / weight.sum())
    excess = count * phi - (count - 1)
    return Dispersion(phi, excess / room if excess > 0 and room > 0 else 0.0)


def significant(p: ArrayLike, share: float = FALSE_SHARE) -> NDArray[np.bool_]:
    """Which p stay after Benjamini and Hochberg; NaN is no test and never stays."""
    given = np.asarray(p, float)
    found = np.zeros(len(given), dtype=np.bool_)
    tested = ~np.isnan(given)
    if tested.any():
        found[tested] = stats.false_discovery_control(given[tested], method="bh") <= share
    return found


def proportion_funnel(x: ArrayLike, n: ArrayLike, adjust: bool = True) -> Funnel:
    """Funnel of shares x / n about Σx / Σn.

    Middling rates by the arcsine; above 95 % and below 5 % by exact beta-binomial limits (mid-p).
    Without `adjust`, and for fewer than ten units, chance alone makes the limits.
    Raises ValueError unless 0 <= x <= n.
    """
    good, size = _counts(x, n)
    if np.any(good > size):
        raise ValueError("expected 0 <= x <= n")
    here = size > 0
    total = size.sum()
    target = float(good.sum() / total) if total else float("nan")
    if not here.any():
        return _assembled("none", target, Dispersion(float("nan"), 0.0), good, size, here, _nowhere)
    if target > CEILING or target < 1 - CEILING:
        return _exact(good, size, here, target, adjust)
    y, centre = np.arcsin(np.sqrt(good[here] / size[here])), np.arcsin(np.sqrt(target))
    s = 1 / (2 * np.sqrt(size[here]))
    found = _spread(winsorised((y - centre) / s), s, adjust)

    def limits(sizes: ArrayLike, z: float) -> Limits:
        half = z * np.sqrt(1 / (4 * np.asarray(sizes, float)) + found.tau2)
        # Beyond 0 and a right angle the sine turns back: the limit stays at 0 and at 1.
        low, high = np.maximum(centre - half, 0), np.minimum(centre + half, np.pi / 2)
        return np.sin(low) ** 2, np.sin(high) ** 2

    z = (y - centre) / np.sqrt(s**2 + found.tau2)
    kind = "arcsine"
    return _assembled(kind, target, found, good, size, here, limits, z)


def _exact(
    good: Floats, size: Floats, here: NDArray[np.bool_], target: float, adjust: bool
) -> Funnel:
    # The rare side is counted: its probabilities are small numbers that lose no digits.
    mirrored = target > 0.5
    rare = (size - good if mirrored else good)[here]
    n, share = size[here], 1 - target if mirrored else target
    if share > 0:
        s = np.sqrt(share * (1 - share) / n)
        found = _spread(winsorised((rare / n - share) / s), s, adjust)
    else:  # nobody has any: nothing to measure a spread by
        found = Dispersion(0.0, 0.0)
    fit = exact_fit(share, found.tau2)

    def limits(sizes: ArrayLike, z: float) -> Limits:
        low, high = exact_limits(sizes, fit, float(stats.norm.sf(z)))
        return (1 - high, 1 - low) if mirrored else (low, high)

    lower, upper = exact_tails(rare, n, fit)
    sign = np.where(lower < upper, -1.0, 1.0) * (-1.0 if mirrored else 1.0)
    p = np.clip(2 * np.minimum(lower, upper), NEGLIGIBLE, 1)
    z = sign * stats.norm.isf(p / 2)
    kind = "binomial" if np.isinf(fit.size) else "beta_binomial"
    return _assembled(kind, target, found, good, size, here, limits, z, p)


def ratio_funnel(
    observed: ArrayLike,
    expected: ArrayLike,
    scale: Scale = "sqrt",
    rounded: bool = False,
    adjust: bool = True,
) -> Funnel:
    """Funnel of standardised ratios O / E about 1.

    `log` is the rule of the English SHMI: tails are truncated; `rounded` takes E at two decimals as
    it does. `sqrt` is that of the Care Quality Commission: tails are winsorised. On the log scale
    a unit without events counts as half an event. Without spread, exact Poisson limits (χ²).
    """
    seen, due = _counts(observed, expected)
    due = np.round(due, 2) if rounded else due
    here = due > 0
    o, e = seen[here], due[here]
    if scale == "log":
        y, s, centre = np.log(np.where(o > 0, o, 0.5) / e), 1 / np.sqrt(e), 0.0
    else:
        y, s, centre = np.sqrt(o / e), 1 / (2 * np.sqrt(e)), 1.0
    plain = (y - centre) / s
    kept = truncated(plain) if scale == "log" else np.ones(len(plain), dtype=np.bool_)
    drawn = plain[kept] if scale == "log" else winsorised(plain)
    found = _spread(drawn, s[kept], adjust, units=len(plain))

    def limits(sizes: ArrayLike, z: float) -> Limits:
        size = np.asarray(sizes, float)
        if found.tau2 == 0:
            low, high = poisson_limits(size, 1 - 2 * float(stats.norm.sf(z)))
            return low, high
        if scale == "log":
            half = z * np.sqrt(1 / size + found.tau2)
            return np.exp(-half), np.exp(half)
        half = z * np.sqrt(1 / (4 * size) + found.tau2)
        return np.maximum(1 - half, 0) ** 2, (1 + half) ** 2

    z, kind = (y - centre) / np.sqrt(s**2 + found.tau2), scale
    if found.tau2 == 0:
        p = _poisson_p(o, e)
        sign = np.where(o < e, -1.0, 1.0)
        return _assembled(
            "poisson", 1.0, found, seen, due, here, limits, sign * stats.norm.isf(p / 2), p
        )
    return _assembled(kind, 1.0, found, seen, due, here, limits, z)


def poisson_limits(expected: ArrayLike, level: float = 0.95) -> Limits:
    """Exact Poisson limits of O / E where E are expected, by quantiles of χ² (Garwood 1936)."""
    size = np.asarray(expected, float)
    low, high = exact_poisson(size, level)
    return low / size, high / size


def _poisson_p(o: Floats, e: Floats) -> Floats:
    below = stats.poisson.cdf(o, e) - stats.poisson.pmf(o, e) / 2
    p: Floats = np.clip(2 * np.minimum(below, 1 - below), NEGLIGIBLE, 1)
    return p


def count_ratio_funnel(a: ArrayLike, b: ArrayLike, adjust: bool = True) -> Funnel:
    """Funnel of ratios of two counts a / b about Σa / Σb, with a half added to each.

    The limits of a unit use its own standard error, those of the curves the one that belongs to b
    at the target.
    """
    above, below = _counts(a, b)
    here = below > 0
    total = below.sum()
    target = float(above.sum() / total) if total else float("nan")
    if not here.any() or target == 0:
        return _assembled(
            "none", target, Dispersion(float("nan"), 0.0), above, below, here, _nowhere
        )
    x, n, centre = above[here], below[here], np.log(target)
    # A unit without a has no error of its own: it gets the one of the count that was due.
    s = np.sqrt(_count_error(np.where(x > 0, x, target * n)) + _count_error(n))
    y = np.log((x + 0.5) / (n + 0.5))
    found = _spread(winsorised((y - centre) / s), s, adjust)

    def limits(sizes: ArrayLike, z: float) -> Limits:
        size = np.asarray(sizes, float)
        half = z * np.sqrt(_count_error(target * size) + _count_error(size) + found.tau2)
        return np.exp(centre - half), np.exp(centre + half)

    z = (y - centre) / np.sqrt(s**2 + found.tau2)
    return _assembled("count_ratio", target, found, above, below, here, limits, z)


def _count_error(count: Floats) -> Floats:
    error: Floats = count / (count + 0.5) ** 2
    return error


def _counts(x: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    top, base = np.asarray(x, float), np.asarray(n, float)
    if top.shape != base.shape or top.ndim != 1:
        raise ValueError("expected two arrays of the same length")
    if np.any(top < 0) or np.any(base < 0) or np.any(np.isnan(top) | np.isnan(base)):
        raise ValueError("expected counts of 0 or more")
    return top, base


def _spread(z: Floats, s: Floats, adjust: bool, units: int | None = None) -> Dispersion:
    """phi of the drawn-in z; tau² only where it is asked for and can be measured."""
    found = dispersion(z, s)
    if not adjust or (len(z) if units is None else units) < FEWEST:
        return Dispersion(found.phi, 0.0)
    return found


def _nowhere(sizes: ArrayLike, z: float) -> Limits:
    nothing = np.full(np.asarray(sizes, float).shape, np.nan)
    return nothing, nothing


def _assembled(
    kind: str,
    target: float,
    found: Dispersion,
    top: Floats,
    base: Floats,
    here: NDArray[np.bool_],
    limits: Callable[[ArrayLike, float], Limits],
    z: Floats | None = None,
    p: Floats | None = None,
) -> Funnel:
    """The funnel with NaN for the units that have no base."""

    def spread_out(given: Floats) -> Floats:
        whole = np.full(len(base), np.nan)
        whole[here] = given
        return whole

    def limits_at(sizes: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
        return (*limits(sizes, Z95), *limits(sizes, Z998))

    own = tuple(spread_out(one) for one in limits_at(base[here]))
    score = np.full(int(here.sum()), np.nan) if z is None else z
    two_sided = 2 * stats.norm.sf(np.abs(score)) if p is None else p
    every_z, every_p = spread_out(score), spread_out(two_sided)
    value = spread_out(top[here] / base[here])
    outside = np.where(np.abs(every_z) > Z998, np.sign(every_z), 0).astype(np.int64)
    return Funnel(
        kind=kind,
        target=target,
        dispersion=found,
        value=value,
        limits=(own[0], own[1], own[2], own[3]),
        z=every_z,
        p=every_p,
        outside=outside,
        outlier=(outside != 0) & significant(every_p),
        limits_at=limits_at,
    )


__all__ = [
    "Dispersion",
    "Funnel",
    "count_ratio_funnel",
    "dispersion",
    "poisson_limits",
    "proportion_funnel",
    "ratio_funnel",
    "significant",
    "truncated",
    "winsorised",
]
