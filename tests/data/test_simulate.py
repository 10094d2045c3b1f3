"""The simulated city: real halls, queues that behave like queues, ratings at the ceiling."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from data.simulate import SimulatedCity, simulate
from data.simulate.town import halls
from data.workdays import load_calendar

FROM, TO = date(2019, 8, 1), date(2019, 10, 31)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> SimulatedCity:
    return simulate(tmp_path_factory.mktemp("city"), FROM, TO, tickets=120_000, seed=7)


def frame(city: SimulatedCity, log: str) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(one.path) for one in city.files if one.log == log])


def test_the_halls_are_those_that_the_city_counts() -> None:
    """1 + 10 + 107 + 1,388, all in one tree, each once."""
    found = halls()
    counts = dict(found.group_by("level").len().iter_rows())
    assert counts == {"city": 1, "county": 10, "township": 107, "village": 1388}
    assert found["hall_id"].is_unique().all()
    parents = found.filter(pl.col("level") != "city")["parent_id"]
    assert parents.is_in(found["hall_id"].implode()).all()


def test_there_are_about_six_thousand_counters(city: SimulatedCity) -> None:
    counters = frame(city, "counters")
    assert 5_900 <= counters.height <= 6_100
    assert counters["counter_id"].is_unique().all()


def test_the_same_seed_gives_the_same_rows(city: SimulatedCity, tmp_path: Path) -> None:
    again = simulate(tmp_path, FROM, TO, tickets=120_000, seed=7)
    other = simulate(tmp_path / "other", FROM, TO, tickets=120_000, seed=8)
    for log in (
        *("tickets", "cases", "ratings", "inspections", "findings"),
        *("attendance", "bonuses", "votes", "vetoes"),
    ):
        assert frame(again, log).equals(frame(city, log), null_equal=True), log
    assert not frame(other, "tickets").equals(frame(city, "tickets"))


def test_a_desk_serves_one_citizen_at_a_time(city: SimulatedCity) -> None:
    """Nobody is called while the desk is busy or before the ticket; first come, first served."""
    called = frame(city, "tickets").filter(pl.col("called_at").is_not_null())
    assert (called["called_at"] >= called["taken_at"]).all()
    hall = pl.col("counter_id").str.split("-").list.first()
    ordered = called.sort(hall, "desk_no", "called_at").with_columns(
        free=pl.col("finished_at").shift(1).over(hall, "desk_no")
    )
    assert ordered.filter(pl.col("called_at") < pl.col("free")).is_empty()
    first_come = called.sort("counter_id", "taken_at").with_columns(
        before=pl.col("called_at").shift(1).over("counter_id", pl.col("taken_at").dt.date())
    )
    assert first_come.filter(pl.col("called_at") < pl.col("before")).is_empty()


def test_tickets_are_taken_in_opening_hours_only(city: SimulatedCity) -> None:
    """9–12 and 13–17 on working days; Saturdays at the counters that open then."""
    tickets = frame(city, "tickets").with_columns(
        day=pl.col("taken_at").dt.date(), hour=pl.col("taken_at").dt.hour()
    )
    assert set(tickets["hour"].unique()) <= {9, 10, 11, 13, 14, 15, 16}
    calendar = load_calendar()
    off = [day for day in tickets["day"].unique() if not calendar.is_workday(day)]
    assert {day.isoweekday() for day in off} == {6}
    weekend = tickets.filter(pl.col("day").is_in(off))["counter_id"].unique()
    families = frame(city, "counters").filter(pl.col("counter_id").is_in(weekend.implode()))
    assert set(families["family"]) == {"公安"}
    assert date(2019, 9, 29) in set(tickets["day"])  # a make-up Sunday
    assert date(2019, 10, 1) not in set(tickets["day"])


def test_some_leave_the_queue(city: SimulatedCity) -> None:
    tickets = frame(city, "tickets")
    gone = (tickets["status"] == "abandoned").mean()
    assert 0.002 < gone < 0.1
    assert tickets.filter(pl.col("status") == "abandoned")["called_at"].is_null().all()


def test_ratings_stand_at_the_ceiling(city: SimulatedCity) -> None:
    """About 99 % at the top, some defaults after seven days, many services without a rating."""
    ratings = frame(city, "ratings")
    active = ratings.filter(pl.col("origin") == "active")
    assert 0.98 < (active["grade"] == 5).mean() < 0.995
    default = ratings.filter(pl.col("origin") == "default")
    assert 0.05 < default.height / ratings.height < 0.25
    assert ((default["rated_at"] - default["served_at"]).dt.total_days() == 7).all()
    served = (frame(city, "tickets")["status"] == "served").sum()
    assert 0.5 < ratings.height / served < 0.95


def test_cases_progress_from_one_delivery_to_the_next(city: SimulatedCity) -> None:
    """An open case of the third quarter comes again, closed, in the fourth."""
    third, fourth = (pl.read_parquet(one.path) for one in city.files if one.log == "cases")
    open_then = third.filter(pl.col("closed_at").is_null())
    assert open_then.height > 50
    again = fourth.filter(pl.col("case_id").is_in(open_then["case_id"].implode()))
    assert again.height == open_then.height
    assert again["closed_at"].is_not_null().mean() > 0.8
    closed = fourth.filter(pl.col("closed_at").is_not_null())
    assert (closed["closed_at"] >= closed["accepted_at"]).all()
    assert third["clock_stops"].is_not_null().any()


def test_small_stations_do_simple_business(city: SimulatedCity) -> None:
    """Few promised cases in the villages, many in the city hall."""
    level = frame(city, "halls").select("hall_id", "level")
    cases = frame(city, "cases").with_columns(
        hall_id=pl.col("counter_id").str.split("-").list.first()
    )
    share = (
        cases.join(level, on="hall_id")
        .group_by("level")
        .agg(promised=(pl.col("case_kind") == "promised").mean())
    )
    by_level = dict(share.iter_rows())
    assert by_level["village"] < 0.1 < by_level["county"] < by_level["city"]


def test_the_truth_is_kept_beside_the_logs(city: SimulatedCity) -> None:
    """A counter's bad ratings follow its true probability."""
    truth = pl.read_parquet(city.truth)
    assert truth.height == frame(city, "counters").height
    active = frame(city, "ratings").filter(pl.col("origin") == "active")
    joined = active.join(truth, on="counter_id")
    median = truth["bad_probability"].median()
    worse = joined.filter(pl.col("bad_probability") > median)["grade"] <= 2
    better = joined.filter(pl.col("bad_probability") <= median)["grade"] <= 2
    assert worse.mean() > 1.5 * better.mean()


