"""The spread of ratings over grades, hall levels and channels, counted by hand beside it."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from town import Row, Town

from metrics.graded import GRADES, channels, grades, grades_by_level, rate_by_level
from metrics.periods import parse_period
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value

CITY, AUGUST = Scope("local", None), parse_period("2019-08")
DAY, LAST = date(2019, 8, 6), date(2019, 8, 31)
LEVEL = {"c-tax": "city", "c-all": "city", "n-tax": "county", "s-tax": "county"}
LEVEL |= {"t-all": "township", "v-all": "village"}
GIVEN = {"c-tax": {5: 6, 4: 3, 2: 1}, "n-tax": {5: 40, 1: 2}, "t-all": {3: 5}}


@pytest.fixture
def rated(town: Town) -> tuple[Town, list[Row]]:
    """Ratings of three counters through two channels and none, and default ones beside them."""
    rows: list[Row] = []
    for counter, given in GIVEN.items():
        for place, row in enumerate(town.rate(counter, given, DAY)):
            rows.append({**row, "channel": ("qr", "tablet", "")[place % 3]})
        # As delivered by real systems: a default rating may name a channel too.
        rows += [{**row, "channel": "qr"} for row in town.rate(counter, {3: 4}, DAY, "default", 7)]
    # Too young to count in August: it may still be followed by others.
    rows += [{**row, "channel": "qr"} for row in town.rate("c-tax", {1: 9}, LAST)]
    town.deliver("ratings", rows, (AUGUST.start, AUGUST.end))
    return town, rows


def counting(rows: list[Row]) -> list[Row]:
    """The active ratings of services that are mature on the last of August."""
    ripe = LAST - timedelta(days=7)
    return [r for r in rows if r["origin"] == "active" and r["served_at"].date() <= ripe]


def test_every_grade_is_a_share_of_the_active_ratings_of_its_unit(
    rated: tuple[Town, list[Row]],
) -> None:
    """And the five add up to them: the base is that of the satisfaction score."""
    town, rows = rated
    found = grades(ensure(town.home), "county", AUGUST, CITY, LAST)
    for id_, counters in {"C1": ("n-tax", "t-all", "v-all"), "C2": ("s-tax",)}.items():
        mine = [row["grade"] for row in counting(rows) if row["counter_id"] in counters]
        told = found.filter(pl.col("id") == id_)
        assert told["grade"].to_list() == list(GRADES)
        assert told["n"].to_list() == [mine.count(grade) for grade in GRADES]
        assert set(told["d"]) == {len(mine)}
        shares = [mine.count(grade) / len(mine) if mine else None for grade in GRADES]
        assert told["value"].to_list() == pytest.approx(shares)
    base = value(town.home, "active_satisfaction", AUGUST, "county", CITY, LAST)
    assert dict(found.select("id", "d").iter_rows()) == dict(base.select("id", "d").iter_rows())
    assert set(found.filter(pl.col("id") == "C2")["state"]) == {"none"}


def test_a_level_holds_the_halls_of_that_level_and_no_other(rated: tuple[Town, list[Row]]) -> None:
    town, rows = rated
    wanted: dict[str, list[int]] = defaultdict(list)
    for row in counting(rows):
        wanted[LEVEL[row["counter_id"]]].append(row["grade"])
    found = grades_by_level(ensure(town.home), AUGUST, CITY, LAST)
    assert found["id"].unique(maintain_order=True).to_list() == [
        *("city", "county", "township", "village")
    ]
    for (level, grade), told in found.group_by("id", "grade"):
        assert told["n"].to_list() == [wanted[str(level)].count(int(str(grade)))]
        assert told["d"].to_list() == [len(wanted[str(level)])]
    states = dict(found.select("id", "state").iter_rows())
    assert states == {"city": "few", "county": "number", "township": "few", "village": "none"}
    shares = rate_by_level(ensure(town.home), "default_share", AUGUST, CITY, LAST)
    assert shares.select("id", "n", "d").rows()[:3] == [
        *(("city", 4, 14), ("county", 4, 46), ("township", 4, 9))
    ]


def test_channels_hold_each_active_rating_once_and_no_default_one(
    rated: tuple[Town, list[Row]],
) -> None:
    town, rows = rated
    found = channels(ensure(town.home), "all", "all", AUGUST, CITY, LAST)
    mine = counting(rows)
    assert found["n"].sum() == len(mine) == 57
    for row in found.to_dicts():
        here = [one for one in mine if (one["channel"] or None) == row["channel"]]
        bad = sum(one["grade"] <= 2 for one in here)
        assert (row["n"], row["d"], row["bad"]) == (len(here), len(mine), bad)
        assert row["value"] == pytest.approx(len(here) / len(mine))
        assert row["bad_rate"] == pytest.approx(bad / len(here))
        assert row["state"] == "few"
    one = channels(ensure(town.home), "hall", "C1T1", AUGUST, CITY, LAST)
    assert one["n"].sum() == 5
    assert channels(ensure(town.home), "hall", "C2", AUGUST, CITY, LAST).is_empty()


def test_what_nobody_reported_is_missing_and_never_zero(town: Town) -> None:
    """Tickets came, ratings did not."""
    town.deliver("tickets", town.queue("c-tax", [60], DAY), (AUGUST.start, AUGUST.end))
    state = ensure(town.home)
    for found in (
        grades(state, "all", AUGUST, CITY, LAST),
        grades_by_level(state, AUGUST, CITY, LAST),
    ):
        assert set(found["state"]) == {"missing"}
        assert found["n"].null_count() == found["value"].null_count() == found.height > 0
    assert channels(state, "all", "all", AUGUST, CITY, LAST).is_empty()


def test_a_scope_sees_its_own_ratings_only(rated: tuple[Town, list[Row]]) -> None:
    town, _ = rated
    north, state = Scope("north", frozenset(["C1"])), ensure(town.home)
    whole = grades(state, "all", AUGUST, north, LAST)
    assert set(whole["d"]) == {47}
    assert set(grades_by_level(state, AUGUST, north, LAST)["id"]) == {
        *("county", "township", "village")
    }
    assert channels(state, "all", whole.item(0, "id"), AUGUST, north, LAST)["n"].sum() == 47


def test_reported_sums_are_in_the_grades_as_they_are_in_the_score(
    build_town: Callable[..., Town],
) -> None:
    """A hall without a system reports the month: no log says so, the score and the grades do."""
    town = build_town()
    town.deliver("ratings", town.rate("c-tax", {5: 3}, DAY), (AUGUST.start, AUGUST.end))
    given = {5: 20, 4: 6, 3: 2, 2: 1, 1: 1}
    tallies = [
        {
            "counter_id": "v-all",
            "month": "2019-08",
            "measure": f"active_grade_{grade}",
            "n": count,
        }
        for grade, count in given.items()
    ]
    tallies.append({**tallies[0], "measure": "active_ratings", "n": 30})
    town.deliver("tallies", tallies)
    found = grades(ensure(town.home), "hall", AUGUST, CITY, LAST).filter(pl.col("id") == "C1T1V1")
    assert found.select("grade", "n").rows() == list(given.items())
    assert set(found["d"]) == {30}
