"""The inbox: finished files of each source are taken in, moved away and reported, each once.

<home>/inbox/SOURCE/ is where a source puts its files. A file that counts goes to archive/MONTH/, a
refused one to refused/ with a text beside it that says why. Whatever moment a run is killed at, the
next one goes on: the store knows a file that it has, so that it is only moved.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from data import steps
from data.batches import Batch
from data.disk import lease, now_in, open_home, sync_file
from data.errors import HallscoreError, nearest
from data.inbox_rules import InboxRules
from data.ingest import file_digest, ingest, quiet
from data.intake import OnProgress, Request
from data.masking import mask_text
from data.profile import Profile, load_profile
from data.sources import Source, load_sources, profile_of, sources_path

WAIT_S = 5.0
ARCHIVE, REFUSED = "archive", "refused"
Look = tuple[int, int, int]  # size, time of the last change, inode


@dataclass(frozen=True)
class Arrival:
    """What became of one file: accepted, known, refused, failed (tried again), growing, ignored.

    `moved_to` is below <home>/inbox; a file that was left has none.
    """

    source: str
    file: str
    status: str
    at: str = ""
    report: dict[str, Any] | None = None
    error: str = ""
    moved_to: str = ""

    @property
    def troubled(self) -> bool:
        """Whether a person has to look at it."""
        return self.status in ("refused", "failed")

    def line(self) -> dict[str, Any]:
        """JSON-ready, without what there is not."""
        return {key: value for key, value in self.__dict__.items() if value not in ("", None)}


@dataclass(frozen=True)
class Box:
    """The inbox of one source."""

    home: Path
    name: str
    source: Source
    rules: InboxRules

    @property
    def folder(self) -> Path:
        """Where the source puts its files."""
        return self.home / "inbox" / self.name

    def files(self) -> list[Path]:
        """What lies there, hidden files and folders aside; a link could lead out of the inbox."""
        found = [one for one in self.folder.iterdir() if one.is_file() and not one.is_symlink()]
        return sorted(one for one in found if not one.name.startswith((".", "~$")))


def empty_inboxes(
    home: Path,
    wait_s: float = WAIT_S,
    only: str | None = None,
    progress: OnProgress = quiet,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Arrival]:
    """Take in every finished file of every inbox (or of one source); what became of each.

    A file is finished when two looks, `wait_s` seconds apart, find the same size and time. One bad
    file, or one source with a wrong profile, does not stop the others.
    """
    boxes = _boxes(home, only)
    open_home(home)
    with _alone(home):
        for box in boxes:
            box.folder.mkdir(parents=True, exist_ok=True)
        before = {path: _look(path) for box in boxes for path in box.files()}
        if any(box.rules.takes(path.name) for box in boxes for path in box.files()):
            sleep(wait_s)
        return [one for box in boxes for one in _empty(box, before, progress)]


def _boxes(home: Path, only: str | None) -> list[Box]:
    found = {
        name: Box(home, name, source, source.inbox)
        for name, source in load_sources(home).items()
        if source.inbox is not None
    }
    if not found:
        raise HallscoreError(
            f"{sources_path(home)}: no source has an inbox. Add a table [sources.NAME.inbox] to "
            "the source whose files arrive in a folder; see docs/how-to/inbox.md."
        )
    if only is not None and only not in found:
        raise HallscoreError(
            f"--source {only!r}: no such source with an inbox; there are {', '.join(found)}."
            f"{nearest(only, found)}"
        )
    return [box for name, box in found.items() if only in (None, name)]


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Two runs would move each other's files; the second one leaves them to the first."""
    try:
        with lease(home / "inbox", wait=False):
            yield
    except BlockingIOError:
        raise HallscoreError(
            f"{home / 'inbox'}: another run of `hallscore inbox` is at work; nothing was touched."
        ) from None


def _look(path: Path) -> Look | None:
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return seen.st_size, seen.st_mtime_ns, seen.st_ino


