"""What is reported as done survives a power cut: each file, and each folder that names it."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

import data.ingest
import data.store
from data import steps
from data.disk import sync_file
from data.ids import MOST_RUNS
from data.wayback import withdraw
from tests.builders import case, rating, send, ticket, town

SENT = [rating(1), rating(2, rated_at="2019-09-02 09:00:00"), rating(3, counter_id="C9")]
DERIVED = ("spool", "settled", "cube", "lock")


class Flushes:
    """The paths that were flushed, in order, with the steps of the ingest between them."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        self.seen: list[str] = []
        fsync, reached = os.fsync, steps.reached

        def flushed(handle: int) -> None:
            path = Path(f"/proc/self/fd/{handle}").readlink()
            self.seen.append(path.relative_to(home).as_posix() if home in path.parents else ".")
            fsync(handle)

        def step(name: str) -> None:
            self.seen.append(f"step {name}")
            reached(name)

        monkeypatch.setattr(os, "fsync", flushed)
        monkeypatch.setattr(steps, "reached", step)

    def until(self, name: str) -> set[str]:
        return set(self.seen[: self.seen.index(f"step {name}")])

    def since(self, name: str) -> set[str]:
        return set(self.seen[self.seen.index(f"step {name}") :])


def tree(home: Path) -> set[str]:
    """Every file and folder that a batch may have made."""
    paths = {path.relative_to(home).as_posix() for path in home.rglob("*")}
    return {path for path in paths if path.split("/")[0] not in DERIVED} | {"."}


def unflushed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What one ingest made and did not flush in time: staged files before the commit, its log
    entry before the end. Folders are named by their parents up to the home.
    """
    home = town(folder / "home")
    send(home, "tickets", [ticket(1)])
    before = tree(home)
    flushes = Flushes(home, monkeypatch)
    send(home, "ratings", SENT)
    made = tree(home) - before
    table = {path for path in made if "_delta_log/" in path and not path.endswith("0.json")}
    staged = made - table
    named = {Path(path).parent.as_posix() for path in staged}
    late = (staged | named) - flushes.until("committed")
    return late | ((table | {"log/ratings/_delta_log"}) - flushes.since("committed"))


def nothing(*_arguments: object) -> None:
    """A flush that was forgotten."""


def files_only(paths: Iterable[Path], _top: Path) -> None:
    """The files without the folders that name them."""
    for path in paths:
        sync_file(path)


def test_a_batch_is_on_stable_storage_before_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, quarantine, report, ids before the commit; the log entry after it."""
    assert unflushed(tmp_path, monkeypatch) == set()


@pytest.mark.parametrize(
    ("module", "name", "mutant"),
    [
        (data.ingest, "sync_tree", nothing),
        (data.ingest, "sync_tree", files_only),
        (data.ingest, "sync_commit", nothing),
        (data.store, "_sync_log", nothing),
    ],
)
def test_the_count_of_flushes_catches_each_one_that_is_missing(
    module: object,
    name: str,
    mutant: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The check above can fail."""
    monkeypatch.setattr(module, name, mutant)
    assert unflushed(tmp_path, monkeypatch)


def test_merged_ids_are_flushed_before_the_old_runs_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new run and the folder that names it."""
    home = town(tmp_path / "home")
    for n in range(MOST_RUNS):
        send(home, "cases", [case(n)])
    flushes = Flushes(home, monkeypatch)
    send(home, "cases", [case(20)])
    flushed = flushes.seen[flushes.seen.index("step commit_synced") :]
    assert [path for path in flushed if path.endswith("/high.npy")]
    assert flushed[-2:] == ["ids/cases", "step indexed"]


def test_a_withdrawal_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its folder, which may be new."""
    home = town(tmp_path / "home")
    batch = send(home, "cases", [case(1)])
    flushes = Flushes(home, monkeypatch)
    withdraw(home, batch.no, "wrong")
    assert {"withdrawals", "."} <= set(flushes.seen)
