"""The public form: what few people did is not printed, nor what gives it away."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.errors import HallscoreError
from metrics.fairness.suppressed import ON_THE_TREE, public_value, public_values, withhold
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value
from tests.metrics.town import Town

LOCAL = Scope("local", None)
AUGUST = parse_period("2019-08")
HALLS: list[dict[str, Any]] = [
    {"hall_id": "C", "name": "City", "level": "city"},
    {"hall_id": "C1", "name": "North", "level": "county", "parent_id": "C"},
    {"hall_id": "C2", "name": "South", "level": "county", "parent_id": "C"},
    {"hall_id": "C3", "name": "East", "level": "county", "parent_id": "C"},
    {"hall_id": "T1", "name": "Hill", "level": "township", "parent_id": "C1"},
    {"hall_id": "T2", "name": "Dale", "level": "township", "parent_id": "C1"},
    {"hall_id": "V1", "name": "Mill", "level": "village", "parent_id": "T1"},
]
# Bad and good ratings of August.
SEEN = {
    **{"c-a": ("C", 9, 90), "c-b": ("C", 7, 80), "n-a": ("C1", 6, 60), "n-b": ("C1", 8, 70)},
    **{"s-a": ("C2", 3, 90), "s-b": ("C2", 0, 50), "s-c": ("C2", 6, 40)},
    **{"e-a": ("C3", 12, 99), "t-a": ("T1", 7, 70), "t-b": ("T2", 9, 90), "v-a": ("V1", 0, 20)},
}
COUNTERS: list[dict[str, Any]] = [
    {"counter_id": name, "name": name, "hall_id": hall} for name, (hall, _, _) in SEEN.items()
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One counter of the south has three bad ratings; everybody else none or more than four."""
    town = Town(tmp_path_factory.mktemp("public") / "home", HALLS, COUNTERS)
    day = date(2019, 8, 6)
    rows = [
        row
        for name, (_, bad, good) in SEEN.items()
        for row in town.rate(name, {1: bad, 5: good}, day)
    ]
    town.deliver("ratings", rows, (AUGUST.start, AUGUST.end))
    later = town.rate("c-a", {5: 40, 1: 9}, date(2019, 9, 20))
    town.deliver("ratings", later, (date(2019, 9, 1), date(2019, 10, 1)))
    return town.home


def states(home: Path, by: str, scope: Scope = LOCAL, metric: str = "bad_rate") -> dict[str, str]:
    found = public_value(home, metric, AUGUST, by, scope)
    return dict(found.select("id", "state").iter_rows())


def withheld(home: Path, by: str, scope: Scope = LOCAL, metric: str = "bad_rate") -> set[str]:
    return {
        name for name, state in states(home, by, scope, metric).items() if state == "suppressed"
    }


def test_a_small_count_and_the_next_smallest_are_withheld(home: Path) -> None:
    """s-a has 3 bad ones; s-c, the smallest other that has any, goes with it: 0 is printed."""
    assert withheld(home, "counter") == {"s-a", "s-c"}
    row = public_value(home, "bad_rate", AUGUST, "counter", LOCAL).row(
        by_predicate=pl.col("id") == "s-a", named=True
    )
    assert (row["n"], row["d"], row["value"], row["state"]) == (None, None, None, "suppressed")


def test_totals_of_two_withheld_counters_are_printed(home: Path) -> None:
    for by in ("hall", "township", "county", "city", "all"):
        assert withheld(home, by) == set(), by


def test_inside_everybody_sees_what_they_saw(home: Path) -> None:
    told = value(home, "bad_rate", AUGUST, "counter", LOCAL)
    assert "suppressed" not in set(told["state"])
    kept = public_value(home, "bad_rate", AUGUST, "counter", LOCAL).filter(
        pl.col("state") != "suppressed"
    )
    assert kept.rows() == told.join(kept, on="id", how="semi", maintain_order="left").rows()


def test_what_is_withheld_does_not_depend_on_who_asks(home: Path) -> None:
    south = Scope("south", frozenset(["C2"]))
    assert withheld(home, "counter", south) == {"s-a", "s-c"}
    north = Scope("north", frozenset(["C1"]))
    assert withheld(home, "counter", north) == set()


def test_a_lone_counter_takes_its_hall_along(tmp_path: Path) -> None:
    """Hall T1 has one counter: the hall's number would be the counter's."""
    town = Town(tmp_path / "home", HALLS, COUNTERS)
    rows = [
        row
        for name, (_, bad, good) in SEEN.items()
        for row in town.rate(name, {1: {"t-a": 2, "s-a": 8}.get(name, bad), 5: good}, AUGUST.start)
    ]
    town.deliver("ratings", rows, (AUGUST.start, AUGUST.end))
    later = town.rate("c-a", {5: 40, 1: 9}, date(2019, 9, 20))
    town.deliver("ratings", later, (date(2019, 9, 1), date(2019, 10, 1)))
    hidden = {by: withheld(town.home, by) for by in ON_THE_TREE}
    assert "t-a" in hidden["counter"]
    assert "T1" in hidden["hall"]
    assert "T1" in hidden["township"]  # its village has no bad rating: 2 + 0
    assert hidden["county"] == hidden["city"] == set()


def test_the_base_of_a_mean_and_of_a_count_counts_people(home: Path) -> None:
    assert withheld(home, "counter", metric="active_satisfaction") == set()
    assert withheld(home, "counter", metric="served") == set()


def test_metrics_beside_each_other_withhold_the_same_units(home: Path) -> None:
    """Ratings less good ones are bad ones: what is withheld of one is withheld of all."""
    names = ["served", "active_satisfaction", "bad_rate"]
    told = public_values(home, names, AUGUST, "counter", LOCAL)
    assert list(told) == names
    for frame in told.values():
        hidden = frame.filter(pl.col("state") == "suppressed")
        assert set(hidden["id"]) == {"s-a", "s-c"}
        assert hidden.select("n", "d", "value").null_count().row(0) == (2, 2, 2)
        assert frame.filter(pl.col("id") == "n-a")["state"].to_list() != ["suppressed"]


def test_by_department_there_is_no_public_form(home: Path) -> None:
    """Departments lie across the halls: their sums would give withheld counters away."""
    with pytest.raises(HallscoreError, match="hall tree"):
        public_value(home, "bad_rate", AUGUST, "department", LOCAL)
    with pytest.raises(HallscoreError, match="other sums would give it away"):
        public_value(home, "bad_rate", AUGUST, "all", Scope("north", frozenset(["C1", "T2"])))


def test_a_breakdown_by_grade_is_withheld_with_its_complement() -> None:
    grades = pl.DataFrame(
        {
            "node": ["all", "5", "4", "3", "2", "1"],
            "parent": [None, "all", "all", "all", "all", "all"],
            "n": [120, 96, 14, 6, 0, 4],
        }
    )
    told = withhold(grades).filter("suppressed")
    assert told["node"].to_list() == ["3", "1"]
