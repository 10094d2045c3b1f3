"""Silence: `missing` and who owes it, no rank by it, and the list of who reported when."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from town import Row, Town

from data.errors import HallscoreError
from data.ingest import ingest
from data.intake import Request
from data.nil_receipts import nil_receipts, withdraw_nil
from data.wayback import replace_batch, withdraw
from metrics.catalogue import metric
from metrics.doctor import doctor
from metrics.nil import state_nil
from metrics.periods import parse_period
from metrics.ranking import Ranking, rank
from metrics.receipts import owed, receipts
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value

CITY = Scope("local", None)
AUGUST = parse_period("2019-08")
AUGUST_DAYS = (AUGUST.start, AUGUST.end)
DAY = date(2019, 8, 5)
IN_TIME = datetime(2019, 9, 2, 9)
END, LATER = date(2019, 8, 31), date(2019, 10, 31)
HEAD = "ticket_id,counter_id,taken_at,called_at,finished_at,status\n"
# Every hall's tickets come from the city's system, those of the township from its own.
TWO = """
[sources.city]
log = "tickets"
profile = "canonical"
title = "Queue system of the city"
owner = "Data office"
[sources.city.schedule]
every = "month"
due = "5 working days"
first = 2019-07-01

[sources.hill]
log = "tickets"
profile = "canonical"
owner = "Hill office"
units = ["C1T1"]
[sources.hill.schedule]
every = "month"
due = "5 working days"
first = 2019-07-01
"""
EACH = """
[sources.city]
log = "tickets"
profile = "canonical"
owner = "Data office"
schedule = { every = "month", due = "10 calendar days", first = 2019-07-01, each = "county" }
"""


def expecting(town: Town, text: str) -> Town:
    (town.home / "sources.toml").write_text(text, "utf-8")
    return town


def sent(town: Town, source: str, counters: Iterable[str], **options: Any) -> int:
    """Tickets of some counters on one day of August, as a source's file."""
    rows = [row for one in counters for row in town.queue(one, [60] * 40, DAY)]
    how = {"period": AUGUST_DAYS, "source": source, "received_at": IN_TIME} | options
    return town.deliver("tickets", rows, **how)


def empty(town: Town, source: str) -> int:
    """A file with only its header."""
    path = town.places / f"empty-{source}.csv"
    path.write_text(HEAD, "utf-8")
    how = {"span": AUGUST_DAYS, "source": source, "received_at": IN_TIME}
    return ingest(town.home, Request(path, "tickets", "canonical", **how)).no


def states(town: Town, by: str, one: str = "tickets", as_of: date | None = None) -> dict[str, str]:
    frame = value(town.home, one, AUGUST, by, CITY, as_of)
    return dict(frame.select("id", "state").iter_rows())


def owing(town: Town, as_of: date = LATER, scope: Scope = CITY, one: str = "tickets") -> list[Any]:
    frame = owed(ensure(town.home), metric(one), AUGUST, scope, as_of)
    return frame.select("hall_id", "source", "owner", "due_on").rows()


def listed(town: Town, as_of: date, scope: Scope = CITY, period: str = "2019-08") -> dict[Any, Any]:
    frame = receipts(ensure(town.home), parse_period(period), scope, as_of)
    return {
        (source, hall): state
        for source, hall, state in frame.select("source", "hall_id", "state").iter_rows()
    }


def test_a_silent_township_is_missing_and_who_owes_it_is_known(town: Town) -> None:
    """All below it too; what has parts that reported keeps its number."""
    expecting(town, TWO)
    sent(town, "city", ["c-tax", "n-tax"])
    missing = {"t-all": "missing", "v-all": "missing"}
    assert states(town, "counter") == missing | {
        "c-all": "number",
        "c-tax": "number",
        "n-tax": "number",
        "s-tax": "number",
    }
    assert states(town, "hall")["C1T1V1"] == "missing"
    assert states(town, "township") == {"C1T1": "missing"}
    assert states(town, "county") == {"C1": "number", "C2": "number"}
    assert states(town, "all") == {"all": "number"}
    row = value(town.home, "tickets", AUGUST, "township", CITY).row(0, named=True)
    assert (row["n"], row["d"], row["value"]) == (None, None, None)
    assert owing(town) == [("C1T1", "hill", "Hill office", date(2019, 9, 6))]


