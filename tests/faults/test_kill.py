"""kill -9 at any moment, then the same command again: the cube of an undisturbed ingest."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from data import steps
from tests.builders import HALLS, case, cube_of, rating, send, ticket, town, write

pytestmark = pytest.mark.faults
ROOT = Path(__file__).parent.parent.parent
KILLS = 50
LOGS = {
    "ratings": [rating(n, case_id=f"K{n % 30}", grade=1 + n % 5) for n in range(60)],
    "tickets": [ticket(n) for n in range(60)],
    "cases": [case(n, closed_at="2019-09-01 10:00:00" if n % 2 else "") for n in range(40)],
    "tallies": [
        {"hall_id": "H2", "month": f"2019-{month:02d}", "measure": measure, "n": month}
        for month in range(1, 8)
        for measure in ("tickets", "closed_cases", "active_ratings", "active_good")
    ],
    "halls": [*HALLS, {"hall_id": "H3", "name": "三", "level": "township", "parent_id": "H2"}],
}


def start(home: Path, step: str, files: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.child", str(home), step, *files],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def prepared(folder: Path) -> Path:
    """A town with earlier deliveries: repeats, progress and conflicts have something to meet."""
    home = town(folder / "home")
    send(home, "ratings", [rating(200 + n, case_id=f"K{n}") for n in range(9)])
    send(home, "cases", [case(n) for n in range(9)])
    cube_of(home)
    return home


def differences(left: tuple[Any, Any], right: tuple[Any, Any]) -> list[str]:
    """Which rows only one of two cubes has, a few of each."""
    found = []
    for ours, theirs in zip(left, right, strict=True):
        for name in ours.keys() | theirs.keys():
            one, two = set(map(repr, ours[name])), set(map(repr, theirs[name]))
            found += [f"{name} only disturbed: {row}" for row in sorted(one - two)[:5]]
            found += [f"{name} only undisturbed: {row}" for row in sorted(two - one)[:5]]
    return found


@contextmanager
def read_meanwhile(home: Path, folder: Path) -> Iterator[None]:
    """A reader runs beside; an error in it fails the test."""
    stop = folder / "stop"
    reader = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.reader", str(home), str(stop)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield
    finally:
        stop.touch()
        _, errors = reader.communicate(timeout=60)
    assert reader.returncode == 0, errors


@pytest.mark.parametrize("log", LOGS)
def test_a_kill_between_any_two_steps(log: str, tmp_path: Path) -> None:
    """After each named step the process dies; the next attempt finishes the job."""
    quiet = prepared(tmp_path / "quiet")
    path = write(tmp_path / f"{log}.csv", LOGS[log])
    send(quiet, log, path)
    expected = cube_of(quiet)
    for step in steps.NAMES:
        home = prepared(tmp_path / step)
        child = start(home, step, [f"{log}={path}"])
        child.communicate(timeout=60)
        assert child.returncode == -signal.SIGKILL, step
        again = send(home, log, path)
        committed = steps.NAMES.index(step) >= steps.NAMES.index("committed")
        assert (again.counts["known"] == again.counts["read"]) == committed, step
        assert cube_of(home) == expected, step
        assert not list((home / "spool").glob("*")), step


def test_leftovers_of_one_log_do_not_count_with_another(tmp_path: Path) -> None:
    """A number that an attempt left unused goes to a file of another log."""
    home, quiet = prepared(tmp_path / "a"), prepared(tmp_path / "b")
    cases, ratings = (write(tmp_path / f"{log}.csv", LOGS[log]) for log in ("cases", "ratings"))
    start(home, "report_written", [f"cases={cases}"]).communicate(timeout=60)
    for log, path in (("ratings", ratings), ("cases", cases)):
        send(home, log, path)
        send(quiet, log, path)
    assert not differences(cube_of(home), cube_of(quiet))


def test_kills_at_random_moments(tmp_path: Path) -> None:
    """At least fifty, while somebody reads; then the files once more, undisturbed."""
    rng = random.Random(2019)
    files = []
    for part in range(6):
        rows = [rating(1000 * part + n, case_id=f"K{n}") for n in range(400)]
        files.append(f"ratings={write(tmp_path / f'r{part}.csv', rows)}")
        waits = [ticket(1000 * part + n) for n in range(400)]
        files.append(f"tickets={write(tmp_path / f't{part}.csv', waits)}")
    files.append(f"cases={write(tmp_path / 'c.csv', LOGS['cases'])}")
    quiet, home = prepared(tmp_path / "quiet"), prepared(tmp_path / "shaken")
    kills = 0
    with read_meanwhile(home, tmp_path):
        while kills < KILLS:
            child = start(home, "-", rng.sample(files, 4))
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(rng.uniform(0.0, 0.8))
            child.kill()
            child.communicate(timeout=60)
            kills += child.returncode == -signal.SIGKILL
        child = start(home, "-", files)
        _, errors = child.communicate(timeout=120)
        assert child.returncode == 0, errors
    undisturbed = start(quiet, "-", files)
    _, errors = undisturbed.communicate(timeout=120)
    assert undisturbed.returncode == 0, errors
    assert not differences(cube_of(home), cube_of(quiet))


@pytest.mark.parametrize("same", [False, True])
def test_two_ingests_at_once(same: bool, tmp_path: Path) -> None:
    """The same as one after the other, also when both bring the same file."""
    rows = [[rating(n + 500 * part, case_id=f"K{n}") for n in range(300)] for part in (0, 1)]
    one, two = (write(tmp_path / f"r{part}.csv", rows[part]) for part in (0, 1))
    files = [f"ratings={one}", f"ratings={one if same else two}"]
    at_once, in_turn = prepared(tmp_path / "a"), prepared(tmp_path / "b")
    children = [start(at_once, "-", [file]) for file in files]
    for child in children:
        _, errors = child.communicate(timeout=60)
        assert child.returncode == 0, errors
    for file in files:
        start(in_turn, "-", [file]).communicate(timeout=60)
    assert cube_of(at_once) == cube_of(in_turn)
