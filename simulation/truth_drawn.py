"""Groups drawn from a known spread of true shares: cheap, so that there can be many of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import beta, norm

from simulation.truth_estimators import NODES
from simulation.truth_series import Series

Floats = NDArray[np.float64]
SIZE_SD = 1.0
MONTHLY_SD = 0.15  # of the log of a unit's events, from month to month
LOGIT_SD = 0.8  # the simulated city's spread of bad ratings


@dataclass(frozen=True)
class Setting:
    """K `peers` with the mean good share `mu`, `size` events a month in the median.

    `strength`: true shares are Beta with this M; None: logit-normal as in the simulated city. Two
    `families` lie `apart` log odds from each other, `drift` is the SD of a month's step.
    """

    peers: int
    mu: float
    strength: float | None = 60
    size: int = 90
    drift: float = 0.0
    families: int = 1
    apart: float = 0.0

    @property
    def name(self) -> str:
        """K 20, good 99.8 %, M 60, 90 a month."""
        spread = "logit-normal" if self.strength is None else f"M {self.strength:g}"
        parts = [f"K {self.peers}", f"good {self.mu:.1%}", spread, f"{self.size} a month"]
        return ", ".join([*parts, f"drift {self.drift:g}"] if self.drift else parts)

    def at(self, shares: Floats) -> Floats:
        """Quantiles of the true bad share (of one family in the middle)."""
        bad = 1 - self.mu
        if self.strength is None:
            middle: Floats = expit(logit(bad) + LOGIT_SD * norm.ppf(shares))
            return middle
        found: Floats = beta.ppf(shares, bad * self.strength, self.mu * self.strength)
        return np.clip(found, 1e-12, 1 - 1e-12)


def draw(setting: Setting, key: str, months: int, rng: np.random.Generator) -> list[Series]:
    """One replicate: a series per family, with one block, for one fit serves all of its units."""
    median = setting.size * np.exp(SIZE_SD * rng.standard_normal(setting.peers))
    theta = setting.at(rng.random(setting.peers))
    family = np.arange(setting.peers) % setting.families
    shift = setting.apart * (family - (setting.families - 1) / 2)
    steps = setting.drift * rng.standard_normal((months, setting.peers))
    steps[0] = 0
    truth = expit(logit(theta) + shift + np.cumsum(steps, axis=0))
    n = np.maximum(1, np.rint(median * np.exp(MONTHLY_SD * rng.standard_normal(truth.shape))))
    x = rng.binomial(n.astype(np.int64), truth).astype(float)
    nodes = setting.at((np.arange(NODES) + 0.5) / NODES)
    found = []
    for one in range(setting.families):
        here = family == one
        moved = expit(logit(nodes) + setting.apart * (one - (setting.families - 1) / 2))
        found.append(
            Series(
                key=f"{key} {one}",
                x=x[:, here],
                n=n[:, here],
                deff=np.ones((months, int(here.sum()))),
                truth=truth[:, here],
                nodes=moved,
                blocks=(key,) * int(here.sum()),
            )
        )
    return found


def replicates(setting: Setting, count: int, months: int, seed: int) -> Iterator[list[Series]]:
    """`count` replicates; the same seed gives the same ones."""
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        yield draw(setting, f"{setting.name} {number}", months, rng)
