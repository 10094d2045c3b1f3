"""How large n must be: do the odd and the even days of a period order the units alike.

Units with few events are ordered by chance; with more of them the two halves agree. The reliability
of all days together (Spearman and Brown) says from which n on an order may be read at all.
"""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from data.errors import HallscoreError
from metrics.catalogue import metric
from metrics.fairness.day_sums import day_sums
from metrics.fairness.peer_words import group_label
from metrics.fairness.score_draws import ENTITIES, shrinkage_groups
from metrics.periods import Period
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import default_as_of, value_of

FLOORS = (1, 10, 20, 30, 50, 100, 200, 500, 1000)
WANTED = 0.5  # below it most of an order is noise
EVERY = "all"
HALVES = pl.Schema(
    {
        "peer_group": pl.String(),
        "peers_zh": pl.String(),
        "peers_en": pl.String(),
        "least_n": pl.Int64(),  # units with at least so large a base
        "units": pl.Int64(),  # of those, with events on odd and on even days
        "median_n": pl.Float64(),  # their median base
        "r": pl.Float64(),  # Spearman's correlation of the halves, −1…1
        "reliability": pl.Float64(),  # of all days together, 2r / (1 + r)
        "needed_n": pl.Float64(),  # base at which it would be 0.5; null where no base is known to
    }
)


def split_halves(
    home: Path,
    metric_id: str,
    period: Period,
    by: str,
    scope: Scope,
    as_of: date | None = None,
) -> pl.DataFrame:
    """HALVES: split-half reliability of a metric with n and d, by least base and by peer group.

    The first rows take all units of the scope together, for each of FLOORS: what differs between
    groups helps to agree there. Then each peer group of counters, halls or departments with a row
    for the metric's own least n. Null where fewer than 3 units are left or one half is the same for
    all. Raises HallscoreError for counts and quantiles, which have no n and d by day.
    Source: Spearman 1910, Brown 1910, Br J Psychol 3.
    """
    state, one = ensure(home), metric(metric_id)
    if not one.denominator:
        raise HallscoreError(
            f"metric {metric_id!r} has no n and d by day, so that its days cannot be halved. "
            "Take a rate or a mean, such as active_good_rate or wait_mean."
        )
    day = as_of or default_as_of(state, period)
    seen = value_of(state, one, period, by, scope, day).select("id", base="d")
    sums = day_sums(state, one, period, by, day).join(seen, on="id")
    rows = [_row(EVERY, floor, sums) for floor in FLOORS]
    if by in ENTITIES:
        grouped = sums.join(shrinkage_groups(state, by, period), on="id")
        for group in grouped["group"].unique().sort():
            mine = grouped.filter(pl.col("group") == group)
            rows.append(_row(group, one.min_n or 1, mine))
    return pl.DataFrame(rows, schema=HALVES, orient="row").with_columns(
        pl.col(pl.Float64).fill_nan(None)
    )


def _row(
    group: str, floor: int, sums: pl.DataFrame
) -> tuple[str, str, str, int, int, float, float, float, float]:
    from metrics.methods.agreement import needed_size, split_half

    kept = sums.filter(pl.col("base") >= floor)
    unit = kept["id"].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    days = kept["day"].to_physical().to_numpy().astype(np.int64)
    told = split_half(kept["n"].to_numpy(), kept["d"].to_numpy(), unit, days)
    bases = kept.unique("id")["base"].cast(pl.Float64)
    middle = float(np.median(bases.to_numpy())) if len(bases) else float("nan")
    needed = needed_size(told.reliability, middle, WANTED)
    labels = group_label(group, "zh"), group_label(group, "en")
    return group, *labels, floor, told.units, middle, told.r, told.reliability, needed
