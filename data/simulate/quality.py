"""The known truth: for each counter the chances that the statistics are to find again."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logit

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

TOP = 0.992  # share of grade 5 at a middling counter: the ceiling of METHODS.md section 0
BELOW_TOP = np.array([0.12, 0.23, 0.20, 0.45])  # grades 1 to 4 among the others
RESPONSE, DEFAULT = 0.66, 0.35  # active ratings; default among those who do not rate
LATE = 0.015


@dataclass(frozen=True)
class Quality:
    """True chances per counter, shape (counters,); late_p by area and department."""

    top_p: Floats  # an active rating has grade 5
    response_p: Floats  # a service is actively rated
    default_p: Floats  # a service without active rating gets a default rating
    slowness: Floats  # time at the desk relative to the department's
    patience_s: Floats  # median patience in the queue
    case_p: Floats  # a served ticket leads to a case
    pace: Floats  # share of the limit that a promised case uses, (areas, departments)
    late_p: Floats  # a promised case is closed late, (areas, departments)
    finding_p: Floats  # a round that covers the counter finds something


def draw_quality(
    rng: np.random.Generator, level: Whole, department: Whole, area: Whole, departments_n: int
) -> Quality:
    """Random effects on log-odds: of the counter, and of its department across halls."""
    size, areas = len(level), int(area.max()) + 1
    trait = rng.normal(0.0, 0.3, departments_n)[department]
    grid = (areas, departments_n)
    pace = np.clip(rng.beta(6, 6, departments_n) + rng.normal(0, 0.06, grid), 0.15, 0.85)
    late = expit(logit(LATE) + rng.normal(0, 0.7, departments_n) + rng.normal(0, 0.4, grid))
    return Quality(
        top_p=expit(logit(TOP) + trait + rng.normal(0.0, 0.7, size)),
        response_p=expit(logit(RESPONSE) + rng.normal(0.0, 0.35, size)),
        default_p=np.full(size, DEFAULT),
        slowness=rng.lognormal(0.0, 0.15, size),
        patience_s=2700 * rng.lognormal(0.0, 0.15, size),
        case_p=np.clip(rng.normal(0.42, 0.06, size), 0.15, 0.7),
        pace=pace,
        late_p=late,
        finding_p=expit(logit(np.where(level <= 1, 0.012, 0.025)) + rng.normal(0, 0.8, size)),
    )


def truth_frame(
    counters: pl.DataFrame,
    quality: Quality,
    area: Whole,
    department: Whole,
    demand: Floats,
    minutes: Floats,
    desks: Whole,
) -> pl.DataFrame:
    """What is true of each counter, for tests of the statistics; chances are 0 to 1.

    bad_p and good_p are the chances that an active rating has grade 1 or 2, or 3 and better.
    on_time_p is the chance of a promised case that the counter's own department decides.
    """
    bad = (1 - quality.top_p) * BELOW_TOP[:2].sum()
    return counters.select("counter_id", "hall_id", "department_id", "family").with_columns(
        top_p=quality.top_p,
        good_p=1 - bad,
        bad_p=bad,
        response_p=quality.response_p,
        default_p=(1 - quality.response_p) * quality.default_p,
        case_p=quality.case_p,
        on_time_p=1 - quality.late_p[area, department],
        pace=quality.pace[area, department],
        finding_p=quality.finding_p,
        mean_handle_s=minutes * 60,
        median_patience_s=quality.patience_s,
        tickets_per_day=demand,
        desks=desks,
    )