def test_when_the_file_comes_nothing_is_owed(town: Town) -> None:
    """The state follows the store."""
    expecting(town, TWO)
    sent(town, "city", ["c-tax"])
    number = sent(town, "hill", ["t-all"])
    assert states(town, "counter")["t-all"] == "number"
    assert states(town, "counter", "wait_within_15_rate")["v-all"] == "none"
    assert owing(town) == []
    withdraw(town.home, number, "wrong file")
    assert states(town, "counter")["t-all"] == "missing"


@pytest.mark.parametrize("as_of", [date(2019, 8, 31), date(2019, 9, 3), date(2019, 9, 6), LATER])
def test_before_the_due_day_a_silent_township_has_no_value_either(town: Town, as_of: date) -> None:
    """On 3 September it is not late, but neither 0 nor "no business" is known of it."""
    expecting(town, TWO)
    sent(town, "city", ["c-tax"], received_at=datetime(2019, 8, 31, 9))
    assert states(town, "township", as_of=as_of) == {"C1T1": "missing"}
    assert listed(town, as_of)["hill", "C1T1"] == (
        "missing" if as_of > date(2019, 9, 6) else "not due"
    )


def test_a_stock_of_earlier_months_does_not_speak_for_a_silent_month(town: Town) -> None:
    """Open cases of July are known, those of August are not."""
    expecting(town, TWO.replace('"tickets"', '"cases"'))
    case = {"case_id": "k1", "counter_id": "t-all", "received_at": "2019-07-02 09:00:00"}
    town.deliver("cases", [case], (date(2019, 7, 1), date(2019, 8, 1)), source="hill")
    town.deliver(
        "cases",
        [case | {"case_id": "k2", "counter_id": "c-tax", "received_at": "2019-08-02 09:00:00"}],
        AUGUST_DAYS,
        source="city",
    )
    frame = value(town.home, "open_cases", AUGUST, "counter", CITY)
    rows = {one: (n, state) for one, n, state in frame.select("id", "n", "state").iter_rows()}
    assert rows["t-all"] == (None, "missing")
    assert rows["c-tax"] == (1, "number")
    july = value(town.home, "open_cases", parse_period("2019-07"), "township", CITY)
    assert july["n"].to_list() == [1]


def test_without_a_schedule_a_log_is_missing_for_all_or_for_nobody(town: Town) -> None:
    """Before the first expected month too: today's rule stands."""
    expecting(town, TWO.replace("2019-07-01", "2019-09-01"))
    sent(town, "city", ["c-tax"])
    assert set(states(town, "counter").values()) == {"number"}
    expecting(town, "")
    assert set(states(town, "counter").values()) == {"number"}
    assert set(states(town, "counter", "active_good_rate").values()) == {"missing"}
    assert owing(town) == []


def test_a_file_with_only_its_header_and_a_nil_receipt_report_that_there_was_nothing(
    town: Town,
) -> None:
    """`none`, not `missing`, and nothing is owed."""
    expecting(town, TWO)
    sent(town, "city", ["c-tax"])
    number = empty(town, "hill")
    assert states(town, "counter", "wait_within_15_rate")["t-all"] == "none"
    assert listed(town, LATER)["hill", "C1T1"] == "nil"
    withdraw(town.home, number, "to try the other way")
    assert states(town, "counter", "wait_within_15_rate")["t-all"] == "missing"
    nil = state_nil(town.home, "hill", AUGUST, "C1T1", "Clerk of the hall", "power cut all month")
    assert states(town, "counter", "wait_within_15_rate")["t-all"] == "none"
    assert listed(town, date(2030, 1, 1))["hill", "C1T1"] == "nil"
    assert owing(town) == []
    withdraw_nil(town.home, nil.no, "there was business after all")
    assert states(town, "counter", "wait_within_15_rate")["t-all"] == "missing"
    (kept,) = nil_receipts(town.home)
    assert kept.withdrawn == "there was business after all"


