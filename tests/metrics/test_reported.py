"""Reported sums in values: added where they may be, marked, and nowhere else."""

import tempfile
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from town import COUNTERS, HALLS, Row, Town

from data.reportable import LIFTED, REPORTABLE
from data.store import snapshot
from data.tallies import overruled
from data.wayback import withdraw
from metrics.catalogue import catalogue, metric
from metrics.doctor import doctor
from metrics.measure_files import homes_of_measures
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.reported import reported_part, value_and_reported
from metrics.rollup import ensure, refresh
from metrics.scope import Scope
from metrics.values import immature, value
from tests.builders import cube_of

ALL = Scope("test", None)
LATE = date(2019, 12, 31)
VILLAGE = "C1T1V1"


def tally(measure: str, n: int, month: str = "2019-08", **unit: Any) -> Row:
    spanned = {"month": month} if len(month) == 7 else {"day": month}
    empty = {"tally_id": "", "counter_id": "", "day": "", "month": "", "updated_at": ""}
    return empty | {"measure": measure, "n": n, "source": "clerk", **spanned} | unit


def of_hall(hall: str = VILLAGE, month: str = "2019-08", **sums: int) -> list[Row]:
    return [tally(measure, n, month, hall_id=hall) for measure, n in sums.items()]


def of_counter(counter: str, month: str = "2019-08", **sums: int) -> list[Row]:
    return [tally(m, n, month, counter_id=counter, hall_id="") for m, n in sums.items()]


def row(home: Path, name: str, period: str, by: str, unit: str, as_of: date = LATE) -> tuple:
    found = value(home, name, parse_period(period), by, ALL, as_of)
    one = {each["id"]: each for each in found.to_dicts()}[unit]
    return one["n"], one["d"], one["state"]


def reported(home: Path, name: str, period: str, by: str) -> dict[str, tuple[int, int | None]]:
    state = ensure(home)
    part = reported_part(state, metric(name), parse_period(period), by, ALL, LATE)
    return {id_: (n, d) for id_, n, d in part.iter_rows()}


def test_each_reportable_measure_is_a_plain_sum_of_those_logs() -> None:
    """The vocabulary of the data room and the measure files say the same."""
    homes = homes_of_measures()
    for measure, logs in REPORTABLE.items():
        home = homes[measure]
        assert measure in home.sums, f"{measure} is no additive sum"
        assert home.sources == logs, measure
        assert not home.foresees
        assert not home.spans_data
        assert "bin" not in home.grain


RATED = {"active_good": 45, "active_ratings": 50}


def test_a_hall_s_tally_counts_for_the_hall_and_all_above_it(town: Town) -> None:
    town.deliver("ratings", town.rate("n-tax", {5: 8, 1: 2}, date(2019, 8, 5)))
    town.deliver("tallies", of_hall(**RATED))
    home = town.home
    for by, unit in (("hall", VILLAGE), ("township", "C1T1")):
        assert row(home, "active_good_rate", "2019-08", by, unit) == (45, 50, "number")
    for by, unit in (("county", "C1"), ("city", "C"), ("all", "all")):
        assert row(home, "active_good_rate", "2019-08", by, unit) == (53, 60, "number")
        assert reported(home, "active_good_rate", "2019-08", by) == {unit: (45, 50)}
    assert row(home, "active_good_rate", "2019-08", "county", "C2") == (0, 0, "none")
    assert row(home, "active_good_rate", "2019-08", "counter", "v-all") == (0, 0, "none")
    assert reported(home, "active_good_rate", "2019-08", "counter") == {}
    assert reported(home, "active_good_rate", "2019-08", "department") == {}


def test_a_counter_s_tally_counts_for_the_counter_and_its_department(town: Town) -> None:
    town.deliver("tallies", of_counter("n-tax", closed_on_time=9, closed_with_limit=30))
    home = town.home
    for by, unit in (("counter", "n-tax"), ("department", "TAX"), ("hall", "C1"), ("county", "C1")):
        assert row(home, "on_time_rate", "2019-08", by, unit) == (9, 30, "number")


@pytest.mark.parametrize("period", ["2019-08", "2019-Q3", "2019-H2", "2019"])
def test_it_counts_in_periods_that_hold_the_month(town: Town, period: str) -> None:
    town.deliver("tallies", [*of_hall(tickets=7), *of_hall("C1", "2019-08-14", tickets=3)])
    assert row(town.home, "tickets", period, "all", "all") == (10, None, "number")


