"""A simulated home, the dashboard on it as its own process, and a browser."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
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


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert server.poll() is None, "the dashboard ended at its start"
        try:
            urlopen(f"{address}/_stcore/health", timeout=1).read()
            return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"no dashboard at {address} after {START_S} s")


def serve(folder: Path) -> Iterator[str]:
    """The dashboard of a home on a free port."""
    port = free_port()
    line = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", f"--server.port={port}"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(
        [*line, "--", "--home", str(folder)], cwd=ROOT, env=environment, **quiet
    )
    try:
        wait_for(f"http://localhost:{port}", server)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def address(home: Path) -> Iterator[str]:
    yield from serve(home)


@pytest.fixture
def empty_address(tmp_path: Path) -> Iterator[str]:
    yield from serve(tmp_path / "nothing")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
