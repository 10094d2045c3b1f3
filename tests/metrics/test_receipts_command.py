"""hallscore receipts: the list, statements that there was nothing, and the way back."""

import json
from datetime import date, datetime
from typing import Any

import pytest
from town import Town

from hallscore import main

SOURCES = """
[sources.queue]
log = "tickets"
profile = "canonical"
title = "排队系统"
owner = "数据局"
units = ["C1"]
schedule = { every = "month", due = "5 working days", first = 2019-08-01 }
"""
ACCESS = '[users.south]\nhalls = ["C2"]\n'


@pytest.fixture
def waiting(town: Town) -> Town:
    """July has come, August has not."""
    (town.home / "sources.toml").write_text(SOURCES, "utf-8")
    (town.home / "access.toml").write_text(ACCESS, "utf-8")
    july = (date(2019, 7, 1), date(2019, 8, 1))
    how: dict[str, Any] = {"source": "queue", "received_at": datetime(2019, 8, 2, 9)}
    town.deliver("tickets", town.queue("n-tax", [60], date(2019, 7, 4)), july, **how)
    return town


def asked(
    town: Town, capsys: pytest.CaptureFixture[str], *arguments: str, fails: bool = False
) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(town.home), "receipts", *arguments])
    assert bool(ended.value.code) == fails
    printed = capsys.readouterr()
    return printed.err if fails else printed.out


def test_the_list_names_who_has_not_reported(
    waiting: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """As of a day; without one it is today, when 2019 is long due."""
    august = ("--period", "2019-08", "--format", "json")
    (row,) = json.loads(asked(waiting, capsys, *august, "--as-of", "2019-09-06"))
    assert row == {
        "source": "queue",
        "title": "排队系统",
        "log": "tickets",
        "hall_id": "C1",
        "hall": "North county",
        "owner": "数据局",
        "first_day": "2019-08-01",
        "last_day": "2019-08-31",
        "due_on": "2019-09-06",
        "received_on": None,
        "batch": None,
        "state": "not due",
    }
    (row,) = json.loads(asked(waiting, capsys, *august))
    assert row["state"] == "missing"
    assert json.loads(asked(waiting, capsys, *august, "--only", "received")) == []
    assert json.loads(asked(waiting, capsys, *august, "--as", "south")) == []
    assert "数据局" in asked(waiting, capsys, "--period", "2019-08")


def test_a_nil_receipt_is_stated_and_taken_back(
    waiting: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both by command; the list follows."""
    nil = ("nil", "queue", "--period", "2019-08", "--by", "数据局", "--reason", "停业装修")
    stated = json.loads(asked(waiting, capsys, *nil, "--on", "2019-09-05", "--json"))
    assert (stated["no"], stated["recorded_at"]) == (1, "2019-09-05 00:00:00")
    listed = ("--period", "2019-08", "--json", "--as-of")
    states = {
        day: json.loads(asked(waiting, capsys, *listed, day))[0]["state"]
        for day in ("2019-09-04", "2019-09-05")
    }
    assert states == {"2019-09-04": "not due", "2019-09-05": "nil"}
    asked(waiting, capsys, "withdraw", "1", "--reason", "written for the wrong month")
    (row,) = json.loads(asked(waiting, capsys, *listed, "2019-09-09"))
    assert row["state"] == "missing"
    again = asked(waiting, capsys, "withdraw", "1", "--reason", "x", fails=True)
    assert "was withdrawn before" in again


def test_a_phone_number_in_a_reason_is_not_kept(
    waiting: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """What people type is masked as what systems send."""
    number = "1" + "3" * 10  # made up
    asked(
        waiting,
        capsys,
        "nil",
        "queue",
        "--period",
        "2019-08",
        "--by",
        f"a {number}",
        "--reason",
        f"call {number}",
    )
    (path,) = (waiting.home / "receipts").glob("*.json")
    assert number not in path.read_text("utf-8")


def test_what_is_missing_in_the_command_is_said(
    waiting: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, exit code 2."""
    assert "--period is missing" in asked(waiting, capsys, fails=True)
    said = asked(waiting, capsys, "--period", "2019-08", "--only", "mising", fails=True)
    assert "Did you mean 'missing'" in said
