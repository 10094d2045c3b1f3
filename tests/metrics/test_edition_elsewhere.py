"""An edition of the simulated city verifies on another checkout, another day, another machine."""

import os
import shutil
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from data.edition_folder import editions_folder
from data.ingest import ingest
from data.intake import Request
from data.simulate import simulate
from metrics.edition import approve, draft, submit
from metrics.periods import parse_period

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CODE = ("data", "metrics", "commands", "dashboard", "hallscore.py", "terminal.py")
# Another zone, another language of the system, one thread instead of two, a day years later.
ELSEWHERE = {"TZ": "America/St_Johns", "LANG": "C", "POLARS_MAX_THREADS": "1"}
YEARS_LATER = """
import sys, time
real = time.time
time.time = lambda: real() + 5 * 365 * 86400
from hallscore import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("scheme", ["first", "hallscore"])
def test_it_verifies_with_nothing_but_its_folder_and_a_copy_of_the_code(
    tmp_path: Path, scheme: str
) -> None:
    home = tmp_path / "home"
    city = simulate(home / "simulated", date(2019, 7, 1), date(2019, 9, 30), tickets=300_000)
    for file in city.files:
        ingest(home, Request(file.path, file.log, "canonical"))
    at = datetime(2019, 10, 8, 9)
    made = draft(home, parse_period("2019-08"), "Maker", at, scheme)
    submit(home, made.id, "Maker", at)
    approve(home, made.id, "Checker", at)
    assert made.results.ranked.height > 100

    other, code = tmp_path / "other", tmp_path / "checkout"
    shutil.copytree(editions_folder(home), editions_folder(other))
    shutil.rmtree(home)
    code.mkdir()
    for name in CODE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, code / name)  # type: ignore[operator]
    line = [sys.executable, "-P", "-c", YEARS_LATER, "--home", str(other), "verify", made.id]
    given = os.environ | ELSEWHERE | {"PYTHONPATH": str(code)}
    told = subprocess.run(
        line, env=given, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "holds" in told.stderr + told.stdout

    changed = editions_folder(other) / made.id / "inputs/reference/counters.parquet"
    changed.chmod(0o644)
    whole = bytearray(changed.read_bytes())
    whole[len(whole) // 2] ^= 1
    changed.write_bytes(bytes(whole))
    told = subprocess.run(
        line, env=given, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert told.returncode == 1
    assert "inputs/reference/counters.parquet" in told.stdout + told.stderr
