"""A simulated home, the dashboard on it as its own process, and a browser."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

ROOT = Path(__file__).parents[2]
SEAL = Path(__file__).with_name("sealed")
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
START_S = 60


def command(home: Path, *words: str) -> None:
    """Run the command line on a home."""
    line = [sys.executable, "hallscore.py", "--home", str(home), *words]
    subprocess.run(line, cwd=ROOT, check=True, capture_output=True, text=True)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three months of a small city, through the ordinary simulator, ingest and rollup."""
    folder = tmp_path_factory.mktemp("city") / "home"
    command(folder, "demo", "--from", "2019-10-01", "--to", "2019-12-31", "--tickets", "150000")
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, server: subprocess.Popen[bytes], alone: bool) -> None:
    """Ask for the server's health, inside its own network where it has one."""
    ask = [sys.executable, "-c", f"__import__('urllib.request').request.urlopen('{address}')"]
    if alone:
        ask = ["nsenter", "-t", str(server.pid), "-U", "-n", "--preserve-credentials", *ask]
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert server.poll() is None, "the dashboard ended at its start"
        if subprocess.run(ask, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.2)
    raise AssertionError(f"no dashboard at {address} after {START_S} s")


def serve(folder: Path, attempts: Path, within: Sequence[str] = ()) -> Iterator[tuple[str, int]]:
    """The dashboard of a home on a free port: its address and its process.

    It is sealed: what it tries to reach beyond this machine fails and is a line in `attempts`.
    `within`: the start of a command line that gives it a network of its own.
    """
    port = free_port()
    line = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", f"--server.port={port}"]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(SEAL), str(ROOT))),
        "HALLSCORE_SEALED": str(attempts),
    }
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(
        [*within, *line, "--", "--home", str(folder)], cwd=ROOT, env=environment, **quiet
    )
    address = f"http://localhost:{port}"
    try:
        wait_for(f"{address}/_stcore/health", server, bool(within))
        yield address, server.pid
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def address(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the dashboard; that it reached for nobody in all tests is the last of them."""
    attempts = tmp_path_factory.mktemp("sealed") / "attempts"
    for address, _ in serve(home, attempts):
        yield address
    assert not attempts.exists(), attempts.read_text("utf-8")


def serve_sealed(folder: Path) -> Iterator[str]:
    """The address of a dashboard on a folder, which must reach for nobody."""
    attempts = folder.with_name("attempts")
    for address, _ in serve(folder, attempts):
        yield address
    assert not attempts.exists(), attempts.read_text("utf-8")


@pytest.fixture
def empty_address(tmp_path: Path) -> Iterator[str]:
    yield from serve_sealed(tmp_path / "nothing")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
