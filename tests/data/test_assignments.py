"""Assignments: kept as they were written, masked, closed once."""

from datetime import date, datetime

import pytest

from data.assignments import Assignment, Said, answer, assign, assignments, close
from data.errors import HallscoreError

AT = datetime(2019, 9, 2, 8, 30)
PHONE = "138" + "00138000"


def wanted(**other) -> Assignment:
    given = {
        "no": 0,
        "unit": "C1",
        "metric": "on_time_rate",
        "period": "2019-08",
        "figure": "94.00% (94 / 100)",
        "task": "查明超期原因",
        "due": date(2019, 9, 9),
        "by": "王",
        "recorded_at": AT,
    }
    return Assignment(**given | other)


def test_what_is_assigned_answered_and_closed_is_read_back(tmp_path):
    home = tmp_path / "home"
    first, second = assign(home, wanted()), assign(home, wanted(unit="", task="另一件"))
    assert (first.no, second.no) == (1, 2)
    answer(home, 1, Said("李", "已查", AT))
    answer(home, 1, Said("李", "已改", AT))
    done = close(home, 1, Said("王", "属实", AT))
    assert [one.text for one in done.answers] == ["已查", "已改"]
    assert done.done is not None
    assert done.done.text == "属实"
    assert assignments(home) == (done, second)
    assert second.figure == "94.00% (94 / 100)"


def test_a_done_one_takes_nothing_more_and_an_unknown_one_is_named(tmp_path):
    home = tmp_path / "home"
    assign(home, wanted())
    close(home, 1, Said("王", "办结", AT))
    for write in (answer, close):
        with pytest.raises(HallscoreError, match="done already"):
            write(home, 1, Said("李", "又", AT))
        with pytest.raises(HallscoreError, match="there are 1"):
            write(home, 7, Said("李", "又", AT))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"by": " "}, "--by is empty"),
        ({"task": ""}, "--task is empty"),
        ({"due": date(2019, 9, 1)}, "before the day of the assignment"),
        ({"due": date(2090, 9, 1)}, "calendar of working days ends on 2040-12-31"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(tmp_path, change, message):
    home = tmp_path / "home"
    with pytest.raises(HallscoreError, match=message):
        assign(home, wanted(**change))
    assert assignments(home) == ()


def test_personal_numbers_are_masked_before_they_are_kept(tmp_path):
    home = tmp_path / "home"
    assign(home, wanted(task=f"请联系 {PHONE}"))
    answer(home, 1, Said("李", f"电话 {PHONE} 已打", AT))
    written = "".join(one.read_text("utf-8") for one in (home / "assignments").iterdir())
    assert PHONE not in written
    assert "请联系" in written
