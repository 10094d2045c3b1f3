"""The page 画像 in a browser: from the city to a masked row, back by the trail, and shared."""

import polars as pl
import pytest

from metrics.periods import parse_period
from metrics.portrait.nodes import children, node_of, nodes, path
from metrics.portrait.rows import raw_rows
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value
from tests.browser.test_pages import opened, rows, settle, state

pytestmark = pytest.mark.browser
MONTH, CITY = parse_period("2019-11"), Scope("local", None)


def follow(page, name: str, unit: str) -> None:
    """Click the link of a unit in the table and wait for its portrait."""
    page.locator("table.hs-table").get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_url(f"**unit={unit}&**")
    settle(page)


def test_from_the_city_down_to_a_row_and_back_and_shared(browser, address, home):
    cube = ensure(home)
    listed = nodes(cube, MONTH, CITY)
    villages = listed.filter(kind="village")["id"].implode()
    low = listed.filter(pl.col("kind") == "counter", pl.col("parent").is_in(villages))["id"]
    told = value(home, "tickets", MONTH, "counter", CITY).filter(pl.col("id").is_in(low.implode()))
    busiest = told.sort("n", "id", descending=[True, False]).item(0, "id")
    way = path(listed, node_of(listed, busiest))[1:]
    assert [one.kind for one in way] == ["county", "township", "village", "counter"]
    with opened(browser, f"{address}/profile?period=2019-11&metric=tickets") as page:
        for one in way:
            follow(page, one.name, one.id)
        assert state(page)["metric"] == "tickets"
        page.get_by_role("radio", name="明细记录").click()
        page.get_by_role("radio", name="排队取号").click()
        page.wait_for_url("**log=tickets**")
        settle(page)
        found = raw_rows(cube, "tickets", "counter", busiest, MONTH, CITY)
        page.wait_for_function(
            "id => document.querySelector('table.hs-table')?.innerText.includes(id)",
            arg=found.rows["row"][0],
        )
        shown = [line[0] for line in rows(page)[1:]]
        assert shown == found.rows["row"].to_list()
        assert f"共 {found.count:,} 条" in page.locator("body").inner_text()
        shared = page.url

        page.locator(".hs-trail").get_by_role("link", name=way[0].name).click()
        page.wait_for_url(f"**unit={way[0].id}&**")
        settle(page)
        assert state(page)["period"] == "2019-11"
        assert way[1].name in page.locator("table.hs-table").first.inner_text()
    with opened(browser, shared) as page:
        page.wait_for_selector("table.hs-table")
        assert [line[0] for line in rows(page)[1:]] == shown
        assert state(page)["part"] == "rows"


def test_initials_find_a_county_and_the_overview_leads_to_it(browser, address, home):
    listed = nodes(ensure(home), MONTH, CITY)
    below = children(listed, node_of(listed, None))
    first = below.filter(kind="county").row(0, named=True)
    with opened(browser, f"{address}/?period=2019-11") as page:
        follow(page, first["name"], first["id"])
        assert page.locator("h1").inner_text() == "大厅、部门与窗口画像"
        box = page.get_by_label("查找单位")
        box.fill("lsq")  # 芦淞区
        box.press("Enter")
        page.wait_for_selector(".hs-found a")
        assert "芦淞区" in page.locator(".hs-found").inner_text()


def test_a_phone_scrolls_only_downwards(browser, address):
    with opened(browser, f"{address}/profile?part=course", width=390, height=844) as page:
        main = page.locator("[data-testid=stMain]").evaluate("element => element.scrollWidth")
        assert main <= 390
