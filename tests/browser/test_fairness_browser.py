"""The page 公平性检验 in a browser: one section at a time, in the address, with its picture."""

import polars as pl
import pytest

from metrics.fairness.ranking import fair_ranking
from metrics.fairness.told_apart import beyond, headline, order
from metrics.periods import parse_period
from metrics.scope import Scope
from tests.browser.test_pages import opened, rows, settle, state

pytestmark = pytest.mark.browser
MONTH, CITY = parse_period("2019-12"), Scope("local", None)
ADDRESS = "fairness?period=2019-12&scheme=hallscore&frame=peers"
PICTURE = "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg"


def test_the_sections_hold_the_numbers_of_their_frames_and_stay_in_the_address(
    browser, address, home, tmp_path
):
    ranking = fair_ranking(home, MONTH, CITY, "peers", "hallscore")
    told, groups = headline(ranking), order(ranking)
    with opened(browser, f"{address}/{ADDRESS}") as page:
        page.wait_for_selector(PICTURE)
        body = page.locator("body").inner_text()
        assert f"{told.groups} 个比较组中，{told.rankable} 个能分出先后" in body
        for row, line in zip(groups.to_dicts(), rows(page)[1:], strict=True):
            assert line[1] == f"{row['k']:,}"
            assert line[4] == f"{row['told_apart']:,} / {row['pairs']:,}"
        with page.expect_download() as given:
            page.get_by_role("button", name="下载 Excel").first.click()
        given.value.save_as(tmp_path / "order.xlsx")
        page.get_by_role("radio", name="档次").first.click()
        page.wait_for_selector("table a[href^='explanation?']")
        settle(page)
        first = beyond(ranking).row(0, named=True)
        assert rows(page, 1)[1][2].split("\n")[0] == first["name"]
        link = page.locator("table a").first.get_attribute("href")
        assert f"unit={first['id']}" in link
        page.get_by_role("radio", name="县级大厅").first.click()
        page.wait_for_selector("th:has-text('同字母不可区分')")
        settle(page)
        assert state(page)["section"] == "halls"
        page.get_by_role("button", name="English").click()
        page.wait_for_selector("h1:has-text('Fairness')")
        settle(page)
        assert (state(page)["section"], state(page)["frame"]) == ("halls", "peers")
    read = pl.read_excel(tmp_path / "order.xlsx", read_options={"header_row": 3})
    assert read["参评"].to_list() == groups["k"].to_list()
