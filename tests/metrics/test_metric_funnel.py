"""The funnel of a metric: who is in it, what stands beside each point, whom it refuses."""

import json
import shlex
from datetime import date
from pathlib import Path

import pytest
from town import COUNTERS, HALLS, Row, Town

import hallscore
from data.errors import HallscoreError
from metrics.fairness.funnel import POINTS, funnel, funnel_metrics
from metrics.methods.funnel import proportion_funnel
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value

AUGUST, ALL = parse_period("2019-08"), Scope("local", None)
DAY = date(2019, 8, 6)
MANY: list[Row] = [
    {"counter_id": f"m{n:02d}", "name": f"Counter {n}", "hall_id": "C1" if n % 2 else "C2"}
    for n in range(14)
]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Fourteen county counters at 0–2 bad of 60; m00 has 20 of 60, m01 3 ratings, c-tax one."""
    town = Town(tmp_path_factory.mktemp("crowd") / "home", HALLS, [*COUNTERS, *MANY])
    rows: list[Row] = town.rate("c-tax", {5: 40, 1: 1}, DAY)
    for n, one in enumerate(MANY):
        bad = 20 if n == 0 else n % 3
        grades = {5: 3} if n == 1 else {5: 60 - bad, 1: bad}
        rows += town.rate(str(one["counter_id"]), grades, DAY)
    town.deliver("ratings", rows, (date(2019, 8, 1), date(2019, 10, 1)))
    # Something in September, so that the ratings of August are mature.
    town.deliver("tickets", town.queue("c-tax", [60], date(2019, 9, 30)))
    return town


def test_points_are_the_values_of_the_units_of_the_frame(crowd: Town) -> None:
    """Counters of the counties alone; without ratings a counter has no number and no point."""
    found = funnel(crowd.home, "bad_rate", AUGUST, ALL, "county")
    assert found.points.schema == POINTS
    assert set(found.points["id"]) == {str(one["counter_id"]) for one in MANY}
    values = value(crowd.home, "bad_rate", AUGUST, "counter", ALL)
    same = found.points.select("id", "n", "d", "value", "state").join(
        values, on=["id", "n", "d", "value", "state"], how="semi"
    )
    assert same.height == len(MANY)
    n, d = found.points["n"].to_numpy(), found.points["d"].to_numpy()
    direct = proportion_funnel(n, d)
    assert found.points["lower998"].to_list() == pytest.approx(direct.limits[2].tolist())
    assert found.points["p"].to_list() == pytest.approx(direct.p.tolist())
    assert found.target == pytest.approx(n.sum() / d.sum())


def test_the_one_that_stands_out_comes_first_and_too_few_never_stand_out(crowd: Town) -> None:
    found = funnel(crowd.home, "bad_rate", AUGUST, ALL, "county")
    first = found.points.row(0, named=True)
    assert (first["id"], first["outlier"], first["outside"]) == ("m00", "high", "high")
    assert set(found.points["outlier"][1:]) == {"none"}
    assert found.points.filter(id="m01")["state"].item() == "few"


def test_the_complement_marks_the_other_side(crowd: Town) -> None:
    found = funnel(crowd.home, "active_good_rate", AUGUST, ALL, "county")
    assert found.points.row(0, named=True)["outlier"] == "low"


def test_the_curve_runs_from_the_smallest_to_the_largest_base(crowd: Town) -> None:
    found = funnel(crowd.home, "bad_rate", AUGUST, ALL, "county")
    assert (found.curve["d"].min(), found.curve["d"].max()) == (3, 60)
    at_end = found.curve.filter(d=60).select("lower95", "upper998").row(0)
    unit = found.points.filter(id="m02").select("lower95", "upper998").row(0)
    assert at_end == pytest.approx(unit)


def test_fewer_than_ten_units_are_drawn_by_chance_alone(crowd: Town) -> None:
    """By county there are two units: no spread between them can be measured."""
    found = funnel(crowd.home, "bad_rate", AUGUST, ALL, by="county")
    assert (found.points.height, found.spread, found.adjusted) == (2, "few_units", False)


def test_a_scope_sees_the_funnel_of_its_own_units(crowd: Town) -> None:
    found = funnel(crowd.home, "bad_rate", AUGUST, Scope("south", frozenset(["C2"])))
    assert set(found.points["hall"]) == {"South county"}


def test_an_empty_month_has_no_points_and_no_target(crowd: Town) -> None:
    found = funnel(crowd.home, "bad_rate", parse_period("2019-09"), ALL, "county")
    assert found.points.is_empty()
    assert found.curve.is_empty()
    assert (found.kind, found.target, found.phi) == ("none", None, None)


@pytest.mark.parametrize(
    ("metric", "frame", "by", "said"),
    [
        ("wait_mean", None, "counter", "has no funnel"),
        ("speed_up_promised", None, "counter", "has no funnel"),
        ("bad_rat", None, "counter", "'bad_rate'"),
        ("bad_rate", "level", "counter", "stands for"),
        ("bad_rate", "conty", "counter", "'county'"),
        ("bad_rate", None, "staff", "--by 'staff'"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(
    crowd: Town, metric: str, frame: str | None, by: str, said: str
) -> None:
    with pytest.raises(HallscoreError, match=said):
        funnel(crowd.home, metric, AUGUST, ALL, frame, by)


def test_every_metric_that_is_offered_is_a_counted_share() -> None:
    assert {"bad_rate", "on_time_rate", "wait_within_15_rate"} <= set(funnel_metrics())
    assert not {"wait_mean", "closed_cases", "active_satisfaction"} & set(funnel_metrics())


def run(home: Path, words: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        hallscore.app(args=["--home", str(home), *shlex.split(words)])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_the_command_says_what_the_function_says(
    crowd: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "funnel bad_rate --period 2019-08 --frame county"
    told = json.loads(run(crowd.home, f"{line} --json", capsys))
    found = funnel(crowd.home, "bad_rate", AUGUST, ALL, "county")
    assert told["points"] == found.points.to_dicts()
    assert told["curve"] == found.curve.to_dicts()
    assert (told["kind"], told["phi"]) == (found.kind, found.phi)
    table = run(crowd.home, line, capsys)
    assert "outside the 99.8 % limits (1)" in table
    assert "不是结论" in table
