"""The weekly summary: start + opened − closed = end, and movers on a comparable base."""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from town import COUNTERS, HALLS, Town

from metrics.backlog import KINDS
from metrics.catalogue import metric
from metrics.periods import parse_period, period_of
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value, value_of
from metrics.weekly import STOCKS, stocks, weekly_summary

CITY = Scope("local", None)
WEEK = parse_period("2019-W35")  # 26 August to 1 September
MONDAY = date(2019, 8, 26)
UNITS = [row["counter_id"] for row in COUNTERS]


def finding(number: int, counter: str, found: date, closed: date | None) -> dict[str, object]:
    return {
        "finding_id": f"f{number}",
        "counter_id": counter,
        "found_at": datetime(found.year, found.month, found.day, 10),
        "rule_code": "R01",
        "points": 1,
        "closed_at": closed and datetime(closed.year, closed.month, closed.day, 16),
    }


def case(number: int, counter: str, due: date, closed: date | None) -> dict[str, object]:
    return {
        "case_id": f"k{number}",
        "counter_id": counter,
        "received_at": datetime(2019, 7, 1, 9),
        "due_at": datetime(due.year, due.month, due.day, 17),
        "closed_at": closed and datetime(closed.year, closed.month, closed.day, 16),
    }


def flows(frame: pl.DataFrame, kind: str, id_: str) -> tuple[int, ...]:
    row = frame.row(by_predicate=(pl.col("kind") == kind) & (pl.col("id") == id_), named=True)
    return row["start"], row["opened"], row["closed"], row["end"]


def test_findings_of_a_week_by_hall_and_county(town: Town) -> None:
    """One of each fate: open before, opened and closed in it, still open, closed before, later."""
    town.deliver(
        "findings",
        [
            finding(1, "n-tax", date(2019, 8, 20), date(2019, 8, 27)),
            finding(2, "n-tax", date(2019, 8, 26), date(2019, 8, 26)),
            finding(3, "t-all", date(2019, 9, 1), None),
            finding(4, "n-tax", date(2019, 9, 2), None),
            finding(5, "n-tax", date(2019, 8, 1), date(2019, 8, 25)),
            finding(6, "c-tax", date(2019, 8, 1), date(2019, 9, 2)),
        ],
    )
    found = weekly_summary(town.home, WEEK, CITY)
    assert flows(found.whole, "findings", "all") == (2, 2, 2, 2)
    assert flows(found.counties, "findings", "C1") == (1, 2, 2, 1)
    assert flows(found.halls, "findings", "C1") == (1, 1, 2, 0)
    assert flows(found.halls, "findings", "C1T1") == (0, 1, 0, 1)
    assert flows(found.halls, "findings", "C2") == (0, 0, 0, 0)
    open_ = found.still_open.filter(pl.col("kind") == "findings")
    assert open_.select("row", "hall_id", "days").rows() == [("f6", "C", 31), ("f3", "C1T1", 0)]


def test_a_finding_counts_as_closed_only_when_that_can_be_known(town: Town) -> None:
    town.deliver("findings", [finding(1, "n-tax", date(2019, 8, 26), date(2019, 8, 29))])
    before = weekly_summary(town.home, WEEK, CITY, as_of=date(2019, 8, 28))
    after = weekly_summary(town.home, WEEK, CITY, as_of=date(2019, 8, 29))
    assert flows(before.whole, "findings", "all") == (0, 1, 0, 1)
    assert flows(after.whole, "findings", "all") == (0, 1, 1, 0)


def test_a_closing_before_its_finding_closes_it_on_the_day_of_the_finding(town: Town) -> None:
    """A slip of the pen must not break the sum."""
    town.deliver("findings", [finding(1, "n-tax", date(2019, 8, 27), date(2019, 8, 2))])
    found = weekly_summary(town.home, WEEK, CITY, as_of=WEEK.last)
    assert flows(found.whole, "findings", "all") == (0, 1, 1, 0)


def test_the_closing_of_bad_ratings_is_missing_without_a_rectification_log(town: Town) -> None:
    """What is open is not known, and not zero; what came in is."""
    town.deliver("ratings", town.rate("n-tax", {1: 2, 5: 9}, date(2019, 8, 27)))
    found = weekly_summary(town.home, WEEK, CITY, as_of=WEEK.last)
    row = found.whole.row(by_predicate=pl.col("kind") == "bad_ratings", named=True)
    assert (row["start"], row["opened"], row["closed"], row["end"]) == (None, 2, None, None)
    assert row["state"] == "missing"
    assert "bad_ratings" not in found.still_open["kind"]


def test_who_sees_a_county_sees_its_own_matters(town: Town) -> None:
    town.deliver(
        "findings",
        [finding(n, unit, date(2019, 8, 27), None) for n, unit in enumerate(UNITS)],
    )
    mine = weekly_summary(town.home, WEEK, Scope("north", frozenset(["C1"])), as_of=WEEK.last)
    assert flows(mine.whole, "findings", "C1") == (0, 3, 0, 3)
    assert set(mine.still_open["hall_id"]) == {"C1", "C1T1", "C1T1V1"}


