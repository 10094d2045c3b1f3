"""Other weights for a scheme, and what the ranking would be by them; nothing official follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import polars as pl

from data.errors import HallscoreError, nearest
from metrics.periods import Period
from metrics.points import UNIT, as_points
from metrics.rollup import ensure
from metrics.scheme_files import DEFAULT
from metrics.scheme_files import scheme as scheme_of
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from metrics.scores import score_of
from metrics.standings import standings
from metrics.values import default_as_of

FIRST_PART = 10  # the first tenth of a group is what most awards are about
ROWS = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "hall_id": pl.String(),
        "hall": pl.String(),
        "frame": pl.String(),
        "rank": pl.Int64(),
        "score": pl.Float64(),
        "rank_then": pl.Int64(),  # null: not ranked by the other weights
        "score_then": pl.Float64(),
        "moved": pl.Int64(),  # places up; negative: down
    }
)


@dataclass(frozen=True, eq=False)
class WhatIf:
    """`rows`: ROWS of who is ranked by the scheme itself, by frame and rank.

    `ranked` of them, `same` keep their place, `most` is the largest move; `first_kept` of the
    `first` in the first tenth of their group (at least one each) are there by both weights.
    """

    scheme: Scheme
    other: Scheme
    rows: pl.DataFrame
    ranked: int
    same: int
    most: int
    first: int
    first_kept: int


def weights_of(chosen: Scheme) -> dict[str, Decimal]:
    """The weights of the items that carry one, in points, in the order of the scheme."""
    return {item.id: Decimal(item.weight) / UNIT for item in chosen.items if item.weight}


def with_weights(chosen: Scheme, weights: Mapping[str, Decimal | int | str]) -> Scheme:
    """The scheme with other weights (points) of the items named; the others stay.

    Together they must make the same full points. HallscoreError where they do not, for an item that
    is not there or carries no weight, and for a weight that is no positive number of the scheme's
    places.
    """
    old = weights_of(chosen)
    new = {name: _points(name, given, old) for name, given in weights.items()}
    whole, wanted = sum((old | new).values()), sum(old.values())
    if whole != wanted:
        raise HallscoreError(
            f"weights: together they are {whole:f} points; scheme {chosen.id!r} has {wanted:f}. "
            f"Give {abs(whole - wanted):f} {'less' if whole > wanted else 'more'}."
        )
    items = tuple(
        item.model_copy(update={"weight": int(new[item.id] * UNIT)}) if item.id in new else item
        for item in chosen.items
    )
    return chosen.model_copy(update={"items": items})


def _points(name: str, given: Decimal | int | str, old: Mapping[str, Decimal]) -> Decimal:
    if name not in old:
        raise HallscoreError(
            f"weights: no item {name!r} carries a weight.{nearest(name, old)} "
            f"There are: {', '.join(old)}."
        )
    try:
        points = Decimal(str(given))
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or points <= 0 or points * UNIT % 1:
        raise HallscoreError(
            f"weights: {name} = {given!r}; expected a positive number of points with at most four "
            "decimals. An item without weight is another scheme."
        )
    return points


def what_if(
    home: Path,
    period: Period,
    scope: Scope,
    weights: Mapping[str, Decimal | int | str],
    scheme: str = DEFAULT,
    frame: str | None = None,
    as_of: date | None = None,
) -> WhatIf:
    """The ranking of a period by a scheme, beside the one by other weights of its items.

    Both are scored and placed in full, tie rules included; ranks count inside their frame.
    """
    state = ensure(home)
    chosen = scheme_of(scheme, home, period.start)
    other = with_weights(chosen, weights)
    day = as_of or default_as_of(state, period)
    now, then = (
        standings(state, score_of(state, one, period, scope, day), scope, frame)
        for one in (chosen, other)
    )
    ranked = now.filter(pl.col("rank").is_not_null())
    beside = then.select("id", rank_then="rank", _then_u="score_u")
    joined = ranked.join(beside, on="id", how="left", maintain_order="left")
    rows = (
        joined.with_columns(
            score=as_points("score_u"),
            score_then=as_points("_then_u"),
            moved=pl.col("rank").cast(pl.Int64) - pl.col("rank_then").cast(pl.Int64),
        )
        .sort("order", "frame", "rank", "id")
        .with_columns(pl.col("rank", "rank_then").cast(pl.Int64))
        .match_to_schema(ROWS, extra_columns="ignore")
    )
    return _told(chosen, other, rows)


def _told(chosen: Scheme, other: Scheme, rows: pl.DataFrame) -> WhatIf:
    last = (pl.len().over("frame") / FIRST_PART).ceil()
    first = rows.select(
        now=(pl.col("rank") <= last).sum(),
        both=((pl.col("rank") <= last) & (pl.col("rank_then") <= last)).sum(),
    ).row(0)
    moves = rows["moved"].abs().drop_nulls()
    most = int(moves.max()) if len(moves) else 0  # type: ignore[arg-type]
    same = int((rows["moved"] == 0).sum())
    return WhatIf(chosen, other, rows, rows.height, same, most, *map(int, first))