def _empty(box: Box, before: dict[Path, Look | None], progress: OnProgress) -> Iterator[Arrival]:
    files = box.files()
    for path in files:
        if not box.rules.takes(path.name):
            yield Arrival(box.name, path.name, "ignored")
    wanted = [path for path in files if box.rules.takes(path.name)]
    if not wanted:
        return
    try:
        profile = load_profile(profile_of(box.home, box.source))
        profile.part(box.source.log)
    except HallscoreError as error:
        # The files are not to blame: they stay where they are until the profile is corrected.
        for path in wanted:
            yield Arrival(box.name, path.name, "failed", error=mask_text(str(error)))
        return
    for path in wanted:
        look = _look(path)
        if look is None or before.get(path) != look:
            yield Arrival(box.name, path.name, "growing")
        else:
            yield _take(box, profile, path, look, progress)


def _take(box: Box, profile: Profile, path: Path, look: Look, progress: OnProgress) -> Arrival:
    now = now_in(profile.zone)
    arrival = Arrival(box.name, path.name, "accepted", at=now.isoformat(" "))
    try:
        request = Request(
            path,
            box.source.log,
            profile.reference,
            admit_units=box.rules.admit_units,
            span=box.rules.span(path),
            source=box.name,
            received_at=now,
        )
        batch = ingest(box.home, request, progress)
    except HallscoreError as error:
        steps.reached("inbox_taken")
        told = replace(arrival, status="refused", error=mask_text(str(error)))
        return _away(box, path, look, box.folder / REFUSED, told)
    except Exception as error:
        # A full disk or a defect of ours is not the file's fault: it is tried again next time.
        # The text of a strange error might quote a row, so that only its kind is kept.
        return replace(arrival, status="failed", error=f"{type(error).__name__}; left for later")
    steps.reached("inbox_taken")
    known = batch.counts["read"] > 0 and batch.counts["known"] == batch.counts["read"]
    told = replace(arrival, status="known" if known else "accepted", report=batch.report())
    month = _month(batch, now.strftime("%Y-%m"))
    return _away(box, path, look, box.folder / ARCHIVE / month, told)


def _month(batch: Batch, now: str) -> str:
    """The month of the archive: the first that the file reports on, or that of its arrival."""
    if batch.covers:
        return min(start for start, _ in batch.covers).strftime("%Y-%m")
    return batch.received_at.strftime("%Y-%m") if batch.received_at else now


def _away(box: Box, path: Path, look: Look, folder: Path, told: Arrival) -> Arrival:
    """Note the file in the report, then move it; killed in between, the next run does it again."""
    if _look(path) != look:
        return replace(told, status="growing")  # the next run takes in what came since
    folder.mkdir(parents=True, exist_ok=True)
    target = _free(folder, path)
    told = replace(told, moved_to=target.relative_to(box.home / "inbox").as_posix())
    if told.error:
        reason = target.with_name(target.name + ".txt")
        reason.write_text(told.error + "\n", "utf-8")
        sync_file(reason)
    _note(box.home, told)
    steps.reached("inbox_noted")
    path.replace(target)
    for one in (folder, folder.parent, path.parent):
        sync_file(one)
    steps.reached("inbox_moved")
    return told


def _free(folder: Path, path: Path) -> Path:
    """A name that takes no other file's place: with a digest where the plain one is taken.

    The name with the digest can only be taken by a file with the very same bytes.
    """
    plain = folder / path.name
    # A refused `a.csv.txt` lies where the reason of `a.csv` would be written.
    if not plain.exists() and not (folder / f"{path.name}.txt.txt").exists():
        return plain
    stem, dot, suffix = path.name.partition(".")
    return folder / f"{stem}-{file_digest(path)[:16]}{dot}{suffix}"


def report_path(home: Path) -> Path:
    """The running report: one JSON line per file that was moved."""
    return home / "inbox" / "report.jsonl"


def _note(home: Path, told: Arrival) -> None:
    path = report_path(home)
    line = json.dumps(told.line(), ensure_ascii=False, default=str) + "\n"
    with path.open("a+b") as report:
        # A run that was killed while it wrote left half a line: ours begins on one of its own.
        size = report.seek(0, 2)
        if size:
            report.seek(size - 1)
            line = line if report.read(1) == b"\n" else "\n" + line
        report.write(line.encode())
    sync_file(path)
