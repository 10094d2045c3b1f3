"""Odd against even days: units that differ are ordered alike by both, units that do not are not."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from data.errors import HallscoreError
from hallscore import main
from metrics.fairness.split_half import FLOORS, split_halves
from metrics.methods.agreement import split_half
from metrics.periods import parse_period
from metrics.scope import Scope
from tests.metrics.town import HALLS, Row, Town

LOCAL = Scope("local", None)
AUGUST = parse_period("2019-08")
DAYS = [date(2019, 8, 5) + timedelta(days=at) for at in range(4)]
COUNTERS: list[Row] = [
    {"counter_id": f"w{at}", "name": f"w{at}", "hall_id": "C"} for at in range(6)
]
# Bad ones of 20, by counter, on each of the four days: w0 to w3 keep their order, w4 and w5 swap.
BAD = [(0, 0, 0, 0), (1, 1, 1, 1), (2, 3, 2, 3), (5, 4, 5, 4), (9, 6, 9, 6), (6, 9, 6, 9)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    town = Town(tmp_path_factory.mktemp("halves") / "home", HALLS, COUNTERS)
    rows = [
        row
        for at, bad in enumerate(BAD)
        for day, count in zip(DAYS, bad, strict=True)
        for row in town.rate(f"w{at}", {1: count, 5: 20 - count}, day)
    ]
    town.deliver("ratings", rows, (AUGUST.start, AUGUST.end))
    town.deliver("ratings", town.rate("w0", {5: 1}, date(2019, 9, 20)))
    return town.home


def test_the_frame_is_that_of_the_method(home: Path) -> None:
    """Only w4 and w5 change places: Spearman's 1 − 6·2 / (6·35)."""
    frame = split_halves(home, "bad_rate", AUGUST, "counter", LOCAL)
    first = frame.row(0, named=True)
    unit, day = (
        [at for at in range(6) for _ in DAYS],
        [one.toordinal() for _ in BAD for one in DAYS],
    )
    by_hand = split_half([n for bad in BAD for n in bad], [20] * 24, unit, day)
    assert (first["peer_group"], first["units"], first["median_n"]) == ("all", 6, 80)
    assert first["r"] == pytest.approx(1 - 6 * 2 / (6 * 35)) == by_hand.r
    assert first["reliability"] == pytest.approx(2 * first["r"] / (1 + first["r"]))
    assert first["needed_n"] == pytest.approx(80 * (1 / first["reliability"] - 1))


def test_rows_are_floors_and_then_peer_groups(home: Path) -> None:
    """Nobody has a hundred ratings; the group has the metric's own least n."""
    frame = split_halves(home, "bad_rate", AUGUST, "counter", LOCAL)
    assert tuple(frame.filter(pl.col("peer_group") == "all")["least_n"]) == FLOORS
    assert frame.filter(pl.col("least_n") >= 100)["r"].count() == 0
    assert frame.row(-1, named=True) | {"r": 0} == frame.row(4, named=True) | {
        "r": 0,
        "peer_group": "city",
        "peers_zh": "市级",
        "peers_en": "City",
        "least_n": 30,
    }


def test_what_has_no_n_and_d_by_day_is_refused(home: Path) -> None:
    with pytest.raises(HallscoreError, match="cannot be halved"):
        split_halves(home, "wait_p90", AUGUST, "counter", LOCAL)


def test_the_command_prints_the_frame(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(
            ["--home", str(home), "sure", "bad_rate", "--split-half", "--period=2019-08", "--json"]
        )
    frame = split_halves(home, "bad_rate", AUGUST, "counter", LOCAL)
    assert json.loads(capsys.readouterr().out)["rows"] == frame.to_dicts()
