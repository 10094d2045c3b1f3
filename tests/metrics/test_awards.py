"""Awards by rule: quotas, edges, groups, candidates, last places; what the unranked get."""

from datetime import date

import polars as pl
import pytest
from rules import shuffled, waits, write_scheme
from town import COUNTERS, Row, Town

from data.errors import HallscoreError
from metrics.awards import AWARDS, awards
from metrics.periods import parse_period
from metrics.scope import PERSONS, Scope

CITY = Scope("local", None, frozenset({PERSONS}))
LATER = date(2019, 12, 31)
ALL = [row["counter_id"] for row in COUNTERS]


def award(name: str = "flag", period: str = "month", **keys: object) -> str:
    """An [[award]] with these keys."""
    lines = [f"{key} = {_toml(value)}" for key, value in keys.items()]
    label = 'label = { zh = "名单", en = "List" }'
    return "\n".join(["[[award]]", f'id = "{name}"', label, f'period = "{period}"', *lines, ""])


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def month(town: Town, number: int, slow: dict[str, int], size: int = 10) -> None:
    """Queues on the fifth of a month of 2019."""
    town.deliver("tickets", shuffled(waits(town, date(2019, number, 5), slow, size), number))


def given(town: Town, period: str) -> pl.DataFrame:
    """What the scheme at hand gives."""
    return awards(town.home, parse_period(period), CITY, "mine", LATER)


def ids(town: Town, period: str, name: str = "flag") -> list[str]:
    """Who is on a list, in its order."""
    return given(town, period).filter(award=name)["id"].to_list()


def test_a_red_list_is_the_first_and_a_black_list_the_last_of_the_ranked(town: Town) -> None:
    """The first 2 and, from the bottom, the last 1; each says on what it rests."""
    write_scheme(town.home, rules=award(count=2) + award("black", list="black", count=1))
    month(town, 8, {"c-tax": 0, "n-tax": 1, "s-tax": 2, "t-all": 3})
    found = given(town, "2019-08")
    assert found.schema == AWARDS
    columns = ("award", "list", "id", "rank", "score", "basis", "quota", "edge", "by_rule")
    assert found.select(columns).rows() == [
        ("flag", "red", "c-tax", 1, 100.0, "count", 2, False, True),
        ("flag", "red", "n-tax", 2, 90.0, "count", 2, False, True),
        ("black", "black", "t-all", 4, 70.0, "count", 1, False, True),
    ]


def test_all_who_are_tied_at_the_edge_of_a_quota_get_in_and_it_is_said(town: Town) -> None:
    """Two places, three counters on rank 2."""
    write_scheme(town.home, rules=award(count=2))
    month(town, 8, {"c-tax": 0, "n-tax": 1, "s-tax": 1, "t-all": 1, "v-all": 2})
    found = given(town, "2019-08")
    assert found.select("id", "rank", "edge").rows() == [
        ("c-tax", 1, False),
        ("n-tax", 2, True),
        ("s-tax", 2, True),
        ("t-all", 2, True),
    ]


@pytest.mark.parametrize(("share", "n"), [("0.5", 2), ("1/3", 1), ("0.1", 1), ("1", 5)])
def test_a_share_is_of_the_ranked_rounded_down_and_at_least_one(
    town: Town, share: str, n: int
) -> None:
    """Of five ranked; the sixth counter had no business and is not one of them."""
    write_scheme(town.home, rules=award(share=share))
    month(town, 8, dict(zip([one for one in ALL if one != "c-all"], range(5), strict=True)))
    assert len(ids(town, "2019-08")) == n


def test_a_quota_counts_in_each_frame_in_each_hall_or_over_all(town: Town) -> None:
    """One each; over all the best score of any frame."""
    lists = award("frame", count=1) + award("hall", count=1, within="hall")
    write_scheme(town.home, 'frame = "level"', lists + award("all", count=1, within="all"))
    month(town, 8, {"c-tax": 2, "c-all": 1, "n-tax": 0, "s-tax": 3, "v-all": 5})
    assert ids(town, "2019-08", "frame") == ["c-all", "n-tax", "v-all"]
    assert ids(town, "2019-08", "hall") == ["c-all", "n-tax", "s-tax", "v-all"]
    assert ids(town, "2019-08", "all") == ["n-tax"]


def test_who_is_not_ranked_gets_nothing_and_fills_no_place(town: Town) -> None:
    """Too few tickets, none, or a home that delivered nothing at all."""
    write_scheme(
        town.home,
        'min_n = 10\nmin_observed = "1/2"',
        award(count=5) + award("black", list="black", count=5),
    )
    path = next((town.home / "schemes").iterdir())
    path.write_text(path.read_text("utf-8").replace('small = "ranked"', 'small = "apart"'), "utf-8")
    month(town, 8, {"c-tax": 0, "n-tax": 1}, size=40)
    town.deliver("tickets", waits(town, date(2019, 8, 5), {"v-all": 0}, 5))
    assert ids(town, "2019-08") == ["c-tax", "n-tax"]
    assert ids(town, "2019-08", "black") == ["n-tax"]
    assert given(town, "2019-07").is_empty()


def test_least_is_a_score_below_which_there_is_no_award(town: Town) -> None:
    """Three places, two counters with 90 and more."""
    write_scheme(town.home, rules=award(count=3, least=90))
    month(town, 8, {"c-tax": 0, "n-tax": 1, "s-tax": 2})
    assert ids(town, "2019-08") == ["c-tax", "n-tax"]


