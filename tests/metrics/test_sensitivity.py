"""Weights of a scheme moved: the ranking again, and a pair flipped by weights that score again."""

import json
import shlex
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rules import WAIT, write_scheme
from town import COUNTERS, HALLS, Town

import hallscore
from data.errors import HallscoreError
from metrics.fairness.sensitivity import drop_one, flips, sensitivity, statement
from metrics.fairness.weighing import weighing
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.scope import Scope
from metrics.scores import score

CITY = Scope("local", None)
AUGUST = parse_period("2019-08")
DAY, LATER = date(2019, 8, 5), date(2019, 10, 31)
ITEMS = """
[[item]]
id = "wait"
metric = "wait_within_15_rate"
weight = 50
mapping = [[0, 0], [1, 1]]

[[item]]
id = "good"
metric = "active_good_rate"
weight = 30
min_n = 1
mapping = [[0.5, 0], [1, 1]]

[[item]]
id = "stay"
metric = "abandonment_rate"
weight = 20
mapping = [[0, 1], [0.5, 0]]
"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Counters that are good at different things; Hill has no ratings. Tests only add schemes."""
    town = Town(tmp_path_factory.mktemp("mixed") / "home", HALLS, COUNTERS)
    slow = {"c-tax": 2, "c-all": 10, "n-tax": 20, "s-tax": 4, "t-all": 6, "v-all": 0}
    left = {"c-tax": 6, "c-all": 1, "n-tax": 0, "s-tax": 12, "t-all": 3, "v-all": 15}
    good = {"c-tax": 30, "c-all": 38, "n-tax": 40, "s-tax": 33, "v-all": 25}
    tickets = [
        row
        for one, count in slow.items()
        for row in town.queue(one, [1800] * count + [60] * (40 - count) + [None] * left[one], DAY)
    ]
    town.deliver("tickets", tickets)
    town.deliver(
        "ratings",
        [row for one, n in good.items() for row in town.rate(one, {5: n, 1: 40 - n}, DAY)],
    )
    write_scheme(town.home, items=ITEMS)
    return town


def test_taken_apart_scores_are_the_scores_again(mixed: Town) -> None:
    """Also of who has no ratings: the weight of an item lies on the others then."""
    found = score(mixed.home, AUGUST, CITY, "mine", as_of=LATER)
    whole = weighing(found)
    there = ~np.isnan(whole.share)
    mean = np.nan_to_num(whole.share) @ whole.weights / (there @ whole.weights)
    printed = dict(found.units.select("id", "score_u").rows())
    told = whole.fixed + 100 * mean
    assert told == pytest.approx([printed[one] / 10_000 for one in whole.ids], abs=0.02)
    assert there.sum() == 17


def test_every_ranked_unit_is_told_with_its_official_rank(mixed: Town) -> None:
    told = sensitivity(mixed.home, AUGUST, CITY, "mine", as_of=LATER, size=300)
    official = rank(mixed.home, AUGUST, CITY, scheme="mine", as_of=LATER).frame
    assert (
        told.select("id", "frame", "rank").rows() == official.select("id", "frame", "rank").rows()
    )
    for one in told.to_dicts():
        assert 1 <= one["rank_low_w"] <= one["rank"] <= one["rank_high_w"] <= 6
        assert 0 <= one["stays_top"] + one["stays_bottom"] <= 1
    assert told["stays_top"].sum() == pytest.approx(1, abs=0.05)
    again = sensitivity(mixed.home, AUGUST, CITY, "mine", as_of=LATER, size=300)
    assert told.equals(again)
    still = sensitivity(mixed.home, AUGUST, CITY, "mine", as_of=LATER, size=5, spread=0.0)
    assert (
        still["rank_low_w"].to_list() == still["rank"].to_list() == still["rank_high_w"].to_list()
    )
    assert still["moves5"].sum() == 0


def test_frames_are_studied_apart(mixed: Town) -> None:
    told = sensitivity(mixed.home, AUGUST, CITY, "mine", "level", LATER, size=50)
    assert told["frame"].unique(maintain_order=True).to_list() == [
        *("city", "county", "township", "village")
    ]
    # Alone in a frame nobody is in the first tenth of it, nor in the last.
    village = told.filter(pl.col("frame") == "village").row(0, named=True)
    assert (village["rank"], village["stays_top"], village["stays_bottom"]) == (1, 0, 0)


def test_without_an_item_the_rest_is_ranked(mixed: Town) -> None:
    """By hand: the ranks of a scheme that has only the other two items."""
    told = drop_one(mixed.home, AUGUST, CITY, "mine", as_of=LATER)
    assert told.height == 18
    parts = ITEMS.split("[[item]]")
    fewer = f"[[item]]{parts[1].replace('weight = 50', 'weight = 71.43')}"
    fewer += f"[[item]]{parts[3].replace('weight = 20', 'weight = 28.57')}"
    write_scheme(mixed.home, items=fewer, name="fewer")
    ranked = rank(mixed.home, AUGUST, CITY, scheme="fewer", as_of=LATER).frame
    expected = ranked.select("id", "rank")
    without = told.filter(pl.col("item") == "good").join(expected, on="id", suffix="_by_hand")
    assert without["rank_without"].to_list() == without["rank_by_hand"].to_list()


