"""Rankings: frames, ties, who is not ranked, and what others cannot change."""

from datetime import date

import polars as pl
import pytest
from town import Town

from data.errors import HallscoreError
from metrics.periods import parse_period
from metrics.ranking import Ranking, rank
from metrics.scope import Scope

CITY = Scope("local", None)
AUGUST = parse_period("2019-08")
LATER = date(2019, 10, 31)
DAY = date(2019, 8, 5)
PUBLISHED = ["rank", "tied", "id", "name", "score", "n", "state"]


def queues(town: Town, slow: dict[str, int], size: int = 40) -> None:
    """So many of the visitors of each counter wait for half an hour."""
    rows = []
    for counter, count in slow.items():
        rows += town.queue(counter, [1800] * count + [60] * (size - count), DAY)
    town.deliver("tickets", rows)


def ranks(ranking: Ranking) -> dict[str, tuple[object, object]]:
    """id -> (rank, tied)."""
    return {
        one: (place, tied)
        for one, place, tied in ranking.table().select("id", "rank", "tied").rows()
    }


def test_equal_printed_scores_share_a_rank_and_the_next_rank_is_left_out(town: Town) -> None:
    """并列: 1, 2, 2, 4."""
    queues(town, {"c-tax": 0, "n-tax": 4, "t-all": 4, "v-all": 8})
    found = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    assert ranks(found) == {
        "c-tax": (1, False),
        "n-tax": (2, True),
        "t-all": (2, True),
        "v-all": (4, False),
        "c-all": (None, False),
        "s-tax": (None, False),
    }
    table = found.table()
    items = [item.metric for item in found.scheme.items]
    assert table.columns == [*PUBLISHED, *items, "frame", "observed"]
    assert table["state"].to_list() == ["number"] * 4 + ["none"] * 2
    assert table["n"].to_list() == [40] * 4 + [0] * 2
    assert found.frame["hall"].to_list()[0] == "City"


def test_by_default_each_hall_level_is_a_frame_of_its_own(town: Town) -> None:
    """City, county, township and village counters are not compared with each other."""
    queues(town, {"c-tax": 4, "n-tax": 4, "s-tax": 0, "t-all": 8, "v-all": 12})
    found = rank(town.home, AUGUST, CITY, as_of=LATER).frame
    assert found.select("frame", "id", "rank").rows() == [
        ("city", "c-tax", 1),
        ("county", "s-tax", 1),
        ("county", "n-tax", 2),
        ("township", "t-all", 1),
        ("village", "v-all", 1),
    ]


@pytest.mark.parametrize(
    ("frame", "ids"),
    [
        ("county", ["s-tax", "n-tax"]),
        ("hall:C", ["c-tax"]),
        ("county:C1", ["n-tax", "t-all", "v-all"]),
        ("village", ["v-all"]),
    ],
)
def test_a_frame_says_who_is_compared_with_whom(town: Town, frame: str, ids: list[str]) -> None:
    """A level, the counters of one hall, or a county with all below it."""
    queues(town, {"c-tax": 4, "n-tax": 4, "s-tax": 0, "t-all": 8, "v-all": 12})
    found = rank(town.home, AUGUST, CITY, frame, as_of=LATER)
    assert found.frame["id"].to_list() == ids
    assert found.frame["frame"].unique().to_list() == [frame]
    assert found.frame_asked == frame


def test_each_hall_can_be_a_frame(town: Town) -> None:
    """Every counter is first in a hall of one."""
    queues(town, {"c-tax": 4, "c-all": 0, "n-tax": 4})
    found = rank(town.home, AUGUST, CITY, "hall", as_of=LATER).frame
    assert found.select("frame", "id", "rank").rows() == [
        ("hall:C", "c-all", 1),
        ("hall:C", "c-tax", 2),
        ("hall:C1", "n-tax", 1),
    ]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("contry", "Did you mean 'county'"),
        ("hall:C9", "no hall 'C9'"),
        ("county:C3", "Did you mean 'C2'"),
        ("county:C", "no county 'C'"),
        ("hall:", "expected city"),
    ],
)
def test_an_unknown_frame_is_refused_with_the_nearest(town: Town, frame: str, said: str) -> None:
    """Nobody is ranked in a frame that does not exist."""
    with pytest.raises(HallscoreError) as caught:
        rank(town.home, AUGUST, CITY, frame)
    assert said in str(caught.value)


