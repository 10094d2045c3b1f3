"""月评比: what the rule decides and what data can tell stand in two groups of columns."""

import re

import pytest
from opened import open_page
from test_app import html

from dashboard.charts.colours import LIGHT
from dashboard.charts.sparkline import small_line, sparkline
from dashboard.components import ranked
from dashboard.components.boards import clock
from dashboard.text import Words
from metrics.monthly import changes
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.trail import scores_of, trailing_of

ZH, CITY = Words("zh"), Scope("local", None)
AUGUST = parse_period("2019-08")


def test_two_groups_of_columns_and_the_sentence_that_says_which_decides(home):
    shown = html(open_page(home, "ranking", period="2019-08", frame="county", scheme="first"))
    groups = re.findall(r'<th scope="colgroup" colspan="(\d+)" class="hs-group">([^<]+)<', shown)
    assert groups == [("6", ZH("ranking.by_rule")), ("3", ZH("ranking.by_data"))]
    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)', shown.split("</thead>")[0])
    assert heads[:6] == ["名次", "窗口", "得分", "较上月", "近 12 个月", "数据"]
    assert ZH("decides.official") in shown


@pytest.mark.parametrize(
    ("points", "places", "said", "note"),
    [
        (1.5, 3, "▲ +1.50", "升 3 位"),
        (-0.25, -12, "▼ −0.25", "降 12 位"),
        (0.0, 0, "● ±0.00", "名次不变"),
        (2.0, None, "▲ +2.00", "组别有变"),
    ],
)
def test_a_change_has_its_sign_and_its_places_in_words(points, places, said, note):
    cell = ranked.changed({"score_change": points, "rank_change": places}, ZH)
    assert (cell.text, cell.note) == (said, note)


def test_without_a_month_before_there_is_no_change(home):
    assert ranked.changed(None, ZH).note == ZH("ranking.no_change")
    told = changes(home, AUGUST, CITY, "first", "county")
    assert told["score_change"].null_count() == told.height > 0, "July has days without data"
    shown = html(open_page(home, "ranking", period="2019-08", frame="county", scheme="first"))
    assert ZH("ranking.no_change") in shown


def test_the_line_holds_the_scores_of_the_months_and_none_before_the_data(home):
    months = trailing_of(AUGUST)
    assert [one.text for one in months][-2:] == ["2019-07", "2019-08"]
    assert len(months) == 12
    assert scores_of(home, parse_period("2019-01"), CITY, "first").is_empty()
    assert scores_of(home, parse_period("2018-12"), CITY, "first").is_empty()
    found = dict(scores_of(home, AUGUST, CITY, "first").iter_rows())
    assert found["n1"] is not None
    assert found["n4"] is None, "too few is no score"


def test_a_line_breaks_where_there_is_no_score_and_tells_what_it_shows():
    drawn = small_line([90.0, None, 80.0, 85.0], "a <b>", LIGHT)
    assert drawn.count("polyline") == 2
    assert 'alt="a &lt;b&gt;"' in drawn
    assert small_line([None, None], "x", LIGHT) == ""


def test_a_target_lies_inside_the_scale_of_the_line():
    from base64 import b64decode

    picture = sparkline([0.5, 0.6], LIGHT, 0.9)
    told = b64decode(picture.partition(",")[2]).decode()
    assert LIGHT.target in told
    assert 'y1="5.0"' in told, "the greatest of all: at the top"
    assert LIGHT.target not in b64decode(sparkline([0.5], LIGHT).partition(",")[2]).decode()


@pytest.mark.parametrize(
    ("left", "said"), [(0, "今天到期"), (3, "剩 3 个工作日"), (-2, "▼ 超期 2 个工作日")]
)
def test_the_clock_says_over_today_or_how_long(left, said):
    assert clock(left, ZH) == said
