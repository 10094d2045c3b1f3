"""The page 画像 without a browser: the way down, the parts of a portrait, files, scopes."""

import io
import re
from pathlib import Path

import polars as pl
import pytest
from opened import open_page
from streamlit.testing.v1 import AppTest
from test_app import ACCESS, html, text

from dashboard.charts.colours import LIGHT
from dashboard.charts.course import course_chart
from dashboard.charts.strip import strip
from dashboard.charts.waterfall import waterfall
from dashboard.components import links
from dashboard.exports.portrait import (
    behind_csv,
    behind_workbook,
    course_csv,
    course_workbook,
    raw_csv,
    raw_workbook,
    score_csv,
    score_workbook,
)
from dashboard.text import LANGUAGES, Words, keys_of
from metrics.catalogue import metric
from metrics.explain import explain
from metrics.fairness.ranking import fair_ranking
from metrics.periods import parse_period
from metrics.portrait.course import course, month_days
from metrics.portrait.ledger import ledger
from metrics.portrait.nodes import KINDS
from metrics.portrait.peers import peers
from metrics.portrait.rows import LOGS, behind, raw_rows
from metrics.portrait.waterfall import lost, moved
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.scores import score
from metrics.values import value

AUGUST, CITY, ZH = parse_period("2019-08"), Scope("local", None), Words("zh")
HEAD = {"header_row": 3}


def run_page(home: Path, user: str | None = None, **address: str) -> AppTest:
    asked = {"period": "2019-08", **address}
    return open_page(home, "profile", asked.pop("lang", "zh"), user, **asked)


def hrefs(app: AppTest) -> list[str]:
    return re.findall(r'href="([^"]+)"', html(app))


def test_the_city_leads_to_its_counties_and_keeps_the_choices(home):
    app = run_page(home, metric="tickets")
    shown = text(app)
    assert "City" in shown
    for county in ("C1", "C2"):
        leads = [one for one in hrefs(app) if f"unit={county}&" in one]
        assert leads
        assert all("period=2019-08" in one and "metric=tickets" in one for one in leads)
    row = value(home, "active_good_rate", AUGUST, "county", CITY).row(0, named=True)
    assert f"{row['n']:,} / {row['d']:,}" in shown


def test_a_counter_has_a_way_back_its_score_its_peers_and_its_siblings(home):
    app = run_page(home, unit="n3", scheme="first")
    trail = re.search(r'<nav class="hs-trail".*?</nav>', html(app), re.DOTALL)
    assert trail is not None
    assert re.findall(r"unit=(\w+)", trail[0]) == ["C", "C2"]
    units = score(home, AUGUST, CITY).units
    points = units.filter(pl.col("id") == "n3")["score_u"].item() / 10_000
    shown = text(app)
    assert f"{points:.2f}" in shown
    assert "失分：从满分到得分" in shown
    assert "同组位置" in shown
    beside = re.search(r'<div class="hs-beside".*?</div>', html(app), re.DOTALL)
    assert beside is not None
    assert "unit=n4" in beside[0]
    assert "unit=n3" not in beside[0]  # the unit itself is no link
    assert "<b>" not in html(app)  # a name is text, never markup


@pytest.mark.slow
@pytest.mark.parametrize("part", ["units", "score", "course", "rows"])
@pytest.mark.parametrize("unit", ["C", "C1T1", "TAX", "n5", "n3"])
def test_every_part_of_every_kind_of_unit_is_drawn_in_english_too(home, part, unit):
    """A village without business, a department without a counter, a counter with nothing."""
    chinese = run_page(home, unit=unit, part=part)
    english = run_page(home, unit=unit, part=part, lang="en")
    assert len(html(chinese)) > 1000
    labels = [one.label for one in english.selectbox] + [one.label for one in english.expander]
    assert not re.search(r"[\u4e00-\u9fff]", " ".join(labels).replace("不动产登记窗口", ""))


def test_the_raw_rows_are_a_page_of_fifty(home):
    app = run_page(home, unit="C", part="rows", log="ratings", page="2")
    whole = raw_rows(ensure(home), "ratings", "city", "C", AUGUST, CITY, 50)
    assert f"第 51 至 100 条，共 {whole.count} 条" in text(app)
    assert len(re.findall(r"<tr class", html(app))) < 80


def test_the_rows_behind_a_number_stand_under_their_sum(home):
    shown = text(run_page(home, unit="n3", part="rows", log="number", metric="active_good_rate"))
    found = behind(ensure(home), metric("active_good_rate"), "counter", "n3", AUGUST, CITY)
    assert (found.n, found.d) == (36, 40)
    assert "36 / 40" in shown


def test_a_search_lists_links_and_says_when_nothing_fits(home):
    app = run_page(home, find="bdc", part="course")
    assert [one for one in hrefs(app) if "unit=n1&" in one]
    app.text_input[0].set_value("xyzzy").run()
    assert "没有找到“xyzzy”" in text(app)


