"""The network is gone: every page works, and nobody has even tried to reach another machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.conftest import CHROMIUM, FLAGS, ROOT, SEAL, serve
from tests.browser.visits import NAMES, visit, where

pytestmark = pytest.mark.browser
ELSEWHERE = "192.0.2.1"  # RFC 5737: an address of nobody
# Loopback is all that the new network has.
ALONE = ("unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")


def can_be_alone() -> bool:
    """Whether this machine lets us take the network away from a process."""
    if not all(map(shutil.which, ("unshare", "nsenter", "ip"))):
        return False
    return subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in which the server's attempts to reach other machines stand."""
    return tmp_path_factory.mktemp("sealed") / "attempts"


@pytest.fixture(scope="module")
def sealed(home: Path, attempts: Path) -> Iterator[tuple[str, int]]:
    """The dashboard behind the seal, and without a network where that can be had: address, pid."""
    yield from serve(home, attempts, ALONE if can_be_alone() else ())


@pytest.fixture(scope="module")
def beside(sealed: tuple[str, int], tmp_path_factory, playwright: Playwright) -> Iterator[Browser]:
    """A browser in the same place as that server."""
    start = tmp_path_factory.mktemp("chromium") / "start"
    inside = f"nsenter -t {sealed[1]} -U -n --preserve-credentials -- " if can_be_alone() else ""
    start.write_text(f'#!/bin/sh\nexec {inside}{CHROMIUM} "$@"\n', "utf-8")
    start.chmod(0o755)
    browser = playwright.chromium.launch(executable_path=str(start), args=FLAGS)
    yield browser
    browser.close()


def test_every_page_works_and_nobody_asks_outside(sealed, beside, attempts):
    address, _ = sealed
    context = beside.new_context()
    hosts: set[str | None] = set()
    for name in NAMES:
        with visit(context, where(address, name)) as seen:
            assert seen.page.locator("[data-testid=stException]").count() == 0, name
            assert seen.page.locator("h1").inner_text(), name
            assert seen.complaints == [], name
            hosts |= seen.hosts
    assert hosts == {"localhost"}
    asked = attempts.read_text("utf-8").splitlines() if attempts.exists() else []
    assert asked == [], f"{len(asked)} outside requests of the server"


def test_a_browser_beside_that_server_reaches_nobody_else(beside):
    """What was shown above would be worth nothing if the network were there."""
    if not can_be_alone():
        pytest.skip("this machine does not let a process leave its network")
    page = beside.new_page()
    with pytest.raises(Exception, match=r"ERR_INTERNET_DISCONNECTED|ERR_ADDRESS_UNREACHABLE"):
        page.goto(f"http://{ELSEWHERE}/")


@pytest.mark.parametrize(
    ("attempt", "line"),
    [
        (f"socket.create_connection(('{ELSEWHERE}', 80), 1)", f"look up '{ELSEWHERE}'"),
        (f"socket.socket().connect(('{ELSEWHERE}', 80))", f"connect '{ELSEWHERE}'"),
        (f"socket.socket(type=2).sendto(b'', ('{ELSEWHERE}', 53))", f"sendto '{ELSEWHERE}'"),
        ("__import__('urllib.request').request.urlopen('http://a.invalid')", "look up 'a.invalid'"),
    ],
)
def test_the_seal_tells_and_refuses(tmp_path: Path, attempt: str, line: str):
    told = tmp_path / "told"
    environment = os.environ | {"PYTHONPATH": str(SEAL), "HALLSCORE_SEALED": str(told)}
    done = subprocess.run(
        [sys.executable, "-c", f"import socket; {attempt}"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "sealed: " in done.stderr
    assert line in told.read_text("utf-8")
