"""The page 数据质量: what came, what waits, and the replay, as the command line has it."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from data.quarantine import waiting
from data.store import snapshot
from metrics.periods import parse_period
from metrics.quality import completeness, deliveries
from metrics.rollup import ensure
from metrics.scope import Scope
from tests.browser.conftest import serve_sealed
from tests.browser.test_pages import opened, rows, settle
from tests.builders import rating, send, ticket, town

pytestmark = pytest.mark.browser
AUGUST, CITY = parse_period("2019-08"), Scope("local", None)
ACCESS = """
[users.county]
halls = ["H2"]
[users.reader]
halls = "all"
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two halls; one ticket waits because its counter came a day late."""
    home = town(tmp_path / "home")
    send(home, "tickets", [*(ticket(n) for n in range(5)), ticket(9, counter_id="C3")])
    send(home, "ratings", [rating(n) for n in range(4)])
    send(home, "counters", [{"counter_id": "C3", "name": "新窗口", "hall_id": "H1"}])
    return home


@pytest.fixture
def at(small: Path) -> Iterator[str]:
    yield from serve_sealed(small)


def test_the_page_shows_what_came_and_a_replay_takes_what_waited(browser, at, small: Path):
    with opened(browser, f"{at}/quality?period=2019-08") as page:
        assert page.locator("h1").inner_text() == "数据质量"
        told = deliveries(snapshot(small), AUGUST).to_dicts()
        for row, line in zip(told, rows(page)[1:], strict=True):
            numbers = [row["read"], row["accepted"], row["known"], row["repeated"]]
            numbers += [row["no_rating"], row["quarantined"]]
            assert line[3:] == [f"{number:,}" for number in numbers]
        state = ensure(small)
        shown = {line[0]: line[2] for line in rows(page, 1)[1:]}
        share = completeness(state, "tickets", AUGUST, "county", CITY, state.last_day)
        for row in share.iter_rows(named=True):
            assert f"{row['n']} / {row['d']}" in shown[row["name"]]
        assert "窗口不在册" in rows(page, 2)[1][0]
        page.get_by_role("button", name="重放").click()
        page.wait_for_selector("text=接收 1 条")
        settle(page)
        assert "没有待处理的记录" in page.locator("body").inner_text()
    assert waiting(snapshot(small)).is_empty()
    assert snapshot(small).batches[-1].counts["accepted"] == 1


def test_files_hold_sources_completeness_rows_and_batches(browser, at, small: Path, tmp_path):
    with opened(browser, f"{at}/quality?period=2019-08") as page:
        with page.expect_download() as told:
            page.get_by_role("button", name="下载 Excel").click()
        told.value.save_as(tmp_path / "quality.xlsx")
    read = {
        name: pl.read_excel(
            tmp_path / "quality.xlsx", sheet_name=name, read_options={"header_row": 3}
        )
        for name in ("来源与时效", "窗口数据完整度", "待处理记录", "批次")
    }
    assert read["来源与时效"]["读入"].to_list() == [4, 6]
    assert read["待处理记录"]["原因"].to_list() == ["窗口不在册"]
    assert read["批次"].height == len(snapshot(small).batches)
    assert read["窗口数据完整度"].height == 2


@pytest.mark.parametrize(("user", "sees"), [("county", False), ("reader", True)])
def test_who_sees_a_part_sees_no_rows_of_others_and_who_has_no_right_cannot_replay(
    browser, small: Path, monkeypatch, user: str, sees: bool
):
    (small / "access.toml").write_text(ACCESS, "utf-8")
    monkeypatch.setenv("HALLSCORE_AS", user)
    for address in serve_sealed(small):
        with opened(browser, f"{address}/quality?period=2019-08") as page:
            assert ("待处理记录" in page.locator("body").inner_text()) == sees
            assert page.get_by_role("button", name="重放").count() == 0
            assert "市民中心" not in page.locator("body").inner_text() or sees


SOURCES = """
[sources.queue]
log = "tickets"
profile = "canonical"
owner = "排队系统厂商"
[sources.queue.schedule]
every = "month"
due = "5 working days"
first = 2019-08-01
each = "county"
"""


@pytest.fixture
def named(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Tickets of one hall under a name that is not quite ours, a silent county, and a tally."""
    home = town(tmp_path / "home")
    (home / "sources.toml").write_text(SOURCES, "utf-8")
    rows = [
        ticket(n, counter_id="", hall_name="市民中新", counter_name="公安窗口") for n in range(3)
    ]
    send(home, "tickets", rows, source="queue")
    tally = {"hall_id": "H1", "month": "2019-08", "measure": "tickets", "n": 9, "source": "手工"}
    send(home, "tallies", [tally])
    for address in serve_sealed(home):
        yield home, address


def test_a_name_is_settled_on_the_page_and_the_list_says_who_owes(browser, named):
    home, at = named
    with opened(browser, f"{at}/quality?period=2019-08") as page:
        text = page.locator("body").inner_text()
        assert "市民中新" in text
        assert "市民中心 H1" in text
        assert "排队系统厂商" in text
        assert "未报送" in text
        page.locator(".st-key-alias input[type=text]").last.fill("李科长")
        page.keyboard.press("Tab")
        settle(page)
        page.locator(".st-key-alias [data-testid=stSelectbox]").nth(1).click()
        page.get_by_role("option", name="市民中心 H1").click()
        settle(page)
        page.get_by_role("button", name="确认").click()
        page.wait_for_selector("text=接收 3 条")
        settle(page)
        text = page.locator("body").inner_text()
        assert "没有待确认的名称" in text
        # The log has come: the sum that the hall reported by hand stands back.
        assert "不再计入的填报数" in text
        assert "tickets" in text
    assert waiting(snapshot(home)).is_empty()
