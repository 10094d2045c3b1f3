"""The monthly sheet of persons: a month by hand, and who may see whom."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.errors import HallscoreError
from metrics.attendance_sheet import monthly_sheet
from metrics.periods import parse_period
from metrics.scope import PERSONS, Scope
from tests.builders import Row, send, town

AUGUST = parse_period("2019-08")
RIGHTS = frozenset([PERSONS])
EVERYBODY = Scope("test", None, RIGHTS)
COUNTY = Scope("county", frozenset(["H2"]), RIGHTS)


def shift(number: int, staff: str, day: int, kind: str, **more: Any) -> Row:
    base = {"minutes": "", "approved": "", "attendance_id": f"A{number}", "staff_id": staff}
    return base | {"attended_on": f"2019-08-{day:02d}", "kind": kind} | more


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """S1 works at C1; S2 moves from C1 to C2 on the 16th; S3 has a bonus and no sheet."""
    home = town(tmp_path / "home")
    staff = [
        {"staff_id": "S1", "counter_id": "C1", "valid_from": ""},
        {"staff_id": "S2", "counter_id": "C1", "valid_from": ""},
        {"staff_id": "S2", "counter_id": "C2", "valid_from": "2019-08-16"},
        {"staff_id": "S3", "counter_id": "C2", "valid_from": ""},
    ]
    send(home, "staff", staff)
    shifts = [
        shift(1, "S1", 1, "present"),
        shift(2, "S1", 2, "late", minutes=7),
        shift(3, "S1", 5, "early", minutes=5),
        shift(4, "S1", 6, "no_sign"),
        shift(5, "S1", 7, "absent"),
        shift(6, "S1", 8, "away", minutes=30),
        shift(7, "S1", 9, "not_back"),
        shift(8, "S1", 12, "leave", approved="1"),
        shift(9, "S1", 13, "leave", approved="0"),
        shift(10, "S1", 14, "leave"),
        shift(11, "S2", 15, "present"),
        shift(12, "S2", 16, "late"),
        shift(13, "S1", 1, "late", attended_on="2019-09-01"),
    ]
    send(home, "attendance", shifts)
    bonuses = [
        {
            "bonus_id": "B1",
            "counter_id": "",
            "staff_id": "S1",
            "given_on": "2019-08-03",
            "points": 1.5,
        },
        {
            "bonus_id": "B2",
            "counter_id": "C1",
            "staff_id": "S1",
            "given_on": "2019-08-31",
            "points": 0.25,
        },
        {
            "bonus_id": "B3",
            "counter_id": "C1",
            "staff_id": "",
            "given_on": "2019-08-03",
            "points": 9,
        },
        {
            "bonus_id": "B4",
            "counter_id": "",
            "staff_id": "S3",
            "given_on": "2019-08-03",
            "points": 2,
        },
    ]
    send(home, "bonuses", [row | {"rule_code": "J1"} for row in bonuses])
    finding = {"finding_id": "F1", "counter_id": "C1", "staff_id": "S1", "rule_code": "R1"}
    send(home, "findings", [finding | {"found_at": "2019-08-06 10:00:00", "points": 0.5}])
    return home


S1 = {
    **{"staff_id": "S1", "counter_id": "C1", "counter": "公安窗口", "shifts": 10, "present_n": 1},
    **{"late_n": 1, "early_n": 1, "no_sign_n": 1, "absent_n": 1, "away_n": 1, "not_back_n": 1},
    **{"leave_n": 3, "unapproved_n": 1, "minutes": 42, "bonus_points": 1.75, "finding_points": 0.5},
}
NO_KINDS = {
    **{"present_n": 0, "late_n": 0, "early_n": 0, "no_sign_n": 0, "absent_n": 0, "away_n": 0},
    **{"not_back_n": 0, "leave_n": 0, "unapproved_n": 0},
}
S2 = {
    **{"staff_id": "S2", "counter_id": "C2", "counter": "税务窗口", "shifts": 2, **NO_KINDS},
    # Late by how much is not written: not 0.
    **{"present_n": 1, "late_n": 1, "minutes": None, "bonus_points": 0.0, "finding_points": 0.0},
}
S3 = {
    **{
        "staff_id": "S3",
        "counter_id": "C2",
        "counter": "税务窗口",
        "shifts": None,
        "minutes": None,
    },
    **dict.fromkeys(NO_KINDS, None),
    **{"bonus_points": 2.0, "finding_points": 0.0},
}


def test_the_sheet_of_a_month_by_hand(home: Path) -> None:
    """Kinds add up to shifts; a bonus of the counter is nobody's own; no sheet is not zero."""
    sheet = monthly_sheet(home, AUGUST, EVERYBODY).to_dicts()
    assert sheet == [S1, S2, S3]
    kinds = [name for name in NO_KINDS if name != "unapproved_n"]
    assert sum(sheet[0][name] for name in kinds) == sheet[0]["shifts"]


