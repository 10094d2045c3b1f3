"""A pull brings each row of a database once, whatever happens in between."""

import signal
from pathlib import Path
from typing import Any

import pytest

from data import steps
from data.quarantine import waiting
from data.store import snapshot
from tests.builders import case, counting_rows, cube_of, rating
from tests.servers.servers import READS
from tests.servers.source import Source

pytestmark = pytest.mark.servers


def rated(number: int, **changes: Any) -> dict[str, Any]:
    """A rating of the table: it was changed when it was rated."""
    row = rating(number, **changes)
    return {**row, "changed_at": row["rated_at"], **changes}


def progressed(number: int, at: str, **changes: Any) -> dict[str, Any]:
    """A case of the table, last changed at a time of August 2019."""
    row = {**case(number, **changes), "updated_at": f"2019-08-{at}"}
    return {name: value for name, value in row.items() if name != "item_id"}


def numbers(home: Path) -> list[int]:
    """The numbers of the batches."""
    return [batch.no for batch in snapshot(home).batches]


def test_the_first_pull_takes_all_and_the_second_what_is_new(source: Source) -> None:
    source.make()
    source.put([rated(n, rated_at=f"2019-08-{n:02d} 10:00:00") for n in range(1, 21)])
    first = source.pull()
    assert (first.read, first.since) == (20, None)
    assert str(first.reached).startswith("2019-08-20 10:00:00")
    source.put([rated(30, rated_at="2019-08-20 12:00:00")])
    second = source.pull()
    assert str(second.since).startswith("2019-08-17 10:00:00")
    assert second.batch is not None
    assert (second.batch.counts["accepted"], second.batch.counts["known"]) == (1, 4)
    assert second.batch.source == "queue"


def test_a_pull_without_news_makes_no_batch(source: Source) -> None:
    """The overlap is read again and known; the list of batches stays as it is."""
    source.make()
    assert source.pull().batch is None
    source.put([rated(n) for n in range(1, 9)])
    source.pull()
    before = numbers(source.home)
    for _ in range(3):
        again = source.pull()
        assert again.report()["accepted"] == 0
        assert again.report()["known"] == again.read > 0
    assert numbers(source.home) == before


def test_a_case_that_progresses_gets_its_later_versions(source: Source, tmp_path: Path) -> None:
    source.make("cases")
    source.put([progressed(n, f"{n:02d} 09:00:00") for n in range(1, 13)])
    source.pull()
    source.sql(
        "UPDATE cases SET closed_at = '2019-08-29 10:00:00', updated_at = '2019-08-29 10:00:01' "
        "WHERE case_id IN ('K1', 'K5', 'K12')"
    )
    source.pull()
    source.sql(
        "UPDATE cases SET counter_id = 'C2', updated_at = '2019-08-30 10:00:01' "
        "WHERE case_id IN ('K5', 'K6')"
    )
    source.pull()
    assert cube_of(source.home) == cube_of(source.once(tmp_path / "clean"))


def test_an_event_that_changed_is_a_conflict_once(source: Source) -> None:
    """It is counted and kept; the overlap does not bring it into quarantine night after night."""
    source.make()
    source.put([rated(n, rated_at="2019-08-20 10:00:00") for n in range(1, 6)])
    source.pull()
    source.sql("UPDATE ratings SET grade = 1 WHERE rating_id = 'R3'")
    changed = source.pull()
    assert changed.batch is not None
    assert changed.batch.quarantined == {"conflicting_id": 1}
    before = numbers(source.home)
    for number in (50, 51):
        assert source.pull().report()["quarantined"] == {}
        source.put([rated(number, rated_at="2019-08-20 11:00:00")])
    assert source.pull().report()["accepted"] == 1
    assert waiting(snapshot(source.home))["reason"].to_list() == ["conflicting_id"]
    assert len(numbers(source.home)) == len(before) + 2


def test_a_refused_row_waits_once_and_another_one_beside_it(source: Source) -> None:
    """Rows that wait already are known by their text, and only they are."""
    source.make()
    source.put([rated(1), rated(2, counter_id="C9"), rated(3)])
    assert source.pull().report()["quarantined"] == {"unknown_counter": 1}
    source.put([rated(4, counter_id="C9"), rated(5)])
    second = source.pull(full=True).report()
    assert (second["known"], second["accepted"]) == (3, 1)
    assert second["quarantined"] == {"unknown_counter": 1}
    assert source.pull(full=True).report()["known"] == 5
    assert waiting(snapshot(source.home)).height == 2


def test_a_late_transaction_is_caught_by_the_overlap(source: Source, tmp_path: Path) -> None:
    """It wrote its time before our pull and committed after it."""
    source.make()
    source.put([rated(n, rated_at=f"2019-08-{n:02d} 10:00:00") for n in range(1, 11)])
    late = source.server.admin(source.database)
    source.sql("BEGIN", connection=late)
    source.put([rated(77, rated_at="2019-08-09 10:00:00")], late)
    assert source.pull().read == 10
    source.sql("COMMIT", connection=late)
    late.close()
    second = source.pull()
    assert second.report()["accepted"] == 1
    assert cube_of(source.home) == cube_of(source.once(tmp_path / "clean"))


KILLS = ("pull_reading", "pull_spooled", "typed", "staged_synced", "committed", "pull_ingested")


@pytest.mark.parametrize("step", [*KILLS, "pull_marked"])
def test_a_killed_pull_loses_and_doubles_nothing(source: Source, tmp_path: Path, step: str) -> None:
    """kill -9 in the middle, changes at the source, and again: the table in one go."""
    assert step in steps.PULL_NAMES or step in steps.NAMES
    source.make("cases")
    source.write(batch_rows="5")
    source.put([progressed(n, f"{n:02d} 09:00:00") for n in range(1, 21)])
    source.pull()
    source.put([progressed(n, "20 12:00:00") for n in range(30, 45)])
    killed = source.child(step)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    source.put([progressed(n, "20 13:00:00") for n in range(50, 53)])
    source.sql(
        "UPDATE cases SET closed_at = '2019-08-29 10:00:00', updated_at = '2019-08-21 09:00:00' "
        "WHERE case_id IN ('K19', 'K31')"
    )
    source.pull()
    assert cube_of(source.home) == cube_of(source.once(tmp_path / "clean"))
    assert [one.name for one in (source.home / "pulled" / "queue").glob("*.parquet")] == []


def test_the_server_sees_only_reading(source: Source) -> None:
    """Its own log holds every statement of the user who pulls."""
    source.make()
    source.put([rated(n) for n in range(1, 21)])
    source.write(batch_rows="7")
    source.pull()
    source.pull(dry_run=True)
    source.write(overlap='"5 rows"')
    source.pull()
    said = source.server.statements(f"reader_{source.database}")
    assert len([one for one in said if "hallscore_mark" in one]) == 2
    assert [one for one in said if not READS.match(one)] == []
    assert [one for one in said if "BEGIN" in one or "START" in one]


def test_a_dry_run_changes_nothing(source: Source) -> None:
    source.make()
    source.put([rated(n) for n in range(1, 6)])
    before = counting_rows(source.home)
    seen = source.pull(dry_run=True)
    assert (seen.read, seen.batch, seen.reached) == (5, None, None)
    assert counting_rows(source.home) == before
    assert source.pull().read == 5
