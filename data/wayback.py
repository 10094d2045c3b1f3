"""The way back from a wrong file: withdraw a batch, or put a corrected file in its place."""

from dataclasses import replace
from pathlib import Path

from data import batches as registry
from data.batches import Batch
from data.disk import lease, open_home
from data.errors import HallscoreError
from data.ingest import ingest, quiet
from data.intake import OnProgress, Request
from data.store import snapshot


def withdraw(home: Path, no: int, reason: str) -> list[Batch]:
    """Take the file of a committed batch out of every view and free its ids; nothing is erased.

    Returns the batches that left: that one, and what the same file brought when it came again.
    """
    if not reason.strip():
        raise HallscoreError("--reason is empty. Say why the batch leaves; it is kept for good.")
    open_home(home)
    with lease(home):
        found = snapshot(home).batches
        batch = registry.find(found, no)
        if batch.withdrawn is not None:
            raise HallscoreError(f"batch {no} was withdrawn before ({batch.withdrawn}).")
        gone = [one for one in registry.same_file(found, no) if one.withdrawn is None]
        also = [one.no for one in gone if one.no != no]
        registry.record_withdrawal(home, no, also, reason)
    return [replace(one, withdrawn=reason) for one in gone]


def left_open(home: Path, gone: list[Batch]) -> list[str]:
    """What a withdrawal leaves for a person to do, in sentences; empty when nothing is."""
    live, numbers = snapshot(home).live, {batch.no for batch in gone}
    lean = [one for one in live if any(one.leans_on(other) for other in gone)]
    told = [
        f"batch {one.no} ({one.file}) came later; known rows in it: {one.counts['known']:,}. "
        "Those that stood in the withdrawn file alone come back when it is ingested again."
        for one in lean
    ]
    tried = [one for one in live if any(no in numbers for no, _ in one.replayed)]
    told += [
        f"batch {one.no} ({one.file}) holds rows that were replayed from the quarantine of the "
        f"withdrawn file; withdraw it too if they are wrong."
        for one in tried
    ]
    told += [
        f"batch {one.no} decided on names. Rows that were taken in by it stay where they are: "
        "withdraw the batches that brought them, and their names wait again."
        for one in gone
        if one.log == "aliases" and one.counts["accepted"]
    ]
    return told


def replace_batch(
    home: Path,
    no: int,
    path: Path,
    profile: str | None = None,
    admit_units: bool = False,
    new_units: int | None = None,
    progress: OnProgress = quiet,
    more: tuple[Path, ...] = (),
) -> Batch:
    """Ingest `path` (and `more`) as the corrected form of a batch, which leaves in the commit."""
    old = registry.find(snapshot(home).batches, no)
    if old.withdrawn is not None:
        raise HallscoreError(
            f"batch {no} was withdrawn before ({old.withdrawn}); ingest the file as a new one."
        )
    request = Request(
        path,
        old.log,
        profile or old.profile,
        admit_units=admit_units,
        new_units=new_units,
        replaces=no,
        more=more,
        source=old.source,
    )
    return ingest(home, request, progress)
