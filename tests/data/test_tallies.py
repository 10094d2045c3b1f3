"""Tallies (填报数): taken in once, corrected by a later stamp, never beside a log or each other."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.batches import Batch
from data.housekeeping import compact
from data.quarantine import replay, waiting
from data.store import snapshot
from data.tallies import overruled
from data.views import connect
from data.wayback import replace_batch, withdraw
from tests.builders import Row, case, rating, send, ticket, town, write


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return town(tmp_path / "home")


def tally(**changes: Any) -> Row:
    """A month's tally of a whole hall, unless told otherwise."""
    base = {"tally_id": "", "counter_id": "", "hall_id": "H2", "day": "", "month": "2019-08"}
    return base | {"measure": "tickets", "n": 40, "source": "站", "updated_at": ""} | changes


def standing(home: Path) -> list[tuple[Any, ...]]:
    con = connect(snapshot(home))
    columns = "counter, hall, since, day, measure, n"
    rows = con.sql(f"SELECT {columns} FROM tallies ORDER BY ALL").fetchall()
    con.close()
    return rows


def why(home: Path) -> list[tuple[str, str]]:
    return waiting(snapshot(home)).select("reason", "detail").rows()


def accepted(batch: Batch) -> int:
    return batch.counts["accepted"]


AUGUST = (date(2019, 8, 1), date(2019, 8, 31))


def test_a_month_spans_its_days_and_a_counter_s_tally_names_no_hall(home: Path) -> None:
    rows = [tally(), tally(counter_id="C1", hall_id="H1", day="2019-08-05", month="")]
    assert accepted(send(home, "tallies", rows)) == 2
    fifth = date(2019, 8, 5)
    assert standing(home) == [
        (1, None, fifth, fifth, "tickets", 40),
        (None, 2, *AUGUST, "tickets", 40),
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"n": -1}, "bad_value"),
        ({"n": ""}, "missing_key"),
        ({"n": "3.5"}, "not_a_number"),
        ({"measure": "ticket"}, "unknown_code"),
        ({"measure": "open_cases"}, "unknown_code"),
        ({"month": "2019-13"}, "bad_value"),
        ({"month": "", "day": ""}, "not_one_of_day_and_month"),
        ({"day": "2019-08-02"}, "not_one_of_day_and_month"),
        ({"hall_id": ""}, "no_counter_and_no_hall"),
        ({"hall_id": "H9"}, "unknown_hall"),
        ({"counter_id": "C9"}, "unknown_counter"),
    ],
)
def test_a_row_that_says_no_sum_waits_with_its_reason(
    home: Path, changes: Row, reason: str
) -> None:
    batch = send(home, "tallies", [tally(measure="served"), tally(**changes)])
    assert batch.quarantined == {reason: 1}
    assert accepted(batch) == 1


def test_a_row_outside_the_period_of_the_delivery_waits(home: Path) -> None:
    span = (date(2019, 8, 1), date(2019, 9, 1))
    batch = send(home, "tallies", [tally(), tally(month="2019-07")], span=span)
    assert batch.quarantined == {"out_of_period": 1}


def test_the_same_tally_is_taken_in_once(home: Path, tmp_path: Path) -> None:
    send(home, "tallies", [tally()])
    again = send(home, "tallies", [tally(), tally(), tally(measure="served")])
    assert (again.counts["known"], accepted(again)) == (2, 1)
    assert len(standing(home)) == 2


def test_a_later_stamp_corrects_whatever_comes_first(tmp_path: Path) -> None:
    """And so does a first stamp; both homes hold the later sum."""
    first = [tally(updated_at="2019-09-01 08:00:00")]
    later = [tally(n=44, updated_at="2019-09-03 08:00:00")]
    for name, files in (("a", (first, later)), ("b", (later, first))):
        home = town(tmp_path / name / "home")
        assert [accepted(send(home, "tallies", rows)) for rows in files] == [1, 1]
        assert [row[-1] for row in standing(home)] == [44]


@pytest.mark.parametrize("stamp", ["", "2019-09-01 08:00:00"])
def test_another_sum_without_a_later_stamp_is_a_conflict(home: Path, stamp: str) -> None:
    send(home, "tallies", [tally(updated_at=stamp)])
    batch = send(home, "tallies", [tally(n=41, updated_at=stamp)])
    assert batch.quarantined == {"conflicting_id": 1}
    assert "n was 40" in batch.examples["conflicting_id"]
    assert [row[-1] for row in standing(home)] == [40]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"source": "区"}, "of source '站' (2019-08) reports tickets of the same unit"),
        ({"tally_id": "X", "n": 40}, "of the same unit"),
        ({"day": "2019-08-05", "month": ""}, "(2019-08) reports tickets of the same unit"),
        ({"counter_id": "C2", "hall_id": ""}, "of the same hall"),
    ],
)
def test_a_unit_span_and_measure_has_one_tally(home: Path, changes: Row, told: str) -> None:
    """Another source, another id, a day of the month, a counter of the hall: each counts twice."""
    send(home, "tallies", [tally()])
    batch = send(home, "tallies", [tally(**changes), tally(**changes)])
    assert batch.quarantined == {"conflicting_id": 1}
    assert batch.counts["known"] == 1
    assert told in batch.examples["conflicting_id"]


def test_an_id_does_not_change_what_it_speaks_of(home: Path) -> None:
    send(home, "tallies", [tally(tally_id="T1")])
    rows = [
        tally(tally_id="T1", measure="served"),
        tally(tally_id="T1", month="2019-05", updated_at="2019-10-01 00:00:00"),
    ]
    assert send(home, "tallies", rows).quarantined == {"conflicting_id": 2}


