"""The first pages in a real browser: the right numbers, both languages, state in the address."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from metrics.fairness.ranking import fair_ranking
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.scope import Scope
from metrics.values import value

pytestmark = pytest.mark.browser

CITY = Scope("local", None)
MONTH = parse_period("2019-12")
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
WAIT_MS = 60_000
Open = Callable[..., Page]


@contextmanager
def opened(browser: Browser, url: str, **size: int) -> Iterator[Page]:
    """A page of a new browser; on leaving: nothing was asked of another machine, no error box."""
    viewport = {"width": 1440, "height": 900} | size
    context = browser.new_context(viewport=viewport, locale="zh-CN")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    try:
        page.goto(url)
        settle(page)
        yield page
        assert page.locator("[data-testid=stException]").count() == 0
        hosts = {urlsplit(one).hostname for one in asked if not one.startswith(("data:", "blob:"))}
        assert hosts == {"localhost"}
    finally:
        context.close()


def settle(page: Page) -> None:
    page.wait_for_selector(".hs-footer, [data-testid=stCode]", timeout=WAIT_MS)
    page.wait_for_selector(READY, timeout=WAIT_MS)


def rows(page: Page, table: int = 0) -> list[list[str]]:
    """The texts of a table, row by row."""
    script = "table => [...table.rows].map(row => [...row.cells].map(cell => cell.innerText))"
    found: list[list[str]] = page.locator("table.hs-table").nth(table).evaluate(script)
    return found


def state(page: Page) -> dict[str, str]:
    return {key: texts[0] for key, texts in parse_qs(urlsplit(page.url).query).items()}


def percent(number: float) -> str:
    return f"{number:.2%}"


# The first test of the session opens a deep link: a fresh process must answer it with the page.
def test_the_ranking_on_the_page_is_the_ranking_of_the_command_line(browser, address, home: Path):
    expected = fair_ranking(home, MONTH, CITY, "county")
    table = expected.table().filter(rank=expected.table()["rank"]).head(50)
    with opened(browser, f"{address}/ranking?period=2019-12&frame=county") as page:
        assert page.locator("h1").inner_text() == "窗口月评比"
        shown = rows(page)[2:]  # the groups of columns, and their headings
        assert len(shown) == min(50, expected.frame.height)
        for row, line in zip(table.iter_rows(named=True), shown, strict=True):
            assert line[0].split()[-1] == str(row["rank"])
            assert line[6] == f"可能在第{row['rank_low']}–{row['rank_high']}名之间"
            assert ("并列" in line[0]) == row["tied"]
            assert row["name"] in line[1]
            assert line[2].split()[0] == f"{row['score']:.2f}"


def test_each_item_shows_value_n_and_d_as_the_value_command_gives_them(browser, address, home):
    ranking = rank(home, MONTH, CITY, "county")
    items = [item.metric for item in ranking.scheme.items]
    values = {
        name: {row["id"]: row for row in value(home, name, MONTH, "counter", CITY).to_dicts()}
        for name in items
    }
    compared = 0
    points = f"{address}/ranking?period=2019-12&frame=county&view=points"
    with opened(browser, points) as page:
        shown = rows(page)[1:]
        for unit, line in zip(ranking.frame["id"].to_list(), shown, strict=False):
            for name, cell in zip(items, line[3:], strict=True):
                row = values[name][unit]
                if row["value"] is None or row["d"] is None:
                    continue
                assert f"{row['n']:,.0f} / {row['d']:,.0f}" in cell
                compared += 1
    assert compared >= 30


def test_the_overview_shows_the_values_of_the_value_command(browser, address, home: Path):
    with opened(browser, f"{address}/?period=2019-12") as page:
        assert page.locator("h1").inner_text() == "政务服务总览"
        cards = page.locator(".hs-card").all_inner_texts()
        shown = rows(page)
        rates = ("active_good_rate", "on_time_rate", "wait_within_15_rate", "abandonment_rate")
        for place, name in enumerate(rates):
            city = value(home, name, MONTH, "city", CITY).row(0, named=True)
            assert percent(city["value"]) in cards[place]
            assert f"{city['n']:,.0f} / {city['d']:,.0f}" in cards[place]
            for row in value(home, name, MONTH, "county", CITY).iter_rows(named=True):
                line = next(line for line in shown if line[0] == row["name"])
                if row["value"] is not None:
                    assert line[place + 1].startswith(percent(row["value"]))
                    assert f"{row['n']:,.0f} / {row['d']:,.0f}" in line[place + 1]


def test_english_is_one_click_away_and_holds_no_chinese_words(browser, address):
    with opened(browser, f"{address}/ranking?period=2019-12") as page:
        page.get_by_role("button", name="English").click()
        page.wait_for_selector("h1:has-text('Monthly counter ranking')")
        settle(page)
        assert state(page)["lang"] == "en"
        headings = " ".join(page.locator("thead th, h1, h2, label").all_inner_texts())
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in headings)


def test_a_choice_is_in_the_address_and_a_reload_keeps_it(browser, address):
    with opened(browser, f"{address}/ranking?period=2019-12&frame=county") as page:
        page.locator("[data-testid=stSelectbox]").nth(1).click()
        page.get_by_role("option", name="乡镇（街道）窗口").click()
        page.wait_for_url("**frame=township**")
        settle(page)
        before = rows(page)
        page.reload()
        settle(page)
        assert state(page)["frame"] == "township"
        assert rows(page) == before


def test_the_month_survives_a_change_of_page(browser, address):
    with opened(browser, f"{address}/?period=2019-11") as page:
        page.get_by_test_id("stTopNavSection").filter(has_text="评比").click()
        page.get_by_test_id("stTopNavPopover").get_by_text("月评比", exact=True).click()
        page.wait_for_selector("h1:has-text('窗口月评比')")
        settle(page)
        page.wait_for_url("**period=2019-11**")
        assert "2019年11月" in page.locator(".hs-note").first.inner_text()


@pytest.mark.parametrize("path", ["/", "/ranking", "/quality"])
def test_a_phone_scrolls_only_downwards(browser, address, path):
    with opened(browser, f"{address}{path}", width=390, height=844) as page:
        width = page.evaluate("document.documentElement.scrollWidth")
        main = page.locator("[data-testid=stMain]").evaluate("element => element.scrollWidth")
        assert max(width, main) <= 390


def test_an_empty_home_says_what_to_do(browser, empty_address):
    with opened(browser, empty_address) as page:
        assert "还没有数据" in page.locator("body").inner_text()
        assert "demo" in page.locator("[data-testid=stCode]").inner_text()
