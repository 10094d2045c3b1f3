"""Scores by random schemes: the engine is the referee to the last unit, and adds up."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import scoring
from metrics.points import UNIT
from metrics.scheme_model import Scheme
from metrics.scoring import EVENTS, VALUES, ItemInput, Scored, score_units
from tests import score_referee as referee
from tests.properties import schemes

DAY = date(2019, 8, 1)
Unit = tuple[dict[str, referee.Told], dict[str, list[referee.Event]]]


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Unit]]:
    """A scheme, and what is known of some units."""
    made = draw(schemes.schemes())
    units = {}
    for unit in ("u", "v", "w")[: draw(st.integers(1, 3))]:
        items = {referee.name_of(item): item for item in made["item"]}
        told = {name: draw(schemes.told(item)) for name, item in items.items()}
        rows = {
            name: draw(schemes.happened(item, f"{unit}-{name}")) for name, item in items.items()
        }
        units[unit] = (told, rows)
    return made, units


def values_of(name: str, units: dict[str, Unit]) -> pl.DataFrame:
    rows = []
    for unit, (told, _) in units.items():
        one = told[name]
        # As printed, n and d stand for the base; what has none prints neither.
        shown = {"id": unit, "state": one.state, "n": None, "d": one.base}
        rows.append(shown | {"value_n": one.n, "value_d": one.d})
    return pl.DataFrame(rows, schema=VALUES)


def events_of(name: str, units: dict[str, Unit]) -> pl.DataFrame:
    rows = [
        {
            "id": unit,
            "log": "log",
            "row": event.row,
            "day": DAY,
            "rule": name,
            "points_u": int(event.points * UNIT),
            "exempt": "E1" if event.exempt else None,
        }
        for unit, (_, events) in units.items()
        for event in events[name]
    ]
    return pl.DataFrame(rows, schema=EVENTS)


def scored(
    made: dict[str, Any],
    units: dict[str, Unit],
    order: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame,
) -> Scored:
    inputs = {}
    for item in made["item"]:
        name = referee.name_of(item)
        events = order(events_of(name, units)) if referee.is_event(item) else None
        inputs[name] = ItemInput(order(values_of(name, units)), events)
    return score_units(list(units), inputs, Scheme.model_validate(made))


def lines_of(frame: pl.DataFrame, unit: str) -> list[tuple[str, str, Fraction, str | None]]:
    rows = frame.filter(pl.col("id") == unit).to_dicts()
    return [(row["item"], row["line"], Fraction(row["points_u"], UNIT), row["row"]) for row in rows]


def differences(made: dict[str, Any], units: dict[str, Unit]) -> list[str]:
    """Where the engine and the referee disagree, unit by unit and line by line."""
    found = scored(made, units)
    totals = {row["id"]: row for row in found.totals.to_dicts()}
    said = []
    for unit, (told, events) in units.items():
        verdict = referee.judge(made, told, events)
        score = totals[unit]["score_u"]
        mine = (totals[unit]["state"], None if score is None else Fraction(score, UNIT))
        if mine != (verdict.state, verdict.score):
            said.append(f"{unit}: {mine}, referee {(verdict.state, verdict.score)}")
        parts = found.parts.filter(pl.col("id") == unit, pl.col("points_u").is_not_null())
        by_item = {row["item"]: Fraction(row["points_u"], UNIT) for row in parts.to_dicts()}
        if by_item != {name: cost for name, cost in verdict.by_item().items() if name}:
            said.append(f"{unit}: {by_item}, referee {verdict.by_item()}")
        lines = sorted(lines_of(found.lines, unit), key=repr)
        if lines != sorted(verdict.lines, key=repr):
            said.append(f"{unit}: {lines}, referee {sorted(verdict.lines, key=repr)}")
    return said


@settings(max_examples=60, deadline=None)
@given(cases())
def test_the_engine_is_the_referee_to_the_last_unit(case: tuple[Any, dict[str, Unit]]) -> None:
    """State, score, and every line with its points and its row."""
    assert not differences(*case)


@settings(max_examples=25, deadline=None)
@given(cases())
def test_the_lines_add_up_to_the_printed_score(case: tuple[Any, dict[str, Unit]]) -> None:
    """And the score has the decimals of the scheme."""
    made, units = case
    found = scored(made, units)
    step = UNIT // 10 ** made["decimals"]
    sums = dict(found.lines.group_by("id").agg(pl.col("points_u").sum()).iter_rows())
    for row in found.totals.filter(pl.col("state") == "number").to_dicts():
        assert row["score_u"] == sums.get(row["id"], 0)
        assert row["score_u"] % step == 0
    told = found.parts.filter(pl.col("points_u") != 0)
    base = found.lines.filter(pl.col("item") != "").group_by("id", "item")
    by_item = base.agg(pl.col("points_u").sum()).filter(pl.col("points_u") != 0)
    assert (
        told.select("id", "item", "points_u").sort("id", "item").equals(by_item.sort("id", "item"))
    )


@settings(max_examples=25, deadline=None)
@given(cases())
def test_every_row_of_evidence_comes_out_exactly_once(case: tuple[Any, dict[str, Unit]]) -> None:
    """Of the items that a unit is scored on; a row never stands in two lines."""
    made, units = case
    found = scored(made, units)
    rows = found.lines.drop_nulls("row")
    assert rows["row"].is_duplicated().sum() == 0
    counted = found.parts.filter(pl.col("state") == "number").select("id", "item")
    for unit, item in counted.iter_rows():
        given_rows = {one.row for one in units[unit][1][item]}
        mine = rows.filter(pl.col("id") == unit, pl.col("item") == item)
        assert set(mine["row"]) == given_rows


@settings(max_examples=20, deadline=None)
@given(cases())
def test_another_unit_and_the_order_of_rows_change_nothing(
    case: tuple[Any, dict[str, Unit]],
) -> None:
    """Nobody's score rests on somebody else's, nor on how rows were stored."""
    made, units = case
    whole = scored(made, units)
    turned = scored(made, units, lambda frame: frame.reverse())
    assert turned.totals.equals(whole.totals)
    assert turned.lines.equals(whole.lines)
    assert turned.parts.equals(whole.parts)
    alone = scored(made, {"u": units["u"]})
    for name in ("totals", "lines", "parts"):
        mine = getattr(whole, name).filter(pl.col("id") == "u")
        assert mine.equals(getattr(alone, name)), name


def one_unit(item: dict[str, Any], told: referee.Told, rows: list[referee.Event]) -> Any:
    """A scheme of one item and one unit, as a mutant meets them."""
    made = {
        "id": "made",
        "label": {"zh": "单项", "en": "One item"},
        "version": "1",
        "valid_from": "2019-01-01",
        "publish": "official",
        "full": 10,
        "item": [item],
    }
    return made, {"u": ({"one": told}, {"one": rows})}


RATE = {"id": "one", "metric": "response_rate", "weight": 10, "mapping": [[0, 0], [1, 1]]}
CHECKS = {
    "id": "one",
    "kind": "deduct",
    "events": "findings",
    "weight": 10,
    "rule": [{"code": "*", "points": "recorded"}],
}
HALF = one_unit(RATE, referee.Told("number", 1, 400, 400), [])  # 10 × 0.0025 = 0.025
FAULTS = one_unit(CHECKS, referee.Told("number"), [referee.Event("F1", Fraction(2))])
PER_ROUND = one_unit(
    CHECKS | {"per": "round"},
    referee.Told("number", None, 20_001, 20_001),
    [referee.Event("F1", Fraction(100))],
)


def by_floats(n: Any, d: Any, mapping: Any, weight: Any, step: int) -> pl.Expr:
    """A mutant: binary floats, and a rounding of the half to the even."""
    share = (n / d) * float(mapping[-1][1])
    return (weight * share / step).round(0, mode="half_to_even").cast(pl.Int64) * step


def counted_twice(rows: pl.DataFrame, item: str, line: str, points: pl.Expr) -> pl.DataFrame:
    """A mutant: each event comes by two paths."""
    found = kept_line_frame(rows, item, line, points)
    return pl.concat([found, found]) if line == "event" else found


def by_quotient(counting: pl.DataFrame, known: pl.DataFrame, item: Any, step: int) -> Any:
    """A mutant: the points of a round are rounded, and what they leave is rounded again."""
    return kept_per_round(counting, known, item, 1)


kept_line_frame, kept_per_round = scoring.line_frame, scoring._per_round


@pytest.mark.parametrize(
    ("name", "mutant", "case"),
    [
        ("mapped", by_floats, HALF),
        ("line_frame", counted_twice, FAULTS),
        ("_per_round", by_quotient, PER_ROUND),
    ],
)
def test_a_wrong_engine_differs_from_the_referee(
    name: str, mutant: Callable[..., Any], case: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutants, so that the agreement above can fail."""
    assert not differences(*case)
    monkeypatch.setattr(scoring, name, mutant)
    assert differences(*case)
