"""The page 得分说明 in a browser: from the ranking to lines of a counter that add up."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.scope import Scope
from tests.browser.test_pages import opened, rows, settle, state

pytestmark = pytest.mark.browser
MONTH, CITY = parse_period("2019-11"), Scope("local", None)


def test_a_score_of_the_ranking_leads_to_lines_that_add_up_to_its_score(browser, address, home):
    first = rank(home, MONTH, CITY, "city").frame.row(0, named=True)
    with opened(browser, f"{address}/ranking?period=2019-11&frame=city") as page:
        page.get_by_role("link", name=f"{first['score']:.2f}").first.click()
        page.wait_for_url("**/explanation?*")
        settle(page)
        assert page.locator("h1").inner_text() == "得分说明"
        assert state(page)["unit"] == first["id"]
        *lines, total = [
            Decimal(line[1].split("\n")[0].replace("−", "-")) for line in rows(page)[1:]
        ]
        assert sum(lines) == total == Decimal(f"{first['score']:.2f}")
        assert "本月" in page.locator("body").inner_text()
        assert "轮" in page.locator("body").inner_text()


def test_the_address_alone_chooses_the_unit_and_the_rows_open(
    browser, address, home, tmp_path: Path
):
    unit = rank(home, MONTH, CITY, "county").frame.row(-1, named=True)
    chosen = f"period=2019-11&scheme=first&unit={unit['id']}"
    with opened(browser, f"{address}/explanation?{chosen}", width=390, height=800) as page:
        assert unit["name"] in page.locator("body").inner_text()
        page.locator("[data-testid=stExpander] summary").first.click()
        page.wait_for_selector(
            ".st-key-rows_active_good_rate table, [data-testid=stExpander] table"
        )
        with page.expect_download() as told:
            page.get_by_role("button", name="下载 Excel").click()
        told.value.save_as(tmp_path / "explain.xlsx")
    lines = pl.read_excel(
        tmp_path / "explain.xlsx", sheet_name="得分构成", read_options={"header_row": 3}
    )
    assert round(lines["得分"][-1], 2) == unit["score"]
