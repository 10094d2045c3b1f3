"""好差评 and 办件与等候: the numbers of the frames in fitting words, for one unit, in files."""

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from opened import open_page
from test_app import ACCESS, html, text

from dashboard.charts.colours import DARK, LIGHT
from dashboard.charts.daily_bars import daily_bars
from dashboard.charts.heat import heat_chart
from dashboard.charts.stacked import SHADES, stacked
from dashboard.components.loop_boards import left
from dashboard.exports import units
from dashboard.text import Words
from metrics.catalogue import metric
from metrics.graded import channels, grades
from metrics.loop_board import loop_board
from metrics.periods import parse_period
from metrics.queues import heat, lateness, unit_days
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import immature, value

AUGUST, CITY, ZH = parse_period("2019-08"), Scope("local", None), Words("zh")
LAST = date(2019, 8, 31)


def run_page(home: Path, name: str, lang: str = "zh", user: str | None = None, **address: str):
    return open_page(home, name, lang, user, **{"period": "2019-08", **address})


@pytest.mark.parametrize(("lang", "said"), [("zh", "默认评价占比"), ("en", "no order of rank")])
def test_the_ratings_show_each_grade_with_its_number(home, lang, said):
    shown = text(run_page(home, "ratings", lang))
    assert said in shown
    for row in grades(ensure(home), "all", AUGUST, CITY, LAST).to_dicts():
        assert f"{row['value']:.2%}" in shown
        assert f"{row['n']:,}" in shown


def test_ratings_of_counties_keep_the_order_of_their_ids(home):
    """South county has the worse grades and comes second all the same: no table of praise."""
    shown = text(run_page(home, "ratings", by="county"))
    table = shown[shown.index("主动评价五级构成") :]
    assert table.index("全市") < table.index("North county") < table.index("South county")


def test_what_may_still_be_rated_is_said_and_in_no_rate(home):
    """The data end on the day of the services of September: none of them is final."""
    base = immature(home, "response_rate", parse_period("2019-09"), "all", CITY)
    shown = text(run_page(home, "ratings", period="2019-09"))
    assert f"{base.item(0, 'immature'):,} 件尚可评价" in shown
    assert "尚可评价" not in text(run_page(home, "ratings"))


def test_without_redress_reported_the_board_has_no_number(home):
    shown = html(run_page(home, "ratings"))
    board = shown[: shown.index("评价率与整改率")]
    assert board.count("数据未报送") == 8
    assert 'class="hs-number hs-strong">0<' not in board


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_queue_shows_waits_with_their_base_and_half_hours(home, lang):
    shown = text(run_page(home, "cases", lang, heat="abandonment"))
    p90 = value(home, "wait_p90", AUGUST, "all", CITY).row(0, named=True)
    assert f"{p90['value'] / 60:.1f}" in shown
    assert f"{p90['n']:,}" in shown
    cells = heat(ensure(home), "all", "all", AUGUST, CITY, LAST)
    for row in cells.filter(kind="abandonment").to_dicts():
        assert f"{row['value']:.2%}" in shown
        assert f"{row['n']:,} / {row['d']:,}" in shown
    on_time = Words(lang).of(metric("on_time_rate").label)
    assert Words(lang)("state.missing") in shown[shown.index(on_time) :]


def test_a_unit_stands_beside_the_whole_and_a_hall_is_chosen_inside_its_county(home):
    app = run_page(home, "cases", county="C1", hall="C1T1")
    shown = text(app)
    assert "对照" in shown
    assert "Hill township" in shown
    assert "本期无业务" in shown
    offered = next(one for one in app.selectbox if one.label == "大厅").options
    assert offered == ["全部", "North county", "Hill township", "Mill village"]
    elsewhere = run_page(home, "cases", county="C2", hall="C1T1")
    assert next(one for one in elsewhere.selectbox if one.label == "大厅").value == "all"


def test_a_month_without_data_says_so_on_both_pages(home):
    """October was never delivered and is not offered; September of a hall without tickets is."""
    for name in ("ratings", "cases"):
        app = run_page(home, name, period="2019-10", hall="C1T1V1", county="C1")
        assert app.selectbox[0].value == "2019-08"
        assert "本期无业务" in text(app)


