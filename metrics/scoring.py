"""Scores: points of a scheme's items that add up exactly, in hundredths, to the printed score."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from data.errors import HallscoreError, nearest
from data.toml_files import load_toml
from metrics.catalogue import Strict, Text, catalogue

FOLDER = Path(__file__).parent / "schemes"
FULL_C = 10_000  # a full score in hundredths of a point
# A product that is half a hundredth in decimals may lie a hair below it in binary: it rounds up.
HAIR = 1e-9
Share = Annotated[float, Field(ge=0, le=1)]


class Item(Strict):
    """One item: a metric, its weight in points, and the fixed mapping of values to shares of it."""

    metric: str
    weight: int = Field(gt=0, le=100)
    mapping: tuple[tuple[float, Share], ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.metric not in catalogue():
            raise ValueError(f"unknown metric {self.metric!r}.{nearest(self.metric, catalogue())}")
        values = [value for value, _ in self.mapping]
        if any(low >= high for low, high in pairwise(values)):
            raise ValueError("the values of a mapping rise from pair to pair")
        return self


class Scheme(Strict):
    """An assessment scheme; the weights of its items add up to 100."""

    id: str
    label: Text
    version: str
    valid_from: date
    publish: Literal["official", "tiers"]
    min_n: int = Field(ge=0)
    min_observed: float = Field(ge=0, le=1)
    items: tuple[Item, ...] = Field(alias="item", min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(item.weight for item in self.items)
        if total != 100:
            raise ValueError(f"the weights add up to {total}; expected 100")
        names = [item.metric for item in self.items]
        if len(set(names)) < len(names):
            raise ValueError("a metric may be an item once only")
        return self


@cache
def schemes() -> tuple[str, ...]:
    """The names of the schemes there are."""
    return tuple(path.stem for path in sorted(FOLDER.glob("*.toml")))


@cache
def scheme(name: str) -> Scheme:
    """The scheme of that name; an unknown one raises HallscoreError with the nearest."""
    if name not in schemes():
        raise HallscoreError(
            f"--scheme {name!r}: no such scheme.{nearest(name, schemes())} "
            f"Known: {', '.join(schemes())}."
        )
    return load_toml(FOLDER / f"{name}.toml", Scheme)


def spread(weights: Sequence[int], whole: int) -> list[int]:
    """Hundredths of each weight so that they add up to `whole`: the largest remainders round up.

    Three equal weights get 33.34, 33.33 and 33.33: full points in all items are a full score.
    """
    total = sum(weights)
    floors = [weight * whole // total for weight in weights]
    rests = [weight * whole % total for weight in weights]
    order = sorted(range(len(weights)), key=lambda place: (-rests[place], place))
    for place in order[: whole - sum(floors)]:
        floors[place] += 1
    return floors


def score_units(rows: pl.DataFrame, chosen: Scheme) -> pl.DataFrame:
    """Add to one row per unit: score_c, n, state, observed, and <item>_c and <item>_weight_c.

    `rows` has <item>_value, <item>_d and <item>_state of every item. Items that are none, few or
    missing carry no points; their weight goes to the others in proportion, and `observed` says what
    share of the reported weight is left. A unit with too little of it has no score.
    """
    names = [item.metric for item in chosen.items]
    seen = [pl.col(f"{name}_state") == "number" for name in names]
    pattern = pl.sum_horizontal(flag.cast(pl.Int32) * 2**at for at, flag in enumerate(seen))
    marked = rows.with_columns(_pattern=pattern)
    weighted = marked.join(
        _weights(chosen, marked["_pattern"].unique().to_list()),
        on="_pattern",
        how="left",
        maintain_order="left",
    )
    pointed = weighted.with_columns(_points(weighted, item) for item in chosen.items)
    bases = [pl.col(f"{name}_d") for name in names]
    told = pointed.with_columns(
        n=pl.max_horizontal(bases).fill_null(0),
        observed=_observed(chosen),
        score_c=pl.sum_horizontal(pl.col(f"{name}_c").fill_null(0) for name in names),
    )
    state = _state(chosen)
    scored = told.with_columns(state=state).with_columns(
        score_c=pl.when(pl.col("state") == "number").then("score_c")
    )
    return scored.drop("_pattern")


def _weights(chosen: Scheme, patterns: Sequence[int]) -> pl.DataFrame:
    """_pattern and the weight in hundredths of each item, by which items were observed."""
    rows: list[Mapping[str, int | None]] = []
    for pattern in patterns:
        items = [item for at, item in enumerate(chosen.items) if pattern >> at & 1]
        parts = spread([item.weight for item in items], FULL_C) if items else []
        found = {item.metric: part for item, part in zip(items, parts, strict=True)}
        of_items = {f"{i.metric}_weight_c": found.get(i.metric) for i in chosen.items}
        rows.append({"_pattern": pattern} | of_items)
    columns = ["_pattern", *(f"{item.metric}_weight_c" for item in chosen.items)]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.Int64())).with_columns(
        pl.col("_pattern").cast(pl.Int32)
    )


def _points(rows: pl.DataFrame, item: Item) -> pl.Series:
    """Points in hundredths: share of the mapping × weight, rounded half up; null if unobserved."""
    values, shares = zip(*item.mapping, strict=True)
    given = rows[f"{item.metric}_value"].cast(pl.Float64).fill_null(0.0).to_numpy()
    weight = rows[f"{item.metric}_weight_c"].fill_null(0).to_numpy()
    points = np.floor(np.interp(given, values, shares) * weight + 0.5 + HAIR).astype(np.int64)
    unobserved = rows[f"{item.metric}_weight_c"].is_null()
    return pl.Series(f"{item.metric}_c", points).set(unobserved, None)


def _weight_where(chosen: Scheme, state: str, alike: bool) -> pl.Expr:
    return pl.sum_horizontal(
        ((pl.col(f"{item.metric}_state") == state) == alike).cast(pl.Int64) * item.weight
        for item in chosen.items
    )


def _observed(chosen: Scheme) -> pl.Expr:
    """Share of the weight of the reported items that is observed; null where none is reported."""
    reported = _weight_where(chosen, "missing", alike=False)
    observed = _weight_where(chosen, "number", alike=True)
    return pl.when(reported > 0).then(observed / reported)


def _state(chosen: Scheme) -> pl.Expr:
    """number = ranked; else missing (nothing reported), none (no business), few."""
    reported = _weight_where(chosen, "missing", alike=False)
    idle = _weight_where(chosen, "none", alike=True)
    enough = (pl.col("observed") >= chosen.min_observed) & (pl.col("n") >= chosen.min_n)
    return (
        pl.when(reported == 0)
        .then(pl.lit("missing"))
        .when(idle == reported)
        .then(pl.lit("none"))
        .when(enough & (_weight_where(chosen, "number", alike=True) > 0))
        .then(pl.lit("number"))
        .otherwise(pl.lit("few"))
    )
