"""A value with its chance: equal in frame, command and ranking, and nothing where nothing is."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rules import write_scheme

from data.errors import HallscoreError
from hallscore import main
from metrics.fairness.ranking import fair_ranking
from metrics.fairness.shrunk import CHANCE, shrunk
from metrics.histogram import edges
from metrics.methods.intervals import wilson
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value
from tests.metrics.town import HALLS, Row, Town

LOCAL = Scope("local", None)
AUGUST = parse_period("2019-08")
DAYS = [date(2019, 8, 5) + timedelta(days=at) for at in range(5)]
COUNTERS: list[Row] = [
    *(
        {"counter_id": f"w{at}", "name": f"w{at}", "hall_id": "C", "family": "general"}
        for at in range(10)
    ),
    {"counter_id": "n0", "name": "n0", "hall_id": "C1", "department_id": "TAX"},
    {"counter_id": "t0", "name": "t0", "hall_id": "C1T1", "department_id": "TAX"},
]
# Bad ratings of 20 a day, the same each day; w8 has three good ones, w9 none at all.
BAD = {f"w{at}": at % 3 for at in range(8)} | {"n0": 1, "t0": 2}
PRAISE = """
[[item]]
metric = "active_good_rate"
weight = 100
mapping = [[0.5, 0], [1, 1]]
min_n = 1
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Steady days, a counter with three ratings, one with none."""
    town = Town(tmp_path_factory.mktemp("shrunk") / "home", HALLS, COUNTERS)
    rows = [
        row
        for day in DAYS
        for name, bad in BAD.items()
        for row in town.rate(name, {1: bad, 5: 20 - bad}, day)
    ]
    rows += town.rate("w8", {5: 3}, DAYS[0])
    town.deliver("ratings", rows, (AUGUST.start, AUGUST.end))
    town.deliver("ratings", town.rate("w0", {5: 1}, date(2019, 9, 20)))
    tickets = [
        row for day in DAYS for row in town.queue("w0", [30 + 60 * n for n in range(20)], day)
    ]
    town.deliver("tickets", tickets, (AUGUST.start, AUGUST.end))
    (town.home / "access.toml").write_text('[users.hill]\nhalls = ["C1T1"]\n', "utf-8")
    write_scheme(town.home, items=PRAISE)
    return town.home


def told(home: Path, metric: str, by: str = "counter", scope: Scope = LOCAL) -> pl.DataFrame:
    return shrunk(home, metric, AUGUST, by, scope)


def row(frame: pl.DataFrame, name: str) -> dict[str, Any]:
    return frame.row(by_predicate=pl.col("id") == name, named=True)


def test_values_are_those_of_value(home: Path) -> None:
    for metric in ("active_good_rate", "active_satisfaction", "wait_p90", "tickets"):
        plain = value(home, metric, AUGUST, "counter", LOCAL)
        assert told(home, metric).select(plain.columns).equals(plain)


def test_the_command_prints_the_frame(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main_of(home, "active_good_rate", "--json")
    printed = json.loads(capsys.readouterr().out)
    assert printed["rows"] == told(home, "active_good_rate").to_dicts()
    main_of(home, "active_good_rate", "--unit", "w1", "--format", "csv")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(",") == told(home, "active_good_rate").columns
    assert [line.split(",")[0] for line in lines[1:]] == ["w1"]


def main_of(home: Path, *arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "sure", *arguments, "--period", "2019-08"])
    assert not ended.value.code


def test_the_draws_are_those_of_the_ranking(home: Path) -> None:
    """A score of one item is 200 · (share − ½), and so are its bounds."""
    ranked = fair_ranking(home, AUGUST, LOCAL, None, "mine").frame
    both = ranked.select("id", score_low="low", score_high="high").join(
        told(home, "active_good_rate"), on="id"
    )
    assert both.height == 11
    for bound in ("low", "high"):
        of_scores = both[f"score_{bound}"].to_list()
        ours = (200 * (both[f"shrunk_{bound}"] - 0.5)).to_list()
        assert of_scores == pytest.approx(ours, abs=1e-3)


def test_steady_days_have_wilsons_interval(home: Path) -> None:
    one = row(told(home, "bad_rate"), "w2")
    low, high = wilson([10], [100])
    assert (one["low"], one["high"]) == pytest.approx((low[0], high[0]))
    assert (one["interval"], one["deff"]) == ("wilson", 1.0)


def test_three_of_three_is_no_better_than_sixty_of_sixty(home: Path) -> None:
    """Equal rates: the one with three events is few, and believed of less."""
    frame = told(home, "active_good_rate")
    small, large = row(frame, "w8"), row(frame, "w0")
    assert (small["value"], large["value"]) == (1.0, 1.0)
    assert (small["state"], large["state"]) == ("few", "number")
    assert small["shrunk"] < large["shrunk"] < 1
    assert small["reliability"] < large["reliability"]
    assert small["k"] == 9
    assert small["peers_zh"] == "市级·general"


def test_who_has_none_has_no_interval(home: Path) -> None:
    one = row(told(home, "active_good_rate"), "w9")
    assert one["state"] == "none"
    assert {one[name] for name in CHANCE} == {None}


def test_the_response_rate_stands_beside_ratings_only(home: Path) -> None:
    plain = value(home, "response_rate", AUGUST, "counter", LOCAL)
    beside = told(home, "active_satisfaction")
    assert beside["response_rate"].to_list() == plain["value"].to_list()
    assert (beside["response_n"].to_list(), beside["response_d"].to_list()) == (
        plain["n"].to_list(),
        plain["d"].to_list(),
    )
    assert row(beside, "w0")["response_d"] == 100
    assert told(home, "wait_p90")["response_rate"].count() == 0


def test_a_quantile_lies_between_edges_of_bins(home: Path) -> None:
    """Five days of 20 waits of 0.5, 1.5, … minutes: P90 is near the 18th minute."""
    one = row(told(home, "wait_p90"), "w0")
    assert one["interval"] == "order"
    assert one["low"] <= one["value"] <= one["high"]
    assert {one["low"], one["high"]} <= set(map(float, edges()))
    assert 15 * 60 <= one["low"] < one["high"] <= 20 * 60


def test_a_mean_of_grades_holds_its_value(home: Path) -> None:
    one = row(told(home, "active_satisfaction"), "w1")
    assert one["interval"] == "dirichlet"
    assert one["low"] < one["value"] < one["high"]
    assert row(told(home, "active_satisfaction"), "w0")["high"] == 100


def test_a_mean_of_equal_days_is_its_value(home: Path) -> None:
    """Five days with the same waits, 10 minutes on average, and no other counter to borrow from."""
    one = row(told(home, "wait_mean"), "w0")
    assert (one["interval"], one["value"]) == ("days", 600)
    assert (one["low"], one["high"]) == pytest.approx((600, 600))


def test_a_count_is_a_fact(home: Path) -> None:
    one = row(told(home, "tickets"), "w0")
    assert one["n"] == 100
    assert {one[name] for name in CHANCE} == {None}


def test_what_is_seen_in_part_has_no_chance_of_the_whole(home: Path) -> None:
    """Of the department the viewer of the township sees 100 of 200 ratings."""
    hill = Scope("hill", frozenset(["C1T1"]))
    whole, part = (row(told(home, "bad_rate", "department", one), "TAX") for one in (LOCAL, hill))
    assert (whole["d"], part["d"]) == (200, 100)
    assert whole["low"] is not None
    assert {part[name] for name in CHANCE} == {None}
    assert row(told(home, "bad_rate", scope=hill), "t0") == row(told(home, "bad_rate"), "t0")


def test_one_alone_is_not_shrunk_towards_anybody(home: Path) -> None:
    one = row(told(home, "bad_rate", "all"), "all")
    assert (one["k"], one["few_peers"], one["reliability"]) == (1, True, None)
    assert one["shrunk_low"] < one["value"] < one["shrunk_high"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["bad_rates"],
        ["bad_rate", "--unit", "w77"],
        ["bad_rate", "--unit", "w1", "--split-half"],
        ["bad_rate", "--agreement"],
    ],
)
def test_what_is_wrongly_asked_is_refused(home: Path, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "sure", *wrong, "--period", "2019-08"])
    assert ended.value.code == 2


def test_another_day_of_knowledge_is_another_frame(home: Path) -> None:
    """On 10 August nothing of August is mature."""
    early = shrunk(home, "bad_rate", AUGUST, "counter", LOCAL, date(2019, 8, 10))
    assert set(early["state"]) == {"none"}
    with pytest.raises(HallscoreError, match="catalogue"):
        shrunk(home, "bad", AUGUST, "counter", LOCAL)
