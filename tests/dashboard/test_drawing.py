"""Charts and tables as markup."""

from base64 import b64decode

import polars as pl

from dashboard.charts.colours import DARK, LIGHT
from dashboard.charts.dots import dots
from dashboard.charts.sparkline import sparkline
from dashboard.charts.whiskers import whiskers
from dashboard.components.cards import Card, card_html
from dashboard.components.tables import Cell, Column, table_html


def picture(values: list[float | None]) -> str:
    return b64decode(sparkline(values, LIGHT).split(",", 1)[1]).decode()


def test_a_month_without_a_number_leaves_a_gap_in_the_line():
    assert picture([1.0, 2.0, 3.0]).count("<polyline") == 1
    assert picture([1.0, 2.0, None, 3.0]).count("<polyline") == 2


def test_the_last_month_is_marked_only_when_it_has_a_number():
    assert "<circle" in picture([1.0, 2.0])
    assert "<circle" not in picture([1.0, None])
    assert "<polyline" not in picture([None, None])


def test_a_level_line_stands_in_the_middle():
    assert 'points="5.0,22.0 215.0,22.0"' in picture([4.0, 4.0])


def test_the_axis_of_a_rate_ends_at_one():
    frame = pl.DataFrame(
        {"name": ["甲", "乙"], "value": [0.9, 1.0], "label": ["90%", "100%"], "detail": ["", ""]}
    )
    spec = dots(frame, 0.95, True, DARK).to_dict()
    domains = [layer["encoding"]["x"]["scale"]["domain"] for layer in spec["layer"][:2]]
    assert all(domain[1] == 1.0 and domain[0] < 0.9 for domain in domains)


def test_raw_and_shrunk_intervals_are_told_apart_by_form():
    """A thin line with a hollow mark above a thick one; a unit without an interval has no row."""
    interval = {"low": [0.8, None], "high": [1.0, None], "value": [0.9, None]}
    shrunk = {"shrunk": [0.92, None], "shrunk_low": [0.88, None], "shrunk_high": [0.97, None]}
    frame = pl.DataFrame({"id": ["a", "b"], "name": ["甲", "乙"], **interval, **shrunk})
    spec = whiskers(frame, ("原值", "收缩值"), True, LIGHT).to_dict()
    rules = [layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == "rule"]
    marks = [layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == "point"]
    assert rules[0]["strokeWidth"] < rules[1]["strokeWidth"]
    assert [mark["filled"] for mark in marks] == [False, True]
    assert {row["name"] for rows in spec["datasets"].values() for row in rows} == {"甲"}


def test_names_are_shown_as_they_are_never_run():
    html = table_html([Column("<b>", "&")], [[Cell("<script>x</script>", "a < b")]], '"cap"')
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert 'aria-label="&quot;cap&quot;"' in html


def test_an_interval_never_leaves_its_track():
    """Neither the band nor the mark of the score, which may lie outside the band."""
    whole, none = Cell("", span=(-0.2, 1.4, 1.2)), Cell("", span=(-0.5, -0.2, -0.1))
    html = table_html([Column("interval")], [[whole], [none]], "intervals")
    assert '<i style="left:0.00%;width:100.00%"></i><b style="left:100.00%"></b>' in html
    assert '<i style="left:0.00%;width:0.00%"></i><b style="left:0.00%"></b>' in html


def test_a_card_without_a_number_shows_the_mark_and_the_reason():
    card = Card("好评率", "—", "数据未报送", "", "data:,", "alt", "", "", "", True)
    html = card_html(card)
    assert "hs-empty" in html
    assert "—<small>数据未报送</small>" in html