def test_a_few_half_days_are_exempt(city: SimulatedCity) -> None:
    """On working days, at halls above the villages, each with its cause; some of one counter."""
    decided = frame(city, "exemptions")
    assert decided["exemption_id"].is_unique().all()
    assert 3 <= decided.height <= 6
    spell = (decided["ends_at"] - decided["starts_at"]).dt.total_hours()
    assert set(spell) <= {3, 4}
    assert all(load_calendar().is_workday(at.date()) for at in decided["starts_at"])
    levels = dict(halls().select("hall_id", "level").iter_rows())
    assert {levels[one] for one in decided["hall_id"]} <= {"city", "county", "township"}


def test_who_keeps_a_sheet_signs_on_each_working_day(city: SimulatedCity) -> None:
    """Twice in the city hall, once in counties and townships; village stations keep none."""
    shifts, staff = frame(city, "attendance"), frame(city, "staff")
    level = frame(city, "halls").select("hall_id", "level")
    placed = staff.with_columns(hall_id=pl.col("counter_id").str.slice(0, 12)).join(
        level, on="hall_id"
    )
    workdays = sum(load_calendar().frame(FROM, date(2019, 11, 1))["workday"])
    counts = placed.join(
        shifts.group_by("staff_id").agg(pl.len(), pl.col("attended_on").n_unique()), on="staff_id"
    )
    assert set(counts["attended_on"]) == {workdays}
    expected = {"city": 2 * workdays, "county": workdays, "township": workdays}
    told = counts.select("level", pl.col("len").cast(pl.Int64)).unique()
    assert dict(told.iter_rows()) == expected
    assert counts.height == placed.filter(pl.col("level") != "village").height
    away = shifts["kind"] == "leave"
    assert (shifts["leave_kind"].is_not_null() == away).all()


