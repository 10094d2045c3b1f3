"""What the README's commands print is what the README says, and its links lead somewhere."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT


def commands(readme: str) -> list[str]:
    """The hallscore commands of the shell blocks, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / readme).read_text("utf-8"), re.DOTALL)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("hallscore ")]


def run(command: str, folder: Path) -> str:
    """Run one command of the README as its reader would; its standard output."""
    script = folder / "bin" / "hallscore"
    if not script.exists():
        script.parent.mkdir()
        start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import hallscore; hallscore.main()"
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{start}" "$@"\n')
        script.chmod(0o755)
        (folder / "data").symlink_to(ROOT / "data")
    ran = subprocess.run(
        shlex.split(command),
        cwd=folder,
        env=os.environ | {"PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, f"{command}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What ingest, ranking and the same file again print, as the README has them."""
    folder = tmp_path_factory.mktemp("readme")
    shown = commands("README.md")
    ingest = next(command for command in shown if " ingest " in command)
    rank = next(command for command in shown if " rank " in command)
    asked = {"ingest": ingest, "rank": rank, "again": f"{ingest} --json"}
    return {name: run(command, folder) for name, command in asked.items()}


def test_both_languages_show_the_same_commands():
    """The Chinese and the English reader type the same."""
    assert commands("README.md") == commands("README.zh-CN.md")
    assert len(commands("README.md")) >= 4


def test_the_sample_is_taken_in_and_adds_up(outputs: dict[str, str]):
    """The report of the first command: the parts are what was read."""
    lines = re.findall(r"^  (\w+) +([\d,]+)$", outputs["ingest"], re.MULTILINE)
    counts = {key: int(number.replace(",", "")) for key, number in lines}
    parts = ("accepted", "known", "repeated", "no_rating", "quarantined")
    assert counts["read"] == sum(counts[part] for part in parts)
    assert all(counts[part] > 0 for part in ("accepted", "repeated", "no_rating", "quarantined"))


def test_the_first_ranking_ranks(outputs: dict[str, str]):
    """The ranking has a first place, with n beside the score."""
    header, first, *_ = outputs["rank"].splitlines()
    assert header.startswith("rank,tied,id,name,score,n,state")
    assert first.startswith("1,")


def test_the_same_file_again_adds_nothing(outputs: dict[str, str]):
    """As the README promises."""
    report = json.loads(outputs["again"])
    assert report["known"] == report["read"]
    assert report["accepted"] == report["repeated"] == report["no_rating"] == 0


def test_the_documents_that_are_linked_exist():
    """A link to a file of the repository leads somewhere."""
    lost = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text("utf-8")):
            if not (page.parent / target).exists():
                lost.append(f"{page.relative_to(ROOT)} -> {target}")
    assert not lost, "\n".join(lost)