@pytest.mark.parametrize("period", ["2019-08-14", "2019-08-31", "2019-W33", "2019-W35"])
def test_it_never_counts_in_a_day_or_a_week(town: Town, period: str) -> None:
    town.deliver("tickets", town.queue("c-tax", [60], date(2019, 8, 14)), (date(2019, 8, 1), LATE))
    town.deliver("tallies", [*of_hall(tickets=7), *of_hall("C1", "2019-08-14", tickets=3)])
    expected = 1 if period in ("2019-08-14", "2019-W33") else 0
    assert row(town.home, "tickets", period, "all", "all")[0] == expected
    assert reported(town.home, "tickets", period, "all") == {}
    missing = row(town.home, "closed_cases", period, "all", "all")
    assert missing == (None, None, "missing")


def test_it_is_known_and_final_from_the_end_of_its_span(town: Town) -> None:
    """No rating comes late to a sum on paper: the month's page shows it with the month's end."""
    town.deliver("tallies", of_hall(**RATED, tickets=7))
    home, period = town.home, parse_period("2019-08")
    for name in ("tickets", "active_good_rate"):
        assert row(home, name, "2019-08", "all", "all", date(2019, 8, 30))[2] == "missing"
    last = date(2019, 8, 31)
    assert row(home, "tickets", "2019-08", "all", "all", last) == (7, None, "number")
    assert row(home, "active_good_rate", "2019-08", "all", "all", last) == (45, 50, "number")
    assert immature(home, "active_good_rate", period, "all", ALL, last).item(0, "immature") == 0


def test_units_without_tallies_stay_missing_where_no_log_came(town: Town) -> None:
    """And few tells of a small base, as ever."""
    town.deliver("tallies", [*of_hall(**RATED), *of_hall("C2", active_good=3, active_ratings=4)])
    states = {
        unit: row(town.home, "active_good_rate", "2019-08", "hall", unit)[2]
        for unit in ("C", "C1", "C2", VILLAGE)
    }
    assert states == {"C": "missing", "C1": "missing", "C2": "few", VILLAGE: "number"}
    assert row(town.home, "active_good_rate", "2019-09", "hall", VILLAGE)[2] == "missing"


def test_half_a_ratio_is_none(town: Town) -> None:
    """Good ratings without the number of ratings would make a rate above one."""
    town.deliver("ratings", town.rate("n-tax", {5: 8, 1: 2}, date(2019, 8, 5)))
    town.deliver("tallies", of_hall(active_good=45))
    assert row(town.home, "active_good_rate", "2019-08", "all", "all") == (8, 10, "few")
    assert row(town.home, "active_good_rate", "2019-08", "hall", VILLAGE) == (0, 0, "none")
    zero = of_hall(active_ratings=50, default_good=0, default_ratings=0)
    assert row(town.home, "good_rate", "2019-08", "hall", VILLAGE)[2] == "none"
    town.deliver("tallies", zero)
    assert row(town.home, "good_rate", "2019-08", "hall", VILLAGE) == (45, 50, "number")


def test_reported_ratings_over_the_services_of_a_log(town: Town) -> None:
    """A station with a queue machine and paper ratings; other halls' tickets are not its base."""
    town.deliver("tickets", town.queue("v-all", [60] * 40, date(2019, 8, 5)))
    town.deliver("tickets", town.queue("n-tax", [60] * 90, date(2019, 8, 5)))
    town.deliver("tallies", of_hall(active_ratings=30))
    home = town.home
    assert row(home, "response_rate", "2019-08", "hall", VILLAGE) == (30, 40, "number")
    assert row(home, "response_rate", "2019-08", "county", "C1") == (30, 40, "number")
    assert row(home, "response_rate", "2019-08", "hall", "C1")[2] == "missing"
    assert reported(home, "response_rate", "2019-08", "hall") == {VILLAGE: (30, 0)}


