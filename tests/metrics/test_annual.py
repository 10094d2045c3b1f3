"""Roll-ups: the rule applied to the parts, to the last digit, by the scheme of each part's time."""

from datetime import date
from fractions import Fraction
from math import floor

import polars as pl
import pytest
from rules import WAIT, shuffled, waits, write_scheme
from town import COUNTERS, Town

from data.errors import HallscoreError
from metrics import annual, months
from metrics.annual import RolledUp, parts_of, roll_up
from metrics.periods import Period, parse_period
from metrics.scope import PERSONS, Scope
from metrics.scores import score

CITY = Scope("local", None, frozenset({PERSONS}))
LATER = date(2019, 12, 31)
IDS = [row["counter_id"] for row in COUNTERS]
STRICT = WAIT.replace("[[0, 0], [1, 1]]", '[["1/3", 0], [0.9, 1]]')
FIRST_HALF = "valid_to = 2019-07-01"


def rollup(to: str, of: str, rule: str, **keys: object) -> str:
    """A [[rollup]] with these keys."""
    more = [
        f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
        for key, value in keys.items()
    ]
    head = ["[[rollup]]", f'to = "{to}"', f'of = "{of}"', f'rule = "{rule}"']
    return "\n".join([*head, *more, ""])


def year_of_queues(town: Town) -> None:
    """Each counter has its own number of short waits of 7 … 18 in each month, or nothing at all."""
    rows = []
    for number in range(1, 13):
        for at, one in enumerate(IDS):
            if (at + number) % (at + 4) == 0:
                continue
            size = 7 + (at * 5 + number * 3) % 12
            rows += waits(town, date(2019, number, 5), {one: (at * number) % size}, size)
    town.deliver("tickets", shuffled(rows, 7))


def monthly(town: Town, number: int) -> dict[str, int]:
    """id -> units of a month, as the month itself is printed."""
    found = score(town.home, parse_period(f"2019-{number:02d}"), CITY, "mine", LATER).units
    return dict(found.drop_nulls("score_u").select("id", "score_u").iter_rows())


def half_up(exact: Fraction, step: int) -> int:
    """To a multiple of `step`, half away from zero, with nothing but fractions."""
    sign = -1 if exact < 0 else 1
    return sign * floor(abs(exact) / step + Fraction(1, 2)) * step


def by_id(found: RolledUp, column: str) -> dict[str, object]:
    """id -> value of a column of the frame."""
    return dict(found.frame.select("id", column).iter_rows())


YEAR = parse_period("2019")


def rolled(town: Town, as_of: date | None = LATER, period: Period = YEAR) -> RolledUp:
    """A period by the scheme at hand."""
    return roll_up(town.home, period, CITY, "mine", as_of)


@pytest.mark.parametrize("decimals", [0, 2, 4])
def test_the_year_is_the_rule_applied_to_the_months_also_with_a_scheme_changed_in_july(
    town: Town, decimals: int
) -> None:
    """Mean of the scored months in fractions, rounded once; each month by the rule of its time."""
    keys = f"decimals = {decimals}"
    rule = rollup("year", "month", "mean")
    write_scheme(town.home, f"{keys}\n{FIRST_HALF}", rule)
    write_scheme(town.home, keys, rule, items=STRICT, version="2", start="2019-07-01")
    year_of_queues(town)
    found = rolled(town)
    assert [one.scheme.version for one in found.parts if one] == ["1"] * 6 + ["2"] * 6
    assert found.scheme.version == "2"
    by_month = [monthly(town, number) for number in range(1, 13)]
    told = {row["id"]: row for row in found.frame.to_dicts()}
    assert set(told) == set(IDS)
    for one in IDS:
        parts = [month.get(one) for month in by_month]
        assert [told[one][f"m{at:02d}"] for at in range(1, 13)] == [
            None if part is None else part / 10_000 for part in parts
        ]
        scored = [part for part in parts if part is not None]
        exact = half_up(Fraction(sum(scored), len(scored)), 10 ** (4 - decimals))
        assert told[one]["score_u"] == told[one]["now_u"] == exact
        assert told[one]["scored"] == len(scored)
    ordered = sorted((row["score_u"] for row in told.values()), reverse=True)
    assert {one: row["rank"] for one, row in told.items()} == {
        one: ordered.index(row["score_u"]) + 1 for one, row in told.items()
    }


