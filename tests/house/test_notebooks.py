"""The notebooks run from top to bottom and keep no output."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from data.ingest import ingest
from data.intake import Request
from data.simulate import simulate
from metrics.edition import approve, draft, submit
from metrics.periods import parse_period

NOTEBOOKS = sorted((Path(__file__).parent.parent.parent / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("notebooks") / "home"
    city = simulate(home / "simulated", date(2019, 8, 1), date(2019, 8, 31), tickets=200_000)
    for file in city.files:
        ingest(home, Request(file.path, file.log, "canonical"))
    at = datetime(2019, 9, 9, 9)
    made = draft(home, parse_period("2019-08"), "Maker", at)
    submit(home, made.id, "Maker", at)
    approve(home, made.id, "Checker", at)
    return home


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cell by cell, on a small simulated month."""
    monkeypatch.setenv("HALLSCORE_HOME", str(home))
    cells = json.loads(path.read_text("utf-8"))["cells"]
    names: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            exec("".join(cell["source"]), names)
