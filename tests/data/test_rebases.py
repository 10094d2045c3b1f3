"""Rebases: an event is recorded with its author, stays on record, and is refused without reason."""

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from data.errors import HallscoreError
from data.rebases import (
    Rebase,
    rebases,
    rebases_digest,
    rebases_folder,
    record_rebase,
    standing_rebases,
    withdraw_rebase,
)

MERGED = Rebase(
    0, "wait_mean", "H1", date(2019, 8, 1), "two halls merged", "Li", datetime(2019, 8, 2, 9)
)


def test_an_event_is_kept_with_its_author_under_the_next_number(tmp_path: Path) -> None:
    first = record_rebase(tmp_path, MERGED)
    second = record_rebase(tmp_path, replace(MERGED, no=7, day=date(2019, 6, 1)))
    assert (first.no, second.no) == (1, 2)
    assert rebases(tmp_path) == (first, second)
    assert standing_rebases(tmp_path) == (second, first)  # by day
    (kept,) = [one for one in rebases(tmp_path) if one.no == 1]
    assert (kept.event, kept.by, kept.recorded_at) == (MERGED.event, "Li", MERGED.recorded_at)


def test_a_withdrawn_event_counts_no_more_and_stays_on_record(tmp_path: Path) -> None:
    """Nothing is erased: the file of the event is as it was."""
    kept = record_rebase(tmp_path, MERGED)
    path = rebases_folder(tmp_path) / "000001.json"
    before = path.read_bytes()
    gone = withdraw_rebase(tmp_path, kept.no, "another hall was meant")
    assert gone.withdrawn == "another hall was meant"
    assert rebases(tmp_path) == (gone,)
    assert standing_rebases(tmp_path) == ()
    assert path.read_bytes() == before
    again = record_rebase(tmp_path, MERGED)
    assert again.no == 2


def test_the_digest_names_what_stands(tmp_path: Path) -> None:
    """Equal stamps, equal charts: it changes with an event and comes back without it."""
    assert rebases_digest(tmp_path) == ""
    kept = record_rebase(tmp_path, MERGED)
    with_one = rebases_digest(tmp_path)
    assert with_one
    record_rebase(tmp_path, replace(MERGED, metric="all"))
    assert rebases_digest(tmp_path) not in ("", with_one)
    withdraw_rebase(tmp_path, 2, "twice")
    assert rebases_digest(tmp_path) == with_one
    withdraw_rebase(tmp_path, kept.no, "wrong")
    assert rebases_digest(tmp_path) == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"by": " "}, "--by is empty"), ({"event": ""}, "--event is empty"), ({}, "Withdraw it")],
)
def test_an_event_without_author_or_reason_or_twice_is_refused(
    tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    record_rebase(tmp_path, MERGED)
    with pytest.raises(HallscoreError, match=said):
        record_rebase(tmp_path, replace(MERGED, **changes))
    assert len(rebases(tmp_path)) == 1


def test_a_withdrawal_names_the_event_and_the_reason(tmp_path: Path) -> None:
    record_rebase(tmp_path, MERGED)
    for no, reason, said in ((1, " ", "--reason is empty"), (2, "x", "there are 1")):
        with pytest.raises(HallscoreError, match=said):
            withdraw_rebase(tmp_path, no, reason)
    withdraw_rebase(tmp_path, 1, "wrong day")
    with pytest.raises(HallscoreError, match="was withdrawn before \\(wrong day\\)"):
        withdraw_rebase(tmp_path, 1, "again")


def test_personal_numbers_are_masked_before_anything_is_stored(tmp_path: Path) -> None:
    number = "139" + "1" * 8
    record_rebase(tmp_path, replace(MERGED, event=f"case of {number}"))
    stored = json.loads((rebases_folder(tmp_path) / "000001.json").read_text("utf-8"))
    assert number not in stored["event"]