def test_stocks_and_quantiles_take_no_tallies(town: Town) -> None:
    sums = {"received_cases": 9, "closed_on_time": 3, "closed_with_limit": 5, "waited": 60}
    town.deliver("tallies", of_hall(**sums))
    for name in ("open_cases", "open_overdue", "on_time_rate_incl_open", "wait_p90"):
        assert row(town.home, name, "2019-08", "all", "all")[2] == "missing", name


def logs_of(town: Town) -> dict[str, list[Row]]:
    """Logs that overrule some of the tallies below, in part of their span only."""
    day = date(2019, 8, 20)
    return {
        "tickets": town.queue("v-all", [60, 120], day),
        "ratings": town.rate("n-tax", {5: 2}, day),
        "cases": [
            {"case_id": "k", "counter_id": "s-tax", "received_at": "2019-07-30 09:00:00"}
            | {"closed_at": "2019-08-01 09:00:00"}
        ],
    }


TALLIES = [
    *of_hall(tickets=7, served=6, active_good=5, active_ratings=5),
    *of_hall(month="2019-07", tickets=8),
    *of_counter("n-tax", active_good=4, active_ratings=4, tickets=5),
    *of_counter("n-tax", month="2019-08-19", default_good=1),
    *of_hall("C2", closed_cases=3, services=4, findings=2),
]


