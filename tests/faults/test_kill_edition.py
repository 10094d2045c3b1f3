"""Making an edition is stopped at any moment: one run more gives exactly one whole edition."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data.edition_folder import edition_ids, editions_folder
from data.edition_ledger import broken_links, history
from docs.edge_homes import lone_home
from metrics.edition import verify

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]
SEED, KILLS = 2019, 12


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "hallscore", "--home", str(home), *words]


def started(home: Path) -> subprocess.Popen[bytes]:
    draft = ["publish", "draft", "--period", "2019-03", "--by", "Maker"]
    quiet = subprocess.DEVNULL
    given = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command(home, *draft), env=given, stdout=quiet, stderr=quiet)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lone_home(tmp_path_factory.mktemp("kill") / "home")


def test_a_draft_that_is_killed_again_and_again_is_made_once(home: Path) -> None:
    """Kills fall evenly over the time of a whole run, which is measured on another period."""
    began = time.monotonic()
    whole = subprocess.run(
        command(home, "publish", "draft", "--period", "2019-01", "--by", "Maker"),
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert whole.returncode == 0
    took = time.monotonic() - began
    draw, killed = random.Random(SEED), 0
    for place in range(KILLS):
        process = started(home)
        try:
            process.wait(timeout=took * (place + draw.random()) / KILLS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed >= KILLS // 2
    made = [one for one in edition_ids(home) if one.startswith("2019-03")]
    if not made or not history(home, made[-1]):
        assert started(home).wait() == 0
        made = [one for one in edition_ids(home) if one.startswith("2019-03")]
    # A run that was done before its kill leaves a draft; later runs draft the next one.
    for name in made:
        assert verify(home, name).holds, name
        assert [record.state for record in history(home, name)] == ["draft"]
    assert broken_links(home) == ()
    assert started(home).wait() == 0
    assert not list(editions_folder(home).glob(".draft-*")), "what was cut short is swept away"
