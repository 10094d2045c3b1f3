"""What a ranking owes to its scheme's weights: who stays in the first tenth, what flips a pair.

Frames in, frames out; the method is metrics/methods/weights.py (METHODS §14).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from data.errors import HallscoreError, nearest
from metrics.fairness.weighing import Weighing, weighing
from metrics.periods import Period
from metrics.points import UNIT
from metrics.rollup import ensure
from metrics.scheme_files import DEFAULT
from metrics.scheme_files import scheme as scheme_of
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from metrics.scores import Scores, score_of
from metrics.standings import standings
from metrics.values import default_as_of

if TYPE_CHECKING:
    from metrics.methods.weights import WeightStudy

SENSITIVITY = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "frame": pl.String(),
        "rank": pl.Int64(),
        "stays_top": pl.Float64(),  # share of the weightings in the first tenth of the frame
        "stays_bottom": pl.Float64(),
        "rank_low_w": pl.Int64(),  # the ranks that hold 95 % of the weightings
        "rank_high_w": pl.Int64(),
        "moves5": pl.Float64(),  # share of the weightings that move it five places or more
        "rank_z": pl.Int64(),  # by z-scores within the frame instead of points
    }
)
DROPPED = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "frame": pl.String(),
        "rank": pl.Int64(),
        "item": pl.String(),
        "rank_without": pl.Int64(),  # null: nothing is left to score
    }
)
WEIGHTINGS, SPREAD = 2000, 0.2
# What rounding the weights to printed decimals may take away again is asked for on top, in points.
MORE = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
WORDS = {
    "zh": "{share}% 的权重组合下名次变动不少于5位",
    "en": "the rank moves five places or more in {share} % of the weightings",
}


@dataclass(frozen=True, eq=False)
class Flip:
    """The smallest change of the weights that brings a unit level with one ahead of it.

    `frame`: item, weight, change, weight_then (points), share_ahead, share_behind (of its weight
    that each unit earns; null: scored without it). `moved`: Σ |change| in points. The four scores
    are those of the scheme itself, before and after, as printed.
    """

    ahead: str
    behind: str
    frame: pl.DataFrame
    moved: float
    before: tuple[float, float]
    after: tuple[float, float]


def statement(share: float, lang: str) -> str:
    """The robustness of one unit in plain words, from its `moves5`."""
    return WORDS[lang].format(share=f"{100 * share:.0f}")


def sensitivity(
    home: Path,
    period: Period,
    scope: Scope,
    scheme: str = DEFAULT,
    frame: str | None = None,
    as_of: date | None = None,
    size: int = WEIGHTINGS,
    spread: float = SPREAD,
    seed: int = 0,
) -> pl.DataFrame:
    """SENSITIVITY: every ranked unit under `size` other weightings, each weight ± `spread`.

    The weights of the scheme are moved and then spread over what a unit has, as the score does it;
    moves are counted from the rank by points before the scheme's tie rules. Sorted by frame and
    rank. HallscoreError where fewer than two items carry a weight, and for unknown names.
    """
    told = [pl.DataFrame(schema=SENSITIVITY)]
    for rows, study in _studied(home, period, scope, scheme, frame, as_of, size, spread, seed):
        told.append(
            rows.with_columns(
                stays_top=pl.Series(study.top),
                stays_bottom=pl.Series(study.bottom),
                rank_low_w=pl.Series(study.low),
                rank_high_w=pl.Series(study.high),
                moves5=pl.Series(study.moved),
                rank_z=pl.Series(study.by_z),
            ).sort("rank", "id")
        )
    return pl.concat(told)


def drop_one(
    home: Path,
    period: Period,
    scope: Scope,
    scheme: str = DEFAULT,
    frame: str | None = None,
    as_of: date | None = None,
) -> pl.DataFrame:
    """DROPPED: the rank of every unit without each item that has a weight, one row per both."""
    chosen = scheme_of(scheme, home, period.start)
    items = [item.id for item in chosen.items if item.weight]
    told = [pl.DataFrame(schema=DROPPED)]
    for rows, study in _studied(home, period, scope, scheme, frame, as_of, 1, 0.0, 0):
        ranks = [
            rows.with_columns(item=pl.lit(name), rank_without=pl.Series(study.dropped[:, at]))
            for at, name in enumerate(items)
        ]
        told.append(pl.concat(ranks).sort("rank", "id", maintain_order=True))
    without = pl.col("rank_without")
    return pl.concat(told).with_columns(pl.when(without > 0).then(without).name.keep())


def _studied(
    home: Path,
    period: Period,
    scope: Scope,
    scheme: str,
    frame: str | None,
    as_of: date | None,
    size: int,
    spread: float,
    seed: int,
) -> Iterator[tuple[pl.DataFrame, "WeightStudy"]]:
    """(id, name, frame, rank) of each frame with its study; frames in their order."""
    from metrics.methods.weights import perturbed

    state = ensure(home)
    day = as_of or default_as_of(state, period)
    found = score_of(state, scheme_of(scheme, home, period.start), period, scope, day)
    whole = _weighed(found)
    placed = standings(state, found, scope, frame).filter(pl.col("rank").is_not_null())
    for name in placed.sort("order", "frame")["frame"].unique(maintain_order=True):
        rows = placed.filter(pl.col("frame") == name).select("id", "name", "frame", "rank")
        at = whole.rows(rows["id"].to_list())
        study = perturbed(
            whole.share[at],
            whole.weights,
            size,
            spread,
            seed,
            fixed=whole.fixed[at],
            step=whole.step,
            limits=whole.limits,
        )
        yield rows, study


def _weighed(found: Scores) -> Weighing:
    whole = weighing(found)
    if len(whole.items) < 2:
        raise HallscoreError(
            f"scheme {found.scheme.id!r} has {len(whole.items)} item with a weight, expected at "
            "least 2: there is nothing to weigh against each other. Choose another --scheme."
        )
    return whole


def flips(
    home: Path,
    period: Period,
    scope: Scope,
    scheme: str,
    a: str,
    b: str,
    as_of: date | None = None,
) -> Flip | None:
    """The smallest change of the weights (L1) that brings the one behind level with the other.

    Found in closed form, rounded to weights that a scheme may have, and proven by scoring again:
    the printed scores are then level or reversed. None where the one behind is nowhere better, or
    where rules that no weight moves keep the two apart. Units without a score raise HallscoreError.
    """
    state = ensure(home)
    day = as_of or default_as_of(state, period)
    chosen = scheme_of(scheme, home, period.start)
    found = score_of(state, chosen, period, scope, day)
    whole, scores = _weighed(found), _scores(found)
    for name in (a, b):
        _check_scored(found, name)
    ahead, behind = (a, b) if scores[a] >= scores[b] else (b, a)
    for more in MORE if scores[ahead] > scores[behind] else MORE[:1]:
        weights = _flipped(whole, chosen, ahead, behind, more)
        if weights is None:
            return None
        then = _scores(score_of(state, chosen.with_weights(_texts(weights)), period, scope, day))
        if then[behind] >= then[ahead]:
            before, after = (scores[ahead], scores[behind]), (then[ahead], then[behind])
            return _told(whole, weights, ahead, behind, before, after)
    return None


def _scores(found: Scores) -> dict[str, float]:
    rows = found.units.filter(pl.col("state") == "number")
    return {name: units / UNIT for name, units in rows.select("id", "score_u").rows()}


def _check_scored(found: Scores, name: str) -> None:
    states = dict(found.units.select("id", "state").rows())
    if name not in states:
        raise HallscoreError(
            f"--pair {name!r}: scheme {found.scheme.id!r} scores no such unit in "
            f"{found.period.text}.{nearest(name, states)}"
        )
    if states[name] != "number":
        raise HallscoreError(
            f"--pair {name!r}: the unit has no score in {found.period.text} (state "
            f"{states[name]}), so no weight can flip it. Name two units of the ranking."
        )


def _flipped(
    whole: Weighing, chosen: Scheme, ahead: str, behind: str, more: float
) -> dict[str, int] | None:
    """The changed weights in units of 1/10,000 point, or None."""
    from metrics.methods.flips import smallest_flip

    first, second = whole.rows([ahead, behind])
    step = chosen.step if chosen.rounding == "item" else 1
    found = smallest_flip(
        whole.share[first],
        whole.share[second],
        whole.weights,
        lead=float(whole.fixed[first] - whole.fixed[second]) + more,
        least=step / UNIT,
    )
    if found is None:
        return None
    exact = [float(one) * UNIT / step for one in whole.weights + found[0]]
    floors = [int(one + 1e-6) for one in exact]
    rest = round(sum(exact)) - sum(floors)
    largest = sorted(range(len(exact)), key=lambda at: floors[at] - exact[at])
    for at in largest[:rest]:
        floors[at] += 1
    return {name: floor * step for name, floor in zip(whole.items, floors, strict=True)}


def _texts(weights: dict[str, int]) -> dict[str, Decimal]:
    return {name: Decimal(units) / UNIT for name, units in weights.items()}


def _told(
    whole: Weighing,
    weights: dict[str, int],
    ahead: str,
    behind: str,
    before: tuple[float, float],
    after: tuple[float, float],
) -> Flip:
    first, second = whole.rows([ahead, behind])
    then = pl.Series([units / UNIT for units in weights.values()])
    frame = pl.DataFrame(
        {
            "item": whole.items,
            "weight": whole.weights,
            "change": (then - pl.Series(whole.weights)).round(4),
            "weight_then": then,
            "share_ahead": pl.Series(whole.share[first]).fill_nan(None),
            "share_behind": pl.Series(whole.share[second]).fill_nan(None),
        }
    )
    moved = round(float(frame["change"].abs().sum()), 4)
    return Flip(ahead, behind, frame, moved, before, after)
