"""What stands beside the official rank: rank sets, tiers, reliability; ties called ties."""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from rules import write_scheme
from test_awards import award
from town import HALLS, Row, Town

from metrics.fairness import score_draws
from metrics.fairness.awards import fair_awards
from metrics.fairness.ranking import FairRanking, fair_ranking
from metrics.periods import parse_period
from metrics.scope import Scope

CITY = Scope("local", None)
LATER = date(2019, 12, 31)
FIRST = date(2019, 8, 5)
DAYS = 10
PRAISE = """
[[item]]
metric = "active_good_rate"
weight = 100
mapping = [[0.5, 0], [1, 1]]
min_n = 1
"""


def counters(count: int, hall: str = "C") -> list[Row]:
    """So many counters of one hall."""
    return [
        {"counter_id": f"w{at:02d}", "name": f"Counter {at}", "hall_id": hall, "family": "general"}
        for at in range(count)
    ]


def rated(town: Town, bad: dict[str, int], good: int) -> None:
    """Every counter has `good` good ratings and so many bad ones, spread over ten days."""
    rows: list[Row] = []
    for name, poor in bad.items():
        for at in range(DAYS):
            share = {5: good // DAYS, 1: poor // DAYS + (at < poor % DAYS)}
            rows += town.rate(name, share, FIRST + timedelta(days=at))
    town.deliver("ratings", rows)


def ranked(town: Town, frame: str | None = None, scope: Scope = CITY) -> FairRanking:
    """August by the scheme at hand."""
    return fair_ranking(town.home, parse_period("2019-08"), scope, frame, "mine", LATER)


@pytest.fixture
def alike(build_town: Callable[..., Town]) -> Town:
    """Ten counters whose bad ratings differ less than chance."""
    town = build_town(HALLS, counters(10))
    rules = award("flag", count=1) + award("black", list="black", count=1)
    write_scheme(town.home, rules=rules, items=PRAISE)
    rated(town, {f"w{at:02d}": 1 + at % 3 for at in range(10)}, 200)
    return town


def test_counters_that_differ_less_than_chance_are_one_group(alike: Town) -> None:
    """No pair has a sure order, nobody is above or below, and any rank is possible for each."""
    found = ranked(alike)
    assert found.group("all") | {"rankability": None} == {
        "frame": "all",
        "k": 10,
        "rankability": None,
        "told_apart": 0,
        "above": 0,
        "below": 0,
    }
    assert found.group("all")["rankability"] < 0.5
    assert set(found.frame.select("rank_low", "rank_high", "tier").rows()) == {(1, 10, "expected")}
    # The official ranks stand: an act of rule.
    assert sorted(found.frame["rank"].unique()) == [1, 5, 8]


def test_an_award_among_them_is_by_rule(alike: Town) -> None:
    """The first four share the one place; none of them is surely there, nor is anybody last."""
    given = fair_awards(alike.home, parse_period("2019-08"), CITY, "mine", LATER)
    assert given.group_by("list", "beyond_chance").len().sort("list").rows() == [
        ("black", False, 3),
        ("red", False, 4),
    ]


def test_one_that_is_far_worse_is_told_apart(build_town: Callable[..., Town]) -> None:
    """Its order against each other counter is sure, its tier is below, its black list no chance."""
    town = build_town(HALLS, counters(10))
    write_scheme(town.home, rules=award("black", list="black", count=1), items=PRAISE)
    rated(town, {f"w{at:02d}": 1 + at % 3 for at in range(9)} | {"w09": 90}, 200)
    found = ranked(town)
    worst = found.frame.row(by_predicate=pl.col("id") == "w09", named=True)
    assert (worst["rank"], worst["rank_low"], worst["rank_high"]) == (10, 10, 10)
    assert worst["tier"] == "below"
    assert found.group("all")["told_apart"] == 9
    assert found.frame.filter(pl.col("id") != "w09")["rank_high"].max() == 9
    given = fair_awards(town.home, parse_period("2019-08"), CITY, "mine", LATER)
    assert given.select("id", "beyond_chance").rows() == [("w09", True)]


def test_every_official_rank_lies_in_its_set(build_town: Callable[..., Town]) -> None:
    """Whatever the scores: the set is built round the official ones."""
    town = build_town(HALLS, counters(12))
    write_scheme(town.home, items=PRAISE)
    rated(town, {f"w{at:02d}": at * at for at in range(12)}, 50)
    frame = ranked(town).frame
    assert frame.filter(~pl.col("rank").is_between("rank_low", "rank_high")).is_empty()
    assert frame["rank_low"].max() > 1


def test_without_ratings_no_score_no_rank_no_tier(build_town: Callable[..., Town]) -> None:
    """Nothing is lent to a counter that nobody rated."""
    town = build_town(HALLS, counters(3))
    write_scheme(town.home, items=PRAISE)
    rated(town, {"w00": 2, "w01": 3}, 100)
    unranked = ranked(town).unranked.row(by_predicate=pl.col("id") == "w02", named=True)
    columns = ("rank", "score", "rank_low", "rank_high", "tier", "reliability", "low", "middle")
    assert [unranked[name] for name in columns] == [None] * len(columns)


def test_one_counter_and_all_at_the_ceiling_do_not_break(build_town: Callable[..., Town]) -> None:
    """K = 1 has one rank and no rankability; all at 100 % are one group."""
    town = build_town(HALLS, [*counters(3), *(c | {"counter_id": "s"} for c in counters(1, "C2"))])
    write_scheme(town.home, 'frame = "hall"', items=PRAISE)
    rated(town, {"w00": 0, "w01": 0, "w02": 0, "s": 0}, 500)
    found = ranked(town)
    alone = found.frame.row(by_predicate=pl.col("id") == "s", named=True)
    assert (alone["rank_low"], alone["rank_high"], alone["tier"]) == (1, 1, "expected")
    assert found.group("hall:C2")["rankability"] is None
    assert found.group("hall:C")["told_apart"] == 0
    top = found.frame.filter(pl.col("frame") == "hall:C")
    assert set(top.select("rank", "rank_low", "rank_high", "score").rows()) == {(1, 1, 3, 100.0)}


def test_everybody_sees_the_same_draws(build_town: Callable[..., Town]) -> None:
    """A county that sees its own counters alone has the same intervals of them as the city."""
    halves = [*counters(6), *(c | {"counter_id": f"s{c['counter_id']}"} for c in counters(6, "C2"))]
    town = build_town(HALLS, halves)
    write_scheme(town.home, items=PRAISE)
    rated(town, {row["counter_id"]: at % 5 for at, row in enumerate(halves)}, 60)
    columns = ["id", "middle", "low", "high"]
    county = ranked(town, scope=Scope("south", frozenset(["C2"]))).frame.select(columns).sort("id")
    city = ranked(town).frame.select(columns).filter(pl.col("id").str.starts_with("s")).sort("id")
    assert county.height == 6
    assert county.equals(city)
    assert ranked(town).frame.equals(ranked(town).frame)


def test_how_many_groups_are_drawn_at_a_time_changes_nothing(
    build_town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three levels, three groups: each has its own seeds."""
    halls = [*HALLS, {"hall_id": "T", "name": "T", "division": "330326101", "level": "township"}]
    rows = [
        row | {"counter_id": f"{hall}-{row['counter_id']}"}
        for hall in ("C", "C1", "T")
        for row in counters(6, hall)
    ]
    town = build_town(halls, rows)
    write_scheme(town.home, items=PRAISE)
    rated(town, {row["counter_id"]: at % 7 for at, row in enumerate(rows)}, 60)
    found = []
    for threads in (1, 2, 5):
        monkeypatch.setattr(score_draws, "THREADS", threads)
        score_draws.score_draws.cache_clear()
        found.append(ranked(town))
    assert found[0].chance["group"].n_unique() == 3
    for other in found[1:]:
        assert other.frame.equals(found[0].frame)
        assert other.chance.equals(found[0].chance)


def test_points_by_rule_alone_are_anywhere(build_town: Callable[..., Town]) -> None:
    """Full points of an item without business: a rank by rule, and no knowledge behind it."""
    town = build_town(HALLS, counters(4))
    write_scheme(town.home, 'none = "full"', items=PRAISE)
    rated(town, {"w00": 2, "w01": 3, "w02": 60}, 100)
    found = ranked(town).frame
    idle = found.row(by_predicate=pl.col("id") == "w03", named=True)
    assert (idle["rank"], idle["rank_low"], idle["rank_high"]) == (1, 1, 4)
    assert (idle["tier"], idle["reliability"], idle["low"]) == (None, 0.0, None)
    assert found.filter(~pl.col("rank").is_between("rank_low", "rank_high")).is_empty()


def test_scores_of_facts_have_no_interval(build_town: Callable[..., Town]) -> None:
    """Deductions are facts: nothing to estimate, and the columns are there and empty."""
    town = build_town(HALLS, counters(3))
    deduct = '\n[[item]]\nid = "found"\nkind = "deduct"\nevents = "findings"\nweight = 100\n'
    deduct += 'rules = [{ code = "*", points = 2 }]\n'
    write_scheme(town.home, items=deduct)
    made = {
        "inspection_id": "i1",
        "hall_id": "C",
        "started_at": f"{FIRST} 09:00:00",
        "counters": "all",
    }
    fault = {"finding_id": "f1", "counter_id": "w00", "found_at": f"{FIRST} 09:10:00"}
    fault |= {"rule_code": "A1", "points": 2}
    town.deliver("inspections", [made])
    town.deliver("findings", [fault])
    found = ranked(town)
    assert found.group("all")["told_apart"] is None
    assert found.frame["rank_low"].null_count() == 3
    assert found.table().columns[8:14] == [
        *("rank_low", "rank_high", "tier", "reliability"),
        *("frame", "observed"),
    ]
