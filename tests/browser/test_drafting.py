"""A profile is drafted in a browser: upload, match, decide, try, download; it reads the file."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from data.drafting_sample import try_out
from data.errors import HallscoreError
from data.profile import load_profile
from tests.browser.test_pages import READY, opened, state
from tests.data.described import file_of

pytestmark = pytest.mark.browser

WAIT_MS = 60_000


def settle(page: Page) -> None:
    """The script has run to its end after what was just done."""
    page.wait_for_timeout(500)
    page.wait_for_selector(READY, timeout=WAIT_MS)


def step(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name)).first.click()
    settle(page)


def decide(page: Page, text: str | re.Pattern[str], card: str = "body") -> None:
    page.locator(f"{card} [data-testid=stRadio] label").filter(has_text=text).first.click()
    settle(page)


def upload(page: Page, file: Path) -> None:
    page.wait_for_selector("input[type=file]", state="attached", timeout=WAIT_MS)
    page.set_input_files("input[type=file]", str(file))
    page.wait_for_selector("text=文件编码", timeout=WAIT_MS)
    settle(page)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return file_of(tmp_path, "gbt39046", "ratings")


def started(browser, address: str):
    """The page of an empty home: drafting is what a new home needs first."""
    return opened(browser, f"{address}/drafting?log=ratings")


@pytest.fixture(autouse=True)
def _page_without_footer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.browser.test_pages.settle", settle)


def test_a_confirmed_draft_is_downloaded_and_reads_the_file(browser, empty_address, file, tmp_path):
    with started(browser, empty_address) as page:
        upload(page, file)
        decide(page, "UTF-8")
        decide(page, re.compile("^,$"))
        step(page, "三、时间和代码")
        assert state(page)["step"] == "meaning"
        decide(page, "1 最好", ".st-key-card_grade")
        decide(page, "%Y-%m-%d %H:%M:%S", ".st-key-card_rated_at")
        decide(page, "国标基础数据规范", ".st-key-card_channel")
        step(page, "四、试读和保存")
        assert "读出 40 行" in page.locator("body").inner_text()
        with page.expect_download() as waiting:
            page.get_by_role("button", name="下载方案").click()
        path = tmp_path / "my_source.toml"
        waiting.value.save_as(path)
    profile = load_profile(str(path))
    assert profile.name == "my_source"
    assert profile.part("ratings").codes["grade"]["1"] == 5
    assert try_out(file, profile, "ratings").accepted == 40


def test_an_unfinished_draft_says_what_is_open_and_reads_nothing(
    browser, empty_address, file, tmp_path
):
    """The direction of the grade has no default."""
    with started(browser, empty_address) as page:
        upload(page, file)
        step(page, "三、时间和代码")
        assert page.locator(".st-key-card_grade input:checked").count() == 0
        step(page, "四、试读和保存")
        shown = page.locator("body").inner_text()
        assert "代码含义：满意度" in shown
        assert page.get_by_role("button", name="保存到数据目录").is_disabled()
        with page.expect_download() as waiting:
            page.get_by_role("button", name="下载未完成的方案").click()
        path = tmp_path / "open.toml"
        waiting.value.save_as(path)
    with pytest.raises(HallscoreError, match="is not decided yet"):
        load_profile(str(path))


def test_the_page_holds_no_english_of_the_uploader(browser, empty_address, file):
    with started(browser, empty_address) as page:
        page.wait_for_selector("input[type=file]", state="attached", timeout=WAIT_MS)
        seen = page.locator("[data-testid=stFileUploaderDropzone] span").evaluate_all(
            "spans => spans.filter(one => /Upload|per file/.test(one.innerText)"
            " && getComputedStyle(one.querySelector('p') ?? one).fontSize !== '0px')"
            ".map(one => one.innerText)"
        )
        assert seen == []
