"""The command line loads only what a command needs: start-up is paid at every nightly job."""

import subprocess
import sys

import pytest

from tests.house.tree import ROOT

HEAVY = {"scipy", "streamlit", "altair", "psycopg", "pymysql"}
SAMPLE = ROOT / "data" / "samples" / "nhft_ratings.csv"

# hallscore.main ends with SystemExit; what was loaded until then is printed as the last line.
SCRIPT = """
import sys
import hallscore
try:
    hallscore.main(sys.argv[1:])
except SystemExit as stopped:
    assert not stopped.code, stopped.code
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(*arguments: str) -> set[str]:
    """The top-level packages that a command has loaded when it ends."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.splitlines()[-1].split())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder for the store of these commands."""
    return str(tmp_path_factory.mktemp("imports") / "home")


def test_the_nightly_job_loads_no_statistics_and_no_screen(home: str):
    """Ingest, rollup and the look after them run on a server that shows no page."""
    file = ("ingest", str(SAMPLE), "--log", "ratings", "--profile", "nhft", "--admit-units")
    for command in (file, ("rollup",), ("doctor",), ("batches", "list"), ("quarantine", "list")):
        assert not loaded("--home", home, *command) & HEAVY, command


def test_help_loads_no_engine():
    """`hallscore --help` answers at once."""
    assert not loaded("--help") & (
        HEAVY | {"polars", "duckdb", "deltalake", "dataframely", "numpy"}
    )
