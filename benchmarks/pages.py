"""Speed of the dashboard beside plain pages on the same pre-aggregate, in one run.

python -m benchmarks.pages [--home HOME] [--short] [--soak SECONDS]

Writes benchmarks/results/pages.json and docs/explanation/dashboard-speed.md.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.counting import Counting
from benchmarks.first_page import port_is_free
from benchmarks.painted import painted
from benchmarks.speed_page import speed_page
from benchmarks.wire import Reader, crowd, round_trips, spread
from data.versions import on_day
from metrics.comparison import months_between
from metrics.entities import assessed
from metrics.lineage import above
from metrics.periods import Period
from metrics.rollup import ensure
from metrics.scope import Scope, scope_for
from metrics.values import value

ROOT = Path(__file__).parent.parent
RESULT = ROOT / "benchmarks/results/pages.json"
PAGE = ROOT / "docs/explanation/dashboard-speed.md"
PAGES = (
    *("", "daily", "weekly", "ratings", "cases", "ranking", "annual", "profile"),
    *("explanation", "fairness", "funnel", "control", "quality"),
)
PLAIN = {"pandas": "pandas_page.py", "duckdb": "duckdb_page.py"}
SEED, VIEWERS, THINK_S = 2019, 20, 3.0
PORT = 8690
MONTHS, SPAN_END = 24, "2019-12-31"
WARM_ROUNDS = 5
CREEP_MB = 10.0  # what the last third of a soak may hold more than the middle third


@contextmanager
def served(command: list[str], port: int, env: dict[str, str]) -> Iterator[int]:
    """A server as a process; its pid. It is there once it is ready, or answers at all."""
    assert port_is_free(port), port
    given = os.environ | {"PYTHONPATH": str(ROOT)} | env
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=given, cwd=ROOT, **quiet) as server:  # type: ignore[call-overload]
        try:
            path = "ready" if "hallscore" in command else "_stcore/health"
            _wait(f"http://127.0.0.1:{port}/{path}")
            yield server.pid
        finally:
            server.terminate()


def _wait(address: str) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(address)


def ours(home: Path, port: int) -> list[str]:
    """The command of our server."""
    return [
        sys.executable,
        "-P",
        "-m",
        "hallscore",
        "--home",
        str(home),
        "serve",
        "--port",
        str(port),
    ]


def plain(page: str, port: int) -> list[str]:
    """The command of a plain page, as anybody starts it."""
    script = str(ROOT / "benchmarks/plain" / page)
    return [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}"]


def rss_mb(pid: int) -> float:
    """Resident memory of a process, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def bytes_per_change(port: int, page: str, times: int = 8) -> float:
    """kB on the wire that a change of the first filter brings, compressed as the server does."""
    proxy = Counting(port)
    with Reader(proxy.port, page) as reader:
        shown = reader.options[:6]
        for option in shown[:2]:
            reader.choose(option)
        before = proxy.count
        for place in range(times):
            reader.choose(shown[place % len(shown)])
        return round((proxy.count - before) / times / 1024, 1)


def memory_per_viewer(port: int, pid: int, viewers: int = 40) -> float:
    """MB that a viewer of the first page adds to the process."""
    readers = [Reader(port, "") for _ in range(viewers)]
    with Reader(port, "") as first:
        first.choose(first.options[0])
        before = rss_mb(pid)
        for one in readers:
            one.__enter__()
        added = rss_mb(pid) - before
        for one in readers:
            one.__exit__()
    return round(added / viewers, 2)


