"""The page 漏斗图 in a browser: drawn, in both languages, its state in the address, its files."""

import polars as pl
import pytest

from metrics.fairness.funnel import funnel
from metrics.periods import parse_period
from metrics.scope import Scope
from tests.browser.test_pages import opened, percent, rows, settle, state

pytestmark = pytest.mark.browser
MONTH, CITY = parse_period("2019-12"), Scope("local", None)
ADDRESS = "funnel?period=2019-12&metric=wait_within_15_rate&frame=county"


def test_the_picture_and_its_table_hold_the_numbers_of_the_frame(browser, address, home):
    found = funnel(home, "wait_within_15_rate", MONTH, CITY, "county")
    with opened(browser, f"{address}/{ADDRESS}") as page:
        page.wait_for_selector(
            "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg"
        )
        for row, line in zip(found.points.to_dicts(), rows(page)[1:], strict=False):
            assert percent(row["value"]) in line[1]
            assert f"{row['n']:,} / {row['d']:,}" in line[1]
            assert line[2] == f"{percent(row['lower998'])} – {percent(row['upper998'])}"
        body = page.locator("body").inner_text()
        assert "不是结论" in body
        assert f"{found.points.height:,} 个窗口中" in body


def test_the_state_is_in_the_address_in_both_languages(browser, address):
    with opened(browser, f"{address}/{ADDRESS}") as page:
        page.get_by_role("button", name="English").click()
        page.wait_for_selector("h1:has-text('Funnel')")
        settle(page)
        assert state(page)["metric"] == "wait_within_15_rate"
        assert state(page)["frame"] == "county"
        assert "not a verdict" in page.locator("body").inner_text()


def test_the_on_time_rate_comes_with_its_case_mix_in_the_workbook(browser, address, tmp_path):
    with opened(
        browser, f"{address}/funnel?period=2019-12&metric=on_time_rate&frame=county"
    ) as page:
        with page.expect_download() as told:
            page.get_by_role("button", name="下载 Excel").click()
        told.value.save_as(tmp_path / "funnel.xlsx")
    read = pl.read_excel(
        tmp_path / "funnel.xlsx", sheet_name="业务构成", read_options={"header_row": 3}
    )
    assert read["应有逾期"].sum() > 0
    assert read["构成相同时"].drop_nulls().is_between(0, 1).all()
