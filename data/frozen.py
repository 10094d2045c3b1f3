"""Freezing what a computation rests on: reference rows, decisions, settings and batches of a home.

A frozen home opens like any other, but for the large logs: see data/questions.py.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from data.batches import folder as batch_folder
from data.disk import FORMAT, sync_file
from data.store import Snapshot, frozen_path, thawed
from data.tables import REFERENCES
from data.views import settled_loop

# What a home rules itself, as files or folders; who may see what is no part of a result.
SETTINGS = ("workdays.csv", "loop.toml", "sources.toml", "receipts", "rebases", "schemes")
# Decisions are few; their rows are copied as they are.
DECISIONS = ("exemptions", "voids", "vetoes", "bonuses")


def freeze(live: Snapshot, to: Path) -> Snapshot:
    """Copy everything but the large logs of a snapshot to a new folder; the snapshot of the copy.

    The copy puts questions of the large logs to `live` and keeps the answers, until `seal`.
    """
    to.mkdir(parents=True)
    (to / "format").write_text(FORMAT + "\n", "utf-8")
    for name in SETTINGS:
        _copy(live.home / name, to / name)
    files = {log: _copied_rows(live, log, to) for log in DECISIONS}
    content = {
        "versions": live.versions,
        "tables": _copied_tables(live, to),
        "files": {log: paths for log, paths in files.items() if paths},
    }
    _copy_batches(live, to)
    (to / "settled").mkdir()
    settled_loop(live)
    for path in sorted((live.home / "settled").glob("loop-*.parquet")):
        shutil.copyfile(path, to / "settled" / path.name)
    text = json.dumps(content, ensure_ascii=False, indent=1)
    frozen_path(to).write_text(text + "\n", "utf-8")
    return thawed(to, live)


def _copy(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to, ignore=shutil.ignore_patterns(".*"))
    elif source.exists():
        shutil.copyfile(source, to)


def _copied_rows(live: Snapshot, log: str, to: Path) -> list[str]:
    """The files of a small log, under their own names."""
    found = []
    for name in live.files[log]:
        place = Path(name.removeprefix("file://")).relative_to(live.home.absolute())
        (to / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(live.home / place, to / place)
        found.append(place.as_posix())
    return found


def _copied_tables(live: Snapshot, to: Path) -> dict[str, str]:
    """The reference rows that hold, one file a table."""
    (to / "reference").mkdir()
    found = {}
    for name in REFERENCES:
        place = f"reference/{name}.parquet"
        live.reference(name).write_parquet(to / place, compression="zstd")
        found[name] = place
    return found


def _copy_batches(live: Snapshot, to: Path) -> None:
    """Every batch and withdrawal; what is waiting in quarantine stays where it is."""
    for batch in live.batches:
        place = batch_folder(to, batch.no)
        place.mkdir(parents=True)
        content = json.loads((batch_folder(live.home, batch.no) / "report.json").read_text("utf-8"))
        content["examples"] = {}
        text = json.dumps(content, ensure_ascii=False)
        (place / "report.json").write_text(text, "utf-8")
    _copy(live.home / "withdrawals", to / "withdrawals")


def sync_folder(top: Path) -> Iterable[Path]:
    """Flush every file and folder below `top` to stable storage; the files."""
    files = sorted(path for path in top.rglob("*") if path.is_file())
    for path in files:
        sync_file(path)
    for folder in sorted((path for path in top.rglob("*") if path.is_dir()), reverse=True):
        sync_file(folder)
    sync_file(top)
    return files