def test_without_a_rule_the_year_is_the_mean_of_the_scored_months_and_that_is_said(
    town: Town,
) -> None:
    """The default of the house; an idle month is no zero."""
    write_scheme(town.home)
    town.deliver(
        "tickets",
        waits(town, date(2019, 3, 5), {"c-tax": 1}) + waits(town, date(2019, 8, 5), {"c-tax": 2}),
    )
    found = rolled(town)
    assert (found.declared, found.rule.rule, found.source) == (False, "mean", "computed")
    assert by_id(found, "score_u")["c-tax"] == 850_000
    # Idle in March and August, and of the other months nobody reported anything.
    assert by_id(found, "state")["n-tax"] == "missing"


def test_a_sum_may_be_scaled_for_who_was_there_for_a_part(town: Town) -> None:
    """P9: 3 of 4 months; as it is 240, scaled 320, apart not ranked."""
    for name, part in (("mine", "scaled"), ("plain", "as_is"), ("out", "apart")):
        write_scheme(town.home, rules=rollup("year", "month", "sum", part=part), name=name)
    for number in (1, 2, 3, 4):
        slow = {"c-tax": 3} | ({"n-tax": 2} if number < 4 else {})
        town.deliver("tickets", waits(town, date(2019, number, 5), slow))
    sums = {
        name: roll_up(town.home, YEAR, CITY, name, LATER).frame.filter(id="n-tax").to_dicts()[0]
        for name in ("mine", "plain", "out")
    }
    assert {name: (row["score_u"], row["state"], row["rank"]) for name, row in sums.items()} == {
        "mine": (3_200_000, "number", 1),
        "plain": (2_400_000, "number", 2),
        "out": (None, "few", None),
    }
    assert (sums["mine"]["scored"], sums["mine"]["held"]) == (3, 4)


def test_a_least_number_of_months_is_asked_of_a_year_and_not_of_its_projection(
    town: Town,
) -> None:
    """With 2 of 3 months no rank; while the year runs, where the rule leads so far."""
    write_scheme(town.home, rules=rollup("year", "month", "mean", least=3))
    for number in (1, 2, 3):
        slow = {"c-tax": 3} | ({"n-tax": 2} if number < 3 else {})
        town.deliver("tickets", waits(town, date(2019, number, 5), slow))
    found = rolled(town, date(2019, 3, 31))
    assert found.running
    assert by_id(found, "state")["n-tax"] == "few"
    assert by_id(found, "rank") == by_id(found, "rank") | {"c-tax": 1, "n-tax": None}
    assert by_id(found, "projected_u") == by_id(found, "projected_u") | {
        "c-tax": 700_000,
        "n-tax": 800_000,
    }
    assert by_id(found, "projected_rank") == by_id(found, "projected_rank") | {
        "c-tax": 2,
        "n-tax": 1,
    }
    over = rolled(town)
    assert not over.running
    assert over.frame["projected_rank"].null_count() == over.frame.height
    assert [one is None for one in found.parts] == [False] * 3 + [True] * 9


def test_a_year_of_quarters_of_months_is_rounded_at_each_declared_level(town: Town) -> None:
    """P1: quarters from months, the year from quarters; both in fractions."""
    rules = rollup("quarter", "month", "mean") + rollup("year", "quarter", "mean")
    write_scheme(town.home, "decimals = 1", rules)
    year_of_queues(town)
    found = rolled(town)
    by_month = [monthly(town, number) for number in range(1, 13)]
    for row in found.frame.to_dicts():
        quarters = []
        for at in range(4):
            scored = [one[row["id"]] for one in by_month[at * 3 : at * 3 + 3] if row["id"] in one]
            quarters.append(half_up(Fraction(sum(scored), len(scored)), 1000))
            assert row[f"q{at + 1}"] == quarters[-1] / 10_000
        assert row["score_u"] == half_up(Fraction(sum(quarters), 4), 1000)
    second = rolled(town, period=parse_period("2019-Q2"))
    assert by_id(second, "rolled") == by_id(found, "q2")
    assert [name for name in second.frame.columns if name.startswith("m0")] == ["m04", "m05", "m06"]


