"""The words of explanations: lines, labels, values and the sentence on a difference."""

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path

from metrics.catalogue import Text, metric
from metrics.points import PLACES, UNIT, printed, round_fraction, step_of
from metrics.scheme_items import BonusItem, DeductItem, Item, MetricItem, label_of
from metrics.scheme_model import Scheme

FILE = Path(__file__).parent / "explanations.toml"
PERCENT, MINUTE = 100, 60


@cache
def _texts() -> Mapping[str, Mapping[str, Text]]:
    content = tomllib.loads(FILE.read_text("utf-8"))
    return {
        group: {key: Text.model_validate(one) for key, one in texts.items()}
        for group, texts in content.items()
    }


def words(group: str, key: str, lang: str, **parts: str) -> str:
    """A text of explanations.toml in a language with its parts filled in."""
    return _texts()[group][key][lang].format(**parts)


def line_label(line: str, lang: str) -> str:
    """What a kind of line is called (metrics/scoring.py, KINDS_OF_LINES)."""
    return words("line", line, lang)


def item_of(chosen: Scheme, name: str) -> Item | None:
    """The item of that id, or None where the scheme has no such item."""
    return next((item for item in chosen.items if item.id == name), None)


def item_label(chosen: Scheme, name: str, lang: str) -> str | None:
    """What an item is called; None where the scheme has no such item."""
    item = item_of(chosen, name)
    return None if item is None else label_of(item)[lang]


def rule_label(item: Item | None, code: str | None, lang: str) -> str:
    """What the rule of an event is called: its own label, else its code."""
    if isinstance(item, DeductItem | BonusItem):
        for rule in item.rules:
            if rule.code == code and rule.label is not None:
                return rule.label[lang]
    return code or ""


def decimals_of(units: int, chosen: Scheme) -> int:
    """The scheme's decimals; four where the points have more."""
    return PLACES if units % step_of(chosen.decimals) else chosen.decimals


def points_text(units: int, chosen: Scheme) -> str:
    """Points exactly, with a minus sign as wide as the plus: 12.50, −0.3125."""
    return printed(units, decimals_of(units, chosen)).replace("-", "−")


def change_text(units: int, chosen: Scheme) -> str:
    """A difference of points with its sign; nothing moved is ±0.00."""
    sign = "+" if units > 0 else "" if units else "±"
    return f"{sign}{points_text(units, chosen)}"


def value_text(item: Item | None, value: Fraction, lang: str) -> str:
    """The value of an item as people read it: 97.50 %, 12.3 min, 40."""
    unit = metric(item.metric).unit if isinstance(item, MetricItem) else "score"
    if unit == "share":
        return f"{_decimal(value * PERCENT, 2)}%"
    if unit == "s":
        return words("sentence", "minutes", lang, n=_decimal(value / MINUTE, 1))
    if unit == "count":
        return f"{round(value):,}"
    return _decimal(value, 2)


def _decimal(value: Fraction, places: int) -> str:
    return printed(round_fraction(value * UNIT), places).replace("-", "−")
