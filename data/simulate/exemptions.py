"""Exemptions: now and then a hall, or one counter of it, is without power or without its system."""

from datetime import timedelta

import numpy as np
import polars as pl

from data.simulate.services import DAY_S, numbered, stamp
from data.simulate.town import Town

EACH_QUARTER = 3
# What fails, why, and how often; a power cut takes everything.
KINDS = (
    ("all", "power_cut", 0.3),
    ("queue", "system_fault", 0.3),
    ("rating", "system_fault", 0.25),
    ("inspection", "other", 0.15),
)
MORNING, AFTERNOON = (9 * 3600, 12 * 3600), (13 * 3600, 17 * 3600)


def exemptions(
    town: Town, workdays: np.ndarray, tag: str, rng: np.random.Generator
) -> pl.DataFrame:
    """Half-days on the given working days (days since 1970), at city, county or township halls."""
    halls = town.frames["halls"].filter(pl.col("level") != "village")["hall_id"]
    count = min(EACH_QUARTER, len(workdays))
    day = np.sort(rng.choice(workdays, count, replace=False))
    kind = rng.choice(len(KINDS), count, p=[share for _, _, share in KINDS])
    late = rng.random(count) < 0.5
    bounds = np.where(late[:, None], AFTERNOON, MORNING) + day[:, None] * DAY_S
    hall = halls.gather(rng.integers(0, len(halls), count))
    return pl.DataFrame(
        {
            "exemption_id": numbered(f"E{tag}-", 1, count),
            "hall_id": hall,
            "counter_id": pl.Series(_some_counters(town, hall, rng), dtype=pl.String),
            "includes_below": pl.Series(rng.random(count) < 0.3),
            "system": [KINDS[one][0] for one in kind],
            "starts_at": stamp(bounds[:, 0]),
            "ends_at": stamp(bounds[:, 1]),
            "cause": [KINDS[one][1] for one in kind],
            "decided_by": ["政务服务管理局"] * count,
        }
    ).with_columns(decided_on=pl.col("starts_at").dt.date() + timedelta(days=1))


def _some_counters(town: Town, halls: pl.Series, rng: np.random.Generator) -> list[str | None]:
    """One counter of the hall in every fourth decision, else none: the whole hall."""
    found: list[str | None] = []
    counters = town.frames["counters"]
    for hall in halls:
        inside = counters.filter(pl.col("hall_id") == hall)["counter_id"]
        one, chance = int(rng.integers(0, len(inside))), rng.random()
        found.append(str(inside[one]) if chance < 0.25 else None)
    return found
