"""日巡查 and 周小结: the numbers of the command line, choices in the address, files, and scopes."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from metrics.daily import daily_board
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.weekly import weekly_summary
from tests.browser.test_pages import opened, rows, settle, state

pytestmark = pytest.mark.browser
CITY = Scope("local", None)
DAY, WEEK = date(2019, 12, 16), parse_period("2019-W50")


def shown(number: int | None) -> str:
    return f"{number:,}"


def test_the_day_shows_every_count_with_what_it_is_out_of(browser, address, home: Path):
    board = daily_board(home, DAY, CITY)
    with opened(browser, f"{address}/daily?day={DAY}") as page:
        assert page.locator("h1").inner_text() == "日巡查看板"
        told = rows(page)[1:]
        for row, line in zip(board.counts.to_dicts(), told, strict=True):
            if row["state"] == "number":
                assert [shown(row["n"]), shown(row["d"])] == line[1:]
            if row["state"] == "missing":
                assert "数据未报送" in line[1]
        whole = rows(page, 1)[1]
        assert whole[1] == shown(board.halls["rounds"].sum())
        assert f"{board.halls['covered'].sum():,} / {board.halls['due'].sum():,}" in whole[2]


def test_the_week_shows_what_opened_and_closed_and_the_kind_is_in_the_address(
    browser, address, home: Path
):
    found = weekly_summary(home, WEEK, CITY)
    with opened(browser, f"{address}/weekly?week={WEEK.text}") as page:
        assert page.locator("h1").inner_text() == "周小结"
        flows = ("start", "opened", "closed", "end")
        for row, line in zip(found.whole.to_dicts(), rows(page)[1:], strict=True):
            if row["state"] == "number":
                assert line[1:] == [shown(row[name]) for name in flows]
        page.locator(".st-key-card_kind button").filter(has_text="超期办件").click()
        settle(page)
        page.wait_for_selector("h2:has-text('超期办件')")
        settle(page)
        assert state(page)["kind"] == "overdue_cases"
        assert state(page)["week"] == WEEK.text
        mine = found.counties.filter(pl.col("kind") == "overdue_cases")
        by_name = {line[0]: line[1:] for line in rows(page, 1)[1:]}
        for row in mine.to_dicts():
            assert by_name[row["name"]] == [shown(row[name]) for name in flows]


def test_files_hold_every_row_behind_the_pages(browser, address, home: Path, tmp_path: Path):
    """The csv begins with the mark that Excel needs, the workbook has a sheet per list."""
    board = daily_board(home, DAY, CITY)
    with opened(browser, f"{address}/daily?day={DAY}") as page:
        for button, name in (("下载 CSV", "day.csv"), ("下载 Excel", "day.xlsx")):
            with page.expect_download() as told:
                page.get_by_role("button", name=button).click()
            told.value.save_as(tmp_path / name)
    assert (tmp_path / "day.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    read = pl.read_excel(
        tmp_path / "day.xlsx", sheet_name="当日差评", read_options={"header_row": 3}
    )
    assert sorted(read["编号"].to_list()) == sorted(board.bad["row"].to_list())


def test_both_pages_are_there_in_english(browser, address):
    for name, title in (("daily", "Daily inspection board"), ("weekly", "Weekly summary")):
        with opened(browser, f"{address}/{name}?lang=en") as page:
            assert page.locator("h1").inner_text() == title
