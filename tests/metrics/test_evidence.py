"""Evidence: the rows behind a number sum to its n and d, whatever the metric, unit and day."""

from collections.abc import Sequence
from datetime import date
from itertools import product
from pathlib import Path

import polars as pl
import pytest
from town import COUNTERS, HALLS, Row, Town

from data.errors import HallscoreError
from metrics.catalogue import Metric, catalogue, metric
from metrics.evidence import EVIDENCE, evidence
from metrics.explain_rows import costing
from metrics.periods import parse_period
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value_of

AUGUST, CITY = parse_period("2019-08"), Scope("test", None)
DAY, NEXT = date(2019, 8, 14), date(2019, 8, 20)
ENDS = (date(2019, 8, 25), date(2019, 9, 30))
UNITS = ("c-tax", "n-tax", "C", "C2", "C1T1V1", "TAX", "LAND", "all")
PERSONAL = ("staff_id", "inspector_id", "comment", "reason", "channel")


def cases() -> list[Row]:
    """Of the tax counter: in time, late, open and overdue, open and not due; one for another."""

    def row(number: int, closed: str, due: str, **more: str) -> Row:
        base = {
            "case_id": f"K{number}",
            "counter_id": "c-tax",
            "received_at": "2019-08-05 09:00:00",
        }
        base |= {"closed_at": closed, "due_at": due, "department_id": "", "ticket_id": ""}
        base |= {"promised_limit": "5", "promised_unit": "workday"}
        base |= {"statutory_limit": "20", "statutory_unit": "workday"}
        return base | more

    return [
        row(1, "2019-08-09 10:00:00", "2019-08-12 17:00:00"),
        row(2, "2019-08-14 10:00:00", "2019-08-12 17:00:00", ticket_id="t-c-tax-2019-08-14-0"),
        row(3, "", "2019-08-12 17:00:00"),
        row(4, "", "2019-10-12 17:00:00"),
        row(5, "2019-08-14 11:00:00", "2019-08-12 17:00:00", department_id="LAND"),
        row(6, "2019-09-02 11:00:00", "2019-08-12 17:00:00"),
    ]


def inspections() -> list[Row]:
    return [
        {
            "inspection_id": f"I{number}",
            "hall_id": "C",
            "inspector_id": "P1",
            "started_at": f"2019-08-{day:02d} 09:00:00",
            "counters": counters,
        }
        for number, (day, counters) in enumerate(
            [(5, "all"), (5, "c-tax"), (14, "c-tax;c-all"), (20, "c-all")]
        )
    ]


def findings() -> list[Row]:
    return [
        {
            "finding_id": f"F{number}",
            "counter_id": "c-tax",
            "found_at": f"2019-08-{day:02d} 10:00:00",
            "rule_code": "R1",
            "points": 1.5,
            "staff_id": "S1",
        }
        for number, day in enumerate((5, 14, 20))
    ]


def shifts(town: Town) -> None:
    """Of a person of the tax counter: there, late, on leave; before and after the power cut."""
    town.deliver("staff", [{"staff_id": "S1", "counter_id": "c-tax"}])
    town.deliver(
        "attendance",
        [
            {
                "attendance_id": f"A{number}",
                "staff_id": "S1",
                "attended_on": f"2019-08-{day:02d}",
                "shift": shift,
                "kind": kind,
            }
            for number, (day, shift, kind) in enumerate(
                [
                    (13, "am", "present"),
                    (13, "pm", "late"),
                    (14, "am", "late"),
                    (14, "pm", "present"),
                    (15, "am", "leave"),
                ]
            )
        ],
    )


