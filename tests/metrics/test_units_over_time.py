"""Halls that move, close and merge: numbers follow the counter, places follow the date."""

from collections.abc import Callable
from datetime import date

import pytest
from town import HALLS, Row, Town

from data.errors import HallscoreError
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.rollup import refresh
from metrics.scope import Scope
from metrics.values import value

ALL = Scope("local", None)
MOVED = date(2019, 8, 15)
LATER = date(2019, 12, 31)


def moved(home: Town) -> Town:
    """Hill township goes from the north county to the south county in the middle of August."""
    to_south = {**HALLS[3], "name": "Hill new township", "parent_id": "C2", "valid_from": MOVED}
    home.deliver("halls", [to_south])
    return home


def with_rows(town: Town) -> Town:
    """Twenty tickets a day at each of three counters on the days about the move."""
    for counter, each in (("t-all", 5), ("v-all", 3), ("n-tax", 2), ("s-tax", 1)):
        for day in (date(2019, 8, 14), MOVED):
            town.deliver("tickets", town.queue(counter, [60] * each, day))
            town.deliver("ratings", town.rate(counter, {5: each}, day))
    return town


def tickets(town: Town, by: str, period: str = "2019-08", scope: Scope = ALL, **more: str) -> Row:
    frame = value(town.home, "tickets", parse_period(period), by, scope, LATER, **more)
    return dict(frame.select("id", "n").iter_rows())


def test_a_county_has_what_was_below_it_on_each_day(town: Town) -> None:
    """The township and its village count for the old county until the move, then for the new."""
    moved(with_rows(town))
    assert tickets(town, "county") == {"C1": 8 + 2 + 2, "C2": 8 + 1 + 1}
    assert tickets(town, "county", "2019-08-14") == {"C1": 10, "C2": 1}
    assert tickets(town, "county", "2019-08-15") == {"C1": 2, "C2": 9}
    assert tickets(town, "township") == {"C1T1": 16}
    assert tickets(town, "city") == {"C": 22}


def test_a_move_changes_no_number_before_it(town: Town) -> None:
    """Every unit of the day before, and its ranking, stay as they were."""
    with_rows(town)

    def before() -> list[object]:
        found: list[object] = [
            value(town.home, metric, parse_period("2019-08-14"), by, ALL, LATER).rows()
            for metric in ("tickets", "active_good_rate", "wait_median", "open_cases")
            for by in ("counter", "hall", "township", "county", "department", "city", "all")
        ]
        ranking = rank(town.home, parse_period("2019-08-14"), ALL, None, "first", LATER)
        return [*found, ranking.frame.rows(), ranking.unranked.rows()]

    old = before()
    moved(town)
    assert before() == old


def test_a_hall_is_named_as_it_was_called_at_the_end_of_the_period(town: Town) -> None:
    moved(with_rows(town))
    for period, name in (("2019-08-14", "Hill township"), ("2019-08", "Hill new township")):
        frame = value(town.home, "tickets", parse_period(period), "township", ALL, LATER)
        assert frame["name"].to_list() == [name]
        ranking = rank(town.home, parse_period(period), ALL, "township", "first", LATER).table()
        assert ranking["id"].to_list() == ["t-all"]


def test_a_county_frame_has_the_counters_that_are_in_it_at_the_end(town: Town) -> None:
    """The frame is that of the period's last day; the score is that of the whole period."""
    moved(with_rows(town))
    month, day = parse_period("2019-08"), parse_period("2019-08-14")
    south = rank(town.home, month, ALL, "county:C2", "first", LATER)
    assert set(south.table()["id"]) == {"s-tax", "t-all", "v-all"}
    assert set(rank(town.home, day, ALL, "county:C1", "first", LATER).table()["id"]) == {
        "n-tax",
        "t-all",
        "v-all",
    }


