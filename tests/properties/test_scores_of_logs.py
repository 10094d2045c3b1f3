"""Random small logs and schemes, from files to lines of points: the product is the referee."""

import random
import tempfile
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics import score_events, score_inputs
from metrics.scope import scope_for
from metrics.scores import Scores, score
from tests.properties.random_logs import (
    COUNTERS,
    DAY_OF,
    LOGS,
    at_both_ends,
    logs,
    paragraph_of,
    schemes,
)
from tests.spec.paragraphs import Paragraph
from tests.spec.product import Product, home_of
from tests.spec.referee_year import FullReferee
from tests.spec.rows import rows_of


def disagreements(place: Path, asked: Paragraph) -> tuple[list[str], Scores]:
    """Where the product and the referee differ, unit by unit and line by line."""
    home = home_of(place, [("", asked)])
    product, referee = Product(home, "", asked), FullReferee(asked, LOGS)
    found = score(home, product.period, scope_for(home, None), "made", product.as_of)
    mine = {row["id"]: (row["state"], points_of(row["score_u"])) for row in found.units.to_dicts()}
    theirs = {unit: (one["state"], one["score"]) for unit, one in referee.plain_scores().items()}
    said = [
        f"{one}: {mine.get(one)} ≠ {theirs[one]}" for one in theirs if mine.get(one) != theirs[one]
    ]
    lines = sorted(product.lines()), sorted(referee.lines())
    return said + ([f"{lines[0]} ≠ {lines[1]}"] if lines[0] != lines[1] else []), found


def points_of(units: int | None) -> Fraction | None:
    return None if units is None else Fraction(units, 10_000)


def strangers(found: Scores, asked: Paragraph) -> list[str]:
    """Lines whose row is not in the log, or not of the unit and the period."""
    rows = {
        (log, next(iter(row.values()))): row
        for log, several in rows_of(asked).items()
        for row in several
    }
    said = []
    for line in found.lines.drop_nulls("row").to_dicts():
        row = rows.get((line["log"], line["row"]))
        if row is None or row["counter_id"] != line["id"]:
            said.append(f"{line} is none of the unit's")
            continue
        day = date.fromisoformat(row[DAY_OF[line["log"]]][:10])
        if not found.period.contains(day) or line["day"] != day:
            said.append(f"{line} is of {day}")
    return said


def check(case: tuple[Any, Any, str, int]) -> None:
    """All of it for one example: two homes, the second with more in it and in another order."""
    mine, elsewhere, scheme, seed = case
    asked = paragraph_of(at_both_ends(), mine, scheme=scheme)
    more = paragraph_of(at_both_ends(), mine, elsewhere, scheme=scheme)
    with tempfile.TemporaryDirectory(prefix="hallscore-") as folder:
        first, second = Path(folder) / "first", Path(folder) / "second"
        said, found = disagreements(first, asked)
        assert not said
        assert not strangers(found, asked)
        assert found.lines.drop_nulls("row").select("log", "row").is_duplicated().sum() == 0
        said, wider = disagreements(second, shuffled(more, seed))
        assert not said
        others = wider.lines.filter(pl.col("id").is_in(COUNTERS))
        assert others.equals(found.lines), "a counter elsewhere, or the order of rows"


def shuffled(asked: Paragraph, seed: int) -> Paragraph:
    """The same rows in another order in every file."""
    dice = random.Random(seed)
    tables = {
        name: replace(told, rows=tuple(dice.sample(told.rows, len(told.rows))))
        for name, told in asked.tables.items()
    }
    return replace(asked, tables=tables)


CASES = st.tuples(logs(), logs(("Z1",)), schemes(), st.integers(0, 99))


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(CASES)
def test_scores_of_random_logs_are_the_referees(case: tuple[Any, Any, str, int]) -> None:
    """Rows exist and are the unit's; no counter elsewhere and no order of rows plays a part."""
    check(case)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(CASES)
def test_scores_of_many_random_logs_are_the_referees(case: tuple[Any, Any, str, int]) -> None:
    """The same at length."""
    check(case)


UNEVEN = {
    "ratings": [
        {"rating_id": f"R{at}", "case_id": f"R{at}", "counter_id": "C2", "rated_at": day}
        | {"grade": grade, "origin": "active"}
        for at, (day, grade) in enumerate(
            [("2019-08-14 10:00:00", "2"), *[("2019-08-15 10:00:00", "5")] * 3]
        )
    ],
    "cases": [],
    "inspections": [
        {
            "inspection_id": "P",
            "hall_id": "H1",
            "started_at": "2019-08-14 10:00:00",
            "counters": "C2",
        }
    ],
    "findings": [
        {"finding_id": "F", "counter_id": "C2", "found_at": "2019-08-14 10:00:00"}
        | {"rule_code": "A1", "points": "2"}
    ],
}
PLAIN = """
small = "ranked"
missing = "spread"
[[item]]
id = "bad"
metric = "bad_rate"
weight = 60
mapping = [[0, 1], [1, 0]]
[[item]]
id = "checks"
weight = 40
kind = "deduct"
events = "findings"
rule = [{ code = "*", points = "recorded" }]
"""
kept_values, kept_events = score_inputs.exact_values, score_events.raw_events


def of_averaged_rates(*given_: Any) -> pl.DataFrame:
    """A mutant: 1/1 on one day and 0/3 on another are a mean of 1/2."""
    told = kept_values(*given_)
    mine = (pl.col("id") == "C2") & (pl.col("d") == 4)
    return told.with_columns(
        value_n=pl.when(mine).then(1).otherwise("value_n").cast(pl.Int64),
        value_d=pl.when(mine).then(2).otherwise("value_d").cast(pl.Int64),
    )


def by_two_paths(*given_: Any) -> pl.DataFrame:
    """A mutant: a finding comes as itself and by its round."""
    told = kept_events(*given_)
    return pl.concat([told, told])


@pytest.mark.parametrize(
    ("module", "name", "mutant"),
    [
        (score_inputs, "exact_values", of_averaged_rates),
        (score_events, "raw_events", by_two_paths),
    ],
)
def test_a_wrong_product_differs_from_the_referee(
    module: Any, name: str, mutant: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutants, so that the agreement above can fail."""
    asked = paragraph_of(at_both_ends(), UNEVEN, scheme=PLAIN)
    assert not disagreements(tmp_path / "right", asked)[0]
    monkeypatch.setattr(module, name, mutant)
    assert disagreements(tmp_path / "wrong", asked)[0]
