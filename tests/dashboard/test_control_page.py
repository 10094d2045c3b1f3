"""The control chart on the page and in its files: the numbers of the frame, in words that fit."""

import io
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from opened import open_page
from test_app import text
from town import COUNTERS, HALLS, Town

from dashboard.charts.colours import DARK, LIGHT
from dashboard.charts.control import SHAPES, Labels, control_chart
from dashboard.exports.control import control_csv, control_workbook, point_frame
from dashboard.text import Words
from data.rebases import withdraw_rebase
from metrics.fairness.alarms import alarms
from metrics.fairness.control import ControlChart, control, control_summary
from metrics.fairness.rebasing import add_rebase
from metrics.periods import Period, parse_period
from metrics.scope import Scope

CITY, ZH, WAIT = Scope("local", None), Words("zh"), "wait_within_15_rate"
MONDAY, WEEKS, MOVED = date(2019, 1, 7), 24, date(2019, 6, 3)
YEAR = parse_period("2019")


@pytest.fixture(scope="module")
def charted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 tickets a week at n-tax: 10 or 12 late, from week 12 on 20; 40 ratings at c-tax."""
    town = Town(tmp_path_factory.mktemp("control") / "home", HALLS, COUNTERS)
    tickets, ratings = [], []
    for week in range(WEEKS):
        day = MONDAY + timedelta(weeks=week)
        late = 20 if week >= 12 else 10 + 2 * (week % 2)
        tickets += town.queue("n-tax", [1200] * late + [60] * (40 - late), day)
        ratings += town.rate("c-tax", {5: 34, 1: 6} if week == 22 else {5: 40}, day)
        ratings += town.rate("n-tax", {5: 100}, day) if week < 4 else []
    town.deliver("tickets", tickets)
    town.deliver("ratings", ratings)
    return town.home


def run_page(home: Path, lang: str, **asked: str):
    return open_page(home, "control", lang, **asked)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_says_of_a_middling_series_what_its_last_point_says(charted, lang):
    words = Words(lang)
    shown = text(run_page(charted, lang, metric=WAIT, by="counter", unit="n-tax", span="all"))
    found = control(charted, WAIT, YEAR, "counter", "n-tax", CITY)
    assert found.variation == "deteriorating"
    assert f"▼ {words('control_mark.deteriorating')}" in shown
    assert words(f"control_rule.{found.rule}") in shown
    last = found.points.row(-1, named=True)
    assert f"{last['value']:.2%}" in shown
    assert f"{last['n']} / {last['d']}" in shown
    assert f"{last['low']:.2%} – {last['high']:.2%}" in shown
    assert words("control.no_events") in shown


def test_rare_bad_ratings_are_shown_as_a_sum_with_its_alarm_line(charted):
    app = run_page(charted, "zh", metric="bad_rate", by="counter", unit="c-tax", week="2019-W24")
    shown = text(app)
    found = control(charted, "bad_rate", YEAR, "counter", "c-tax", CITY)
    (alarm,) = found.points.filter(rule="alarm").to_dicts()
    assert alarm["start"] == MONDAY + timedelta(weeks=22)
    assert f"{alarm['sum']:.2f} / {alarm['limit']:.2f}" in shown
    assert "本周 1 个报警" in shown
    assert "6 / 40" in shown


def test_a_recorded_event_is_named_with_its_author(charted):
    kept = add_rebase(charted, WAIT, "C1", MOVED, "新大厅启用", "王科长")
    shown = text(run_page(charted, "zh", metric=WAIT, by="county", unit="C1", span="all"))
    assert "新大厅启用" in shown
    assert "王科长" in shown
    assert "第 2 阶段 · 暂定" in shown
    other = text(run_page(charted, "zh", metric=WAIT, by="all", span="all"))
    assert "新大厅启用" not in other
    withdraw_rebase(charted, kept.no, "end of the test")


def test_too_few_are_said_and_not_drawn(charted):
    app = run_page(charted, "zh", metric=WAIT, by="county", unit="C2")
    assert "本期无业务" in text(app)
    assert not app.get("arrow_vega_lite_chart")


def points(found: ControlChart) -> pl.DataFrame:
    told = found.points.select("start", "phase", "centre", "low", "high", y="value", mark="means")
    return told.with_columns(label=pl.lit("a"), detail=pl.lit("b"))


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_chart_has_limits_a_red_target_events_and_a_form_for_each_meaning(charted, colours):
    found = control(charted, WAIT, YEAR, "counter", "n-tax", CITY)
    events = pl.DataFrame({"day": [MOVED], "name": ["moved"]})
    marks = ["common", "improving", "deteriorating", "neutral"]
    labels = Labels(marks, "share", "target", is_rate=True)
    spec = control_chart(points(found), 1.0, events, labels, colours).to_dict()
    kinds = [layer["mark"]["type"] for layer in spec["layer"]]
    assert kinds == ["line", "line", "line", "rule", "text", "rule", "text", "line", "point"]
    assert spec["layer"][3]["mark"]["color"] == colours.target
    scale = spec["layer"][-1]["encoding"]["shape"]["scale"]
    assert (scale["domain"], tuple(scale["range"])) == (marks, SHAPES)
    assert len(set(SHAPES)) == 4
    shades = spec["layer"][-1]["encoding"]["color"]["scale"]["range"]
    assert shades == [colours.muted, colours.line, colours.bad, colours.neutral]
    low, high = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert low < found.points["low"].min() < 1.0 < high
    bare = control_chart(points(found), None, events.clear(), labels, colours).to_dict()
    assert [layer["mark"]["type"] for layer in bare["layer"]] == [*["line"] * 4, "point"]


def test_the_files_hold_points_events_overview_alarms_and_the_meaning(charted):
    found = control(charted, WAIT, YEAR, "counter", "n-tax", CITY)
    frame = point_frame(found, ZH)
    assert frame["15 分钟内叫号率"].to_list() == found.points["value"].to_list()
    assert set(frame["判读"]) <= {"普通起伏", "好转", "变差"}
    icons = control_summary(charted, [WAIT, "bad_rate"], "hall", CITY, YEAR)
    week = alarms(charted, parse_period("2019-W24"), CITY)
    content = control_workbook(found, icons, week, {"统计周期": "2019"}, ZH)

    def sheet(name: str) -> pl.DataFrame:
        options = {"header_row": 3}
        return pl.read_excel(io.BytesIO(content), sheet_name=name, read_options=options)

    assert sheet("各点与界线").height == found.points.height
    assert sheet("一览").height == icons.height
    assert sheet("报警")["编号"].to_list() == ["c-tax"]
    assert (
        control_csv(found, {"统计周期": "2019"}, ZH)
        .decode("utf-8-sig")
        .startswith("# 统计周期,2019")
    )


def test_the_weekly_page_lists_the_alarms_of_its_week(charted):
    app = open_page(charted, "weekly", week="2019-W24")
    assert "本周 1 个报警" in text(app)


def test_a_span_is_named_by_its_days(charted):
    part = Period("", "weeks", MONDAY, date(2019, 3, 4))
    found = control(charted, WAIT, part, "counter", "n-tax", CITY)
    whole = control(charted, WAIT, YEAR, "counter", "n-tax", CITY)
    assert found.points.height == 8
    assert replace(found, points=whole.points).points["limit"].count() == 0
