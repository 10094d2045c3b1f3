"""A metric by unit with all that is known of its chance: for the command line and notebooks."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np
import polars as pl

from metrics.catalogue import Metric, metric
from metrics.cube import CubeState
from metrics.expected import EVERYBODY
from metrics.fairness.peer_words import group_label
from metrics.fairness.score_draws import ENTITIES, places_in, seed_of, shrinkage_groups
from metrics.periods import Period
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import COLUMNS, default_as_of, value_of

RESPONSE = "response_rate"
CHANCE: dict[str, pl.DataType] = {
    "low": pl.Float64(),  # 95 % interval of the raw value, from the unit's own data
    "high": pl.Float64(),
    "interval": pl.String(),  # wilson, dirichlet, days or order; null: a fact
    "shrunk": pl.Float64(),  # posterior mean after its own data and its peers
    "shrunk_low": pl.Float64(),  # 95 %
    "shrunk_high": pl.Float64(),
    "reliability": pl.Float64(),  # share of the unit's own data in `shrunk`, 0–1
    "peer_group": pl.String(),
    "k": pl.Int64(),  # units of the group with a number
    "few_peers": pl.Boolean(),  # fewer than 8: the spread between them is the prior's
    "rho": pl.Float64(),  # correlation of a day's events in the group
    "deff": pl.Float64(),  # so many events of the unit's days say as much as one
}
LABELS: dict[str, pl.DataType] = {"peers_zh": pl.String(), "peers_en": pl.String()}
RESPONSES: dict[str, pl.DataType] = {
    "response_n": pl.Int64(),
    "response_d": pl.Int64(),
    "response_rate": pl.Float64(),
}
SHRUNK = pl.Schema(COLUMNS | CHANCE | LABELS | RESPONSES)


def shrunk(
    home: Path,
    metric_id: str,
    period: Period,
    by: str,
    scope: Scope,
    as_of: date | None = None,
) -> pl.DataFrame:
    """SHRUNK: value (n, d, state as `metrics.values.value`), intervals, reliability, peer group.

    Rates are 0–1, times in seconds. The draws are those of scores, ranks and tiers: one seed for
    each metric, period and peer group, whoever looks. `few` marks too small a base. Counts, stocks
    and facts have no interval: null. Of a metric of ratings the response rate stands beside
    (主动评价 / 应评), null for others. A unit of which the viewer sees a part has its value and
    nothing of its chance. Unknown names raise HallscoreError. Methods: methods-shrinkage.md.
    """
    state, one = ensure(home), metric(metric_id)
    day = as_of or default_as_of(state, period)
    told = value_of(state, one, period, by, scope, day)
    chances = chances_of(state, one.id, period, by, day)
    joined = told.join(chances, on="id", how="left", maintain_order="left")
    # What lies behind the chance is the whole unit; a part of it has another.
    whole = pl.col("n").eq_missing(pl.col("_n")) & pl.col("d").eq_missing(pl.col("_d"))
    kept = [pl.when(whole).then(name).alias(name) for name in (*CHANCE, *LABELS)]
    responses = _responses(state, one, period, by, scope, day)
    both = joined.with_columns(kept).join(responses, on="id", how="left", maintain_order="left")
    return both.match_to_schema(SHRUNK, extra_columns="ignore")


def _responses(
    state: CubeState, one: Metric, period: Period, by: str, scope: Scope, day: date
) -> pl.DataFrame:
    """id and RESPONSES where the metric is one of ratings, else no row."""
    if not of_ratings(one):
        return pl.DataFrame(schema={"id": pl.String(), **RESPONSES})
    told = value_of(state, metric(RESPONSE), period, by, scope, day)
    return told.select("id", response_n="n", response_d="d", response_rate="value")


def of_ratings(one: Metric) -> bool:
    """Whether a metric rests on who chose to rate, and is no response rate itself."""
    return {file.name for file in one.files} == {"ratings"}


@lru_cache(maxsize=32)
def chances_of(state: CubeState, name: str, period: Period, by: str, day: date) -> pl.DataFrame:
    """id, _n, _d of the whole unit, CHANCE and LABELS of all units of the home with a number."""
    one = metric(name)
    raw = value_of(state, one, period, by, EVERYBODY, day).filter(
        pl.col("state").is_in(["number", "few"])
    )
    base = raw.select("id", _n="n", _d="d")
    if one.drawn == "none":
        return base.with_columns(
            pl.lit(None, kind).alias(key) for key, kind in (CHANCE | LABELS).items()
        )
    groups = _groups(state, by, period, raw)
    found = [pl.DataFrame(schema={"id": pl.String(), **CHANCE})]
    for group in groups["peer_group"].unique().sort():
        members = groups.filter(pl.col("peer_group") == group)["id"].sort().to_list()
        found.append(_group(state, one, period, by, day, group, members))
    labels = groups.select("id", *LABELS)
    told = base.join(pl.concat(found), on="id", how="left", maintain_order="left")
    return told.join(labels, on="id", how="left", maintain_order="left")


def _groups(state: CubeState, by: str, period: Period, raw: pl.DataFrame) -> pl.DataFrame:
    """id, peer_group and LABELS: those of the scores; units that have no score are one group."""
    if by in ENTITIES:
        groups = shrinkage_groups(state, by, period).rename({"group": "peer_group"})
    else:
        groups = raw.select("id", peer_group=pl.lit(by))
    names = groups["peer_group"].unique().sort()
    labels = {
        f"peers_{lang}": pl.col("peer_group").replace_strict(
            names, [group_label(one, lang) for one in names], return_dtype=pl.String
        )
        for lang in ("zh", "en")
    }
    return groups.with_columns(**labels)


def _group(
    state: CubeState,
    one: Metric,
    period: Period,
    by: str,
    day: date,
    group: str,
    members: list[str],
) -> pl.DataFrame:
    """id and CHANCE of the members of a peer group that have a number."""
    from metrics.fairness.chance import drawn
    from metrics.fairness.evidence import evidence
    from metrics.fairness.own_interval import KINDS, own_interval
    from metrics.methods.shrinkage import FEW_PEERS

    told = evidence(state, one, period, by, day)
    inside, at = places_in(told, members)
    if not len(at):
        return pl.DataFrame(schema={"id": pl.String(), **CHANCE})
    seed = seed_of(one, period, group)
    found = drawn(told, at, seed)
    low, high = own_interval(told, at, found, [*seed, crc32(b"own")])
    rows = pl.DataFrame(
        {
            "id": [members[place] for place in inside],
            "low": low,
            "high": high,
            "shrunk": found.fit.mean,
            "shrunk_low": found.fit.low,
            "shrunk_high": found.fit.high,
            "reliability": found.fit.reliability,
            "deff": np.asarray(found.deff, float),
        }
    ).with_columns(
        interval=pl.lit(KINDS[one.drawn]),
        peer_group=pl.lit(group),
        k=pl.lit(len(at), pl.Int64),
        few_peers=pl.lit(len(at) < FEW_PEERS),
        rho=pl.lit(found.rho, pl.Float64),
    )
    return rows.select(
        "id", *(pl.col(name).cast(kind) for name, kind in CHANCE.items())
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
