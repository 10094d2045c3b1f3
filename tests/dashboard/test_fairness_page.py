"""The page 公平性检验: the numbers of its frames in words, pictures, tables and files."""

import io

import polars as pl
import pytest
from opened import open_page
from test_app import html, text

from dashboard.charts.bars import histogram, share_bars, tier_bars
from dashboard.charts.colours import DARK, LIGHT
from dashboard.charts.intervals import intervals
from dashboard.exports import fairness as exports
from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.workbook import workbook_bytes
from dashboard.page.fairness import SECTIONS
from dashboard.text import LANGUAGES, Words
from metrics.fairness.peer_basis import peer_basis
from metrics.fairness.peer_words import basis_sentence
from metrics.fairness.ranking import FairRanking, fair_ranking
from metrics.fairness.sensitivity import sensitivity
from metrics.fairness.small_frame import small_frame
from metrics.fairness.steadiness import first_flips, steady
from metrics.fairness.told_apart import beyond, headline, needed, order, spread
from metrics.periods import parse_period
from metrics.rollup import ensure
from metrics.scheme_files import scheme
from metrics.scope import Scope

AUGUST, CITY, ZH = parse_period("2019-08"), Scope("local", None), Words("zh")
SCHEME, FRAME = "hallscore", "county"


@pytest.fixture(scope="module")
def ranking(home) -> FairRanking:
    return fair_ranking(home, AUGUST, CITY, FRAME, SCHEME)


def page(home, section: str, lang: str = "zh", **more: str):
    asked = {"period": "2019-08", "scheme": SCHEME, "frame": FRAME, "section": section}
    return open_page(home, "fairness", lang, **asked | more)


def downloads(app) -> list[str]:
    return [one.proto.label for one in app.get("download_button")]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_drawn_with_its_meaning_its_files_and_described_pictures(
    home, section, lang
):
    app, words = page(home, section, lang, metric="bad_rate"), Words(lang)
    shown, tables = text(app), html(app).count("<table")
    meaning = words(f"fair.{section}_meaning", least="1", spread="20%", count="2,000")
    assert meaning[-10:] in shown
    assert words("fair.title") in shown
    # The definitions are a table without files.
    assert downloads(app) == [words("export.xlsx"), words("export.csv")] * (tables - 1)
    pictures = app.get("vega_lite_chart") + app.get("arrow_vega_lite_chart")
    # Nobody in the town is called above or below: a picture of no calls would be an empty one.
    assert len(pictures) == (section not in ("groups", "tiers"))
    assert all(one.proto.alt for one in pictures)
    assert "{" not in shown


def test_the_headline_says_how_many_groups_hold_an_order(home, ranking):
    told = headline(ranking)
    assert (told.groups, told.told_apart) == (1, 0)
    shown = text(page(home, "order"))
    given = {name: str(n) for name, n in vars(told).items()}
    assert ZH("fair.headline", **given) in shown
    assert ZH("fair.silent", **given) in shown
    [row] = order(ranking).to_dicts()
    assert f"{row['rankability']:.0%}" in shown
    assert ZH(f"fair_reading.{row['reading']}") in shown


def test_names_are_text_and_never_markup(home):
    """A counter of the town is called <b>社保</b>窗口."""
    shown = html(page(home, "weights"))
    assert "<b>社保</b>" not in shown
    assert "&lt;b&gt;社保&lt;/b&gt;" in shown


def test_halls_that_cannot_be_told_apart_have_no_position(home):
    found = small_frame(home, "wait_within_15_rate", AUGUST, "hall", CITY, "county")
    assert found.told_apart == 0
    app = page(home, "halls", metric=found.metric.id)
    shown = text(app)
    assert all(one in shown for one in found.sentences("zh"))
    for row in found.units.filter(pl.col("rank").is_not_null()).to_dicts():
        assert f"{row['lower']:.2%} – {row['upper']:.2%}" in shown
    assert html(app).count('hs-mute">—') >= found.k


def test_a_rate_that_nobody_reports_is_said_and_not_drawn(home):
    """The town keeps no log of cases."""
    app = page(home, "halls", metric="on_time_rate")
    assert ZH("fair.no_halls") in text(app)
    assert not app.get("vega_lite_chart")
    assert not downloads(app)


def test_a_scope_of_one_hall_sees_the_names_of_no_other(home, ranking):
    """Groups are named with the size they have for everybody; counters of others are not."""
    state, chosen = ensure(home), scheme(SCHEME, home)
    one = peer_basis(state, chosen, AUGUST, Scope("clerk", frozenset({"C2"})))
    assert set(one.groups["mine"]) == {2}
    assert basis_sentence(one.span) in text(page(home, "groups"))


