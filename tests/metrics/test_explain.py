"""Explanations: lines add up to the score, differences to the difference; sentences by hand."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from town import Row, Town

from data.errors import HallscoreError
from metrics.explain import Explanation, explain
from metrics.periods import parse_period
from metrics.rollup import ensure
from metrics.scope import PERSONS, Scope
from metrics.scores import Scores, score

JULY, AUGUST = parse_period("2019-07"), parse_period("2019-08")
CITY = Scope("test", None)
HEAD = """
id = "ours"
label = { zh = "试行", en = "Trial" }
version = "VERSION"
valid_from = FROM
TO
publish = "official"
base = 20
none = "spread"
missing = "spread"
"""
ITEMS = """
[[item]]
id = "inspection"
label = { zh = "日常巡查", en = "Inspection" }
kind = "deduct"
events = "findings"
weight = 50
PER
[[item.rule]]
code = "R1"
points = 2
label = { zh = "着装不整", en = "Untidy dress" }
[[item.rule]]
points = "recorded"

[[item]]
metric = "wait_within_15_rate"
weight = 30
mapping = [[0.5, 0.0], [1.0, 1.0]]
"""


def scheme_file(town: Town, per: str = "", version: str = "1", **changes: str) -> None:
    """The scheme of these tests in the home; `weight` of the inspection may be another."""
    spans = {"FROM": changes.get("since", "2019-01-01"), "TO": changes.get("to", "")}
    text = HEAD + ITEMS
    for old, new in {**spans, "VERSION": version, "PER": per}.items():
        text = text.replace(old, new)
    if "weight" in changes:
        base = 70 - int(changes["weight"])
        text = text.replace("weight = 50", f"weight = {changes['weight']}")
        text = text.replace("base = 20", f"base = {base}")
    (town.home / "schemes").mkdir(exist_ok=True)
    (town.home / "schemes" / f"ours-{version}.toml").write_text(text, "utf-8")


def rounds(hall: str, counters: str, days: list[date]) -> list[Row]:
    return [
        {
            "inspection_id": f"I-{counters}-{day}",
            "hall_id": hall,
            "started_at": f"{day} 09:00:00",
            "counters": counters,
        }
        for day in days
    ]


def finding(key: str, counter: str, at: str, code: str = "R1", points: float = 9) -> Row:
    base = {"finding_id": key, "counter_id": counter, "found_at": at, "staff_id": "S1"}
    return base | {"rule_code": code, "points": points}


@pytest.fixture
def home(town: Town) -> Town:
    """July: no finding, all waits short. August: two findings, one wait in ten is long."""
    scheme_file(town)
    days = [date(2019, 7, 3), date(2019, 8, 5), date(2019, 8, 6)]
    town.deliver("inspections", rounds("C", "c-tax", days))
    told = [("F1", "R1"), ("F2", "R7")]
    town.deliver(
        "findings",
        [finding(key, "c-tax", "2019-08-05 10:00:00", code, 3.5) for key, code in told],
        (JULY.start, AUGUST.end),  # it reports on July too, where nothing was found
    )
    july = town.queue("c-tax", [60] * 32, date(2019, 7, 3))
    august = town.queue("c-tax", [60] * 36 + [1800] * 4, date(2019, 8, 5))
    town.deliver("tickets", [*july, *august])
    return town


def told_of(town: Town, unit: str = "c-tax", scope: Scope = CITY) -> Explanation:
    now, before = (score(town.home, one, scope, "ours") for one in (AUGUST, JULY))
    return explain(ensure(town.home), now, unit, scope, before)


def test_the_lines_are_those_that_one_would_write_by_hand(home: Town) -> None:
    """20 + 50 − 2 − 3.5 + 30 × (0.9 − 0.5) / 0.5 = 88.50."""
    found = told_of(home)
    assert found.score_u == 885_000
    assert found.table("zh").select("label", "points", "row").rows() == [
        ("基础分", "20.00", None),
        ("日常巡查 · 项目满分", "50.00", None),
        ("日常巡查 · 着装不整", "−2.00", "F1"),
        ("日常巡查 · R7", "−3.50", "F2"),
        ("15 分钟内叫号率 · 按指标得分", "24.00", None),
    ]
    assert found.total("zh")["points"][-1] == "88.50"
    value = found.table("en").row(-1, named=True)
    assert (value["n"], value["d"], value["value"], value["weight"]) == (36, 40, 0.9, "30.00")


def test_a_line_of_a_value_comes_with_the_rows_that_cost_points(home: Town) -> None:
    behind = told_of(home).behind["wait_within_15_rate"]
    assert behind.count == 4
    assert behind.rows["row"][0] == "t-c-tax-2019-08-05-36"
    assert behind.rows["wait_s"].to_list() == [1800] * 4


def test_the_difference_adds_up_and_is_told_in_both_languages(home: Town) -> None:
    """July: 20 + 50 + 30 = 100; August less 5.50 for two findings and 6.00 for the waits."""
    told = told_of(home).difference
    assert told is not None
    assert told.change_u == -115_000
    assert told.rows.select("key", "change_u", "events_now", "events_before").rows() == [
        ("wait_within_15_rate", -60_000, 0, 0),
        ("inspection", -55_000, 2, 0),
        ("base", 0, 0, 0),
    ]
    assert told.sentence("zh") == (
        "本月降 11.50 分：15 分钟内叫号率 90.00%（原 100.00%）−6.00；日常巡查 2 件 −5.50。"
    )
    assert told.sentence("en") == (
        "Down 11.50 points this month: Share called within 15 minutes 90.00% (before 100.00%), "
        "−6.00; Inspection, 2 records, −5.50."
    )
    assert told.table("zh").row(-1) == ("合计", "88.50", "100.00", "−11.50", None, None)


def test_only_three_movers_are_named_and_the_rest_is_one_sum(home: Town) -> None:
    """The rest too adds to the difference."""
    now = score(home.home, AUGUST, CITY, "first")
    before = score(home.home, JULY, CITY, "first")
    found = explain(ensure(home.home), now, "c-tax", CITY, before)
    told = found.difference
    assert told is not None
    if told.change_u is not None:
        assert told.rows["change_u"].sum() == told.change_u
    assert told.sentence("zh").count("；") <= 3


def test_a_difference_across_versions_of_a_scheme_adds_up_by_items(home: Town) -> None:
    """From August the inspection weighs 40 and the base 30: the lines move, the sum is right."""
    scheme_file(home, to="valid_to = 2019-08-01")
    scheme_file(home, version="2", since="2019-08-01", weight="40")
    told = told_of(home).difference
    assert told is not None
    assert told.change_u == -115_000
    changes = dict(told.rows.select("key", "change_u").iter_rows())
    assert changes == {"base": 100_000, "inspection": -155_000, "wait_within_15_rate": -60_000}
    assert told.sentence("zh").endswith("考核办法由第 1 版改为第 2 版。")


def test_who_has_no_score_is_told_so_and_not_compared(home: Town) -> None:
    """The other counters had no business in July."""
    home.deliver("tickets", home.queue("c-all", [60] * 30, date(2019, 8, 6)))
    home.deliver("inspections", rounds("C", "c-all", [date(2019, 8, 7)]))
    found = told_of(home, "c-all")
    assert found.difference is not None
    assert found.difference.rows.is_empty()
    assert found.difference.change_u is None
    assert "上月没有得分" in found.difference.sentence("zh")
    nobody = told_of(home, "s-tax")
    assert nobody.score_u is None
    assert nobody.table("zh").is_empty()
    assert nobody.difference is not None
    assert "本月没有得分" in nobody.difference.sentence("zh")


def test_an_exemption_of_half_a_day_lifts_exactly_its_rows_and_is_listed(home: Town) -> None:
    """F1 and F2 were found at 10:00; the exemption of the inspection ends at 12:00."""
    decided = {"exemption_id": "E1", "counter_id": "c-tax", "system": "inspection"}
    span = {"starts_at": "2019-08-05 09:00:00", "ends_at": "2019-08-05 12:00:00"}
    rest = {"cause": "power_cut", "decided_by": "P1", "decided_on": "2019-08-06"}
    home.deliver("findings", [finding("F3", "c-tax", "2019-08-05 13:00:00")])
    home.deliver("exemptions", [decided | span | rest])
    found = told_of(home)
    lines = found.lines.filter(pl.col("item") == "inspection")
    assert lines.select("line", "row", "points_u", "exempt").rows() == [
        ("full", None, 500_000, None),
        ("event", "F3", -20_000, None),
        ("exempt", "F1", 0, "E1"),
        ("exempt", "F2", 0, "E1"),
    ]
    assert found.lifted.select("exemption", "lifted_findings", "lifted_tickets").rows() == [
        ("E1", 2, 0)
    ]
    assert found.lines["points_u"].sum() == found.score_u


@pytest.mark.parametrize(("per", "costs"), [("event", (40, 4)), ("round", (2, 2))])
def test_twenty_rounds_and_two_are_compared_as_the_scheme_says(
    town: Town, per: str, costs: tuple[int, int]
) -> None:
    """One fault of 2 points in every round: by event 40 and 4 points, by round 2 and 2.

    And the explanation says how often each was inspected.
    """
    scheme_file(town, per=f'per = "{per}"')
    days = [date(2019, 8, day) for day in range(1, 21)]
    for counter, inspected in (("c-tax", days), ("c-all", days[:2])):
        town.deliver("inspections", rounds("C", counter, inspected))
        found = [finding(f"F-{counter}-{day}", counter, f"{day} 10:00:00") for day in inspected]
        town.deliver("findings", found)
        town.deliver("tickets", town.queue(counter, [60] * 30, days[0]))
    state, scores = ensure(town.home), score(town.home, AUGUST, CITY, "ours")
    for counter, cost, count in zip(("c-tax", "c-all"), costs, (20, 2), strict=True):
        told = explain(state, scores, counter, CITY)
        assert told.score_u == (100 - cost) * 10_000
        assert told.inspected is not None
        assert told.inspected.rounds == count
        assert told.lines.filter(pl.col("row").is_not_null()).height == count


def test_lines_that_do_not_add_up_are_never_shown(home: Town) -> None:
    """A score that somebody touched is an error, not a table."""
    scores = score(home.home, AUGUST, CITY, "ours")
    touched = scores.units.with_columns(pl.col("score_u") + 1)
    wrong = Scores(**{**scores.__dict__, "units": touched})
    with pytest.raises(HallscoreError, match="add up to 885000 units, the score is 885001"):
        explain(ensure(home.home), wrong, "c-tax", CITY)


def test_a_person_is_explained_only_with_the_right(home: Town) -> None:
    scores = score(home.home, AUGUST, CITY, "ours")
    of_staff = Scores(**{**scores.__dict__, "entity": "staff"})
    with pytest.raises(HallscoreError, match=PERSONS):
        explain(ensure(home.home), of_staff, "c-tax", CITY)


def test_the_explanation_of_a_counter_names_no_person(home: Town) -> None:
    """The findings name S1; the explanation of the counter does not."""
    found = told_of(home)
    assert "S1" not in str(found.table("zh").rows()) + str(found.behind)


def test_an_unknown_unit_is_refused_with_the_nearest(home: Town) -> None:
    with pytest.raises(HallscoreError, match="Did you mean 'c-tax'"):
        told_of(home, "c-tx")


def test_the_command_prints_lines_sum_and_sentence(
    home: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """As on a terminal; and points as one column per item without --explain."""
    from hallscore import main

    base = ["--home", str(home.home), "score", "--period", "2019-08", "--scheme", "ours"]

    def shown(*more: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main([*base, *more])
        assert not ended.value.code
        return capsys.readouterr().out

    text = shown("--explain", "c-tax")
    assert "合计" in text
    assert "88.50" in text
    assert "本月降 11.50 分" in text
    header, *rows = shown("--format", "csv").splitlines()
    assert header == "id,name,score,state,observed,n,inspection,wait_within_15_rate"
    assert "c-tax,City tax,88.50,number,1.0,40,44.50,24.00" in rows


def test_the_command_refuses_a_difference_without_a_unit(home: Path | Town) -> None:
    from hallscore import app

    assert isinstance(home, Town)
    base = ["--home", str(home.home), "score", "--period", "2019-08", "--against", "2019-06"]
    with pytest.raises(HallscoreError, match="--explain"):
        app(base)
