"""Movers beyond chance: what is planted is called, what chance does is not."""

from datetime import date, timedelta

import pytest
from town import COUNTERS, HALLS, Town

from metrics.beside import like
from metrics.fairness.moved import MOVED, directions, moved
from metrics.periods import parse_period
from metrics.rollup import ensure
from metrics.scope import Scope

AUGUST, CITY = parse_period("2019-08"), Scope("local", None)
KEPT = "wait_within_15_rate"


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """In August every third wait at City tax is too long, in July none was; North is as before."""
    town = Town(tmp_path_factory.mktemp("moved") / "home", HALLS, COUNTERS)
    for first, late in ((date(2019, 7, 1), 0), (date(2019, 8, 1), 20)):
        rows = []
        for at in range(5):
            day = first + timedelta(days=at)
            rows += town.queue("c-tax", [120] * (60 - late) + [1500] * late, day)
            rows += town.queue("n-tax", [120] * 57 + [1500] * 3, day)
            rows += town.queue("s-tax", [120] * 3, day)
        end = date(first.year, first.month + 1, 1)
        town.deliver("tickets", rows, (first, end))
    return ensure(town.home)


def found(state, scope=CITY, names=(KEPT, "tickets"), by="counter"):
    day = date(2019, 8, 31)
    return moved(state, AUGUST, scope, day, like(state, AUGUST, day, "previous"), names, by)


def test_the_planted_change_is_the_only_one(state):
    row = found(state).row(0, named=True)
    assert found(state).height == 1
    assert (row["id"], row["metric"], row["better"]) == ("c-tax", KEPT, False)
    assert (row["n"], row["d"], row["before_n"], row["before_d"]) == (200, 300, 300, 300)
    assert row["change"] == pytest.approx(200 / 300 - 1)
    assert row["p"] < 0.001
    # Three counters have waits in both months; a count is not tested.
    assert row["tested"] == 3


def test_halls_are_tested_as_units_of_their_own(state):
    told = found(state, by="hall")
    assert told["id"].to_list() == ["C"]


def test_a_viewer_sees_the_own_halls_only(state):
    assert found(state, Scope("north", frozenset({"C1"}))).is_empty()
    assert found(state, Scope("city", frozenset({"C"})))["id"].to_list() == ["c-tax"]


def test_without_an_earlier_period_nobody_moved(state):
    day = date(2019, 7, 31)
    july = parse_period("2019-07")
    told = moved(state, july, CITY, day, like(state, july, day, "previous"), [KEPT])
    assert told.schema == MOVED
    assert told.is_empty()


def test_units_are_counted_once_a_direction(state):
    assert directions(found(state)) == (0, 1)
    assert directions(found(state).clear()) == (0, 0)
