"""The ranked table as a reader asks it: what the rule decides, and beside it what data can tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard import formats
from dashboard.charts.sparkline import small_line
from dashboard.components import look, sure
from dashboard.components.tables import Cell, Column
from dashboard.reported import NAMES
from dashboard.text import Words
from metrics.fairness.ranking import FairRanking

BETTER, WORSE, SAME = "▲", "▼", "●"


@dataclass(frozen=True)
class Beside:
    """What stands beside a ranking: the change of each unit, and its scores of the last months.

    `changes`: id → score_change, rank_change (metrics.monthly); `months`: id → score of each month,
    oldest first, in which a unit without a score may be lacking.
    `to_date`: the month still runs and is set against the like part of the one before.
    """

    changes: Mapping[str, Mapping[str, Any]]
    months: Sequence[Mapping[str, float | None]]
    to_date: bool

    def trail(self, unit: str) -> list[float | None]:
        """The scores of a unit; a page asks for those that it shows."""
        return [month.get(unit) for month in self.months]


def columns(scale: tuple[float, float], beside: Beside, words: Words) -> list[Column]:
    """Rank, counter, score, change, line and data by the rule; set, tier and interval beside."""
    rule, told = words("ranking.by_rule"), words("ranking.by_data")
    interval = sure.interval_column(scale, words)
    against = words("ranking.change_to_date" if beside.to_date else "ranking.change_note")
    return [
        Column(words("ranking.rank"), look="hs-number", group=rule),
        Column(words("ranking.unit"), words("ranking.hall"), "hs-name", rule),
        Column(words("ranking.score"), words("ranking.score_note"), "hs-number", rule),
        Column(words("ranking.change"), against, "hs-number", rule),
        Column(words("ranking.trail"), words("ranking.trail_note"), "", rule),
        Column(words("ranking.quality"), words("ranking.quality_note"), "hs-flag", rule),
        Column(words("ranking.possible"), words("ranking.possible_note"), "hs-set", told),
        Column(words("fairness.tier"), words("fairness.tier_note"), "hs-tier", told),
        Column(interval.title, interval.note, interval.look, told),
    ]


def cells(
    ranking: FairRanking,
    row: Mapping[str, Any],
    beside: Beside,
    scale: tuple[float, float],
    words: Words,
) -> list[Cell]:
    """Change, line and data; then rank set, tier and interval."""
    return [
        changed(beside.changes.get(row["id"]), words),
        _line(row["name"], beside.trail(row["id"]), words),
        quality(ranking, row, words),
        Cell(sure.rank_set(row, words) or "/", mute=row["rank_low"] is None),
        sure.tier_cell(row, words),
        sure.interval_cell(row, scale, words),
    ]


def changed(told: Mapping[str, Any] | None, words: Words) -> Cell:
    """Points up or down, and places under it; a slash where there is nothing like to compare."""
    if told is None or told["score_change"] is None:
        return Cell("/", words("ranking.no_change"), mute=True)
    moved = told["score_change"]
    sign = BETTER if moved > 0 else WORSE if moved < 0 else SAME
    return Cell(f"{sign} {formats.signed(moved, 2)}", _places(told["rank_change"], words))


def _places(places: int | None, words: Words) -> str:
    if places is None:
        return words("ranking.no_place")
    if places == 0:
        return words("ranking.same_place")
    return words("ranking.places_up" if places > 0 else "ranking.places_down", count=abs(places))


def _line(name: str, scores: Sequence[float | None], words: Words) -> Cell:
    """The scores of twelve months as a line, read out as first, least, greatest and last."""
    known = [one for one in scores if one is not None]
    if not known:
        return Cell("/", mute=True)
    told = {"low": min(known), "high": max(known), "last": known[-1]}
    text = words(
        "ranking.trail_text",
        name=name,
        count=len(known),
        **{key: formats.score(one) for key, one in told.items()},
    )
    return Cell(text, drawing=small_line(scores, text, look.palette()))


def quality(ranking: FairRanking, row: Mapping[str, Any], words: Words) -> Cell:
    """Whether all of the weight is observed and whether reported sums are in it, in words."""
    told = []
    if row["observed"] != 1:
        told.append(words("ranking.observed", share=formats.percent(row["observed"])))
    if any(row.get(f"{item.id}_{NAMES[0]}") is not None for item in ranking.scheme.items):
        told.append(words("reported.mark"))
    if not told:
        whole = words("ranking.whole")
        return Cell(f"{SAME} {whole}", mute=True)
    return Cell(f"{WORSE} {told[0]}", "\n".join(told[1:]))
