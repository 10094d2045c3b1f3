"""What a newcomer does works as written, and the command line starts light."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_with_json_stdout_is_one_json_value(tmp_path: Path) -> None:
    """Messages and progress go to stderr."""
    import json

    sample = str(ROOT / "data/samples/nhft_ratings.csv")
    cli = (sys.executable, str(ROOT / "hallscore.py"), "--home", str(tmp_path / "home"))
    done = run(
        *cli, "ingest", sample, "--log", "ratings", "--profile", "nhft", "--admit-units", "--json",
        cwd=tmp_path,
    )  # fmt: skip
    report = json.loads(done.stdout)
    keys = {"read", "accepted", "known", "repeated", "no_rating", "quarantined", "admitted_units"}
    assert keys <= set(report)
    parts = sum(report[key] for key in ("accepted", "known", "repeated", "no_rating"))
    assert report["read"] == parts + sum(report["quarantined"].values())
    for command in (["doctor"], ["batches", "list"], ["quarantine", "list"], ["rollup"]):
        json.loads(run(*cli, *command, "--json", cwd=tmp_path).stdout)


def test_a_file_that_comes_again_says_what_still_waits(tmp_path: Path) -> None:
    """Sending it again with --admit-units changes nothing; the replay is named."""
    sample = str(ROOT / "data/samples/nhft_ratings.csv")
    cli = (sys.executable, str(ROOT / "hallscore.py"), "--home", str(tmp_path / "home"))
    words = ("ingest", sample, "--log", "ratings", "--profile", "nhft")
    first = run(*cli, *words, cwd=tmp_path)
    assert "wait in quarantine" not in first.stderr
    again = run(*cli, *words, "--admit-units", cwd=tmp_path)
    assert "quarantine replay --batch 1" in again.stderr
    taken = run(*cli, "quarantine", "replay", "--batch", "1", "--admit-units", cwd=tmp_path)
    assert taken.returncode == 0, taken.stderr


def test_an_unknown_user_is_refused(tmp_path: Path) -> None:
    """--as acts as a user of access.toml and as nobody else."""
    sample = str(ROOT / "data/samples/nhft_ratings.csv")
    cli = (sys.executable, str(ROOT / "hallscore.py"), "--home", str(tmp_path / "home"))
    run(
        *cli,
        "ingest",
        sample,
        "--log",
        "ratings",
        "--profile",
        "nhft",
        "--admit-units",
        cwd=tmp_path,
    )
    done = run(*cli, "rank", "--period", "2021-09", "--as", "nobody", cwd=tmp_path)
    assert done.returncode == 2
    assert "nobody" in done.stderr
    assert "access.toml" in done.stderr


def test_a_bad_python_is_told_so(tmp_path: Path) -> None:
    """A python3 that is too old gets a sentence, not a traceback."""
    for name in ("setup.sh", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "env", "dirname", "date", "sha256sum", "cut", "cat"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    old = tools / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = -c ] && exit 1\necho Python 3.9.2\n')
    old.chmod(0o755)
    done = run(str(tools / "bash"), "setup.sh", "run", cwd=tmp_path, PATH=str(tools))
    assert done.returncode == 1
    assert "3.11 or newer" in done.stderr


@pytest.mark.slow
def test_the_install_works_without_a_network(tmp_path: Path) -> None:
    """Wheels are fetched once; then a fresh copy installs and runs with the network off."""
    house = tmp_path / "house"
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, names):
        (house / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, house / name)
    wheels = tmp_path / "wheelhouse"
    fetched = run("make", "wheelhouse", f"WHEELHOUSE={wheels}", cwd=house)
    assert fetched.returncode == 0, fetched.stderr
    shutil.rmtree(house / ".venv")
    off = ("unshare", "-rn") if run("unshare", "-rn", "true", cwd=house).returncode == 0 else ()
    lost = {"PIP_NO_INDEX": "1", "https_proxy": "http://127.0.0.1:9", "PIP_FIND_LINKS": ""}
    done = run(*off, "make", "install-offline", f"WHEELHOUSE={wheels}", cwd=house, **lost)
    assert done.returncode == 0, done.stderr
    sample = ("ingest", "data/samples/nhft_ratings.csv", "--log", "ratings", "--profile", "nhft")
    ready = run(*off, ".venv/bin/hallscore", "--home", "h", *sample, "--admit-units", cwd=house)
    assert ready.returncode == 0, ready.stderr
