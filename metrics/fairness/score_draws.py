"""Draws of scores: each item's draws through the scheme's fixed mapping, facts as they stand.

One set of draws with one seed for all units of the home, whoever looks: scores, ranks and tiers of
every screen come from it. Only rates, means and quantiles are drawn; what is deducted, given, voted
or scored elsewhere is a fact.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.catalogue import Metric, metric
from metrics.cube import CubeState
from metrics.entities import assessed
from metrics.expected import EVERYBODY
from metrics.fairness.chance import DAYS, Drawn, drawn, events_by_day
from metrics.fairness.evidence import Evidence, Floats, evidence
from metrics.fairness.peers import peer_groups
from metrics.methods.composite import apply_mapping, dependence, impose
from metrics.methods.shrinkage import DRAWS, FEW_PEERS
from metrics.periods import Period
from metrics.points import UNIT
from metrics.scheme_items import Item, MeanItem, MetricItem
from metrics.score_inputs import graded
from metrics.scores import Scores
from metrics.scoring import mapping_of

Draws = NDArray[np.float32]
SEED = 20190801
THREADS = 2  # groups drawn at a time; each has its own seeds, so their order changes nothing
ENTITIES = ("counter", "hall", "department")  # persons have facts, not rates


@dataclass(frozen=True, eq=False)
class ScoreDraws:
    """Draws of the scores of K units, in points.

    `ids` (K,); `values` (K, D): true scores; `error` (K,): standard error of the official score
    round the true one, nan where all of it is fact; `items`: what chance does to each item of the
    scheme that is drawn, one row per item and peer group: item, group, k, rho, few_peers.
    """

    ids: tuple[str, ...]
    values: Draws
    error: Floats
    items: pl.DataFrame


GROUPS = pl.Schema(
    {
        "item": pl.String(),
        "group": pl.String(),
        "k": pl.Int64(),
        "rho": pl.Float64(),
        "few_peers": pl.Boolean(),
    }
)


def drawn_metric(item: Item, entity: str) -> Metric | None:
    """The metric whose chance an item carries; None: the item is a fact."""
    if entity not in ENTITIES:
        return None
    if isinstance(item, MetricItem):
        one = metric(item.metric)
    elif isinstance(item, MeanItem) and item.of != "staff":
        one = graded(item)
    else:
        return None
    return None if one.drawn == "none" else one


@lru_cache(maxsize=4)
def score_draws(state: CubeState, found: Scores, draws: int = DRAWS) -> ScoreDraws:
    """The draws of the scored units of `found`; every unit's are the same in every scope."""
    scored = found.units.filter(pl.col("state") == "number").select("id", "score_u").sort("id")
    official = (scored["score_u"].to_numpy() / UNIT).astype(np.float32)
    values, variance = np.repeat(official[:, None], draws, 1), np.zeros(scored.height)
    rows: list[tuple[str, str, int, float, bool]] = []
    parts = _parts(found, scored)
    if parts:
        for one in _groups(state, found, scored, draws):
            _add(one, parts, values, variance)
            rows += one.told
    if found.scheme.max is not None:
        values = np.minimum(values, np.float32(found.scheme.max / UNIT))
    error = np.sqrt(variance)
    return ScoreDraws(
        tuple(scored["id"]),
        values,
        np.where(error > 0, error, np.nan),
        pl.DataFrame(rows, schema=GROUPS, orient="row"),
    )


def shrinkage_groups(state: CubeState, entity: str, period: Period) -> pl.DataFrame:
    """id and group of all units of the home: towards whom each is shrunk, level × family.

    Volume plays no part: who has few cases has the more to learn from those who have many.
    """
    if entity == "department":
        units = assessed(state, entity, period, EVERYBODY)
        return units.select("id", group=pl.lit("all"))
    return peer_groups(state, entity, period, by=("level", "family")).select("id", "group")


def _parts(found: Scores, scored: pl.DataFrame) -> dict[str, tuple[Floats, Floats]]:
    """Of each drawn item: weight and points of each scored unit; 0 where it has no number."""
    told: dict[str, tuple[Floats, Floats]] = {}
    for item in found.scheme.items:
        if drawn_metric(item, found.entity) is None:
            continue
        mine = found.parts.filter(pl.col("item") == item.id, pl.col("state") == "number")
        both = scored.select("id").join(mine, on="id", how="left", maintain_order="left")
        weight, points = (
            both[name].fill_null(0).to_numpy() / UNIT for name in ("weight_u", "points_u")
        )
        told[item.id] = weight, points
    return told


@dataclass(frozen=True, eq=False)
class _Group:
    """One peer group, of which M units have a score: per item (M, D) shares of its points and (M,)
    their errors; `there` (M,): their places among the scored units.
    """

    there: NDArray[np.int64]
    shares: dict[str, Draws]
    errors: dict[str, Floats]
    tied: Floats
    told: list[tuple[str, str, int, float, bool]]