@pytest.mark.parametrize("name", ["ratings", "cases"])
def test_who_sees_one_county_finds_nothing_of_another(home, name):
    access = home / "access.toml"
    access.write_text(ACCESS)
    try:
        app = run_page(home, name, user="north", county="C2", by="county")
    finally:
        access.unlink()
    shown = html(app)
    assert "South county" not in shown
    assert "City" not in shown
    assert "North county" in shown
    lists = [one.options for one in app.selectbox]
    assert all("South county" not in options for options in lists)


def test_left_days_are_words_and_a_due_day_on_a_weekend_is_over():
    assert left(3, False, ZH) == "3 个工作日"
    assert left(0, False, ZH) == "今日到期"
    assert left(-2, True, ZH) == "已超 2 个工作日"
    assert left(0, True, ZH).startswith("已过期")
    assert left(None, False, ZH) == "/"


def test_a_grade_keeps_its_colour_where_the_best_is_left_out():
    frame = pl.DataFrame(
        {"name": ["甲"] * 4, "value": [0.1] * 4, "kind": list("abcd"), "place": [-4, -3, -2, -1]}
    ).with_columns(detail=pl.col("kind"))
    for colours in (LIGHT, DARK):
        spec = stacked(frame, list("abcd"), 4, colours).to_dict()
        assert spec["encoding"]["color"]["scale"]["range"] == list(SHADES[colours][1:])
        assert spec["encoding"]["x"]["stack"] == "zero"


def test_the_map_holds_every_row_and_column_also_empty_ones():
    tiles = pl.DataFrame(
        {"weekday": ["一"], "time": ["9:00"], "value": [1.0], "label": ["1"], "detail": ["1"]}
    ).with_columns(faint=pl.lit(value=False), dark=pl.lit(value=True))
    spec = heat_chart(tiles, ["一", "二"], ["9:00", "9:30"], LIGHT).to_dict()
    domains = [spec["layer"][0]["encoding"][axis]["scale"]["domain"] for axis in "xy"]
    assert domains == [["9:00", "9:30"], ["一", "二"]]
    days = pl.DataFrame({"label": ["1"], "value": [None], "kind": ["工作日"], "detail": [""]})
    assert daily_bars(days, ["工作日", "休息日"], LIGHT).to_dict()["mark"]["type"] == "bar"


def test_the_files_hold_every_table_of_the_pages(home):
    state = ensure(home)
    shown = [metric(name) for name in ("bad_rate", "wait_p90")]
    mine = {one.id: value(home, one.id, AUGUST, "all", CITY) for one in shown}
    asked = ("all", "all", AUGUST, CITY, LAST)
    board = loop_board(home, "all", "all", AUGUST, CITY, LAST)
    cells = heat(state, *asked)
    tables = {
        "差评闭环": units.lane_frame(board, ZH),
        "差评明细": units.loop_frame(board, ZH),
        "五级分布": units.grade_frame(grades(state, "all", AUGUST, CITY, LAST), ZH),
        "评价渠道": units.channel_frame(channels(state, *asked), ZH),
        "逐日数据": units.day_frame(unit_days(state, *asked), ZH),
        "分时段": units.heat_frame(cells, ZH),
        "前台与后台": units.lateness_frame(lateness(state, *asked), ZH),
    }
    content = units.unit_workbook(shown, mine, tables, {"单位": "全市"}, "好差评", ZH)
    read = pl.read_excel(io.BytesIO(content), sheet_name="分时段", read_options={"header_row": 3})
    assert read["数值"].to_list() == pytest.approx(cells["value"].to_list())
    assert read[ZH("unit_file.d")].to_list() == cells["d"].to_list()
    lines = units.unit_csv(shown, mine, {"单位": "全市"}, ZH).decode("utf-8-sig").splitlines()
    assert lines[0] == "# 单位,全市"
    assert "差评率" in lines[2]
    assert metric("bad_rate").variant["zh"] in lines[2]