def test_a_nil_receipt_for_nothing_expected_is_refused(town: Town) -> None:
    """It would have no effect, and nobody would notice."""
    expecting(town, TWO + '[sources.other]\nlog = "ratings"\nprofile = "canonical"\n')
    town.deliver("tickets", town.queue("c-tax", [60], DAY))
    for source, unit, period, by, said in (
        ("hil", None, "2019-08", "x", "Did you mean 'hill'"),
        ("other", None, "2019-08", "x", "has no schedule"),
        ("hill", "C1T2", "2019-08", "x", "Did you mean 'C1T1'"),
        ("hill", None, "2019-06", "x", "begins on 2019-07-01"),
        ("hill", None, "2019-08", " ", "--by is empty"),
    ):
        with pytest.raises(HallscoreError, match=said):
            state_nil(town.home, source, parse_period(period), unit, by, "why")
    assert nil_receipts(town.home) == ()
    with pytest.raises(HallscoreError, match="there are none"):
        withdraw_nil(town.home, 1, "x")


def test_where_each_hall_must_appear_a_file_does_not_speak_for_all(town: Town) -> None:
    """One county is in the file, the other is not: that one has not reported."""
    expecting(town, EACH)
    sent(town, "city", ["c-tax", "v-all"])
    found = states(town, "counter")
    assert {one for one, state in found.items() if state == "missing"} == {"s-tax"}
    assert owing(town) == [("C2", "city", "Data office", date(2019, 9, 10))]
    assert listed(town, LATER) == {
        ("city", "C"): "received",
        ("city", "C1"): "received",
        ("city", "C2"): "missing",
    }
    state_nil(town.home, "city", AUGUST, "C2", "Clerk", "moved house")
    assert states(town, "counter", "wait_within_15_rate")["s-tax"] == "none"
    assert listed(town, date(2030, 1, 1))["city", "C2"] == "nil"


def test_an_empty_file_says_nothing_of_each_hall_beside_a_file_with_rows(town: Town) -> None:
    """Alone it says that nobody had business."""
    expecting(town, EACH)
    empty(town, "city")
    assert set(listed(town, LATER).values()) == {"nil"}
    sent(town, "city", ["n-tax"])
    assert listed(town, LATER)["city", "C2"] == "missing"


def test_a_hall_that_is_closed_owes_nothing(build_town: Any) -> None:
    """Its level would have to appear while it was there."""
    halls: list[Row] = [
        {"hall_id": "C", "name": "c", "level": "city", "valid_to": ""},
        {"hall_id": "C1", "name": "1", "level": "county", "parent_id": "C"}
        | {"valid_to": "2019-07-31"},
        {"hall_id": "C2", "name": "2", "level": "county", "parent_id": "C", "valid_to": ""},
    ]
    counters: list[Row] = [{"counter_id": "s-tax", "name": "tax", "hall_id": "C2"}]
    town = expecting(build_town(halls, counters), EACH)
    sent(town, "city", ["s-tax"])
    assert listed(town, LATER) == {("city", "C2"): "received"}


