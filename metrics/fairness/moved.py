"""Who moved by more than chance: a rate of a unit against the like part of the period before."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.beside import Like, has_earlier
from metrics.catalogue import Metric, metric
from metrics.cube import CubeState
from metrics.entities import assessed
from metrics.fairness.evidence import Evidence, Floats, evidence
from metrics.methods.changes import adjusted, change_p, odds_ratio
from metrics.methods.days import day_correlation, design_effect
from metrics.periods import Period
from metrics.scope import Scope

Flags = NDArray[np.bool]
LEVEL = 0.05  # of the calls that may be false
MOVED = pl.Schema(
    {
        "metric": pl.String(),
        "id": pl.String(),
        "name": pl.String(),
        "hall_id": pl.String(),
        "hall": pl.String(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        "value": pl.Float64(),
        "before_n": pl.Int64(),
        "before_d": pl.Int64(),
        "before": pl.Float64(),
        "change": pl.Float64(),
        "p": pl.Float64(),  # after Benjamini & Hochberg over all that were tested
        "better": pl.Boolean(),
        "tested": pl.Int64(),  # how many tests the family has
    }
)


def moved(
    state: CubeState,
    period: Period,
    scope: Scope,
    as_of: date,
    alike: Like,
    names: Sequence[str],
    by: str = "counter",
) -> pl.DataFrame:
    """MOVED: the units whose rate changed beyond chance and by more than what `matters`.

    Tested are rates whose events are a yes or a no each (`Metric.drawn` is events), the metrics
    `names` × the units of the scope with events on both sides: one family, of whose calls at most
    LEVEL are false on average. The day correlation of each metric is estimated from both sides.
    Sorted by p. Empty where nothing like can be compared. Source: `metrics.methods.changes`.
    """
    tested = [one for one in map(metric, names) if one.drawn == "events"]
    if not tested or not has_earlier(state, alike):
        return pl.DataFrame(schema=MOVED)
    mine = assessed(state, by, period, scope)
    seen = mine.select("id", "name", "hall_id", "hall")
    earlier, known = alike.earlier(), alike.known_on(as_of)
    parts = [
        _compared(
            one,
            evidence(state, one, period, by, as_of),
            evidence(state, one, earlier, by, known),
            seen,
        )
        for one in tested
    ]
    family = pl.concat(parts)
    called = family.with_columns(
        p=pl.Series(adjusted(family["p"].to_numpy()), dtype=pl.Float64),
        tested=pl.lit(family.height, pl.Int64),
    ).filter(pl.col("p") <= LEVEL, pl.col("matters"))
    return called.sort("p", "metric", "id").match_to_schema(MOVED, extra_columns="ignore")


def directions(found: pl.DataFrame) -> tuple[int, int]:
    """Of MOVED, how many units got better in something, and how many worse; one may be both."""
    sides = (pl.col("better"), ~pl.col("better"))
    better, worse = (found.filter(side)["id"].n_unique() for side in sides)
    return better, worse


def _compared(one: Metric, now: Evidence, before: Evidence, seen: pl.DataFrame) -> pl.DataFrame:
    """Each unit of `seen` with events on both sides: values, p and whether the change matters."""
    rho = _correlation(now, before)
    old = _sides(before, rho)
    both = _sides(now, rho).join(old, on="id", suffix="_old").join(seen, on="id").sort("id")
    both = both.filter(pl.col("d") > 0, pl.col("d_old") > 0)
    x, n, x0, n0 = (both[name].to_numpy() for name in ("n", "d", "n_old", "d_old"))
    p = change_p(x, n, x0, n0, both["deff"].to_numpy(), both["deff_old"].to_numpy())
    ratio = odds_ratio(x, n, x0, n0)
    change = x / n - x0 / n0
    up_is_better = {"high": True, "low": False}.get(one.good)
    better = None if up_is_better is None else pl.Series((change > 0) == up_is_better)
    return both.select(
        pl.lit(one.id).alias("metric"),
        *("id", "name", "hall_id", "hall"),
        pl.col("n").cast(pl.Int64),
        pl.col("d").cast(pl.Int64),
        value=pl.col("n") / pl.col("d"),
        before_n=pl.col("n_old").cast(pl.Int64),
        before_d=pl.col("d_old").cast(pl.Int64),
        before=pl.col("n_old") / pl.col("d_old"),
        change=pl.Series(change, dtype=pl.Float64),
        p=pl.Series(p, dtype=pl.Float64),
        better=pl.lit(better, pl.Boolean()) if better is None else better,
        matters=pl.Series(_matters(one, change, ratio), dtype=pl.Boolean),
    )


def _correlation(now: Evidence, before: Evidence) -> float:
    """How alike the events of a day are, from both periods together."""
    apart = int(now.place.max(initial=-1)) + 1
    return day_correlation(
        np.concatenate([now.day_n, before.day_n]),
        np.concatenate([now.day_d, before.day_d]),
        np.concatenate([now.place, before.place + apart]),
    )


def _sides(told: Evidence, rho: float) -> pl.DataFrame:
    """id, n, d and deff of one period."""
    deff: Floats = design_effect(told.day_d, told.place, rho, len(told.ids))
    good = np.minimum(told.n, told.d)
    return pl.DataFrame(
        {"id": list(told.ids), "n": good, "d": told.d, "deff": deff},
        schema={"id": pl.String, "n": pl.Float64, "d": pl.Float64, "deff": pl.Float64},
    )


def _matters(one: Metric, change: Floats, ratio: Floats) -> Flags:
    """Whether a change is larger than the smallest difference that matters."""
    assert one.matters is not None
    if one.matters.odds is not None:
        large: Flags = np.maximum(ratio, 1 / ratio) > one.matters.odds
        return large
    wide: Flags = np.abs(change) > (one.matters.difference or 0.0)
    return wide
