"""Decisions on names: what waits, accept and reject, and the way back from a wrong one."""

import csv
import io
import itertools
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.aliases import Choice, accept, decided_names, reject, waiting_names
from data.errors import HallscoreError
from data.quarantine import replay, summary, waiting
from data.store import snapshot
from data.wayback import left_open, withdraw
from hallscore import main
from tests.builders import COUNTERS, HALLS, Row, counting_rows, cube_of, rating, send, town
from tests.named import alias, named

TYPO = "天元区正务中心"
AUGUST, TENTH = date(2019, 8, 1), date(2019, 8, 10)
IDS = [rating(n, counter_id="C2") for n in range(1, 5)]
ROWS = [named(row, hall_name=TYPO) for row in IDS]


def choice(spelling: str, **more: Any) -> Choice:
    return Choice(spelling, "李科长", **more)


def reasons(home: Path) -> dict[str, int]:
    rows = summary(waiting(snapshot(home)))
    return dict(rows.group_by("reason").agg(rows["n"].sum()).iter_rows()) if rows.height else {}


def spellings(home: Path) -> list[str]:
    return waiting_names(snapshot(home))["spelling"].to_list()


def test_what_waits_has_its_rows_batches_days_and_nearest_units(tmp_path: Path) -> None:
    """Most rows first, one line per spelling, whatever blanks it was written with."""
    home = town(tmp_path / "home")
    first = send(home, "ratings", [*ROWS, named(rating(9), counter_name="工安窗口")])
    second = send(home, "ratings", [named(rating(8), hall_name=f" {TYPO}\u3000")])
    hall, counter = waiting_names(snapshot(home)).to_dicts()
    assert (hall["source"], hall["kind"], hall["spelling"]) == ("canonical", "hall", TYPO)
    assert (hall["rows"], hall["batches"]) == (5, [first.no, second.no])
    assert (hall["first_day"], hall["last_day"]) == (date(2019, 8, 2), date(2019, 8, 9))
    assert TYPO in hall["first_detail"]
    assert [near["unit_id"] for near in hall["nearest"]] == ["H2", "H1"]
    assert (counter["kind"], counter["spelling"], counter["hall_id"]) == (
        "counter",
        "工安窗口",
        "H1",
    )
    assert counter["nearest"] == [{"unit_id": "C1", "name": "公安窗口", "hall_id": "H1"}]


