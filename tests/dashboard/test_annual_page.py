"""年汇总: the page and its files print what `roll_up` says, months without a score as a dot."""

import csv
import io
import re

import pytest
from opened import open_page
from test_app import html, run, text

from dashboard.components.annual_table import parts_of
from dashboard.exports.annual import annual_csv, annual_frame, annual_workbook
from dashboard.text import Words
from metrics.annual import RolledUp, roll_up
from metrics.fairness.awards import fair_awards
from metrics.periods import parse_period
from metrics.scope import Scope

YEAR, CITY, ZH = parse_period("2019"), Scope("local", None), Words("zh")


@pytest.fixture(scope="module")
def found(home) -> RolledUp:
    """Three months of the town, the year not over."""
    return roll_up(home, YEAR, CITY, "first", frame="county")


def run_page(home, lang: str, **chosen: str):
    asked = {"scheme": "first", "frame": "county", "year": "2019"}
    return open_page(home, "annual", lang, **asked | chosen)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_each_month_and_the_year_of_each_unit(home, found, lang):
    shown, printed = html(run_page(home, lang)), 0
    for row in found.frame.to_dicts():
        if row["rolled"] is not None:
            assert f"{row['rolled']:.2f}" in shown
        for mark, _ in parts_of(found):
            if row[mark] is not None:
                assert f">{row[mark]:.2f}<" in shown
                printed += 1
    assert printed >= 3
    # Every cell of a month is either a shaded score or a dot.
    cells = re.findall(r'<td class="hs-heat[^"]*"([^>]*)>([^<]*)', shown)
    assert len(cells) == found.frame.height * len(parts_of(found))
    assert all(("--hs-shade" in look) == (said != "·") for look, said in cells)


def test_a_running_year_says_that_its_ranks_are_to_date(home):
    assert "名次为截至目前的名次" in text(run_page(home, "zh"))


def test_the_deepest_ground_belongs_to_the_best_month(home, found):
    shown = html(run_page(home, "zh"))
    marks = [mark for mark, _ in parts_of(found)]
    best = max(one for mark in marks for one in found.frame[mark].drop_nulls())
    grounds = re.findall(r"--hs-shade:(\d+)%[^>]*>([^<]*)", shown)
    deepest = max(int(step) for step, _ in grounds)
    assert {float(said) for step, said in grounds if int(step) == deepest} >= {round(best, 2)}
    assert deepest == 100


def test_the_files_hold_the_same_numbers(found, home):
    frame, formats = annual_frame(found, ZH)
    assert frame["全年得分"].to_list() == found.frame["rolled"].to_list()
    assert frame["2019-08"].to_list() == found.frame["m08"].to_list()
    assert formats["2019-08"] == "0.00"
    lines = annual_csv(found, {"考核办法": "first 1"}, ZH).decode().removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(lines)))
    assert len(rows) == 2 + found.frame.height
    given = fair_awards(home, YEAR, CITY, "first")
    assert annual_workbook(found, given, {}, ZH)[:2] == b"PK"


def test_a_year_is_chosen_by_its_code_and_an_unknown_one_is_ignored(home):
    assert run_page(home, "en", year="1850").selectbox[0].value == "2019"


def test_the_app_knows_the_page(home):
    assert not run(home).exception
