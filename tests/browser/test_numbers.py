"""Numbers on the screen against those of `hallscore value`, one by one, as a viewer reads them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import ROOT
from tests.browser.test_pages import rows
from tests.browser.visits import visit, where

pytestmark = pytest.mark.browser

MONTH = "2019-12"
AT_LEAST = 30
SHARES = ("active_good_rate", "on_time_rate", "wait_within_15_rate", "abandonment_rate")
COUNTS = ("closed_cases", "tickets")


def told(home: Path, metric: str, by: str) -> list[dict[str, Any]]:
    """What the command line says, through its own text."""
    line = [sys.executable, "hallscore.py", "--home", str(home)]
    line += ["value", metric, "--period", MONTH, "--by", by, "--json"]
    done = subprocess.run(line, cwd=ROOT, check=True, capture_output=True, text=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def read(cell: str) -> list[float]:
    """The numbers of a cell without their thousands marks: 98.96% 95 / 96 → 98.96, 95, 96."""
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", cell.replace(",", ""))]


def expected(row: dict[str, Any], share: bool) -> list[float]:
    """The value as it is printed, then n and d."""
    if not share:
        return [row["value"]]
    return [float(f"{row['value'] * 100:.2f}"), row["n"], row["d"]]


def test_the_overview_shows_what_the_command_line_says(browser, address, home):
    compared = 0
    with visit(browser.new_context(), where(address, "overview", period=MONTH)) as seen:
        shown = {line[0]: line for line in rows(seen.page)[1:]}
        for column, metric in enumerate((*SHARES, *COUNTS), start=1):
            for row in told(home, metric, "county"):
                if row["state"] not in ("number", "few"):
                    continue
                want = expected(row, metric in SHARES)
                cell = read(shown[row["name"]][column])
                assert cell[: len(want)] == want, (metric, row)
                compared += len(want)
        seen.page.context.close()
    assert compared >= AT_LEAST


def test_the_cards_show_the_whole_city(browser, address, home):
    with visit(browser.new_context(), where(address, "overview", period=MONTH)) as seen:
        for metric, card in zip(SHARES, seen.page.locator(".hs-card").all(), strict=False):
            (row,) = told(home, metric, "city")
            value, n, d = expected(row, share=True)
            assert read(card.locator(".hs-figure").inner_text())[0] == value
            assert read(card.locator(".hs-note strong").inner_text()) == [n, d]
        seen.page.context.close()


def test_the_funnel_shows_each_counter_as_the_command_line_does(browser, address, home):
    metric, compared = "wait_within_15_rate", 0
    url = where(address, "funnel", period=MONTH, metric=metric, frame="county")
    numbers = told(home, metric, "counter")
    with visit(browser.new_context(), url) as seen:
        for line in rows(seen.page)[1:]:
            name = line[0].split("\n")[0]
            cell = read(line[1])[:3]
            same = [expected(row, True) for row in numbers if row["name"] == name and row["d"]]
            assert cell in same, (name, cell)
            compared += len(cell)
        seen.page.context.close()
    assert compared >= AT_LEAST