def test_what_is_not_kept_is_null(tmp_path: Path) -> None:
    """A city that gives no bonuses does not show a 0 beside each name."""
    home = town(tmp_path / "home")
    send(home, "attendance", [shift(1, "S1", 1, "present", counter_id="C1")])
    row = monthly_sheet(home, AUGUST, EVERYBODY).row(0, named=True)
    assert (row["shifts"], row["minutes"]) == (1, 0)
    assert (row["bonus_points"], row["finding_points"]) == (None, None)


def test_only_what_was_known_on_the_day_counts(home: Path) -> None:
    row = monthly_sheet(home, AUGUST, EVERYBODY, as_of=date(2019, 8, 2)).row(0, named=True)
    assert (row["staff_id"], row["shifts"], row["minutes"], row["bonus_points"]) == ("S1", 2, 7, 0)


def test_who_has_a_county_sees_what_happened_there(home: Path) -> None:
    """Of somebody who moved, the days there and no others."""
    sheet = monthly_sheet(home, AUGUST, COUNTY).to_dicts()
    there = S2 | {"shifts": 1, "present_n": 0}
    assert sheet == [there, S3]


def test_a_hall_or_a_counter_alone(home: Path) -> None:
    one = monthly_sheet(home, AUGUST, EVERYBODY, hall="H1")
    assert one["staff_id"].to_list() == ["S1", "S2"]
    assert one["shifts"].to_list() == [10, 1]
    two = monthly_sheet(home, AUGUST, EVERYBODY, counter="C2")
    assert two["staff_id"].to_list() == ["S2", "S3"]


def test_persons_are_refused_without_the_right(home: Path) -> None:
    """Whatever the halls of the viewer; the message says which right and where."""
    for halls in (None, frozenset(["H1"])):
        with pytest.raises(HallscoreError, match=r'right "persons".*access\.toml'):
            monthly_sheet(home, AUGUST, Scope("north", halls, frozenset(["intake"])))


def test_a_unit_outside_the_scope_is_as_unknown_as_any_other(home: Path) -> None:
    for unit in ({"hall": "H1"}, {"counter": "C1"}, {"hall": "H7"}):
        with pytest.raises(HallscoreError, match="may see"):
            monthly_sheet(home, AUGUST, COUNTY, **unit)


def test_the_command_prints_the_sheet(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For the local operator, and not for a user without the right."""
    from hallscore import main

    (home / "access.toml").write_text('[users.county]\nhalls = ["H2"]\n', "utf-8")
    asked = ["--home", str(home), "sheet", "--period", "2019-08"]
    with pytest.raises(SystemExit) as done:
        main([*asked, "--hall", "H2", "--json"])
    assert done.value.code in (0, None)
    printed = json.loads(capsys.readouterr().out)
    assert [row["staff_id"] for row in printed] == ["S2", "S3"]
    with pytest.raises(SystemExit) as refused:
        main([*asked, "--as", "county"])
    assert refused.value.code == 2
    assert "persons" in capsys.readouterr().err
