"""Ties: equal points go by the scheme's tie rules in their order; who is equal still shares."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from rules import WAIT, shuffled, waits, write_scheme
from town import Town

from metrics.periods import parse_period
from metrics.ranking import Ranking, rank
from metrics.scope import Scope
from metrics.standings import placed

CITY = Scope("local", None)
LATER = date(2019, 12, 31)
DAY = date(2019, 8, 5)


def ranked(town: Town) -> Ranking:
    """August by the scheme at hand."""
    return rank(town.home, parse_period("2019-08"), CITY, None, "mine", LATER)


def test_equal_points_go_by_the_metrics_in_their_order(town: Town) -> None:
    """More tickets first; equal in that: the shorter mean wait; equal in all: tied."""
    write_scheme(town.home, 'ties = ["tickets", "wait_mean"]')
    rows = waits(town, DAY, {"c-tax": 0, "v-all": 0}, size=10)
    rows += waits(town, DAY, {"n-tax": 0}, size=20)
    rows += town.queue("s-tax", [30] * 10, DAY)
    rows += waits(town, DAY, {"t-all": 1}, size=50)
    town.deliver("tickets", shuffled(rows, 3))
    found = ranked(town).frame.select("id", "rank", "tied", "score").rows()
    assert found == [
        ("n-tax", 1, False, 100.0),
        ("s-tax", 2, False, 100.0),
        ("c-tax", 3, True, 100.0),
        ("v-all", 3, True, 100.0),
        ("t-all", 5, False, 98.0),
    ]


def test_without_tie_rules_equal_points_share_the_rank(town: Town) -> None:
    """并列, however many tickets."""
    write_scheme(town.home)
    town.deliver(
        "tickets",
        waits(town, DAY, {"c-tax": 0}, size=10) + waits(town, DAY, {"n-tax": 0}, size=20),
    )
    assert ranked(town).frame.select("id", "rank", "tied").rows() == [
        ("c-tax", 1, True),
        ("n-tax", 1, True),
    ]


def test_points_of_an_item_break_a_tie_and_no_value_comes_last(town: Town) -> None:
    """More points in the item first; who was not observed in it comes after those who were."""
    praise = """
[[item]]
id = "praise"
metric = "active_good_rate"
weight = 50
mapping = [[0, 0], [1, 1]]
"""
    half = WAIT.replace("weight = 100", "weight = 50")
    write_scheme(town.home, 'ties = ["praise"]\nnone = "spread"', items=half + praise)
    slow = {"c-tax": 5, "n-tax": 0, "s-tax": 3}
    town.deliver("tickets", waits(town, DAY, slow))
    town.deliver(
        "ratings",
        town.rate("c-tax", {5: 9, 1: 1}, DAY) + town.rate("n-tax", {5: 4, 1: 6}, DAY),
    )
    found = ranked(town).frame.select("id", "score", "rank", "tied").rows()
    assert found == [
        ("c-tax", 70.0, 1, False),
        ("n-tax", 70.0, 2, False),
        ("s-tax", 70.0, 3, False),
    ]


def test_points_are_compared_as_printed(town: Town) -> None:
    """2/3 and 667/1000 are both 66.7 with one decimal: equal, whatever lies behind."""
    write_scheme(town.home, "decimals = 1")
    town.deliver(
        "tickets",
        waits(town, DAY, {"c-tax": 1}, size=3) + waits(town, DAY, {"n-tax": 333}, size=1000),
    )
    assert ranked(town).frame.select("id", "score", "rank", "tied").rows() == [
        ("c-tax", 66.7, 1, True),
        ("n-tax", 66.7, 1, True),
    ]


UNITS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from(["number", "number", "few"]),
        st.integers(0, 3),
        st.one_of(st.none(), st.integers(0, 2)),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@given(units=UNITS, seed=st.integers(0, 99))
def test_a_rank_is_one_more_than_how_many_are_better(
    units: list[tuple[str, str, int, int | None, bool]], seed: int
) -> None:
    """By the rule in plain words, whatever the order of the rows."""
    schema = {
        "id": pl.Int64(),
        "frame": pl.String(),
        "state": pl.String(),
        "score_u": pl.Int64(),
        "key": pl.Int64(),
        "apart": pl.Boolean(),
    }
    rows = [(at, *unit) for at, unit in enumerate(units)]
    frame = pl.DataFrame(rows, schema=schema, orient="row").sample(
        fraction=1, shuffle=True, seed=seed
    )
    found = placed(frame, ["key"]).sort("id").to_dicts()
    takes = [one for one in found if one["state"] == "number" and not one["apart"]]

    def key(one: dict[str, int | None]) -> tuple[int, int]:
        return (one["score_u"] or 0, -1 if one["key"] is None else one["key"])

    assert [one["rank"] for one in found if one not in takes] == [None] * (len(found) - len(takes))
    for one in takes:
        peers = [other for other in takes if other["frame"] == one["frame"]]
        assert one["rank"] == 1 + sum(key(other) > key(one) for other in peers)
        assert one["tied"] == (sum(key(other) == key(one) for other in peers) > 1)
        assert one["standing"] == 1 + sum(key(other) > key(one) for other in takes)