def test_nobody_is_blamed_where_all_are_equal(town: Town) -> None:
    """The first of a frame is never among its last, neither alone nor tied with everybody."""
    write_scheme(town.home, rules=award("black", list="black", count=3))
    month(town, 7, {"c-tax": 3})
    month(town, 8, {"c-tax": 3, "n-tax": 3, "s-tax": 3})
    month(town, 9, {"c-tax": 3, "n-tax": 3, "s-tax": 2})
    assert ids(town, "2019-07", "black") == []
    assert ids(town, "2019-08", "black") == []
    assert ids(town, "2019-09", "black") == ["c-tax", "n-tax"]


def test_candidates_of_the_year_have_three_monthly_titles(town: Town) -> None:
    """P11: four months for c-tax, two for n-tax; the months are named."""
    write_scheme(
        town.home,
        rules=award("star", count=1) + award("candidate", "year", of="star", needs=3),
    )
    for number in (1, 3, 5, 12):
        month(town, number, {"c-tax": 0, "n-tax": 1})
    for number in (2, 4):
        month(town, number, {"c-tax": 1, "n-tax": 0})
    found = given(town, "2019")
    assert found.select("award", "id", "basis", "titles", "periods").rows() == [
        ("candidate", "c-tax", "titles", 4, "2019-01,2019-03,2019-05,2019-12")
    ]
    # In April nobody knows of May.
    early = awards(town.home, parse_period("2019"), CITY, "mine", date(2019, 4, 30))
    assert early.is_empty()


def test_titles_before_a_change_of_the_scheme_count_by_the_rules_of_then(town: Town) -> None:
    """Until June the first two had the title, from July on one only."""
    lists = award("star", count=2) + award("candidate", "year", of="star", needs=2)
    write_scheme(town.home, "valid_to = 2019-07-01", lists)
    one = award("star", count=1) + award("candidate", "year", of="star", needs=2)
    write_scheme(town.home, rules=one, version="2", start="2019-07-01")
    for number in (6, 7):
        month(town, number, {"c-tax": 0, "n-tax": 1, "s-tax": 2})
    assert ids(town, "2019-06", "star") == ["c-tax", "n-tax"]
    assert ids(town, "2019-07", "star") == ["c-tax"]
    assert ids(town, "2019", "candidate") == ["c-tax"]


def test_an_award_may_need_another_of_the_same_period(town: Town) -> None:
    """Of those with 80 and more the best of each frame."""
    lists = award("good", count=9, least=80) + award("flag", of="good", count=1)
    write_scheme(town.home, 'frame = "level"', lists)
    month(town, 8, {"c-tax": 1, "n-tax": 0, "v-all": 5})
    assert ids(town, "2019-08") == ["c-tax", "n-tax"]


def test_awards_that_rest_on_each_other_are_refused(town: Town) -> None:
    """With the name of the award."""
    write_scheme(town.home, rules=award("a", count=1, of="b") + award("b", count=1, of="a"))
    month(town, 8, {"c-tax": 1})
    with pytest.raises(HallscoreError, match="leads back to 'a'"):
        given(town, "2019-08")


LAST = """
[[last_places]]
id = "talk"
label = { zh = "约谈", en = "Talk" }
last = 1
periods = 2
"""


def test_the_last_of_two_months_running_are_named(town: Town) -> None:
    """P12: s-tax is last in June, July and September; a month without a rank breaks the run."""
    write_scheme(town.home, rules=LAST)
    month(town, 6, {"c-tax": 0, "n-tax": 2, "s-tax": 3})
    month(town, 7, {"c-tax": 0, "n-tax": 2, "s-tax": 3})
    month(town, 8, {"c-tax": 0, "n-tax": 2})
    month(town, 9, {"c-tax": 0, "n-tax": 2, "s-tax": 3})
    found = given(town, "2019-07")
    assert found.select("award", "list", "id", "basis", "periods").rows() == [
        ("talk", "last", "s-tax", "last", "2019-06,2019-07")
    ]
    assert [ids(town, one, "talk") for one in ("2019-06", "2019-08", "2019-09")] == [[], [], []]


def test_only_the_eligible_get_awards_and_the_next_one_moves_up(build_town: type[Town]) -> None:
    """P6: who holds the title of a bonus record; P7: general counters and a family are out."""
    counters: list[Row] = [
        row | {"family": "x" if row["counter_id"] == "s-tax" else "tax"} for row in COUNTERS
    ]
    town = build_town(counters=counters)
    out = award(count=1, within="all") + '[eligible]\nwithout_named = ["general"]\n'
    write_scheme(town.home, rules=out + 'without_families = ["x"]\n')
    write_scheme(
        town.home, rules=award(count=1) + '[eligible]\ntitle = "excellent"\n', name="titled"
    )
    month(town, 8, {"c-all": 0, "s-tax": 1, "c-tax": 2, "n-tax": 3})
    bonus = {"bonus_id": "b1", "counter_id": "n-tax", "given_on": "2019-08-20", "points": "0"}
    town.deliver("bonuses", [bonus | {"rule_code": "excellent", "decided_by": "office"}])
    assert ids(town, "2019-08") == ["c-tax"]
    titled = awards(town.home, parse_period("2019-08"), CITY, "titled", LATER)
    assert titled["id"].to_list() == ["n-tax"]
    assert awards(town.home, parse_period("2019-08"), CITY, "titled", date(2019, 8, 19)).is_empty()


def test_a_yearly_award_goes_by_the_roll_up(town: Town) -> None:
    """n-tax was never first in a month with both, and is first of the year."""
    write_scheme(town.home, rules=award("year", "year", count=1))
    month(town, 1, {"c-tax": 0, "n-tax": 1})
    month(town, 2, {"c-tax": 5, "n-tax": 1, "s-tax": 0})
    found = given(town, "2019")
    assert found.select("id", "rank", "score").rows() == [("s-tax", 1, 100.0)]
    assert given(town, "2018").is_empty()
