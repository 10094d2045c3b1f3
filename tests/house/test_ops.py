"""The shipped systemd units are units, and as closed as the how-to says."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

OPS = ROOT / "ops"
UNITS = sorted(path.name for path in OPS.glob("hallscore-inbox.*"))


def sections(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((OPS / name).read_text("utf-8"))
    return parser


def test_the_timer_starts_the_service():
    assert UNITS == ["hallscore-inbox.service", "hallscore-inbox.timer"]
    assert sections(UNITS[1])["Timer"]["Unit"] == UNITS[0]


def test_the_service_has_no_network_and_writes_only_the_home():
    """Whoever may put files into an inbox must not get further by them."""
    service = sections(UNITS[0])["Service"]
    assert service["User"] == "hallscore"
    assert service["PrivateNetwork"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == "/var/lib/hallscore"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["ExecStart"].endswith("--home /var/lib/hallscore inbox --once")


@pytest.mark.slow
def test_systemd_takes_the_units(tmp_path: Path):
    """With a programme that exists, since the real one is not installed in the tests."""
    assert shutil.which("systemd-analyze"), "not installed. Run: apt-get install systemd"
    for name in UNITS:
        text = (OPS / name).read_text("utf-8")
        text = text.replace("/opt/hallscore/.venv/bin/hallscore", sys.executable)
        (tmp_path / name).write_text(text, "utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True,
        text=True,
    )
    said = [line for line in ran.stderr.splitlines() if "hallscore" in line]
    assert (ran.returncode, said) == (0, []), ran.stderr