def test_nothing_waits_in_a_town_of_ids(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    send(home, "ratings", [rating(1), rating(2, counter_id="C9")])
    assert waiting_names(snapshot(home)).is_empty()


def test_accepting_a_spelling_takes_its_rows_in(tmp_path: Path) -> None:
    """The same cube as by id; the decision is a batch of its own, with who and when."""
    home, clean = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    send(home, "ratings", [*ROWS, named(rating(9), counter_name="工安窗口")])
    decision, rows = accept(home, choice(TYPO, on=AUGUST), "H2")
    assert (decision.log, decision.counts["accepted"]) == ("aliases", 1)
    assert (rows.log, rows.counts["accepted"], rows.quarantined) == ("ratings", 4, {})
    assert spellings(home) == ["工安窗口"]
    send(clean, "ratings", IDS)
    assert cube_of(home) == cube_of(clean)
    (told,) = decided_names(snapshot(home)).to_dicts()
    assert (told["unit_id"], told["unit_name"]) == ("H2", HALLS[1]["name"])
    assert (told["decided_by"], told["decided_on"]) == ("李科长", AUGUST)
    assert told["batch"] == decision.no


@pytest.mark.parametrize("order", list(itertools.permutations(["send", "decide", "again"])))
def test_the_order_of_sending_deciding_and_trying_again_is_all_one(
    order: tuple[str, ...], tmp_path: Path
) -> None:
    """Once all has happened and what waits was tried, the cube is that of the ids."""
    home, clean = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    for step in (*order, "again"):
        if step == "send":
            send(home, "ratings", ROWS)
        elif step == "decide":
            accept(home, choice(TYPO, source="canonical"), "H2", again=False)
        elif not waiting(snapshot(home)).is_empty():
            replay(home)
    send(clean, "ratings", IDS)
    assert cube_of(home) == cube_of(clean)
    assert send(home, "ratings", IDS).counts["known"] == 4


def test_deciding_alone_leaves_the_rows_where_they_are(tmp_path: Path) -> None:
    """They are shown as decided until they are tried."""
    home = town(tmp_path / "home")
    send(home, "ratings", ROWS)
    assert len(accept(home, choice(TYPO), "H2", again=False)) == 1
    assert waiting_names(snapshot(home))["decided"].to_list() == [True]
    assert replay(home)[0].counts["accepted"] == 4


def test_a_hall_that_is_decided_shows_what_its_counters_are_called(tmp_path: Path) -> None:
    """The hall first, then the counter inside it."""
    home = town(tmp_path / "home")
    send(home, "ratings", [named(rating(1), hall_name=TYPO, counter_name="税物窗口")])
    assert accept(home, choice(TYPO), "H2")[1].quarantined == {"unmatched_name": 1}
    assert spellings(home) == ["税物窗口"]
    assert accept(home, choice("税物窗口"), "C2")[1].counts["accepted"] == 1
    assert reasons(home) == {}


def test_a_rejected_spelling_is_counted_and_no_longer_open(tmp_path: Path) -> None:
    """Its rows are in quarantine under a reason of their own, and are not tried by the way."""
    home = town(tmp_path / "home")
    send(home, "ratings", ROWS)
    _, rows = reject(home, choice(TYPO))
    assert rows.quarantined == {"rejected_name": 4}
    assert reasons(home) == {"rejected_name": 4}
    assert spellings(home) == []
    with pytest.raises(HallscoreError, match="nothing waits"):
        replay(home)
    more = [named(rating(20), hall_name=TYPO)]
    assert send(home, "ratings", more).quarantined == {"rejected_name": 1}
    assert decided_names(snapshot(home))["decision"].to_list() == ["reject"]


def test_a_rejection_that_is_withdrawn_opens_the_spelling_again(tmp_path: Path) -> None:
    """And accepting it takes in what was rejected before."""
    home = town(tmp_path / "home")
    send(home, "ratings", ROWS)
    decision, _ = reject(home, choice(TYPO))
    with pytest.raises(HallscoreError, match=f"no unit of ours.*batch {decision.no}"):
        accept(home, choice(TYPO), "H2")
    withdraw(home, decision.no, "it is ours")
    assert spellings(home) == [TYPO]
    assert accept(home, choice(TYPO), "H2")[1].counts["accepted"] == 4


def test_a_wrong_alias_has_a_way_back(tmp_path: Path) -> None:
    """Withdraw the rows and the decision, decide otherwise: as if it had been right at once."""
    home, clean = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    rows = [row | {"counter_name": "公安", "hall_name": HALLS[0]["name"]} for row in ROWS]
    send(home, "ratings", rows)
    (decision,) = accept(home, choice("公安"), "C2", again=False)
    assert waiting_names(snapshot(home))["decided"].to_list() == [False]  # C2 is in another hall
    assert replay(home)[0].quarantined == {"unmatched_name": 4}
    withdraw(home, decision.no, "not C2")
    decision, wrong = accept(home, choice("公安", hall="H1"), "C2")
    assert wrong.counts["accepted"] == 4
    gone = withdraw(home, decision.no, "it is C1")
    assert any("stay where they are" in said for said in left_open(home, gone))
    assert len(counting_rows(home)["ratings"]) == 4  # a decision that leaves moves no row
    withdraw(home, wrong.no, "it is C1")
    assert counting_rows(home)["ratings"] == []
    assert spellings(home) == ["公安"]
    assert accept(home, choice("公安"), "C1")[1].counts["accepted"] == 4
    send(clean, "ratings", [row | {"counter_id": "C1"} for row in IDS])
    assert cube_of(home) == cube_of(clean)


def test_a_decision_holds_on_its_days_and_for_its_source(tmp_path: Path) -> None:
    """Rows of other days wait; another source may mean another unit by the same words."""
    home = town(tmp_path / "home")
    rows = [named(rating(n), counter_name="大厅窗口", hall_name="") for n in range(5, 13)]
    send(home, "ratings", rows)
    early = accept(home, choice("大厅窗口", end=TENTH), "C1")[1]
    assert (early.counts["accepted"], early.quarantined) == (4, {})
    assert waiting_names(snapshot(home)).select("rows", "first_day").rows() == [(4, TENTH)]
    late = accept(home, choice("大厅窗口", start=TENTH), "C2")[1]
    assert (late.counts["accepted"], late.last_day) == (4, date(2019, 8, 13))
    (home / "sources.toml").write_text('[sources.q]\nlog = "ratings"\nprofile = "canonical"\n')
    other = [row | {"rating_id": f"X{n}", "case_id": f"X{n}"} for n, row in enumerate(rows)]
    assert send(home, "ratings", other, source="q").quarantined == {"unmatched_name": 8}
    batches = accept(home, choice("大厅窗口", source="q"), "C2")
    assert (batches[1].counts["accepted"], batches[1].source) == (8, "q")


def test_a_counter_may_be_decided_inside_one_hall(tmp_path: Path) -> None:
    """The decision with the hall goes first; one without is for the counter's own hall."""
    home = town(tmp_path / "home")
    send(
        home,
        "aliases",
        [alias("一号", "C1", "counter"), alias("一号", "C2", "counter", hall_id="H2")],
    )
    rows = [
        named(rating(1), counter_name="一号"),
        named(rating(2), counter_name="一号", hall_name=HALLS[1]["name"]),
        named(rating(3), counter_name="一号", hall_name=""),
    ]
    assert send(home, "ratings", rows).quarantined == {}
    used = [rating(1), rating(2, counter_id="C2"), rating(3)]
    assert send(home, "ratings", used).counts["known"] == 3


REFUSED: list[tuple[Row, str, str]] = [
    (alias("一", "H9"), "unknown_unit", "hall 'H9' is not in the table `halls`"),
    (alias("一", "H1", "counter"), "unknown_unit", "counter 'H1'.*`counters`"),
    (alias("一", "C1", "counter", hall_id="H7"), "unknown_hall", "'H7'"),
    (alias("一", None, decision="accept"), "accepted_without_unit", "unit_id"),
    (alias(TYPO, "H1"), "contradicting_alias", "stands for 'H2'.*Withdraw that batch"),
    (alias(TYPO, None), "contradicting_alias", "stands for 'H2'"),
    (alias(f" {TYPO}", "H1", valid_from="2019-08-01"), "contradicting_alias", "stands for 'H2'"),
    (alias("二", "H1", valid_from="2019-08-02", valid_to="2019-08-01"), "ends_before_it", ""),
]


@pytest.mark.parametrize(("row", "reason", "said"), REFUSED)
def test_a_decision_that_cannot_be_is_refused(
    row: Row, reason: str, said: str, tmp_path: Path
) -> None:
    """A unit that does not exist, or two for one day, by whichever way it comes."""
    import re

    home = town(tmp_path / "home")
    send(home, "aliases", [alias(TYPO, "H2", valid_to="2020-01-01")])
    batch = send(home, "aliases", [row])
    assert [one.startswith(reason) for one in batch.quarantined] == [True]
    assert re.search(said, waiting(snapshot(home))["detail"][0])


def test_the_same_decision_may_be_sent_again_prolonged_and_follow_another(tmp_path: Path) -> None:
    """No day has two units."""
    home = town(tmp_path / "home")
    first = alias(TYPO, "H2", valid_from="2019-01-01", valid_to="2019-08-01")
    assert send(home, "aliases", [first]).counts["accepted"] == 1
    assert send(home, "aliases", [first | {"spelling": f"{TYPO} "}]).counts["known"] == 1
    longer = first | {"valid_to": "2019-09-01"}
    after = alias(TYPO, "H1", valid_from="2019-09-01")
    assert send(home, "aliases", [longer, after]).counts["accepted"] == 2
    assert decided_names(snapshot(home)).height == 2


def test_two_rows_of_one_file_that_contradict_are_both_refused(tmp_path: Path) -> None:
    """Whichever comes first: which one is meant, nobody said."""
    home = town(tmp_path / "home")
    rows = [alias(TYPO, "H2"), alias(TYPO, "H1", valid_from="2019-08-01"), alias("别的", "H1")]
    batch = send(home, "aliases", rows)
    assert (batch.counts["accepted"], batch.quarantined) == (1, {"contradicting_alias": 2})


WRONG: list[tuple[Choice, str, str]] = [
    (Choice(TYPO, " "), "H2", "--by is empty"),
    (Choice(" ", "x"), "H2", "the spelling is empty"),
    (choice("天元区正务"), "H2", f"no row waits for it. Did you mean '{TYPO}'"),
    (choice(TYPO, source="canonica"), "H2", "--source 'canonica'.*Did you mean 'canonical'"),
    (choice(TYPO), "H22", "hall 'H22' is not in the table `halls`. Did you mean 'H2'"),
    (choice(TYPO, kind="desk"), "H2", "--kind 'desk' is unknown; known are hall, counter"),
    (choice(TYPO, start=TENTH, end=AUGUST), "H2", "--to 2019-08-01 is not after --from"),
]


@pytest.mark.parametrize(("wrong", "unit", "said"), WRONG)
def test_a_wrong_command_decides_nothing(
    wrong: Choice, unit: str, said: str, tmp_path: Path
) -> None:
    """One message; no batch, nothing moved."""
    home = town(tmp_path / "home")
    send(home, "ratings", ROWS)
    before = snapshot(home).stamp
    with pytest.raises(HallscoreError, match=said):
        accept(home, wrong, unit)
    assert snapshot(home).stamp == before
    assert not [path for path in home.iterdir() if "alias-" in path.name]


def test_a_spelling_that_waits_for_two_sources_must_name_one(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    (home / "sources.toml").write_text('[sources.q]\nlog = "ratings"\nprofile = "canonical"\n')
    send(home, "ratings", ROWS[:1])
    send(home, "ratings", ROWS[1:], source="q")
    with pytest.raises(HallscoreError, match=r"several sources \(canonical, q\)"):
        accept(home, choice(TYPO), "H2")
    assert accept(home, choice(TYPO, source="q"), "H2")[1].counts["accepted"] == 3
    assert waiting_names(snapshot(home))["source"].to_list() == ["canonical"]


def test_ids_that_are_a_hall_and_a_counter_are_told_apart_by_what_waits(tmp_path: Path) -> None:
    """Or by --kind, where both wait."""
    home = town(tmp_path / "home")
    send(home, "counters", [COUNTERS[0] | {"counter_id": "H2", "name": "甲"}])
    rows = [named(rating(1), hall_name="一"), named(rating(2), counter_name="一")]
    send(home, "ratings", rows)
    with pytest.raises(HallscoreError, match="may be the name of a hall or a counter"):
        accept(home, choice("一"), "H2")
    assert accept(home, choice("一", kind="counter"), "H2")[1].counts["accepted"] == 1
    assert accept(home, choice("一"), "H2")[1].quarantined == {"unmatched_name": 1}


def test_the_command_line_lists_accepts_and_rejects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As table, csv and JSON; a refusal is one message and exit code 2."""
    home = town(tmp_path / "home")
    send(home, "ratings", [*ROWS, named(rating(9), counter_name="测试")])

    def run(*command: str) -> tuple[int, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["--home", str(home), "aliases", *command])
        seen = capsys.readouterr()
        return int(left.value.code or 0), seen.out + seen.err

    waits = json.loads(run("list", "--json")[1])
    assert [(one["spelling"], one["rows"]) for one in waits] == [(TYPO, 4), ("测试", 1)]
    rows = list(csv.DictReader(io.StringIO(run("list", "--format", "csv")[1])))
    assert rows[0]["nearest"].startswith(f"H2 {HALLS[1]['name']}; H1")
    assert TYPO in run("list")[1]
    assert run("accept", TYPO, "--unit", "H9", "--by", "李")[0] == 2
    code, said = run("accept", TYPO, "--unit", "H2", "--by", "李", "--json")
    assert (code, [one["accepted"] for one in json.loads(said)]) == (0, [1, 4])
    assert run("reject", "测试", "--by", "李", "--from", "2019-01-01")[0] == 0
    assert json.loads(run("list", "--waiting", "--json")[1]) == []
    told = json.loads(run("list", "--decided", "--json")[1])
    assert {one["spelling"]: one["decided_by"] for one in told} == {TYPO: "李", "测试": "李"}
    assert run("accept", "乙", "--unit", "H2", "--by", "李", "--from", "8月")[0] == 2