def soak(port: int, pid: int, seconds: float) -> dict[str, float]:
    """Memory while one viewer after another leafs through the pages, in MB.

    A few rounds come before: what they keep is kept once.
    """
    marks: list[float] = []
    for _ in range(WARM_ROUNDS):
        _round(port)
    until, runs = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        runs += _round(port)
        marks.append(rss_mb(pid))
    third = max(1, len(marks) // 3)
    middle, end = marks[third : 2 * third] or marks, marks[-third:]
    first, last = sum(middle) / len(middle), sum(end) / len(end)
    return {
        "runs": runs,
        "middle_mb": round(first, 1),
        "end_mb": round(last, 1),
        "grown_mb": round(last - first, 1),
    }


def _round(port: int) -> int:
    """Four pages, each by a new viewer who changes its filter four times; how often it ran."""
    runs = 0
    for page in ("", "ranking", "daily", "quality"):
        with Reader(port, page) as reader:
            for option in reader.options[:4]:
                reader.choose(option)
                runs += 1
    return runs


def pre_aggregate(home: Path, to: Path) -> Path:
    """counter × month with two rates and a score: what the plain pages read."""
    state, scope = ensure(home), scope_for(home, None)
    assert state.first_day is not None
    assert state.last_day is not None
    parts = [_month(home, one, scope) for one in months_between(state.first_day, state.last_day)]
    pl.concat(parts).write_parquet(to)
    return to


def _month(home: Path, period: Period, scope: Scope) -> pl.DataFrame:
    pairs = {"active_good_rate": ("good", "rated"), "wait_within_15_rate": ("short", "waited")}
    state = ensure(home)
    rows = assessed(state, "counter", period, scope)
    over = on_day(above(state, "county"), period.last).select("hall_id", county="above")
    rows = rows.join(over, on="hall_id", how="left")
    for key, (n, d) in pairs.items():
        told = value(home, key, period, "counter", scope)
        named = told.select(
            "id", pl.col("n").fill_null(0).alias(n), pl.col("d").fill_null(0).alias(d)
        )
        rows = rows.join(named, on="id", how="left")
    tickets = value(home, "tickets", period, "counter", scope).select("id", served="n")
    told = rows.join(tickets, on="id", how="left").with_columns(month=pl.lit(period.text))
    points = 60 * pl.col("good") / pl.col("rated") + 40 * pl.col("short") / pl.col("waited")
    return told.with_columns(score=points)


def measured(home: Path, *, short: bool, seconds: float) -> dict[str, Any]:
    """All figures of one run."""
    times = 6 if short else 16
    pages = ("", "ranking") if short else PAGES
    with served(ours(home, PORT), PORT, {}) as pid:
        found = _server(PORT, pages, times)
        found["memory_per_viewer_mb"] = memory_per_viewer(PORT, pid)
        many = ("", "ranking", "daily", "quality")
        found["twenty"] = spread(crowd(PORT, many, VIEWERS, 20 if short else 60, THINK_S, SEED))
        found["soak"] = soak(PORT, pid, seconds)
        found["rss_mb"] = round(rss_mb(pid), 1)
    cube = pre_aggregate(home, home / "plain.parquet")
    for place, (name, page) in enumerate(PLAIN.items(), start=1):
        port = PORT + place
        with served(plain(page, port), port, {"PLAIN_CUBE": str(cube)}) as pid:
            held = memory_per_viewer(port, pid, 6)
            told = _server(port, ("",), times) | {"memory_per_viewer_mb": held}
            told["twenty"] = spread(crowd(port, ("",), VIEWERS, 20 if short else 60, THINK_S, SEED))
            told["rss_mb"] = round(rss_mb(pid), 1)
            found[name] = told
    return found


def _server(port: int, pages: Sequence[str], times: int) -> dict[str, Any]:
    """Painted, round trip and bytes of each page of a server."""
    browsed = painted(port, pages, times, SEED)
    return {
        "pages": {
            name or "overview": {
                "painted": spread(browsed[name or "overview"]),
                "server": spread(round_trips(port, name, times * 2, SEED)),
                "kb": bytes_per_change(port, name),
            }
            for name in pages
        }
    }


def machine() -> dict[str, Any]:
    """Where and with what it was measured."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    names = ("streamlit", "altair", "polars", "duckdb", "pandas")
    return {
        "commit": commit.strip(),
        "date": datetime.now(UTC).date().isoformat(),
        "seed": SEED,
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in names},
    }


def main(arguments: list[str]) -> int:
    """The exit code: 1 where the soak creeps."""
    parser = argparse.ArgumentParser(prog="benchmarks.pages")
    parser.add_argument("--home", type=Path, default=ROOT / "var/bench24")
    parser.add_argument("--short", action="store_true", help="Two pages, for a first look.")
    parser.add_argument("--soak", type=float, default=120.0, help="Seconds of the soak.")
    parser.add_argument("--soak-only", action="store_true", help="Nothing but the soak.")
    parser.add_argument("--months", type=int, default=24, help="Of the simulated city.")
    given = parser.parse_args(arguments)
    if given.months < MONTHS:
        given.home = given.home.with_name(f"bench{given.months}")
    build(given.home, given.months)
    if given.soak_only:
        with served(ours(given.home, PORT), PORT, {}) as pid:
            told = soak(PORT, pid, given.soak)
        print(json.dumps(told))
        return int(told["grown_mb"] > CREEP_MB)
    about = machine()
    found = about | measured(given.home, short=given.short, seconds=given.soak)
    if not given.short:
        RESULT.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
        PAGE.write_text(speed_page(found), "utf-8")
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return int(found["soak"]["grown_mb"] > CREEP_MB)


def build(home: Path, months: int) -> None:
    """The simulated city of the last months of two years, made once."""
    first = months_between(date(2019, 12, 31), date(2019, 12, 31))[0]
    for _ in range(months - 1):
        first = first.previous()
    span = ["--from", first.start.isoformat(), "--to", SPAN_END]
    command = [sys.executable, "-P", "-m", "hallscore", "--home", str(home), "demo", *span]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
