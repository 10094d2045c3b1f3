"""Every page on homes at the edge: nothing at all, one counter, a month without data."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, TimeoutError

from docs.edge_homes import LONG, empty_home, lone_home
from tests.browser.conftest import serve_sealed
from tests.browser.test_walk import LOOKING, PHONE, WIDE, ask
from tests.browser.visits import NAMES, visit, where

pytestmark = pytest.mark.browser
RESIZED_MS = 10_000


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve_sealed(lone_home(tmp_path_factory.mktemp("lone") / "home"))


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve_sealed(empty_home(tmp_path_factory.mktemp("nothing") / "home"))


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=WIDE, locale="zh-CN")  # type: ignore[arg-type]
    yield context
    context.close()


def looked_at(context: BrowserContext, url: str, size: dict[str, int]) -> str:
    """The text of a page after nothing was found wrong with it."""
    with visit(context, url) as seen:
        seen.page.set_viewport_size(size)  # type: ignore[arg-type]
        seen.page.evaluate(LOOKING)
        with suppress(TimeoutError):  # charts are drawn anew for the new width
            seen.page.wait_for_function("looking.cut().length === 0", timeout=RESIZED_MS)
        for question in ("errors", "titles", "cut", "unnamedPictures", "namelessTables"):
            assert ask(seen.page, question) == [], (url, question)
        page, main = ask(seen.page, "widths")
        assert max(page, main) <= size["width"], url
        assert seen.complaints == [], url
        return seen.page.inner_text("[data-testid=stMain]")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("month", ["2019-03", "2019-02"], ids=["one counter", "no data"])
def test_a_city_of_one_counter_and_a_month_without_data(
    lone: str, context: BrowserContext, name: str, size: dict[str, int], month: str
) -> None:
    year, day = month[:4], f"{month}-06"
    chosen = {"period": month, "day": day, "year": year}
    text = looked_at(context, where(lone, name, **chosen), size)
    if name == "ranking" and month == "2019-03":
        assert LONG in text


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_city_says_what_to_do_next(
    nothing: str, context: BrowserContext, name: str
) -> None:
    text = looked_at(context, where(nothing, name), WIDE)
    if name not in ("drafting",):
        assert "hallscore --home" in text
        assert "ingest" in text


def test_the_long_name_is_as_long_as_it_says() -> None:
    assert len(LONG) == 40


def test_the_homes_are_made_anew(tmp_path: Path) -> None:
    """A second city at another place has the same rows."""
    from metrics.periods import parse_period
    from metrics.scope import Scope
    from metrics.values import value

    home = lone_home(tmp_path / "home")
    counts = [
        value(home, "tickets", parse_period(month), "all", Scope("local", None)).item(0, "n")
        for month in ("2019-01", "2019-02", "2019-03")
    ]
    assert counts == [40, 0, 40]
