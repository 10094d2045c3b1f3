"""The posterior of (mu, M) of a beta-binomial, on a grid that closes in on where the mass is.

Coarse: 61 nodes of logit mu round the pooled share × 40 of B = M / (M + n0), n0 the median n. Then
41 × 41 nodes of logit mu × logit B, again and again until the mass is resolved and none of it lies
at an edge; more nodes where long tails leave no nearer look. Prior: Jeffreys on mu, B uniform.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit

from metrics.methods.alike import DayFit
from metrics.methods.grid import CELLS_LEAST, FARTHEST, NEGLIGIBLE, effective, normed, stratified
from metrics.methods.rising import Rising

Floats = NDArray[np.float64]
Edges = tuple[float, float]
COARSE_MU, COARSE_B, FINE, FINEST = 61, 40, 41, 161
REACH = 4.0  # logits of mu on either side of the pooled share
UTMOST = 36.0  # |logit mu| beyond which 1 − mu is nothing to a float
PASSES = 12
ROUGH, CLOSE = 1e-2, 1e-8  # errors of a log likelihood that the coarse and the fine grid allow


class Fit:
    """The log likelihood of (mu, M) given x of n, shapes (K,): binomial coefficients left out.

    Σ ln Beta(x + a, n − x + b) − ln Beta(a, b) falls apart into three sums of one variable each,
    a = mu·M, b = (1 − mu)·M and M, so that the units are visited at some dozens of nodes and not
    at every cell of the grid.
    """

    def __init__(self, good: Floats, size: Floats) -> None:
        self.good, self.bad = Rising(good), Rising(size - good)
        self.size = Rising(size)

    def __call__(self, logits: Floats, log_m: Floats, tolerance: float = CLOSE) -> Floats:
        """On the grid logit mu (A,) × ln M (B,), shape (A, B), to about `tolerance`."""
        log_mu, log_rest = log_expit(logits)[:, None], log_expit(-logits)[:, None]
        plain = self.good.total * log_mu + self.bad.total * log_rest
        told: Floats = (
            plain
            + self.good(log_mu + log_m, tolerance)
            + self.bad(log_rest + log_m, tolerance)
            - self.size(log_m, tolerance)
        )
        return told


def draw_pairs(
    good: Floats, size: Floats, days: DayFit | None, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats, float]:
    """Draws (D,) of mu and of M from their posterior, and the effective cells of the grid.

    K >= 2 units, size > 0, both divided by their design effects; with `days` their likelihood is
    asked instead. Raises ArithmeticError if the grid does not close in on the mass.
    """
    n0 = float(np.median(size))
    fit: Fit | DayFit = Fit(good, size)
    pooled = float(logit((good.sum() + 0.5) / (size.sum() + 1)))
    rows, columns = _coarse(fit, pooled, n0)
    if days is not None:
        fit = days
    nodes = FINE
    for _ in range(PASSES):
        mus, sizes = np.linspace(*rows, nodes), np.linspace(*columns, nodes)
        weights = _posterior(fit, mus, sizes, n0, CLOSE)
        fresh = _edges(weights.sum(axis=1), mus, UTMOST), _edges(weights.sum(axis=0), sizes)
        cells = effective(weights)
        held = _held((rows, columns), fresh)
        if held and cells >= CELLS_LEAST:
            break
        # Long tails keep the grid wide: more nodes then, where a nearer look is not to be had.
        nodes = min(2 * nodes - 1, FINEST) if held else nodes
        rows, columns = fresh
    if cells < CELLS_LEAST:
        raise ArithmeticError(f"the grid of mu and M did not settle: {cells:.1f} cells")
    row, column = np.unravel_index(stratified(weights, draws, rng), weights.shape)
    inside = rng.random((2, draws)) - 0.5
    mu = expit(mus[row] + inside[0] * (mus[1] - mus[0]))
    share = sizes[column] + inside[1] * (sizes[1] - sizes[0])  # logit B
    return mu, n0 * np.exp(share), cells


def _posterior(
    fit: Fit | DayFit, mus: Floats, sizes: Floats, n0: float, tolerance: float
) -> Floats:
    """Weights of the cells at logit mu × logit B."""
    # Jeffreys on mu is √(mu(1 − mu)) on its logit; uniform B is B(1 − B) on its logit.
    prior = 0.5 * (log_expit(mus) + log_expit(-mus))[:, None]
    prior = prior + (log_expit(sizes) + log_expit(-sizes))[None, :]
    return normed(fit(mus, np.log(n0) + sizes, tolerance) + prior)


def _coarse(fit: Fit | DayFit, pooled: float, n0: float) -> tuple[Edges, Edges]:
    """Where the mass lies, by 61 × 40 cells; B uniform cannot see an M beyond 79 n0."""
    mus = pooled + np.linspace(-REACH, REACH, COARSE_MU)
    sizes = logit((np.arange(COARSE_B) + 0.5) / COARSE_B)
    weights = _posterior(fit, mus, sizes, n0, ROUGH)
    rows = np.nonzero(weights.sum(axis=1) > NEGLIGIBLE)[0]
    columns = np.nonzero(weights.sum(axis=0) > NEGLIGIBLE)[0]
    low = -FARTHEST if columns[0] == 0 else float(sizes[columns[0] - 1])
    high = FARTHEST if columns[-1] == COARSE_B - 1 else float(sizes[columns[-1] + 1])
    step = mus[1] - mus[0]
    return (float(mus[rows[0]] - step), float(mus[rows[-1]] + step)), (low, high)


def _edges(weights: Floats, nodes: Floats, farthest: float = FARTHEST) -> Edges:
    """One step beyond the nodes with mass; where mass lies at an edge, half the width beyond."""
    kept = np.nonzero(weights > NEGLIGIBLE)[0]
    step, half = nodes[1] - nodes[0], (nodes[-1] - nodes[0]) / 2
    low = nodes[kept[0]] - (half if kept[0] == 0 else step)
    high = nodes[kept[-1]] + (half if kept[-1] == len(nodes) - 1 else step)
    return max(float(low), -farthest), min(float(high), farthest)


def _held(old: tuple[Edges, Edges], fresh: tuple[Edges, Edges]) -> bool:
    """Whether the grid held all the mass, and would not become much smaller.

    Edges that only move by a part of a step have settled: a node may stand just at the limit.
    """
    pairs = list(zip(old, fresh, strict=True))
    slack = [(was[1] - was[0]) / (FINE - 1) for was, _ in pairs]
    inside = all(
        was[0] - part <= now[0] and now[1] <= was[1] + part
        for (was, now), part in zip(pairs, slack, strict=True)
    )
    smaller = [(now[1] - now[0]) / (was[1] - was[0]) for was, now in pairs]
    return inside and smaller[0] * smaller[1] > 0.25
