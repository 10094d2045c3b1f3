"""The slow referee of scores: fractions and dicts, from the rules in words, no code of the product.

A scheme is the dict that its TOML file is. A unit is the values of its items (state, n, d with
value = n / d) and its events (row, points, whether exempt). All points are fractions of a point.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

Scheme = dict[str, Any]
SMALLEST = Fraction(1, 10_000)


@dataclass(frozen=True)
class Told:
    """What is known of an item for a unit: number, few, none or missing; value = n / d."""

    state: str = "none"
    n: int | None = None
    d: int | None = None
    base: int | None = None  # how many cases stand behind it, where they count as a base


@dataclass(frozen=True)
class Event:
    """One row that costs or brings points."""

    row: str
    points: Fraction
    exempt: bool = False


@dataclass
class Verdict:
    """State and score of a unit, and its lines: item, kind of line, points, row."""

    state: str
    score: Fraction | None
    lines: list[tuple[str, str, Fraction, str | None]] = field(default_factory=list)
    counted: tuple[str, ...] = ()  # the items that it is scored on

    def by_item(self) -> dict[str, Fraction]:
        sums = dict.fromkeys(("", *self.counted), Fraction(0))
        for item, _, points, _ in self.lines:
            sums[item] += points
        return sums


def exact(given: Any) -> Fraction:
    """A number as it is written; 0.1 is a tenth."""
    return given if isinstance(given, Fraction) else Fraction(str(given))


def half_away(given: Fraction, step: Fraction) -> Fraction:
    """The nearest multiple of a step; of two equally near ones that farther from zero."""
    low = abs(given) // step * step
    size = low + step if abs(given) - low >= step / 2 else low
    return size if given >= 0 else -size


def name_of(item: dict[str, Any]) -> str:
    kind = item.get("kind", "rate")
    named: str = item.get("id") or (item["metric"] if kind in ("rate", "volume") else kind)
    return named


def is_event(item: dict[str, Any]) -> bool:
    return item.get("kind") in ("deduct", "bonus")


def weight_of(item: dict[str, Any]) -> Fraction:
    return exact(item.get("weight", 0))


def step_of(scheme: Scheme) -> Fraction:
    return Fraction(1, 10 ** scheme.get("decimals", 2))


def item_step(scheme: Scheme) -> Fraction:
    return step_of(scheme) if scheme.get("rounding", "item") == "item" else SMALLEST


def share(value: Fraction, mapping: list[list[Any]]) -> Fraction:
    """Straight lines between the pairs, level beyond the ends."""
    pairs = [(exact(low), exact(part)) for low, part in mapping]
    if value <= pairs[0][0]:
        return pairs[0][1]
    for (low, start), (high, end) in pairwise(pairs):
        if low < value <= high:
            return start + (end - start) * (value - low) / (high - low)
    return pairs[-1][1]


def share_of_item(item: dict[str, Any], value: Fraction) -> Fraction:
    if "mapping" in item:
        return share(value, item["mapping"])
    full = exact(item.get("full", 100)) if item["kind"] == "mean" else Fraction(1)
    return min(max(value / full, Fraction(0)), Fraction(1))


def state_of(scheme: Scheme, item: dict[str, Any], told: Told, events: Iterable[Event]) -> str:
    """Number, few, none or missing: an event is a report; without a round nothing is divided."""
    if item.get("per") == "round":
        return told.state if told.d else "missing"
    if is_event(item) and list(events):
        return "number"
    if told.state == "few" and scheme.get("small", "apart") == "ranked":
        return "number"
    return told.state


def weights_of(scheme: Scheme, states: dict[str, str]) -> dict[str, Fraction]:
    """The weights of those that keep theirs, and among them the weights of the others.

    In whole steps; who lost most by rounding down gets the steps that are over, the first first.
    """
    keep = {"number"}
    keep |= {"none"} if scheme.get("none", "spread") != "spread" else set()
    keep |= {"missing"} if scheme.get("missing", "withhold") == "zero" else set()
    kept = [item for item in scheme["item"] if states[name_of(item)] in keep]
    whole = sum(map(weight_of, scheme["item"]), Fraction(0))
    mine = sum(map(weight_of, kept), Fraction(0))
    if not mine:
        return {name_of(item): Fraction(0) for item in kept}
    step = item_step(scheme)
    wanted = [weight_of(item) * whole / mine for item in kept]
    parts = [one // step * step for one in wanted]
    lost = sorted(range(len(kept)), key=lambda at: (parts[at] - wanted[at], at))
    over = (whole - sum(parts)) / step
    for at in lost[: int(over)]:
        parts[at] += step
    return {name_of(item): part for item, part in zip(kept, parts, strict=True)}


def mass_of(scheme: Scheme, item: dict[str, Any]) -> Fraction:
    """How much of the score rests on an item: its weight, or its part of the base."""
    takers = [one for one in scheme["item"] if _takes(one)]
    base = exact(scheme.get("base", 0))
    if _takes(item) and base:
        # In whole units of 1/10,000: shares of a third are as equal as units allow.
        return max(base / len(takers) // SMALLEST, 1) * SMALLEST
    return weight_of(item)


def _takes(item: dict[str, Any]) -> bool:
    """A deduction without a weight of its own that rests on reports."""
    deducts = item.get("kind") == "deduct" and not weight_of(item)
    return deducts and item["events"] != "vetoes"


def standing(scheme: Scheme, states: dict[str, str], base: int) -> str:
    """Whether a unit is scored: missing, none, few, or number."""
    masses = {name_of(item): mass_of(scheme, item) for item in scheme["item"]}
    if not any(masses.values()):
        masses = dict.fromkeys(masses, Fraction(1))

    def mass(*wanted: str) -> Fraction:
        return sum((masses[one] for one, state in states.items() if state in wanted), Fraction(0))

    reported = mass("number", "few", "none")
    if not reported:
        return "missing"
    if scheme.get("missing", "withhold") == "withhold" and "missing" in states.values():
        return "missing"
    spreads = scheme.get("none", "spread") == "spread"
    if spreads and mass("none") == reported:
        return "none"
    seen = mass("number") if spreads else mass("number", "none")
    large = base >= scheme.get("min_n", 0) or scheme.get("small", "apart") == "ranked"
    enough = seen >= exact(scheme.get("min_observed", 0)) * reported
    return "number" if seen and enough and large else "few"


class Sheet:
    """The lines of one unit as somebody with a pencil writes them down."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, Fraction, str | None]] = []

    def add(self, item: str, line: str, points: Fraction, row: str | None = None) -> None:
        self.lines.append((item, line, points, row))

    def add_rest(self, item: str, line: str, points: Fraction) -> None:
        """A line that is there only when it changes something."""
        if points:
            self.add(item, line, points)

    def total(self, *items: str) -> Fraction:
        return sum((one[2] for one in self.lines if not items or one[0] in items), Fraction(0))


