"""The funnel on the page and in its files: the numbers of the frame, in words that fit them."""

import io

import polars as pl
import pytest
from opened import open_page
from test_app import html, text

from dashboard.charts.colours import LIGHT
from dashboard.charts.funnel import funnel_chart
from dashboard.exports.funnel import funnel_csv, funnel_frame, funnel_workbook
from dashboard.text import Words
from metrics.fairness.funnel import MetricFunnel, funnel
from metrics.periods import parse_period
from metrics.scope import Scope

AUGUST, CITY, ZH = parse_period("2019-08"), Scope("local", None), Words("zh")


@pytest.fixture(scope="module")
def found(home) -> MetricFunnel:
    """Bad ratings of the county counters: 0, 0, 4 of 40 and 0 of 3."""
    return funnel(home, "bad_rate", AUGUST, CITY, "county")


@pytest.mark.parametrize(("lang", "said"), [("zh", "不是结论"), ("en", "not a verdict")])
def test_the_page_shows_every_unit_with_its_limits_and_what_it_does_not_say(
    home, found, lang, said
):
    app = run_page(home, lang)
    shown = text(app)
    assert said in shown
    assert found.points.height == 4
    for row in found.points.to_dicts():
        assert f"{row['value']:.2%}" in shown
        assert f"{row['n']:,} / {row['d']:,}" in shown
        assert f"{row['lower998']:.2%} – {row['upper998']:.2%}" in shown


def run_page(home, lang: str):
    asked = {"period": "2019-08", "metric": "bad_rate", "frame": "county"}
    return open_page(home, "funnel", lang, **asked)


def test_names_are_text_and_never_markup(home):
    """A counter of the town is called <b>社保</b>窗口."""
    shown = html(run_page(home, "zh"))
    assert "<b>社保</b>" not in shown
    assert "&lt;b&gt;社保&lt;/b&gt;" in shown


def test_the_chart_draws_limits_target_and_a_form_for_each_kind(found):
    points = found.points.select("name", "d", "value").with_columns(
        detail=pl.col("name"), kind=pl.lit("in"), faint=pl.lit(value=False)
    )
    kinds = ["in", "out", "low", "high"]
    spec = funnel_chart(points, found.curve, found.target, kinds, ("d", "rate"), LIGHT).to_dict()
    marks = [layer["mark"]["type"] for layer in spec["layer"]]
    assert marks == ["line", "rule", "point"]
    scale = spec["layer"][2]["encoding"]["shape"]["scale"]
    assert scale["domain"] == kinds
    assert len(set(scale["range"])) == 4
    drawn = spec["datasets"][spec["layer"][0]["data"]["name"]]
    assert {(row["level"], row["line"][:5]) for row in drawn} == {
        (level, side) for level in ("95%", "99.8%") for side in ("lower", "upper")
    }


def test_the_files_hold_the_points_the_curves_and_the_meaning(found):
    frame = funnel_frame(found, ZH)
    assert frame["编号"].to_list() == found.points["id"].to_list()
    assert frame["差评率"].to_list() == found.points["value"].to_list()
    assert set(frame["判读"]) <= {"界内", "界外，但不足以判为突出", "突出偏低", "突出偏高"}
    content = funnel_workbook(found, None, {"统计周期": "2019-08"}, ZH)
    read = pl.read_excel(
        io.BytesIO(content), sheet_name="各窗口与界线", read_options={"header_row": 3}
    )
    assert read["上界 99.8%"].to_list() == pytest.approx(found.points["upper998"].to_list())
    curve = pl.read_excel(io.BytesIO(content), sheet_name="界线", read_options={"header_row": 3})
    assert curve.height == found.curve.height
    assert "'=" not in funnel_csv(found, {}, ZH).decode("utf-8-sig").splitlines()[0]