def test_both_orders_of_delivery_give_the_same_cube(tmp_path: Path) -> None:
    """The log wins, whichever came first; what was refused and what stopped counting differ."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    before, after = (Town(tmp_path / name / "home", HALLS, COUNTERS) for name in ("a", "b"))
    before.deliver("tallies", TALLIES)
    refresh(before.home)
    for log, rows in logs_of(before).items():
        before.deliver(log, rows)
        refresh(before.home)
    for log, rows in logs_of(after).items():
        after.deliver(log, rows)
    batch = deliver(after, TALLIES)
    assert cube_of(before.home) == cube_of(after.home)
    assert overruled(snapshot(before.home)).height == batch.quarantined["beside_log"] == 6
    assert {one["kind"] for one in doctor(before.home)} >= {"overruled"}
    assert not {one["kind"] for one in doctor(after.home)} & {"overruled"}


def deliver(town: Town, rows: list[Row]) -> Any:
    """A delivery of which rows may be refused."""
    from tests.builders import send

    return send(town.home, "tallies", rows)


def test_a_log_that_leaves_gives_the_tally_its_place_back(town: Town) -> None:
    town.deliver("tallies", of_hall(tickets=7))
    no = town.deliver("tickets", town.queue("v-all", [60], date(2019, 8, 5)))
    assert row(town.home, "tickets", "2019-08", "all", "all") == (1, None, "number")
    withdraw(town.home, no, "wrong file")
    assert row(town.home, "tickets", "2019-08", "all", "all") == (7, None, "number")


def test_a_counter_put_into_a_hall_that_reported_as_a_whole_counts_once(town: Town) -> None:
    """The table of counters is corrected after both had reported."""
    town.deliver("tallies", [*of_hall("C2", tickets=7), *of_counter("n-tax", tickets=3, served=2)])
    assert row(town.home, "tickets", "2019-08", "all", "all")[0] == 10
    moved = [one | {"hall_id": "C2"} for one in COUNTERS if one["counter_id"] == "n-tax"]
    town.deliver("counters", moved)
    assert row(town.home, "tickets", "2019-08", "hall", "C2") == (3, None, "number")
    assert overruled(snapshot(town.home)).select("unit_id", "log").rows() == [("C2", "tallies")]


def test_only_touched_months_are_made_again(town: Town) -> None:
    town.deliver("tallies", [*of_hall(tickets=7), *of_hall(month="2019-07", tickets=8)])
    first = refresh(town.home).manifest.files["tallies"]
    town.deliver("tickets", town.queue("c-tax", [60], date(2019, 10, 1)))
    same = refresh(town.home)
    assert same.manifest.files["tallies"] == first
    assert same.redone["tallies"] == 0
    assert same.last_day == date(2019, 10, 1)
    town.deliver("tallies", of_hall(served=3))
    after = refresh(town.home).manifest.files["tallies"]
    assert after[201907] == first[201907]
    assert after[201908] != first[201908]


def test_the_column_is_there_only_where_some_is_reported(town: Town) -> None:
    town.deliver("ratings", town.rate("n-tax", {5: 8}, date(2019, 8, 5)))
    august = parse_period("2019-08")
    plain = value(town.home, "active_good_rate", august, "hall", ALL, LATE)
    same = value_and_reported(town.home, "active_good_rate", august, "hall", ALL, LATE)
    assert same.equals(plain)
    town.deliver("tallies", of_hall(**RATED))
    wide = value_and_reported(town.home, "active_good_rate", august, "hall", ALL, LATE)
    assert wide.columns == [*plain.columns, "reported"]
    assert dict(wide.select("id", "reported").drop_nulls().iter_rows()) == {VILLAGE: 50}
    counted = value_and_reported(town.home, "tickets", august, "hall", ALL, LATE)
    assert counted.columns == plain.columns


def test_a_scope_sees_the_tallies_of_its_halls_alone(town: Town) -> None:
    town.deliver("tallies", [*of_hall(tickets=7), *of_hall("C2", tickets=90)])
    north = Scope("north", frozenset(["C1"]))
    found = value_and_reported(town.home, "tickets", parse_period("2019-08"), "all", north, LATE)
    assert found.select("n", "reported").rows() == [(7, 7)]


def test_a_ranking_s_detail_tells_what_was_reported(town: Town) -> None:
    town.deliver("ratings", town.rate("n-tax", {5: 40}, date(2019, 8, 5)))
    august = parse_period("2019-08")
    assert "reported" not in rank(town.home, august, ALL, "all", as_of=LATE).detail().columns
    town.deliver("tallies", of_counter("s-tax", active_good=40, active_ratings=45, services=60))
    detail = rank(town.home, august, ALL, "all", as_of=LATE).detail()
    assert detail.columns[-1] == "reported"
    told = detail.filter(detail["reported"].is_not_null()).select("id", "item", "d", "reported")
    assert set(told.rows()) == {
        ("s-tax", "active_good_rate", 45, 45),
        ("s-tax", "response_rate", 60, 60),
    }


UNITS = [("hall", hall["hall_id"]) for hall in HALLS] + [
    ("counter", one["counter_id"]) for one in COUNTERS
]
HALL_OF = {one["counter_id"]: one["hall_id"] for one in COUNTERS}
ABOVE = {hall["hall_id"]: hall.get("parent_id") for hall in HALLS}
MEASURES = ("tickets", "active_good", "active_ratings", "closed_on_time", "closed_with_limit")
NAMES = {
    "tickets": (("tickets",), ()),
    "active_good_rate": (("active_good",), ("active_ratings",)),
    "on_time_rate": (("closed_on_time",), ("closed_with_limit",)),
}
SPANS = ("2019-07", "2019-08", "2019-09")
sent = st.lists(
    st.tuples(
        st.sampled_from(UNITS),
        st.sampled_from(SPANS),
        st.sampled_from(MEASURES),
        st.integers(0, 500),
    ),
    max_size=24,
    unique_by=lambda one: one[:3],
)
tickets_sent = st.lists(
    st.tuples(st.sampled_from(sorted(HALL_OF)), st.sampled_from(SPANS)), max_size=4, unique=True
)


def halls_below(hall: str) -> set[str]:
    found = {hall}
    for _ in ABOVE:
        found |= {one for one, parent in ABOVE.items() if parent in found}
    return found


def home_hall(unit: tuple[str, str]) -> str:
    return unit[1] if unit[0] == "hall" else HALL_OF[unit[1]]


def clashes(one: tuple, other: tuple) -> bool:
    """Two tallies of the same things: a hall and one of its counters, in the same month."""
    (unit, span, measure, _), (unit2, span2, measure2, _) = one, other
    kinds = unit[0] != unit2[0]
    return kinds and (span, measure) == (span2, measure2) and home_hall(unit) == home_hall(unit2)


def referee(
    tallies: Iterable[tuple],
    logged: set[tuple[str, str]],
    name: str,
    inside: Any,
    months: set[str],
) -> tuple[int, int | None] | None:
    """n and d of the tallies that count for one unit, in words; None: none counts.

    A tally of tickets does not count where a ticket of the same counter, or of any counter of the
    hall, was taken in its month. Without all sums of a ratio a unit's month stays out.
    """
    sums: dict[tuple, dict[str, int]] = {}
    for unit, span, measure, n in tallies:
        counters = (
            {unit[1]} if unit[0] == "counter" else {c for c in HALL_OF if HALL_OF[c] == unit[1]}
        )
        if measure == "tickets" and any((one, span) in logged for one in counters):
            continue
        if span in months and inside(unit):
            sums.setdefault((unit, span), {})[measure] = n
    top, bottom = NAMES[name]
    whole = [one for one in sums.values() if set(top + bottom) <= set(one)]
    if not whole:
        return None
    n = sum(one[measure] for one in whole for measure in top)
    return n, sum(one[measure] for one in whole for measure in bottom) if bottom else None


def asked() -> Iterable[tuple[str, str, Any]]:
    """by, unit, and which tallied units lie in it."""
    for hall in ABOVE:
        yield "hall", hall, lambda unit, hall=hall: home_hall(unit) == hall
    for counter in HALL_OF:
        yield "counter", counter, lambda unit, one=counter: unit == ("counter", one)
    for by, hall in (("county", "C1"), ("county", "C2"), ("township", "C1T1"), ("city", "C")):
        below = halls_below(hall)
        yield by, hall, lambda unit, below=below: home_hall(unit) in below


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(tallies=sent, tickets=tickets_sent, first=st.booleans())
def test_reported_parts_are_what_a_plain_count_gives(
    tallies: list[tuple], tickets: list[tuple[str, str]], first: bool
) -> None:
    """At every level, in a month and a quarter, whatever came first; the rest of n is the log's."""
    kept: list[tuple] = []
    for one in tallies:
        if not any(clashes(one, other) for other in kept):
            kept.append(one)
    with tempfile.TemporaryDirectory(prefix="hallscore-") as folder:
        town = Town(Path(folder) / "home", HALLS, COUNTERS)
        rows = [tally(m, n, span, **{f"{kind}_id": id_}) for (kind, id_), span, m, n in kept]
        logs = [
            ticket
            for counter, span in tickets
            for ticket in town.queue(counter, [60], date.fromisoformat(f"{span}-01"))
        ]
        for log in ("tallies", "tickets") if first else ("tickets", "tallies"):
            if log == "tallies" and rows:
                deliver(town, [row | {"hall_id": row.get("hall_id", "")} for row in rows])
            elif log == "tickets" and logs:
                town.deliver("tickets", logs)
        wrong = [
            f"{name} {by} {unit} {period}: {found} ≠ {expected}"
            for name, (period, months) in product(
                NAMES, (("2019-08", {"2019-08"}), ("2019-Q3", set(SPANS)))
            )
            for by, unit, inside in asked()
            if (found := reported(town.home, name, period, by).get(unit))
            != (expected := referee(kept, set(tickets), name, inside, months))
        ]
        total = value(town.home, "tickets", parse_period("2019-Q3"), "all", ALL, LATE)["n"][0] or 0
        mine = referee(kept, set(tickets), "tickets", lambda unit: True, set(SPANS))
        assert total == len(logs) + (mine[0] if mine else 0)
    assert not wrong, "\n".join(wrong[:10])


def test_metrics_of_the_catalogue_say_whether_they_take_tallies() -> None:
    """Every metric without a stock or histogram whose sums are all reportable takes them."""
    from metrics.tally_sums import takes_tallies

    asked = {m.id: set(m.measures) - set(LIFTED) for m in catalogue().values()}
    whole = {one for one, names in asked.items() if names and names <= set(REPORTABLE)}
    assert {"active_good_rate", "good_rate", "response_rate", "tickets", "closed_cases"} <= whole
    assert all(takes_tallies(metric(name)) for name in whole)
    for name in ("open_cases", "open_overdue", "on_time_rate_incl_open", "wait_median"):
        assert not takes_tallies(metric(name))


def test_the_days_of_the_data_reach_to_the_last_tally(town: Town) -> None:
    """A home of villages alone has days to show; the open days are those of the logs."""
    town.deliver("tallies", of_hall(month="2019-09", tickets=4))
    state = refresh(town.home)
    assert (state.first_day, state.last_day) == (date(2019, 9, 1), date(2019, 9, 30))
    assert state.months("open_days") == []
    town.deliver("tickets", town.queue("c-tax", [60], date(2019, 9, 2)))
    assert refresh(town.home).last_day == date(2019, 9, 2) + timedelta(days=28)
