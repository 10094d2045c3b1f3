"""好差评 and 办件与等候: the unit and what is shown of it, in the address and in the files."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from metrics.loop_board import OPEN, loop_board
from metrics.periods import parse_period
from metrics.queues import heat
from metrics.rollup import ensure
from metrics.scope import Scope
from tests.browser.test_pages import opened, rows, settle, state

pytestmark = pytest.mark.browser
CITY, NOVEMBER = Scope("local", None), parse_period("2019-11")
LAST = date(2019, 11, 30)


def test_the_board_shows_the_late_first_and_leads_to_the_score(browser, address, home: Path):
    board = loop_board(home, "all", "all", NOVEMBER, CITY)
    with opened(browser, f"{address}/ratings?period=2019-11") as page:
        told = rows(page)[1:]
        for row, line in zip(board.lanes.to_dicts(), told, strict=True):
            assert line[1] == f"{row['n']:,}"
        first = board.rows.filter(pl.col("lane").is_in(OPEN)).row(0, named=True)
        listed = rows(page, 1)[1]
        assert listed[0].startswith(first["counter"])
        assert listed[-1] == first["rating_id"]
        page.locator("table").nth(1).locator("a").first.click()
        page.wait_for_selector("h1:has-text('得分说明')")
        assert state(page)["unit"] == first["counter_id"]


def test_a_county_and_a_kind_are_in_the_address_and_in_the_file(
    browser, address, home: Path, tmp_path: Path
):
    halls = ensure(home).snap.reference("halls")
    county = halls.filter(level="county").sort("hall_id").row(0, named=True)
    cells = heat(ensure(home), "county", county["hall_id"], NOVEMBER, CITY, LAST)
    with opened(browser, f"{address}/cases?period=2019-11&county={county['hall_id']}") as page:
        page.locator(".st-key-card_heat button").filter(has_text="弃号率").click()
        settle(page)
        page.wait_for_selector("h2:has-text('分时段弃号率')")
        assert state(page)["heat"] == "abandonment"
        assert state(page)["county"] == county["hall_id"]
        assert page.locator(".st-key-card_heat [role=graphics-document], canvas").count() > 0
        with page.expect_download() as told:
            page.get_by_role("button", name="下载 Excel").click()
        told.value.save_as(tmp_path / "cases.xlsx")
    read = pl.read_excel(
        tmp_path / "cases.xlsx", sheet_name="分时段", read_options={"header_row": 3}
    )
    assert read["分子"].to_list() == cells["n"].to_list()
    assert read["分母"].to_list() == cells["d"].to_list()
