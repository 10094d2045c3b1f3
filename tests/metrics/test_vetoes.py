"""Vetoes: what they reach, for how long, and what is left of score, rank and award."""

from datetime import date

import polars as pl
import pytest
from rules import WAIT, shuffled, waits, write_scheme
from town import Row, Town

from metrics.awards import awards
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.scope import PERSONS, Scope
from metrics.scores import Scores, score

CITY = Scope("local", None, frozenset({PERSONS}))
LATER = date(2019, 12, 31)
DAY = date(2019, 8, 5)
VETO = """
[[veto]]
id = "exposure"
label = {{ zh = "曝光", en = "Exposed" }}
source = "{source}"
{what}
scope = "{scope}"
effect = "{effect}"

[[award]]
id = "flag"
label = {{ zh = "红旗窗口", en = "Red flag" }}
period = "month"
count = 1
"""


def veto(scope: str = "month", effect: str = "no_award", source: str = "vetoes") -> str:
    """A veto by code, and one award a month."""
    return VETO.format(source=source, what='code = "exposure"', scope=scope, effect=effect)


def fact(number: int, day: str, counter: str = "c-tax", code: str = "exposure") -> Row:
    """A row of the log of vetoes."""
    return {
        "veto_id": f"v{number}",
        "counter_id": counter,
        "happened_on": day,
        "rule_code": code,
        "decided_by": "office",
        "decided_on": day,
    }


def months(town: Town, slow: dict[str, int], *numbers: int) -> None:
    """The same queues on the fifth of these months of 2019."""
    rows = [row for month in numbers for row in waits(town, date(2019, month, 5), slow)]
    town.deliver("tickets", rows)


def scored(town: Town, period: str, entity: str | None = None) -> Scores:
    """Scores by the scheme at hand."""
    return score(town.home, parse_period(period), CITY, "mine", LATER, entity)


def winners(town: Town, period: str) -> list[str]:
    """Who has the award."""
    return awards(town.home, parse_period(period), CITY, "mine", LATER)["id"].to_list()


def add_up(found: Scores) -> None:
    """Every score is the sum of its lines."""
    sums = dict(found.lines.group_by("id").agg(pl.col("points_u").sum()).iter_rows())
    ranked = found.units.filter(pl.col("score_u").is_not_null())
    assert dict(ranked.select("id", "score_u").iter_rows()) == sums


@pytest.mark.parametrize(
    ("scope", "hit"),
    [("month", ["2019-05"]), ("quarter", ["2019-05", "2019-06"]), ("year", ["2019-05", "2019-08"])],
)
def test_a_veto_takes_awards_from_its_day_to_the_end_of_its_scope(
    town: Town, scope: str, hit: list[str]
) -> None:
    """April has passed when May is exposed; the rank stays, the next one gets the award."""
    write_scheme(town.home, rules=veto(scope))
    months(town, {"c-tax": 0, "n-tax": 2}, 4, 5, 6, 8)
    town.deliver("vetoes", [fact(1, "2019-05-20")])
    for month in ("2019-04", "2019-05", "2019-06", "2019-08"):
        assert winners(town, month) == (
            ["n-tax"] if month in hit or (scope == "year" and month == "2019-06") else ["c-tax"]
        )
        first = rank(town.home, parse_period(month), CITY, None, "mine", LATER).frame.row(
            0, named=True
        )
        assert (first["id"], first["rank"]) == ("c-tax", 1)


def test_a_veto_counts_only_what_happened_up_to_the_as_of_day(town: Town) -> None:
    """On the tenth nobody knows of the twentieth."""
    write_scheme(town.home, rules=veto("year"))
    months(town, {"c-tax": 0, "n-tax": 2}, 5)
    town.deliver("vetoes", [fact(1, "2019-05-20")])
    may = parse_period("2019-05")
    before = awards(town.home, may, CITY, "mine", date(2019, 5, 19))
    after = awards(town.home, may, CITY, "mine", date(2019, 5, 20))
    assert [one["id"].to_list() for one in (before, after)] == [["c-tax"], ["n-tax"]]


