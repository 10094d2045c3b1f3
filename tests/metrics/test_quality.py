"""Freshness and completeness: what came from whom, and how many counters appear in it."""

from datetime import date

from town import Town

from data.store import snapshot
from metrics.periods import parse_period
from metrics.quality import completeness, deliveries, freshness
from metrics.rollup import ensure
from metrics.scope import Scope

AUGUST, SEPTEMBER = parse_period("2019-08"), parse_period("2019-09")
DAY, CITY = date(2019, 8, 9), Scope("local", None)


def shares(town: Town, by: str, log: str = "tickets", scope: Scope = CITY) -> dict[str, tuple]:
    frame = completeness(ensure(town.home), log, AUGUST, by, scope, date(2019, 8, 31))
    return {row[0]: row[2:] for row in frame.iter_rows()}


def test_a_county_is_as_complete_as_its_counters(town: Town) -> None:
    """North county has the counters of its hall, its township and its village."""
    town.deliver("tickets", [*town.queue("n-tax", [60], DAY), *town.queue("v-all", [60, 90], DAY)])
    assert shares(town, "county") == {"C1": (2, 3, 2 / 3), "C2": (0, 1, 0.0)}
    assert shares(town, "all")["all"] == (2, 6, 2 / 6)
    assert shares(town, "county", log="ratings")["C1"] == (0, 3, 0.0)


def test_what_is_after_the_as_of_day_does_not_count(town: Town) -> None:
    town.deliver("tickets", town.queue("n-tax", [60], DAY))
    frame = completeness(ensure(town.home), "tickets", AUGUST, "all", CITY, date(2019, 8, 8))
    assert frame["n"].to_list() == [0]


def test_a_viewer_sees_the_own_halls_only(town: Town) -> None:
    town.deliver("tickets", town.queue("s-tax", [60], DAY))
    assert shares(town, "county", scope=Scope("north", frozenset(["C1"]))) == {"C1": (0, 3, 0.0)}


def test_deliveries_add_up_by_log_and_source(town: Town) -> None:
    """Also what was known, and only batches that report on the period."""
    rows = town.queue("n-tax", [60, 70], DAY)
    town.deliver("tickets", rows)
    town.deliver("tickets", [*rows, *town.queue("s-tax", [60], DAY)])
    town.deliver("ratings", town.rate("n-tax", {5: 3}, DAY))
    town.deliver("tickets", town.queue("n-tax", [60], date(2019, 9, 3)))
    told = deliveries(snapshot(town.home), AUGUST).to_dicts()
    assert [(one["log"], one["source"], one["batches"]) for one in told] == [
        ("ratings", "canonical", 1),
        ("tickets", "canonical", 2),
    ]
    assert (told[1]["read"], told[1]["accepted"], told[1]["known"]) == (5, 3, 2)
    assert (told[1]["first_day"], told[1]["last_day"], told[1]["behind"]) == (DAY, DAY, 25)
    assert deliveries(snapshot(town.home), SEPTEMBER)["read"].to_list() == [1]
    assert deliveries(snapshot(town.home), parse_period("2018-01")).is_empty()


def test_a_log_is_behind_the_latest_of_the_daily_ones(town: Town) -> None:
    """Tickets reach the 9th, ratings the 6th; an exemption of the 20th is a decision, not a lag."""
    town.deliver("tickets", town.queue("n-tax", [60], DAY))
    town.deliver("ratings", town.rate("n-tax", {5: 1}, date(2019, 8, 6)))
    decided = {
        "exemption_id": "E1",
        "starts_at": "2019-08-20 09:00:00",
        "ends_at": "2019-08-20 10:00:00",
        "cause": "power_cut",
        "decided_by": "王",
        "decided_on": "2019-08-20",
    }
    town.deliver("exemptions", [decided])
    told = {log: (day, behind) for log, day, behind in freshness(snapshot(town.home)).iter_rows()}
    assert told == {"tickets": (DAY, 0), "ratings": (date(2019, 8, 6), 3)}
