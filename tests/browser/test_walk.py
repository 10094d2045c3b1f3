"""Each page in both languages, light and dark, on a wide screen and on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from data.contracts import CONTRACTS
from metrics.catalogue import catalogue
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value
from tests.browser.test_pages import rows, settle
from tests.browser.visits import NAMES, arrive, visit, where

pytestmark = pytest.mark.browser

LOOKING = Path(__file__).with_name("looking.js").read_text("utf-8")
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SPOKEN = {"zh": "zh-CN", "en": "en"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z]{3,}")
# An id, a file or a number with its unit is the same in every language.
CODE = re.compile(r"\S*[A-Za-z]\S*[_\d./@:]\S*|\S*[_\d./@:]\S*[A-Za-z]\S*")
# Products by their names, and a command as it is typed.
PRODUCTS = re.compile(r"\b(Hallscore( dev)?|Excel|CSV|English|hallscore( [a-z-]+)+)\b")


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all visits: what Streamlit sends of itself is then fetched once."""
    context = browser.new_context(viewport=WIDE, locale="zh-CN")  # type: ignore[arg-type]
    yield context
    context.close()


def ask(page: Page, question: str) -> Any:
    return page.evaluate(f"looking.{question}()")


def ids() -> set[str]:
    """Names that stand on pages as they stand in files: logs, measures, profiles."""
    measures = {name for one in catalogue().values() for name in (*one.numerator, *one.denominator)}
    return {*CONTRACTS, *measures, "canonical"}


@pytest.fixture(scope="module")
def names(home: Path) -> list[str]:
    """The names of the city's units, the longest first; they are Chinese in both languages."""
    city, month = Scope("local", None), parse_period("2019-12")
    found = [value(home, "tickets", month, by, city)["name"] for by in ("counter", "hall")]
    return sorted(set(pl.concat(found)), key=len, reverse=True)


def english(text: str, known: set[str]) -> list[str]:
    """The English words of a text of the Chinese page, but names of products and ids."""
    rest = CODE.sub(" ", PRODUCTS.sub(" ", text))
    return [word for word in WORD.findall(rest) if word not in known]


def foreign(page: Page, lang: str, names: list[str]) -> list[str]:
    """Texts of the other language."""
    if lang == "zh":
        known = ids()
        return [text for text in ask(page, "texts") if english(text, known)]
    apart = re.compile("|".join(map(re.escape, names)))
    return [text for text in ask(page, "labels") if CHINESE.search(apart.sub("", text))]


def wrong_at(page: Page, lang: str, names: list[str]) -> dict[str, Any]:
    """What is wrong with a page at any width."""
    found = {
        name: ask(page, name) for name in ("errors", "titles", "unnamedPictures", "namelessTables")
    }
    if ask(page, "tables") and ask(page, "downloads") < 2:
        found["downloads"] = ask(page, "downloads")
    spoken = page.locator("html").get_attribute("lang")
    if spoken != SPOKEN[lang]:
        found["lang"] = spoken
    return found | {"foreign": foreign(page, lang, names)}


def wrong_on_a_phone(page: Page) -> dict[str, Any]:
    """What does not fit; Vega draws anew after the width has changed."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.wait_for_function("document.documentElement.clientWidth === 390")
    page.wait_for_timeout(400)
    widths = [width for width in ask(page, "widths") if width > PHONE["width"]]
    return {"widths": widths, "cut": ask(page, "cut")}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole(context, address, names, name, lang, theme):
    with visit(context, where(address, name, lang=lang), theme) as seen:
        page = seen.page
        page.evaluate(LOOKING)
        found = wrong_at(page, lang, names) | wrong_on_a_phone(page)
        ground = page.locator("[data-testid=stApp]").evaluate(
            "app => getComputedStyle(app).backgroundColor"
        )
        assert (ground == "rgb(255, 255, 255)") == (theme == "light"), ground
        assert {question: answer for question, answer in found.items() if answer} == {}
        assert seen.complaints == []
        assert seen.hosts == {"localhost"}


def test_the_walk_knows_english_from_names():
    """The rule itself: a sentence is found, an id or a file is not."""
    assert english("Upload 200MB per file", set()) == ["Upload", "per", "file"]
    assert english("下载 Excel：on_time_rate，cases.parquet，hallscore@1", set()) == []
    assert english("tickets", {"tickets"}) == []
    assert english("命令行 hallscore rebase add。", set()) == []


def test_a_shared_address_opens_the_same_state_in_a_new_browser(browser, address):
    """What a colleague pastes: month, frame, language, metric, a search, the page of a table."""
    for url in (
        where(address, "ranking", period="2019-11", frame="township"),
        where(address, "funnel", period="2019-11", metric="wait_within_15_rate", frame="county"),
        where(address, "overview", period="2019-11", metric="on_time_rate"),
    ):
        with visit(browser.new_context(), url) as first:
            first.page.get_by_role("button", name="English").click()
            first.page.wait_for_url("**lang=en**")
            settle(first.page)
            shared = first.page.url
            state = seen_state(first.page)
            first.page.context.close()
        with visit(browser.new_context(), shared) as second:
            arrive(second.page)
            assert second.page.url == shared
            assert seen_state(second.page) == state
            second.page.context.close()


def seen_state(page: Page) -> tuple[Any, ...]:
    """The title, every chosen filter, and the first table."""
    chosen = page.locator("[data-testid=stSelectbox] input").evaluate_all(
        "inputs => inputs.map(input => input.value)"
    )
    return page.locator("h1").inner_text(), chosen, rows(page)