def test_a_veto_of_effect_zero_is_a_line_that_takes_the_whole_score(town: Town) -> None:
    """Two facts take it once; the lines still add up, and the evidence is the first of them."""
    write_scheme(town.home, rules=veto(effect="zero", source="findings"))
    months(town, {"c-tax": 1, "n-tax": 2}, 8)
    found = {"counter_id": "c-tax", "rule_code": "exposure", "points": "0", "inspection_id": "i1"}
    rows = [
        found | {"finding_id": f"f{day}", "found_at": f"2019-08-{day} 10:00:00"}
        for day in ("07", "06")
    ]
    town.deliver("findings", rows, period=(date(2019, 8, 1), date(2019, 8, 31)))
    told = scored(town, "2019-08")
    add_up(told)
    units = dict(told.units.select("id", "score_u").iter_rows())
    assert (units["c-tax"], units["n-tax"]) == (0, 800_000)
    lines = told.lines.filter(pl.col("line") == "veto")
    assert lines.select("id", "points_u", "log", "row", "rule").rows() == [
        ("c-tax", -900_000, "findings", "f06", "exposure")
    ]
    ranking = rank(town.home, parse_period("2019-08"), CITY, None, "mine", LATER)
    assert ranking.frame.select("id", "rank", "veto").rows()[:2] == [
        ("n-tax", 1, None),
        ("c-tax", 2, "exposure"),
    ]


def test_zero_never_lifts_a_score_that_is_below_it(town: Town) -> None:
    """Without a floor 30 points of deductions from 0 of 100 are −30, veto or not."""
    cost = """
[[item]]
id = "faults"
label = { zh = "扣分", en = "Faults" }
kind = "deduct"
events = "vetoes"
[[item.rule]]
code = "exposure"
points = 30
"""
    write_scheme(town.home, more='floor = "none"', rules=veto(effect="zero"), items=WAIT + cost)
    months(town, {"c-tax": 10, "n-tax": 2}, 8)
    town.deliver("vetoes", [fact(1, "2019-08-05")])
    told = scored(town, "2019-08")
    add_up(told)
    assert dict(told.units.select("id", "score_u").iter_rows())["c-tax"] == -300_000


def test_who_is_set_apart_is_listed_with_the_reason_and_leaves_no_gap(town: Town) -> None:
    """WE-7: one press of 不满意 and the counter is out whatever its score; the others move up."""
    rules = VETO.format(
        source="metric", what='metric = "bad_rate"\nabove = 0', scope="month", effect="apart"
    )
    write_scheme(town.home, rules=rules)
    months(town, {"c-tax": 0, "n-tax": 1, "s-tax": 2}, 8)
    # Not ripe at the month's end, but a fact.
    town.deliver("ratings", town.rate("c-tax", {5: 90, 2: 1}, date(2019, 8, 30)))
    found = rank(town.home, parse_period("2019-08"), CITY, None, "mine", date(2019, 8, 31))
    assert found.frame.select("id", "rank").rows() == [("n-tax", 1), ("s-tax", 2)]
    out = found.unranked.filter(pl.col("veto").is_not_null())
    assert out.select("id", "state", "score", "rank", "veto").rows() == [
        ("c-tax", "number", 100.0, None, "exposure")
    ]
    assert winners(town, "2019-08") == ["n-tax"]


def test_a_metric_at_its_limit_is_no_veto(town: Town) -> None:
    """Above 2 is 3 and more."""
    rules = VETO.format(
        source="metric", what='metric = "bad_rate"\nabove = 2', scope="month", effect="apart"
    )
    write_scheme(town.home, rules=rules)
    town.deliver(
        "ratings",
        town.rate("c-tax", {5: 40, 2: 2}, DAY) + town.rate("n-tax", {5: 40, 1: 3}, DAY),
    )
    assert scored(town, "2019-08").vetoes.select("id", "n").rows() == [("n-tax", 3)]


