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


def withdraw(home: Path, no: int, reason: str) -> Batch:
    """Take a committed batch out of every view and free its ids; its rows stay on disk."""
    if not reason.strip():
        raise HallscoreError("--reason is empty. Say why the batch leaves; it is kept for good.")
    open_home(home)
    with lease(home):
        batch = registry.find(snapshot(home).batches, no)
        if batch.withdrawn is not None:
            raise HallscoreError(f"batch {no} was withdrawn before ({batch.withdrawn}).")
        registry.record_withdrawal(home, no, reason)
    return replace(batch, withdrawn=reason)


def replace_batch(
    home: Path,
    no: int,
    path: Path,
    profile: str | None = None,
    admit_units: bool = False,
    new_units: int | None = None,
    progress: OnProgress = quiet,
) -> Batch:
    """Ingest `path` as the corrected form of a batch; the old one leaves in the same commit."""
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
    )
    return ingest(home, request, progress)
