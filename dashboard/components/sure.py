"""How sure a ranking is, in words: the rank set of a unit, what a group can tell apart."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from dashboard import formats
from dashboard.components.heading import remark
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from metrics.fairness.peer_words import group_label
from metrics.fairness.peers import LEAST
from metrics.fairness.ranking import FairRanking
from metrics.methods.reliability import reading
from metrics.points import UNIT


def rank_set(row: Mapping[str, Any], words: Words) -> str:
    """The plain-words reading of a rank set; empty where the score is fact alone."""
    low, high = row["rank_low"], row["rank_high"]
    if low is None:
        return ""
    return words("fairness.rank_sure" if low == high else "fairness.rank_set", low=low, high=high)


def rank_cell(ranking: FairRanking, row: Mapping[str, Any], words: Words) -> Cell:
    """The rank by the rule; where a scheme of tiers has mostly noise to order, no position."""
    if not ranking.ordinal(row["frame"]):
        return Cell("—", words("ranking.no_position"), mute=True)
    return Cell(str(row["rank"]), mark=words("ranking.tied") if row["tied"] else "")


def tier_cell(row: Mapping[str, Any], words: Words) -> Cell:
    """The tier, and the reliability under it."""
    if row["tier"] is None:
        return Cell("/", mute=True)
    share = formats.percent(row["reliability"]) if row["reliability"] is not None else "/"
    apart = row["tier"] != "expected"
    note = words("fairness.reliability", share=share)
    return Cell(words(f"fairness.{row['tier']}"), note, strong=apart)


def domain(frame: pl.DataFrame, full: float) -> tuple[float, float]:
    """From which points to which the intervals of a frame are drawn: whole tens."""
    low = frame.select(pl.min_horizontal("low", "score").min()).item()
    high = frame.select(pl.max_horizontal("high", "score").max()).item()
    if low is None:
        return 0.0, full
    return float(low // 10 * 10), max(float(-(-high // 10) * 10), low // 10 * 10 + 10)


def interval_column(scale: tuple[float, float], words: Words) -> Column:
    """The heading of the intervals, with the scale that they are drawn on."""
    note = words("fairness.interval_note", **{"from": f"{scale[0]:g}", "to": f"{scale[1]:g}"})
    return Column(words("fairness.interval"), note, "hs-wide")


def interval_cell(row: Mapping[str, Any], scale: tuple[float, float], words: Words) -> Cell:
    """The interval of the true level as a band, the official score as a mark of its own."""
    low, high, score = row["low"], row["high"], row["score"]
    if low is None:
        return Cell("/", mute=True)
    named = {"low": low, "high": high, "score": score}
    text = words("fairness.interval_text", **{k: formats.score(v) for k, v in named.items()})
    start, width = scale[0], scale[1] - scale[0]
    return Cell(text, span=tuple((one - start) / width for one in (low, high, score)))


def frame_words(ranking: FairRanking, frame: str, words: Words) -> list[str]:
    """What a group can tell apart, in sentences."""
    one = ranking.group(frame)
    count, share, told = one["k"], one["rankability"], one["told_apart"]
    if count == 1:
        return [words("fairness.alone")]
    if told is None:
        return [words("fairness.facts")]
    nobody = told == one["above"] == one["below"] == 0
    said = [words("fairness.same")] if nobody else []
    pairs = count * (count - 1) // 2
    given = {"pairs": pairs, "told": told, "above": one["above"], "below": one["below"]}
    said.append(words("fairness.apart", **{k: formats.count(v) for k, v in given.items()}))
    said += _rankable(ranking, share, words)
    few = ranking.chance.filter(pl.col("few_peers"))
    return [*said, words("fairness.few")] if few.height and count < LEAST else said


def _rankable(ranking: FairRanking, share: float | None, words: Words) -> list[str]:
    if share is None:
        return []
    kind = reading(share)
    told = words("fairness.rankable", share=f"{share:.0%}", reading=words(f"fairness.{kind}"))
    if kind != "poor":
        return [told]
    held = ranking.scheme.publish == "official"
    return [told, words("fairness.kept" if held else "fairness.only_tiers")]


def draw_groups(ranking: FairRanking, labels: Mapping[str, str], words: Words) -> None:
    """How to read the page, and, where several groups are shown, what each can tell apart."""
    frames = ranking.groups["frame"].to_list()
    if len(frames) == 1:
        remark(*frame_words(ranking, frames[0], words))
    else:
        with st.expander(words("fairness.groups"), key="groups"):
            table(_columns(words), _rows(ranking, labels, words), words("fairness.groups"))
    with st.expander(words("fairness.how"), key="how_sure"):
        least = formats.plain(ranking.scheme.least_difference / UNIT)
        remark(words("fairness.how_text", least=least))


def _columns(words: Words) -> list[Column]:
    return [
        Column(words("fairness.group"), look="hs-name"),
        *(
            Column(words(f"fairness.{name}"), look="hs-number")
            for name in ("size", "rankability", "pairs", "above", "below")
        ),
    ]


def _rows(ranking: FairRanking, labels: Mapping[str, str], words: Words) -> list[list[Cell]]:
    rows = []
    for one in ranking.groups.to_dicts():
        share, told, count = one["rankability"], one["told_apart"], one["k"]
        pairs = f"{told:,} / {count * (count - 1) // 2:,}" if told is not None else "/"
        rows.append(
            [
                Cell(labels.get(one["frame"], group_label(one["frame"], words.lang))),
                Cell(formats.count(count)),
                Cell("/" if share is None else f"{share:.0%}"),
                Cell(pairs),
                *(Cell("/" if one[k] is None else str(one[k])) for k in ("above", "below")),
            ]
        )
    return rows