def test_a_pair_is_flipped_by_weights_that_score_again(mixed: Town) -> None:
    """After the change the printed scores of any pair are level or reversed; the sum is kept."""
    found = score(mixed.home, AUGUST, CITY, "mine", as_of=LATER)
    ids = found.units["id"].to_list()
    flipped = 0
    for at, one in enumerate(ids):
        for other in ids[at + 1 :]:
            flip = flips(mixed.home, AUGUST, CITY, "mine", one, other, LATER)
            if flip is None:
                continue
            assert flip.before[0] >= flip.before[1]
            assert flip.after[0] <= flip.after[1]
            assert flip.after[1] - flip.after[0] < 0.1
            assert flip.frame["change"].sum() == pytest.approx(0)
            assert flip.frame["weight_then"].min() > 0
            assert flip.moved == pytest.approx(flip.frame["change"].abs().sum())
            flipped += 1
    assert flipped >= 10


def test_who_is_nowhere_better_is_never_level(town: Town) -> None:
    """No weights help, and rules without a weight count as well."""
    rows = town.queue("c-tax", [60] * 40, DAY) + town.queue("n-tax", [1800] * 40 + [None] * 9, DAY)
    town.deliver("tickets", rows)
    write_scheme(town.home, items=ITEMS)
    assert flips(town.home, AUGUST, CITY, "mine", "n-tax", "c-tax", LATER) is None


def test_events_keep_their_price_when_weights_move(mixed: Town) -> None:
    """A deduction from an item's weight is one of points; a flip still scores again as it says."""
    items = ITEMS.replace("weight = 20", "weight = 10")
    items += """
[[item]]
id = "found"
kind = "deduct"
events = "findings"
weight = 10

[[item.rule]]
code = "*"
points = 3
"""
    found_at = {"finding_id": "F1", "counter_id": "v-all", "found_at": "2019-08-06 09:00:00"}
    mixed.deliver("findings", [found_at | {"rule_code": "phone", "points": 3}])
    write_scheme(mixed.home, items=items, name="priced")
    scored = score(mixed.home, AUGUST, CITY, "priced", LATER)
    whole = weighing(scored)
    at, item = whole.rows(["v-all"])[0], whole.items.index("found")
    assert (whole.share[at, item], whole.fixed[at]) == (1.0, -3.0)
    order = scored.units.sort("score_u", descending=True)["id"].to_list()
    flip = flips(mixed.home, AUGUST, CITY, "priced", order[0], "v-all", LATER)
    assert flip is None or flip.after[0] <= flip.after[1]


def test_what_cannot_be_weighed_is_refused(mixed: Town) -> None:
    write_scheme(mixed.home, items=WAIT, name="single")
    with pytest.raises(HallscoreError, match=r"has 1 item with a weight, expected at least 2"):
        sensitivity(mixed.home, AUGUST, CITY, "single")
    with pytest.raises(HallscoreError, match=r"no such unit.*Did you mean 'c-tax'"):
        flips(mixed.home, AUGUST, CITY, "mine", "c-tux", "c-all")


def test_the_statement_is_in_both_languages() -> None:
    assert statement(0.314, "zh") == "31% 的权重组合下名次变动不少于5位"
    assert statement(0.314, "en").endswith("five places or more in 31 % of the weightings")


def run(home: Path, words: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        hallscore.app(args=["--home", str(home), *shlex.split(words)])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_the_command_says_what_the_functions_say(
    mixed: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "sensitivity --period 2019-08 --scheme mine --as-of 2019-10-31"
    told = json.loads(run(mixed.home, f"{words} --json", capsys))
    found = sensitivity(mixed.home, AUGUST, CITY, "mine", as_of=LATER)
    assert [one["id"] for one in told["units"]] == found["id"].to_list()
    assert told["units"][0]["statement"].endswith("名次变动不少于5位")
    assert "stays_top" in run(mixed.home, words, capsys)
    ids = found["id"].to_list()
    flip = flips(mixed.home, AUGUST, CITY, "mine", ids[0], ids[1], LATER)
    assert flip is not None
    pair = json.loads(run(mixed.home, f"{words} --pair {ids[1]} {ids[0]} --json", capsys))
    assert (pair["ahead"], pair["behind"], pair["moved"]) == (ids[0], ids[1], flip.moved)
    assert pair["items"] == flip.frame.to_dicts()
    assert "weight_then" in run(mixed.home, f"{words} --pair {ids[1]} {ids[0]}", capsys)