def test_months_weighted_with_the_ballots_of_the_year_end(town: Town) -> None:
    """70 % months, 30 % leaders: 2/3 of 85 … to the digit; without a ballot missing."""
    rule = rollup("year", "month", "weighted", share="0.7", electorate="leaders")
    write_scheme(town.home, rules=rule)
    for number, slow in ((1, 1), (2, 2), (3, 2)):
        town.deliver("tickets", waits(town, date(2019, number, 5), {"c-tax": slow, "n-tax": 0}))
    vote = {"vote_id": "v1", "counter_id": "c-tax", "voted_on": "2019-12-20", "ballots": 3}
    more = {"electorate": "leaders", "score": "91.33", "scale": "100"}
    other = {"vote_id": "v2", "electorate": "peers", "score": "1"}
    town.deliver("votes", [vote | more, vote | more | other])
    found = rolled(town)
    exact = Fraction(7, 10) * Fraction(2_500_000, 3) + Fraction(3, 10) * Fraction(9133, 10_000) * (
        1_000_000
    )
    assert by_id(found, "score_u")["c-tax"] == half_up(exact, 100)
    assert by_id(found, "state")["n-tax"] == "missing"
    early = rolled(town, date(2019, 6, 30))
    assert by_id(early, "projected_u")["n-tax"] == 1_000_000


def test_days_make_weeks_and_months_and_weeks_belong_where_their_thursday_lies(
    town: Town,
) -> None:
    """日 → 周 → 月, and no week is counted in two months."""
    write_scheme(
        town.home,
        'period = "day"',
        rollup("week", "day", "mean") + rollup("month", "week", "mean"),
    )
    rows = waits(town, date(2019, 8, 1), {"c-tax": 2}) + waits(town, date(2019, 8, 2), {"c-tax": 5})
    rows += waits(town, date(2019, 8, 30), {"c-tax": 0})
    town.deliver("tickets", rows)
    assert [one.text for one in parts_of(parse_period("2019-08"), "week")] == [
        f"2019-W{number}" for number in range(31, 36)
    ]
    week = rolled(town, period=parse_period("2019-W31"))
    assert by_id(week, "score_u")["c-tax"] == 650_000
    assert by_id(week, "d0801")["c-tax"] == 80.0
    month = rolled(town, period=parse_period("2019-08"))
    assert by_id(month, "score_u")["c-tax"] == 825_000
    every = [one.text for year in (2019, 2020) for one in parts_of(parse_period(str(year)), "week")]
    assert len(every) == len(set(every)) == 52 + 53


def test_any_calendar_period_is_scored_by_the_scheme_of_its_first_day(town: Town) -> None:
    """A day and a week by a scheme of months; the week of the change by the old version."""
    write_scheme(town.home, FIRST_HALF)
    write_scheme(town.home, items=STRICT, version="2", start="2019-07-03")
    path = town.home / "schemes" / "mine-1.toml"
    path.write_text(path.read_text("utf-8").replace("2019-07-01", "2019-07-03"), "utf-8")
    town.deliver(
        "tickets",
        waits(town, date(2019, 7, 2), {"c-tax": 5}) + waits(town, date(2019, 7, 4), {"c-tax": 3}),
    )
    told = {}
    for text in ("2019-07-02", "2019-07-04", "2019-W27", "2019-07", "2019-Q3", "2019-H2", "2019"):
        found = score(town.home, parse_period(text), CITY, "mine", LATER)
        units = dict(found.units.select("id", "score_u").iter_rows())
        told[text] = (found.scheme.version, units["c-tax"])
    whole = ("1", 600_000)
    assert told == {
        "2019-07-02": ("1", 500_000),
        # (7/10 − 1/3) / (9/10 − 1/3)
        "2019-07-04": ("2", 647_100),
        "2019-W27": whole,
        "2019-07": whole,
        "2019-Q3": whole,
        "2019-H2": whole,
        "2019": whole,
    }


