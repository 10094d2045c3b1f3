"""The items of a scheme in words, Chinese or English: for `schemes show` and the pages."""

import tomllib
from functools import cache
from pathlib import Path

from metrics.catalogue import Text, metric
from metrics.points import UNIT
from metrics.scheme_items import (
    ANY,
    AwaitedItem,
    BonusItem,
    DeductItem,
    Item,
    MeanItem,
    MetricItem,
    Pairs,
    Rule,
    ScoreItem,
    VoteItem,
    label_of,
)

LANGUAGES = ("zh", "en")
PATH = Path(__file__).parent / "scheme_words.toml"


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(PATH.read_text("utf-8"))


class Words:
    """The sentences of one language; `words("item.cap", 5)` fills one in."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str, *parts: object) -> str:
        """The text of `table.name` with its places filled; an unknown key raises KeyError."""
        table, name = key.split(".")
        return _texts()[table][name][self.lang].format(*parts)

    def of(self, text: Text) -> str:
        """The text in this language."""
        return text[self.lang]

    @property
    def comma(self) -> str:
        """What stands between the parts of a list."""
        return "、" if self.lang == "zh" else ", "


def points(units: int) -> str:
    """Points as they are written in a scheme: 5, 0.5."""
    return f"{units / UNIT:.4f}".rstrip("0").rstrip(".")


def item_sentence(item: Item, words: Words) -> str:
    """How an item earns or costs its points, as one sentence."""
    if isinstance(item, MetricItem):
        told = words("item.rate", f"`{item.metric}`", _pairs(item.mapping, words, item.metric))
        return told + (words("item.min_n", item.min_n) if item.min_n is not None else "")
    if isinstance(item, MeanItem):
        return _mean(item, words)
    if isinstance(item, VoteItem):
        return words("item.vote", f"`{item.electorate}`")
    if isinstance(item, ScoreItem):
        return words("item.score", f"`{item.scheme}`")
    if isinstance(item, AwaitedItem):
        return words("item.awaited", f"`{item.awaits}`")
    assert isinstance(item, DeductItem | BonusItem)
    return _events(item, words)


def _pairs(mapping: Pairs, words: Words, name: str) -> str:
    percent = metric(name).unit == "share"
    told = [
        words("item.pair", f"{float(value):.4%}" if percent else f"{float(value):g}", f"{share:%}")
        for value, share in ((value, float(share)) for value, share in mapping)
    ]
    return words.comma.join(_short(one) for one in told) + words("item.pairs")


def _short(text: str) -> str:
    """Percentages without needless zeros: 80.0000% is 80%."""
    parts = text.split(" ")
    return " ".join(
        one[:-1].rstrip("0").rstrip(".") + "%" if one.endswith("%") and "." in one else one
        for one in parts
    )


def _mean(item: MeanItem, words: Words) -> str:
    full = f"{float(item.full):g}"
    if item.of == "staff":
        return words("item.staff", f"`{item.scheme}`", full)
    grades = sorted(item.grades.items(), reverse=True)
    told = [words("item.grade", grade, f"{float(worth):g}") for grade, worth in grades]
    return words("item.grades", words.comma.join(told), full)


def _events(item: DeductItem | BonusItem, words: Words) -> str:
    source = item.events if isinstance(item, DeductItem) else "bonuses"
    told = words(f"item.{item.kind}", words(f"item.{source}"))
    if isinstance(item, DeductItem) and item.per == "round":
        told += words("item.round", item.rounds)
    return told + (words("item.cap", points(item.cap)) if item.cap is not None else "")


def rule_sentences(item: Item, words: Words) -> list[str]:
    """One sentence for each rule of an item that takes events."""
    if not isinstance(item, DeductItem | BonusItem):
        return []
    per = item.per if isinstance(item, DeductItem) else "event"
    return [words("item.rule", _who(rule, words), _cost(rule, per, words)) for rule in item.rules]


def _who(rule: Rule, words: Words) -> str:
    """What a rule takes: its label with the code, and the minutes."""
    try:
        name = words("item.others") if rule.code == ANY else words(f"code.{rule.code}")
    except KeyError:  # a code of the inspectors' own
        name = ""
    label = words.of(rule.label) if rule.label is not None else name
    told = f"{label} `{rule.code}`" if label else f"`{rule.code}`"
    if rule.min_minutes is not None:
        told += words("item.from", rule.min_minutes)
    if rule.below_minutes is not None:
        told += words("item.below", rule.below_minutes)
    return told


def _cost(rule: Rule, per: str, words: Words) -> str:
    if rule.points is None:
        return words("item.recorded")
    return words("item.workday" if per == "workday" else "item.each", points(rule.points))


def remarks(item: Item, words: Words) -> list[str]:
    """The clause, the reason and what is unreadable of an item, where it has them."""
    told = [words("item.clause", item.clause)] if item.clause else []
    if item.why is not None:
        told.append(words("item.why", words.of(item.why)))
    if item.unread is not None:
        told.append(words("item.unread", words.of(item.unread)))
    return told


def heading(item: Item, words: Words) -> str:
    """The item's name, id and weight."""
    weight = words("item.weight", points(item.weight)) if item.weight else words("item.whole")  # type: ignore[attr-defined]
    return f"**{words.of(label_of(item))}** `{item.id}` · {weight}"
