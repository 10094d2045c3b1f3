"""Everybody can use each page: what axe finds (WCAG 2 A and AA), and the keyboard alone."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.visits import NAMES, arrive, visit, where

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}
# Streamlit's own faults: (rule, a selector of the element or of one around it, why it stays).
NOT_OURS: tuple[tuple[str, str, str], ...] = ()
STEPS = 150  # presses of Tab before we say that a page has no end
# The kinds of places, in the order in which they stand on a page.
KINDS = {
    "navigation": "[data-testid=stTopNavLink], [data-testid=stTopNavSection]",
    "language": ".st-key-language button",
    "filter": ".st-key-filters input, .st-key-filters button",
    "table": ".hs-scroll",
    "download": "[data-testid=stDownloadButton] button",
}
STAND = """kinds => {
  const here = document.activeElement;
  const style = getComputedStyle(here);
  const kind = Object.keys(kinds).find(name => here.matches(kinds[name])) ?? "other";
  window.steps ??= [];
  const again = window.steps.includes(here);
  window.steps.push(here);
  const marked = style.outlineStyle !== "none" || style.boxShadow !== "none"
    || here.tagName === "INPUT";
  return {kind, again, marked, tag: here.tagName, what: here.outerHTML.slice(0, 120)};
}"""


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    yield context
    context.close()


def violations(page: Page) -> list[str]:
    """What axe finds in the open page, without what is Streamlit's own.

    The whole page must be in view: axe does not judge the contrast of what is scrolled away.
    """
    height = page.locator("[data-testid=stMain]").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": 1440, "height": int(height) + 200})
    arrive(page)
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:120]} ({node['failureSummary']})"
        for rule in found
        for node in rule["nodes"]
        if not excused(page, rule["id"], node["target"][0])
    ]


def excused(page: Page, rule: str, target: str) -> bool:
    around = "(element, selector) => element.closest(selector) !== null"
    return any(
        rule == known and page.locator(target).first.evaluate(around, selector)
        for known, selector, _ in NOT_OURS
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_of_ours(context, address, name, theme):
    """With every box open: what is folded away is read too."""
    with visit(context, where(address, name), theme) as seen:
        page = seen.page
        page.locator("[data-testid=stExpander] summary").evaluate_all(
            "boxes => boxes.forEach(box => box.parentElement.open || box.click())"
        )
        arrive(page)
        assert violations(page) == []


def test_axe_would_find_what_is_wrong(context, address):
    """A pale text, a picture without words and a field without a name are all found."""
    wrong = """document.querySelector('.hs-footer').innerHTML =
        '<p style="color:#999;background:#fff">pale</p><img src="data:,"><input>'"""
    with visit(context, where(address, "overview")) as seen:
        seen.page.evaluate(wrong)
        found = {line.split(":")[0] for line in violations(seen.page)}
    assert found >= {"color-contrast", "image-alt", "label"}


def walked(page: Page) -> list[dict[str, Any]]:
    """Every place that Tab reaches, from the start of the page to its end."""
    steps: list[dict[str, Any]] = []
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        step = page.evaluate(STAND, KINDS)
        if step["tag"] == "BODY" or step["again"]:
            return steps
        steps.append(step)
    return steps


@pytest.mark.parametrize("name", NAMES)
def test_the_keyboard_alone_reaches_everything_in_order(context, address, name):
    with visit(context, where(address, name)) as seen:
        page = seen.page
        steps = walked(page)
        reached = [step["kind"] for step in steps]
        for kind, selector in KINDS.items():
            there = page.locator(f"{selector.replace(',', ':visible,')}:visible").count()
            assert (kind in reached) == (there > 0), kind
        assert reached.count("download") == page.locator(f"{KINDS['download']}:visible").count()
        assert reached.count("table") == page.locator(f"{KINDS['table']}:visible").count()
        firsts = [reached.index(kind) for kind in KINDS if kind in reached]
        assert firsts == sorted(firsts), reached
        unmarked = [s["what"] for s in steps if not s["marked"] and s["tag"] != "MAIN"]
        assert unmarked == [], "nothing shows that the keyboard is here"


def test_the_keyboard_alone_chooses_a_filter_and_a_segment(context, address):
    """Enter opens a list, arrows and Enter choose, arrows move along the segments."""
    with visit(context, where(address, "overview", period="2019-12")) as seen:
        page = seen.page
        reach(page, "filter")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("period=2019-1[01]"))
        arrive(page)
        while "radio" not in page.evaluate("document.activeElement.outerHTML.slice(0, 400)"):
            page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        page.wait_for_url("**metric=on_time_rate**")


def test_the_keyboard_alone_takes_a_file(context, address):
    with visit(context, where(address, "overview")) as seen:
        reach(seen.page, "download")
        with seen.page.expect_download() as told:
            seen.page.keyboard.press("Enter")
        assert told.value.suggested_filename.endswith(".xlsx")


def reach(page: Page, kind: str) -> None:
    """Press Tab until a place of that kind is reached."""
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        if page.evaluate(STAND, KINDS)["kind"] == kind:
            return
    raise AssertionError(f"Tab does not reach a {kind}")
