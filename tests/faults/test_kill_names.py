"""A crash while names wait: none is lost, none waits twice."""

import signal
from pathlib import Path

import pytest

from data.aliases import Choice, accept, waiting_names
from data.store import snapshot
from tests.builders import cube_of, rating, send, write
from tests.faults.test_kill import prepared, start
from tests.named import named

pytestmark = pytest.mark.faults
ROWS = [named(rating(500 + n), hall_name="市民中兴") for n in range(5)]


@pytest.mark.parametrize("step", ["quarantine_written", "staged_synced", "committed"])
def test_a_kill_leaves_each_name_waiting_once(step: str, tmp_path: Path) -> None:
    """Killed, sent again and decided, the cube is that of an undisturbed home."""
    home, quiet = prepared(tmp_path / "a"), prepared(tmp_path / "b")
    path = write(tmp_path / "r.csv", ROWS)
    child = start(home, step, [f"ratings={path}"])
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    for one in (home, quiet):
        send(one, "ratings", path)
        assert waiting_names(snapshot(one)).select("spelling", "rows").rows() == [("市民中兴", 5)]
        assert accept(one, Choice("市民中兴", "李"), "H1")[1].counts["accepted"] == 5
    assert cube_of(home) == cube_of(quiet)