def test_the_receipt_list_says_when_each_came(town: Town) -> None:
    """In time, late, not yet as of a day: from the batches, not from the clock of the machine."""
    expecting(town, TWO)
    sent(town, "city", ["c-tax"], received_at=datetime(2019, 9, 6, 18))
    number = sent(town, "hill", ["t-all"], received_at=datetime(2019, 9, 9, 8))
    found = {day: list(listed(town, date(2019, 9, day)).values()) for day in (5, 6, 8, 9)}
    assert found == {
        5: ["not due", "not due"],
        6: ["received", "not due"],
        8: ["received", "missing"],
        9: ["received", "late"],
    }
    late = receipts(ensure(town.home), AUGUST, CITY, LATER).row(1, named=True)
    assert late["state"] == "late"
    assert (late["received_on"], late["due_on"], late["batch"]) == (
        date(2019, 9, 9),
        date(2019, 9, 6),
        number,
    )
    assert (late["title"], late["log"], late["hall"]) == ("hill", "tickets", "Hill township")


def test_a_delivery_whose_day_was_not_kept_counts_as_in_time(town: Town) -> None:
    """Batches of earlier versions have no day of receipt."""
    expecting(town, TWO)
    number = sent(town, "city", ["c-tax"])
    path = town.home / "batches" / f"{number:06d}" / "report.json"
    text = path.read_text("utf-8")
    assert '"received_at": "2019-09-02 09:00:00"' in text
    path.write_text(text.replace('"2019-09-02 09:00:00"', "null"), "utf-8")
    assert listed(town, date(2019, 9, 1))["city", "C"] == "received"


def test_a_correction_makes_nobody_late(town: Town) -> None:
    """The file came in time; that it was replaced in October is to the source's credit."""
    expecting(town, TWO)
    number = sent(town, "city", ["c-tax"], received_at=datetime(2019, 9, 2, 8))
    better = town.places / "better.csv"
    better.write_text(
        (town.places / f"tickets-{town.files}.csv").read_text().replace("10", "11", 1)
    )
    again = replace_batch(town.home, number, better)
    assert again.source == "city"
    assert listed(town, LATER)["city", "C"] == "received"


def test_parts_of_a_month_make_a_month_on_working_days(town: Town) -> None:
    """Nobody has to report on a Sunday; a missing week is owed, and the number stays."""
    expecting(town, TWO.replace('every = "month"', 'every = "week"'))
    for first in (5, 12, 26):
        monday, saturday = date(2019, 8, first), date(2019, 8, first + 5)
        rows = town.queue("t-all", [60] * 40, monday)
        how = {"source": "hill", "received_at": IN_TIME}
        town.deliver("tickets", rows, (monday, saturday), **how)
    weeks = receipts(ensure(town.home), AUGUST, Scope("hill", frozenset(["C1T1"])), LATER)
    assert weeks.filter(source="hill").select("first_day", "state").rows() == [
        (date(2019, 7, 29), "missing"),
        (date(2019, 8, 5), "late"),
        (date(2019, 8, 12), "late"),
        (date(2019, 8, 19), "missing"),
        (date(2019, 8, 26), "received"),
    ]
    assert states(town, "township") == {"C1T1": "number"}
    assert next(row for row in owing(town) if row[1] == "hill")[3] == date(2019, 8, 9)


def test_daily_deliveries_are_not_expected_on_a_day_off(town: Town) -> None:
    """Saturday and Sunday have no line; a Sunday of which nobody sent anything has no value."""
    expecting(town, TWO.replace('every = "month"', 'every = "day"'))
    sent(town, "city", ["c-tax"], period=(DAY, date(2019, 8, 6)))
    week = receipts(ensure(town.home), parse_period("2019-W32"), CITY, LATER)
    assert week.filter(source="city")["state"].to_list() == ["late"] + ["missing"] * 4
    assert week.filter(source="city")["first_day"].to_list()[-1] == date(2019, 8, 9)
    sunday = value(town.home, "wait_within_15_rate", parse_period("2019-08-04"), "township", CITY)
    assert sunday["state"].to_list() == ["missing"]


