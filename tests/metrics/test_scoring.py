"""Scores: lines of points that add up to the printed score, weight that is not observed."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from metrics.points import UNIT
from metrics.scheme_files import scheme
from metrics.scheme_model import Scheme
from metrics.scoring import EVENTS, VALUES, ItemInput, Scored, score_units

FIRST = scheme("first")
ITEMS = [item.id for item in FIRST.items]
BEST = {"points_per_round": (0, 100), "abandonment_rate": (0, 100)}
Told = tuple[int | None, int | None, str]  # n, d, state
NONE: Told = (None, 0, "none")
MISSING: Told = (None, None, "missing")


def values_of(told: Mapping[str, Told]) -> pl.DataFrame:
    rows = [
        {"id": unit, "state": state, "n": n, "d": d, "value_n": n, "value_d": d}
        for unit, (n, d, state) in told.items()
    ]
    return pl.DataFrame(rows, schema=VALUES)


def first(*units: dict[str, Told]) -> Scored:
    """Scores of units given as item -> (n, d, state); an item left out has its best value."""
    names = [f"u{place}" for place in range(len(units))]
    inputs = {
        item: ItemInput(
            values_of(
                {
                    name: unit.get(item, (*BEST.get(item, (100, 100)), "number"))
                    for name, unit in zip(names, units, strict=True)
                }
            )
        )
        for item in ITEMS
    }
    return score_units(names, inputs, FIRST)


def none_but(*names: str) -> dict[str, Told]:
    """A unit without business in all items but these."""
    return {name: NONE for name in ITEMS if name not in names}


def points(found: Scored) -> list[float | None]:
    return [None if one is None else one / UNIT for one in found.totals["score_u"]]


def points_of(found: Scored, item: str) -> list[float]:
    mine = found.parts.filter(pl.col("item") == item)
    return [one / UNIT for one in mine["points_u"]]


def made(*items: dict[str, Any], **changes: Any) -> Scheme:
    """A scheme of so many items; what is left out is as in most of these tests."""
    plain: dict[str, Any] = {
        "id": "made",
        "label": {"zh": "试", "en": "Made"},
        "version": "1",
        "valid_from": date(2019, 1, 1),
        "publish": "official",
        "floor": "none",
        "item": list(items),
    }
    return Scheme.model_validate(plain | changes)


def rate(weight: float, **changes: Any) -> dict[str, Any]:
    return {
        "metric": "on_time_rate",
        "weight": weight,
        "mapping": [[0, 0], [1, 1]],
        **changes,
    }


def deduct(weight: float = 0, **changes: Any) -> dict[str, Any]:
    rules = [{"code": "*", "points": "recorded"}]
    return {
        "id": "checks",
        "kind": "deduct",
        "events": "findings",
        "weight": weight,
        "rule": rules,
        **changes,
    }


BONUS = {"id": "plus", "kind": "bonus", "rule": [{"code": "*", "points": "recorded"}]}


def events_of(*events: tuple[str, float] | tuple[str, float, str | None]) -> pl.DataFrame:
    """Events as (unit, points) or (unit, points, exemption)."""
    rows = [
        {
            "id": unit,
            "log": "findings",
            "row": f"F{place}",
            "day": date(2019, 8, 1),
            "rule": "A1",
            "points_u": round(cost * UNIT),
            "exempt": rest[0] if rest else None,
        }
        for place, (unit, cost, *rest) in enumerate(events)
    ]
    return pl.DataFrame(rows, schema=EVENTS)


def scored(chosen: Scheme, **inputs: tuple[Mapping[str, Told], Any]) -> Scored:
    """Scores of the units u and v by a scheme, from values and events of its items."""
    found = {
        item: ItemInput(values_of(told), None if events is None else events_of(*events))
        for item, (told, events) in inputs.items()
    }
    return score_units(["u", "v"], found, chosen)


def lines_of(found: Scored, unit: str) -> list[tuple[str, str, float]]:
    mine = found.lines.filter(pl.col("id") == unit)
    return [(row["item"], row["line"], row["points_u"] / UNIT) for row in mine.to_dicts()]


REPORTED: dict[str, Told] = {"u": (None, 1, "number"), "v": (None, 1, "number")}


def test_full_points_in_every_item_are_a_score_of_100() -> None:
    """Also when the weight of some items went to the others."""
    found = first({}, {"on_time_rate": NONE}, none_but("on_time_rate", "active_good_rate"))
    assert points(found) == [100, 100, 100]
    assert found.totals["observed"].to_list() == [1.0, 0.75, 0.5]
    assert found.totals["state"].to_list() == ["number"] * 3


def test_points_follow_straight_lines_between_the_pairs_of_the_mapping() -> None:
    """0.975 of good ratings is half way from 60 % to 100 % of 25 points; beyond the ends level."""
    found = first(
        {"active_good_rate": (39, 40, "number")},
        {"active_good_rate": (20, 40, "number")},
        {"points_per_round": (360, 40, "number")},
    )
    assert points_of(found, "active_good_rate") == [20, 0, 25]
    assert points_of(found, "points_per_round") == [15, 15, 0]
    assert points(found) == [95, 75, 85]


def test_half_a_hundredth_rounds_up_however_binary_writes_it() -> None:
    """10 points × 0.00125 / 0.3 × 0.6 = 0.025 points, which no float holds."""
    assert points_of(first({"response_rate": (1, 800, "number")}), "response_rate") == [0.03]


def test_weights_that_are_spread_stay_in_whole_hundredths() -> None:
    """Three equal weights are 33.34, 33.33 and 33.33; the printed weights add up to 100."""
    names = ("on_time_rate", "good_rate", "response_rate")
    thirds = [rate(one, metric=name) for one, name in zip((25, 25, 25), names, strict=True)]
    chosen = made(*thirds, rate(25, metric="bad_rate"))
    whole: Mapping[str, Told] = {"u": (1, 1, "number"), "v": (1, 1, "number")}
    idle: Mapping[str, Told] = {"u": (None, 0, "none"), "v": (1, 1, "number")}
    inputs = {name: (whole, None) for name in names} | {"bad_rate": (idle, None)}
    found = scored(chosen, **inputs)
    weights = found.parts.filter(pl.col("id") == "u")["weight_u"].drop_nulls()
    assert sorted(weights, reverse=True) == [333_400, 333_300, 333_300]
    assert points(found) == [100, 100]


def test_who_is_not_ranked_has_a_state_and_no_score() -> None:
    """Too little observed, too small a base, no business at all, nothing reported."""
    found = first(
        {name: (29, 29, "few") for name in ITEMS},
        none_but("on_time_rate", "points_per_round"),
        none_but(),
        dict.fromkeys(ITEMS, MISSING),
        {name: (29, 29, "number") for name in ITEMS},
    )
    assert found.totals["state"].to_list() == ["few", "few", "none", "missing", "few"]
    assert found.totals["score_u"].null_count() == 5
    assert found.totals["n"].to_list() == [29, 100, 0, 0, 29]


def test_a_log_that_nobody_delivered_does_not_count_against_the_observed_share() -> None:
    """A home with cases only is scored on its cases."""
    only = {name: MISSING for name in ITEMS if name != "on_time_rate"}
    found = first(only | {"on_time_rate": (38, 40, "number")})
    assert found.totals.row(0) == ("u0", 600_000, 1.0, 40, "number")


@pytest.mark.parametrize(
    ("policy", "state", "score"),
    [
        ({"none": "spread"}, "none", 80),
        ({"none": "full"}, "none", 90),
        ({"none": "zero"}, "none", 40),
        ({"missing": "spread"}, "missing", 80),
        ({"missing": "zero"}, "missing", 40),
        ({"missing": "withhold"}, "missing", None),
    ],
)
@pytest.mark.parametrize("lacking", ["rate", "checks"])
def test_an_item_without_a_value_is_what_the_scheme_says(
    policy: dict[str, Any], state: str, score: float | None, lacking: str
) -> None:
    """80 % of one half, and another half without a value: of a rate, or of deductions."""
    told: Mapping[str, Told] = {"u": (8, 10, "number"), "v": (8, 10, "number")}
    absent: Mapping[str, Told] = {"u": (None, None, state), "v": (None, None, state)}
    silent = deduct(50) if lacking == "checks" else rate(50, id="other")
    found = scored(
        made(rate(50), silent, **policy),
        on_time_rate=(told, None),
        **{str(silent["id"]): (absent, () if lacking == "checks" else None)},
    )
    assert points(found) == [score, score]


def test_deductions_take_from_their_item_and_stop_at_its_floor() -> None:
    """扣完为止: what the item has not got, it cannot lose; the line says how much was let off."""
    told: Mapping[str, Told] = {"u": (1, 1, "number"), "v": (1, 1, "number")}
    chosen = made(rate(70), deduct(30), floor="item")
    inputs = {
        "on_time_rate": (told, None),
        "checks": (REPORTED, (("u", 20), ("u", 15), ("v", 7))),
    }
    found = scored(chosen, **inputs)
    assert points(found) == [70, 93]
    assert ("checks", "floor", 5.0) in lines_of(found, "u")


@pytest.mark.parametrize(("floor", "score"), [("none", -27.0), ("total", 0.0), ("item", -27.0)])
def test_a_base_is_held_by_a_floor_of_the_total_only(floor: str, score: float) -> None:
    found = scored(
        made(deduct(), BONUS, base=100, bonus_cap=5, floor=floor),
        checks=(REPORTED, (("u", 130),)),
        plus=(REPORTED, (("u", 3),)),
    )
    assert points(found) == [score, 100]


def test_caps_hold_an_item_all_bonuses_and_the_whole() -> None:
    """An item takes 10 at most; bonuses give 5 at most; nobody has more than 104."""
    found = scored(
        made(deduct(cap=10), BONUS, base=100, bonus_cap=5, max=104),
        checks=(REPORTED, (("u", 8), ("u", 7))),
        plus=(REPORTED, (("u", 4), ("u", 3), ("v", 9))),
    )
    assert points(found) == [95, 104]
    assert [one for one in lines_of(found, "u") if one[1] == "cap"] == [
        ("checks", "cap", 5.0),
        ("", "cap", -2.0),
    ]
    assert lines_of(found, "v")[-1] == ("", "max", -1.0)


def test_per_round_the_same_faults_cost_the_same_however_often_one_is_inspected() -> None:
    """Twenty rounds with one fault each, and two with one each: alike per round, not per event."""
    faults = [("u", 1.0)] * 20 + [("v", 1.0)] * 2
    rounds: Mapping[str, Told] = {"u": (None, 20, "number"), "v": (None, 2, "number")}
    per_round = scored(
        made(deduct(per="round", rounds=4), base=100), checks=(rounds, tuple(faults))
    )
    per_event = scored(made(deduct(), base=100), checks=(rounds, tuple(faults)))
    assert points(per_round) == [96, 96]
    assert points(per_event) == [80, 98]


def test_what_is_divided_by_rounds_is_rounded_once() -> None:
    """100 points over 20,001 rounds are 0.0049997: by way of 0.0050 they would become 0.01."""
    rounds: Mapping[str, Told] = {"u": (None, 20_001, "number"), "v": (None, 20_000, "number")}
    found = scored(
        made(deduct(per="round"), base=100), checks=(rounds, (("u", 100.0), ("v", 100.0)))
    )
    # v: exactly half a hundredth; what is left of zero is −0.005, away from zero −0.01.
    assert points(found) == [100.0, 99.99]


def test_no_round_of_inspection_is_missing_and_not_full_marks() -> None:
    """With a finding too, where points are divided by rounds: there is nothing to divide by."""
    none: Mapping[str, Told] = {"u": (None, 0, "number"), "v": (None, None, "missing")}
    chosen = made(deduct(per="round"), BONUS, base=100, missing="spread")
    found = scored(chosen, checks=(none, (("u", 3.0),)), plus=(REPORTED, ()))
    assert found.totals["state"].to_list() == ["missing", "missing"]


def test_a_finding_counts_also_where_its_round_was_not_recorded() -> None:
    """A fact is a report: the weight of the item does not go to the others."""
    told: Mapping[str, Told] = {"u": (1, 1, "number"), "v": (1, 1, "number")}
    silent: Mapping[str, Told] = {"u": MISSING, "v": MISSING}
    chosen = made(rate(70), deduct(30), missing="spread")
    found = scored(chosen, on_time_rate=(told, None), checks=(silent, (("u", 3.0),)))
    assert points(found) == [97, 100]
    assert found.totals["observed"].to_list() == [1, 1]


def test_what_is_exempt_is_listed_and_costs_nothing() -> None:
    found = scored(
        made(deduct(), base=100),
        checks=(REPORTED, (("u", 3.0, "E1"), ("u", 2.0), ("v", 3.0))),
    )
    assert points(found) == [98, 97]
    assert ("checks", "exempt", 0.0) in lines_of(found, "u")
    assert found.lines.filter(pl.col("line") == "exempt")["exempt"].to_list() == ["E1"]


def test_where_only_the_total_is_rounded_a_line_carries_the_rest() -> None:
    """Two items of 1/3 and one rest: 66.6667 to 67, not 33 + 33."""
    chosen = made(rate(50), rate(50, id="other"), decimals=0, rounding="total")
    third: Mapping[str, Told] = {"u": (2, 3, "number"), "v": (1, 3, "number")}
    found = scored(chosen, on_time_rate=(third, None), other=(third, None))
    assert points(found) == [67, 33]
    assert lines_of(found, "u") == [
        ("on_time_rate", "value", 33.3333),
        ("other", "value", 33.3333),
        ("", "rounding", 0.3334),
    ]


def test_a_negative_half_rounds_away_from_zero_too() -> None:
    found = scored(
        made(deduct(), base=1, full=1, decimals=1), checks=(REPORTED, (("u", 1.25), ("v", 1.05)))
    )
    assert points(found) == [-0.3, -0.1]


def test_events_hit_another_entity_by_a_ratio() -> None:
    """窗口扣 15，首席代表扣 7.5; a unit of a third is rounded once per event."""
    whole = ItemInput(values_of(REPORTED), events_of(("u", 15.0), ("v", 0.0001)))
    half = whole.scaled(Fraction(1, 2))
    assert half.events is not None
    assert half.events["points_u"].to_list() == [75_000, 1]
    third = whole.scaled(Fraction(1, 3))
    assert third.events is not None
    assert third.events["points_u"].to_list() == [50_000, 0]


def test_a_score_of_another_scheme_is_no_base_of_cases() -> None:
    """96.00 points are not 960,000 cases: a small counter stays small."""
    other = {"id": "other", "kind": "score", "scheme": "first", "weight": 50}
    told: Mapping[str, Told] = {"u": (20, 20, "number"), "v": (40, 40, "number")}
    scores: Mapping[str, Told] = {
        "u": (960_000, 1_000_000, "number"),
        "v": (960_000, 1_000_000, "number"),
    }
    found = scored(made(rate(50), other, min_n=30), on_time_rate=(told, None), other=(scores, None))
    assert found.totals["n"].to_list() == [20, 40]
    assert found.totals["state"].to_list() == ["few", "number"]