def test_a_viewer_sees_the_own_county_and_is_told_of_nothing_else(home):
    (home / "access.toml").write_text(ACCESS, "utf-8")
    try:
        app = run_page(home, user="north", unit="n3", find="n3", part="rows", log="ratings")
    finally:
        (home / "access.toml").unlink()
    shown = html(app)
    for other in ("South county", "社保", "r-n3-", "r-c1-", "unit=n3"):
        assert other not in shown
    assert "r-n1-" in shown
    assert "不在您的数据范围内" in shown


def test_a_long_name_is_printed_whole(tmp_path):
    from town import HALLS, Town

    name = "不动产登记与交易及税收一窗受理综合服务专区第一受理窗口（含二手房过户抵押预告更正）"
    assert len(name) >= 40
    town = Town(
        tmp_path / "home", HALLS, [{"counter_id": "long", "name": name, "hall_id": "C1T1V1"}]
    )
    day = parse_period("2019-08").start
    town.deliver("tickets", town.queue("long", [60] * 5, day))
    assert text(run_page(town.home, unit="long")).count(name) >= 2


def test_the_pictures_hold_what_the_tables_say(home):
    now, before = (score(home, one, CITY) for one in (AUGUST, AUGUST.previous()))
    told = explain(ensure(home), now, "n3", CITY, before)
    steps = lost(told, "zh")
    marks = steps.select(
        "kind", "label", printed=pl.lit("x"), **{"from": pl.col("from_u") / 10_000}
    ).with_columns(to=steps["to_u"] / 10_000)
    spec = waterfall(marks, LIGHT).to_dict()
    assert len(spec["layer"]) == 3
    one = metric("active_good_rate")
    rows = course(ensure(home), one, "counter", "n3", AUGUST, "month", CITY)
    drawn = rows.select("value", "low", "high", label="period", few=pl.lit(False), detail="period")
    domain = course_chart(drawn, True, "x", LIGHT).to_dict()["layer"][0]["encoding"]["y"]["scale"]
    assert domain["domain"][0] <= rows["low"].min()
    group = peers(fair_ranking(home, AUGUST, CITY, "all"), "n3")
    chart = strip(group.rows.with_columns(detail=pl.lit("x")), "x", LIGHT).to_dict()
    sizes = [len(one) for one in chart["datasets"].values()]
    assert sorted(sizes) == [1, group.rows.height - 1]


def read(book: bytes, sheet: str) -> pl.DataFrame:
    return pl.read_excel(io.BytesIO(book), sheet_name=sheet, read_options=HEAD)


def test_the_files_hold_the_frames_under_printed_headings(home):
    state, filters = ensure(home), {"统计周期": "2019-08"}
    now, before = (score(home, one, CITY) for one in (AUGUST, AUGUST.previous()))
    told = explain(state, now, "n3", CITY, before)
    group = peers(fair_ranking(home, AUGUST, CITY, "all"), "n3")
    records = ledger(state, told, CITY)
    steps = {"失分": lost(told, "zh"), "变化": moved(told.difference, "zh")}
    book = score_workbook(told, steps, records, group, filters, ZH)
    assert read(book, "失分")["终点"].to_list()[-1] == told.score_u / 10_000
    assert read(book, "同组位置").height == group.rows.height
    assert score_csv(told, records, filters, ZH).startswith(b"\xef\xbb\xbf# ")

    one = metric("active_good_rate")
    rows = course(state, one, "counter", "n3", AUGUST, "month", CITY)
    days = month_days(state, one, "counter", "n3", AUGUST, CITY)
    book = course_workbook(one, rows, days, filters, ZH)
    assert read(book, "走势")["分母"].to_list() == rows["d"].to_list()
    assert read(book, "日历")["分母"].sum() == 40
    assert "2019-08" in course_csv(rows, filters, ZH).decode("utf-8-sig")

    found = raw_rows(state, "ratings", "counter", "n3", AUGUST, CITY)
    assert read(raw_workbook(found, filters, ZH), "好差评").height == 40
    assert raw_csv(found, filters, ZH).decode("utf-8-sig").count("r-n3-2019-08") == 40
    number = behind(state, one, "counter", "n3", AUGUST, CITY)
    book = behind_workbook(number, one, filters, ZH)
    assert read(book, "数字背后的记录")["分子"].sum() == 36
    assert behind_csv(number, filters, ZH).decode("utf-8-sig").count("好差评") == 40


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_of_every_log_has_a_heading(home, lang):
    for log in LOGS:
        found = raw_rows(ensure(home), log, "city", "C", AUGUST, CITY)
        raw_csv(found, {}, Words(lang))
    for kind in KINDS:
        assert {f"profile_{one}.{kind}" for one in ("kind", "siblings", "scale")} <= set(
            keys_of(lang)
        )


def test_a_link_leaves_out_what_is_not_chosen():
    assert links.to("profile", ZH, unit="a b", scheme="") == "profile?unit=a+b&lang=zh"
