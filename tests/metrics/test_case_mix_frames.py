"""The on-time rate at the same case mix: from logs to strata to the frame."""

import json
import shlex
from collections.abc import Callable
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from town import DEPARTMENTS, HALLS, Row, Town

import hallscore
from data.errors import HallscoreError
from metrics.fairness.case_mix import ADJUSTED, CaseMix, adjusted
from metrics.periods import parse_period
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value

AUGUST, ALL = parse_period("2019-08"), Scope("local", None)
ITEMS: list[Row] = [
    {"item_id": "easy", "name": "Easy", "department_id": "TAX", "case_kind": "promised"},
    {"item_id": "hard", "name": "Hard", "department_id": "TAX", "case_kind": "promised"},
    {"item_id": "own", "name": "Own", "department_id": "LAND", "case_kind": "promised"},
]
COUNTERS: list[Row] = [
    {"counter_id": one, "name": one, "hall_id": hall, "department_id": "TAX"}
    for one, hall in (("a", "C1"), ("b", "C2"), ("c", "C"))
]
# counter, item, channel → on time, late
MIX = {
    ("a", "easy", "counter"): (29, 1),
    ("a", "hard", "counter"): (60, 30),
    ("b", "easy", "counter"): (87, 3),
    ("b", "hard", "online"): (20, 10),
    ("c", "easy", "counter"): (58, 2),
    ("c", "own", "counter"): (25, 15),
}


def cases(counter: str, item: str, channel: str, counts: tuple[int, int]) -> list[Row]:
    """Cases with a due time; the late ones closed a day after it."""
    due = datetime(2019, 8, 20, 17)
    rows = []
    for late, count in enumerate(counts):
        for place in range(count):
            closed = due + timedelta(days=2 * late - 1)
            rows.append(
                {
                    "case_id": f"{counter}-{item}-{channel}-{late}-{place}",
                    "counter_id": counter,
                    "department_id": "TAX",
                    "item_id": item,
                    "case_kind": "promised",
                    "channel": channel,
                    "received_at": datetime(2019, 8, 1, 9),
                    "accepted_at": datetime(2019, 8, 1, 10),
                    "due_at": due,
                    "closed_at": closed,
                }
            )
    return rows


@pytest.fixture
def mixed(build_town: Callable[..., Town]) -> Town:
    """Three counters: a does the hard item, b the easy one, c something that nobody shares."""
    assert DEPARTMENTS
    town = build_town(HALLS, COUNTERS)
    town.deliver("items", ITEMS)
    rows = [row for key, counts in MIX.items() for row in cases(*key, counts)]
    town.deliver("cases", rows, (date(2019, 8, 1), date(2019, 9, 1)))
    return town


def of(found: CaseMix, unit: str) -> dict[str, float]:
    return found.frame.filter(id=unit).row(0, named=True)


def test_strata_add_up_to_the_closed_cases(mixed: Town) -> None:
    """No case is in two strata or in none."""
    state = ensure(mixed.home)
    strata = state.frame("strata")
    closings = state.frame("closings")
    assert strata["stratum_with_limit"].sum() == closings["closed_with_limit"].sum() == 340
    assert strata["stratum_on_time"].sum() == closings["closed_on_time"].sum()
    keys = ["counter", "own", "item", "case_kind", "channel", "day"]
    assert strata.select(keys).is_duplicated().sum() == 0
    assert set(strata["channel"]) == {"counter", "online"}


def test_late_cases_are_compared_with_those_of_others_in_the_same_business(mixed: Town) -> None:
    """a is far behind b as it is; in the same business both are as expected."""
    found = adjusted(mixed.home, "on_time_rate", AUGUST, ALL)
    assert found.frame.schema == ADJUSTED
    assert found.counted == "rest"
    assert found.overall == pytest.approx(1 - 61 / 340)
    a, b = of(found, "a"), of(found, "b")
    # Easy at the counter: a holds 30 of 180, b 90 (left out of its own yardstick), c 60.
    # Hard: nobody else has it in the same channel; by item a is compared with b, b with a.
    assert a["e"] == pytest.approx(30 * 6 / 180 + 90 * 10 / 30)
    assert b["e"] == pytest.approx(90 * 3 / 90 + 30 * 30 / 90)
    assert (a["o"], b["o"]) == (31, 13)
    assert a["value"] == pytest.approx(89 / 120)
    assert a["sr"] == pytest.approx(1, abs=0.01)
    assert a["adjusted"] == pytest.approx(1 - a["sr"] * 61 / 340)
    assert a["adjusted_low"] < a["adjusted"] < a["adjusted_high"]
    # What has to look beyond the item was merged; the item in another channel was not.
    assert (a["merged"], a["merged_all"]) == (0, 0)


def test_business_that_nobody_shares_stays_out_and_is_said(mixed: Town) -> None:
    c = of(adjusted(mixed.home, "on_time_rate", AUGUST, ALL), "c")
    assert c["own_share"] == pytest.approx(0.4)
    assert (c["n"], c["d"], c["o"]) == (83, 100, 2)
    assert c["e"] == pytest.approx(60 * 4 / 120)


def test_n_and_d_are_those_of_the_metric(mixed: Town) -> None:
    for by in ("counter", "hall", "county", "city"):
        told = adjusted(mixed.home, "on_time_rate", AUGUST, ALL, by).frame
        values = value(mixed.home, "on_time_rate", AUGUST, by, ALL).filter(pl.col("d") > 0)
        assert told.select("id", "n", "d").equals(values.select("id", "n", "d"))


def test_alone_on_every_rung_there_is_nothing_to_compare(mixed: Town) -> None:
    """The city is one unit: its rate stands, and no ratio is made up."""
    told = adjusted(mixed.home, "on_time_rate", AUGUST, ALL, "city").frame.row(0, named=True)
    assert (told["state"], told["own_share"], told["sr"], told["adjusted"]) == (
        "none",
        1,
        None,
        None,
    )


def test_days_after_as_of_are_not_known(mixed: Town) -> None:
    """The late ones were closed on the 21st."""
    found = adjusted(mixed.home, "on_time_rate", AUGUST, ALL, as_of=date(2019, 8, 20))
    assert found.overall == 1
    assert of(found, "a")["d"] == 89
    assert of(found, "a")["o"] == 0


def test_what_is_not_kept_by_stratum_is_refused(mixed: Town) -> None:
    with pytest.raises(HallscoreError, match="Known: on_time_rate"):
        adjusted(mixed.home, "bad_rate", AUGUST, ALL)
    with pytest.raises(HallscoreError, match="'counter'"):
        adjusted(mixed.home, "on_time_rate", AUGUST, ALL, "countr")


def test_the_command_says_the_same(mixed: Town, capsys: pytest.CaptureFixture[str]) -> None:
    words = "funnel on_time_rate --period 2019-08 --case-mix"
    with pytest.raises(SystemExit):
        hallscore.app(args=["--home", str(mixed.home), *shlex.split(f"{words} --json")])
    told = json.loads(capsys.readouterr().out)
    assert told["units"] == adjusted(mixed.home, "on_time_rate", AUGUST, ALL).frame.to_dicts()
    with pytest.raises(HallscoreError, match="leave out"):
        hallscore.app(
            args=["--home", str(mixed.home), *shlex.split(f"{words} --frame county")],
            standalone_mode=False,
        )