def test_every_sheet_holds_the_rows_of_its_frame_under_words(home, ranking):
    rows = sensitivity(home, AUGUST, CITY, SCHEME, FRAME, size=20)
    chosen = scheme(SCHEME, home)
    flips = first_flips(home, AUGUST, CITY, SCHEME, rows, pairs=2)
    halls = small_frame(home, "bad_rate", AUGUST, "hall", CITY, "county")
    basis = peer_basis(ensure(home), chosen, AUGUST, CITY)
    for lang in LANGUAGES:
        words = Words(lang)
        sheets = [
            (exports.order_sheet(order(ranking), str, words), order(ranking)),
            (exports.tiers_sheet(order(ranking), str, words), order(ranking)),
            (exports.beyond_sheet(beyond(ranking), str, words), beyond(ranking)),
            (exports.bins_sheet(spread(ranking), words), spread(ranking)),
            (exports.needed_sheet(needed(ranking), str, words), needed(ranking)),
            (exports.steady_sheet(steady(rows), str, words), steady(rows)),
            (exports.weights_sheet(rows, str, words), rows),
            (exports.flips_sheet(flips, chosen, words), flips),
            (exports.halls_sheet(halls, words), halls.units),
            (exports.groups_sheet(basis, words), basis.groups),
            (exports.rungs_sheet(basis, words), basis.rungs),
        ]
        for sheet, frame in sheets:
            assert sheet.frame.height == frame.height
            assert set(sheet.formats) <= set(sheet.frame.columns)
            assert len(sheet.name) <= 31


def test_a_file_names_the_filters_and_what_the_numbers_mean(ranking):
    sheet = exports.order_sheet(order(ranking), lambda one: f"组 {one}", ZH)
    filters = {"统计周期": "2019-08", "口径": ZH("fair.order_meaning")}
    lines = csv_bytes(sheet.frame, filters).decode("utf-8-sig").splitlines()
    assert lines[0] == "# 统计周期,2019-08"
    assert lines[1].startswith("# 口径,")
    content = workbook_bytes([sheet], filters, sheet.name)
    read = pl.read_excel(io.BytesIO(content), read_options={"header_row": 3})
    assert read["比较组"].to_list() == ["组 county"]
    assert read["可排名度"].to_list() == pytest.approx(ranking.groups["rankability"].to_list())


def test_weak_bars_are_hollow_and_not_orange_alone():
    frame = pl.DataFrame(
        {
            "name": ["a", "b"],
            "share": [0.7, 0.3],
            "label": ["70%", "30%"],
            "detail": ["", ""],
            "weak": [False, True],
        }
    )
    spec = share_bars(frame, 0.5, "title", DARK).to_dict()
    bars = spec["layer"][0]["encoding"]
    assert bars["fillOpacity"]["condition"] == {"test": "datum.weak", "value": 0}
    assert bars["fill"]["condition"]["value"] == DARK.bad
    assert bars["y"]["sort"] == ["a", "b"]
    counted = frame.with_columns(count=pl.Series([3, 0]))
    columns = histogram(counted, ("r", "n"), LIGHT).to_dict()
    drawn = columns["datasets"][columns["layer"][0]["data"]["name"]]
    assert [row["name"] for row in drawn] == ["a"]
    assert columns["layer"][0]["encoding"]["x"]["scale"]["domain"] == ["a", "b"]


def test_calls_go_to_the_side_that_they_name():
    frame = pl.DataFrame({"name": ["a", "b"], "below": [2, 0], "above": [1, 4], "detail": ["", ""]})
    spec = tier_bars(frame, ("low", "high"), LIGHT).to_dict()
    sides = [
        {row["name"]: row["signed"] for row in spec["datasets"][spec["layer"][at]["data"]["name"]]}
        for at in (0, 2)
    ]
    assert sides == [{"a": -2}, {"a": 1, "b": 4}]
    assert "← low" in spec["layer"][0]["encoding"]["x"]["title"]


def test_the_axis_of_ranks_begins_at_one_and_that_of_rates_stays_a_rate():
    frame = pl.DataFrame({"name": ["a"], "label": [""], "detail": [""]})
    ranks = frame.with_columns(low=pl.lit(1), value=pl.lit(2), high=pl.lit(4))
    spec = intervals(ranks, "rank", "d", LIGHT, first_left=True).to_dict()
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0.5, 4.5]
    rates = frame.with_columns(low=pl.lit(0.9), value=pl.lit(0.97), high=pl.lit(1.0))
    spec = intervals(rates, "rate", ".1~%", LIGHT).to_dict()
    low, high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert (round(low, 3), high) == (0.895, 1.0)
