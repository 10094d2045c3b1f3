"""Speed as ratios within one run: our time over the bare decode of the same bytes.

python -m benchmarks.run [TICKETS]     writes benchmarks/results/latest.json
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.fairness import fairness_figures
from benchmarks.schemes import scheme_figures
from data.ingest import ingest
from data.intake import Request
from data.simulate import simulate
from data.store import snapshot
from data.views import CONFIG
from metrics.engines import DuckEngine
from metrics.measure_files import measure_files
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.rollup import refresh
from metrics.scope import Scope
from metrics.values import value

ROOT = Path(__file__).parent
ROUNDS = 5
SEED = 2019
ALL = Scope("bench", None)


def cpu(call: Callable[[], object], rounds: int = ROUNDS) -> dict[str, float]:
    """Median wall and CPU seconds of a call."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, used = time.perf_counter(), time.process_time()
        call()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - used)
    return {
        "wall_s": round(statistics.median(walls), 4),
        "cpu_s": round(statistics.median(cpus), 4),
    }


def decode(files: tuple[str, ...], columns: str) -> Callable[[], object]:
    """Read columns of the stored files and do nothing else with them."""
    listed = ", ".join(f"'{path}'" for path in files)
    sums = ", ".join(f"MAX({name})" for name in columns.split(", "))

    def call() -> object:
        con = duckdb.connect(":memory:", config=CONFIG)
        return con.execute(f"SELECT {sums} FROM read_parquet([{listed}])").fetchall()

    return call


def over(ours: dict[str, float], base: dict[str, float]) -> float:
    """How many times the base our CPU time is."""
    return round(ours["cpu_s"] / base["cpu_s"], 2)


def measured(home: Path) -> dict[str, object]:
    """The figures of one home that has just been filled."""
    snap = snapshot(home)
    found: dict[str, object] = {}
    with DuckEngine(snap) as engine:
        for name, log, columns in (
            ("ratings", "ratings", "day, counter, grade"),
            ("closings", "cases", "day, closed_on, due_on, counter, department"),
        ):
            ours = cpu(lambda name=name: engine.run(measure_files()[name]))  # type: ignore[misc]
            base = cpu(decode(snap.files[log], columns))
            found[f"cube of {name}"] = ours | {"over_decode": over(ours, base)}
    refresh(home)
    month = parse_period("2019-08")
    found["values of all counters, a month"] = cpu(
        lambda: value(home, "active_good_rate", month, "counter", ALL)
    )
    found["ranking of all counters, a month"] = cpu(lambda: rank(home, month, ALL))
    return found | scheme_figures(home, cpu) | fairness_figures(cpu)


def one_new_day(home: Path, city: Path) -> dict[str, object]:
    """One day more, and the cube brought up to it."""
    rows = pl.read_parquet(city).head(20_000)
    moved = rows.with_columns(
        pl.col("ticket_id") + "-new",
        *(pl.col(c) + pl.duration(days=1) for c in ("taken_at", "called_at", "finished_at")),
    )
    path = home / "new-day.parquet"
    moved.write_parquet(path)
    took = cpu(lambda: ingest(home, Request(path, "tickets", "canonical")), 1)
    return {
        "ingest 20,000 tickets of a new day": took,
        "cube of the touched days": cpu(lambda: refresh(home), 1),
    }


def main(tickets: int) -> None:
    """Fill a home, measure, write the result."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        simulated = time.perf_counter()
        city = simulate(
            home / "simulated", date(2019, 1, 1), date(2019, 12, 31), tickets=tickets, seed=SEED
        )
        began = time.perf_counter()
        for file in city.files:
            ingest(home, Request(file.path, file.log, "canonical"))
        taken = time.perf_counter() - began
        rows = sum(batch.counts["read"] for batch in snapshot(home).batches)
        figures = {
            "simulate": {"wall_s": round(began - simulated, 2)},
            "ingest": {"wall_s": round(taken, 2), "rows": rows, "rows_per_s": round(rows / taken)},
            **measured(home),
            **one_new_day(home, [one.path for one in city.files if one.log == "tickets"][-1]),
        }
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False, cwd=ROOT
    ).stdout.strip()
    result = {
        "commit": commit,
        "seed": SEED,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("duckdb", "polars", "deltalake", "pyarrow")},
        "tickets": tickets,
        "figures": figures,
    }
    (ROOT / "results").mkdir(exist_ok=True)
    (ROOT / "results" / "latest.json").write_text(json.dumps(result, indent=1), "utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000)
