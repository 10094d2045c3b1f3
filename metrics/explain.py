"""Why a unit has its score: lines of points that add up to it, and the rows behind each."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from data.errors import HallscoreError, nearest
from metrics.catalogue import Metric
from metrics.cube import CubeState
from metrics.difference import Difference, difference, score_u
from metrics.entities import PEOPLE
from metrics.explain_rows import (
    Behind,
    Inspected,
    behind,
    inspected,
    item_value,
    lifted,
    metric_of,
    named_unit,
    shown,
)
from metrics.explain_words import item_label, item_of, line_label, points_text, rule_label
from metrics.scheme_items import Item
from metrics.scope import PERSONS, Scope
from metrics.scores import Scores

PRINTED = ("item", "label", "line", "points", "n", "d", "value", "state", "weight", "variant")


@dataclass(frozen=True, eq=False)
class Explanation:
    """One unit's score. All points are units of 1/10,000 point.

    `lines`: the lines of metrics/scoring.py with value, state and weight_u of their item; they add
    up to `score_u` exactly, and there is none where the unit has no score. `behind`: by item of a
    value the rows that cost points. `inspected`: rounds and days beside findings. `lifted`: the
    exemptions that mean the unit. `difference`: against another period, where one is given.
    """

    scores: Scores
    unit: str
    name: str
    state: str
    score_u: int | None
    lines: pl.DataFrame
    behind: Mapping[str, Behind]
    inspected: Inspected | None
    lifted: pl.DataFrame
    difference: Difference | None

    def label(self, row: Mapping[str, object], lang: str) -> str:
        """A line in words: its item, and what kind of a line it is or which rule it follows."""
        kind = line_label(str(row["line"]), lang)
        item = self.item(str(row["item"]))
        if item is None:
            return kind
        named = item_label(self.scores.scheme, item.id, lang) or item.id
        rule = rule_label(item, None if row["rule"] is None else str(row["rule"]), lang)
        return " · ".join(part for part in (named, rule or kind) if part)

    def item(self, name: str) -> Item | None:
        """The item of a line; None for a line of the scheme itself."""
        return item_of(self.scores.scheme, name)

    def metric(self, name: str) -> Metric | None:
        """The metric on which an item rests."""
        item = self.item(name)
        return None if item is None else metric_of(item)

    def points(self, units: int) -> str:
        """Points as printed by the scheme."""
        return points_text(units, self.scores.scheme)

    def table(self, lang: str) -> pl.DataFrame:
        """The lines in words: item, label, line, points, n, d, value, state, weight, variant, day,
        rule, log, row, exempt. Points and weight are texts with the scheme's decimals.
        """
        variants = {name: one.variant[lang] for name in self._items() if (one := self.metric(name))}
        rows = list(self.lines.iter_rows(named=True))
        told = self.lines.with_columns(
            label=pl.Series([self.label(row, lang) for row in rows], dtype=pl.String),
            points=pl.Series([self.points(row["points_u"]) for row in rows], dtype=pl.String),
            weight=pl.Series(
                [None if row["weight_u"] is None else self.points(row["weight_u"]) for row in rows],
                dtype=pl.String,
            ),
            variant=pl.when(pl.col("line") == "value").then(
                pl.col("item").replace_strict(variants, default=None, return_dtype=pl.String)
            ),
        )
        return told.select(*PRINTED, "day", "rule", "log", "row", "exempt")

    def total(self, lang: str) -> pl.DataFrame:
        """The same with a last row 合计, which is the score, where there is one."""
        told = self.table(lang)
        if self.score_u is None:
            return told
        row = {"label": line_label("total", lang), "points": self.points(self.score_u)}
        return pl.concat([told, pl.DataFrame([row | {"line": "total"}])], how="diagonal")

    def _items(self) -> list[str]:
        return [item.id for item in self.scores.scheme.items]


def explain(
    state: CubeState, scores: Scores, unit: str, scope: Scope, against: Scores | None = None
) -> Explanation:
    """Explain the score of a unit; `against`: its scores in another period.

    Persons need the right `persons`; an unknown unit raises HallscoreError with the nearest, as do
    lines that do not add up to the score.
    """
    if scores.entity in PEOPLE and PERSONS not in scope.rights:
        raise HallscoreError(
            f"user {scope.user!r} may not see scores of persons: the right {PERSONS!r} is missing. "
            "Give it in access.toml, rights."
        )
    known = scores.units.filter(pl.col("id") == unit)
    if known.is_empty():
        raise HallscoreError(
            f"--explain {unit!r}: no such {scores.entity} is scored in {scores.period.text} among "
            f"those that this user sees.{nearest(unit, scores.units['id'].to_list())}"
        )
    row = known.row(0, named=True)
    lines = _lines(scores, unit)
    _check(scores, unit, lines)
    whose = named_unit(scores, unit)
    found = {
        item.id: one
        for item in scores.scheme.items
        if (one := behind(state, scores, whose, item, scope)) is not None
    }
    return Explanation(
        scores=scores,
        unit=unit,
        name=row["name"],
        state=row["state"],
        score_u=row["score_u"],
        lines=shown(lines, scope),
        behind={name: Behind(shown(one.rows, scope), one.count) for name, one in found.items()},
        inspected=inspected(state, scores, unit, scope),
        lifted=lifted(state, scores, unit, scope),
        difference=None if against is None else difference(scores, against, unit),
    )


def _lines(scores: Scores, unit: str) -> pl.DataFrame:
    """The lines of a unit, those of values with the value, state and weight of their item.

    Items whose weight went to the others follow as lines `spread` without points.
    """
    parts = scores.parts.filter(pl.col("id") == unit)
    names = parts["item"].to_list()
    values = [item_value(parts, name) for name in names]
    told = parts.select("item", "state", "weight_u").with_columns(
        value=pl.Series([None if one is None else float(one) for one in values], dtype=pl.Float64),
        line=pl.lit("value"),
    )
    mine = scores.lines.filter(pl.col("id") == unit).drop("id")
    joined = mine.join(told, on=["item", "line"], how="left", maintain_order="left")
    if mine.is_empty():
        return joined
    idle = told.join(mine, on="item", how="anti").filter(pl.col("weight_u").is_null())
    empty = idle.with_columns(line=pl.lit("spread"), points_u=pl.lit(0, pl.Int64))
    return pl.concat([joined, empty], how="diagonal")


def _check(scores: Scores, unit: str, lines: pl.DataFrame) -> None:
    score, total = score_u(scores, unit), lines["points_u"].sum()
    if score is not None and total != score:
        raise HallscoreError(
            f"{unit}, {scores.period.text}: the lines add up to {total} units, the score is "
            f"{score}. This is an error of Hallscore: please report it with the scheme file "
            f"{scores.scheme.id!r}."
        )