def judge(scheme: Scheme, values: dict[str, Told], events: dict[str, list[Event]]) -> Verdict:
    """The score of one unit by a scheme."""
    items = {name_of(item): item for item in scheme["item"]}
    states = {
        name: state_of(scheme, item, values.get(name, Told()), events.get(name, []))
        for name, item in items.items()
    }
    weights = weights_of(scheme, states)
    sheet = Sheet()
    if exact(scheme.get("base", 0)):
        sheet.add("", "base", exact(scheme["base"]))
    for name, item in items.items():
        if name not in weights:
            continue
        told = values.get(name, Told())
        if is_event(item):
            _by_events(sheet, scheme, item, states[name], told, weights[name], events.get(name, []))
        else:
            sheet.add(name, "value", _by_value(scheme, item, states[name], told, weights[name]))
    _close(sheet, scheme, [name for name, item in items.items() if item.get("kind") == "bonus"])
    base = max((values.get(name, Told()).base or 0 for name in items), default=0)
    state = standing(scheme, states, base)
    score = sheet.total() if state == "number" else None
    return Verdict(state, score, sheet.lines, tuple(weights))


def _by_value(
    scheme: Scheme, item: dict[str, Any], state: str, told: Told, weight: Fraction
) -> Fraction:
    if state != "number":
        return weight if state == "none" and scheme.get("none") == "full" else Fraction(0)
    assert told.n is not None
    assert told.d is not None
    part = share_of_item(item, Fraction(told.n, told.d))
    return half_away(weight * part, item_step(scheme))


def _by_events(
    sheet: Sheet,
    scheme: Scheme,
    item: dict[str, Any],
    state: str,
    told: Told,
    weight: Fraction,
    events: list[Event],
) -> None:
    name, step = name_of(item), item_step(scheme)
    sign = 1 if item["kind"] == "bonus" else -1
    starts = state == "number" or (state == "none" and scheme.get("none") == "full")
    start = weight if starts else Fraction(0)
    sheet.add_rest(name, "full", start)
    counting = [one for one in events if not one.exempt] if state == "number" else []
    lifted = [one for one in events if one.exempt] if state == "number" else []
    moved = sum((one.points for one in counting), Fraction(0))
    line = "event"
    if item.get("per") == "round" and counting:
        assert told.d is not None
        line = "evidence"
        left = half_away(weight - moved * item.get("rounds", 1) / told.d, step)
        moved = weight - left
        sheet.add(name, "per_round", -moved)
    for one in counting:
        sheet.add(name, line, sign * one.points if line == "event" else Fraction(0), one.row)
    for one in lifted:
        sheet.add(name, "exempt", Fraction(0), one.row)
    held = min(moved, exact(item["cap"])) if "cap" in item else moved
    sheet.add_rest(name, "cap", sign * (held - moved))
    now = sheet.total(name)
    if weight_of(item) and scheme.get("floor", "total") == "item":
        sheet.add_rest(name, "floor", max(-now, Fraction(0)))
    if scheme.get("rounding", "item") == "item":
        now = sheet.total(name)
        sheet.add_rest(name, "rounding", half_away(now, step) - now)


def _close(sheet: Sheet, scheme: Scheme, bonuses: list[str]) -> None:
    """What holds the whole: the cap of the bonuses, the floor, the most, the last rounding."""
    if "bonus_cap" in scheme and bonuses:
        given = sheet.total(*bonuses)
        sheet.add_rest("", "cap", min(given, exact(scheme["bonus_cap"])) - given)
    if scheme.get("floor", "total") == "total":
        sheet.add_rest("", "floor", max(-sheet.total(), Fraction(0)))
    if "max" in scheme:
        now = sheet.total()
        sheet.add_rest("", "max", min(now, exact(scheme["max"])) - now)
    now = sheet.total()
    sheet.add_rest("", "rounding", half_away(now, step_of(scheme)) - now)
