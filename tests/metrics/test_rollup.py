"""The cube: touched days only, the same by every road, whole whatever happens to its files."""

import json
import os
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from town import COUNTERS, HALLS, Town

from data.disk import lease
from data.wayback import withdraw
from metrics.cube import CubeState, manifest_path, read_manifest
from metrics.measure_files import measure_files
from metrics.periods import parse_period
from metrics.rollup import ensure, refresh
from metrics.scope import Scope
from metrics.values import value

CITY = Scope("local", None)
FIRST = date(2019, 8, 1)


def content(state: CubeState) -> dict[str, pl.DataFrame]:
    """All rows of a cube by measure file."""
    return {name: state.frame(name) for name in measure_files()}


def assert_same(first: CubeState, second: CubeState) -> None:
    """Equal rows in equal order in every measure file."""
    for name, frame in content(first).items():
        assert_frame_equal(frame, second.frame(name))
    assert (first.first_day, first.last_day) == (second.first_day, second.last_day)


def days(count: int) -> list[date]:
    """Days from the first of August on."""
    return [FIRST + timedelta(days=place) for place in range(count)]


def a_case(
    key: str, day: date, closed: date | None = None, due: date | None = None
) -> dict[str, object]:
    """A case of the tax counter."""
    times = {"received_at": day, "closed_at": closed, "due_at": due}
    filled = {name: f"{when} 12:00:00" if when else "" for name, when in times.items()}
    return {"case_id": key, "counter_id": "c-tax", **filled}


def test_only_the_touched_days_are_made_again(town: Town) -> None:
    """A second file of one day redoes one day and keeps the other month's file."""
    town.deliver(
        "tickets",
        town.queue("c-tax", [60] * 3, FIRST) + town.queue("c-tax", [60], date(2019, 9, 2)),
    )
    first = refresh(town.home)
    assert first.redone["tickets"] == -1
    town.deliver("tickets", town.queue("n-tax", [90] * 2, FIRST))
    second = refresh(town.home)
    assert second.redone["tickets"] == 1
    assert second.redone["ratings"] == 0
    kept = first.manifest.files["tickets"][201909].file
    assert second.manifest.files["tickets"][201909].file == kept
    assert second.frame("tickets")["tickets"].to_list() == [3, 2, 1]
    assert "recomputed" in second.sentence()
    assert second.report()["redone_days"]["tickets"] == 1


def test_a_fresh_cube_is_left_alone(town: Town) -> None:
    """No file is written again."""
    assert "the cube is empty" in refresh(town.home).sentence()
    town.deliver("tickets", town.queue("c-tax", [60], FIRST))
    first, second = refresh(town.home), refresh(town.home)
    assert first.manifest == second.manifest
    assert "up to date" in second.sentence()
    assert ensure(town.home) is ensure(town.home)


def test_progress_is_told_while_it_works(town: Town) -> None:
    """A text and a share that ends at 1."""
    town.deliver("tickets", town.queue("c-tax", [60], FIRST))
    told: list[tuple[str, float]] = []
    refresh(town.home, lambda text, share: told.append((text, share)))
    assert told[-1] == ("sums", 1.0)


