"""Values: numbers with n and d, states, as-of days, subtrees, attribution."""

from datetime import date, datetime

import polars as pl
import pytest
from town import Town

from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value

CITY = Scope("local", None)
AUGUST = parse_period("2019-08")
LATER = date(2019, 10, 31)


def row(frame: pl.DataFrame, one: str) -> dict[str, object]:
    """The row of a unit."""
    return frame.row(by_predicate=pl.col("id") == one, named=True)


def number(town: Town, metric: str, by: str, one: str, as_of: date | None = LATER) -> tuple[object, ...]:
    """n, d and value of one unit in August."""
    found = row(value(town.home, metric, AUGUST, by, CITY, as_of), one)
    return found["n"], found["d"], found["value"]


WE_1 = {
    "response_rate": (700, 1000, 0.70),
    "response_rate_incl_default": (820, 1000, 0.82),
    "unrated_rate": (300, 1000, 0.30),
    "unrated_rate_excl_default": (180, 1000, 0.18),
    "active_good_rate": (690, 700, 690 / 700),
    "good_rate": (810, 820, 810 / 820),
    "bad_rate": (10, 700, 10 / 700),
    "bad_rate_incl_default": (10, 820, 10 / 820),
    "active_satisfaction": (64_610, 700, 92.30),
    "satisfaction_incl_default": (71_810, 820, 71_810 / 820),
    "services": (1000, None, 1000.0),
}


def test_the_worked_example_of_the_domain_gives_all_its_numbers(town: Town) -> None:
    """D = 1000, A = 700, F = 120, U = 180: default ratings lift the good rate and lower the score."""
    day = date(2019, 8, 5)
    active = town.rate("c-tax", {5: 500, 4: 150, 3: 40, 2: 7, 1: 3}, day)
    town.deliver("ratings", active + town.rate("c-tax", {3: 120}, day, "default", lag_days=7))
    town.deliver("tickets", town.queue("c-tax", [60] * 1000, day))
    found = {metric: number(town, metric, "counter", "c-tax") for metric in WE_1}
    assert found == {metric: (n, d, pytest.approx(v)) for metric, (n, d, v) in WE_1.items()}
    assert round(WE_1["satisfaction_incl_default"][2], 2) == 87.57
