"""Scores: lines of points that add up exactly to the printed score. Frames in, frames out.

Three frames tell all of it. `parts`, one row per unit and item: state, n, d, value_n, value_d,
weight_u, points_u. `lines`, what the score adds up from: id, item, line, points_u and the evidence
(log, row, day, rule, n, d). `totals`, one row per unit: score_u, observed, n, state. All points are
whole units of 1/10,000 point (metrics/points.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from metrics.points import mapped, rounded, spread
from metrics.scheme_items import (
    BonusItem,
    DeductItem,
    Item,
    MeanItem,
    MetricItem,
    ScoreItem,
)
from metrics.scheme_model import Scheme
from metrics.score_totals import totals_of

VALUES = pl.Schema(
    {
        "id": pl.String(),
        "state": pl.String(),  # number, few, none or missing
        "n": pl.Int64(),  # as printed beside the value
        "d": pl.Int64(),
        "value_n": pl.Int64(),  # value = value_n / value_d, exactly
        "value_d": pl.Int64(),
    }
)
EVENTS = pl.Schema(
    {
        "id": pl.String(),
        "log": pl.String(),
        "row": pl.String(),
        "day": pl.Date(),
        "rule": pl.String(),
        "points_u": pl.Int64(),  # what it costs or brings, not negative
        "exempt": pl.String(),  # the exemption that lifts it, or null
    }
)
LINES = pl.Schema(
    {
        "id": pl.String(),
        "item": pl.String(),  # empty: of the scheme itself
        "line": pl.String(),
        "points_u": pl.Int64(),
        "log": pl.String(),
        "row": pl.String(),
        "day": pl.Date(),
        "rule": pl.String(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        "exempt": pl.String(),
    }
)
# base: 基础分; full: 项目满分; value: from n and d; event: one row; per_round: events by rounds;
# evidence: an event that counts in a per_round line; exempt: lifted; cap, floor: 封顶, 保底;
# max: 总分上限; rounding: 舍入; veto: 一票否决.
KINDS_OF_LINES = (
    "base",
    "full",
    "value",
    "event",
    "per_round",
    "evidence",
    "exempt",
    "cap",
    "floor",
    "max",
    "rounding",
    "veto",
)


@dataclass(frozen=True)
class ItemInput:
    """What an item rests on: VALUES (one row per unit) and, for deductions and bonuses, EVENTS.

    For items of events the values say whether the source reported (state), and value_d the rounds.
    """

    values: pl.DataFrame
    events: pl.DataFrame | None = None

    def scaled(self, ratio: Fraction) -> "ItemInput":
        """The same events for an entity whom they hit by a ratio (counter X, chief X/2)."""
        if self.events is None:
            return self
        cost = rounded(pl.col("points_u") * ratio.numerator, pl.lit(ratio.denominator))
        return ItemInput(self.values, self.events.with_columns(points_u=cost))


@dataclass(frozen=True)
class Scored:
    """The three frames of a scheme for some units."""

    totals: pl.DataFrame
    parts: pl.DataFrame
    lines: pl.DataFrame


def score_units(units: Sequence[str], inputs: Mapping[str, ItemInput], chosen: Scheme) -> Scored:
    """Score every unit; `inputs` has every item by its id. A unit's points rest on its own rows."""
    parts = _weighted(_parts(units, inputs, chosen), chosen)
    lines, pointed = [_base(units, chosen)], []
    for item in chosen.items:
        mine = parts.filter(pl.col("item") == item.id)
        found = _item_lines(mine, inputs[item.id].events, item, chosen)
        lines.append(found)
        points = found.group_by("id").agg(pl.col("points_u").sum())
        pointed.append(_with_points(mine, points))
    told = pl.concat(pointed) if pointed else parts.with_columns(points_u=pl.lit(None, pl.Int64))
    all_lines = pl.concat(lines)
    closing = _closing(all_lines, chosen)
    whole = pl.concat([all_lines, *closing])
    totals = totals_of(units, told, sums_of(whole), chosen)
    return Scored(totals, told.sort("id", "item"), in_order(whole, chosen))


