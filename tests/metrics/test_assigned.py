"""Assignments as a frame: states by day, working days left, and only one's own units."""

from datetime import date, datetime

import pytest
from town import COUNTERS, HALLS, Town

from data.assignments import Assignment, Said, answer, assign, close
from data.errors import HallscoreError
from metrics.assigned import ASSIGNED, assigned, check_unit, figure_of
from metrics.catalogue import metric
from metrics.periods import parse_period
from metrics.scope import Scope

AUGUST, CITY, NORTH = parse_period("2019-08"), Scope("local", None), Scope("n", frozenset({"C1"}))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    town = Town(tmp_path_factory.mktemp("assigned") / "home", HALLS, COUNTERS)
    rows = [
        *town.rate("n-tax", {5: 45, 1: 5}, date(2019, 8, 5)),
        *town.rate("t-all", {5: 49, 2: 1}, date(2019, 8, 6)),
        *town.rate("c-tax", {5: 20}, date(2019, 8, 6)),
    ]
    later = town.rate("c-tax", {5: 1}, date(2019, 9, 20))
    town.deliver("ratings", rows, (date(2019, 8, 1), date(2019, 9, 1)))
    town.deliver("ratings", later, (date(2019, 9, 1), date(2019, 10, 1)))
    for at, (unit, due) in enumerate(
        [("C1", date(2019, 9, 27)), ("c-tax", date(2019, 9, 6)), ("", date(2019, 10, 8))]
    ):
        given = datetime(2019, 9, 2, 9, at)
        one = Assignment(0, unit, "active_good_rate", "2019-08", "x", "查", due, "王", given)
        assign(town.home, one)
    return town.home


def test_overdue_ones_come_first_and_days_are_working_days(home):
    told = assigned(home, CITY, date(2019, 9, 16))
    assert told.schema == ASSIGNED
    assert told["no"].to_list() == [2, 1, 3]
    assert told["state"].to_list() == ["overdue", "open", "open"]
    # 9–12 and 16 September are working days after the 6th; the 13th is Mid-Autumn.
    # Of October the 8th is the first working day after the holiday, 29 September is made up for.
    assert told["workdays"].to_list() == [-5, 9, 12]
    assert told["name"].to_list() == ["City City tax", "North county", ""]


def test_an_answer_and_the_closing_change_the_state(home):
    said = Said("李", "在查", datetime(2019, 9, 3, 9))
    answer(home, 1, said)
    row = assigned(home, CITY, date(2019, 9, 4)).filter(no=1).row(0, named=True)
    assert (row["state"], row["answers"], row["last"], row["last_by"]) == (
        "answered",
        1,
        "在查",
        "李",
    )
    assert assigned(home, CITY, date(2019, 9, 30)).filter(no=1)["state"].item() == "overdue"
    close(home, 2, said)
    assert assigned(home, CITY, date(2019, 9, 30))["state"].to_list()[-1] == "done"


def test_a_viewer_sees_what_concerns_the_own_units(home):
    assert assigned(home, NORTH, date(2019, 9, 4))["no"].to_list() == [1]
    with pytest.raises(HallscoreError, match="no hall or counter of yours"):
        check_unit(home, NORTH, "c-tax", date(2019, 9, 4))


def test_the_figure_is_the_value_with_n_and_d(home):
    """A county hall stands for its whole county: 94 good of 100."""
    one = metric("active_good_rate")
    assert figure_of(home, one, AUGUST, CITY, "C1") == "94.00% (94 / 100)"
    assert figure_of(home, one, AUGUST, CITY, "n-tax") == "90.00% (45 / 50)"
    assert figure_of(home, one, AUGUST, CITY, "") == "95.00% (114 / 120)"
    assert figure_of(home, metric("closed_cases"), AUGUST, CITY, "s-tax") in ("none", "missing")