def _groups(state: CubeState, found: Scores, scored: pl.DataFrame, draws: int) -> Iterator[_Group]:
    """The groups that have a scored unit, by name."""
    known = {}
    for item in found.scheme.items:
        one = drawn_metric(item, found.entity)
        if one is not None:
            known[item.id] = evidence(state, one, found.period, found.entity, found.as_of)
    places = scored.select("id", there=pl.int_range(pl.len(), dtype=pl.Int64))
    members = (
        shrinkage_groups(state, found.entity, found.period)
        .join(places, on="id", how="left")
        .filter(pl.col("there").count().over("group") > 0)
        .sort("group", "id")
        .partition_by("group", maintain_order=True)
    )
    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(lambda one: _group(found, known, one, draws), members)


def _group(found: Scores, known: dict[str, Evidence], members: pl.DataFrame, draws: int) -> _Group:
    """The draws of all `members` (group, id, there), of which those with a score are kept."""
    group, ids = members["group"][0], members["id"].to_list()
    items = {item.id: item for item in found.scheme.items}
    parts: dict[str, tuple[Evidence, NDArray[np.int64], NDArray[np.int64], Drawn]] = {}
    for name, told in known.items():
        inside, at = places_in(told, ids)
        if len(at):
            seed = seed_of(told.metric, found.period, group)
            parts[name] = (told, inside, at, drawn(told, at, seed, draws))
    tied = _dependence([(told, at, inside) for told, inside, at, _ in parts.values()])
    scored = members["there"].is_not_null().to_numpy()
    row = np.cumsum(scored) - 1
    values = np.full((int(scored.sum()), draws, len(parts)), np.nan, dtype=np.float32)
    shares, errors, signs = {}, {}, []
    for column, (name, (_, inside, _, one_drawn)) in enumerate(parts.items()):
        mapping, kept = mapping_of(items[name]), scored[inside]
        here, own = row[inside[kept]], one_drawn.values[kept]
        values[here, :, column] = own
        moved = apply_mapping(one_drawn.again[kept], mapping) - apply_mapping(own, mapping)
        errors[name] = np.zeros(len(values))
        errors[name][here] = np.sqrt(np.nanmean(moved**2, axis=1))
        signs.append(1.0 if mapping[-1][1] >= mapping[0][1] else -1.0)
    rng = np.random.default_rng([SEED, crc32(group.encode())])
    values = impose(values, tied, rng, scored)
    for column, name in enumerate(parts):
        shares[name] = apply_mapping(values[:, :, column], mapping_of(items[name])).astype(
            np.float32
        )
    rows = [
        (name, group, len(at), one.rho, len(at) < FEW_PEERS)
        for name, (_, _, at, one) in parts.items()
    ]
    there = members["there"].drop_nulls().to_numpy()
    return _Group(there, shares, errors, tied * np.outer(signs, signs), rows)


def places_in(told: Evidence, members: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places among the members, and in the evidence, of those that have a number; both rising."""
    pairs = [(place, told.at[id_]) for place, id_ in enumerate(members) if id_ in told.at]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def seed_of(one: Metric, period: Period, group: str) -> list[int]:
    """The same for one metric, period and group, whatever scheme or page asks."""
    return [SEED, crc32(one.id.encode()), period.start.toordinal(), crc32(group.encode())]


def _dependence(
    parts: list[tuple[Evidence, NDArray[np.int64], NDArray[np.int64]]],
) -> Floats:
    """Correlation (J, J) of the items' errors, by the days of the members."""
    days = []
    for told, at, inside in parts:
        x, n, unit, day = events_by_day(told, at)
        days.append((inside[unit] * DAYS + day, x, n))
    keys = np.unique(np.concatenate([key for key, _, _ in days])) if days else np.zeros(0, int)
    x, n = np.zeros((2, len(keys), len(parts)))
    for column, (key, seen, exposure) in enumerate(days):
        row = np.searchsorted(keys, key)
        x[row, column], n[row, column] = seen, exposure
    return dependence(x, n, keys // DAYS)


def _add(
    one: _Group, parts: dict[str, tuple[Floats, Floats]], values: Draws, variance: Floats
) -> None:
    """Put the drawn points of a group in the place of the official ones."""
    errors = np.zeros((len(one.there), len(one.shares)))
    for column, (name, shares) in enumerate(one.shares.items()):
        weight, points = (part[one.there] for part in parts[name])
        here = (weight > 0) & (one.errors[name] > 0)
        drawn_points = weight[here, None] * shares[here]
        values[one.there[here]] += (drawn_points - points[here, None]).astype(np.float32)
        errors[here, column] = weight[here] * one.errors[name][here]
    total = np.einsum("ij,jk,ik->i", errors, one.tied, errors)
    variance[one.there] = np.maximum(total, 0.0)
