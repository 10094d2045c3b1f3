"""试改权重 on the page: the address holds the weights, a table who moves; a draft rules nothing."""

import shutil

import pytest
from opened import open_page
from test_app import text

from dashboard.exports.what_if import what_if_csv, what_if_workbook
from dashboard.text import Words
from data.scheme_drafts import scheme_drafts
from metrics.periods import parse_period
from metrics.scheme_files import scheme
from metrics.scope import Scope
from metrics.what_if import weights_of, what_if


@pytest.fixture
def mine(home, tmp_path):
    """A copy of the town, for this writes into it."""
    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    return copy


def ranking(home, **chosen: str):
    asked = {"period": "2019-08", "scheme": "first", "frame": "county"}
    return open_page(home, "ranking", **asked | chosen)


def tried(home) -> dict[str, str]:
    """Five points from one item to another, of the scheme as it ships."""
    old = weights_of(scheme("first"))
    giver, taker = list(old)[:2]
    return {giver: f"{old[giver] - 5:f}", taker: f"{old[taker] + 5:f}"}


def test_the_page_shows_the_scheme_as_it_is_until_weights_are_tried(home):
    app = ranking(home)
    typed = [one.value for one in app.number_input]
    assert typed == [float(one) for one in weights_of(scheme("first")).values()]
    assert "各组前十分之一" not in text(app)


def test_weights_of_the_address_are_tried_and_can_be_kept_as_a_draft(mine):
    weights = tried(mine)
    app = ranking(mine, weights=",".join(f"{name}:{to}" for name, to in weights.items()))
    told = what_if(mine, parse_period("2019-08"), Scope("local", None), weights, "first", "county")
    assert f"{told.ranked} 个参评窗口中 {told.same} 个名次不变" in text(app)
    next(one for one in app.text_input if one.label == "提出人").set_value("王")
    next(one for one in app.text_input if one.label == "理由").set_value("突出时限")
    next(one for one in app.button if one.label == "存为草案").click()
    app.run()
    assert not app.exception
    (kept,) = scheme_drafts(mine)
    assert (kept.scheme, kept.weights, kept.author) == ("first", weights, "王")
    assert "草案不是考核办法" in app.success[0].value
    assert weights_of(scheme("first", mine)) == weights_of(scheme("first"))


def test_weights_that_do_not_add_up_are_refused_in_words(home):
    name = next(iter(weights_of(scheme("first"))))
    app = ranking(home, weights=f"{name}:99")
    assert "together they are" in app.error[0].value


def test_the_files_hold_everybody_who_is_ranked(home):
    told = what_if(
        home, parse_period("2019-08"), Scope("local", None), tried(home), "first", "county"
    )
    lines = what_if_csv(told, {}, Words("zh")).decode().splitlines()
    assert len(lines) == 1 + told.ranked
    assert what_if_workbook(told, {}, Words("en"))[:2] == b"PK"