def test_published_months_take_the_place_of_computed_ones_through_the_one_seam(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """January was published with 50 and stays so; beside it stands what it would be now."""
    write_scheme(town.home, rules=rollup("year", "month", "mean"))
    for number in (1, 2):
        town.deliver("tickets", waits(town, date(2019, number, 5), {"c-tax": 2}))
    computed = months.computed

    def edition(home: object, name: str, period: Period, *_: object) -> months.Months | None:
        if period.text != "2019-01":
            return None
        now = computed(town.home, name, period, CITY)
        old = now.units.with_columns(score_u=pl.lit(500_000, pl.Int64))
        return months.Months(period, now.scheme, now.as_of, "published", old)

    monkeypatch.setattr(months, "published", edition)
    found = rolled(town)
    assert found.source == "mixed"
    row = found.frame.filter(id="c-tax").to_dicts()[0]
    assert (row["m01"], row["m02"], row["score_u"], row["now_u"]) == (50.0, 80.0, 650_000, 800_000)


def test_a_yearly_zero_veto_leaves_nothing_of_the_year(town: Town) -> None:
    """The year's score is 0 from the veto on, its months before stand."""
    veto = """
[[veto]]
id = "fraud"
label = { zh = "弄虚作假", en = "Fraud" }
source = "vetoes"
code = "fraud"
scope = "year"
effect = "zero"
"""
    write_scheme(town.home, rules=veto + rollup("year", "month", "mean"))
    for number in (1, 5):
        town.deliver("tickets", waits(town, date(2019, number, 5), {"c-tax": 2, "n-tax": 3}))
    fact = {"veto_id": "v1", "counter_id": "c-tax", "happened_on": "2019-05-20"}
    town.deliver("vetoes", [fact | {"rule_code": "fraud", "decided_by": "x"}])
    found = rolled(town)
    assert found.frame.filter(id="c-tax").select("m01", "m05", "score_u", "rank", "veto").row(
        0
    ) == (
        80.0,
        0.0,
        0,
        2,
        "fraud",
    )


def test_ties_of_the_year_go_by_its_metrics(town: Town) -> None:
    """More tickets in the whole year."""
    write_scheme(town.home, 'ties = ["tickets"]', rollup("year", "month", "mean"))
    for number, size in ((1, 10), (2, 20)):
        town.deliver("tickets", waits(town, date(2019, number, 5), {"c-tax": 0}, 10))
        town.deliver("tickets", waits(town, date(2019, number, 6), {"n-tax": 0}, size))
    found = rolled(town).frame.filter(pl.col("rank").is_not_null())
    assert found.select("id", "rank", "tied").rows() == [("n-tax", 1, False), ("c-tax", 2, False)]


def test_what_cannot_be_rolled_up_is_refused(town: Town) -> None:
    """A month by a scheme of months, and a year in which no version holds."""
    write_scheme(town.home)
    town.deliver("tickets", waits(town, date(2019, 1, 5), {"c-tax": 0}))
    with pytest.raises(HallscoreError, match="nothing shorter to roll up"):
        rolled(town, period=parse_period("2019-08"))
    with pytest.raises(HallscoreError, match="no version holds in 2018"):
        rolled(town, period=parse_period("2018"))


def test_months_before_the_scheme_are_none_of_its_year(town: Town) -> None:
    """A scheme that begins in July rolls six months up."""
    write_scheme(town.home, rules=rollup("year", "month", "mean"), start="2019-07-01")
    for number in (1, 8):
        town.deliver("tickets", waits(town, date(2019, number, 5), {"c-tax": number}))
    found = rolled(town)
    assert [one is None for one in found.parts] == [True] * 6 + [False] * 6
    assert by_id(found, "score_u")["c-tax"] == 200_000
    assert annual.mark_of(parse_period("2019-W09")) == "w09"
