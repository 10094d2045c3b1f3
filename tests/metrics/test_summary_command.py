"""hallscore summary: the same content as tables and as JSON; the how-to's commands run."""

import json
import re
import shlex
from datetime import date, timedelta
from pathlib import Path

import pytest
from town import Town

import hallscore
from data.errors import HallscoreError
from metrics.scope import Scope
from metrics.weekly import weekly_summary

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "day-week-month-year.md"


@pytest.fixture
def busy(town: Town) -> Town:
    """Tickets and ratings of every day of September and October 2019."""
    days = [date(2019, 9, 2) + timedelta(days=n) for n in range(58)]
    town.deliver("tickets", [row for day in days for row in town.queue("c-tax", [60] * 3, day)])
    town.deliver("ratings", [row for day in days for row in town.rate("c-tax", {5: 2}, day)])
    return town


def run(home: Path, words: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        hallscore.app(args=["--home", str(home), *shlex.split(words)])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_every_command_of_the_how_to_runs_and_names_its_period(
    busy: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    commands = [line.removeprefix("hallscore ") for line in block.strip().splitlines()]
    assert [words.split()[1] for words in commands] == ["day", "week", "month", "year"]
    for words in commands:
        table = run(busy.home, words, capsys)
        told = json.loads(run(busy.home, f"{words} --json", capsys))
        assert told["period"] == words.split()[3]
        assert told["period"] in table
        for name, content in told.items():
            if isinstance(content, list):
                assert f"\n{name} (" in table


def test_json_is_what_the_function_says(busy: Town, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(run(busy.home, "summary week --period 2019-W40 --json", capsys))
    from metrics.periods import parse_period

    found = weekly_summary(busy.home, parse_period("2019-W40"), Scope("local", None))
    assert told["halls"] == found.halls.to_dicts()
    assert (told["working_days"], told["with_working_days"]) == (1, 6)


def test_a_period_of_another_kind_is_refused_with_the_command_that_fits(busy: Town) -> None:
    words = ["--home", str(busy.home), "summary", "week", "--period", "2019-10"]
    with pytest.raises(HallscoreError, match=r"is a month.*2019-W35, or use `summary month`"):
        hallscore.app(args=words)
