"""Durable files: what is said to be written stays written, and one writer at a time."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from data.errors import HallscoreError

FORMAT = "1"


def sync_file(path: Path) -> None:
    """Flush one file, or one folder's list of names, to stable storage."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_all(paths: Iterable[Path]) -> None:
    """Flush files and then each folder that names them, every folder once."""
    files = list(paths)
    for path in files:
        sync_file(path)
    for folder in sorted({path.parent for path in files}):
        sync_file(folder)


def sync_tree(paths: Iterable[Path], top: Path) -> None:
    """Flush files and every folder above them up to `top`: a new folder has a name to keep too."""
    files = list(paths)
    for path in files:
        sync_file(path)
    folders = {one for path in files for one in path.parents if one == top or top in one.parents}
    for folder in sorted(folders, reverse=True):
        sync_file(folder)


def write_json(path: Path, content: Any) -> None:
    """Replace a JSON file in one step: readers see the old one or the new one, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str), "utf-8")
    sync_file(draft)
    draft.replace(path)
    sync_file(path.parent)


def check_format(home: Path) -> bool:
    """Whether there is a store; HallscoreError where its format is not one that we read."""
    mark = home / "format"
    if not mark.exists():
        return False
    seen = mark.read_text("utf-8").strip()
    if seen != FORMAT:
        raise HallscoreError(
            f"{mark}: store format {seen!r}; this version reads format {FORMAT!r}. "
            "Use the version that wrote it, or the upgrade steps in CHANGELOG.md."
        )
    return True


def open_home(home: Path) -> None:
    """Make a new home or check an old one; a format that this version does not know is refused."""
    if check_format(home):
        return
    known = {"workdays.csv", "simulated", "lock", "lost+found", "inbox", "pulled"}
    names = {entry.name for entry in home.iterdir()} if home.exists() else set()
    written_by_hand = (".toml",)  # access, sources, and the profiles beside them
    if strange := sorted(
        name
        for name in names - known
        if not name.startswith(".") and not name.endswith(written_by_hand)
    )[:5]:
        raise HallscoreError(
            f"{home}: holds {', '.join(strange)} but no `format` file, so it is not a "
            "Hallscore home. Name another folder with --home."
        )
    home.mkdir(parents=True, exist_ok=True)
    draft = home / f".format.{os.getpid()}"
    draft.write_text(FORMAT + "\n", "utf-8")
    sync_file(draft)
    draft.replace(home / "format")
    sync_file(home)


@contextmanager
def lease(
    home: Path, *, wait: bool = True, on_wait: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold the home's only writer lease (flock); with wait=False a held one raises.

    The kernel frees the lease when the process ends, however it ends. A frozen home has no writer.
    """
    if (home / "frozen.json").exists():
        raise HallscoreError(
            f"{home}: these are the frozen inputs of an edition; nothing is ever written to them. "
            "Name the live home with --home."
        )
    home.mkdir(parents=True, exist_ok=True)
    handle = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                raise
            if on_wait:
                on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def now_in(zone: ZoneInfo) -> datetime:
    """The clock of the machine as the clock on the wall of a site, to the second, naive."""
    return datetime.now(zone).replace(tzinfo=None, microsecond=0)


def remove_old(paths: Iterable[Path], keep: set[Path], age_s: float = 3600.0) -> None:
    """Delete files that nothing names any more, once no reader can still be in them."""
    now = time.time()
    for path in paths:
        with suppress(FileNotFoundError):  # another reader tidies up, too
            if path not in keep and now - path.stat().st_mtime > age_s:
                path.unlink()