def test_an_unrelated_counter_never_changes_the_score_of_another(town: Town) -> None:
    """Mappings are fixed: who comes in changes ranks below it, not points."""
    queues(town, {"c-tax": 4, "n-tax": 8})
    before = rank(town.home, AUGUST, CITY, "all", as_of=LATER).frame
    town.deliver("tickets", town.queue("s-tax", [60] * 40, DAY))
    after = rank(town.home, AUGUST, CITY, "all", as_of=LATER).frame
    scores = dict(after.select("id", "score").iter_rows())
    assert [(one, scores[one]) for one in before["id"]] == before.select("id", "score").rows()
    assert after["id"].to_list() == ["s-tax", "c-tax", "n-tax"]


def test_few_none_and_missing_are_listed_apart(town: Town) -> None:
    """A counter with 29 tickets is not last, and one without any is not zero."""
    queues(town, {"c-tax": 4})
    town.deliver("tickets", town.queue("n-tax", [60] * 29, DAY))
    found = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    apart = dict(found.unranked.select("id", "state").iter_rows())
    assert apart["n-tax"] == "few"
    assert apart["s-tax"] == "none"
    assert found.unranked["score"].null_count() == found.unranked.height
    nothing = rank(town.home, parse_period("2019-09"), CITY, "all", as_of=LATER)
    assert nothing.frame.is_empty()
    assert nothing.unranked["state"].unique().to_list() == ["missing"]


def test_a_home_with_ratings_only_is_ranked_by_its_ratings(town: Town) -> None:
    """The other items are missing and carry no weight; the share that is left is printed."""
    town.deliver(
        "ratings", town.rate("c-tax", {5: 40}, DAY) + town.rate("n-tax", {5: 39, 1: 1}, DAY)
    )
    found = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    assert found.frame["id"].to_list() == ["c-tax", "n-tax"]
    assert found.frame["score"].to_list() == [100.0, 80.0]
    assert found.frame["observed"].to_list() == [1.0, 1.0]
    assert found.frame["on_time_rate_state"].unique().to_list() == ["missing"]


def test_the_detail_shows_what_each_point_rests_on(town: Town) -> None:
    """Value, n, d, state, weight and points of each item; points add up to the score."""
    queues(town, {"c-tax": 4})
    found = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    detail = found.detail().filter(pl.col("id") == "c-tax")
    waits = detail.row(by_predicate=pl.col("item") == "wait_within_15_rate", named=True)
    assert (waits["n"], waits["d"], waits["value"], waits["state"]) == (36, 40, 0.9, "number")
    assert waits["weight"] == 80.0
    assert waits["points"] == 64.0
    assert round(detail["points"].sum(), 2) == found.frame["score"][0] == 84.0


def test_printed_points_are_the_decimals_that_they_show(town: Town) -> None:
    """20.24 is 20.24 in a csv file, not 20.240000000000002."""
    queues(town, {"c-tax": 7, "n-tax": 3, "s-tax": 13, "t-all": 1, "v-all": 19}, size=89)
    found = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    items = [item.metric for item in found.scheme.items]
    cells = found.frame.select("score", *items).unpivot()["value"].drop_nulls()
    assert all(len(repr(cell).split(".")[1]) <= 2 for cell in cells)


def test_a_scope_ranks_only_its_own_counters(town: Town) -> None:
    """A county user sees a ranking of the county."""
    queues(town, {"c-tax": 4, "n-tax": 4, "v-all": 0})
    found = rank(town.home, AUGUST, Scope("north", frozenset(["C1"])), "all", as_of=LATER)
    assert found.frame["id"].to_list() == ["v-all", "n-tax"]


def test_the_default_as_of_day_is_printed_with_the_ranking(town: Town) -> None:
    """The last data day while the month still runs."""
    queues(town, {"c-tax": 4})
    assert rank(town.home, AUGUST, CITY).as_of == DAY