def test_a_viewer_sees_a_hall_on_the_days_on_which_it_is_theirs(town: Town) -> None:
    """Sums of halls and above by day; what is theirs at the end shows its own whole score."""
    moved(with_rows(town))
    north, south = Scope("n", frozenset(["C1"])), Scope("s", frozenset(["C2"]))
    assert tickets(town, "county", scope=north) == {"C1": 12}
    assert tickets(town, "township", scope=north) == {"C1T1": 8}
    assert tickets(town, "township", scope=south) == {"C1T1": 8}
    assert tickets(town, "all", scope=north) == {"C1": 12}
    assert tickets(town, "all", scope=south) == {"C2": 10}
    assert tickets(town, "counter", scope=north) == {"n-tax": 4, "t-all": 5, "v-all": 3}
    assert tickets(town, "counter", scope=south) == {"s-tax": 2, "t-all": 10, "v-all": 6}
    assert tickets(town, "counter", "2019-08-14", south) == {"s-tax": 1}
    seen = rank(town.home, parse_period("2019-08"), north, None, "first", LATER).table()
    assert seen["id"].to_list() == ["n-tax"]
    whole = rank(town.home, parse_period("2019-08"), ALL, None, "first", LATER).table()
    mine = rank(town.home, parse_period("2019-08"), south, None, "first", LATER).table()
    assert (
        dict(mine.select("id", "score").iter_rows()).items()
        <= dict(whole.select("id", "score").iter_rows()).items()
    )


def test_places_now_count_every_day_where_the_hall_stands_today(town: Town) -> None:
    """现行口径: the earlier numbers of a township compare with the county that it is in now."""
    moved(with_rows(town))
    assert tickets(town, "county", "2019-08-14", places="now") == {"C1": 2, "C2": 9}
    assert tickets(town, "county", places="now") == {"C1": 4, "C2": 18}
    assert tickets(town, "counter", places="now") == tickets(town, "counter")
    south = Scope("s", frozenset(["C2"]))
    assert tickets(town, "county", scope=south, places="now") == {"C2": 18}


def merge(town: Town, kind: str, old: str, new: str, share: float = 1) -> None:
    row = {"unit_kind": kind, "old_id": old, "new_id": new, "succeeds_on": MOVED, "share": share}
    town.deliver("successors", [row])


def test_places_now_carry_a_closed_counter_to_its_heir(town: Town) -> None:
    """Then: each has its own. Now: the heir has both, at every level, and nothing twice."""
    with_rows(town)
    merge(town, "counter", "n-tax", "s-tax")
    assert tickets(town, "counter") == {"n-tax": 4, "s-tax": 2, "t-all": 10, "v-all": 6} | {
        "c-tax": 0,
        "c-all": 0,
    }
    now = tickets(town, "counter", places="now")
    assert (now["s-tax"], now.get("n-tax", 0)) == (6, 0)
    assert tickets(town, "county", places="now") == {"C1": 16, "C2": 6}
    assert tickets(town, "city", places="now") == {"C": 22}


def test_places_now_carry_a_closed_hall_to_its_heir(town: Town) -> None:
    with_rows(town)
    merge(town, "hall", "C1T1V1", "C1T1")
    merge(town, "hall", "C1T1", "C2")
    assert tickets(town, "hall", places="now")["C2"] == 2 + 10 + 6
    assert tickets(town, "county", places="now") == {"C1": 4, "C2": 18}
    assert tickets(town, "county") == {"C1": 20, "C2": 2}


def test_a_part_of_a_unit_is_not_carried_on_silently(town: Town) -> None:
    """A rating cannot be split; the message says who, how much, and what to do."""
    with_rows(town)
    merge(town, "counter", "n-tax", "s-tax", 0.4)
    assert tickets(town, "county") == {"C1": 20, "C2": 2}
    with pytest.raises(HallscoreError, match=r"'n-tax' passed 0\.4 of itself to 's-tax'.*then"):
        tickets(town, "county", places="now")
    with pytest.raises(HallscoreError, match="--places 'today': expected one of then, now"):
        tickets(town, "county", places="today")


def test_a_ring_of_halls_still_ends(build_town: Callable[..., Town]) -> None:
    """A table from before the check may hold one; nothing above it is found, nothing hangs."""
    halls: list[Row] = [
        {"hall_id": "A", "name": "a", "level": "township", "parent_id": "B"},
        {"hall_id": "B", "name": "b", "level": "village", "parent_id": "A"},
    ]
    from metrics.cube import CubeState
    from metrics.lineage import above

    town = build_town()
    state: CubeState = refresh(town.home)
    import polars as pl

    tiles = pl.DataFrame(halls).with_columns(since=pl.lit(date.min), until=pl.lit(date.max))
    from data.versions import first_above

    assert first_above(tiles, pl.col("level") == "county").is_empty()
    assert set(first_above(tiles, pl.col("level") == "township")["hall_id"]) == {"A", "B"}
    assert above(state, "city").height == len(HALLS)
