"""What the rules of schemes do to numbers: eligibility, whose an event is, a base of their own."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from town import Town

from metrics.eligibility import ineligible
from metrics.entities import assessed
from metrics.periods import parse_period
from metrics.rollup import ensure
from metrics.scheme_files import FOLDER, read_scheme, scheme
from metrics.scope import Scope
from metrics.scores import Scores, score_of

AUGUST, CITY = parse_period("2019-08"), Scope("local", None)
LAST = date(2019, 8, 31)
FOUND = {"found_at": "2019-08-05 10:00:00", "counter_id": "c-tax"}
ROUND = {
    "inspection_id": "r1",
    "hall_id": "C",
    "started_at": "2019-08-05 09:30:00",
    "counters": "all",
}


def scored(town: Town, path: Path) -> Scores:
    state = ensure(town.home)
    return score_of(state, read_scheme(path), AUGUST, CITY, LAST)


def test_a_finding_that_one_item_names_is_not_again_that_of_all_others(
    town: Town, tmp_path: Path
) -> None:
    """A fee fault costs 5 as a fee fault, a fault without a clause what was recorded."""
    town.deliver("inspections", [ROUND])
    faults: list[dict[str, Any]] = [
        {"finding_id": "1", "rule_code": "fee", "points": "3", **FOUND},
        {"finding_id": "2", "rule_code": "smoking", "points": "1.5", **FOUND},
    ]
    town.deliver("findings", [one | {"inspection_id": "r1"} for one in faults])
    path = tmp_path / "mine.toml"
    path.write_text(
        """
        id = "mine"
        label = { zh = "试", en = "Trial" }
        version = "1"
        valid_from = 2019-01-01
        publish = "official"
        base = 60
        [[item]]
        id = "fees"
        kind = "deduct"
        events = "findings"
        weight = 40
        rule = [{ code = "fee", points = 5 }]
        [[item]]
        id = "rest"
        kind = "deduct"
        events = "findings"
        rule = [{ points = "recorded" }]
        """,
        "utf-8",
    )
    lines = scored(town, path).lines.filter(pl.col("id") == "c-tax", pl.col("line") == "event")
    taken = {(row["item"], row["rule"]): row["points_u"] for row in lines.to_dicts()}
    assert taken == {("fees", "fee"): -50_000, ("rest", "smoking"): -15_000}


def test_a_scheme_may_count_from_a_base_of_its_own(town: Town, tmp_path: Path) -> None:
    """Two ratings are few for the metric; a scheme that says 1 counts them, one that says 3 not."""
    served = {"rated_at": "2019-08-05 10:00:00", "grade": "5", "counter_id": "c-tax"}
    town.deliver("ratings", [{"rating_id": str(n), "case_id": str(n), **served} for n in (1, 2)])
    states = {}
    for least in (1, 3):
        path = tmp_path / f"mine{least}.toml"
        path.write_text(
            f"""
            id = "mine"
            label = {{ zh = "试", en = "Trial" }}
            version = "1"
            valid_from = 2019-01-01
            publish = "official"
            [[item]]
            metric = "active_good_rate"
            weight = 100
            min_n = {least}
            mapping = [[0, 0], [1, 1]]
            """,
            "utf-8",
        )
        units = scored(town, path).units.filter(pl.col("id") == "c-tax")
        states[least] = units.select("state", "score_u").row(0)
    assert states == {1: ("number", 1_000_000), 3: ("few", None)}


def test_only_who_holds_the_title_in_the_period_is_eligible(town: Town) -> None:
    """P6: the office gives the title as a bonus record of no points."""
    given = {"rule_code": "excellent_counter", "points": "0"}
    town.deliver(
        "bonuses",
        [
            {"bonus_id": "1", "counter_id": "c-tax", "given_on": "2019-08-02", **given},
            {"bonus_id": "2", "counter_id": "n-tax", "given_on": "2019-07-31", **given},
            {"bonus_id": "3", "counter_id": "s-tax", "given_on": "2019-08-02", **given}
            | {"rule_code": "other"},
        ],
    )
    state = ensure(town.home)
    units = assessed(state, "counter", AUGUST, CITY)
    out = ineligible(state, scheme("p06_yangdong"), units, AUGUST, CITY, LAST)
    assert set(units["id"]) - set(out["id"]) == {"c-tax"}
    assert set(out["reason"]) == {"title"}
    early = ineligible(state, scheme("p06_yangdong"), units, AUGUST, CITY, date(2019, 8, 1))
    assert set(early["id"]) == set(units["id"])


def test_names_and_families_that_a_scheme_leaves_out_are_out(town: Town, tmp_path: Path) -> None:
    """P7 leaves out 综合窗口; here the general counters, by a part of their name."""
    text = (FOLDER / "p07_liangshan.toml").read_text("utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(
        text.replace('["综合窗口"]', '["general"]\nwithout_families = ["税务"]'), "utf-8"
    )
    town.deliver(
        "counters",
        [
            {
                "counter_id": "s-tax",
                "name": "South tax",
                "hall_id": "C2",
                "family": "税务",
                "valid_from": "2019-01-01",
            }
        ],
    )
    state = ensure(town.home)
    units = assessed(state, "counter", AUGUST, CITY)
    out = ineligible(state, read_scheme(path), units, AUGUST, CITY, LAST)
    assert dict(out.iter_rows()) == {
        "c-all": "name",
        "s-tax": "family",
        "t-all": "name",
        "v-all": "name",
    }
    assert ineligible(state, scheme("first"), units, AUGUST, CITY, LAST).is_empty()
