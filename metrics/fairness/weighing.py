"""Scores taken apart for other weights: what share each item earns, and what no weight moves."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from metrics.points import UNIT
from metrics.scheme_items import BonusItem, DeductItem, Item
from metrics.scores import Scores
from metrics.scoring import mapping_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# What closes a sum follows from it, so that other weights close it anew.
CLOSING = ("max", "floor", "rounding", "veto")


@dataclass(frozen=True, eq=False)
class Weighing:
    """K scored units and the J items that have a weight; all points as floats.

    `ids`: (K,); `items`: (J,) ids; `weights`: (J,) of the scheme; `share`: (K, J), the part of its
    weight that an item earns, NaN where the unit's weight lies on its other items; `fixed`: (K,)
    base, deductions and bonuses; `limits`: floor and most of a score; `step`: the last decimal.
    """

    ids: list[str]
    items: list[str]
    weights: "Floats"
    share: "Floats"
    fixed: "Floats"
    limits: tuple[float, float]
    step: float

    def rows(self, ids: list[str]) -> list[int]:
        """The places of some units."""
        place = {name: at for at, name in enumerate(self.ids)}
        return [place[name] for name in ids]


def weighing(found: Scores) -> Weighing:
    """Take scores apart: Σ weight × share over the observed items + fixed is the score again.

    To the rounding of the parts; an item of events starts at its full weight, and what its events
    cost is fixed. Whom a veto sets to zero stays there by every weight.
    """
    import numpy as np

    chosen = found.scheme
    ids = found.units.filter(pl.col("state") == "number").sort("id")["id"].to_list()
    weighted = [item for item in chosen.items if item.weight]
    columns, taken = [], np.zeros(len(ids))
    for item in weighted:
        share, cost = _item(found, item, ids)
        columns.append(share)
        taken += cost
    share = np.column_stack(columns) if columns else np.empty((len(ids), 0))
    fixed = _aligned(_beside(found, [item.id for item in weighted]), ids) - taken
    zero = found.lines.filter(pl.col("line") == "veto", pl.col("points_u") < 0)
    struck = np.isin(np.array(ids, dtype=object), zero["id"].to_list())
    share[struck], fixed[struck] = np.nan, 0.0
    least = 0.0 if chosen.floor == "total" else -np.inf
    most = np.inf if chosen.max is None else chosen.max / UNIT
    weights = np.array([item.weight / UNIT for item in weighted])
    names = [item.id for item in weighted]
    return Weighing(ids, names, weights, share, fixed, (least, most), chosen.step / UNIT)


def _item(found: Scores, item: Item, ids: list[str]) -> tuple["Floats", "Floats"]:
    """The share of an item's weight (K,), NaN where it carries none, and the points its events
    cost."""
    import numpy as np

    everyone = pl.DataFrame({"id": ids}, schema={"id": pl.String()})
    mine = found.parts.filter(pl.col("item") == item.id)
    rows = everyone.join(mine, on="id", how="left", maintain_order="left")
    weight, points = (rows[name].cast(pl.Float64).to_numpy() for name in ("weight_u", "points_u"))
    weight = np.where(weight > 0, weight, np.nan)
    told, number = points / weight, (rows["state"] == "number").to_numpy()
    cost = np.zeros(len(ids))
    if isinstance(item, DeductItem | BonusItem):
        # Who has lost all of it has lost all of any weight; else the cost is one of points.
        left = number & (points > 0)
        cost = np.where(left, (weight - points) / UNIT, 0.0)
        told = np.where(left, 1.0, told)
    else:
        told = np.where(number & ~np.isnan(weight), _mapped(rows, item), told)
    return np.where(np.isnan(weight), np.nan, told), np.nan_to_num(cost)


def _mapped(rows: pl.DataFrame, item: Item) -> "Floats":
    """The share before any rounding."""
    from metrics.methods.composite import apply_mapping

    value = rows["value_n"].cast(pl.Float64) / rows["value_d"].cast(pl.Float64)
    return apply_mapping(value.to_numpy(), mapping_of(item))


def _beside(found: Scores, weighted: list[str]) -> pl.DataFrame:
    """id and the points of base, of items without weight, and of the cap of the bonuses."""
    closing = (pl.col("item") == "") & pl.col("line").is_in(CLOSING)
    kept = found.lines.filter(~closing, ~pl.col("item").is_in(weighted))
    return kept.group_by("id").agg(points=pl.col("points_u").sum() / UNIT)


def _aligned(points: pl.DataFrame, ids: list[str]) -> "Floats":
    everyone = pl.DataFrame({"id": ids}, schema={"id": pl.String()})
    joined = everyone.join(points, on="id", how="left", maintain_order="left")
    return joined["points"].fill_null(0.0).to_numpy().copy()