def _with_points(mine: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """Add points_u: 0 for who lost nothing of no weight, null for who is not scored on the item."""
    joined = mine.join(points, on="id", how="left", maintain_order="left")
    scored = pl.col("weight_u").is_not_null()
    return joined.with_columns(points_u=pl.when(scored).then(pl.col("points_u").fill_null(0)))


def in_order(lines: pl.DataFrame, chosen: Scheme) -> pl.DataFrame:
    """Lines by unit, then as the scheme lists its items, then as a reader adds them up."""
    items = pl.Enum(["", *(item.id for item in chosen.items), "~"])
    last = pl.col("line").is_in(["max", "rounding", "veto", "floor", "cap"]) & (
        pl.col("item") == ""
    )
    key = pl.when(last).then(pl.lit("~")).otherwise("item").cast(items)
    kind = pl.col("line").cast(pl.Enum(KINDS_OF_LINES))
    return lines.sort("id", key, kind, "day", "log", "row", nulls_last=True)


def _parts(units: Sequence[str], inputs: Mapping[str, ItemInput], chosen: Scheme) -> pl.DataFrame:
    """One row per unit and item; who is not among the values has no business there."""
    everyone = pl.DataFrame({"id": list(units)}, schema={"id": pl.String()})
    found = []
    for item in chosen.items:
        values = inputs[item.id].values.select(list(VALUES))
        joined = everyone.join(values, on="id", how="left", maintain_order="left")
        state = pl.col("state").fill_null("none")
        if chosen.small == "ranked":
            state = state.replace("few", "number")
        stated = joined.with_columns(item=pl.lit(item.id), state=state)
        found.append(_by_facts(stated, inputs[item.id].events, item))
    return pl.concat(found)


def _by_facts(stated: pl.DataFrame, events: pl.DataFrame | None, item: Item) -> pl.DataFrame:
    """An event is a report: who has one is neither idle nor silent, also if no round was recorded.

    But what is divided by rounds is missing where there was none.
    """
    if events is None:
        return stated
    if isinstance(item, DeductItem) and item.per == "round":
        made = pl.col("value_d").fill_null(0) > 0
        return stated.with_columns(state=pl.when(made).then("state").otherwise(pl.lit("missing")))
    told = pl.col("id").is_in(events["id"].unique().to_list())
    return stated.with_columns(state=pl.when(told).then(pl.lit("number")).otherwise("state"))


def _weighted(parts: pl.DataFrame, chosen: Scheme) -> pl.DataFrame:
    """Add weight_u: the weights of unobserved items go to the others in proportion."""
    names = [item.id for item in chosen.items]
    keeps = _keeps(chosen)
    bit = pl.col("item").replace_strict(names, [2**at for at in range(len(names))])
    patterns = parts.group_by("id").agg(_pattern=pl.when(keeps).then(bit).otherwise(0).sum())
    marked = parts.join(patterns, on="id", maintain_order="left")
    table = _weights(chosen, marked["_pattern"].unique().to_list())
    return marked.join(table, on=["_pattern", "item"], how="left", maintain_order="left").drop(
        "_pattern"
    )


def _keeps(chosen: Scheme) -> pl.Expr:
    """Whether an item keeps its weight: it has a number, or the scheme says so."""
    kept = pl.col("state") == "number"
    if chosen.none != "spread":
        kept |= pl.col("state") == "none"
    if chosen.missing == "zero":
        kept |= pl.col("state") == "missing"
    return kept


def _weights(chosen: Scheme, patterns: Sequence[int]) -> pl.DataFrame:
    """_pattern, item and weight_u in whole steps, by which items keep their weight."""
    step = chosen.step if chosen.rounding == "item" else 1
    whole = sum(item.weight for item in chosen.items) // step
    rows: list[tuple[int, str, int]] = []
    for pattern in patterns:
        kept = [item for at, item in enumerate(chosen.items) if pattern >> at & 1]
        weights = [item.weight // step for item in kept]
        parts = spread(weights, whole) if sum(weights) else [0] * len(kept)
        rows += [(pattern, item.id, part * step) for item, part in zip(kept, parts, strict=True)]
    schema = {"_pattern": pl.Int64(), "item": pl.String(), "weight_u": pl.Int64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _base(units: Sequence[str], chosen: Scheme) -> pl.DataFrame:
    rows = pl.DataFrame({"id": list(units) if chosen.base else []}, schema={"id": pl.String()})
    return line_frame(rows, "", "base", pl.lit(chosen.base, pl.Int64))


def line_frame(rows: pl.DataFrame, item: str, line: str, points: pl.Expr) -> pl.DataFrame:
    """Lines of one kind from rows that have `id` and some of the columns of evidence."""
    given = {"item": pl.lit(item), "line": pl.lit(line), "points_u": points}
    columns = [
        given.get(name, pl.col(name) if name in rows.columns else pl.lit(None))
        .cast(kind)
        .alias(name)
        for name, kind in LINES.items()
    ]
    return rows.select(columns)


def _item_lines(
    mine: pl.DataFrame, events: pl.DataFrame | None, item: Item, chosen: Scheme
) -> pl.DataFrame:
    counted = mine.filter(pl.col("weight_u").is_not_null())
    if isinstance(item, DeductItem | BonusItem):
        assert events is not None
        return _event_lines(counted, events, item, chosen)
    return _value_lines(counted, item, chosen)


def _value_lines(counted: pl.DataFrame, item: Item, chosen: Scheme) -> pl.DataFrame:
    """One line per unit: the share of the weight that its value earns."""
    step = chosen.step if chosen.rounding == "item" else 1
    numbers = counted.filter(pl.col("state") == "number")
    points = mapped(
        pl.col("value_n"), pl.col("value_d"), mapping_of(item), pl.col("weight_u"), step
    )
    given = pl.col("weight_u") if chosen.none == "full" else pl.lit(0, pl.Int64)
    idle = counted.filter(pl.col("state") == "none")
    silent = counted.filter(pl.col("state") == "missing")
    return pl.concat(
        [
            line_frame(numbers, item.id, "value", points),
            line_frame(idle, item.id, "value", given),
            line_frame(silent, item.id, "value", pl.lit(0, pl.Int64)),
        ]
    )


def mapping_of(item: Item) -> Sequence[tuple[Fraction, Fraction]]:
    """(value, share) of an item that rests on a value."""
    if isinstance(item, MetricItem):
        return item.mapping
    full = item.full if isinstance(item, MeanItem) else Fraction(1)
    assert isinstance(item, ScoreItem) or full > 0
    return ((Fraction(0), Fraction(0)), (full, Fraction(1)))


def _event_lines(
    counted: pl.DataFrame, events: pl.DataFrame, item: DeductItem | BonusItem, chosen: Scheme
) -> pl.DataFrame:
    """The item's full points, what each event takes or gives, and what holds it."""
    sign, in_items = 1 if isinstance(item, BonusItem) else -1, chosen.rounding == "item"
    known = counted.filter(pl.col("state") == "number")
    rows = events.select(list(EVENTS)).join(known.select("id"), on="id", how="semi")
    lifted = rows.filter(pl.col("exempt").is_not_null())
    counting = rows.filter(pl.col("exempt").is_null())
    heads = line_frame(_full_rows(counted, chosen), item.id, "full", pl.col("weight_u"))
    if isinstance(item, DeductItem) and item.per == "round":
        costs = _per_round(counting, known, item, chosen.step if in_items else 1)
    else:
        costs = line_frame(counting, item.id, "event", pl.col("points_u") * sign)
    gone = line_frame(lifted, item.id, "exempt", pl.lit(0, pl.Int64))
    lines = pl.concat([heads, costs, gone])
    lines = pl.concat([lines, _capped(lines, item, sign)])
    if item.weight and chosen.floor == "item":
        lines = pl.concat([lines, _floored(lines, item.id)])
    if in_items:
        lines = pl.concat([lines, _rests(lines, item.id, chosen.step)])
    return lines


def _full_rows(counted: pl.DataFrame, chosen: Scheme) -> pl.DataFrame:
    """Who starts with the item's full points: not the silent, nor the idle where these get zero."""
    starts = pl.col("state") == "number"
    if chosen.none == "full":
        starts |= pl.col("state") == "none"
    return counted.filter(starts, pl.col("weight_u") > 0).select("id", "weight_u")


def _per_round(
    counting: pl.DataFrame, known: pl.DataFrame, item: DeductItem, step: int
) -> pl.DataFrame:
    """One line per unit: the points of all events × rounds asked / rounds made.

    What is rounded, and once only, is what the item is left with.
    """
    sums = counting.group_by("id").agg(n=pl.col("points_u").sum())
    told = sums.join(known.select("id", "weight_u", d="value_d"), on="id", maintain_order="left")
    left = rounded(pl.col("weight_u") * pl.col("d") - pl.col("n") * item.rounds, pl.col("d"), step)
    listed = counting.with_columns(n="points_u")
    return pl.concat(
        [
            line_frame(told, item.id, "per_round", left - pl.col("weight_u")),
            line_frame(listed, item.id, "evidence", pl.lit(0, pl.Int64)),
        ]
    )


def _capped(lines: pl.DataFrame, item: DeductItem | BonusItem, sign: int) -> pl.DataFrame:
    if item.cap is None:
        return lines.clear()
    moved = lines.filter(pl.col("line").is_in(["event", "per_round"]))
    sums = moved.group_by("id").agg(pl.col("points_u").sum() * sign)
    over = sums.filter(pl.col("points_u") > item.cap)
    return line_frame(over, item.id, "cap", (item.cap - pl.col("points_u")) * sign)


def sums_of(lines: pl.DataFrame) -> pl.DataFrame:
    """id and points_u of each unit that has lines."""
    return lines.group_by("id").agg(pl.col("points_u").sum())


def _floored(lines: pl.DataFrame, item: str) -> pl.DataFrame:
    """What brings a sum below zero back to zero."""
    return line_frame(
        sums_of(lines).filter(pl.col("points_u") < 0), item, "floor", -pl.col("points_u")
    )


def _rests(lines: pl.DataFrame, item: str, step: int) -> pl.DataFrame:
    """What rounds a sum to the printed decimals, half away from zero."""
    rest = rounded(pl.col("points_u"), pl.lit(1), step) - pl.col("points_u")
    sums = sums_of(lines).with_columns(rest=rest).filter(pl.col("rest") != 0)
    return line_frame(sums, item, "rounding", pl.col("rest"))


def _closing(lines: pl.DataFrame, chosen: Scheme) -> list[pl.DataFrame]:
    """Lines of the scheme itself: cap of the bonuses, floor, most, rounding."""
    found: list[pl.DataFrame] = []

    def add(rows: pl.DataFrame) -> None:
        found.append(rows)

    def so_far() -> pl.DataFrame:
        return pl.concat([lines, *found])

    bonuses = [item.id for item in chosen.items if isinstance(item, BonusItem)]
    if chosen.bonus_cap is not None and bonuses:
        sums = sums_of(lines.filter(pl.col("item").is_in(bonuses)))
        over = sums.filter(pl.col("points_u") > chosen.bonus_cap)
        add(line_frame(over, "", "cap", chosen.bonus_cap - pl.col("points_u")))
    if chosen.floor == "total":
        add(_floored(so_far(), ""))
    if chosen.max is not None:
        sums = sums_of(so_far())
        over = sums.filter(pl.col("points_u") > chosen.max)
        add(line_frame(over, "", "max", chosen.max - pl.col("points_u")))
    add(_rests(so_far(), "", chosen.step))
    return found
