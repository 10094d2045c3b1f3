"""Control charts as frames: weeks, limits, phases by events alone, alarms, who sees what."""

import itertools
import json
import math
import shlex
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import mean

import numpy as np
import polars as pl
import pytest
from town import COUNTERS, HALLS, Row, Town

import hallscore
from data.errors import HallscoreError
from data.rebases import rebases, withdraw_rebase
from metrics.catalogue import metric
from metrics.fairness.alarms import ALARMS, alarms
from metrics.fairness.control import (
    OVERVIEW,
    SUMMARY,
    control,
    control_summary,
    control_units,
    span_to,
)
from metrics.fairness.control_points import control_metrics, kinds
from metrics.fairness.control_series import POINTS
from metrics.fairness.control_targets import target_of
from metrics.fairness.rebasing import add_rebase, events_of
from metrics.methods.cusum import in_control
from metrics.methods.run_lengths import threshold
from metrics.methods.shrinkage import shrink
from metrics.periods import Period, parse_period
from metrics.rollup import ensure
from metrics.scope import Scope

ALL, WAIT = Scope("local", None), "wait_within_15_rate"
MONDAY, WEEKS, SIZE = date(2019, 1, 7), 26, 80
YEAR = parse_period("2019")
# Tickets over 15 minutes a week: a level, then from week 12 on another one.
LATE = [12 + 2 * (week % 2) + (8 if week >= 12 else 0) for week in range(WEEKS)]
STEP = MONDAY + timedelta(weeks=12)
# Bad ratings of 60 a week at c-tax: one in the base, then a burst; the last is known 3 days later.
BURST = {5: 1, 22: 6, 23: 6}
MANY: list[Row] = [
    {"counter_id": f"m{n:02d}", "name": f"Counter {n}", "hall_id": "C2"} for n in range(37)
]
CHARTS = len(MANY) + 3


