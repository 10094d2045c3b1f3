"""Bring the cube up to the store: only the touched days are recomputed, and readers never wait."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from data.disk import lease, open_home, remove_old, sync_all, write_json
from data.errors import HallscoreError
from data.loop_rules import load_loop, loop_path
from data.store import Snapshot, snapshot
from data.tables import TABLES
from data.workdays import load_calendar
from metrics.cube import (
    CubeState,
    Manifest,
    manifest_content,
    manifest_path,
    read_manifest,
)
from metrics.frozen_cube import held_state
from metrics.measure_files import MeasureFile, measure_files
from metrics.tally_cube import TALLIES

Progress = Callable[[str, float], None]


def refresh(home: Path, progress: Progress | None = None) -> CubeState:
    """The cube of the store as it is now; redoes the touched days, waits for the writer lease."""
    check_home(home)
    with lease(home):
        return _bring_up(home, progress or (lambda text, share: None))


def ensure(home: Path) -> CubeState:
    """A fresh cube, or the last complete one while another process writes.

    Of a frozen home the cube that was frozen, whatever this version would make of it.
    """
    held = held_state(home)
    if held is not None:
        return held
    check_home(home)
    try:
        return _at(home.absolute(), _mark(home))
    except BlockingIOError:
        manifest = read_manifest(home)
        if manifest.files and _complete(home, manifest):
            return CubeState(home.absolute(), manifest, snapshot(home))
        return refresh(home)


def check_home(home: Path) -> None:
    """Refuse a folder that is no store of this version."""
    if not (home / "format").exists():
        raise HallscoreError(
            f"{home}: no store here. Ingest a log first (`hallscore --home {home} ingest …`), "
            "or name the folder of another home."
        )
    open_home(home)


@lru_cache(maxsize=8)
def _at(home: Path, _marked: object) -> CubeState:
    snap = snapshot(home)
    manifest = read_manifest(home)
    if is_fresh(home, manifest, snap):
        return CubeState(home, manifest, snap)
    with lease(home, wait=False):
        return _bring_up(home, lambda text, share: None)


def _mark(home: Path) -> tuple[object, ...]:
    """What changes on disk with every commit, withdrawal, override and build; cheap to look at."""
    folders = [home / "log" / name / "_delta_log" for name in TABLES]
    folders += [home / "reference" / name / "_delta_log" for name in TABLES]
    folders += [home / "withdrawals", home / "workdays.csv", loop_path(home), manifest_path(home)]
    seen: list[object] = []
    for path in folders:
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        # Two commits may share one tick of the clock, not the number of entries.
        entries = sum(1 for _ in path.iterdir()) if path.is_dir() else status.st_size
        seen.append((path.name, path.parent.name, status.st_mtime_ns, status.st_ino, entries))
    return tuple(seen)


def _complete(home: Path, manifest: Manifest) -> bool:
    return all((home / "cube" / name).exists() for name in manifest.names)


def built_files() -> tuple[MeasureFile, ...]:
    """Everything that the cube holds: the measure files and the reported tallies."""
    return (*measure_files().values(), TALLIES)


def is_fresh(home: Path, manifest: Manifest, snap: Snapshot) -> bool:
    """Whether the cube shows exactly this snapshot, calendar and set of definitions."""
    return (
        manifest.stamp == snap.stamp
        and manifest.calendar == rules_digest(home)
        and manifest.definitions == {one.name: one.digest for one in built_files()}
        and _complete(home, manifest)
    )


def rules_digest(home: Path) -> str:
    """Names what the home itself rules: its working days, and its deadlines of the rating loop."""
    parts = (load_calendar(home).digest, load_loop(home).digest)
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def _bring_up(home: Path, progress: Progress) -> CubeState:
    snap = snapshot(home)
    old = read_manifest(home)
    if is_fresh(home, old, snap):
        return CubeState(home.absolute(), old, snap)
    if not _complete(home, old):
        old = Manifest()
    # DuckDB is loaded only where something is to be redone.
    from data.views import clock_digest
    from metrics.building import Builder, reference_stamp
    from metrics.engines import DuckEngine

    (home / "cube").mkdir(exist_ok=True)
    with DuckEngine(snap) as engine:
        files, redone, span = Builder(home, snap, old, engine).build(progress)
    new = Manifest(
        stamp=snap.stamp,
        clock=clock_digest(snap),
        calendar=rules_digest(home),
        versions=snap.versions,
        batches=tuple(batch.no for batch in snap.batches),
        withdrawn=tuple(sorted(snap.withdrawn)),
        definitions={one.name: one.digest for one in built_files()},
        references={one.name: reference_stamp(snap, one) for one in built_files()},
        span=span,
        files=files,
    )
    _publish(home, old, new)
    return CubeState(home.absolute(), new, snap, redone)


def _publish(home: Path, old: Manifest, new: Manifest) -> None:
    """Flush the new files, name them in one step, and let readers of the old ones finish."""
    folder = home / "cube"
    sync_all(folder / name for name in sorted(new.names - old.names))
    write_json(manifest_path(home), manifest_content(new))
    for name in old.names - new.names:
        (folder / name).touch()
    remove_old(folder.glob("*.parquet"), keep={folder / name for name in new.names})
