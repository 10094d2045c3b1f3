"""Sums of ln Γ(v + s) − ln Γ(s) over many v at many s: what beta-binomial likelihoods consist of.

v·ln s is left out, Σ ln Γ(v + s) − ln Γ(s) − v·ln s: a likelihood adds it up by hand, where it
mostly cancels. What is left vanishes as s grows, so that an s of 10⁹ costs no digits.
"""

import numpy as np
from numpy.polynomial.chebyshev import Chebyshev
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
LARGE = 32.0  # from here on Stirling's series is exact to 1e-14
BLOCK = 2000  # values visited at a time
MARGIN = 4.0  # for the constant in the error of a Chebyshev series
WORTH = 300  # exact terms that cost as much as one degree of a polynomial


def excess(v: Floats, s: Floats) -> Floats:
    """ln Γ(v + s) − ln Γ(s) − v·ln s of every v (U,) at every s (P,) > 0, shape (U, P)."""
    found = np.empty((len(v), len(s)))
    small = s < LARGE
    near, far = s[small], s[~small]
    column = v[:, None]
    found[:, small] = gammaln(column + near) - gammaln(near) - column * np.log(near)
    whole = column + far
    found[:, ~small] = (
        (whole - 0.5) * np.log1p(column / far) - column + _stirling(whole) - _stirling(far)
    )
    return found


def _stirling(z: Floats) -> Floats:
    """What ln Γ(z) has beyond (z − ½)·ln z − z + ½·ln 2π."""
    square = z**2
    told: Floats = (1 / 12 - (1 / 360 - 1 / (1260 * square)) / square) / z
    return told


class Rising:
    """Σ of `excess` over values (K,), to be asked at many s."""

    def __init__(self, values: Floats) -> None:
        kinds, times = np.unique(values, return_counts=True)
        self.values, self.times = kinds[kinds > 0], times[kinds > 0].astype(float)
        self.total = float(self.values @ self.times)

    def exactly(self, logs: Floats) -> Floats:
        """The sum at s = exp(logs), shape (P,)."""
        s = np.exp(logs)
        told = np.zeros_like(s)
        for start in range(0, len(self.values), BLOCK):
            part = slice(start, start + BLOCK)
            told += self.times[part] @ excess(self.values[part], s)
        return told

    def __call__(self, logs: Floats, tolerance: float) -> Floats:
        """The sum at s = exp(logs), any shape, to `tolerance`: by a polynomial where that is less.

        The function is analytic in ln s within π of the real line, hence a Chebyshev series of
        degree m errs by a multiple of r^−m, r = π/w + √(1 + (π/w)²) on an interval of half-width w.
        """
        low, high = float(logs.min()), float(logs.max())
        if not len(self.values):
            return np.zeros_like(logs)
        pole = 2 * np.pi / max(high - low, 1e-9)
        rate = pole + np.sqrt(1 + pole**2)
        size = max(MARGIN * self.total / (tolerance * (rate - 1)), np.e)
        degree = int(np.ceil(np.log(size) / np.log(rate)))
        if len(self.values) * (logs.size - degree - 1) < WORTH * degree or high - low < 1e-9:
            return self.exactly(logs.ravel()).reshape(logs.shape)
        found: Floats = Chebyshev.interpolate(self.exactly, degree, domain=[low, high])(logs)
        return found