CHIEFS: list[Row] = [
    {"staff_id": "chief-1", "counter_id": "c-tax", "department_id": "TAX", "chief": "1"},
    {"staff_id": "clerk-1", "counter_id": "c-tax", "department_id": "TAX", "chief": "0"},
    {"staff_id": "chief-2", "counter_id": "n-tax", "department_id": "TAX", "chief": "1"},
]


def test_an_exposure_costs_the_counter_15_its_chief_half_and_both_the_awards_of_the_year(
    town: Town,
) -> None:
    """WE-6 (P3), even if ranked first."""
    items = """
[[item]]
id = "exposed"
label = { zh = "曝光", en = "Exposed" }
kind = "deduct"
events = "vetoes"
[[item.rule]]
code = "exposure"
points = 15
"""
    more = 'full = 100\nbase = 100\n[dual]\nentity = "chief"\nratio = "1/2"'
    write_scheme(town.home, more, veto("year"), items=items)
    town.deliver("staff", CHIEFS)
    months(town, {"c-tax": 0, "n-tax": 0}, 3, 8)
    town.deliver("vetoes", [fact(1, "2019-03-07")])
    for entity, id_, other, left in (
        (None, "c-tax", "n-tax", 850_000),
        ("chief", "chief-1", "chief-2", 925_000),
    ):
        march = scored(town, "2019-03", entity)
        add_up(march)
        scores = dict(march.units.select("id", "score_u").iter_rows())
        assert (scores[id_], scores[other]) == (left, 1_000_000)
        # In August nothing is deducted and all are first, but the year's awards are void.
        august = parse_period("2019-08")
        assert scored(town, "2019-08", entity).units.filter(id=id_)["score_u"][0] == 1_000_000
        told = awards(town.home, august, CITY, "mine", LATER, entity)["id"].to_list()
        assert id_ not in told
        assert other in told


def test_the_order_of_rows_does_not_matter(town: Town) -> None:
    """Shuffled files give the same facts and the same lines."""
    write_scheme(town.home, rules=veto("year", "zero"))
    rows = [row for month in (5, 8) for row in waits(town, date(2019, month, 5), {"c-tax": 1})]
    facts = [fact(number, f"2019-05-{number:02d}") for number in range(1, 9)]
    town.deliver("tickets", shuffled(rows, 1))
    town.deliver("vetoes", shuffled(facts, 2))
    told = scored(town, "2019-08")
    assert told.vetoes["row"].to_list() == [f"v{number}" for number in range(1, 9)]
    assert told.lines.filter(pl.col("line") == "veto")["row"].to_list() == ["v1"]


def test_an_event_told_as_finding_and_as_veto_scores_once(town: Town) -> None:
    """The veto record names its finding, which then costs no points of its own; others do."""
    items = """
[[item]]
id = "service"
kind = "deduct"
events = "findings"
weight = 60
rule = [{ code = "*", points = "recorded" }]

[[item]]
id = "exposed"
kind = "deduct"
events = "vetoes"
weight = 40
rule = [{ code = "exposure", points = 15 }]
"""
    months(town, {"c-tax": 0}, 8)
    round_made = {"inspection_id": "I1", "hall_id": "C", "started_at": "2019-08-05 09:00:00"}
    town.deliver("inspections", [round_made | {"counters": "all"}])
    found = {"counter_id": "c-tax", "found_at": "2019-08-05 10:00:00", "rule_code": "R1"}
    rows = [found | {"finding_id": f"F{number}", "points": 3} for number in (1, 2)]
    town.deliver("findings", rows)
    town.deliver("vetoes", [fact(1, "2019-08-05") | {"finding_id": "F1"}])
    write_scheme(town.home, items=items)
    told = scored(town, "2019-08")
    mine = told.lines.filter(pl.col("id") == "c-tax", pl.col("line") == "event")
    assert mine.select("row", "points_u").rows() == [("F2", -30_000), ("v1", -150_000)]
    assert told.units.filter(id="c-tax")["score_u"].item() == 820_000
    add_up(told)
