"""The walls between the rooms stand, and each of them stops what it is there to stop."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, copy_repository

# Where a forbidden import is planted, and the wall that must name it.
PLANTED = [
    ("data/errors.py", "import metrics.periods", "one direction"),
    ("metrics/periods.py", "import dashboard.formats", "one direction"),
    ("data/errors.py", "import duckdb", "duckdb only"),
    ("metrics/periods.py", "import deltalake", "deltalake only"),
    ("metrics/ranking.py", "import scipy", "scipy only"),
    ("dashboard/formats.py", "import streamlit", "no Streamlit"),
    ("dashboard/page/overview.py", "import altair", "altair only"),
    ("dashboard/page/overview.py", "import xlsxwriter", "document writers"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contracts of a copy of the repository."""
    start = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", start, "--no-cache"], cwd=folder, capture_output=True, text=True
    )


def test_the_rooms_import_in_one_direction():
    """All contracts of pyproject.toml are kept."""
    ran = lint(ROOT)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(("file", "planted", "wall"), PLANTED)
def test_a_planted_import_is_stopped(tmp_path: Path, file: str, planted: str, wall: str):
    """A wall that nothing can hit is no wall."""
    copy_repository(tmp_path)
    target = tmp_path / file
    target.write_text(f"{target.read_text('utf-8')}\n{planted}\n", "utf-8")
    ran = lint(tmp_path)
    broken = [line for line in ran.stdout.splitlines() if " BROKEN" in line]
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert any(line.startswith(wall) for line in broken), ran.stdout


def test_each_wall_has_its_reason():
    """A contract without a comment above it cannot be argued with."""
    lines = (ROOT / "pyproject.toml").read_text("utf-8").splitlines()
    bare = [
        lines[number + 1]
        for number, line in enumerate(lines)
        if line == "[[tool.importlinter.contracts]]" and not lines[number - 1].startswith("#")
    ]
    assert not bare, bare