def test_a_file_of_which_every_row_is_in_quarantine_reports_on_nothing(town: Town) -> None:
    """Otherwise a wrong file would be "no business"."""
    expecting(town, TWO)
    path = town.places / "strangers.csv"
    path.write_text(HEAD + "x1,nobody,2019-08-05 09:00:00,,,abandoned\n", "utf-8")
    ingest(town.home, Request(path, "tickets", "canonical", span=AUGUST_DAYS, source="hill"))
    sent(town, "city", ["c-tax"])
    assert states(town, "township") == {"C1T1": "missing"}


def test_a_batch_without_a_source_counts_where_one_source_alone_has_the_log(town: Town) -> None:
    """Files of the command line from before sources had names."""
    expecting(town, EACH)
    sent(town, "", ["n-tax", "s-tax", "c-tax"])
    assert set(listed(town, LATER).values()) == {"received"}
    expecting(town, TWO)
    assert set(listed(town, LATER).values()) == {"missing"}
    alone = TWO[TWO.index("[sources.hill]") :]
    assert set(listed(expecting(town, alone), LATER).values()) == {"missing"}


def test_a_viewer_sees_the_receipts_of_the_own_halls_and_of_who_reports_for_them(
    town: Town,
) -> None:
    """The south does not see that the township owes; the north does."""
    expecting(town, TWO)
    sent(town, "city", ["c-tax"])
    assert owing(town, scope=Scope("south", frozenset(["C2"]))) == []
    assert len(owing(town, scope=Scope("north", frozenset(["C1"])))) == 1
    assert listed(town, LATER, Scope("south", frozenset(["C2"]))) == {("city", "C"): "received"}


def test_before_the_period_begins_nobody_has_a_value(town: Town) -> None:
    """As of July nothing is known of August, whatever the store holds by now."""
    expecting(town, TWO)
    sent(town, "city", ["c-tax"])
    assert set(states(town, "hall", as_of=date(2019, 7, 15)).values()) == {"missing"}
    early = rank(town.home, AUGUST, CITY, "all", as_of=date(2019, 7, 15))
    assert early.unranked["state"].unique().to_list() == ["missing"]


def test_a_unit_that_no_hall_has_is_refused(town: Town) -> None:
    """A typing error would make a source owe nothing."""
    expecting(town, TWO.replace('"C1T1"', '"C1T9"'))
    sent(town, "city", ["c-tax"])
    with pytest.raises(HallscoreError, match=r"hill.units: hall 'C1T9'.*mean 'C1T1'"):
        states(town, "township")


def scores(found: Ranking) -> list[tuple[Any, ...]]:
    return found.frame.select("rank", "tied", "id", "score").rows()


SILENT: list[str] = ["t-all", "v-all"]


def waits(town: Town, counter: str, slow: int) -> list[Row]:
    return list(town.queue(counter, [1800] * slow + [60] * (40 - slow), DAY))


def busy(town: Town) -> None:
    """Tickets of the city's system, four counters with four scores."""
    rows = [
        row
        for at, one in enumerate(["c-tax", "n-tax", "s-tax", "c-all"])
        for row in waits(town, one, at * 2)
    ]
    town.deliver("tickets", rows, AUGUST_DAYS, source="city")


def test_a_silent_township_changes_no_rank_of_the_others(build_town: Any, tmp_path: Path) -> None:
    """The ranking is that of a town in which its counters do not exist."""
    town = expecting(build_town(), TWO)
    busy(town)
    found = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    assert [row[2] for row in scores(found)] == ["c-tax", "n-tax", "s-tax", "c-all"]
    apart = found.unranked.select("id", "rank", "score", "state", "owed_by").rows()
    assert apart == [(one, None, None, "missing", "Hill office") for one in SILENT]
    from town import COUNTERS, HALLS

    fewer = [one for one in COUNTERS if one["counter_id"] not in SILENT]
    without = (
        Town(tmp_path / "without" / "home", HALLS, fewer)
        if (tmp_path / "without").mkdir() is None
        else None
    )
    assert without is not None
    busy(expecting(without, TWO))
    assert scores(rank(without.home, AUGUST, CITY, "all", as_of=LATER)) == scores(found)


