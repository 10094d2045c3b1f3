"""A few units beside each other: who is told apart, who is not, and what is said of it."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.errors import HallscoreError
from hallscore import main
from metrics.fairness.small_frame import SmallFrame, small_frame
from metrics.methods.intervals import wilson
from metrics.periods import parse_period
from metrics.scope import Scope
from tests.metrics.town import Town

LOCAL = Scope("local", None)
AUGUST = parse_period("2019-08")
HALLS: list[dict[str, Any]] = [
    {"hall_id": "C", "name": "City", "level": "city"},
    *(
        {"hall_id": f"K{at}", "name": f"County {at}", "level": "county", "parent_id": "C"}
        for at in range(10)
    ),
    {"hall_id": "T1", "name": "Hill", "level": "township", "parent_id": "K1"},
]
COUNTERS: list[dict[str, Any]] = [
    *({"counter_id": f"k{at}", "name": f"k{at}", "hall_id": f"K{at}"} for at in range(10)),
    {"counter_id": "t1", "name": "t1", "hall_id": "T1"},
]
DAYS = [date(2019, 8, 5) + timedelta(days=at) for at in range(5)]
# Bad ratings of 20 a day: County 0 has none, County 9 a third; County 8 has too few ratings.
BAD = [0, 1, 1, 1, 1, 1, 1, 1, 1, 7]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten counties with the same number of ratings each day."""
    town = Town(tmp_path_factory.mktemp("small") / "home", HALLS, COUNTERS)
    rows = []
    for day in DAYS:
        for at, bad in enumerate(BAD):
            if at == 8 and day > DAYS[0]:
                continue
            rows += town.rate(f"k{at}", {1: bad, 5: 20 - bad}, day)
    rows += town.rate("t1", {5: 20}, DAYS[0])
    town.deliver("ratings", rows, (AUGUST.start, AUGUST.end))
    town.deliver("ratings", town.rate("k0", {5: 1}, date(2019, 9, 20)))
    return town.home


@pytest.fixture(scope="module")
def told(home: Path) -> SmallFrame:
    return small_frame(home, "bad_rate", AUGUST, "county", LOCAL)


def row(told: SmallFrame, name: str) -> dict[str, Any]:
    return next(one for one in told.units.to_dicts() if one["id"] == name)


def test_only_what_chance_does_not_explain_is_told_apart(told: SmallFrame) -> None:
    """County 9 differs from all others; among the others nobody stands before anybody."""
    assert (told.k, told.pairs) == (9, 36)
    assert told.told_apart == 8
    assert {one["letters"] for one in told.units.to_dicts() if one["id"] not in ("K8", "K9")} == {
        "a"
    }
    assert row(told, "K9")["letters"] == "b"
    assert (row(told, "K9")["rank_low"], row(told, "K9")["rank_high"]) == (9, 9)
    assert (row(told, "K0")["rank_low"], row(told, "K0")["rank_high"]) == (1, 8)


def test_equal_units_share_their_rank_and_too_few_have_none(told: SmallFrame) -> None:
    ranks = {one["id"]: (one["rank"], one["tied"]) for one in told.units.to_dicts()}
    assert ranks["K0"] == (1, False)
    assert ranks["K1"] == (2, False)  # with the 20 good ones of its township
    assert ranks["K2"] == ranks["K7"] == (3, True)
    assert row(told, "K8")["state"] == "few"
    assert ranks["K8"] == (None, None)
    assert [one["id"] for one in told.units.to_dicts()][-1] == "K8"


def test_intervals_are_wilson_and_steady_days_cost_nothing(told: SmallFrame) -> None:
    """The same share each day is no sign of correlation: the base counts in full."""
    assert told.rho == 0
    low, high = wilson([35], [100])
    assert (row(told, "K9")["lower"], row(told, "K9")["upper"]) == pytest.approx((low[0], high[0]))


