"""The coverage simulation: 60 cells, the gates, the mutants. `python -m simulation.coverage`.

Results go to simulation/results/coverage.json, the page to docs/explanation/coverage.md. With
`--page` the page alone is written again from the results.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from simulation.analysis import OURS, Steps
from simulation.cells import CELLS, REPLICATES, WIDTH, Cell
from simulation.coverage_page import PICTURE, page, picture
from simulation.gates import Gate, gates
from simulation.measures import Row, planted, replicate, summed
from simulation.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "simulation" / "results" / "coverage.json"
PAGE = ROOT / "docs" / "explanation" / "coverage.md"
SEED = 20191
WORKERS, PORTION = 2, 25
MANY = 1000  # peers
MUTANT_REPLICATES = 100
Told = dict[str, dict[str, float]]


def portion(cell: Cell, seed: int, numbers: Sequence[int], steps: Steps = OURS) -> list[Row]:
    """Some replicates of a cell; each has a seed of its own, whoever computes it."""
    rows: list[Row] = []
    for number in numbers:
        key = [seed, number, *cell.name.encode()]
        # A city of 1,600 counts as many units in a quarter of the replicates; its one planted unit
        # does not.
        told = replicate(cell, key, steps) if cell.peers < MANY or number % 4 == 0 else {}
        rows.append(told | planted_in(cell, key, steps))
    return rows


def planted_in(cell: Cell, key: list[int], steps: Steps) -> Row:
    """Whether a true gap is called, where a gate asks for it."""
    return planted(cell, key, steps) if cell.size >= 1000 and cell.peers >= 20 else {}


def measured(cell: Cell, seed: int, count: int, steps: Steps = OURS) -> Told:
    """Means and Monte Carlo errors of a cell, in this process."""
    return summed(portion(cell, seed, range(count), steps))


def run(seed: int, count: int, bar: Progress | None = None) -> dict[str, Any]:
    """All cells with two processes, and the mutants; deterministic in seed and count."""
    cells = (*CELLS, WIDTH)
    parts = [range(at, min(at + PORTION, count)) for at in range(0, count, PORTION)]
    task = None if bar is None else bar.add_task("coverage", total=len(cells) * len(parts))
    found: dict[str, Told] = {}
    with ProcessPoolExecutor(WORKERS) as pool:
        waiting = [[pool.submit(portion, cell, seed, part) for part in parts] for cell in cells]
        for cell, futures in zip(cells, waiting, strict=True):
            rows: list[Row] = []
            for future in futures:
                rows += future.result()
                if bar is not None and task is not None:
                    bar.update(task, advance=1, description=cell.name)
            found[cell.name] = summed(rows)
    told = [gate for cell in cells for gate in gates(cell, found[cell.name])]
    return {
        "cells": [{"cell": one.name, "kind": one.kind, **_short(found[one.name])} for one in cells],
        "gates": [one.as_row() for one in told],
        "mutants": [tried(one, seed, min(count, MUTANT_REPLICATES)) for one in MUTANTS],
    }


def tried(mutant: Mutant, seed: int, count: int) -> dict[str, Any]:
    """The gates of a mutant's cell that the mutant fails, and those that ours fails there."""
    wrong = gates(mutant.cell, measured(mutant.cell, seed, count, mutant.steps))
    right = gates(mutant.cell, measured(mutant.cell, seed, count))
    return {
        "mutant": mutant.name,
        "cell": mutant.cell.name,
        "gate": mutant.gate,
        "found": _worst(wrong, mutant.gate),
        "ours": _worst(right, mutant.gate),
        "caught": any(one.name == mutant.gate and not one.holds for one in wrong),
        "ours_holds": all(one.holds for one in right if one.name == mutant.gate),
    }


def _worst(told: list[Gate], name: str) -> float:
    """What was found where the gate of that name is missed by most."""
    mine = [one for one in told if one.name == name]
    worst = max(mine, key=lambda one: max(one.low - one.found, one.found - one.high))
    return round(worst.found, 4)


def _short(told: Told) -> Told:
    return {
        name: {key: round(number, 5) for key, number in one.items()} for name, one in told.items()
    }


def main() -> int:
    """Write results, picture and page; 1 when a gate fails or a mutant passes."""
    if "--page" in sys.argv:
        told = json.loads(RESULTS.read_text("utf-8"))
    else:
        told = _fresh()
        RESULTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (ROOT / PICTURE).parent.mkdir(parents=True, exist_ok=True)
    (ROOT / PICTURE).write_text(picture(told), "utf-8")
    PAGE.write_text(page(told), "utf-8")
    failed = [one for one in told["gates"] if not one["holds"]]
    for one in failed:
        print(f"fails: {one['cell']}: {one['name']}: {one['found']:.4f} ± {one['error']:.4f}")
    return 1 if failed or not all(one["caught"] for one in told["mutants"]) else 0


def _fresh() -> dict[str, Any]:
    began = time.monotonic()
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    count = REPLICATES
    if "--replicates" in sys.argv:
        count = int(sys.argv[sys.argv.index("--replicates") + 1])
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}")) as bar:
        found = run(SEED, count, bar)
    head = {
        "commit": commit or "unknown",
        "date": datetime.now(UTC).date().isoformat(),
        "seed": SEED,
        "replicates": count,
        "minutes": round((time.monotonic() - began) / 60, 1),
    }
    return head | found


if __name__ == "__main__":
    sys.exit(main())
