"""Certainty of a whole city: draws, ranks over them and rank sets of 10,000 counters."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from metrics.methods.posterior_ranks import posterior_ranks
from metrics.methods.ranks import exact_sets, holm_sets
from metrics.methods.shrinkage import shrink
from metrics.methods.tiers import tiers_of_odds

COUNTERS, EXACT = 10_000, 2_000
SEED = 2019
BLOCK = 500
Measure = Callable[[Callable[[], object]], dict[str, float]]
Counts = NDArray[np.int64]


def bad_ratings() -> tuple[Counts, Counts]:
    """Bad ones and all ratings of a month: 3 % bad, log-normal sizes with a median of 90."""
    rng = np.random.default_rng(SEED)
    size = np.maximum(1, np.exp(rng.normal(np.log(90), 1.2, COUNTERS))).astype(np.int64)
    return rng.binomial(size, rng.beta(0.03 * 60, 0.97 * 60, COUNTERS)), size


def matrix_pass(values: NDArray[np.float64]) -> Callable[[], object]:
    """Every pair subtracted and compared once, and nothing else."""

    def call() -> int:
        above = 0
        for start in range(0, len(values), BLOCK):
            above += int((values[None, :] - values[start : start + BLOCK, None] > 0).sum())
        return above

    return call


def fairness_figures(measure: Measure) -> dict[str, object]:
    """Seconds of each step and of the three that every month needs, and over a bare matrix pass."""
    bad, size = bad_ratings()
    fit = shrink(bad, size)
    error = fit.draws.std(axis=1).astype(float)
    centre = fit.draws.mean(axis=0)
    steps: dict[str, Callable[[], object]] = {
        "draws": lambda: shrink(bad, size),
        "posterior ranks": lambda: posterior_ranks(-fit.draws),
        "closed-form rank sets": lambda: holm_sets(-fit.mean, error),
    }
    others: dict[str, Callable[[], object]] = {
        "tiers": lambda: tiers_of_odds(fit.draws, centre),
        f"exact rank sets of {EXACT:,}": lambda: exact_sets(bad[:EXACT], size[:EXACT]),
    }
    base = measure(matrix_pass(fit.mean))
    found: dict[str, object] = {}
    total = {"wall_s": 0.0, "cpu_s": 0.0}
    for name, call in (steps | others).items():
        took = measure(call)
        found[f"{name}, {COUNTERS:,} counters" if name in steps else name] = took
        if name in steps:
            total = {key: round(total[key] + took[key], 4) for key in total}
    ratio = round(total["cpu_s"] / base["cpu_s"], 2)
    found[f"draws, ranks and rank sets, {COUNTERS:,} counters"] = total | {"over_matrix": ratio}
    return found


if __name__ == "__main__":
    import json

    from benchmarks.run import cpu

    print(json.dumps(fairness_figures(cpu), indent=1))
