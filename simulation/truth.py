"""The product's estimates against a truth that is known.

python -m simulation.truth     a quarter of an hour; writes simulation/results/known_truth.json and
                               docs/explanation/known-truth.md; with --page gates and page anew
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from simulation.truth_cities import (
    METRICS,
    Known,
    city,
    random_groups,
    series_of,
    spreads,
    whole_groups,
)
from simulation.truth_drawn import Setting, replicates
from simulation.truth_months import lending
from simulation.truth_page import page
from simulation.truth_results import figures, gates, lending_figures, raw_as_good
from simulation.truth_series import Ledger, Series, compared

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "simulation" / "results" / "known_truth.json"
PAGE = ROOT / "docs" / "explanation" / "known-truth.md"
SEED = 2019
CITIES, LENT_CITIES = 6, 2
ORIGINS, LENT_ORIGINS = (2, 4, 6), (2, 3, 4, 5, 6)  # months that are forecast from, 0 is January
GROUPS_OF = {20: 60, 130: 6}  # random groups a city; fewer of 20 leave errors as wide as the gain
TITLES = {
    "bad_rate": "bad ratings",
    "on_time_rate": "late cases",
    "wait_within_15_rate": "called after 15 minutes",
}
SETTINGS = (
    *(Setting(20, mu, 60) for mu in (0.998, 0.996, 0.97, 0.9)),
    *(Setting(20, mu, 500) for mu in (0.998, 0.97)),
    Setting(20, 0.996, None),
    *(Setting(130, mu, 60) for mu in (0.998, 0.996, 0.97, 0.9)),
    Setting(130, 0.996, None),
    *(Setting(130, mu, 60, drift=0.3) for mu in (0.996, 0.97)),
)
REPLICATES = {20: 500, 130: 120}
LENT_SETTINGS = tuple(
    Setting(130, mu, 60, drift=drift) for mu in (0.996, 0.97, 0.9) for drift in (0.0, 0.1, 0.3, 0.6)
)
LENT_REPLICATES = 16
Step = Callable[[str], None]


def drawn_row(setting: Setting, count: int, seed: int) -> dict[str, Any]:
    """The figures of `count` replicates of a setting: a month forecasts the next one."""
    whole = Ledger.empty()
    for group in replicates(setting, count, 2, seed):
        found = compared(group, [0], seed)
        whole.scores += found.scores
        whole.orders += found.orders
    return figures(f"drawn: {setting.name}", "drawn", setting.mu, whole)


def drawn_lending(setting: Setting, count: int, seed: int) -> dict[str, Any]:
    """What lending between months gains in `count` replicates of six months."""
    whole = Ledger.empty()
    for group in replicates(setting, count, 6, seed):
        found = lending(group, (2, 3, 4), seed)
        whole.scores += found.scores
        whole.orders += found.orders
    return lending_figures(f"drawn: {setting.name}", "drawn", setting.drift, whole)


def city_rows(cities: list[Known], seed: int, step: Step) -> Iterator[dict[str, Any]]:
    """A row per metric for whole peer groups, and for random groups of K = 20 and 130."""
    for name, title in TITLES.items():
        nodes = spreads(cities, name)
        mu = _good_share(cities, name)
        for kind in ("city", *(f"city K {size}" for size in GROUPS_OF)):
            step(f"{title}, {kind}")
            group = _groups(cities, name, kind, nodes)
            ledger = compared(group, ORIGINS, seed)
            label = "whole peer groups" if kind == "city" else kind.removeprefix("city ")
            yield figures(f"city: {title}, {label}", kind, mu, ledger)


def _groups(cities: list[Known], name: str, kind: str, nodes: dict[int, Any]) -> Iterable[Series]:
    for one in cities:
        if kind == "city":
            yield from series_of(one, name, whole_groups(one), nodes, by_unit=True)
        else:
            size = int(kind.rsplit(" ", 1)[1])
            ids = random_groups(one, name, size, GROUPS_OF[size])
            yield from series_of(one, name, ids, nodes, by_unit=False)


def _good_share(cities: list[Known], name: str) -> float:
    x = sum(int(one.months[name]["x"].sum()) for one in cities)
    return 1 - x / sum(int(one.months[name]["n"].sum()) for one in cities)


def city_lending(cities: list[Known], name: str, seed: int) -> dict[str, Any]:
    """What lending between months gains in the whole peer groups; α is chosen city by city."""
    whole, nodes = Ledger.empty(), spreads(cities, name)
    for one in cities:
        group = series_of(one, name, whole_groups(one), nodes, by_unit=True)
        found = lending(group, LENT_ORIGINS, seed)
        whole.scores += found.scores
        whole.orders += found.orders
    return lending_figures(f"city: {TITLES[name]}", "city", 0.0, whole)


def run(folder: Path, seed: int, step: Step) -> dict[str, Any]:
    """Everything, with cities below `folder`; deterministic but for the date and the minutes."""
    rows, lent, cities = [], [], []
    for setting in SETTINGS:
        step(f"drawn: {setting.name}")
        rows.append(drawn_row(setting, REPLICATES[setting.peers], seed))
    for setting in LENT_SETTINGS:
        step(f"months, drawn: {setting.name}")
        lent.append(drawn_lending(setting, LENT_REPLICATES, seed))
    for number in range(CITIES):
        step(f"city {number + 1}, the whole pipeline")
        home = folder / f"city-{number}"
        home.mkdir()
        cities.append(city(home, seed + number))
    rows = [*city_rows(cities, seed, step), *rows]
    for name in METRICS:
        step(f"months, city: {TITLES[name]}")
        lent.append(city_lending(cities[:LENT_CITIES], name, seed))
    for row in rows:
        row["raw_as_good"] = raw_as_good(row)
    return {
        "seeds": [seed + number for number in range(CITIES)],
        "settings": rows,
        "lending": lent,
        "gates": [gate for row in rows for gate in gates(row)],
    }


def steps() -> int:
    """How many steps `run` tells of."""
    of_cities = CITIES + len(METRICS) * (2 + len(GROUPS_OF))
    return len(SETTINGS) + len(LENT_SETTINGS) + of_cities


def _commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    return told.stdout.strip() or "unknown"


def main() -> int:
    """Write the figures and the page; 1 when a gate fails."""
    if "--page" in sys.argv:
        told = json.loads(RESULTS.read_text("utf-8"))
        told["gates"] = [gate for row in told["settings"] for gate in gates(row)]
        RESULTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
        PAGE.write_text(page(told), "utf-8")
        return 0
    began, commit = time.monotonic(), _commit()
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with tempfile.TemporaryDirectory() as folder, Progress(*columns) as bar:
        task = bar.add_task("", total=steps())

        def step(text: str) -> None:
            bar.update(task, advance=0 if bar.tasks[0].description == "" else 1, description=text)

        found = run(Path(folder), SEED, step)
        bar.update(task, completed=steps(), description="done")
    told = {
        "commit": commit,
        "date": datetime.now(UTC).date().isoformat(),
        "seed": SEED,
        "minutes": round((time.monotonic() - began) / 60, 1),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(told | found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(page(told | found), "utf-8")
    failed = [gate for gate in found["gates"] if gate["state"] == "fails"]
    for gate in failed:
        print(f"fails: {gate['setting']}: {gate['gate']}: {gate['found']} ± {gate['error']}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
