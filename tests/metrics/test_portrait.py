"""Portraits of units: the tree, the search, the course, the steps of a score, ledger and rows."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from town import COUNTERS, HALLS, Town

from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.explain import Explanation, explain
from metrics.fairness.ranking import fair_ranking
from metrics.periods import parse_period
from metrics.portrait.course import by_day, course, month_days
from metrics.portrait.ledger import ledger
from metrics.portrait.nodes import (
    address,
    children,
    counters_of,
    department_scope,
    node_of,
    nodes,
    path,
    placed,
    siblings,
    top,
)
from metrics.portrait.peers import peers
from metrics.portrait.rows import behind, raw_rows
from metrics.portrait.search import find
from metrics.portrait.waterfall import lost, moved
from metrics.rollup import refresh
from metrics.scope import PERSONS, Scope
from metrics.scores import score
from metrics.values import value_of

OCTOBER = parse_period("2019-10")
CITY, NORTH = Scope("local", None, frozenset([PERSONS])), Scope("north", frozenset(["C1"]))
# A made-up id with the form of a citizen's: the check digit is right (GB 11643).
CITIZEN = "11010519491231002" + "X"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """September and October 2019; 12 October is a Saturday on which offices work."""
    halls = [*HALLS, {"hall_id": "C1T2", "name": "天元镇", "level": "township", "parent_id": "C1"}]
    counters = [*COUNTERS, {"counter_id": "t2", "name": "综合窗口", "hall_id": "C1T2"}]
    town = Town(tmp_path_factory.mktemp("portrait") / "home", halls, counters)
    ratings, tickets = [], []
    for day, good in ((date(2019, 9, 10), 40), (date(2019, 10, 8), 30), (date(2019, 10, 12), 10)):
        for one in ("c-tax", "n-tax", "t-all", "t2"):
            bad = 4 if one == "n-tax" and day.month == 10 else 0
            ratings += town.rate(one, {5: good - bad, 1: bad}, day)
            tickets += town.queue(one, [60] * good, day)
    tickets[0]["ticket_id"] = f"t-{CITIZEN}"
    later = town.queue("c-tax", [60], date(2019, 11, 20))
    town.deliver("ratings", ratings)
    town.deliver("tickets", [*tickets, *later])
    rounds = [
        {
            "inspection_id": "p1",
            "hall_id": "C1",
            "started_at": "2019-10-09 10:00:00",
            "counters": "all",
            "findings_n": 1,
        }
    ]
    finding = {
        "finding_id": "f1",
        "inspection_id": "p1",
        "counter_id": "n-tax",
        "found_at": "2019-10-09 10:05:00",
        "rule_code": "badge",
        "points": 0.5,
        "staff_id": "s-77",
    }
    town.deliver("inspections", rounds)
    town.deliver("findings", [finding])
    return town.home


@pytest.fixture(scope="module")
def state(home: Path) -> CubeState:
    return refresh(home)


@pytest.fixture(scope="module")
def listed(state: CubeState) -> pl.DataFrame:
    return nodes(state, OCTOBER, CITY)


@pytest.fixture(scope="module")
def told(home: Path, state: CubeState) -> Explanation:
    now, before = (score(home, one, CITY) for one in (OCTOBER, OCTOBER.previous()))
    return explain(state, now, "n-tax", CITY, before)


def names(way) -> list[str]:
    return [one.name for one in way]


def test_the_way_leads_from_the_city_down_to_the_counter(listed):
    node = node_of(listed, "v-all")
    way = ["City", "North county", "Hill township", "Mill village", "Mill general"]
    assert names(path(listed, node)) == way
    assert [one.by for one in path(listed, node)] == [
        "city",
        "county",
        "township",
        "hall",
        "counter",
    ]
    assert names(path(listed, node_of(listed, "TAX"))) == ["City", "Tax"]


def test_below_a_node_are_its_halls_and_its_own_counters_and_beside_it_its_like(listed):
    assert children(listed, top(listed))["id"].to_list() == ["C1", "C2", "c-all", "c-tax"]
    county = node_of(listed, "C1")
    assert children(listed, county)["id"].to_list() == ["C1T1", "C1T2", "n-tax"]
    assert siblings(listed, county)["id"].to_list() == ["C1", "C2"]
    assert siblings(listed, node_of(listed, "C1T1"))["id"].to_list() == ["C1T1", "C1T2"]
    assert children(listed, node_of(listed, "n-tax")).is_empty()


def test_a_department_has_its_counters_in_all_halls(state, listed):
    found = counters_of(state, listed, "TAX", OCTOBER, CITY)
    assert found["id"].to_list() == ["c-tax", "n-tax", "s-tax"]
    assert counters_of(state, nodes(state, OCTOBER, NORTH), "TAX", OCTOBER, NORTH)[
        "id"
    ].to_list() == ["n-tax"]


def test_the_departments_of_a_county_are_counted_in_it_alone(state, listed):
    here = department_scope(node_of(listed, "C1"), CITY)
    told = value_of(state, metric("tickets"), OCTOBER, "department", here)
    assert told.filter(pl.col("id") == "TAX")["n"].to_list() == [40]
    whole = value_of(state, metric("tickets"), OCTOBER, "department", CITY)
    assert whole.filter(pl.col("id") == "TAX")["n"].to_list() == [80]


def test_a_viewer_begins_with_the_own_county_and_sees_nothing_else(state):
    mine = nodes(state, OCTOBER, NORTH)
    assert top(mine).id == "C1"
    assert set(mine["id"]) >= {"C1", "C1T1", "n-tax", "TAX"}
    for other in ("C", "C2", "c-tax", "s-tax"):
        assert node_of(mine, other) is None
    assert find(state, OCTOBER, NORTH, "tax")["id"].to_list() == ["TAX", "n-tax"]


def test_several_roots_stand_below_all_together(state):
    both = Scope("two", frozenset(["C1", "C2"]))
    mine = nodes(state, OCTOBER, both)
    assert top(mine).kind == "all"
    assert children(mine, top(mine))["id"].to_list() == ["C1", "C2"]
    assert [one.kind for one in path(mine, node_of(mine, "s-tax"))] == ["all", "county", "counter"]


def test_two_kinds_that_share_an_id_are_told_apart_in_the_address(listed):
    twin = listed.filter(pl.col("id") == "TAX").with_columns(id=pl.lit("C1"))
    both = pl.concat([listed, twin])
    node = node_of(both, "department:C1")
    assert (node.kind, address(both, node)) == ("department", "department:C1")
    assert address(both, node_of(both, "C1")) == "C1"


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("hill", "C1T1"),
        ("tyz", "C1T2"),  # 天元镇 by initials
        ("tianyuan", "C1T2"),  # by its full pinyin
        ("天元 zhck", "t2"),  # hall in characters, counter by initials
        ("V-ALL", "v-all"),  # by id, whatever the case
    ],
)
def test_a_unit_is_found_by_name_by_initials_by_pinyin_and_by_hall(state, query, first):
    assert find(state, OCTOBER, CITY, query)["id"].to_list()[0] == first


def test_every_word_must_fit_and_the_hits_are_counted(state):
    assert find(state, OCTOBER, CITY, "tax hill").is_empty()
    assert find(state, OCTOBER, CITY, "  ").is_empty()
    found = find(state, OCTOBER, CITY, "general", most=1)
    assert (found.height, found["hits"].to_list()) == (1, [3])


def test_places_go_by_value_and_few_or_none_have_no_place(state):
    values = pl.DataFrame(
        {
            "id": ["a", "b", "c", "d", "e"],
            "value": [0.9, 0.8, 0.9, 1.0, None],
            "state": ["number", "number", "number", "few", "none"],
        }
    )
    good = placed(values, metric("active_good_rate"))
    assert good.select("id", "place").rows() == [
        ("a", 1),
        ("c", 1),
        ("b", 3),
        ("d", None),
        ("e", None),
    ]
    assert placed(values, metric("bad_rate"))["id"].to_list()[0] == "b"


def test_the_course_is_the_value_of_each_period_with_wilsons_interval(state):
    one = metric("active_good_rate")
    rows = course(state, one, "counter", "n-tax", OCTOBER, "month", CITY)
    assert rows["period"].to_list() == ["2019-09", "2019-10"]
    assert rows.select("n", "d").rows() == [(40, 40), (32, 40)]
    # Wilson 1927 by hand for 32 of 40: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)
    z, n, p = 1.959963984540054, 40, 0.8
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    expected = [(p + z * z / (2 * n) + side * half) / (1 + z * z / n) for side in (-1, 1)]
    assert rows.select("low", "high").row(1) == pytest.approx(expected, abs=1e-12)
    counts = course(state, metric("tickets"), "counter", "n-tax", OCTOBER, "week", CITY)
    assert counts["n"].sum() == 80
    assert counts["low"].count() == 0
    assert counts["period"].to_list()[-1] == "2019-W44"


def test_the_weeks_of_ratings_are_told_once_they_are_mature(state):
    """At its own end no week of ratings is mature; at the end of the month all but the last are."""
    rows = course(state, metric("bad_rate"), "counter", "n-tax", OCTOBER, "week", CITY)
    told = {row["period"]: (row["n"], row["d"]) for row in rows.iter_rows(named=True)}
    assert told["2019-W41"] == (8, 40)


def test_a_course_never_knows_more_than_the_month_that_is_asked_for(state):
    rows = course(state, metric("tickets"), "counter", "c-tax", OCTOBER, "month", CITY)
    assert rows["period"].to_list()[-1] == "2019-10"


def test_the_days_of_a_month_add_up_to_it_and_tell_make_up_days(state):
    for name in ("tickets", "active_good_rate"):
        one = metric(name)
        days = month_days(state, one, "counter", "n-tax", OCTOBER, CITY)
        whole = value_of(state, one, OCTOBER, "counter", CITY).filter(pl.col("id") == "n-tax")
        assert days.height == 31
        assert days["n"].sum() == whole["n"].item()
        assert days["d"].sum() == (whole["d"].item() or 0)
    rows = {row["day"].day: row for row in days.iter_rows(named=True)}
    assert (rows[1]["workday"], rows[1]["holiday"], rows[1]["state"]) == (False, True, "none")
    assert (rows[12]["weekday"], rows[12]["workday"], rows[12]["d"]) == (6, True, 10)
    assert (rows[12]["week"], rows[14]["week"], rows[14]["weekday"]) == (1, 2, 1)
    assert rows[31]["state"] == "ahead"  # ratings ripen in seven days
    assert not by_day(metric("wait_p90"), "counter")
    assert not by_day(metric("on_time_rate"), "department")


def test_a_log_that_never_came_is_missing_on_every_day(state):
    days = month_days(state, metric("closed_cases"), "counter", "n-tax", OCTOBER, CITY)
    assert set(days["state"]) == {"missing"}
    assert days["n"].count() == 0


def test_the_steps_lead_from_full_points_to_the_score_and_from_last_month_to_this(told):
    steps = lost(told, "en")
    assert steps.row(0, named=True)["to_u"] == 1_000_000
    assert steps["to_u"][-1] == told.score_u
    assert steps["change_u"][1:-1].sum() == told.score_u - 1_000_000 == steps["change_u"][-1]
    assert steps["from_u"][1:].to_list()[:-1] == steps["to_u"].to_list()[:-2]
    assert told.difference is not None
    change = moved(told.difference, "en")
    assert change["to_u"][-1] == told.score_u
    assert change["change_u"][1:-1].sum() == told.difference.change_u
    assert steps.filter(pl.col("change_u") < 0, pl.col("kind") == "step").height


def test_the_ledger_has_records_that_the_scheme_takes_no_points_for(state, told):
    row = ledger(state, told, CITY).row(0, named=True)
    assert (row["log"], row["row"], row["rule"]) == ("findings", "f1", "badge")
    assert row["day"] == date(2019, 10, 9)
    assert row["recorded_u"] == 5_000
    assert (row["points_u"] is None) == (row["item"] is None)


def test_the_ledger_has_the_points_of_a_scheme_that_deducts(home, state):
    now = score(home, OCTOBER, CITY, "p01_cangnan")
    one = explain(state, now, "n-tax", CITY)
    rows = ledger(state, one, CITY)
    with_record = one.lines.filter(pl.col("log").is_not_null())
    assert rows["points_u"].sum() == with_record["points_u"].sum()
    assert rows.filter(pl.col("row") == "f1").height == 1


def test_the_peers_are_the_units_of_the_same_group(home):
    ranking = fair_ranking(home, OCTOBER, CITY, "all")
    found = peers(ranking, "n-tax")
    assert found.rows.height == ranking.frame.height
    assert found.rows.filter("mine")["id"].to_list() == ["n-tax"]
    assert found.rows["score"].to_list() == sorted(found.rows["score"], reverse=True)
    assert peers(ranking, "s-tax").row is None
    assert peers(ranking, "nobody").state == "absent"


def test_raw_rows_come_a_page_at_a_time_and_none_twice(state):
    pages = [
        raw_rows(state, "tickets", "county", "C1", OCTOBER, CITY, start, 50)
        for start in (0, 50, 100)
    ]
    assert [one.rows.height for one in pages] == [50, 50, 20]
    assert {one.count for one in pages} == {120}
    ids = pl.concat([one.rows for one in pages])["row"]
    assert ids.n_unique() == 120
    assert set(pl.concat([one.rows for one in pages])["hall"]) == {
        "North county",
        "Hill township",
        "天元镇",
    }


@pytest.mark.parametrize("log", ["ratings", "tickets", "cases", "inspections", "findings"])
def test_raw_rows_hold_no_person_and_no_citizens_number(state, log):
    found = raw_rows(state, log, "city", "C", parse_period("2019"), CITY, most=1000)
    columns = set(found.rows.columns)
    assert not columns & {"staff_id", "inspector_id", "case_id", "clock_stops", "ticket_id"}
    printed = repr(found.rows.rows())
    assert CITIZEN not in printed
    assert "s-77" not in printed


def test_a_viewer_gets_no_row_of_another_hall(state):
    assert raw_rows(state, "tickets", "counter", "s-tax", OCTOBER, NORTH).count == 0
    assert raw_rows(state, "tickets", "counter", "c-tax", OCTOBER, NORTH).count == 0
    assert raw_rows(state, "tickets", "counter", "n-tax", OCTOBER, NORTH).count == 40
    assert raw_rows(state, "inspections", "counter", "n-tax", OCTOBER, NORTH).count == 1


def test_the_rows_behind_a_number_add_up_to_it(state, monkeypatch):
    one = metric("active_good_rate")
    found = behind(state, one, "counter", "n-tax", OCTOBER, CITY, most=7)
    whole = value_of(state, one, OCTOBER, "counter", CITY).filter(pl.col("id") == "n-tax")
    assert (found.n, found.d) == whole.select("n", "d").row(0) == (32, 40)
    assert (found.count, found.rows.height) == (40, 7)
    monkeypatch.setattr("metrics.portrait.rows.MOST_BEHIND", 39)
    assert behind(state, one, "counter", "n-tax", OCTOBER, CITY) is None


def test_a_unit_that_moved_keeps_the_rows_of_each_day(tmp_path):
    """Rows stand where the counter stood on their day."""
    start = date(2019, 10, 16)
    versions = [
        {"counter_id": "m", "name": "Mover", "hall_id": "C1", "valid_from": "2019-01-01"},
        {"counter_id": "m", "name": "Mover", "hall_id": "C2", "valid_from": start.isoformat()},
    ]
    town = Town(tmp_path / "home", HALLS, versions)
    rows = [*town.queue("m", [60] * 3, start - timedelta(days=1)), *town.queue("m", [60], start)]
    town.deliver("tickets", rows)
    state = refresh(town.home)
    found = [raw_rows(state, "tickets", "county", one, OCTOBER, CITY).count for one in ("C1", "C2")]
    assert found == [3, 1]