def test_bad_days_make_the_same_sums_say_less(tmp_path: Path) -> None:
    """All bad ratings on one day: five days say little more than one did."""
    town = Town(tmp_path / "home", HALLS, COUNTERS)
    rows = []
    for at, day in enumerate(DAYS):
        for county, bad in enumerate(BAD):
            on_the_day = min(5 * bad, 20) if at == 0 else max(0, 5 * bad - 20) if at == 1 else 0
            grades = {1: on_the_day, 5: 20 - on_the_day}
            rows += town.rate(f"k{county}", grades, day)
    town.deliver("ratings", rows, (AUGUST.start, AUGUST.end))
    town.deliver("ratings", town.rate("k0", {5: 1}, date(2019, 9, 20)))
    found = small_frame(town.home, "bad_rate", AUGUST, "county", LOCAL)
    assert found.rho > 0.1
    assert row(found, "K9")["n"] == 35
    assert row(found, "K9")["deff"] > 2
    assert row(found, "K9")["upper"] - row(found, "K9")["lower"] > 0.25
    assert found.told_apart == 0
    assert "没有一对能分出高低" in "".join(found.sentences())


def test_frames_are_levels_counties_and_peer_groups(home: Path) -> None:
    def units(by: str, frame: str) -> set[str]:
        return set(small_frame(home, "bad_rate", AUGUST, by, LOCAL, frame).units["id"])

    assert len(units("hall", "county")) == 10
    assert units("counter", "county:K1") == {"k1", "t1"}
    assert units("counter", "hall:K1") == {"k1"}
    assert len(units("counter", "county")) == 10


def test_one_unit_alone_is_compared_with_nobody(home: Path) -> None:
    alone = small_frame(home, "bad_rate", AUGUST, "hall", LOCAL, "hall:K1")
    assert (alone.k, alone.pairs, alone.told_apart) == (1, 0, 0)
    assert alone.units["letters"].to_list() == ["a"]
    empty = small_frame(home, "bad_rate", parse_period("2019-05"), "county", LOCAL)
    assert empty.k == 0
    assert "0 units make 0 pairs" in empty.sentences("en")[0]


def test_the_sentences_say_what_so_few_can_and_cannot_show(told: SmallFrame, home: Path) -> None:
    assert told.sentences()[0].startswith("9个单位共36对，能分出高低的8对，其余28对")
    two = small_frame(home, "bad_rate", AUGUST, "counter", LOCAL, "county:K1")
    assert any("assumed beforehand" in one for one in two.sentences("en"))
    assert any("先验假设" in one for one in two.sentences("zh"))


@pytest.mark.parametrize(
    ("metric", "frame", "said"),
    [
        ("tickets", None, "no share of events"),
        ("bad_rate", "countyy", "Did you mean 'county'"),
        ("bad_rate", "county:K77", "Did you mean"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    home: Path, metric: str, frame: str | None, said: str
) -> None:
    with pytest.raises(HallscoreError, match=said):
        small_frame(home, metric, AUGUST, "county", LOCAL, frame)


def said(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *words])
    captured = capsys.readouterr()
    return captured.out if ended.value.code == 0 else captured.err


def test_the_command_prints_the_frame_and_what_can_be_said(
    home: Path, told: SmallFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("compare", "--metric", "bad_rate", "--period", "2019-08")
    content = json.loads(said(capsys, home, *asked, "--json"))
    assert content["units"] == told.units.to_dicts()
    assert (content["k"], content["told_apart"]) == (9, 8)
    assert "County 9" in said(capsys, home, *asked, "--lang", "en")
    assert "known are zh, en" in said(capsys, home, *asked, "--lang", "de")


def test_value_has_a_public_and_a_rolling_form(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("value", "bad_rate", "--period", "2019-08", "--by", "county", "--json")
    public = {row["id"]: row["state"] for row in json.loads(said(capsys, home, *asked, "--public"))}
    assert public["K8"] == "suppressed"
    rolling = json.loads(said(capsys, home, *asked, "--rolling"))
    assert {row["span"] for row in rolling} == {"2019-08"}
    both = said(capsys, home, *asked, "--public", "--rolling")
    assert "give small counts away" in both
    then = said(capsys, home, *asked, "--public", "--places", "now")
    assert "where it stood then" in then


def test_more_units_than_letters_are_for_are_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metrics.fairness.small_frame.MOST", 8)
    with pytest.raises(HallscoreError, match="for 8 or fewer"):
        small_frame(home, "bad_rate", AUGUST, "county", LOCAL)


def test_a_frame_that_is_no_peer_group_is_refused(home: Path) -> None:
    found = small_frame(home, "bad_rate", AUGUST, "counter", LOCAL, "county")
    named = small_frame(home, "bad_rate", AUGUST, "hall", LOCAL, "county")
    assert found.k == named.k == 9
    with pytest.raises(HallscoreError, match="peer group"):
        small_frame(home, "bad_rate", AUGUST, "counter", LOCAL, "county/tax")
