"""The commit point: once, durable, and refused where the home is not ours."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import CommitProperties, DeltaTable, Transaction

import data.store as store
from data import disk
from data.disk import open_home
from data.errors import HallscoreError
from data.store import commit, create_table, snapshot, table_path
from data.tables import RATINGS
from tests.builders import rating, send, ticket, town

Commit = Callable[[Path, str], None]


def ours(home: Path, app: str) -> None:
    commit(home, RATINGS, app, 1, [])


def mutant(home: Path, app: str) -> None:
    """Asks one handle and writes through another: what delta-rs does not protect."""
    root = table_path(home, "ratings")
    if DeltaTable(root).transaction_version(app) is not None:
        return
    between(home, app)
    fresh = DeltaTable(root)
    properties = CommitProperties(app_transactions=[Transaction(app, 1)])
    fresh.create_write_transaction(
        [], "append", RATINGS.arrow_table, ["month"], commit_properties=properties
    )


def between(home: Path, app: str) -> None:
    """Another writer commits the same batch just now."""
    handle = DeltaTable(table_path(home, "ratings"))
    properties = CommitProperties(app_transactions=[Transaction(app, 1)])
    handle.create_write_transaction(
        [], "append", RATINGS.arrow_table, ["month"], commit_properties=properties
    )


def commits_of_a_race(home: Path, write: Commit, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many commits of one batch there are when another writer slips in before the write."""
    create_table(home, RATINGS)
    before = DeltaTable(table_path(home, "ratings")).version()
    slipped = []

    def slow_open(where: Path, table: object) -> DeltaTable:
        handle = create_table(where, RATINGS)
        if not slipped:
            slipped.append(True)
            between(where, "batch")
        return handle

    monkeypatch.setattr(store, "create_table", slow_open)
    write(home, "batch")
    return DeltaTable(table_path(home, "ratings")).version() - before


def test_a_batch_is_committed_once_though_two_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second net under the lease: the stale handle is refused and asks again."""
    assert commits_of_a_race(tmp_path, ours, monkeypatch) == 1


def test_the_race_catches_a_fresh_handle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant commits twice, so the check above can fail."""
    assert commits_of_a_race(tmp_path, mutant, monkeypatch) == 2


def test_everything_is_flushed_before_a_batch_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Data, quarantine, ids, report, log entry, and the folders that name them; counted."""
    home = town(tmp_path / "home")
    send(home, "tickets", [ticket(1)])
    flushed: list[str] = []
    plain = os.fsync

    def counted(handle: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{handle}").readlink().relative_to(home)))
        plain(handle)

    monkeypatch.setattr(os, "fsync", counted)
    batch = send(home, "ratings", [rating(1), rating(2, rated_at="2019-09-02 09:00:00")])
    number = f"{batch.no:06d}"
    names = [f"ids/{log}/run-{number}-{number}" for log in ("ratings", "ratings_pairs")]
    parts = ("high", "low", "content", "batch", "month")
    wanted = {f"{run}/{part}.npy" for run in names for part in parts} | set(names)
    wanted |= {f"batches/{number}/{name}" for name in ("report.json", "quarantine.parquet")}
    wanted |= {f"batches/{number}", "batches", "log/ratings/_delta_log"}
    wanted |= {f"log/ratings/month=20190{m}" for m in (8, 9)}
    wanted |= {f"log/ratings/_delta_log/{v:020d}.json" for v in (0, 1)}
    assert wanted <= set(flushed), wanted - set(flushed)
    written = {str(p.relative_to(home)) for p in (home / "log/ratings").glob("month=*/*.parquet")}
    assert len(written) == 2
    assert written <= set(flushed)
    assert len(flushed) >= len(wanted) + 2


def test_a_batch_that_is_not_committed_is_not_there(tmp_path: Path) -> None:
    """A folder with a report alone means nothing."""
    home = town(tmp_path / "home")
    batch = send(home, "ratings", [rating(1)])
    ghost = home / "batches" / "000099"
    ghost.mkdir()
    report = home / "batches" / f"{batch.no:06d}" / "report.json"
    text = report.read_text("utf-8")
    (ghost / "report.json").write_text(text.replace(batch.app, "another:0"), "utf-8")
    assert max(one.no for one in snapshot(home).batches) == batch.no


def test_another_format_is_refused(tmp_path: Path) -> None:
    """A store of a later version is not guessed at."""
    home = town(tmp_path / "home")
    (home / "format").write_text("7\n")
    with pytest.raises(HallscoreError, match="format '7'"):
        send(home, "ratings", [rating(1)])
    with pytest.raises(HallscoreError, match="format '7'"):
        snapshot(home)


def test_a_strange_folder_is_not_taken_for_a_home(tmp_path: Path) -> None:
    """Nothing is written into somebody's documents."""
    (tmp_path / "a" / "letters").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "letter.txt").write_text("Dear")
    (tmp_path / "c").mkdir()
    for name in ("access.toml", "workdays.csv", ".format.77"):  # a home before its first file
        (tmp_path / "c" / name).touch()
    for home in (tmp_path / "a", tmp_path / "b"):
        with pytest.raises(HallscoreError, match="not a Hallscore home"):
            open_home(home)
        assert not (home / "format").exists()
    open_home(tmp_path / "c")
    assert (tmp_path / "c" / "format").read_text() == "1\n"


def test_a_hundred_commits_forget_no_batch(tmp_path: Path) -> None:
    """Delta sums its log up in checkpoints; the transactions stay in them."""
    create_table(tmp_path, RATINGS)
    for number in range(1, 106):
        commit(tmp_path, RATINGS, f"app{number}", number, [])
    handle = DeltaTable(table_path(tmp_path, "ratings"))
    assert [handle.transaction_version(f"app{n}") for n in (1, 50, 105)] == [1, 50, 105]
    assert list((table_path(tmp_path, "ratings") / "_delta_log").glob("*.checkpoint.parquet"))


def test_the_lease_is_exclusive(tmp_path: Path) -> None:
    """Who does not wait is told."""
    with disk.lease(tmp_path), pytest.raises(BlockingIOError), disk.lease(tmp_path, wait=False):
        pass
