"""The tables of the page 公平性检验 as sheets: numbers as numbers, headings in words."""

from collections.abc import Callable, Mapping

import polars as pl

from dashboard.exports.workbook import Sheet
from dashboard.text import Words
from metrics.fairness.peer_basis import PeerBasis
from metrics.fairness.peer_words import MERGED, group_label
from metrics.fairness.small_frame import SmallFrame
from metrics.scheme_items import label_of
from metrics.scheme_model import Scheme

Label = Callable[[str], str]
Heads = Mapping[str, str]
SHARE, RATE, POINTS, COUNT = "0%", "0.00%", "0.00", "#,##0"
ORDER = {"frame": "fairness.group", "k": "fairness.size", "rankability": "fairness.rankability"}
ORDER |= {"reading": "fair.reading", "told_apart": "fairness.pairs"}
ORDER |= {"pairs": "fairness.all_pairs"}
TIERS = {"frame": "fairness.group", "k": "fairness.size", "above": "fairness.above"}
TIERS |= {"expected": "fairness.expected", "below": "fairness.below"}
BEYOND = {"frame": "fairness.group", "tier": "fairness.tier", "id": "export.id"}
BEYOND |= {"name": "export.name", "hall": "export.hall", "score": "export.score"}
BEYOND |= {"rank_low": "fairness.rank_low", "rank_high": "fairness.rank_high"}
BEYOND |= {"reliability": "fairness.reliability_head"}
BINS = {"low": "fair.bin_low", "high": "fair.bin_high", "units_n": "fair.counters"}
NEEDED = {"frame": "fairness.group", "known": "fair.known", "reliability": "fair.median"}
NEEDED |= {"half_n": "fair.half_n", "high_n": "fair.high_n", "base": "fair.base"}
NEEDED |= {"half_base": "fair.half_base", "high_base": "fair.high_base"}
NEEDED |= {"half_times": "fair.half_times", "high_times": "fair.high_times"}
STEADY = {"frame": "fairness.group", "k": "fairness.size", "first_n": "fair.first_n"}
STEADY |= {"always": "fair.always", "stays": "fair.stays", "least": "fair.least"}
STEADY |= {"moved": "fair.moves"}
WEIGHTS = {"frame": "fairness.group", "rank": "export.rank", "id": "export.id"}
WEIGHTS |= {"name": "export.name", "stays_top": "fair.stays_top"}
WEIGHTS |= {"stays_bottom": "fair.stays_bottom", "rank_low_w": "fair.rank_low"}
WEIGHTS |= {"rank_high_w": "fair.rank_high", "moves5": "fair.moves"}
FLIPS = {"rank": "export.rank", "ahead": "fair.ahead_id", "name_ahead": "fair.ahead"}
FLIPS |= {"score_ahead": "fair.score_ahead", "behind": "fair.behind_id"}
FLIPS |= {"name_behind": "fair.behind", "score_behind": "fair.score_behind"}
FLIPS |= {"moved": "fair.moved", "changes": "fair.changes"}
HALLS = {"rank": "export.rank", "id": "export.id", "name": "export.name", "n": "funnel.n"}
HALLS |= {"d": "funnel.base", "value": "", "lower": "fair.lower", "upper": "fair.upper"}
HALLS |= {"rank_low": "fairness.rank_low", "rank_high": "fairness.rank_high"}
HALLS |= {"letters": "fair.letters", "state": "export.state"}
GROUPS = {"group": "fairness.group", "k": "fair.members", "mine": "fair.mine"}
GROUPS |= {"merged": "fair.merged", "waiting": "fair.waiting", "small": "fair.small"}
RUNGS = {"merged": "fair.merged", "groups_n": "fair.groups", "counters_n": "fair.counters"}


def _sheet(
    title: str, frame: pl.DataFrame, heads: Heads, words: Words, shapes: Mapping[str, str]
) -> Sheet:
    """The columns of `heads` under their printed headings, with the number formats of `shapes`."""
    named = frame.select(pl.col(name).alias(words(key)) for name, key in heads.items())
    return Sheet(words(title), named, {words(heads[name]): form for name, form in shapes.items()})


def _labelled(frame: pl.DataFrame, label: Label, column: str = "frame") -> pl.DataFrame:
    texts = pl.Series([label(one) for one in frame[column]], dtype=pl.String)
    return frame.with_columns(texts.alias(column))


def order_sheet(rows: pl.DataFrame, label: Label, words: Words) -> Sheet:
    """How much order each group holds."""
    readings = {one: words(f"fair_reading.{one}") for one in rows["reading"].unique()}
    told = _labelled(rows, label).with_columns(pl.col("reading").replace(readings))
    shapes = {"rankability": SHARE, "told_apart": COUNT, "pairs": COUNT}
    return _sheet("fair_section.order", told, ORDER, words, shapes)


