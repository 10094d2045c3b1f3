"""Shrinkage of estimates with known errors towards their peers, normal-normal, spread integrated.

y_i ~ N(theta_i, s_i²), theta_i ~ N(mu, tau²); mu flat, s0² / (s0² + tau²) uniform with s0² the
median s_i² (Daniels 1999). For means and quantiles, whose errors come from days or from ranks.
Source: Morris 1983, JASA 78:47; Gelman et al., Bayesian Data Analysis, §5.4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from metrics.methods.shrinkage import DRAWS, FARTHEST, Floats

NODES = 401


@dataclass(frozen=True)
class Normal:
    """Posterior of K true values: `mean`, `low`, `high`, `reliability` (K,), NaN where y is.

    `draws` (K, D) float32; `between`: posterior mean of tau².
    """

    mean: Floats
    low: Floats
    high: Floats
    reliability: Floats
    draws: NDArray[np.float32]
    between: float


def shrink_normal(
    y: ArrayLike,
    s: ArrayLike,
    *,
    draws: int = DRAWS,
    seed: int | list[int] = 0,
    level: float = 0.95,
) -> Normal:
    """Shrink estimates y with standard errors s > 0, shapes (K,), towards their common mean.

    NaN in y is no estimate. One unit alone keeps its own. Raises ValueError for s not above 0.
    """
    value, error = np.asarray(y, float), np.asarray(s, float)
    some = np.isfinite(value)
    if value.shape != error.shape or np.any(~(error[some] > 0)):
        raise ValueError("expected two arrays of the same length, errors above 0")
    rng = np.random.default_rng(seed)
    thetas = np.full((len(value), draws), np.nan, dtype=np.float32)
    mean, low, high, weight = np.full((4, len(value)), np.nan)
    own, variance = value[some], error[some] ** 2
    if len(own) == 1:
        centre, spread = np.zeros(draws), np.full(draws, np.inf)
    else:
        centre, spread = _pairs(own, variance, draws, rng) if len(own) else np.zeros((2, draws))
    if len(own):
        keep = 1 / (1 + variance[:, None] / spread[None, :])
        at = np.where(keep < 1, (1 - keep) * centre[None, :], 0) + keep * own[:, None]
        noise = rng.standard_normal(at.shape) * np.sqrt(variance[:, None] * keep)
        thetas[some] = at + noise
        mean[some], weight[some] = at.mean(axis=1), keep.mean(axis=1)
        tail = (1 - level) / 2
        low[some], high[some] = np.quantile(thetas[some], [tail, 1 - tail], axis=1)
    alone = len(own) < 2
    between = float("nan") if alone else float(np.mean(spread))
    reliable = np.full_like(weight, np.nan) if alone else weight
    return Normal(mean, low, high, reliable, thetas, between)


def _pairs(
    value: Floats, variance: Floats, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draws of (mu, tau²): tau² by its marginal posterior on a grid, mu given it."""
    s0 = float(np.median(variance))
    nodes = np.linspace(-FARTHEST, FARTHEST, NODES)  # logit of s0 / (s0 + tau²)
    spread = s0 * np.exp(-nodes)
    total = variance[:, None] + spread[None, :]
    precision = (1 / total).sum(axis=0)
    centre = (value[:, None] / total).sum(axis=0) / precision
    fit = -0.5 * (np.log(total).sum(axis=0) + ((value[:, None] - centre) ** 2 / total).sum(axis=0))
    b = expit(nodes)
    logs = fit - 0.5 * np.log(precision) + np.log(b * (1 - b))
    weights = np.exp(logs - logs.max())
    picked = rng.choice(NODES, size=draws, p=weights / weights.sum())
    step = nodes[1] - nodes[0]
    shaken = spread[picked] * np.exp((rng.random(draws) - 0.5) * step)
    mu = centre[picked] + rng.standard_normal(draws) / np.sqrt(precision[picked])
    return mu, shaken