@pytest.fixture(scope="module")
def random_town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two hundred findings and cases of random days, counters and fates; a counter that moves."""
    town = Town(tmp_path_factory.mktemp("random") / "home", HALLS, COUNTERS)
    rng = random.Random(4)

    def matters() -> Iterator[tuple[int, str, date, date | None]]:
        for number in range(200):
            opened = date(2019, 7, 8) + timedelta(days=rng.randrange(70))
            closed = opened + timedelta(days=rng.randrange(-2, 20))
            yield number, rng.choice(UNITS), opened, rng.choice([closed, closed, None])

    town.deliver("findings", [finding(*one) for one in matters()])
    town.deliver("cases", [case(*one) for one in matters()])
    moved = {"counter_id": "n-tax", "name": "North tax", "hall_id": "C2"}
    town.deliver("counters", [moved | {"valid_from": "2019-08-20"}])
    return town


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    start=st.dates(date(2019, 7, 1), date(2019, 9, 20)),
    known=st.integers(0, 12),
    by=st.sampled_from(["all", "county", "hall"]),
)
def test_start_and_opened_less_closed_is_the_end(random_town: Town, start, known, by) -> None:
    """Of every unit and level, as of any day; and the end is what the metric says is overdue."""
    week, state = period_of("week", start), ensure(random_town.home)
    as_of = week.start + timedelta(days=known)
    found = stocks(state, by, week, CITY, as_of)
    assert found.schema == STOCKS
    told = found.filter(pl.col("state") == "number")
    sums = told.select(pl.col("start") + pl.col("opened") - pl.col("closed"))
    assert sums.to_series().to_list() == told["end"].to_list()
    stock = value_of(state, metric("open_overdue"), week, by, CITY, min(as_of, week.last))
    ends = found.filter(pl.col("kind") == "overdue_cases")
    if by == "all":
        assert ends["end"].to_list() == stock["n"].to_list()


@pytest.mark.parametrize("by", ["all", "hall"])
def test_the_end_of_a_week_is_the_start_of_the_next(random_town: Town, by: str) -> None:
    """With every counter where it stands in the second week; one that moves takes all along."""
    state = ensure(random_town.home)
    compared = 0
    for text in ("2019-W29", "2019-W31", "2019-W35"):
        week = parse_period(text)
        now = stocks(state, by, week, CITY, week.next().last)
        after = stocks(state, by, week.next(), CITY, week.next().last)
        both = now.join(after, on=["kind", "id"], suffix="_after")
        known = both.filter(pl.col("state") == "number", pl.col("state_after") == "number")
        assert known["end"].to_list() == known["start_after"].to_list()
        compared += known.height
    assert compared >= 6


@pytest.fixture
def queued(build_town: Callable[..., Town]) -> Town:
    """Queues of three counters in the holiday week of October 2019 and in the week before it."""
    town = build_town()
    rows = []
    for day in (date(2019, 9, day) for day in (23, 24, 25, 26, 27, 29)):  # the 29th: made up
        for counter, tickets in (("c-tax", 20), ("n-tax", 10), ("s-tax", 2)):
            rows += town.queue(counter, [60] * tickets, day)
    for counter, tickets in (("c-tax", 20), ("n-tax", 5), ("s-tax", 1)):
        rows += town.queue(counter, [60] * tickets + [1200] * tickets, date(2019, 9, 30))
    town.deliver("tickets", rows)
    return town


def test_counts_move_per_working_day_and_only_on_enough_base(queued: Town) -> None:
    """40 tickets on one working day against 120 on six have doubled; 10 are too few to say."""
    week = parse_period("2019-W40")
    found = weekly_summary(queued.home, week, CITY, as_of=week.last)
    assert (found.like.days, found.like.days_before, found.uneven) == (1, 6, True)
    moved = found.movers.filter(pl.col("item") == "tickets")
    assert moved.select("id", "n", "before_n", "change", "better").rows() == [
        ("c-tax", 40, 120, 1.0, None)
    ]
    waits = found.movers.filter(pl.col("item") == "wait_within_15_rate")
    assert waits.select("id", "change", "better").rows() == [("c-tax", -0.5, False)]


def test_nothing_moves_where_there_is_no_week_before(queued: Town) -> None:
    first = parse_period("2019-W39")
    assert weekly_summary(queued.home, first, CITY).movers.is_empty()


def test_a_log_that_never_came_leaves_no_zeros(town: Town) -> None:
    """Every kind stands there for every hall, and none of it is a number."""
    town.deliver("tickets", town.queue("c-tax", [60], date(2019, 8, 27)))
    halls = weekly_summary(town.home, WEEK, CITY, as_of=WEEK.last).halls
    assert halls.group_by("kind").len().sort("kind").rows() == [
        (kind, len(HALLS)) for kind in sorted(KINDS)
    ]
    assert set(halls["state"]) == {"missing"}
    assert halls["opened"].null_count() == halls.height


def test_bad_ratings_still_open_are_those_of_the_stock(town: Town) -> None:
    """Voided, or judged to be none, they are open nowhere; one word has one meaning."""
    town.deliver("ratings", town.rate("c-tax", {5: 30, 1: 4}, MONDAY))
    ids = [f"r-c-tax-{MONDAY}-active-0-1-{number}" for number in range(4)]
    steps = {"opened_at": f"{MONDAY} 11:00:00", "signed_at": f"{MONDAY} 12:00:00"}
    judged = steps | {"verified_at": f"{MONDAY} 15:00:00", "verdict": "mistaken"}
    town.deliver(
        "rectifications",
        [
            {"rectification_id": "Z0", "rating_id": ids[0]}
            | steps
            | {"verified_at": "", "verdict": ""},
            {"rectification_id": "Z1", "rating_id": ids[1]} | judged,
        ],
    )
    void = {"void_id": "V1", "rating_id": ids[2], "void_reason": "test", "grounds": "a drill"}
    town.deliver("voids", [void | {"decided_by": "P9", "decided_on": MONDAY}])
    found = weekly_summary(town.home, WEEK, CITY, WEEK.last)
    row = found.whole.row(by_predicate=pl.col("kind") == "bad_ratings", named=True)
    stock = value(town.home, "open_bad", WEEK, "all", CITY, WEEK.last)["value"].item()
    assert row["end"] == stock == 2
    assert row["start"] + row["opened"] - row["closed"] == row["end"]