@pytest.fixture(scope="module")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Tickets at n-tax, ratings at c-tax, n-tax, s-tax and many, on the Mondays of 26 weeks."""
    town = Town(tmp_path_factory.mktemp("charts") / "home", HALLS, [*COUNTERS, *MANY])
    tickets: list[Row] = []
    ratings: list[Row] = []
    for week in range(WEEKS):
        day = MONDAY + timedelta(weeks=week)
        waits = [1200] * LATE[week] + [60] * (SIZE - LATE[week])
        tickets += town.queue("n-tax", waits, day) + town.queue("s-tax", [60], day)
        bad = BURST.get(week, 0)
        ratings += town.rate("c-tax", {5: 60 - bad}, day)
        ratings += town.rate("c-tax", {1: bad}, day, lag_days=3 if week == 23 else 0)
        ratings += town.rate("n-tax", {5: 30}, day) + town.rate("s-tax", {5: 30}, day)
    for one in MANY:
        ratings += town.rate(str(one["counter_id"]), {5: 20}, MONDAY)
    town.deliver("tickets", tickets, (MONDAY, date(2019, 9, 1)))
    town.deliver("ratings", ratings, (MONDAY, date(2019, 9, 1)))
    return town


@pytest.fixture
def rebased(halls: Town) -> Iterator[Town]:
    """The same town; the events of a test are withdrawn after it."""
    yield halls
    for one in rebases(halls.home):
        if one.withdrawn is None:
            withdraw_rebase(halls.home, one.no, "end of the test")


def limits(values: list[float]) -> tuple[float, float, float]:
    """Centre and limits of an XmR chart, written out: 2.66 mean moving ranges, screened once."""
    ranges = [abs(b - a) for a, b in itertools.pairwise(values)]
    kept = [one for one in ranges if one < 3.267 * mean(ranges)]
    return mean(values), mean(values) - 2.66 * mean(kept), mean(values) + 2.66 * mean(kept)


def shares(weeks: range) -> list[float]:
    return [1 - LATE[week] / SIZE for week in weeks]


def test_points_are_the_whole_weeks_and_their_limits_those_of_the_first_twenty(halls: Town) -> None:
    """The week of the last day is not over, and no point."""
    found = control(halls.home, WAIT, YEAR, "counter", "n-tax", ALL)
    assert found.points.schema == POINTS
    assert found.kind == "xmr"
    assert found.points["start"].to_list() == [
        MONDAY + timedelta(weeks=week) for week in range(WEEKS - 1)
    ]
    assert found.points["value"].to_list() == pytest.approx(shares(range(WEEKS - 1)))
    assert set(found.points["d"]) == {SIZE}
    told = found.points.select("centre", "low", "high").unique().row(0)
    assert told == pytest.approx(limits(shares(range(20))))
    assert found.points["phase"].to_list() == [0] * (WEEKS - 1)
    assert not found.points["provisional"].any()


def test_a_lasting_step_is_a_shift_and_says_since_when(halls: Town) -> None:
    found = control(halls.home, WAIT, YEAR, "counter", "n-tax", ALL)
    after = found.points.filter(pl.col("start") >= STEP)
    assert set(after["means"]) == {"deteriorating"}
    assert (found.variation, found.since) == ("deteriorating", STEP)
    assert found.rule in ("shift", "two_in_three")


def test_a_recorded_event_begins_a_phase_with_limits_of_its_own(rebased: Town) -> None:
    """And only that: withdrawn, the chart is what it was."""
    before = control(rebased.home, WAIT, YEAR, "counter", "n-tax", ALL)
    kept = add_rebase(rebased.home, WAIT, "n-tax", STEP, "a desk was closed", "Li")
    found = control(rebased.home, WAIT, YEAR, "counter", "n-tax", ALL)
    assert found.points["phase"].to_list() == [0] * 12 + [1] * 13
    assert [one.event for one in found.events] == ["a desk was closed"]
    for phase, weeks in ((0, range(12)), (1, range(12, WEEKS - 1))):
        told = found.points.filter(phase=phase).select("centre", "low", "high").unique().row(0)
        centre, low, high = limits(shares(weeks))
        assert told == pytest.approx((centre, low, min(high, 1.0)))  # a share ends at 1
    assert (found.variation, found.rule, found.since) == ("common", "", None)
    withdraw_rebase(rebased.home, kept.no, "it was not")
    again = control(rebased.home, WAIT, YEAR, "counter", "n-tax", ALL)
    assert again.points.equals(before.points)


def test_a_short_phase_is_provisional(rebased: Town) -> None:
    day = MONDAY + timedelta(weeks=WEEKS - 5)
    add_rebase(rebased.home, WAIT, "n-tax", day, "new queue machine", "Li")
    found = control(rebased.home, WAIT, YEAR, "counter", "n-tax", ALL)
    assert found.provisional
    assert found.points["provisional"].to_list() == [False] * (WEEKS - 5) + [True] * 4


def test_an_event_reaches_what_stands_below_and_never_what_is_above(rebased: Town) -> None:
    add_rebase(rebased.home, WAIT, "C1", STEP, "moved house", "Li")
    events = events_of(ensure(rebased.home), WAIT)
    reached = {
        unit
        for unit in ("C", "C1", "C2", "C1T1V1", "n-tax", "v-all", "c-tax", "all")
        if events.of(unit)
    }
    assert reached == {"C1", "C1T1V1", "n-tax", "v-all"}
    assert events_of(ensure(rebased.home), "bad_rate").of("C1") == ()
    add_rebase(rebased.home, "all", "all", STEP, "new rules", "Li")
    assert events_of(ensure(rebased.home), "bad_rate").of("all")
    # Two events of one day begin one phase.
    assert len(events_of(ensure(rebased.home), WAIT).of("C1")) == 1


def test_an_event_renews_the_stamp_of_the_pages(rebased: Town) -> None:
    before = ensure(rebased.home).stamp
    kept = add_rebase(rebased.home, WAIT, "all", STEP, "new rules", "Li")
    assert ensure(rebased.home).stamp != before
    withdraw_rebase(rebased.home, kept.no, "no")
    assert ensure(rebased.home).stamp == before


def test_the_span_that_is_shown_moves_no_limit(halls: Town) -> None:
    whole = control(halls.home, WAIT, YEAR, "counter", "n-tax", ALL)
    state = ensure(halls.home)
    assert state.last_day is not None
    part = span_to(MONDAY, state.last_day, "half")
    assert part.start == MONDAY  # 26 weeks before the last Monday are more than there are
    late = Period("", "weeks", STEP, part.end)
    shown = control(halls.home, WAIT, late, "counter", "n-tax", ALL)
    assert shown.points.equals(whole.points.filter(pl.col("start") >= STEP))


def usual_and_limit(charts: int) -> tuple[float, float]:
    """p0 and the threshold of c-tax: 1 bad of 1,200 in its base, 12 ratings a working day."""
    sizes = [1200, 600, 600, *[20] * len(MANY)]
    fit = shrink([1, *[0] * (CHARTS - 1)], sizes, draws=100)
    p0 = in_control([1], [1200], float(fit.mu.mean()), float(np.median(fit.strength)))
    return float(p0[0]), float(threshold(p0, [charts * 5 * 1200 / (20 * 5)])[0])


def walk(bad: list[int], size: int, p0: float, h: float) -> list[float]:
    """A Bernoulli CUSUM for twice the odds, written out."""
    p1 = 2 * p0 / (1 + p0)
    total, path = 0.0, []
    for one in bad:
        step = one * math.log(p1 / p0) + (size - one) * math.log((1 - p1) / (1 - p0))
        total = max(0.0, total + step)
        path.append(total)
        total = 0.0 if total >= h else total
    return path


def test_rare_bad_ratings_are_a_cusum_with_a_threshold_for_the_whole_town(halls: Town) -> None:
    """Forty counters share one false alarm a week: each has one in forty weeks of its ratings."""
    found = control(halls.home, "bad_rate", YEAR, "counter", "c-tax", ALL)
    assert found.kind == "cusum"
    p0, h = usual_and_limit(CHARTS)
    assert found.points["limit"].unique().to_list() == pytest.approx([h])
    first = found.points.filter(pl.col("start") < MONDAY + timedelta(weeks=23))
    path = walk([BURST.get(week, 0) for week in range(23)], 60, p0, h)
    assert first["sum"].to_list() == pytest.approx(path, abs=1e-9)
    alarmed = found.points.filter(rule="alarm")
    assert alarmed["start"].to_list() == [
        MONDAY + timedelta(weeks=22),
        MONDAY + timedelta(weeks=23, days=3),
    ]
    # The base is 20 weeks; the burst comes after it.
    assert found.points.filter(pl.col("start") < MONDAY + timedelta(weeks=20))["provisional"].all()
    assert not alarmed["provisional"].any()


def test_a_rating_enters_the_day_on_which_it_was_given(halls: Town) -> None:
    """What a chart said of a day does not change when older services are rated later."""
    found = control(halls.home, "bad_rate", YEAR, "counter", "c-tax", ALL)
    served = MONDAY + timedelta(weeks=23)
    late = found.points.filter(pl.col("start").is_in([served, served + timedelta(days=3)]))
    assert late.select("n", "d").rows() == [(0, 54), (6, 6)]


def test_alarms_list_the_counters_of_the_span_and_scope(halls: Town) -> None:
    week = parse_period("2019-W24")  # of 10 June: week 22
    found = alarms(halls.home, week, ALL)
    assert found.frame.schema == ALARMS
    assert found.charts == CHARTS
    (row,) = found.frame.to_dicts()
    assert (row["id"], row["hall"], row["day"]) == ("c-tax", "City", week.start)
    assert (row["n"], row["d"], row["since"]) == (6, 60, week.start)
    assert row["value"] == pytest.approx(0.1)
    assert row["sum"] >= row["limit"]
    assert alarms(halls.home, week.previous(), ALL).frame.is_empty()
    seen = alarms(halls.home, week, Scope("north", frozenset(["C1"])))
    assert (seen.frame.height, seen.charts) == (0, CHARTS)


def test_the_allowance_is_that_of_the_town_and_not_of_one_counter(halls: Town) -> None:
    found = control(halls.home, "bad_rate", YEAR, "counter", "c-tax", ALL)
    assert usual_and_limit(1)[1] < 0.8 * found.points["limit"][0]


def test_a_complement_counts_the_same_bad_ratings(halls: Town) -> None:
    bad = control(halls.home, "bad_rate", YEAR, "counter", "c-tax", ALL)
    good = control(halls.home, "active_good_rate", YEAR, "counter", "c-tax", ALL)
    assert good.points["sum"].to_list() == pytest.approx(bad.points["sum"].to_list())
    assert (good.points["n"] + bad.points["n"]).equals(bad.points["d"])


def test_a_summary_says_of_each_unit_what_its_chart_says(halls: Town) -> None:
    asked = [WAIT, "bad_rate"]
    found = control_summary(halls.home, asked, "counter", ALL, YEAR)
    assert found.schema == SUMMARY
    assert found.height == 2 * len([*COUNTERS, *MANY])
    for row in found.filter(pl.col("id").is_in(["n-tax", "c-tax"])).to_dicts():
        one = control(halls.home, row["metric"], YEAR, "counter", row["id"], ALL)
        told = (one.kind, one.variation, one.assurance, one.rule, one.since, one.target)
        names = ("kind", "variation", "assurance", "rule", "since", "target")
        assert tuple(row[name] for name in names) == told
    kind = dict(found.filter(metric=WAIT).select("id", "kind").iter_rows())
    assert (kind["n-tax"], kind["s-tax"], kind["v-all"]) == ("xmr", "few", "none")
    only = control_summary(halls.home, asked, "counter", ALL, YEAR, units=["n-tax"])
    assert only.equals(found.filter(id="n-tax").sort("metric", descending=True))


def test_too_few_a_week_have_no_chart_and_no_verdict(halls: Town) -> None:
    found = control(halls.home, WAIT, YEAR, "counter", "s-tax", ALL)
    assert (found.kind, found.variation, found.points.height) == ("few", "none", 0)
    assert found.week["d"] == 1
    nobody = control(halls.home, WAIT, YEAR, "counter", "v-all", ALL)
    assert (nobody.kind, nobody.points.height, dict(nobody.week)) == ("none", 0, {})


def test_ten_bad_events_a_week_are_enough_for_limits(halls: Town) -> None:
    """At the ceiling the kind goes by the unit: the town has 0.5 bad ratings a week."""
    state = ensure(halls.home)
    assert state.last_day is not None
    told = kinds(state, metric("bad_rate"), "all", ALL, state.last_day)
    assert told["kind"].to_list() == ["cusum"]


def test_the_target_is_what_earns_all_points_or_none(halls: Town) -> None:
    day = date(2019, 6, 1)
    assert target_of(halls.home, "hallscore", metric(WAIT), day) == 1.0
    assert target_of(halls.home, "hallscore", metric("abandonment_rate"), day) == 0.0
    assert target_of(halls.home, "hallscore", metric("bad_rate"), day) is None
    assert target_of(halls.home, "hallscore", metric(WAIT), date(2018, 6, 1)) is None
    found = control(halls.home, WAIT, YEAR, "counter", "n-tax", ALL, scheme="hallscore")
    high = limits(shares(range(20)))[2]
    assert found.assurance == ("inconsistent" if high >= 1 else "fail")


def test_what_was_known_on_a_day_is_all_that_counts(halls: Town) -> None:
    day = MONDAY + timedelta(weeks=10)
    found = control(halls.home, WAIT, YEAR, "counter", "n-tax", ALL, as_of=day)
    assert found.points.height == 10
    assert found.points["provisional"].all()
    # Ratings are final after seven days: their weeks lag one behind.
    rated = control_summary(halls.home, ["bad_rate"], "counter", ALL, YEAR, as_of=day)
    assert rated.filter(id="c-tax")["start"].item() == MONDAY + timedelta(weeks=8)


def test_a_scope_sees_its_own_units_alone(halls: Town) -> None:
    north = Scope("north", frozenset(["C1"]))
    state = ensure(halls.home)
    assert state.last_day is not None
    assert set(control_units(state, "counter", north, state.last_day)) == {
        "n-tax",
        "t-all",
        "v-all",
    }
    with pytest.raises(HallscoreError, match="no counter of that id"):
        control(halls.home, WAIT, YEAR, "counter", "c-tax", north)
    mine = control(halls.home, "bad_rate", YEAR, "counter", "n-tax", north)
    same = control(halls.home, "bad_rate", YEAR, "counter", "n-tax", ALL)
    assert mine.points.equals(same.points)


@pytest.mark.parametrize(
    ("name", "unit", "said"),
    [
        ("wait_p90", "n-tax", "has no control chart"),
        ("wait_within", "n-tax", "is not in the catalogue"),
        (WAIT, "n-tx", "Did you mean 'n-tax'"),
    ],
)
def test_what_has_no_chart_is_refused_with_what_has(
    halls: Town, name: str, unit: str, said: str
) -> None:
    with pytest.raises(HallscoreError, match=said):
        control(halls.home, name, YEAR, "counter", unit, ALL)


def test_every_metric_that_is_offered_has_a_chart(halls: Town) -> None:
    """A stock has no week of its own, so that a rate with one in its base has none either."""
    assert "on_time_rate_incl_open" not in control_metrics()
    for name in control_metrics():
        found = control(halls.home, name, YEAR, "counter", "n-tax", ALL)
        assert found.metric.id == name


def test_a_home_without_ratings_has_no_alarm_and_no_chart_of_them(town: Town) -> None:
    town.deliver("tickets", town.queue("n-tax", [60] * 40, MONDAY))
    assert alarms(town.home, YEAR, ALL).frame.is_empty()
    (row,) = control_summary(town.home, ["bad_rate"], "all", ALL, YEAR).to_dicts()
    assert (row["kind"], row["value"], row["variation"]) == ("none", None, "none")


def test_a_rebased_cusum_has_a_base_of_its_own(rebased: Town) -> None:
    """The phase begins in the burst: the sum starts at 0, and everything is provisional."""
    day = MONDAY + timedelta(weeks=23)
    add_rebase(rebased.home, "bad_rate", "c-tax", day, "other staff", "Li")
    found = control(rebased.home, "bad_rate", YEAR, "counter", "c-tax", ALL)
    assert found.points["phase"].to_list() == [0] * 23 + [1] * 4
    assert found.points.filter(phase=1)["provisional"].all()
    assert found.points.filter(phase=1)["limit"][0] != found.points["limit"][0]
    assert found.provisional


def test_alarms_are_of_events_alone(halls: Town) -> None:
    with pytest.raises(HallscoreError, match="bad_rate"):
        alarms(halls.home, YEAR, ALL, "wait_mean")


@pytest.mark.parametrize(
    ("name", "unit", "said"),
    [("wait_men", "all", "Did you mean 'wait_mean'"), (WAIT, "C9", "neither a hall nor a counter")],
)
def test_an_event_of_an_unknown_metric_or_unit_is_refused(
    halls: Town, name: str, unit: str, said: str
) -> None:
    with pytest.raises(HallscoreError, match=said):
        add_rebase(halls.home, name, unit, STEP, "x", "Li")


def test_every_metric_of_the_overview_has_a_chart() -> None:
    assert set(OVERVIEW) <= set(control_metrics())


def ask(home: Path, line: str) -> None:
    with pytest.raises(SystemExit) as ended:
        hallscore.main(["--home", str(home), *shlex.split(line)])
    assert not ended.value.code


def test_events_on_the_command_line(rebased: Town, capsys: pytest.CaptureFixture[str]) -> None:
    add = f"rebase add {WAIT} --unit C1 --from 2019-04-01 --event 'moved house' --by Li --json"
    ask(rebased.home, add)
    kept = json.loads(capsys.readouterr().out)
    assert (kept["metric"], kept["unit"], kept["day"]) == (WAIT, "C1", "2019-04-01")
    ask(rebased.home, f"rebase withdraw {kept['no']} --reason 'another hall'")
    assert "another hall" in capsys.readouterr().err
    ask(rebased.home, "rebase list --json")
    last = json.loads(capsys.readouterr().out)[-1]
    assert (last["no"], last["by"], last["withdrawn"]) == (kept["no"], "Li", "another hall")
