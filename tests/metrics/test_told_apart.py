"""A ranking summed up: its groups, who lies beyond them, what data it takes, what weights do."""

from datetime import date

import polars as pl
import pytest
from rules import write_scheme
from test_certainty import PRAISE, counters, rated
from test_sensitivity import AUGUST, CITY, ITEMS, LATER
from town import HALLS, Row, Town

from data.errors import HallscoreError
from metrics.fairness.peer_basis import peer_basis
from metrics.fairness.ranking import FairRanking, fair_ranking
from metrics.fairness.sensitivity import SENSITIVITY, flips, sensitivity
from metrics.fairness.small_frame import comparable, small_frame
from metrics.fairness.steadiness import first_flips, first_tenth, steady
from metrics.fairness.told_apart import (
    beyond,
    headline,
    middle,
    needed,
    order,
    spread,
    times_needed,
)
from metrics.rollup import ensure
from metrics.scheme_files import scheme
from metrics.scope import Scope

ALONE: Row = {"counter_id": "a", "name": "Alone", "hall_id": "C1", "family": "general"}
SURE = ("rank_low", "rank_high", "tier", "reliability")


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Six city counters without a bad rating and six with one in five; one county counter."""
    town = Town(tmp_path_factory.mktemp("parted") / "home", HALLS, [*counters(12), ALONE])
    write_scheme(town.home, items=PRAISE)
    rated(town, {"a": 3} | {f"w{at:02d}": 0 if at < 6 else 50 for at in range(12)}, 200)
    return town


@pytest.fixture(scope="module")
def ranking(parted: Town) -> FairRanking:
    return fair_ranking(parted.home, AUGUST, CITY, "level", "mine", LATER)


def test_the_order_of_a_group_is_that_of_its_certainty(ranking: FairRanking) -> None:
    """Six against six: 36 pairs of 66, and no pair among those who are equal."""
    city, county = order(ranking).to_dicts()
    assert (city["frame"], county["frame"]) == ("city", "county")
    assert (city["k"], city["pairs"], city["told_apart"]) == (12, 66, 36)
    assert (city["above"], city["expected"], city["below"]) == (6, 0, 6)
    assert city["rankability"] == ranking.group("city")["rankability"] > 0.75
    assert (city["reading"], county["reading"]) == ("high", "unknown")
    assert (county["k"], county["pairs"], county["rankability"]) == (1, 0, None)


def test_the_headline_counts_groups_and_pairs(ranking: FairRanking) -> None:
    told = headline(ranking)
    assert (told.groups, told.rankable, told.poor, told.unknown) == (2, 1, 0, 1)
    assert (told.pairs, told.told_apart, told.silent) == (66, 36, 1)
    assert (told.above, told.below) == (6, 6)


def test_who_lies_beyond_is_listed_above_first(ranking: FairRanking) -> None:
    rows = beyond(ranking)
    assert rows["tier"].to_list() == ["above"] * 6 + ["below"] * 6
    assert set(rows.filter(tier="below")["id"]) == {f"w{at:02d}" for at in range(6, 12)}
    assert rows["rank_high"].to_list() == [6] * 6 + [12] * 6


def test_every_counter_with_a_reliability_is_in_one_bin(ranking: FairRanking) -> None:
    bins, known = spread(ranking), ranking.frame["reliability"].drop_nulls()
    assert bins.height == 10
    assert int(bins["units_n"].sum()) == len(known) == 12
    for row in bins.to_dicts():
        last = row["high"] == 1
        inside = (known >= row["low"]) & ((known < row["high"]) | last)
        assert row["units_n"] == int(inside.sum())


def test_a_value_on_the_edge_of_a_bin_belongs_to_the_upper_one(ranking: FairRanking) -> None:
    """0.3 * 10 is 2.9999999999999996 in other orders of multiplication."""
    edges = [at / 10 for at in range(11)]
    frame = pl.DataFrame({"reliability": [*edges, None]})
    given = FairRanking(**{**vars(ranking), "frame": frame})
    assert spread(given)["units_n"].to_list() == [1] * 9 + [2]
    assert middle(given) == (11, 0.5, 6, 3)


@pytest.mark.parametrize(
    ("share", "target", "times"), [(0.5, 0.8, 4.0), (0.6, 0.75, 2.0), (0.8, 0.5, 0.25)]
)
def test_the_needed_length_is_that_of_spearman_and_brown(
    share: float, target: float, times: float
) -> None:
    """r' = m r / (1 + (m − 1) r) (Brown 1910; Spearman 1910) gives the target back."""
    frame = pl.DataFrame({"reliability": [share, 0.0]})
    told = frame.select(times_needed(target)).to_series()
    assert told.to_list() == [pytest.approx(times), None]
    assert times * share / (1 + (times - 1) * share) == pytest.approx(target)


def test_the_needed_base_is_the_base_times_its_factor(ranking: FairRanking) -> None:
    [row] = needed(ranking).to_dicts()
    mine = ranking.frame.filter(frame="city")
    assert row["frame"] == "city"
    assert (row["known"], row["half_n"]) == (12, 12)
    share = mine["reliability"]
    assert row["high_times"] == pytest.approx((4 * (1 - share) / share).median())
    assert row["high_times"] == pytest.approx(4 * row["half_times"])
    assert row["half_base"] < row["base"]


