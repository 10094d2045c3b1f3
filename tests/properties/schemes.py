"""Random valid schemes as the dicts that their files are, and random values and events for them."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from tests import score_referee as referee

RATES = ("active_good_rate", "on_time_rate", "bad_rate", "response_rate")
VOLUMES = ("served", "closed_cases")
SOURCES = ("findings", "attendance", "late_cases", "bad_ratings")
HALVES = st.integers(0, 40).map(lambda halves: halves / 4)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


@st.composite
def a_mapping(draw: st.DrawFn, most: int) -> list[list[float]]:
    values = draw(st.lists(st.integers(0, 1000), min_size=2, max_size=4, unique=True).map(sorted))
    return [[value * most / 1000, draw(st.integers(0, 100)) / 100] for value in values]


@st.composite
def an_item(draw: st.DrawFn, name: str, weight: float) -> dict[str, Any]:
    """An item of a kind that has a weight of its own."""
    kind = draw(st.sampled_from(["rate", "volume", "mean", "vote", "score", "deduct", "awaited"]))
    item: dict[str, Any] = {"id": name, "kind": kind, "weight": weight}
    if kind == "rate":
        item |= {"metric": draw(st.sampled_from(RATES)), "mapping": draw(a_mapping(1))}
    elif kind == "volume":
        item |= {"metric": draw(st.sampled_from(VOLUMES)), "mapping": draw(a_mapping(10))}
    elif kind == "mean":
        points = draw(st.lists(st.integers(0, 10), min_size=5, max_size=5))
        grades = {str(grade): one for grade, one in enumerate(points, 1)}
        item |= {"of": "grades", "full": draw(st.sampled_from([5, 10, 100])), "grades": grades}
    elif kind == "vote":
        item |= {"electorate": "peers"}
    elif kind == "score":
        item |= {"scheme": "first"}
    elif kind == "awaited":
        item |= {"label": {"zh": "待", "en": "Awaited"}, "awaits": "hotline orders"}
    else:
        item |= draw(a_deduction(name))
    return item


# The house's own codes of a source, by the name of the item that may take them.
KINDS = ("late", "early", "no_sign", "absent", "leave", "away", "not_back")
HOUSE_CODES: dict[str, dict[str, str]] = {
    "attendance": dict(zip(("w0", "w1", "w2", "w3", "d0", "d1"), KINDS, strict=False)),
    "late_cases": {"d0": "late"},
    "bad_ratings": {"w1": "1", "d1": "2"},
}


@st.composite
def a_deduction(draw: st.DrawFn, name: str) -> dict[str, Any]:
    source = draw(st.sampled_from([one for one in SOURCES if name in HOUSE_CODES.get(one, [name])]))
    recorded = source == "findings"
    cost = "recorded" if recorded else draw(HALVES)
    item: dict[str, Any] = {
        "id": name,
        "kind": "deduct",
        "events": source,
        # One code for each name, so that no two items take the same events.
        "rule": [{"code": HOUSE_CODES.get(source, {}).get(name, name), "points": cost}],
    }
    if source == "findings":
        item["per"] = draw(st.sampled_from(["event", "round"]))
        item["rounds"] = draw(st.integers(1, 9)) if item["per"] == "round" else 1
    if draw(st.booleans()):
        item["cap"] = draw(HALVES)
    return item


@st.composite
def a_bonus(draw: st.DrawFn, name: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": name,
        "kind": "bonus",
        "rule": [{"code": name, "points": "recorded"}],
    }
    return item | ({"cap": draw(HALVES)} if draw(st.booleans()) else {})


@st.composite
def schemes(draw: st.DrawFn) -> dict[str, Any]:
    """A whole scheme: weighted items, deductions from the base, bonuses, all policies."""
    decimals = draw(st.integers(0, 4))
    parts = draw(st.lists(st.integers(1, 60), min_size=0, max_size=4))
    finest = 10 ** min(decimals, draw(st.integers(0, 4)))
    items = [draw(an_item(f"w{at}", part / finest)) for at, part in enumerate(parts)]
    base = draw(st.integers(0 if items else 1, 400)) / 4
    if base or not items:
        takes = range(draw(st.integers(0 if items else 1, 2)))
        items += [draw(a_deduction(f"d{at}")) for at in takes]
    items += [draw(a_bonus(f"b{at}")) for at in range(draw(st.integers(0, 2)))]
    full = referee.exact(base) + sum((referee.weight_of(one) for one in items), Fraction(0))
    made: dict[str, Any] = {
        "id": "made",
        "label": {"zh": "随机", "en": "Random"},
        "version": "1",
        "valid_from": "2019-01-01",
        "publish": "official",
        "full": float(full),
        "base": base,
        "decimals": decimals,
        "rounding": draw(st.sampled_from(["item", "total"])),
        "floor": draw(st.sampled_from(["none", "item", "total"])),
        "none": draw(st.sampled_from(["spread", "full", "zero"])),
        "missing": draw(st.sampled_from(["withhold", "spread", "zero"])),
        "small": draw(st.sampled_from(["apart", "ranked"])),
        "min_n": draw(st.sampled_from([0, 0, 5])),
        "min_observed": draw(st.sampled_from([0, 0, 0.5])),
        "item": items,
    }
    if draw(st.booleans()):
        made["max"] = f"{float(full + referee.exact(draw(HALVES))):.4f}"
    if draw(st.booleans()):
        made["bonus_cap"] = draw(HALVES)
    return made


@st.composite
def told(draw: st.DrawFn, item: dict[str, Any]) -> referee.Told:
    """What may be known of an item for one unit."""
    kind = item.get("kind", "rate")
    if kind == "awaited":
        return referee.Told("missing")
    state = draw(st.sampled_from(["number", "number", "number", "few", "none", "missing"]))
    if kind == "bonus":
        return referee.Told("number")
    if kind == "deduct":
        rounds = draw(st.sampled_from([None, 0, 1, 2, 3, 7])) if item.get("per") else None
        return referee.Told("number" if state == "few" else state, None, rounds, rounds)
    if state in ("none", "missing"):
        return referee.Told(state)
    d = draw(st.integers(1, 100))
    n = draw(st.integers(-5 if kind == "score" else 0, 12 * d if kind != "rate" else d))
    cases = None if kind in ("vote", "score") else d
    return referee.Told(state, n, d, cases)


@st.composite
def happened(draw: st.DrawFn, item: dict[str, Any], prefix: str) -> list[referee.Event]:
    """Events of an item at one unit, with points as a record or a rule gives them."""
    if item.get("kind") not in ("deduct", "bonus"):
        return []
    costs = draw(st.lists(st.integers(0, 1500), max_size=4))
    fine = draw(st.sampled_from([100, 10_000]))
    return [
        referee.Event(f"{prefix}-{at}", Fraction(cost, fine), draw(st.integers(0, 5)) == 0)
        for at, cost in enumerate(costs)
    ]
