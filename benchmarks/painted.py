"""The time from a click on a filter to the last change of the page, in a real browser."""

import os
import random
from collections.abc import Sequence

from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET_MS = 250  # a page that has not changed for so long has been painted
WAIT_MS = 120_000
WATCH = """() => {
  window.clicked = 0; window.changed = 0;
  document.addEventListener('pointerdown', () => { window.clicked = performance.now(); }, true);
  const seen = () => { window.changed = performance.now(); };
  new MutationObserver(() => requestAnimationFrame(seen)).observe(document.body,
    {subtree: true, childList: true, attributes: true, characterData: true});
}"""
SETTLED = """quiet => {
  const app = document.querySelector('[data-testid=stApp]');
  const rest = app && app.dataset.testScriptState === 'notRunning';
  return rest && window.changed > window.clicked && performance.now() - window.changed > quiet;
}"""


def painted(port: int, pages: Sequence[str], times: int, seed: int) -> dict[str, list[float]]:
    """Page → seconds of so many changes of its first list, each to another option.

    Every option was chosen once before: frames are warm, as in an office in the morning.
    """
    found: dict[str, list[float]] = {}
    with sync_playwright() as player:
        chromium = os.environ.get("CHROMIUM", CHROMIUM)
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for page in pages:
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
            tab = context.new_page()
            tab.goto(f"http://localhost:{port}/{page}")
            tab.wait_for_selector("[data-test-script-state=notRunning]", timeout=WAIT_MS)
            tab.wait_for_selector("[data-testid=stSelectbox]", timeout=WAIT_MS)
            tab.evaluate(WATCH)
            found[page or "overview"] = _changes(tab, times, seed)
            context.close()
        browser.close()
    return found


def _changes(tab: Page, times: int, seed: int) -> list[float]:
    draw, count = random.Random(seed), _options(tab)
    places = list(range(min(count, 6)))
    for place in places:
        _choose(tab, place)
    took, last = [], places[-1]
    for _ in range(times):
        last = draw.choice([one for one in places if one != last])
        took.append(_choose(tab, last))
    return took


def _options(tab: Page) -> int:
    tab.locator("[data-testid=stSelectbox]").first.click()
    tab.get_by_role("option").first.wait_for()
    count = tab.get_by_role("option").count()
    tab.keyboard.press("Escape")
    return count


def _choose(tab: Page, place: int) -> float:
    """Choose an option by its place in the list; seconds until the page stands still again."""
    tab.locator("[data-testid=stSelectbox]").first.click()
    option = tab.get_by_role("option").nth(place)
    option.wait_for()
    option.click()
    tab.wait_for_function(SETTLED, arg=QUIET_MS, timeout=WAIT_MS)
    seconds: float = tab.evaluate("(window.changed - window.clicked) / 1000")
    return seconds
