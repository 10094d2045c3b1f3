"""kill -9 while the inbox is emptied, then the next run: every file once in the store and away."""

import json
import signal
from pathlib import Path

import pytest

from data import steps
from data.inbox import empty_inboxes, report_path
from data.store import snapshot
from tests.builders import cube_of, rating, town, write
from tests.faults.test_kill import start

pytestmark = pytest.mark.faults
SOURCES = """
[sources.evaluators]
log = "ratings"
profile = "canonical"
inbox = { patterns = ["*.csv"], period_from_name = '(?P<year>\\d{4})-(?P<month>\\d{2})' }
"""
BAD = "no,such,columns\n1,2,3\n"


def prepared(folder: Path) -> Path:
    """A town with two good files and a bad one in its inbox."""
    home = town(folder / "home")
    (home / "sources.toml").write_text(SOURCES, "utf-8")
    inbox = home / "inbox" / "evaluators"
    inbox.mkdir(parents=True)
    write(inbox / "a-2019-08.csv", [rating(n) for n in range(30)])
    write(inbox / "b-2019-08.csv", [rating(100 + n) for n in range(30)])
    (inbox / "c-2019-08.csv").write_text(BAD, "utf-8")
    return home


def lying(home: Path) -> list[str]:
    inbox = home / "inbox" / "evaluators"
    return sorted(one.relative_to(inbox).as_posix() for one in inbox.rglob("*") if one.is_file())


def test_a_run_killed_at_any_step_is_finished_by_the_next_one(tmp_path: Path) -> None:
    """Between the steps of the ingest too: nothing is lost, nothing counts twice."""
    quiet = prepared(tmp_path / "quiet")
    empty_inboxes(quiet, wait_s=0.0)
    expected = cube_of(quiet)
    for step in (*steps.NAMES, *steps.INBOX_NAMES):
        home = prepared(tmp_path / step)
        child = start(home, step, ["inbox"])
        child.communicate(timeout=60)
        assert child.returncode == -signal.SIGKILL, step
        empty_inboxes(home, wait_s=0.0)
        assert cube_of(home) == expected, step
        assert lying(home) == lying(quiet), step
        assert [batch.file for batch in snapshot(home).live if batch.source] == [
            "a-2019-08.csv",
            "b-2019-08.csv",
        ], step
        noted = [json.loads(line) for line in report_path(home).read_text("utf-8").splitlines()]
        assert {one["file"] for one in noted} == {f"{name}-2019-08.csv" for name in "abc"}, step