INSPECTED = TWO.replace('"tickets"', '"inspections"')


def inspected(town: Town, source: str, halls: Iterable[str], counters: dict[str, str]) -> None:
    """One round in each hall, and the findings log without a finding."""
    rounds = [
        {
            "inspection_id": f"i-{hall}",
            "hall_id": hall,
            "started_at": "2019-08-06 09:00:00",
            "counters": counters[hall],
            "findings_n": 0,
        }
        for hall in halls
    ]
    town.deliver("inspections", rounds, AUGUST_DAYS, source=source)


ROUNDS = {"C": "c-tax;c-all", "C1": "n-tax", "C2": "s-tax", "C1T1": "t-all", "C1T1V1": "v-all"}


def bad_marks(town: Town, counters: Iterable[str]) -> None:
    rows = [
        {
            "finding_id": f"f-{one}",
            "inspection_id": "",
            "counter_id": one,
            "found_at": "2019-08-06 09:10:00",
            "rule_code": "a",
            "points": 2,
        }
        for one in counters
    ]
    town.deliver("findings", rows, AUGUST_DAYS)


def test_a_counter_cannot_gain_by_inspections_that_its_township_does_not_send(town: Town) -> None:
    """Scored on the other items it would be first; it is `missing`, and the others stay."""
    expecting(town, INSPECTED)
    rows = [
        row
        for one, slow in (("c-tax", 2), ("n-tax", 4), ("t-all", 0), ("v-all", 0))
        for row in waits(town, one, slow)
    ]
    town.deliver("tickets", rows, AUGUST_DAYS)
    bad_marks(town, ["c-tax", "n-tax", "t-all"])
    inspected(town, "city", ["C", "C1", "C2"], ROUNDS)
    found = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    assert [row[2] for row in scores(found)] == ["c-tax", "n-tax"]
    apart = dict(found.unranked.select("id", "state").iter_rows())
    assert (apart["t-all"], apart["v-all"]) == ("missing", "missing")
    detail = found.detail().filter(item="points_per_round", id="t-all")
    assert detail["state"].to_list() == ["missing"]
    before = {row[2]: row[3] for row in scores(found)}
    inspected(town, "hill", ["C1T1", "C1T1V1"], ROUNDS)
    after = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    ranked = {row[2]: row[3] for row in scores(after)}
    assert ranked.keys() == {"c-tax", "n-tax", "t-all", "v-all"}
    assert {one: ranked[one] for one in before} == before


def test_what_nobody_has_sent_holds_nobody_back(town: Town) -> None:
    """Without any inspection the weight goes to the other items for all alike."""
    expecting(town, INSPECTED)
    town.deliver("tickets", waits(town, "c-tax", 2) + waits(town, "t-all", 4), AUGUST_DAYS)
    found = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    assert [row[2] for row in scores(found)] == ["c-tax", "t-all"]
    assert found.frame["points_per_round_state"].unique().to_list() == ["missing"]


def test_a_week_left_out_has_a_number_and_no_rank(town: Town) -> None:
    """It might be the bad one that was not sent; while the month runs, only what is overdue."""
    weekly = TWO.replace('every = "month"', 'every = "week"')
    expecting(town, weekly)
    town.deliver(
        "tickets", waits(town, "c-tax", 2), (date(2019, 7, 29), date(2019, 9, 2)), source="city"
    )
    town.deliver(
        "tickets", waits(town, "t-all", 0), (date(2019, 7, 29), date(2019, 8, 19)), source="hill"
    )
    assert states(town, "township", as_of=LATER) == {"C1T1": "number"}

    def ranked(as_of: date) -> list[Any]:
        return [row[2] for row in scores(rank(town.home, AUGUST, CITY, "all", as_of=as_of))]

    assert ranked(date(2019, 8, 20)) == ["t-all", "c-tax"]
    assert ranked(date(2019, 8, 30)) == ["t-all", "c-tax"]  # due on this day, so not overdue
    assert ranked(END) == ["c-tax"]
    state_nil(town.home, "hill", parse_period("2019-W34"), None, "Clerk", "flood")
    state_nil(town.home, "hill", parse_period("2019-W35"), None, "Clerk", "flood")
    assert ranked(END) == ["t-all", "c-tax"]


