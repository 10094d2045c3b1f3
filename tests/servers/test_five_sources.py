"""The how-to of five source systems is walked, command by command, to the canonical ranking."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.house.tree import ROOT
from tests.servers.servers import PASSWORD, Server
from tests.systems import REFERENCES, write_systems

pytestmark = pytest.mark.servers
HOW_TO = ROOT / "docs" / "how-to" / "five-sources.md"
CITY = "--from 2019-07-01 --to 2019-08-31 --tickets 400000"


class Walk:
    """A folder in which the how-to's commands run, with `hallscore` on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import hallscore; hallscore.main()"
        script = folder / "bin" / "hallscore"
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{start}" "$@"\n')
        script.chmod(0o755)
        path = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = os.environ | {"PATH": path, "BANJIAN_PASSWORD": PASSWORD}

    def run(self, text: str) -> str:
        """Run a block of the how-to; its standard output."""
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{text}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    def ranking(self, home: str) -> pl.DataFrame:
        """The ranking of August as the command line prints it."""
        text = self.run(f"hallscore --home {home} rank --period 2019-08 --format csv")
        return pl.read_csv(text.encode(), infer_schema=False)


def blocks(kind: str) -> list[str]:
    """The blocks of the how-to that are shell, or TOML."""
    found: list[str] = re.findall(rf"```{kind}\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    return found


def load(connection: Any, script: Path, sample: Path) -> None:
    """The case system's table from its script, and the sample as `mariadb --batch` writes it."""
    cursor = connection.cursor()
    for statement in script.read_text("utf-8").split(";\n"):
        if statement.strip():
            cursor.execute(statement)
    cursor.execute("SELECT * FROM banjian LIMIT 500")
    names = [column[0] for column in cursor.description]
    rows = [["NULL" if cell is None else str(cell) for cell in row] for row in cursor.fetchall()]
    sample.write_text("\n".join("\t".join(line) for line in [names, *rows]) + "\n", "utf-8")


def without_decisions(one: Walk) -> None:
    """Take back what no source system delivers: the office's exemptions and voids of ratings."""
    listed = json.loads(one.run("hallscore --home canonical batches list --json"))
    taken = [batch["batch"] for batch in listed if batch["log"] in ("exemptions", "voids")]
    assert len(taken) >= 2
    for number in taken:
        one.run(f"hallscore --home canonical batches withdraw {number} --reason 'no source has it'")


@pytest.fixture
def walk(mariadb: Server, tmp_path: Path) -> Iterator[Walk]:
    """A city's canonical home, the five systems with its August, and the case system's server."""
    one = Walk(tmp_path)
    one.run(f"hallscore --home canonical demo {CITY}")
    without_decisions(one)
    simulated = tmp_path / "canonical" / "simulated" / "logs"
    write_systems(simulated, tmp_path / "systems")
    (tmp_path / "tables").mkdir()
    for name in REFERENCES:
        shutil.copy(simulated / f"{name}.parquet", tmp_path / "tables")
    connection = mariadb.new_database("banjian")
    load(connection, tmp_path / "systems" / "cases.sql", tmp_path / "systems" / "banjian.txt")
    # The server of the test is reached by a socket, and its user has another name.
    (toml,) = blocks("toml")
    told = toml.replace('host = "banjian.example"\n', mariadb.settings().split("\n", 1)[1])
    told = told.replace('user = "hallscore"', 'user = "reader_banjian"')
    assert told.count("reader_banjian") == 1
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "sources.toml").write_text(told, "utf-8")
    yield one
    connection.close()


def test_the_walk_ends_at_the_ranking_of_the_canonical_logs(walk: Walk, mariadb: Server) -> None:
    """Every shell block in its order; then both rankings are the same, row by row."""
    printed = [walk.run(block) for block in blocks("sh")]
    assert "荷塘区政务中心" in printed[-2]
    walked, canonical = walk.ranking("my"), walk.ranking("canonical")
    assert canonical["rank"].drop_nulls().len() > 100
    assert walked.equals(canonical)
    saved = pl.read_csv(walk.folder / "ranking.csv", infer_schema=False)
    assert saved.equals(canonical)
    assert (walk.folder / "ranking.xlsx").stat().st_size > 10_000
    receipts = walk.run("hallscore --home my receipts --period 2019-08 --format csv")
    states = set(pl.read_csv(receipts.encode(), infer_schema=False)["state"])
    assert states <= {"received", "late"}, receipts
    waiting = walk.run("hallscore --home my quarantine list --format csv")
    assert pl.read_csv(waiting.encode(), infer_schema=False).is_empty(), waiting
    said = mariadb.statements("reader_banjian")
    assert said
    assert not [
        one for one in said if re.match(r"\s*(INSERT|UPDATE|DELETE|CREATE|DROP|ALTER)", one)
    ]
