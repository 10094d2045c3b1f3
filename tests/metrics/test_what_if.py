"""Other weights: the same scheme but for them, the ranking by them, and drafts that bind nobody."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from town import COUNTERS, HALLS, Town

from data.errors import HallscoreError
from data.scheme_drafts import SchemeDraft, save_draft, scheme_drafts
from metrics.periods import parse_period
from metrics.scheme_files import all_schemes, scheme
from metrics.scope import Scope
from metrics.what_if import weights_of, what_if, with_weights

AUGUST, CITY = parse_period("2019-08"), Scope("local", None)
MINE = """
id = "mine"
label = { zh = "试行", en = "Trial" }
version = "1"
valid_from = 2019-01-01
publish = "official"
frame = "all"
[[item]]
metric = "active_good_rate"
weight = 60
mapping = [[0, 0], [1, 1]]
[[item]]
metric = "wait_within_15_rate"
weight = 40
mapping = [[0, 0], [1, 1]]
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """North is rated 90 %, waits are all short; South is rated 100 %, half the waits are long."""
    town = Town(tmp_path_factory.mktemp("what_if") / "home", HALLS, COUNTERS)
    day = date(2019, 8, 5)
    ratings = [*town.rate("n-tax", {5: 45, 1: 5}, day), *town.rate("s-tax", {5: 50}, day)]
    tickets = [
        *town.queue("n-tax", [60] * 40, day),
        *town.queue("s-tax", [60] * 34 + [1500] * 6, day),
    ]
    later = town.rate("n-tax", {5: 1}, date(2019, 9, 20))
    town.deliver("ratings", ratings, (date(2019, 8, 1), date(2019, 9, 1)))
    town.deliver("tickets", tickets, (date(2019, 8, 1), date(2019, 9, 1)))
    town.deliver("ratings", later, (date(2019, 9, 1), date(2019, 10, 1)))
    (town.home / "schemes").mkdir()
    (town.home / "schemes" / "mine.toml").write_text(MINE, "utf-8")
    return town.home


def test_only_the_weights_differ(home):
    chosen = scheme("mine", home)
    other = with_weights(chosen, {"active_good_rate": "70.5", "wait_within_15_rate": "29.5"})
    assert weights_of(other) == {
        "active_good_rate": Decimal("70.5"),
        "wait_within_15_rate": Decimal("29.5"),
    }
    assert other.model_copy(update={"items": chosen.items}) == chosen
    assert weights_of(chosen)["active_good_rate"] == 60


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"active_good_rate": 70}, "together they are 110 points.*Give 10 less"),
        ({"active_good_rat": 60}, "Did you mean 'active_good_rate'"),
        ({"active_good_rate": 0, "wait_within_15_rate": 100}, "positive number"),
        ({"active_good_rate": "x", "wait_within_15_rate": 100}, "positive number"),
        ({"active_good_rate": "NaN"}, "positive number"),
    ],
)
def test_weights_that_cannot_be_are_refused(home, weights, message):
    with pytest.raises(HallscoreError, match=message):
        with_weights(scheme("mine", home), weights)


def test_the_ranking_by_other_weights_is_that_of_such_a_scheme(home):
    """60/40: North 54 + 40 = 94, South 60 + 34 = 94; by 80/20 North 92, South 97."""
    weights = {"active_good_rate": 80, "wait_within_15_rate": 20}
    told = what_if(home, AUGUST, CITY, weights, "mine", "all")
    rows = {row["id"]: row for row in told.rows.to_dicts()}
    assert (rows["n-tax"]["score"], rows["s-tax"]["score"]) == (94.0, 94.0)
    assert (rows["n-tax"]["score_then"], rows["s-tax"]["score_then"]) == (92.0, 97.0)
    assert (rows["s-tax"]["rank_then"], rows["n-tax"]["rank_then"]) == (1, 2)
    assert rows["n-tax"]["moved"] == rows["n-tax"]["rank"] - 2
    assert (told.ranked, told.first) == (2, 2)  # both share the first place
    assert told.first_kept == 1


def test_the_same_weights_move_nobody(home):
    told = what_if(home, AUGUST, CITY, weights_of(scheme("mine", home)), "mine", "all")
    assert (told.same, told.most) == (told.ranked, 0)
    assert told.first_kept == told.first


def test_a_draft_is_kept_and_binds_nobody(home):
    at = datetime(2019, 9, 3, 9)
    draft = SchemeDraft(0, "mine", "1", {"active_good_rate": "80"}, "王", "突出评价", at)
    kept = save_draft(home, draft)
    assert scheme_drafts(home) == (kept,)
    assert kept.no == 1
    assert weights_of(scheme("mine", home))["active_good_rate"] == 60
    assert len(all_schemes(home)["mine"]) == 1
    for wrong in ({"author": " "}, {"reason": ""}, {"weights": {}}):
        with pytest.raises(HallscoreError):
            save_draft(home, SchemeDraft(**(draft.__dict__ | wrong)))
    assert len(scheme_drafts(home)) == 1
