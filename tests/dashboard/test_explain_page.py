"""The page 得分说明 without a browser: its tables, its files, and the links that lead to it."""

from pathlib import Path

import polars as pl
import pytest
from opened import open_page
from test_app import html, run

from dashboard.components import explained
from dashboard.exports.explain import explain_csv, explain_workbook, line_frame
from dashboard.text import Words
from metrics.explain import Explanation, explain
from metrics.fairness.ranking import fair_ranking
from metrics.periods import parse_period
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.scores import score

AUGUST, CITY, ZH = parse_period("2019-08"), Scope("local", None), Words("zh")


@pytest.fixture
def told(home: Path) -> Explanation:
    now, before = (score(home, one, CITY) for one in (AUGUST, AUGUST.previous()))
    return explain(ensure(home), now, "n3", CITY, before)


def drawn(monkeypatch: pytest.MonkeyPatch, draw, *given) -> str:
    """What a component writes as HTML."""
    written: list[str] = []
    monkeypatch.setattr("streamlit.html", lambda text, **_: written.append(text))
    draw(*given)
    return "\n".join(written)


def test_the_table_holds_every_line_and_the_sum_that_is_the_score(monkeypatch, told):
    shown = drawn(monkeypatch, explained.draw_lines, told, ZH)
    assert told.score_u is not None
    for units in told.lines["points_u"]:
        assert f">{told.points(units)}<" in shown
    assert f'合计</td><td class="hs-number hs-strong">{told.points(told.score_u)}' in shown


def test_the_difference_has_both_periods_and_their_sum(monkeypatch, told):
    shown = drawn(monkeypatch, explained.draw_difference, told.difference, ZH)
    assert "2019年7月" in shown
    assert "合计" in shown


@pytest.mark.parametrize("view", ["result", "points"])
def test_the_ranking_leads_to_the_explanation_of_each_counter(home, view):
    ranking = fair_ranking(home, AUGUST, CITY, "county")
    page = open_page(home, "ranking", period="2019-08", frame="county", scheme="first", view=view)
    shown = html(page)
    for unit in ranking.frame["id"]:
        assert f"explanation?period=2019-08&amp;scheme=first&amp;unit={unit}&amp;lang=zh" in shown


def test_the_files_hold_every_line_and_their_sum(told):
    frame = line_frame(told, ZH)
    assert frame.height == told.lines.height + 1
    points = frame["得分"]
    assert round(points[:-1].sum(), 4) == points[-1] == told.score_u / 10_000
    assert "# 统计周期,2019-08" in explain_csv(told, {"统计周期": "2019-08"}, ZH).decode(
        "utf-8-sig"
    )
    book = explain_workbook(told, {}, ZH)
    read = {"header_row": 3}
    lines = pl.read_excel(book, sheet_name="得分构成", read_options=read)
    assert lines["得分"].to_list() == points.to_list()
    rows = pl.read_excel(book, sheet_name="相关记录", read_options=read)
    assert rows.height == sum(one.rows.height for one in told.behind.values())


def test_other_pages_still_open(home):
    assert "hs-cards" in html(run(home, period="2019-08"))