def test_a_day_that_everybody_owes_holds_nobody_back(town: Town) -> None:
    """The city's system failed on one day: all are ranked on the rest."""
    expecting(town, EACH.replace(', each = "county"', "").replace('"month"', '"week"'))
    rows = waits(town, "c-tax", 2) + waits(town, "t-all", 4)
    town.deliver("tickets", rows, (date(2019, 7, 29), date(2019, 8, 26)), source="city")
    assert len(owing(town)) == 1
    found = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    assert [row[2] for row in scores(found)] == ["c-tax", "t-all"]


def test_states_do_not_depend_on_who_looks(town: Town) -> None:
    """The township's own user sees `missing` as the city does."""
    expecting(town, TWO)
    busy(town)
    mine = value(town.home, "tickets", AUGUST, "all", Scope("hill", frozenset(["C1T1"])))
    assert mine["state"].to_list() == ["missing"]
    found = rank(town.home, AUGUST, Scope("hill", frozenset(["C1T1"])), "all", as_of=LATER)
    assert found.unranked["state"].unique().to_list() == ["missing"]


def test_a_change_of_the_schedule_changes_the_stamp(town: Town) -> None:
    """Pages keep frames by the stamp; an old one would hide who owes."""
    sent(town, "city", ["c-tax"])
    plain = ensure(town.home).stamp
    expecting(town, TWO)
    scheduled = ensure(town.home).stamp
    state_nil(town.home, "hill", AUGUST, None, "Clerk", "flood")
    assert len({plain, scheduled, ensure(town.home).stamp}) == 3


def test_the_doctor_lists_what_is_late_and_missing(town: Town) -> None:
    """With the halls and whom to ask."""
    expecting(town, TWO.replace("2019-07-01", "2019-08-01"))
    sent(town, "city", ["c-tax"], received_at=datetime(2019, 9, 20, 9))
    found = {(one["kind"], one["where"]): one for one in doctor(town.home, date(2019, 9, 30))}
    assert "Hill township" in found["missing", "hill"]["found"]
    assert found["missing", "hill"]["advice"] == "ask Hill office"
    assert "due 2019-09-06" in found["late", "city"]["found"]
    early = {(one["kind"], one["where"]) for one in doctor(town.home, date(2019, 9, 3))}
    assert not early & {("missing", "hill"), ("late", "city")}


def test_the_files_of_the_ranking_name_who_owes(town: Town) -> None:
    """In the workbook's list of who is not ranked; without a debt there is no such column."""
    from dashboard.exports.ranking import unranked_frame
    from dashboard.text import Words

    expecting(town, TWO)
    busy(town)
    found = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    frame = unranked_frame(found, Words("zh"))
    assert frame["报送责任单位"].to_list() == ["Hill office"] * 2
    expecting(town, "")
    again = rank(town.home, AUGUST, CITY, "all", as_of=LATER)
    assert "报送责任单位" not in unranked_frame(again, Words("zh")).columns
    assert found.table().columns == again.table().columns
    assert "owed_by" not in found.table().columns


def test_the_list_is_a_frame_with_its_columns_even_when_nothing_is_expected(town: Town) -> None:
    """Dates are dates and batches are numbers."""
    sent(town, "city", ["c-tax"])
    frame = receipts(ensure(town.home), AUGUST, CITY, LATER)
    assert frame.is_empty()
    assert frame.schema["due_on"] == pl.Date()
