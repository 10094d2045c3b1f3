"""Draws of scores: each item's draws through the scheme's fixed mapping, facts as they stand.

One set of draws with one seed for all units of the home, whoever looks: scores, ranks and tiers of
every screen come from it. Only rates, means and quantiles are drawn; what is deducted, given, voted
or scored elsewhere is a fact.
"""

from collections.abc import Mapping
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
from metrics.fairness.evidence import Evidence, evidence
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
    error: NDArray[np.float64]
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
    ids = tuple(scored["id"])
    place = {id_: at for at, id_ in enumerate(ids)}
    official = (scored["score_u"].to_numpy() / UNIT).astype(np.float32)
    values, variance = np.repeat(official[:, None], draws, 1), np.zeros(len(ids))
    rows: list[tuple[str, str, int, float, bool]] = []
    parts = _parts(found)
    if parts:
        peers = shrinkage_groups(state, found.entity, found.period)
        wanted = peers.join(scored, on="id", how="semi")["group"].unique().sort()
        for group in wanted:
            members = peers.filter(pl.col("group") == group)["id"].sort().to_list()
            one = _group(state, found, list(parts), group, members, draws)
            _add(one, parts, place, values, variance)
            rows += one.told
    if found.scheme.max is not None:
        values = np.minimum(values, np.float32(found.scheme.max / UNIT))
    error = np.sqrt(variance)
    return ScoreDraws(
        ids,
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


def _parts(found: Scores) -> dict[str, dict[str, tuple[float, float]]]:
    """Of each drawn item: unit → (weight, points) where the item counts with a number."""
    told: dict[str, dict[str, tuple[float, float]]] = {}
    for item in found.scheme.items:
        if drawn_metric(item, found.entity) is None:
            continue
        mine = found.parts.filter(
            pl.col("item") == item.id, pl.col("state") == "number", pl.col("weight_u") > 0
        )
        told[item.id] = {
            id_: (weight / UNIT, points / UNIT)
            for id_, weight, points in mine.select("id", "weight_u", "points_u").iter_rows()
        }
    return told


@dataclass(frozen=True, eq=False)
class _Group:
    """One peer group: per item (M, D) shares of its points and (M,) their errors, M members."""

    members: list[str]
    shares: dict[str, Draws]
    errors: dict[str, NDArray[np.float64]]
    tied: NDArray[np.float64]
    told: list[tuple[str, str, int, float, bool]]


def _group(
    state: CubeState,
    found: Scores,
    names: list[str],
    group: str,
    members: list[str],
    draws: int,
) -> _Group:
    items = {item.id: item for item in found.scheme.items}
    metrics = {name: drawn_metric(items[name], found.entity) for name in names}
    parts: dict[str, tuple[Evidence, NDArray[np.int64], NDArray[np.int64], Drawn]] = {}
    for name, one in metrics.items():
        assert one is not None
        told = evidence(state, one, found.period, found.entity, found.as_of)
        inside, at = places_in(told, members)
        if len(at):
            parts[name] = (
                told,
                inside,
                at,
                drawn(told, at, seed_of(one, found.period, group), draws),
            )
    tied = _dependence([(told, at, inside) for told, inside, at, _ in parts.values()])
    values = np.full((len(members), draws, len(parts)), np.nan, dtype=np.float32)
    for column, (_, inside, _, one_drawn) in enumerate(parts.values()):
        values[inside, :, column] = one_drawn.values
    rng = np.random.default_rng([SEED, crc32(group.encode())])
    values = impose(values, tied, rng)
    shares, errors, signs = {}, {}, []
    for column, (name, (_, inside, _, one_drawn)) in enumerate(parts.items()):
        mapping = mapping_of(items[name])
        shares[name] = apply_mapping(values[:, :, column], mapping).astype(np.float32)
        moved = apply_mapping(one_drawn.again, mapping) - apply_mapping(one_drawn.values, mapping)
        error = np.zeros(len(members))
        error[inside] = np.sqrt(np.nanmean(moved**2, axis=1))
        errors[name] = error
        signs.append(1.0 if mapping[-1][1] >= mapping[0][1] else -1.0)
    rows = [
        (name, group, len(at), one.rho, len(at) < FEW_PEERS)
        for name, (_, _, at, one) in parts.items()
    ]
    return _Group(members, shares, errors, tied * np.outer(signs, signs), rows)


def places_in(told: Evidence, members: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places among the members, and in the evidence, of those that have a number; both rising."""
    at = {id_: place for place, id_ in enumerate(told.ids)}
    pairs = [(place, at[id_]) for place, id_ in enumerate(members) if id_ in at]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def seed_of(one: Metric, period: Period, group: str) -> list[int]:
    """The same for one metric, period and group, whatever scheme or page asks."""
    return [SEED, crc32(one.id.encode()), period.start.toordinal(), crc32(group.encode())]


def _dependence(
    parts: list[tuple[Evidence, NDArray[np.int64], NDArray[np.int64]]],
) -> NDArray[np.float64]:
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
    one: _Group,
    parts: dict[str, dict[str, tuple[float, float]]],
    place: Mapping[str, int],
    values: Draws,
    variance: NDArray[np.float64],
) -> None:
    """Put the drawn points of a group in the place of the official ones."""
    errors = np.zeros((len(one.members), len(one.shares)))
    for column, (name, shares) in enumerate(one.shares.items()):
        rows = [
            (at, place[id_], *parts[name][id_])
            for at, id_ in enumerate(one.members)
            if id_ in place and id_ in parts[name] and one.errors[name][at] > 0
        ]
        if not rows:
            continue
        told = np.array(rows, dtype=float)
        here, there = told[:, 0].astype(np.int64), told[:, 1].astype(np.int64)
        weight, points = told[:, 2], told[:, 3]
        values[there] += (weight[:, None] * shares[here] - points[:, None]).astype(np.float32)
        errors[here, column] = weight * one.errors[name][here]
    total = np.einsum("ij,jk,ik->i", errors, one.tied, errors)
    for member, id_ in enumerate(one.members):
        if id_ in place:
            variance[place[id_]] = max(total[member], 0.0)