def test_step_by_step_and_all_at_once_give_the_same_cube(
    town: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Tickets, ratings with lag and cases that progress, with a refresh between."""
    other = Town(tmp_path_factory.mktemp("other") / "home", HALLS, COUNTERS)
    late = date(2019, 9, 20)
    deliveries = [
        ("tickets", [row for day in days(4) for row in town.queue("c-tax", [60, 2000, None], day)]),
        ("ratings", town.rate("c-tax", {5: 3, 1: 1}, FIRST)),
        ("ratings", town.rate("c-tax", {3: 2}, FIRST, "default", lag_days=7)),
        ("cases", [a_case("k1", FIRST, due=date(2019, 8, 9)), a_case("k2", FIRST)]),
        ("cases", [a_case("k1", FIRST, late, due=date(2019, 8, 9))]),
        ("tickets", town.queue("n-tax", [60], late)),
    ]
    for log, rows in deliveries:
        town.deliver(log, rows)
        refresh(town.home)
        other.deliver(log, rows)
    assert_same(refresh(town.home), refresh(other.home))


def test_a_withdrawn_batch_leaves_only_what_the_others_brought(town: Town) -> None:
    """Its days are made again; a month that it alone filled has no file any more."""
    town.deliver("tickets", town.queue("c-tax", [60] * 2, FIRST))
    before = refresh(town.home)
    wrong = town.deliver(
        "tickets", town.queue("n-tax", [60], FIRST) + town.queue("n-tax", [60], date(2020, 1, 6))
    )
    assert refresh(town.home).last_day == date(2020, 1, 6)
    withdraw(town.home, wrong, "wrong file")
    after = refresh(town.home)
    assert_same(before, after)
    assert 202001 not in after.manifest.files["tickets"]


def test_a_calendar_override_makes_the_open_days_again(town: Town) -> None:
    """A day off that the notice did not know."""
    town.deliver("tickets", [row for day in days(5) for row in town.queue("c-tax", [60], day)])
    assert ensure(town.home).frame("open_days")["day"].n_unique() == 3
    (town.home / "workdays.csv").write_text(
        "date,kind,note,source\n2019-08-02,off,storm,\n", "utf-8"
    )
    again = ensure(town.home)
    assert again.frame("open_days")["day"].unique().sort().to_list() == [FIRST, date(2019, 8, 5)]


def test_a_changed_definition_makes_its_sums_again(town: Town) -> None:
    """A cube by another version of a measure file does not count."""
    town.deliver("tickets", town.queue("c-tax", [60], FIRST))
    refresh(town.home)
    path = manifest_path(town.home)
    stored = json.loads(path.read_text("utf-8"))
    stored["definitions"]["tickets"] = "older"
    path.write_text(json.dumps(stored), "utf-8")
    again = refresh(town.home)
    assert (again.redone["tickets"], again.redone["waits"]) == (-1, 0)


@pytest.mark.parametrize("broken", ["{", "[]", '{"format": 99}', '{"format": 1}'])
def test_a_manifest_that_cannot_be_read_is_made_again(town: Town, broken: str) -> None:
    """The cube is derived: nothing is lost."""
    town.deliver("tickets", town.queue("c-tax", [60], FIRST))
    before = refresh(town.home)
    manifest_path(town.home).write_text(broken, "utf-8")
    assert_same(before, ensure(town.home))


def test_a_lost_file_is_made_again(town: Town) -> None:
    """Also when somebody removes the whole folder under a reader."""
    town.deliver("tickets", town.queue("c-tax", [60], FIRST))
    before = ensure(town.home)
    content(before)
    (town.home / "cube" / before.manifest.files["tickets"][201908].file).unlink()
    os.utime(manifest_path(town.home))
    assert_same(before, ensure(town.home))


def test_a_reader_sees_the_last_complete_cube_while_another_writes(town: Town) -> None:
    """It neither waits nor fails; afterwards it sees the new rows."""
    town.deliver("tickets", town.queue("c-tax", [60], FIRST))
    assert ensure(town.home).frame("tickets").height == 1
    town.deliver("tickets", town.queue("n-tax", [60], FIRST))
    with lease(town.home):
        assert ensure(town.home).frame("tickets").height == 1
    assert ensure(town.home).frame("tickets").height == 2


def test_the_first_reader_waits_for_the_writer(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any complete cube there is nothing to show but the new one."""
    town.deliver("tickets", town.queue("c-tax", [60], FIRST))

    def busy(*_: object) -> CubeState:
        raise BlockingIOError

    monkeypatch.setattr("metrics.rollup._at", busy)
    assert ensure(town.home).frame("tickets").height == 1
    assert ensure(town.home).manifest == read_manifest(town.home)


def test_old_files_stay_for_an_hour_and_then_go(town: Town) -> None:
    """A reader that holds the last manifest finishes in peace."""
    town.deliver("tickets", town.queue("c-tax", [60], FIRST))
    old = town.home / "cube" / refresh(town.home).manifest.files["tickets"][201908].file
    town.deliver("tickets", town.queue("n-tax", [60], FIRST))
    refresh(town.home)
    assert old.exists()
    os.utime(old, (0, 0))
    town.deliver("tickets", town.queue("s-tax", [60], FIRST))
    refresh(town.home)
    assert not old.exists()


def test_rows_after_the_as_of_day_change_nothing_before_it(town: Town) -> None:
    """The future of a case is no part of its past."""
    town.deliver("cases", [a_case("k1", FIRST, due=date(2019, 8, 9))])
    august, as_of = parse_period("2019-08"), date(2019, 8, 20)
    before = value(town.home, "open_overdue", august, "city", CITY, as_of)
    town.deliver("cases", [a_case("k1", FIRST, date(2019, 9, 9), due=date(2019, 8, 9))])
    assert_frame_equal(before, value(town.home, "open_overdue", august, "city", CITY, as_of))


def test_due_days_in_the_future_do_not_stretch_the_data(town: Town) -> None:
    """The last data day is the last one on which anything happened."""
    town.deliver("cases", [a_case("k1", FIRST, due=date(2019, 12, 9))])
    state = ensure(town.home)
    assert (state.first_day, state.last_day) == (FIRST, FIRST)
    assert state.months("overdue") == [201912]


def test_opening_hours_say_on_which_days_a_counter_is_open(
    build_town: Callable[..., Town],
) -> None:
    """Own hours go before the hall's; a make-up Saturday counts; `weekend` opens a day off."""
    town = build_town()
    hour = {"opens": "09:00", "closes": "12:00", "exception": "", "counter_id": ""}
    hours = [hour | {"hall_id": "C1", "weekday": day} for day in (1, 3)]
    own = hour | {"hall_id": "C", "counter_id": "c-tax", "exception": "weekend"}
    hours += [own | {"weekday": 6}, own | {"weekday": 5, "exception": ""}]
    town.deliver("opening_hours", hours)
    # 29 September 2019 was a working Sunday, 1 October a holiday.
    tickets = [
        row
        for day in (date(2019, 9, 23), date(2019, 10, 1))
        for row in town.queue("v-all", [60], day)
    ]
    town.deliver("tickets", tickets)
    state = ensure(town.home)
    numbers = dict(state.snap.reference("counters").select("counter_id", "no").iter_rows())
    opened = state.frame("open_days")

    def on(counter: str) -> list[int]:
        mine = opened.filter(pl.col("counter") == numbers[counter])
        return [day.day for day in mine["day"].sort().to_list()]

    assert on("n-tax") == [23, 25, 29, 30]
    assert on("c-tax") == [27, 28, 29]
    assert on("c-all") == [23, 24, 25, 26, 27, 29, 30]


def test_weekend_hours_do_not_open_a_public_holiday(build_town: Callable[..., Town]) -> None:
    """出入境 works on Saturdays, and on those of the national holiday only where it says so.

    The counter's hours with an exception come on top of the ordinary hours of its hall.
    """
    town = build_town()
    hour = {"opens": "09:00", "closes": "12:00", "exception": "", "counter_id": ""}
    hours = [hour | {"hall_id": "C", "weekday": day} for day in range(1, 6)]
    saturday = hour | {"hall_id": "C", "weekday": 6, "exception": "weekend"}
    hours += [saturday | {"counter_id": one} for one in ("c-tax", "c-all")]
    hours.append(saturday | {"counter_id": "c-all", "opens": "13:00", "closes": "17:00"})
    hours[-1]["exception"] = "holiday"
    town.deliver("opening_hours", hours)
    days = (date(2019, 9, 20), date(2019, 10, 13))
    town.deliver("tickets", [row for day in days for row in town.queue("v-all", [60], day)])
    # The holiday was Tuesday 1 to Monday 7 October 2019; 12 October was a make-up Saturday.
    assert opened_on(town, "c-tax") == [
        *[(9, day) for day in (20, 21, 23, 24, 25, 26, 27, 28, 29, 30)],
        *[(10, day) for day in (8, 9, 10, 11, 12)],
    ]
    assert set(opened_on(town, "c-all")) - set(opened_on(town, "c-tax")) == {(10, 5)}


def test_opening_hours_hold_on_the_days_of_their_validity(build_town: Callable[..., Town]) -> None:
    """From 7 August the hall is open on Mondays only, and a counter that moves follows its hall."""
    town = build_town()
    hour = {"hall_id": "C1", "counter_id": "", "opens": "09:00", "closes": "12:00"}
    weekly = [hour | {"weekday": day, "valid_to": "2019-08-07"} for day in range(1, 6)]
    monday = hour | {"weekday": 1, "valid_from": "2019-08-07"}
    town.deliver("opening_hours", [*weekly, monday])
    moved = {"counter_id": "n-tax", "name": "North tax", "hall_id": "C2", "department_id": "TAX"}
    town.deliver("counters", [moved | {"valid_from": "2019-08-14"}])
    days = (date(2019, 8, 5), date(2019, 8, 15))
    town.deliver("tickets", [row for day in days for row in town.queue("v-all", [60], day)])
    assert opened_on(town, "n-tax") == [(8, 5), (8, 6), (8, 12), (8, 14), (8, 15)]


def opened_on(town: Town, counter: str) -> list[tuple[int, int]]:
    """Month and day of every open day."""
    state = ensure(town.home)
    numbers = dict(state.snap.reference("counters").select("counter_id", "no").iter_rows())
    mine = state.frame("open_days").filter(pl.col("counter") == numbers[counter])
    return [(day.month, day.day) for day in mine["day"].sort().to_list()]
