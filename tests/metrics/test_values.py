"""Values: numbers with n and d, states, as-of days, subtrees, attribution."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from town import COUNTERS, HALLS, Row, Town

from data.errors import HallscoreError
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import immature, value

CITY = Scope("local", None)
AUGUST = parse_period("2019-08")
LATER = date(2019, 10, 31)
MONTH = (date(2019, 8, 1), date(2019, 9, 1))


def row(frame: pl.DataFrame, one: str) -> dict[str, object]:
    """The row of a unit."""
    return frame.row(by_predicate=pl.col("id") == one, named=True)


def number(
    town: Town, metric: str, by: str, one: str, as_of: date | None = LATER
) -> tuple[object, ...]:
    """n, d and value of one unit in August."""
    found = row(value(town.home, metric, AUGUST, by, CITY, as_of), one)
    return found["n"], found["d"], found["value"]


def states(town: Town, metric: str, by: str = "counter") -> dict[str, str]:
    """The state of each unit in August."""
    frame = value(town.home, metric, AUGUST, by, CITY, LATER)
    return dict(frame.select("id", "state").iter_rows())


def case(
    key: str, counter: str, received: str, closed: str = "", due: str = "", **more: object
) -> Row:
    """A case row; times are the noon of the given days."""
    times = {"received_at": received, "closed_at": closed, "due_at": due}
    filled = {name: f"{day} 12:00:00" if day else "" for name, day in times.items()}
    return {"case_id": key, "counter_id": counter, "department_id": "", **filled, **more}


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
    """D = 1000, A = 700, F = 120, U = 180: defaults lift the good rate and lower the score."""
    day = date(2019, 8, 5)
    active = town.rate("c-tax", {5: 500, 4: 150, 3: 40, 2: 7, 1: 3}, day)
    town.deliver("ratings", active + town.rate("c-tax", {3: 120}, day, "default", lag_days=7))
    town.deliver("tickets", town.queue("c-tax", [60] * 1000, day))
    found = {metric: number(town, metric, "counter", "c-tax") for metric in WE_1}
    assert found == {metric: (n, d, pytest.approx(v)) for metric, (n, d, v) in WE_1.items()}
    printed = {metric: round(100 * v, 2) for metric, (_, d, v) in WE_1.items() if d}
    assert printed["active_good_rate"] == 98.57
    assert printed["good_rate"] == 98.78
    assert printed["bad_rate"] == 1.43
    assert printed["bad_rate_incl_default"] == 1.22
    assert round(WE_1["satisfaction_incl_default"][2], 2) == 87.57


def test_two_as_of_days_differ_exactly_by_the_rows_that_matured_between_them(town: Town) -> None:
    """As of 5 September the services of 30 August are not yet ripe, and late ratings unknown."""
    early, late = date(2019, 8, 28), date(2019, 8, 30)
    rows = town.rate("c-tax", {5: 4}, early) + town.rate("c-tax", {1: 2}, late)
    rows += town.rate("c-tax", {2: 3}, early, lag_days=9)  # known on 6 September
    town.deliver("ratings", rows)
    assert number(town, "active_good_rate", "counter", "c-tax", date(2019, 9, 5)) == (4, 4, 1.0)
    assert number(town, "active_good_rate", "counter", "c-tax") == (4, 9, pytest.approx(4 / 9))
    left = immature(town.home, "bad_rate", AUGUST, "counter", CITY, date(2019, 9, 5))
    assert row(left, "c-tax")["immature"] == 2
    left = immature(town.home, "services", AUGUST, "counter", CITY, date(2019, 9, 5))
    assert row(left, "c-tax")["immature"] == 0


def test_days_that_are_all_unripe_have_no_business_yet(town: Town) -> None:
    """未到期: outside n and d, counted apart."""
    day = date(2019, 8, 30)
    town.deliver("ratings", town.rate("c-tax", {5: 40}, day))
    friday = parse_period("2019-08-30")
    found = row(value(town.home, "bad_rate", friday, "counter", CITY, day), "c-tax")
    assert (found["n"], found["d"], found["value"], found["state"]) == (0, 0, None, "none")
    left = immature(town.home, "bad_rate", friday, "counter", CITY, day)
    assert row(left, "c-tax")["immature"] == 40


def test_the_default_as_of_day_is_the_end_of_a_past_period_else_the_last_data_day(
    town: Town,
) -> None:
    """Without --as-of the last seven days of a month are not yet ripe."""
    rows = town.rate("c-tax", {5: 1}, date(2019, 8, 24)) + town.rate(
        "c-tax", {5: 1}, date(2019, 8, 25)
    )
    town.deliver("ratings", rows + town.rate("c-tax", {5: 1}, date(2019, 9, 20)))
    assert number(town, "active_good_rate", "counter", "c-tax", None)[:2] == (1, 1)
    running = value(town.home, "active_good_rate", parse_period("2019"), "counter", CITY)
    assert row(running, "c-tax")["d"] == 2


def test_a_hall_counts_its_own_counters_and_a_county_its_whole_subtree(town: Town) -> None:
    """hall = own counters; township, county and city = all below."""
    day = date(2019, 8, 5)
    for size, counter in enumerate(("c-tax", "n-tax", "s-tax", "t-all", "v-all"), start=1):
        town.deliver("tickets", town.queue(counter, [60] * size, day))
    halls = value(town.home, "tickets", AUGUST, "hall", CITY, LATER)
    assert dict(halls.select("id", "n").iter_rows()) == {
        "C": 1,
        "C1": 2,
        "C1T1": 4,
        "C1T1V1": 5,
        "C2": 3,
    }
    assert number(town, "tickets", "township", "C1T1") == (9, None, 9.0)
    assert number(town, "tickets", "county", "C1") == (11, None, 11.0)
    assert number(town, "tickets", "county", "C2") == (3, None, 3.0)
    assert number(town, "tickets", "city", "C") == (15, None, 15.0)


def test_a_case_closed_late_by_its_department_does_not_cost_the_front_counter(town: Town) -> None:
    """Received at the general counter (LAND), decided by TAX, closed late: TAX answers for it."""
    due = "2019-08-09"
    town.deliver(
        "cases",
        [
            case("k1", "c-all", "2019-08-01", "2019-08-20", due, department_id="TAX"),
            case("k2", "c-all", "2019-08-01", "2019-08-08", due),
            case("k3", "c-tax", "2019-08-01", "2019-08-08", due),
            case("k4", "c-tax", "2019-08-01", "", due, department_id="LAND"),
        ],
    )
    assert number(town, "on_time_rate", "counter", "c-all") == (1, 1, 1.0)
    assert number(town, "on_time_rate", "hall", "C") == (2, 3, pytest.approx(2 / 3))
    assert number(town, "on_time_rate", "department", "TAX") == (1, 2, 0.5)
    assert number(town, "on_time_rate", "department", "LAND") == (1, 1, 1.0)
    assert number(town, "on_time_rate_incl_open", "department", "LAND") == (1, 2, 0.5)
    assert number(town, "open_overdue", "counter", "c-tax") == (0, None, 0.0)
    assert number(town, "open_overdue", "city", "C") == (1, None, 1.0)
    assert number(town, "closed_cases", "counter", "c-all") == (2, None, 2.0)
    assert number(town, "received_cases", "department", "TAX") == (2, None, 2.0)


def test_a_stock_is_the_flows_from_the_beginning_up_to_the_day(town: Town) -> None:
    """Open and overdue cases of August include those received in July."""
    town.deliver(
        "cases",
        [
            case("k1", "c-tax", "2019-06-20", "2019-08-20", "2019-07-09"),
            case("k2", "c-tax", "2019-07-01", "", "2019-08-10"),
            case("k3", "c-tax", "2019-08-30"),
        ],
    )
    assert number(town, "open_cases", "counter", "c-tax") == (2, None, 2.0)
    assert number(town, "open_cases", "counter", "c-tax", date(2019, 8, 15)) == (2, None, 2.0)
    assert number(town, "open_overdue", "counter", "c-tax", date(2019, 8, 9)) == (1, None, 1.0)
    assert number(town, "open_overdue", "counter", "c-tax", date(2019, 8, 15)) == (2, None, 2.0)
    assert number(town, "open_overdue", "counter", "c-tax") == (1, None, 1.0)
    assert states(town, "on_time_rate")["c-tax"] == "few"


def test_speed_up_shows_the_days_saved_over_the_days_allowed(town: Town) -> None:
    """Accepted on Monday, closed on Wednesday: 2 of 10 promised and 20 statutory working days."""
    limits = {"promised_limit": 10, "promised_unit": "workday"}
    limits |= {"statutory_limit": 20, "statutory_unit": "workday"}
    town.deliver("cases", [case("k1", "c-tax", "2019-08-05", "2019-08-07", **limits)])
    assert number(town, "speed_up_promised", "counter", "c-tax") == (8, 10, 0.8)
    assert number(town, "speed_up_statutory", "counter", "c-tax") == (18, 20, 0.9)


def test_waits_and_abandonment_come_from_the_queue(town: Town) -> None:
    """Four called, one gave up; 15 minutes is within 15 minutes."""
    town.deliver("tickets", town.queue("c-tax", [60, 900, 901, 7000, None], date(2019, 8, 5)))
    assert number(town, "tickets", "counter", "c-tax") == (5, None, 5.0)
    assert number(town, "served", "counter", "c-tax") == (4, None, 4.0)
    assert number(town, "abandonment_rate", "counter", "c-tax") == (1, 5, 0.2)
    assert number(town, "wait_within_15_rate", "counter", "c-tax") == (2, 4, 0.5)
    assert number(town, "wait_mean", "counter", "c-tax") == (8861, 4, 8861 / 4)
    n, d, median = number(town, "wait_median", "counter", "c-tax")
    assert (n, d) == (4, None)
    assert isinstance(median, float)
    assert abs(median - 900) <= 60


def test_inspection_coverage_and_points_need_rounds_even_without_findings(town: Town) -> None:
    """Two rounds on two of the 22 working days of August 2019; 1.5 points in one finding."""
    rounds: list[Row] = [
        {"inspection_id": "i1", "hall_id": "C", "started_at": "2019-08-05 10:00:00"},
        {"inspection_id": "i2", "hall_id": "C", "started_at": "2019-08-06 10:00:00"},
        {"inspection_id": "i3", "hall_id": "C", "started_at": "2019-08-30 10:00:00"},
    ]
    named = ["all", "c-tax", "c-all"]
    town.deliver(
        "inspections",
        [one | {"counters": who, "findings_n": 0} for one, who in zip(rounds, named, strict=True)],
        period=MONTH,
    )
    finding = {"finding_id": "f1", "inspection_id": "i2", "counter_id": "c-tax"}
    found = {"found_at": "2019-08-06 10:10:00", "rule_code": "late", "points": "1.5"}
    town.deliver("findings", [finding | found], period=MONTH)
    town.deliver("tickets", town.queue("c-tax", [60], date(2019, 8, 1)))
    assert number(town, "inspection_coverage", "counter", "c-tax", None) == (2, 22, 2 / 22)
    assert number(town, "findings_n", "counter", "c-tax") == (1, None, 1.0)
    assert number(town, "points_per_round", "counter", "c-tax") == (150, 2, 0.75)
    assert number(town, "points_per_round", "counter", "c-all") == (0, 2, 0.0)
    assert states(town, "points_per_round")["n-tax"] == "none"


def test_states_tell_none_few_missing_and_number_apart(town: Town) -> None:
    """No business is none, a small base few, a log that did not report missing."""
    day = date(2019, 8, 5)
    town.deliver("ratings", town.rate("c-tax", {5: 30}, day) + town.rate("n-tax", {5: 29}, day))
    found = states(town, "active_good_rate")
    assert (found["c-tax"], found["n-tax"], found["s-tax"]) == ("number", "few", "none")
    assert set(states(town, "tickets").values()) == {"missing"}
    assert set(states(town, "response_rate").values()) == {"missing"}
    september = value(town.home, "bad_rate", parse_period("2019-09"), "counter", CITY, LATER)
    assert september["state"].unique().to_list() == ["missing"]
    assert september["n"].null_count() == september.height
    before = value(town.home, "bad_rate", AUGUST, "counter", CITY, date(2019, 7, 1))
    assert before["state"].unique().to_list() == ["missing"]


def test_the_base_of_the_response_rate_needs_every_log_that_the_home_keeps(town: Town) -> None:
    """A month whose cases are missing has no count of services, though its tickets came."""
    town.deliver("tickets", town.queue("c-tax", [60] * 3, date(2019, 8, 5)))
    assert states(town, "services")["c-tax"] == "number"
    assert states(town, "wait_median")["n-tax"] == "none"
    town.deliver("cases", [case("k1", "c-tax", "2019-07-01", "2019-07-02")])
    assert states(town, "services")["c-tax"] == "missing"


def test_a_closed_case_without_a_ticket_is_one_more_service(town: Town) -> None:
    """A ticket and the case that it led to are one service."""
    town.deliver("tickets", town.queue("c-tax", [60] * 3, date(2019, 8, 5)))
    one = case("k1", "c-tax", "2019-08-05", "2019-08-06", ticket_id="t-c-tax-2019-08-05-0")
    town.deliver("cases", [one, case("k2", "c-tax", "2019-08-05", "2019-08-06", ticket_id="")])
    assert number(town, "services", "counter", "c-tax") == (4, None, 4.0)


def test_an_empty_home_has_units_and_no_number(town: Town) -> None:
    """All is missing; nothing fails."""
    frame = value(town.home, "tickets", AUGUST, "county", CITY)
    assert frame.select("id", "state").rows() == [("C1", "missing"), ("C2", "missing")]
    assert frame.columns == ["id", "name", "n", "d", "value", "state"]


def test_a_scope_shows_only_its_subtree(town: Town) -> None:
    """A county sees its halls and counters; its whole stands where the city would."""
    day = date(2019, 8, 5)
    for size, counter in enumerate(("c-tax", "n-tax", "s-tax", "v-all"), start=1):
        town.deliver("tickets", town.queue(counter, [60] * size, day))
    north = Scope("north", frozenset(["C1"]))

    def seen(by: str, scope: Scope = north) -> dict[str, int]:
        frame = value(town.home, "tickets", AUGUST, by, scope, LATER)
        return dict(frame.select("id", "n").iter_rows())

    assert seen("counter") == {"n-tax": 2, "t-all": 0, "v-all": 4}
    assert seen("hall") == {"C1": 2, "C1T1": 0, "C1T1V1": 4}
    assert seen("county") == {"C1": 6}
    assert seen("department") == {"TAX": 2}
    assert seen("city") == {"C1": 6}
    whole = Scope("both", frozenset(["C1", "C2"]))
    assert seen("city", whole) == {"C1+C2": 9}


def test_a_hall_of_the_scope_that_does_not_exist_is_refused_with_the_nearest(town: Town) -> None:
    """A typing error in access.toml must not look like an empty hall."""
    with pytest.raises(HallscoreError, match=r"hall 'C1T9' is not .* Did you mean 'C1T1'"):
        value(town.home, "tickets", AUGUST, "hall", Scope("north", frozenset(["C1T9"])))


def test_unknown_names_are_refused_with_the_nearest(town: Town) -> None:
    """A metric and a grouping that do not exist."""
    with pytest.raises(HallscoreError, match="Did you mean 'bad_rate'"):
        value(town.home, "bad_rat", AUGUST, "counter", CITY)
    with pytest.raises(HallscoreError, match="Did you mean 'county'"):
        value(town.home, "bad_rate", AUGUST, "countyy", CITY)


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    """Nothing is made there."""
    with pytest.raises(HallscoreError, match="no store here"):
        value(tmp_path / "nowhere", "tickets", AUGUST, "counter", CITY)
    assert not (tmp_path / "nowhere").exists()


def test_a_counter_that_moves_counts_for_each_hall_on_its_days(
    build_town: Callable[..., Town],
) -> None:
    """当时口径: days before the move belong to the old hall, open cases to where it is now."""
    moving: list[Row] = [
        {
            "counter_id": "m",
            "name": "Old",
            "hall_id": "C1",
            "valid_from": "",
            "valid_to": "2019-08-10",
        },
        {
            "counter_id": "m",
            "name": "New",
            "hall_id": "C2",
            "valid_from": "2019-08-10",
            "valid_to": "",
        },
        {
            "counter_id": "gone",
            "name": "Gone",
            "hall_id": "C2",
            "valid_from": "",
            "valid_to": "2018-01-01",
        },
    ]
    town = build_town(HALLS, [dict(one) for one in COUNTERS] + moving)
    rows = town.queue("m", [60] * 2, date(2019, 8, 9)) + town.queue(
        "m", [60] * 3, date(2019, 8, 10)
    )
    town.deliver("tickets", rows)
    town.deliver("cases", [case("k1", "m", "2019-08-01")])
    assert number(town, "tickets", "county", "C1") == (2, None, 2.0)
    assert number(town, "tickets", "county", "C2") == (3, None, 3.0)
    assert number(town, "wait_median", "county", "C1")[0] == 2
    assert number(town, "open_cases", "county", "C2") == (1, None, 1.0)
    assert number(town, "open_cases", "county", "C1") == (0, None, 0.0)
    counters = value(town.home, "tickets", AUGUST, "counter", CITY, LATER)
    assert row(counters, "m")["name"] == "New"
    assert row(counters, "m")["n"] == 5
    assert "gone" not in counters["id"].to_list()


def test_halls_without_a_tree_have_one_whole(build_town: Callable[..., Town]) -> None:
    """Halls that a log brought itself: no city hall, all of them together."""
    halls: list[Row] = [
        {"hall_id": "H1", "name": "One", "level": "county", "parent_id": ""},
        {"hall_id": "H2", "name": "Two", "level": "county", "parent_id": "H9"},
        {"hall_id": "H3", "name": "Three", "level": "village", "parent_id": "H4"},
        {"hall_id": "H4", "name": "Four", "level": "village", "parent_id": ""},
    ]
    town = build_town(halls, [{"counter_id": "x", "name": "X", "hall_id": "H1"}])
    town.deliver("tickets", town.queue("x", [60], date(2019, 8, 5)))
    assert number(town, "tickets", "city", "all") == (1, None, 1.0)
    assert states(town, "tickets", "township") == {}


def test_a_year_is_the_sum_of_its_months(town: Town) -> None:
    """Counts of twelve months add up to the year, and so do n and d of a rate."""
    day, rows = date(2019, 1, 3), []
    while day.year == 2019:
        rows += town.queue("c-tax", [60, 1000, None][: 1 + day.day % 3], day)
        day += timedelta(days=9)
    town.deliver("tickets", rows)
    months = [parse_period(f"2019-{month:02}") for month in range(1, 13)]
    frames = [
        value(town.home, "abandonment_rate", one, "counter", CITY, LATER) for one in months[:10]
    ]
    year = value(town.home, "abandonment_rate", parse_period("2019"), "counter", CITY, LATER)
    parts = [row(frame, "c-tax") for frame in frames if row(frame, "c-tax")["d"] is not None]
    assert row(year, "c-tax")["d"] == sum(int(str(part["d"])) for part in parts)
    assert row(year, "c-tax")["n"] == sum(int(str(part["n"])) for part in parts)
    assert datetime.fromisoformat("2019-12-31").date() > LATER
