"""What is expected of a source and when it is due, by the calendar with 调休."""

from datetime import date
from pathlib import Path

import pytest

from data.errors import HallscoreError
from data.schedules import Schedule, workdays
from data.sources import load_sources
from data.workdays import load_calendar

MONTHLY = {"every": "month", "due": "5 working days", "first": "2019-07-15"}
SOURCE = '[sources.queue]\nlog = "tickets"\nprofile = "canonical"\n'


def schedule(**changes: str) -> Schedule:
    return Schedule.model_validate(MONTHLY | changes)


@pytest.mark.parametrize(
    ("due", "every", "span", "expected"),
    [
        ("5 working days", "month", (date(2019, 8, 1), date(2019, 9, 1)), date(2019, 9, 6)),
        # National Day 2019: off from 1 to 7 October, work on Saturday the 12th.
        ("5 working days", "month", (date(2019, 9, 1), date(2019, 10, 1)), date(2019, 10, 12)),
        ("0 working days", "day", (date(2019, 8, 5), date(2019, 8, 6)), date(2019, 8, 5)),
        ("1 working day", "day", (date(2019, 8, 9), date(2019, 8, 10)), date(2019, 8, 12)),
        ("10 calendar days", "quarter", (date(2019, 7, 1), date(2019, 10, 1)), date(2019, 10, 10)),
    ],
)
def test_the_due_day_counts_from_the_last_day(
    due: str, every: str, span: tuple[date, date], expected: date
) -> None:
    assert schedule(due=due, every=every).due_on(span, load_calendar()) == expected


def test_expected_spans_touch_the_days_and_begin_with_the_first(tmp_path: Path) -> None:
    """The span that holds `first` is expected, those before are not."""
    found = schedule().spans(date(2019, 6, 20), date(2019, 8, 2))
    assert found == [
        (date(2019, 7, 1), date(2019, 8, 1)),
        (date(2019, 8, 1), date(2019, 9, 1)),
    ]
    weeks = schedule(every="week").spans(date(2019, 8, 1), date(2019, 8, 5))
    assert [start for start, _ in weeks] == [date(2019, 7, 29), date(2019, 8, 5)]
    assert schedule().spans(date(2019, 5, 1), date(2019, 6, 30)) == []


def test_make_up_days_are_working_days() -> None:
    """Sunday 29 September 2019 was one; the first week of October had none until the 8th."""
    days = workdays((date(2019, 9, 28), date(2019, 10, 9)), load_calendar())
    assert sorted(days) == [date(2019, 9, 29), date(2019, 9, 30), date(2019, 10, 8)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('every = "month"\ndue = "soon"\nfirst = 2019-07-01', "due.*5 working days.*'soon'"),
        ('every = "fortnight"\ndue = "5 working days"\nfirst = 2019-07-01', "every.*'fortnight'"),
        ('every = "month"\ndue = "5 working days"', "schedule.first' is missing"),
        ('evry = "month"', "unknown key .*evry.*'every'"),
        (
            'every = "month"\ndue = "5 working days"\nfirst = 2019-07-01\neach = "city"',
            "each.*'city'",
        ),
    ],
)
def test_a_wrong_schedule_is_named(tmp_path: Path, text: str, said: str) -> None:
    """File, key, what was seen, what is expected."""
    (tmp_path / "sources.toml").write_text(SOURCE + "[sources.queue.schedule]\n" + text, "utf-8")
    with pytest.raises(HallscoreError, match=said):
        load_sources(tmp_path)


def test_a_reference_table_has_no_schedule(tmp_path: Path) -> None:
    """A list of halls reports on no day, so that it would be missing for ever."""
    rules = 'schedule = { every = "month", due = "5 working days", first = 2019-07-01 }\n'
    (tmp_path / "sources.toml").write_text(SOURCE.replace("tickets", "halls") + rules, "utf-8")
    with pytest.raises(HallscoreError, match=r"logs of events.*'halls'"):
        load_sources(tmp_path)
