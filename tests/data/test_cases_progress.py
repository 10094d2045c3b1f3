"""Cases progress: a later version fills and moves on; a contradiction must say it is later."""

import itertools
from datetime import date
from pathlib import Path

import pytest

from data.quarantine import waiting
from data.store import snapshot
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value
from tests.builders import case, cube_of, send, town

ALL = Scope("test", None)
AUGUST = [case(1), case(2), case(3, closed_at="2019-08-20 10:00:00")]
SEPTEMBER = [
    case(1, closed_at="2019-09-03 10:00:00"),  # late: due on the 2nd
    case(2, closed_at="2019-09-01 10:00:00"),
    case(3, closed_at="2019-08-20 10:00:00"),
]


def overdue_on(home: Path, day: date) -> int:
    frame = value(home, "open_overdue", parse_period("2019"), "city", ALL, day)
    return int(frame["n"][0])


def test_a_closing_in_the_next_file_is_progress(tmp_path: Path) -> None:
    """Days before the closing do not change as of their own date."""
    home = town(tmp_path / "home")
    send(home, "cases", AUGUST)
    days = [date(2019, 8, 31), date(2019, 9, 1)]
    before = [
        value(home, metric, parse_period("2019-08"), "counter", ALL, days[0]).rows()
        for metric in ("open_cases", "on_time_rate", "received_cases")
    ]
    batch = send(home, "cases", SEPTEMBER)
    assert (batch.counts["accepted"], batch.counts["known"], batch.quarantined) == (2, 1, {})
    after = [
        value(home, metric, parse_period("2019-08"), "counter", ALL, days[0]).rows()
        for metric in ("open_cases", "on_time_rate", "received_cases")
    ]
    assert before == after
    assert [overdue_on(home, date(2019, 9, day)) for day in (1, 2, 3)] == [0, 1, 0]


# As they happened and backwards; the other orders are looked at with the slow tests.
ORDERS = [
    order if order in ((0, 1, 2), (2, 1, 0)) else pytest.param(order, marks=pytest.mark.slow)
    for order in itertools.permutations(range(3))
]


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_of_files_decides_nothing(order: tuple[int, ...], tmp_path: Path) -> None:
    """Open, suspended, closed: delivered in any order, with the cube brought up in between."""
    one, two = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    stop = "2019-08-15T09:00:00/"
    files = [
        AUGUST,
        [case(1, clock_stops=stop, state="suspended")],
        [case(1, clock_stops=stop + "2019-08-20T09:00:00", closed_at="2019-09-03 10:00:00")],
    ]
    for rows in files:
        send(one, "cases", rows)
    for place in order:
        send(two, "cases", files[place])
        cube_of(two)
    assert cube_of(one) == cube_of(two)


def test_a_filled_field_changes_only_with_a_later_stamp(tmp_path: Path) -> None:
    """Without one the row is in quarantine and says which field changed from what."""
    home = town(tmp_path / "home")
    send(home, "cases", [case(1, item_id="A", updated_at="2019-08-02 00:00:00")])
    plain = send(home, "cases", [case(1, item_id="B")])
    assert plain.quarantined == {"conflicting_id": 1}
    assert "item_id B was A" in waiting(snapshot(home))["detail"][0]
    older = send(home, "cases", [case(1, item_id="Z", updated_at="2019-08-01 00:00:00")])
    assert older.counts["accepted"] == 1  # an older version that comes late
    later = send(home, "cases", [case(1, item_id="C", updated_at="2019-08-09 00:00:00")])
    assert later.counts["accepted"] == 1
    rows, _ = cube_of(home)
    assert len(rows["cases"]) == 1
    assert "C" in rows["cases"][0]


def test_a_back_office_delay_is_not_the_counters(tmp_path: Path) -> None:
    """Received at a comprehensive counter, closed late by its department."""
    home = town(tmp_path / "home")
    late = {"closed_at": "2019-08-30 10:00:00", "due_at": "2019-08-20 10:00:00"}
    in_time = {"closed_at": "2019-08-10 10:00:00"}
    send(home, "cases", [case(1, department_id="D2", **late), case(2, **in_time)])
    month = parse_period("2019-08")
    day = date(2019, 9, 30)

    def got(by: str) -> dict[str, tuple[int, int]]:
        frame = value(home, "on_time_rate", month, by, ALL, day)
        return {row["id"]: (row["n"], row["d"]) for row in frame.to_dicts()}

    assert got("counter")["C1"] == (1, 1)
    assert got("department") == {"D1": (1, 1), "D2": (0, 1)}
    assert got("hall")["H1"] == (1, 2)


def test_a_closing_before_the_acceptance_is_refused(tmp_path: Path) -> None:
    """Times are compared, not days."""
    home = town(tmp_path / "home")
    rows = [case(1, closed_at="2019-08-02 08:59:59"), case(2, closed_at="2019-08-03 09:00:00")]
    assert send(home, "cases", rows).quarantined == {"closed_before_accepted": 1}


def test_an_override_of_the_calendar_restates_what_it_touches(tmp_path: Path) -> None:
    """A day off that was announced later moves the due day of cases stored before."""
    home = town(tmp_path / "home")
    limit = {"due_at": "", "promised_limit": "2", "promised_unit": "workday"}
    send(home, "cases", [case(4, closed_at="2019-08-08 10:00:00", **limit)])  # Monday 5 August

    def got() -> tuple[int, int]:
        frame = value(home, "on_time_rate", parse_period("2019-08"), "city", ALL, date(2019, 9, 30))
        return frame["n"][0], frame["d"][0]

    assert got() == (0, 1)
    (home / "workdays.csv").write_text("date,kind,note,source\n2019-08-06,off,flood,local\n")
    assert got() == (1, 1)
