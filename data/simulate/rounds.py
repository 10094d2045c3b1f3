"""Daily inspections: rounds by hall, and the findings that they bring."""

import numpy as np
import polars as pl

from data.simulate.services import DAY_S, numbered, stamp
from data.simulate.town import Town

RULES = (("R01", 0.5), ("R02", 1.0), ("R03", 1.0), ("R04", 2.0), ("R05", 3.0))


def inspections(
    town: Town, workdays: np.ndarray, tag: str, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rounds and findings on the given working days (days since 1970).

    City and county halls twice a day, townships once a week, village stations once a month.
    """
    halls = town.frames["halls"]
    level = halls["level"].replace_strict(
        ["city", "county", "township", "village"], [0, 1, 2, 3], return_dtype=pl.Int64
    )
    hall, day = _rounds(level.to_numpy(), workdays, rng)
    started = day * DAY_S + rng.integers(9 * 3600, 16 * 3600, len(hall))
    partly = (level.to_numpy()[hall] < 2) & (rng.random(len(hall)) < 0.3)
    seen = _seen(town, hall, partly, rng)
    ids = numbered(f"P{tag}-", 1, len(hall))
    found = _findings(town, seen, ids, started, tag, rng)
    counts = found.group_by("inspection_id").agg(findings_n=pl.len().cast(pl.Int32))
    named = (
        seen.join(pl.DataFrame({"round": np.nonzero(partly)[0]}), on="round")
        .group_by("round", maintain_order=True)
        .agg(counters=pl.col("counter_id").str.join(";"))
    )
    rounds = pl.DataFrame(
        {
            "inspection_id": ids,
            "hall_id": halls["hall_id"][hall],
            "inspector_id": pl.Series(rng.integers(1, 40, len(hall))).cast(pl.String),
            "started_at": stamp(started),
            "round": np.arange(len(hall)),
        }
    )
    joined = rounds.join(named, on="round", how="left", maintain_order="left").join(
        counts, on="inspection_id", how="left", maintain_order="left"
    )
    return (
        joined.with_columns(
            pl.col("counters").fill_null("all"), pl.col("findings_n").fill_null(0)
        ).drop("round"),
        found,
    )


def _rounds(
    level: np.ndarray, workdays: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    halls, days = [], []
    for hall, at in enumerate(level):
        if at < 2:
            chosen = np.repeat(workdays, 2)
        else:
            every = 5 if at == 2 else 21
            offset = int(rng.integers(0, every))
            chosen = workdays[offset::every]
        halls.append(np.full(len(chosen), hall))
        days.append(chosen)
    return np.concatenate(halls), np.concatenate(days)


def _seen(
    town: Town, hall: np.ndarray, partly: np.ndarray, rng: np.random.Generator
) -> pl.DataFrame:
    """round, counter, counter_id of every counter that a round covers."""
    inside = pl.DataFrame(
        {
            "hall": town.hall,
            "counter": np.arange(len(town.hall)),
            "counter_id": town.counter_ids,
        }
    )
    rounds = pl.DataFrame({"round": np.arange(len(hall)), "hall": hall, "partly": partly})
    pairs = rounds.join(inside, on="hall", maintain_order="left")
    kept = ~pairs["partly"] | pl.Series(rng.random(pairs.height) < 0.7, dtype=pl.Boolean)
    first = pairs["round"].is_first_distinct()  # a round covers at least one counter
    return pairs.filter(kept | first).select("round", "counter", "counter_id")


def _findings(
    town: Town,
    seen: pl.DataFrame,
    ids: pl.Series,
    started: np.ndarray,
    tag: str,
    rng: np.random.Generator,
) -> pl.DataFrame:
    odds = town.truth["finding_probability"].to_numpy()[seen["counter"].to_numpy()]
    hit = seen.filter(pl.Series(rng.random(seen.height) < odds, dtype=pl.Boolean))
    rule = rng.choice(len(RULES), hit.height, p=[0.35, 0.3, 0.2, 0.1, 0.05])
    at = started[hit["round"].to_numpy()] + rng.integers(60, 1800, hit.height)
    closed = at + rng.integers(1, 6, hit.height) * DAY_S
    return pl.DataFrame(
        {
            "finding_id": numbered(f"Q{tag}-", 1, hit.height),
            "inspection_id": ids.gather(hit["round"].to_numpy()),
            "counter_id": hit["counter_id"],
            "found_at": stamp(at),
            "rule_code": pl.Series([name for name, _ in RULES])[rule],
            "points": pl.Series([points for _, points in RULES])[rule],
            "closed_at": stamp(closed),
        }
    )