def tiers_sheet(rows: pl.DataFrame, label: Label, words: Words) -> Sheet:
    """Units above, with and below their group, by group."""
    return _sheet("fair_section.tiers", _labelled(rows, label), TIERS, words, {})


def beyond_sheet(rows: pl.DataFrame, label: Label, words: Words) -> Sheet:
    """The units above or below their group."""
    tiers = {one: words(f"fairness.{one}") for one in ("above", "below")}
    told = _labelled(rows, label).with_columns(pl.col("tier").replace(tiers))
    shapes = {"score": POINTS, "reliability": SHARE}
    return _sheet("fair.beyond", told, BEYOND, words, shapes)


def bins_sheet(rows: pl.DataFrame, words: Words) -> Sheet:
    """Units by reliability."""
    return _sheet("fair.bins", rows, BINS, words, {"low": "0.0", "high": "0.0"})


def needed_sheet(rows: pl.DataFrame, label: Label, words: Words) -> Sheet:
    """The base that a reliability asks for, by group."""
    shapes = {"reliability": SHARE} | dict.fromkeys(("base", "half_base", "high_base"), COUNT)
    shapes |= dict.fromkeys(("half_times", "high_times"), "0.0")
    return _sheet("fair.needed", _labelled(rows, label), NEEDED, words, shapes)


def steady_sheet(rows: pl.DataFrame, label: Label, words: Words) -> Sheet:
    """Who keeps the first tenth, by group."""
    shapes = dict.fromkeys(("stays", "least", "moved"), SHARE)
    return _sheet("fair.steady", _labelled(rows, label), STEADY, words, shapes)


def weights_sheet(rows: pl.DataFrame, label: Label, words: Words) -> Sheet:
    """Every unit under other weights."""
    shapes = dict.fromkeys(("stays_top", "stays_bottom", "moves5"), SHARE)
    return _sheet("fair.units", _labelled(rows, label), WEIGHTS, words, shapes)


def changes_text(row: Mapping[str, object], scheme: Scheme, words: Words) -> str:
    """Which weights change by how many points, the words of a row of FLIPS."""
    labels = {item.id: words.of(label_of(item)) for item in scheme.items}
    items, changes = row["items"], row["changes"]
    if not isinstance(items, list) or not isinstance(changes, list):
        return ""
    told = [f"{labels[name]} {by:+.2f}" for name, by in zip(items, changes, strict=True)]
    return words("format.list").join(told).replace("-", "−")


def flips_sheet(rows: pl.DataFrame, scheme: Scheme, words: Words) -> Sheet:
    """What flips the first pairs."""
    texts = [changes_text(row, scheme, words) for row in rows.iter_rows(named=True)]
    told = rows.with_columns(changes=pl.Series(texts, dtype=pl.String))
    shapes = dict.fromkeys(("score_ahead", "score_behind", "moved"), POINTS)
    return _sheet("fair.flips_sheet", told, FLIPS, words, shapes)


def halls_sheet(found: SmallFrame, words: Words) -> Sheet:
    """Some units beside each other by one rate."""
    states = {one: words(f"state.{one}") for one in found.units["state"].unique()}
    told = found.units.with_columns(pl.col("state").replace(states))
    label = words.of(found.metric.label)
    frame = told.select(
        pl.col(name).alias(words(key) if key else label) for name, key in HALLS.items()
    )
    shapes = {label: RATE, words("fair.lower"): RATE, words("fair.upper"): RATE}
    return Sheet(words("fair_section.halls"), frame, shapes)


def groups_sheet(found: PeerBasis, words: Words) -> Sheet:
    """The peer groups with their size and what was merged."""
    rows = _labelled(found.groups, lambda one: group_label(one, words.lang), "group")
    answer = {"true": words("export.yes"), "false": words("export.no")}
    told = rows.with_columns(
        merged=_merged(rows, words),
        small=pl.col("small").cast(pl.String).replace(answer),
    )
    return _sheet("fair_section.groups", told, GROUPS, words, {})


def rungs_sheet(found: PeerBasis, words: Words) -> Sheet:
    """How far the ladder was climbed: groups and counters by rung."""
    told = found.rungs.with_columns(merged=_merged(found.rungs, words))
    return _sheet("fair.ladder", told, RUNGS, words, {"counters_n": COUNT})


def merged_text(merged: str, words: Words) -> str:
    """What the ladder gave up, in words."""
    return MERGED[merged][0 if words.lang == "zh" else 1] or words("fair.unmerged")


def _merged(rows: pl.DataFrame, words: Words) -> pl.Series:
    return pl.Series([merged_text(one, words) for one in rows["merged"]], dtype=pl.String)