def test_scores_of_facts_alone_have_no_order_to_speak_of(ranking: FairRanking) -> None:
    """Where certainty says null there are no pairs, tiers or reliabilities: null, never 0."""
    sure = [pl.lit(None, ranking.frame.schema[name]).alias(name) for name in SURE]
    counts = ("rankability", "told_apart", "above", "below")
    nulls = [pl.lit(None, ranking.groups.schema[name]).alias(name) for name in counts]
    facts = {"frame": ranking.frame.with_columns(sure)}
    facts |= {"groups": ranking.groups.with_columns(nulls)}
    told = FairRanking(**{**vars(ranking), **facts})
    rows = order(told)
    assert rows["told_apart"].null_count() == rows["expected"].null_count() == 2
    assert set(rows["reading"]) == {"unknown"}
    assert (headline(told).pairs, headline(told).silent) == (0, 0)
    assert needed(told).is_empty()
    assert beyond(told).is_empty()
    assert middle(told) == (0, None, 0, 0)


def rows_of(ranks: list[int], stays: list[float]) -> pl.DataFrame:
    count = len(ranks)
    given = {"id": [str(at) for at in range(count)], "rank": ranks, "stays_top": stays}
    rest = {"name": [""] * count, "frame": ["f"] * count, "moves5": [0.25] * count}
    zeros = {name: [0] * count for name in SENSITIVITY if name not in given | rest}
    return pl.DataFrame(given | rest | zeros).select(list(SENSITIVITY)).cast(dict(SENSITIVITY))


def test_the_first_tenth_is_rounded_up_and_takes_in_who_is_tied() -> None:
    """Eleven units have two places; three are tied on the second."""
    rows = rows_of([1, 2, 2, 2, *range(5, 12)], [1.0, 0.5, 0.5, 0.8, *[0.0] * 7])
    assert first_tenth(rows)["rank"].to_list() == [1, 2, 2, 2]
    [row] = steady(rows).to_dicts()
    assert (row["k"], row["places"], row["first_n"], row["always"]) == (11, 2, 4, 1)
    assert (row["stays"], row["least"], row["moved"]) == (pytest.approx(0.7), 0.5, 0.25)


def test_who_is_tied_from_the_first_tenth_to_the_last_is_in_neither() -> None:
    """Nor is one alone: neither group has a share to speak of, and none of 0."""
    alike = rows_of([1] * 12, [0.0] * 12)
    one = rows_of([1], [0.0]).with_columns(frame=pl.lit("one"))
    both = pl.concat([alike, one])
    assert first_tenth(both).is_empty()
    for row in steady(both).to_dicts():
        assert (row["first_n"], row["always"]) == (0, 0)
        assert (row["stays"], row["least"], row["moved"]) == (None, None, 0.25)


def test_the_first_flips_are_those_of_each_pair(mixed: Town) -> None:
    """Each neighbour with the next, as far as there are any; no weights lift the worst of all."""
    rows = sensitivity(mixed.home, AUGUST, CITY, "mine", "all", size=20)
    told = first_flips(mixed.home, AUGUST, CITY, "mine", rows, pairs=9)
    assert told.height == 3
    assert told["moved"].is_null().to_list() == [False, False, True]
    for row in told.to_dicts():
        found = flips(mixed.home, AUGUST, CITY, "mine", row["ahead"], row["behind"])
        if found is None:
            assert (row["moved"], row["items"]) == (None, None)
            continue
        assert (row["moved"], row["score_ahead"]) == (found.moved, found.before[0])
        assert sum(abs(one) for one in row["changes"]) == pytest.approx(found.moved)
    assert set(told["items"].explode().drop_nulls()) <= {"wait", "good", "stay"}
    assert first_flips(mixed.home, AUGUST, CITY, "mine", rows.head(1)).is_empty()


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Three counters that are good at different things, and one that is nowhere better."""
    town = Town(tmp_path_factory.mktemp("three") / "home", HALLS, counters(4))
    day = date(2019, 8, 5)
    slow, left = (
        {"w00": 2, "w01": 10, "w02": 5, "w03": 20},
        {"w00": 6, "w01": 1, "w02": 9, "w03": 12},
    )
    tickets = [
        row
        for one, count in slow.items()
        for row in town.queue(one, [1800] * count + [60] * (40 - count) + [None] * left[one], day)
    ]
    town.deliver("tickets", tickets)
    good = {"w00": 30, "w01": 38, "w02": 29, "w03": 21}
    rows = [row for one, n in good.items() for row in town.rate(one, {5: n, 1: 40 - n}, day)]
    town.deliver("ratings", rows)
    write_scheme(town.home, items=ITEMS)
    return town


def test_the_groups_are_those_of_the_home_whoever_looks(parted: Town) -> None:
    """A county's clerk sees the group of the own counter with the size it has for everybody."""
    state, chosen = ensure(parted.home), scheme("hallscore", parted.home)
    whole = peer_basis(state, chosen, AUGUST, CITY)
    assert whole.groups["mine"].to_list() == whole.groups["k"].to_list()
    assert int(whole.groups["k"].sum()) == 13
    assert int(whole.rungs["counters_n"].sum()) == 13
    assert whole.span is None
    assert (whole.by_volume, whole.least) == (True, chosen.peers.least)
    one = peer_basis(state, chosen, AUGUST, Scope("clerk", frozenset({"C1"})))
    [row] = one.groups.to_dicts()
    assert row["mine"] == 1
    assert row["small"]
    assert one.rungs["counters_n"].to_list() == [1]


def test_every_comparable_metric_can_be_compared(parted: Town) -> None:
    """What is open at a day's end is no event of any day: it cannot, and says so."""
    names = comparable()
    assert {"bad_rate", "on_time_rate"} <= set(names)
    for name in names:
        assert small_frame(parted.home, name, AUGUST, "hall", CITY, "county")
    assert "on_time_rate_incl_open" not in names
    with pytest.raises(HallscoreError, match="no share of events"):
        small_frame(parted.home, "on_time_rate_incl_open", AUGUST, "hall", CITY, "county")
