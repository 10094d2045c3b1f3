"""The page 登记 in a browser: what a person enters there is what the command line lists."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.store import snapshot
from metrics.exemptions import exemptions
from metrics.periods import parse_period
from metrics.scope import Scope
from tests.browser.conftest import serve_sealed
from tests.browser.test_pages import opened, rows, settle, state
from tests.builders import send, ticket, town
from tests.data.test_exempt import finding

pytestmark = pytest.mark.browser
AUGUST, CITY = parse_period("2019-08"), Scope("local", None)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    home = town(tmp_path / "home")
    send(home, "tickets", [ticket(n) for n in range(5)])
    send(home, "findings", [finding(1)])
    return home


@pytest.fixture
def at(small: Path) -> Iterator[str]:
    yield from serve_sealed(small)


def pick(page, key: str, option: str) -> None:
    page.locator(f".st-key-{key} [data-testid=stSelectbox]").click()
    page.get_by_role("option", name=option).click()
    settle(page)


def fill(page, key: str, text: str) -> None:
    page.locator(f".st-key-{key} input").fill(text)
    page.keyboard.press("Tab")
    settle(page)


def test_an_exemption_is_entered_lifts_its_rows_and_is_withdrawn(browser, at, small: Path):
    with opened(browser, f"{at}/entry?log=exemptions") as page:
        assert page.locator("h1").inner_text() == "登记"
        assert state(page)["log"] == "exemptions"
        pick(page, "entry_hall", "天元区政务服务中心")
        pick(page, "entry_exemptions_cause", "停电")
        fill(page, "entry_exemptions_starts_at", "2019-08-14 09:00")
        fill(page, "entry_exemptions_ends_at", "2019-08-14 12:00")
        fill(page, "entry_by_name", "李科长")
        page.get_by_role("button", name="登记", exact=True).click()
        page.wait_for_selector("text=已登记：豁免")
        settle(page)
        assert "停电" in rows(page)[1][2]
        (told,) = exemptions(small, AUGUST, CITY).to_dicts()
        assert (told["cause"], told["lifted_findings"]) == ("power_cut", 1)
        fill(page, "entry_why", "决定撤销")
        page.get_by_role("button", name="撤回").click()
        page.wait_for_selector("text=已撤回。")
        settle(page)
    assert exemptions(small, AUGUST, CITY).is_empty()
    assert snapshot(small).batches[-1].withdrawn == "决定撤销"