def test_lapses_follow_the_true_attendance_of_the_counter(city: SimulatedCity) -> None:
    """The truth is known, so that estimates can be tested against it."""
    truth = pl.read_parquet(city.truth).select("counter_id", "lapse_probability")
    staff = frame(city, "staff").select("staff_id", "counter_id").join(truth, on="counter_id")
    shifts = frame(city, "attendance").join(staff, on="staff_id")
    lapse = ~pl.col("kind").is_in(["present", "leave"])
    high = pl.col("lapse_probability") > truth["lapse_probability"].median()
    shares = dict(shifts.group_by(high.alias("high")).agg(lapse.mean()).iter_rows())
    assert shares[True] > 1.5 * shares[False] > 0


def test_votes_bonuses_and_vetoes_are_of_the_greater_halls(city: SimulatedCity) -> None:
    """Each month three electorates vote on each counter, and two on each member of city staff."""
    votes = frame(city, "votes")
    assert votes["score"].is_between(85, 100).all()
    of_counters = votes.filter(pl.col("counter_id").is_not_null())
    per_month = of_counters.group_by("counter_id", "voted_on").agg(pl.col("electorate").n_unique())
    assert set(per_month["electorate"]) == {3}
    assert of_counters["voted_on"].n_unique() == 3
    assert set(votes.filter(pl.col("staff_id").is_not_null())["electorate"]) == {"peers", "leaders"}
    assert frame(city, "bonuses").height == 180
    vetoes = frame(city, "vetoes")
    assert (vetoes["decided_on"] > vetoes["happened_on"]).all()
    assert 0.4 < frame(city, "findings")["staff_id"].is_not_null().mean() < 0.8


def test_every_bad_rating_has_its_redress_and_it_goes_on(city: SimulatedCity) -> None:
    """What is open at the end of a quarter comes again, further on, in the next file."""
    ratings = frame(city, "ratings")
    bad = ratings.filter(pl.col("grade") <= 2, pl.col("origin") == "active")
    third, fourth = (pl.read_parquet(one.path) for one in city.files if one.log == "rectifications")
    both = pl.concat([third, fourth])
    assert set(bad["rating_id"]) == set(both["rating_id"])
    again = fourth.join(third, on="rating_id", suffix="_before")
    assert again.height > 3
    assert (again["signed_at"] == again["signed_at_before"]).all(ignore_nulls=True)
    assert again["rectified_at"].count() > again["rectified_at_before"].count()
    assert (both["rectified_at"] >= both["verified_at"]).all(ignore_nulls=True)


def test_a_second_grade_is_that_of_the_follow_up(city: SimulatedCity) -> None:
    """A citizen does not say two things at once."""
    follow = frame(city, "ratings").filter(pl.col("rating_id").str.starts_with("F"))
    bad = frame(city, "ratings").filter(pl.col("grade") <= 2).select("rating_id", "case_id")
    last = frame(city, "rectifications").unique("rating_id", keep="last", maintain_order=True)
    told = last.join(bad, on="rating_id").join(follow, on="case_id", suffix="_follow")
    assert told.height > 10
    assert (told["rerated_grade"] == told["grade"]).all()
    assert (told["rerated_at"] == told["rated_at"]).all()


def test_a_void_comes_from_a_verdict(city: SimulatedCity) -> None:
    """And the speed of each hall is kept as the truth."""
    voids, told = frame(city, "voids"), frame(city, "rectifications")
    judged = told.filter(pl.col("verdict").is_in(["mistaken", "malicious"]))
    assert set(voids["rating_id"]) == set(judged["rating_id"])
    halls = pl.read_parquet(city.truth.with_name("halls.parquet"))
    assert halls.height == frame(city, "halls").height
    assert halls["redress_days"].is_between(0.5, 60).all()
