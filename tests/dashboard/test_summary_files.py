"""The files of the day and the week hold every row, in both languages, with ids masked."""

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from town import Town

from dashboard.exports.csvfile import BOM
from dashboard.exports.summaries import daily_csv, daily_workbook, weekly_csv, weekly_workbook
from dashboard.text import LANGUAGES, Words
from metrics.daily import daily_board
from metrics.fairness.alarms import alarms
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.weekly import weekly_summary
from tests.builders import HALLS

CITY, FILTERS = Scope("local", None), {"日期": "2019-08-27"}
PHONE = "138" + "0" * 8  # of nobody: a number that looks like one


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day with a finding whose id looks like a telephone number, and one bad rating of ten."""
    counters = [{"counter_id": "c1", "name": "综合窗口", "hall_id": "H1"}]
    town = Town(tmp_path_factory.mktemp("files") / "home", HALLS, counters)
    found = {"finding_id": PHONE, "counter_id": "c1", "found_at": "2019-08-27 10:00:00"}
    town.deliver("findings", [found | {"rule_code": "R01", "points": 0.5}])
    town.deliver("ratings", town.rate("c1", {1: 1, 5: 9}, date(2019, 8, 27)))
    return town.home


def sheet(content: bytes, name: str) -> pl.DataFrame:
    return pl.read_excel(io.BytesIO(content), sheet_name=name, read_options={"header_row": 3})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_of_a_day_has_its_findings_and_bad_ratings(told: Path, lang: str) -> None:
    words = Words(lang)
    board = daily_board(told, date(2019, 8, 27), CITY)
    content = daily_workbook(board, FILTERS, words)
    found = sheet(content, words("daily.findings_list"))
    assert found[words("daily.row")].to_list() == ["[phone number]"]
    assert found[words("daily.points")].to_list() == [0.5]
    bad = sheet(content, words("daily.bad_list"))
    assert bad[words("daily.counter_id")].to_list() == ["c1"]
    assert daily_csv(board, FILTERS, words).startswith(BOM)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_files_of_a_week_have_every_hall_and_what_is_open(told: Path, lang: str) -> None:
    words = Words(lang)
    week = weekly_summary(told, parse_period("2019-W35"), CITY)
    content = weekly_workbook(week, alarms(told, week.period, CITY), FILTERS, words)
    assert sheet(content, words("weekly.halls")).height == week.halls.height
    assert sheet(content, words("weekly.open_list"))[words("daily.row")].to_list() == [
        "[phone number]"
    ]
    text = weekly_csv(week, FILTERS, words).decode("utf-8-sig")
    assert words("weekly.end") in text
    assert PHONE not in text
