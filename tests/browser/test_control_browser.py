"""The page 走势控制图 in a browser: drawn, both languages, its state in the address, files."""

import polars as pl
import pytest

from metrics.fairness.control import control
from metrics.periods import parse_period
from metrics.scope import Scope
from tests.browser.test_pages import opened, percent, settle, state

pytestmark = pytest.mark.browser
YEAR, CITY, METRIC = parse_period("2019"), Scope("local", None), "wait_within_15_rate"
ADDRESS = f"control?metric={METRIC}&by=all&span=all"


def test_the_picture_its_table_its_address_and_its_file(browser, address, home, tmp_path):
    found = control(home, METRIC, YEAR, "all", "all", CITY)
    assert found.kind == "xmr"
    with opened(browser, f"{address}/{ADDRESS}") as page:
        page.wait_for_selector(
            "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg"
        )
        body = page.locator("body").inner_text()
        last = found.points.row(-1, named=True)
        assert f"{last['n']:,} / {last['d']:,}" in body
        assert f"{percent(last['low'])} – {percent(last['high'])}" in body
        assert "不是结论" in body
        with page.expect_download() as told:
            page.get_by_role("button", name="下载 Excel").click()
        told.value.save_as(tmp_path / "control.xlsx")
        page.get_by_role("button", name="English").click()
        page.wait_for_selector("h1:has-text('Control chart')")
        settle(page)
        assert {name: state(page)[name] for name in ("metric", "by", "span", "lang")} == {
            "metric": METRIC,
            "by": "all",
            "span": "all",
            "lang": "en",
        }
        assert "not a verdict" in page.locator("body").inner_text()
    read = pl.read_excel(
        tmp_path / "control.xlsx", sheet_name="各点与界线", read_options={"header_row": 3}
    )
    assert read.height == found.points.height
