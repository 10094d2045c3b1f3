"""What differs between two schemes, key by key and item by item."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from pydantic import BaseModel

from metrics.catalogue import Text
from metrics.scheme_items import Rule
from metrics.scheme_model import RollUp, Scheme
from metrics.scheme_words import points

# Keys whose whole numbers are units of 1/10,000 point; `least` of a roll-up counts periods.
IN_POINTS = ("weight", "points", "cap", "full", "base", "max", "bonus_cap", "least")
PARTS = {
    "items": "item",
    "vetoes": "veto",
    "awards": "award",
    "last_places": "last_places",
    "rollups": "rollup",
}
Flat = dict[tuple[str, str], str]


def diff(before: Scheme, after: Scheme) -> list[dict[str, str]]:
    """place (empty: the scheme itself), key, before and after; what is in one only has "" there.

    Example: {"place": "item on_time_rate", "key": "weight", "before": "25", "after": "30"}.
    """
    old, new = _flat(before), _flat(after)
    return [
        {"place": place, "key": key, "before": old.get((place, key), ""), "after": told}
        for (place, key) in dict.fromkeys([*old, *new])
        if old.get((place, key), "") != (told := new.get((place, key), ""))
    ]


def _flat(chosen: Scheme) -> Flat:
    """Every key with its value as text; keys at their default included."""
    found: Flat = {}
    for name, value in chosen:
        if name in PARTS:
            for part in value:
                place = f"{PARTS[name]} {getattr(part, 'id', None) or part.to}"
                found |= {(place, key): told for key, told in _keys(part)}
        elif name == "unread":
            found |= {("", f"unread {at}"): _told(one) for at, one in enumerate(value, 1)}
        else:
            found["", name] = _text(name, value, chosen)
    return found


def _keys(part: BaseModel) -> Iterator[tuple[str, str]]:
    for name, value in part:
        if name == "rules":
            for rule in value:
                yield f"rule {_who(rule)}", _told(rule, leave=("code", *MINUTES))
        else:
            yield name, _text(name, value, part)


MINUTES = ("min_minutes", "below_minutes")


def _who(rule: Rule) -> str:
    """The code, with the minutes where they tell rules apart."""
    low, high = rule.min_minutes, rule.below_minutes
    timed = low is not None or high is not None
    return f"{rule.code} [{low or 0}, {high or '…'})" if timed else rule.code


def _told(one: BaseModel, leave: tuple[str, ...] = ()) -> str:
    keys = [(name, value) for name, value in one if name not in leave and value is not None]
    return ", ".join(f"{name} {_text(name, value, one)}" for name, value in keys) or "recorded"


def _text(name: str, value: object, owner: BaseModel) -> str:
    if value is None:
        return ""
    if isinstance(value, Text):
        return f"{value.zh} · {value.en}"
    if isinstance(value, BaseModel):
        return _told(value)
    if isinstance(value, int) and name in IN_POINTS and not isinstance(owner, RollUp):
        return points(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plain(one)}" for key, one in sorted(value.items()))
    if name == "mapping" and isinstance(value, tuple):
        return ", ".join(f"{_plain(low)} → {_plain(share)}" for low, share in value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else _plain(value)


def _plain(value: object) -> str:
    return f"{float(value):g}" if isinstance(value, Fraction) else str(value)
