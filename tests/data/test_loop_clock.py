"""Deadlines of the rating loop by hand, and the states that its times tell."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.contracts_loop import STAGES
from data.errors import HallscoreError
from data.loop_clock import add_deadlines
from data.loop_rules import load_loop
from data.tables_loop import SOURCE_OF_RECTIFICATION
from data.workdays import load_calendar

AT = datetime(2019, 9, 25, 16)  # a Wednesday before the holidays of October


def clocked(home: Path | None = None, **cells: Any) -> dict[str, Any]:
    """One row with its deadlines; what is not given is null."""
    row = dict.fromkeys(SOURCE_OF_RECTIFICATION) | {"opened_at": AT, "rating_id": "R"} | cells
    frame = pl.DataFrame([row], schema=SOURCE_OF_RECTIFICATION)
    rules = load_loop(home or Path("nowhere"))
    return add_deadlines(frame, rules, load_calendar()).row(0, named=True)


def at(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2019, month, day, hour)


DEADLINES = [
    ("dezhou", "simple", date(2019, 10, 8)),  # Thu, Fri, make-up Sunday 29, Mon, then the 8th
    ("dezhou", "complex", date(2019, 10, 8)),
    ("sichuan", "simple", date(2019, 10, 21)),  # a make-up Saturday on the 12th
    ("zhejiang", "simple", date(2019, 10, 10)),
    ("default", "complex", date(2019, 10, 10)),
    ("linwu", "simple", date(2019, 10, 2)),
    ("linwu", "complex", date(2019, 10, 10)),
    (None, None, date(2019, 10, 10)),
]


@pytest.mark.parametrize(("preset", "complexity", "due"), DEADLINES)
def test_a_deadline_is_that_of_the_place(
    preset: str | None, complexity: str | None, due: date
) -> None:
    row = clocked(preset=preset, complexity=complexity)
    assert (row["due_on"], row["replied_due_on"], row["calendar_known"]) == (due, due, True)


def test_zhejiang_wants_a_contact_on_the_next_day() -> None:
    row = clocked(preset="zhejiang")
    dues = {stage: row[f"{stage}_due_on"] for stage in STAGES}
    assert dues == {
        "signed": None,
        "verified": date(2019, 9, 26),
        "rectified": date(2019, 10, 10),
        "replied": date(2019, 10, 10),
        "called_back": None,
    }


def test_a_year_without_a_calendar_is_estimated_and_stops_nothing() -> None:
    """Monday to Friday is assumed; calendar days need no notice."""
    row = clocked(opened_at=datetime(2039, 9, 28, 9), preset="dezhou")  # a Wednesday
    assert (row["due_on"], row["calendar_known"]) == (date(2039, 10, 5), False)
    assert clocked(opened_at=datetime(2039, 9, 28, 9), preset="linwu")["calendar_known"]


STOPS = [
    ("linwu", "2019-09-26T09:00:00/2019-09-29T09:00:00", date(2019, 10, 5)),  # three days more
    ("dezhou", "2019-09-26T09:00:00/2019-09-29T09:00:00", date(2019, 10, 10)),  # Fri and Sun
    ("linwu", "2019-10-03T00:00:00/2019-10-09T00:00:00", date(2019, 10, 2)),  # began too late
    ("linwu", "2019-09-26T09:00:00/", None),  # stands still
]


@pytest.mark.parametrize(("preset", "stops", "due"), STOPS)
def test_a_stop_puts_the_deadline_off(preset: str, stops: str, due: date | None) -> None:
    """Days after the day on which the clock stopped, up to the day on which it went on."""
    row = clocked(preset=preset, clock_stops=stops)
    assert row["due_on"] == due
    assert (row["overdue_on"] is None) == (due is None)


TIMES: list[tuple[dict[str, Any], str, date | None]] = [
    ({}, "open", None),
    ({"source_state": "signed"}, "signed", None),
    ({"signed_at": at(9, 26)}, "signed", None),
    ({"signed_at": at(9, 26), "verified_at": at(9, 27)}, "verified", None),
    ({"rectified_at": at(9, 28)}, "rectified", None),
    ({"replied_at": at(9, 29)}, "replied", None),
    ({"rectified_at": at(9, 28), "replied_at": at(9, 29)}, "closed", date(2019, 9, 29)),
    ({"replied_at": at(9, 29), "source_state": "closed"}, "closed", date(2019, 9, 29)),
    ({"verified_at": at(9, 27), "verdict": "malicious"}, "closed", date(2019, 9, 27)),
    ({"verified_at": at(9, 27), "verdict": "upheld"}, "verified", None),
]


@pytest.mark.parametrize(("cells", "state", "closed_on"), TIMES)
def test_the_times_tell_the_state(
    cells: dict[str, Any], state: str, closed_on: date | None
) -> None:
    row = clocked(**cells)
    assert (row["state"], row["closed_on"]) == (state, closed_on)


def test_a_loop_counts_from_its_closing_or_its_due_day() -> None:
    """And was overdue from the day after its due day, if it was not closed by then."""
    done = {"rectified_at": at(9, 28), "replied_at": at(9, 29)}
    early, late = clocked(**done), clocked(rectified_at=at(10, 9), replied_at=at(10, 12))
    assert (early["settled_on"], early["overdue_on"]) == (date(2019, 9, 29), None)
    assert (late["settled_on"], late["overdue_on"]) == (date(2019, 10, 10), date(2019, 10, 11))
    assert clocked()["settled_on"] == date(2019, 10, 10)


OWN = """
preset = "ours"
[presets.ours]
title = { zh = "本县", en = "ours" }
source = "county notice"
ladder = [2, 4]
stages.replied = { unit = "workday", simple = 3, complex = 6 }
"""


def test_a_home_may_have_deadlines_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "loop.toml").write_text(OWN, "utf-8")
    assert clocked(tmp_path)["due_on"] == date(2019, 9, 29)
    assert clocked(tmp_path, complexity="complex")["due_on"] == date(2019, 10, 9)


WRONG = [
    ('preset = "ours"', 'preset = "our"', "Did you mean 'ours'"),
    ("presets.ours", "presets.dezhou", "shipped preset"),
    ("stages.replied", "stages.verified", "needs `rectified` or `replied`"),
    ("ladder = [2, 4]", "ladder = [4, 2]", "does not ascend"),
    ("simple = 3", "simple = -3", "greater than or equal to 0"),
    ("stages.replied", "stages.answered", "answered"),
    ("source =", "sauce =", "Did you mean 'source'"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[said for _, _, said in WRONG])
def test_a_wrong_file_is_one_message(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in OWN
    (tmp_path / "loop.toml").write_text(OWN.replace(old, new), "utf-8")
    with pytest.raises(HallscoreError, match=r"loop\.toml") as caught:
        load_loop(tmp_path)
    assert said in str(caught.value)
