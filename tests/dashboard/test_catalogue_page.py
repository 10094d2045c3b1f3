"""口径与方法: every metric and every scheme, in one language, the same in the files."""

import csv
import io
import re
from html import escape

import pytest
from opened import open_page
from test_app import html, text

from dashboard.exports.catalogue import (
    catalogue_csv,
    catalogue_frame,
    catalogue_workbook,
    matters,
    scheme_csv,
    scheme_frame,
)
from dashboard.text import Words
from metrics.catalogue import catalogue, metric
from metrics.scheme_files import all_schemes, scheme

LATIN_WORD = re.compile(r"(?<![A-Za-z_0-9`])[A-Za-z]{4,}(?![A-Za-z_0-9])")


def run_page(home, lang: str, **chosen: str):
    return open_page(home, "catalogue", lang, **chosen)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_metric_stands_on_the_page_with_what_the_catalogue_says(home, lang):
    shown, words = text(run_page(home, lang)), Words(lang)
    for one in catalogue().values():
        for said in (one.id, words.of(one.label), words.of(one.why), words.of(one.gaming)):
            assert escape(" ".join(said.split())) in shown


def test_a_search_leaves_what_it_names_and_the_file_says_so(home):
    shown = html(run_page(home, "zh", q="弃号"))
    assert "abandonment_rate" in shown
    assert "on_time_rate" not in shown
    lines = catalogue_csv([metric("abandonment_rate")], {"查找": "弃号"}, Words("zh")).decode()
    told = list(csv.reader(io.StringIO(lines.removeprefix("\ufeff"))))
    assert told[0] == ["# 查找", "弃号"]
    assert told[2][0] == "abandonment_rate"
    assert len(told) == 3


def test_a_chinese_row_has_no_english_sentence():
    """Ids and formulas are identifiers; all else is in the language of the page."""
    frame = catalogue_frame(list(catalogue().values()), Words("zh"))
    prose = frame.drop("编号", "算式（事项编号）")
    mixed = [cell for row in prose.iter_rows() for cell in row if LATIN_WORD.search(str(cell))]
    # An English name of a measure may be named as what to read beside.
    assert not [one for one in mixed if " the " in one or " of " in one]


def test_the_smallest_difference_is_printed_in_its_unit():
    words = Words("zh")
    assert matters(metric("abandonment_rate"), words) == "比数 × 1.75"
    assert matters(metric("attendance_rate"), words) == "0.5 个百分点"
    assert matters(metric("closed_cases"), words) == "/"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_scheme_is_shown_with_all_its_items(home, lang):
    app = run_page(home, lang, content="schemes", rules="hallscore@1")
    shown = " ".join(one.value for one in app.markdown)
    chosen = scheme("hallscore")
    words = Words(lang)
    for item in chosen.items:
        assert f"`{item.metric}`" in shown
        assert words.of(metric(item.metric).label) in shown


def test_each_version_of_each_scheme_can_be_chosen(home):
    app = run_page(home, "zh", content="schemes")
    versions = [one for all_ in all_schemes().values() for one in all_]
    assert len(app.selectbox[0].options) == len(versions)


def test_the_files_of_a_scheme_hold_its_sentences_without_marks():
    chosen, words = scheme("hallscore"), Words("zh")
    told = scheme_frame(chosen, words)
    assert told.height > len(chosen.items)
    assert not told.to_series().str.contains(r"\*\*|`").any()
    assert scheme_csv(chosen, {"考核办法": "hallscore 1"}, words).startswith(b"\xef\xbb\xbf# ")
    assert catalogue_workbook(list(catalogue().values()), {}, words)[:2] == b"PK"
