"""大屏: each view prints the numbers of the pages, names as text, and the way out."""

from html import escape
from urllib.parse import unquote

import pytest
from opened import open_page

from dashboard.components import wall
from dashboard.components.months import complete_month
from dashboard.text import Words
from dashboard.viewer import viewer
from metrics.headline import KEY_METRICS
from metrics.scope import Scope
from metrics.values import value


@pytest.fixture
def seen(home, monkeypatch):
    """The viewer of the town, outside a browser."""
    monkeypatch.setattr("dashboard.state.st.session_state", {"chosen": {"lang": "zh"}})
    found = viewer(home, None, Words("zh"))
    assert found is not None
    return found


def test_the_figures_are_those_of_the_last_complete_month(home, seen):
    month = complete_month(seen)
    title, markup = wall.figures(seen)
    assert title == "主要指标"
    row = value(home, "active_good_rate", month, "all", Scope("local", None)).row(0, named=True)
    assert f"{row['value']:.2%}" in markup
    assert f"{row['n']:,} / {row['d']:,}" in markup
    assert markup.count("<section>") == len(KEY_METRICS)


def test_the_parts_stand_in_the_order_of_their_ids_with_n_and_d(home, seen):
    month = complete_month(seen)
    title, markup = wall.counties(seen)
    assert "不作排名" in title
    rows = value(home, "active_good_rate", month, "county", Scope("local", None)).sort("id")
    places = [markup.index(f"<b>{escape(name)}</b>") for name in rows["name"]]
    assert places == sorted(places)
    for row in rows.drop_nulls("value").to_dicts():
        assert f"{row['n']:,} / {row['d']:,}" in markup


def test_without_a_signal_the_screen_says_so(seen):
    _, markup = wall.signals(seen)
    assert "最近一周没有信号" in markup
    assert "hs-wall-list" not in markup


def test_the_page_turns_and_leads_back(home):
    app = open_page(home, "wall")
    markup = " ".join(str(one.proto.body) for one in app.get("html"))
    assert "政务服务大厅运行态势" in markup
    assert unquote(markup).count('href="./?lang=zh') == 1