def test_days_stand_beside_days_and_counters_beside_counters(home: Path) -> None:
    rows = [tally(month="", day=f"2019-08-{day:02d}", n=day) for day in range(1, 32)]
    rows += [tally(counter_id="C1", hall_id=""), tally(month="2019-09")]
    assert accepted(send(home, "tallies", rows)) == len(rows)


def test_a_shuffled_file_keeps_the_same_rows(tmp_path: Path) -> None:
    rows = [tally(n=n, source=source) for n, source in ((1, "a"), (2, "b"), (3, "a"), (4, "c"))]
    kept = []
    for name, order in (("a", rows), ("b", rows[::-1])):
        home = town(tmp_path / name / "home")
        assert send(home, "tallies", order).quarantined == {"conflicting_id": 3}
        kept.append(standing(home))
    assert kept[0] == kept[1]


LOG_ROWS = [
    ("tickets", [ticket(1)], "tickets"),
    ("tickets", [ticket(1)], "services"),
    ("cases", [case(1, counter_id="C2")], "closed_cases"),
    ("cases", [case(1, counter_id="C2")], "services"),
    ("ratings", [rating(1, counter_id="C2")], "active_good"),
]


@pytest.mark.parametrize(("log", "rows", "measure"), LOG_ROWS)
@pytest.mark.parametrize("unit", [{"hall_id": "H2"}, {"counter_id": "C2", "hall_id": ""}])
def test_a_tally_beside_a_log_is_refused_and_one_before_it_is_overruled(
    tmp_path: Path, log: str, rows: list[Row], measure: str, unit: Row
) -> None:
    mine = [tally(measure=measure, **unit), tally(measure="findings", **unit)]
    after, before = (town(tmp_path / name / "home") for name in ("a", "b"))
    send(after, log, rows)
    assert send(after, "tallies", mine).quarantined == {"beside_log": 1}
    assert f"the log `{log}` holds rows" in why(after)[0][1]
    assert overruled(snapshot(after)).is_empty()
    assert accepted(send(before, "tallies", mine)) == 2
    assert overruled(snapshot(before)).is_empty()
    send(before, log, rows)
    found = overruled(snapshot(before)).rows(named=True)
    assert [(row["measure"], row["log"], row["n"]) for row in found] == [(measure, log, 40)]
    assert {row["unit_id"] for row in found} == {"H2" if "counter_id" not in unit else "C2"}


def test_a_case_closed_in_the_month_speaks_for_it(home: Path) -> None:
    """Its receipt lies in July, and July is the log's too."""
    closed = case(1, counter_id="C2", received_at="2019-07-30 09:00:00")
    send(home, "cases", [closed | {"closed_at": "2019-08-02 09:00:00"}])
    rows = [tally(measure="closed_cases", month=f"2019-{month}") for month in ("07", "08", "09")]
    assert send(home, "tallies", rows).quarantined == {"beside_log": 2}


def test_a_log_of_another_unit_span_or_measure_refuses_nothing(home: Path) -> None:
    send(home, "tickets", [ticket(1, counter_id="C1"), ticket(40, taken_at="2019-07-31 09:00:00")])
    rows = [tally(), tally(measure="active_good"), tally(hall_id="H1", month="2019-07")]
    rows += [tally(hall_id="", counter_id="C1", day="2019-08-03", month="")]
    assert accepted(send(home, "tallies", rows)) == 4


def test_when_the_log_leaves_the_tally_stands_again(home: Path) -> None:
    send(home, "tallies", [tally()])
    no = send(home, "tickets", [ticket(1)]).no
    assert overruled(snapshot(home)).height == 1
    withdraw(home, no, "wrong file")
    assert overruled(snapshot(home)).is_empty()


def test_a_refused_tally_is_tried_again_after_the_log_left(home: Path) -> None:
    no = send(home, "tickets", [ticket(1)]).no
    send(home, "tallies", [tally()])
    withdraw(home, no, "wrong file")
    assert [accepted(one) for one in replay(home)] == [1]
    assert why(home) == []


def test_withdrawn_and_replaced_tallies_leave_their_place_free(home: Path, tmp_path: Path) -> None:
    first = send(home, "tallies", [tally(n=1)])
    second = replace_batch(home, first.no, write(tmp_path / "new.csv", [tally(n=2)]))
    assert [row[-1] for row in standing(home)] == [2]
    withdraw(home, second.no, "not ours")
    assert standing(home) == []
    assert accepted(send(home, "tallies", [tally(n=3, source="区")])) == 1


def test_a_citizen_s_number_in_the_source_is_not_stored(home: Path) -> None:
    number = "11010519491231" + "002X"
    send(home, "tallies", [tally(source=f"站 {number}")])
    con = connect(snapshot(home))
    stored = con.execute("SELECT id, source FROM tallies").fetchall()
    con.close()
    assert len(stored) == 1
    assert all(number not in cell for cell in stored[0])


def test_compaction_and_lost_id_runs_change_nothing(home: Path) -> None:
    """One file a month; ids come back from the rows."""
    send(home, "tallies", [tally(updated_at="2019-09-01 08:00:00"), tally(measure="served")])
    send(home, "tallies", [tally(n=44, updated_at="2019-09-02 08:00:00")])
    before = standing(home)
    assert compact(home) == {"tallies": 1}
    shutil.rmtree(home / "ids" / "tallies")
    again = send(home, "tallies", [tally(n=44, updated_at="2019-09-02 08:00:00"), tally(n=9)])
    assert (again.counts["known"], again.quarantined) == (1, {"conflicting_id": 1})
    assert standing(home) == before