def redress(town: Town) -> None:
    """One put right in time and rated again, one late, the others unsigned; one rating is void."""
    key = f"r-n-tax-{NEXT}-active-0-2"
    late = f"r-n-tax-{DAY}-active-0-1"
    times = ("opened_at", "rectified_at", "replied_at", "called_back_at", "rerated_at")
    steps = {
        key: ("2019-08-20", "2019-08-21", "2019-08-21", "2019-08-22", "2019-08-23"),
        late: ("2019-08-14", "2019-09-20", "2019-09-20", "", ""),
    }
    rows = []
    for number, (rating_id, days) in enumerate(steps.items()):
        told = {
            name: f"{day} 11:00:00" if day else "" for name, day in zip(times, days, strict=True)
        }
        grade = 4 if days[-1] else ""
        named = {"rectification_id": f"Z{number}", "rating_id": f"{rating_id}-0"}
        rows.append(named | {"signed_at": told["opened_at"]} | told | {"rerated_grade": grade})
    town.deliver("rectifications", rows)
    void = {"void_id": "V1", "rating_id": f"r-c-tax-{DAY}-active-0-1-0", "void_reason": "mistaken"}
    more = {"grounds": "wrong key", "decided_by": "P9", "decided_on": "2019-08-16"}
    town.deliver("voids", [void | more])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every log; a counter that moved, a hall that reports sums, and half a day without power."""
    moved = [
        {**COUNTERS[2], "valid_from": "2019-01-01", "valid_to": "2019-08-16"},
        {**COUNTERS[2], "hall_id": "C2", "valid_from": "2019-08-16", "valid_to": ""},
    ]
    rest = [
        {**one, "valid_from": "2019-01-01", "valid_to": ""}
        for one in COUNTERS
        if one["counter_id"] != "n-tax"
    ]
    town = Town(tmp_path_factory.mktemp("town") / "home", HALLS, [*rest, *moved])
    town.deliver(
        "ratings",
        [
            *town.rate("c-tax", {5: 6, 3: 2, 2: 1, 1: 2}, DAY),
            *town.rate("c-tax", {5: 3}, NEXT, "default", 7),
            *town.rate("c-tax", {1: 1}, date(2019, 8, 30), lag_days=5),
            *town.rate("n-tax", {5: 2, 1: 1}, DAY),
            *town.rate("n-tax", {4: 2, 2: 2}, NEXT),
        ],
    )
    waits = [
        *town.queue("c-tax", [60, 900, 901, None], DAY),
        *town.queue("n-tax", [30, 1200], NEXT),
    ]
    town.deliver("tickets", waits)
    town.deliver("cases", cases())
    town.deliver("inspections", inspections())
    town.deliver("findings", findings())
    sums = {"tickets": 40, "served": 38, "services": 38, "active_ratings": 9, "active_good": 8}
    town.deliver(
        "tallies",
        [
            {"hall_id": "C1T1V1", "month": "2019-08", "measure": name, "n": n, "source": "clerk"}
            for name, n in sums.items()
        ],
    )
    shifts(town)
    redress(town)
    exemption = {"exemption_id": "E1", "hall_id": "C", "cause": "power_cut", "decided_by": "P9"}
    span = {"starts_at": "2019-08-14 09:00:00", "ends_at": "2019-08-14 10:30:00"}
    town.deliver("exemptions", [exemption | span | {"system": "all", "decided_on": "2019-08-15"}])
    return town.home


# One of each kind; the whole catalogue is compared with the slow tests.
QUICK = (
    *("active_good_rate", "response_rate", "on_time_rate", "open_overdue", "wait_p90"),
    *("points_per_round", "inspection_coverage", "attendance_rate", "rectification_rate"),
    *("open_bad", "voided_ratings"),
)
KINDS = (*product(("counter",), ENDS), *product(("hall", "department", "all"), ENDS[1:]))


def compared(home: Path, one: Metric, by: str, as_of: date, beside: Sequence[Metric] = ()) -> int:
    """How many rows were compared with n and d of the units of a kind: no row lost, none twice."""
    state, seen = ensure(home), 0
    told = value_of(state, one, AUGUST, by, CITY, as_of).filter(pl.col("id").is_in(UNITS))
    for unit, n, d in told.select("id", "n", "d").iter_rows():
        rows = evidence(state, one, unit, by, AUGUST, CITY, as_of, beside)
        assert rows.schema == EVIDENCE
        assert rows["n"].sum() == (n or 0), (one.id, by, unit, as_of)
        assert rows["d"].sum() == (d or 0), (one.id, by, unit, as_of)
        assert rows["row"].null_count() == 0
        assert rows.select("log", "row", "counter_id").is_unique().all()
        seen += rows.height
    return seen


def in_one_pass(home: Path, names: Sequence[str]) -> dict[str, int]:
    """Rows compared of each metric, where the rows of all of them are read together."""
    every = [metric(name) for name in names]
    seen = dict.fromkeys(names, 0)
    for by, as_of in KINDS:
        for one in every:
            seen[one.id] += compared(home, one, by, as_of, every)
    return seen


def test_the_rows_sum_to_n_and_d(home: Path) -> None:
    """Of counters as of two days, and of halls, departments and all."""
    seen = in_one_pass(home, QUICK)
    assert min(seen.values()) > 0, seen


@pytest.mark.slow
def test_the_rows_of_every_metric_sum_to_n_and_d(home: Path) -> None:
    """The same of the whole catalogue."""
    seen = in_one_pass(home, sorted(catalogue()))
    assert min(seen.values()) > 0, seen


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_the_rows_of_one_metric_alone_sum_to_n_and_d(home: Path, name: str) -> None:
    """Read for itself, without the files of others."""
    seen = [compared(home, metric(name), by, as_of) for by, as_of in KINDS]
    assert sum(seen) > 0, "no row at all was compared"


def test_every_row_exists_in_its_log(home: Path) -> None:
    """By its id as the source wrote it."""
    rows = evidence(ensure(home), metric("active_good_rate"), "c-tax", "counter", AUGUST, CITY)
    # As of 31 August only services up to the 24th are mature; the day itself is half exempt.
    assert set(rows["log"]) <= {"ratings"}
    exempt_free = evidence(ensure(home), metric("findings_n"), "c-tax", "counter", AUGUST, CITY)
    assert exempt_free["row"].to_list() == ["F0", "F2"]  # F1 was found while there was no power


def test_of_a_stock_the_open_rows_are_told(home: Path) -> None:
    state, until = ensure(home), date(2019, 8, 31)
    rows = evidence(state, metric("open_overdue"), "c-tax", "counter", AUGUST, CITY, until)
    assert rows["row"].to_list() == ["K3", "K6"]  # K5 is closed, and decided by another department
    rows = evidence(state, metric("open_cases"), "c-tax", "counter", AUGUST, CITY, until)
    assert rows["row"].to_list() == ["K3", "K4", "K6"]


def test_a_case_is_evidence_of_the_department_that_decides_it(home: Path) -> None:
    state, one = ensure(home), metric("on_time_rate")
    land = evidence(state, one, "LAND", "department", AUGUST, CITY)
    assert land.select("row", "n", "d").rows() == [("K5", 0, 1)]
    assert "K5" not in evidence(state, one, "c-tax", "counter", AUGUST, CITY)["row"].to_list()


def test_a_counter_that_moved_is_evidence_where_it_stood(home: Path) -> None:
    one = metric("active_good_rate")
    later = date(2019, 9, 30)
    for hall, day in (("C1", DAY), ("C2", NEXT)):
        rows = evidence(ensure(home), one, hall, "hall", AUGUST, CITY, later)
        assert rows["day"].unique().to_list() == [day]


def test_tallies_are_rows_of_their_own(home: Path) -> None:
    rows = evidence(ensure(home), metric("tickets"), "C1T1V1", "hall", AUGUST, CITY)
    assert rows.select("log", "n", "d").rows() == [("tallies", 40, None)]


def test_no_row_tells_of_a_person(home: Path) -> None:
    rows = evidence(ensure(home), metric("findings_n"), "c-tax", "counter", AUGUST, CITY)
    assert not set(PERSONAL) & set(rows.columns)
    assert "S1" not in str(rows.rows())


def test_what_costs_points_is_what_keeps_a_rate_from_its_best(home: Path) -> None:
    """Late cases of the on-time rate; waits beyond 15 minutes; unrated services, not rated ones."""
    state, end = ensure(home), date(2019, 9, 30)

    def dear(name: str, unit: str) -> list[str]:
        one = metric(name)
        return costing(evidence(state, one, unit, "counter", AUGUST, CITY, end), one)[
            "row"
        ].to_list()

    assert dear("on_time_rate", "c-tax") == ["K2"]
    assert dear("wait_within_15_rate", "n-tax") == [f"t-n-tax-{NEXT}-1"]
    assert dear("bad_rate", "n-tax") == [f"r-n-tax-{DAY}-active-0-1-0"] + [
        f"r-n-tax-{NEXT}-active-0-2-{place}" for place in (0, 1)
    ]
    assert dear("points_per_round", "c-tax") == ["F0", "F2"]
    assert dear("tickets", "c-tax") == []


def test_a_service_that_was_rated_is_not_listed_as_unrated(town: Town) -> None:
    """Rated by the ticket itself, or by the case to which the ticket led."""
    town.deliver("tickets", town.queue("c-tax", [60, 60, 60], DAY))
    ticket = f"t-c-tax-{DAY}-"
    case = {"case_id": "K1", "counter_id": "c-tax", "received_at": "2019-08-14 09:00:00"}
    town.deliver("cases", [case | {"closed_at": "2019-08-14 10:00:00", "ticket_id": f"{ticket}1"}])
    rows = town.rate("c-tax", {5: 2}, DAY)
    rated = [
        {**row, "case_id": about} for row, about in zip(rows, (f"{ticket}0", "K1"), strict=True)
    ]
    town.deliver("ratings", rated)
    one, end = metric("response_rate"), date(2019, 9, 30)
    found = evidence(ensure(town.home), one, "c-tax", "counter", AUGUST, CITY, end)
    assert (found["n"].sum(), found["d"].sum()) == (2, 3)
    assert costing(found, one)["row"].to_list() == [f"{ticket}2"]


def test_an_unknown_unit_is_refused_with_the_nearest(home: Path) -> None:
    with pytest.raises(HallscoreError, match="Did you mean 'c-tax'"):
        evidence(ensure(home), metric("tickets"), "c-tx", "counter", AUGUST, CITY)


def test_a_scope_sees_no_rows_of_others(home: Path) -> None:
    north = Scope("north", frozenset(["C1"]))
    with pytest.raises(HallscoreError, match="no such unit"):
        evidence(ensure(home), metric("tickets"), "c-tax", "counter", AUGUST, north)
    rows = evidence(ensure(home), metric("active_good_rate"), "all", "all", AUGUST, CITY, NEXT)
    assert isinstance(rows, pl.DataFrame)
