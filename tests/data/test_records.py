"""Attendance, bonuses, votes and vetoes: every field, every refusal, and the way back."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.errors import HallscoreError
from data.ingest import ingest
from data.intake import Request
from data.profile import SHIPPED, load_profile
from data.quarantine import replay, waiting
from data.store import snapshot
from data.views import connect
from data.wayback import withdraw
from metrics.doctor import doctor
from metrics.periods import parse_period
from metrics.receipts import receipts
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value
from tests.builders import Row, counting_rows, cube_of, send, town, write

STAFF = [
    {"staff_id": "S1", "counter_id": "C1", "valid_from": "", "valid_to": ""},
    {"staff_id": "S2", "counter_id": "C1", "valid_from": "", "valid_to": ""},
    {"staff_id": "S2", "counter_id": "C2", "valid_from": "2019-08-10", "valid_to": "2019-09-01"},
    {"staff_id": "S3", "counter_id": "", "valid_from": "", "valid_to": ""},
]
AUGUST = parse_period("2019-08")
EVERYBODY = Scope("test", None)


def staffed(home: Path) -> Path:
    send(town(home), "staff", STAFF)
    return home


def shift(number: int, **changes: Any) -> Row:
    base = {
        "attendance_id": f"A{number}",
        "staff_id": "S1",
        "attended_on": f"2019-08-{number % 27 + 1:02d}",
        "kind": "present",
    }
    return base | changes


def bonus(number: int, **changes: Any) -> Row:
    base = {
        "bonus_id": f"B{number}",
        "counter_id": "C1",
        "given_on": "2019-08-05",
        "rule_code": "J1",
        "points": "0.5",
    }
    return base | changes


def vote(number: int, **changes: Any) -> Row:
    base = {
        "vote_id": f"V{number}",
        "counter_id": "C1",
        "voted_on": "2019-08-30",
        "electorate": "clients",
        "score": "95.25",
    }
    return base | changes


def veto(number: int, **changes: Any) -> Row:
    base = {
        "veto_id": f"F{number}",
        "counter_id": "C1",
        "happened_on": "2019-08-20",
        "rule_code": "exposure",
    }
    return base | changes


ONE_OF_EACH = {"attendance": shift(1), "bonuses": bonus(1), "votes": vote(1), "vetoes": veto(1)}


def seen(home: Path, view: str) -> list[dict[str, Any]]:
    """The rows of a view by id, units as their ids, without how they came."""
    snap = snapshot(home)
    con = connect(snap)
    rows = con.sql(f"SELECT * FROM {view} ORDER BY id").pl()
    con.close()
    for column, table in (
        ("counter", "counters"),
        ("hall", "halls"),
        ("department", "departments"),
    ):
        if column in rows.columns:
            numbers = dict(snap.reference(table).select("no", f"{column}_id").iter_rows())
            named = pl.col(column).replace_strict(numbers, default=None, return_dtype=pl.String)
            rows = rows.with_columns(named)
    return rows.drop("batch", "line", "month").to_dicts()


def test_every_field_of_attendance_arrives(tmp_path: Path) -> None:
    home = staffed(tmp_path / "home")
    full = shift(
        1,
        counter_id="C2",
        shift="am",
        kind="leave",
        minutes=240,
        leave_kind="sick",
        approved="1",
        due_in="2019-08-02 09:00:00",
        due_out="2019-08-02 12:00:00",
        in_at="2019-08-02 09:01:00",
        out_at="2019-08-02 11:59:00",
    )
    send(home, "attendance", [full])
    named = seen(home, "attendance")[0].pop("named_counter")
    assert named == snapshot(home).reference("counters").filter(counter_id="C2")["no"].item()
    assert seen(home, "attendance") == [
        {
            "id": "A1",
            "staff_id": "S1",
            "counter": "C2",
            "named_counter": named,
            "day": date(2019, 8, 2),
            "shift": "am",
            "kind": "leave",
            "minutes": 240,
            "leave_kind": "sick",
            "approved": True,
            "due_in": datetime(2019, 8, 2, 9),
            "due_out": datetime(2019, 8, 2, 12),
            "in_at": datetime(2019, 8, 2, 9, 1),
            "out_at": datetime(2019, 8, 2, 11, 59),
            "exempt": False,
        }
    ]


def test_a_shift_is_of_the_counter_at_which_its_person_stood_that_day(tmp_path: Path) -> None:
    """From the table `staff`; a person without a counter is kept, and is in no counter's sum."""
    home = staffed(tmp_path / "home")
    rows = [
        shift(1, staff_id="S2", attended_on="2019-08-09"),
        shift(2, staff_id="S2", attended_on="2019-08-10"),
        shift(3, staff_id="S3"),
        shift(4, staff_id="S2", attended_on="2019-08-11", counter_name="公安窗口", hall_id="H1"),
    ]
    padded = [dict.fromkeys(("counter_name", "hall_id"), "") | row for row in rows]
    send(home, "attendance", padded)
    assert [row["counter"] for row in seen(home, "attendance")] == ["C1", "C2", None, "C1"]
    rates = value(home, "attendance_rate", AUGUST, "counter", EVERYBODY)
    assert dict(rates.select("id", "d").iter_rows()) == {"C1": 2, "C2": 1}


def test_a_corrected_staff_table_moves_the_shift_and_the_row_stays_known(tmp_path: Path) -> None:
    """As a corrected desk moves its tickets; what the row itself says is not moved."""
    home = staffed(tmp_path / "home")
    rows = [shift(1, counter_id=""), shift(2, counter_id="C1")]
    send(home, "attendance", rows)
    send(home, "staff", [{"staff_id": "S1", "counter_id": "C2"}])
    assert [row["counter"] for row in seen(home, "attendance")] == ["C2", "C1"]
    late = value(home, "attendance_rate", AUGUST, "counter", EVERYBODY)
    assert dict(late.select("id", "d").iter_rows()) == {"C1": 1, "C2": 1}
    path = write(tmp_path / "again.csv", [*rows, shift(3, counter_id="")])
    assert send(home, "attendance", path).counts["known"] == 2


def test_who_is_not_on_the_staff_waits_and_comes_in_once_the_table_knows_them(
    tmp_path: Path,
) -> None:
    """A stranger, and one who had left; the nearest known is named."""
    home = staffed(tmp_path / "home")
    rows = [
        shift(1, staff_id="S11"),
        shift(2, staff_id="S2", attended_on="2019-09-01"),
        shift(3),
        shift(4, staff_id="S11", counter_id="C1"),
    ]
    batch = send(home, "attendance", [{"counter_id": ""} | row for row in rows])
    assert batch.quarantined == {"unknown_staff": 3}
    details = waiting(snapshot(home)).sort("line")["detail"].to_list()
    assert details[0].startswith(
        "staff member 'S11' is not in the table `staff`. Did you mean 'S1'"
    )
    assert "'S2' is not on the staff on 2019-09-01" in details[1]
    send(home, "staff", [{"staff_id": "S11", "counter_id": "C2"}])
    replay(home, batch=batch.no)
    assert [row["id"] for row in seen(home, "attendance")] == ["A1", "A3", "A4"]


def test_without_a_staff_table_a_person_counts_where_the_row_says(tmp_path: Path) -> None:
    """And waits where it does not say it."""
    home = town(tmp_path / "home")
    rows = [shift(1, counter_id="C1"), shift(2, counter_id="")]
    assert send(home, "attendance", rows).quarantined == {"unknown_staff": 1}
    assert [row["counter"] for row in seen(home, "attendance")] == ["C1"]
    alone = [bonus(1, counter_id="", staff_id="S1"), bonus(2, staff_id="S1")]
    assert send(home, "bonuses", alone).quarantined == {"unknown_staff": 1}


def test_a_shift_at_a_closed_counter_waits(tmp_path: Path) -> None:
    """Whether the row names the counter or the table `staff` does."""
    home = staffed(tmp_path / "home")
    closed = {"counter_id": "C1", "name": "公安窗口", "hall_id": "H1", "valid_to": "2019-08-15"}
    send(home, "counters", [closed])
    rows = [shift(n, attended_on=f"2019-08-{n}", counter_id="") for n in (14, 15)]
    batch = send(home, "attendance", [*rows, shift(16, attended_on="2019-08-16", counter_id="C1")])
    assert batch.quarantined == {"unit_not_open": 2}


REFUSED = [
    ("attendance", shift(1, staff_id=""), "missing_key"),
    ("attendance", shift(1, attended_on=""), "missing_key"),
    ("attendance", shift(1, kind=""), "missing_key"),
    ("attendance", shift(1, kind="ill"), "unknown_code"),
    ("attendance", shift(1, shift="night"), "unknown_code"),
    ("attendance", shift(1, minutes=-3), "bad_value"),
    ("attendance", shift(1, minutes="1.5"), "not_a_number"),
    ("attendance", shift(1, leave_kind="sick"), "leave_kind_without_leave"),
    ("attendance", shift(1, attended_on="2 August"), "unparseable_time"),
    ("attendance", shift(1, attended_on="1999-12-31"), "out_of_period"),
    ("attendance", shift(1, counter_id="C9"), "unknown_counter"),
    (
        "attendance",
        shift(1, in_at="2019-08-02 10:00:00", out_at="2019-08-02 09:00:00"),
        "out_before_in",
    ),
    ("bonuses", bonus(1, counter_id=""), "no_entity"),
    ("bonuses", bonus(1, points="-1"), "bad_value"),
    ("bonuses", bonus(1, points="some"), "not_a_number"),
    ("bonuses", bonus(1, rule_code=""), "missing_key"),
    ("bonuses", bonus(1, counter_id="", hall_id="H9"), "unknown_hall"),
    ("bonuses", bonus(1, department_id="D9"), "unknown_department"),
    ("bonuses", bonus(1, staff_id="S9"), "unknown_staff"),
    ("bonuses", bonus(1, counter_id="", hall_id="H1", counter_name="农业窗口"), "unmatched_name"),
    ("votes", vote(1, counter_id=""), "no_entity"),
    ("votes", vote(1, score="100.5"), "score_above_scale"),
    ("votes", vote(1, score="9", scale="5"), "score_above_scale"),
    ("votes", vote(1, ballots="0"), "bad_value"),
    ("votes", vote(1, electorate=""), "missing_key"),
    ("vetoes", veto(1, counter_id=""), "no_entity"),
    ("vetoes", veto(1, decided_on="2019-08-19"), "decided_before_it_happened"),
    ("vetoes", veto(1, happened_on=""), "missing_key"),
]


@pytest.mark.parametrize(("log", "row", "reason"), REFUSED)
def test_a_row_is_refused_for_its_reason(log: str, row: Row, reason: str, tmp_path: Path) -> None:
    """Beside a good row, which is taken in."""
    home = staffed(tmp_path / "home")
    good = ONE_OF_EACH[log]
    key = next(iter(good))
    both = [row, dict.fromkeys(row, "") | good | {key: "GOOD"}]
    batch = send(home, log, both)
    assert (batch.quarantined, batch.counts["accepted"]) == ({reason: 1}, 1)


def test_a_row_speaks_of_what_it_names(tmp_path: Path) -> None:
    """Beside a counter or a person a hall only says where that is."""
    home = staffed(tmp_path / "home")
    empty = dict.fromkeys(
        ("counter_id", "counter_name", "hall_id", "hall_name", "staff_id", "department_id"), ""
    )
    named = [
        {"counter_id": "C1", "hall_id": "H1"},
        {"counter_name": "税务窗口", "hall_name": "天元区政务服务中心"},
        {"staff_id": "S1", "hall_id": "H1"},
        {"hall_name": "市民中心"},
        {"department_id": "D2"},
        {"counter_id": "C1", "staff_id": "S2", "department_id": "D1"},
    ]
    send(home, "bonuses", [bonus(n, **(empty | one)) for n, one in enumerate(named)])
    told = [
        tuple(row[name] for name in ("counter", "hall", "department", "staff_id"))
        for row in seen(home, "bonuses")
    ]
    assert told == [
        ("C1", None, None, None),
        ("C2", None, None, None),
        (None, None, None, "S1"),
        (None, "H1", None, None),
        (None, None, "D2", None),
        ("C1", None, "D1", "S2"),
    ]


def test_points_and_marks_are_hundredths_and_defaults_are_said(tmp_path: Path) -> None:
    """0.29 × 100 is not 28; a row is one ballot of a hundred where it says nothing else."""
    home = staffed(tmp_path / "home")
    send(home, "bonuses", [bonus(1, points="0.29", decided_by="考核办")])
    send(home, "votes", [vote(1, scale="", ballots=""), vote(2, score="4.5", scale=5, ballots=12)])
    send(home, "vetoes", [veto(1, finding_id="F7", decided_by="领导小组", decided_on="2019-09-02")])
    assert seen(home, "bonuses") == [
        {
            **{"id": "B1", "counter": "C1", "hall": None, "department": None, "staff_id": None},
            **{"day": date(2019, 8, 5), "rule_code": "J1", "points_c": 29, "decided_by": "考核办"},
        }
    ]
    ballots = [(row["score_c"], row["scale_c"], row["ballots"]) for row in seen(home, "votes")]
    assert ballots == [(9525, 10000, 1), (450, 500, 12)]
    assert seen(home, "votes")[0]["electorate"] == "clients"
    assert seen(home, "vetoes") == [
        {
            **{"id": "F1", "counter": "C1", "hall": None, "department": None, "staff_id": None},
            **{"day": date(2019, 8, 20), "rule_code": "exposure", "finding_id": "F7"},
            **{"decided_by": "领导小组", "decided_on": date(2019, 9, 2)},
        }
    ]


def test_personal_numbers_in_free_text_leave_no_trace(tmp_path: Path) -> None:
    """In the reason and in quarantine; a reason is cut short, and no view shows it."""
    home = staffed(tmp_path / "home")
    phone = "138" + "0013" + "8000"
    why = f"来电 {phone} 表扬" + "好" * 200
    send(home, "bonuses", [bonus(1, reason=why), bonus(2, reason=why, points="-1")])
    con = connect(snapshot(home))
    [(kept,)] = con.execute("SELECT reason FROM bonuses_raw").fetchall()
    assert kept.startswith("来电 [phone number] 表扬")
    assert len(kept) == 100
    assert "reason" not in con.sql("SELECT * FROM bonuses").columns
    assert phone not in str(waiting(snapshot(home)).to_dicts())


CHANGES: dict[str, Row] = {
    "attendance": {
        "staff_id": "S2",
        "kind": "late",
        "minutes": 4,
        "shift": "pm",
        "counter_id": "C2",
    },
    "bonuses": {"points": "0.75", "rule_code": "J2", "staff_id": "S1", "reason": "其他"},
    "votes": {"score": "91", "scale": "200", "ballots": 3, "electorate": "peers"},
    "vetoes": {"rule_code": "quarrel", "finding_id": "F1", "decided_by": "组", "staff_id": "S1"},
}


@pytest.mark.parametrize("log", CHANGES)
def test_the_same_row_is_known_and_another_under_its_id_a_conflict(
    log: str, tmp_path: Path
) -> None:
    """Every field that the source delivers is content; doubles inside a file count once."""
    home = staffed(tmp_path / "home")
    full = dict.fromkeys(CHANGES[log], "") | ONE_OF_EACH[log]
    assert send(home, log, [full, full]).counts == {
        **{"read": 2, "accepted": 1, "known": 1, "repeated": 0, "no_rating": 0}
    }
    for name, changed in CHANGES[log].items():
        batch = send(home, log, [full | {name: changed}])
        assert batch.quarantined == {"conflicting_id": 1}, name


@pytest.mark.parametrize("log", ONE_OF_EACH)
def test_a_withdrawn_batch_leaves_and_its_rows_may_come_again(log: str, tmp_path: Path) -> None:
    """As if the first had never been."""
    home, plain = staffed(tmp_path / "a" / "home"), staffed(tmp_path / "b" / "home")
    before = cube_of(home)
    rows = [ONE_OF_EACH[log]]
    path = write(tmp_path / "rows.csv", rows)
    batch = send(home, log, path)
    assert cube_of(home) != before
    withdraw(home, batch.no, "wrong month")
    assert cube_of(home) == before
    assert send(home, log, path).counts["accepted"] == 1
    send(plain, log, path)
    assert cube_of(home) == cube_of(plain)


def test_a_better_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    """What was late is present now; the sums follow."""
    home = staffed(tmp_path / "home")
    batch = send(home, "attendance", [shift(n, kind="late") for n in range(3)])
    path = write(tmp_path / "better.csv", [shift(n) for n in range(3)])
    assert value(home, "late_n", AUGUST, "counter", EVERYBODY)["n"].sum() == 3
    ingest(home, Request(path, "attendance", "canonical", replaces=batch.no))
    assert value(home, "late_n", AUGUST, "counter", EVERYBODY)["n"].sum() == 0
    assert len(counting_rows(home)["attendance"]) == 3


def test_a_home_without_these_logs_lacks_nothing_new(tmp_path: Path) -> None:
    """Neither doctor nor the receipts ask for what a city does not keep."""
    home = staffed(tmp_path / "home")
    send(
        home,
        "tickets",
        [
            {
                "ticket_id": "T1",
                "counter_id": "C1",
                "taken_at": "2019-08-01 09:00:00",
                "status": "waiting",
            }
        ],
    )
    new = {"attendance", "bonuses", "votes", "vetoes"}
    assert not new & {one["where"] for one in doctor(home, date(2019, 8, 31))}
    assert receipts(ensure(home), AUGUST, EVERYBODY, date(2019, 9, 30)).is_empty()
    rates = value(home, "attendance_rate", AUGUST, "counter", EVERYBODY)
    assert set(rates["state"]) == {"missing"}


def test_kept_attendance_that_stops_is_missed_and_a_month_without_a_veto_is_not(
    tmp_path: Path,
) -> None:
    home = staffed(tmp_path / "home")
    for log, row in ONE_OF_EACH.items():
        send(home, log, [row])
    told = [one["where"] for one in doctor(home, date(2019, 10, 31)) if one["kind"] == "missing"]
    assert "attendance" in told
    assert not {"bonuses", "votes", "vetoes"} & set(told)


def test_a_schedule_may_expect_attendance_of_a_hall(tmp_path: Path) -> None:
    """Then, and only then, somebody owes it."""
    home = staffed(tmp_path / "home")
    (home / "sources.toml").write_text(
        '[sources.sheet]\nlog = "attendance"\nprofile = "canonical"\n'
        '[sources.sheet.schedule]\nevery = "month"\ndue = "5 working days"\nfirst = 2019-08-01\n',
        "utf-8",
    )
    day = date(2019, 9, 30)
    assert set(receipts(ensure(home), AUGUST, EVERYBODY, day)["state"]) == {"missing"}
    came = datetime(2019, 9, 3, 9)
    span = (AUGUST.start, AUGUST.end)
    send(home, "attendance", [shift(1)], source="sheet", span=span, received_at=came)
    assert set(receipts(ensure(home), AUGUST, EVERYBODY, day)["state"]) == {"received"}


TIMED = (SHIPPED / "canonical.toml").read_text("utf-8")


def timed_profile(folder: Path) -> str:
    """The canonical profile, which derives the kinds of shifts that have none."""
    path = folder / "timed.toml"
    head = "[attendance]\nderive_kind = true\n\n[attendance.columns]"
    path.write_text(TIMED.replace("[attendance.columns]", head), "utf-8")
    return str(path)


DERIVED = [
    # due_in, in_at, due_out, out_at → kind, minutes
    (("09:00:00", "08:55:00", "12:00:00", "12:01:00"), ("present", None)),
    (("09:00:00", "09:00:59", "12:00:00", "12:00:00"), ("present", None)),
    (("09:00:00", "09:01:00", "12:00:00", "12:00:00"), ("late", 1)),
    (("09:00:00", "09:07:30", "12:00:00", "11:55:00"), ("late", 12)),
    (("09:00:00", "08:59:00", "12:00:00", "11:58:59"), ("early", 1)),
    (("09:00:00", "", "12:00:00", "12:00:00"), ("no_sign", None)),
    (("09:00:00", "09:05:00", "12:00:00", ""), ("no_sign", 5)),
    (("09:00:00", "", "12:00:00", ""), ("no_sign", None)),
    (("", "", "12:00:00", "11:50:00"), ("early", 10)),
]


@pytest.mark.parametrize(("times", "told"), DERIVED)
def test_kinds_are_derived_from_the_times_where_the_profile_says_so(
    times: tuple[str, ...], told: tuple[str, int | None], tmp_path: Path
) -> None:
    home = staffed(tmp_path / "home")
    moments = {
        name: time and f"2019-08-02 {time}"
        for name, time in zip(("due_in", "in_at", "due_out", "out_at"), times, strict=True)
    }
    send(home, "attendance", [shift(1, kind="", **moments)], profile=timed_profile(tmp_path))
    assert [(row["kind"], row["minutes"]) for row in seen(home, "attendance")] == [told]


def test_a_kind_is_never_guessed(tmp_path: Path) -> None:
    """Not without due times, not against the source, not where the profile does not ask for it."""
    home = staffed(tmp_path / "home")
    late = {"due_in": "2019-08-02 09:00:00", "in_at": "2019-08-02 09:30:00"}
    said = shift(1, **late, minutes=20, leave_kind="")
    leave = shift(2, kind="", leave_kind="annual", minutes="", due_in="", in_at="")
    undue = shift(3, kind="", leave_kind="", minutes="", due_in="", in_at="2019-08-02 09:30:00")
    batch = send(home, "attendance", [said, leave, undue], profile=timed_profile(tmp_path))
    assert batch.quarantined == {"missing_key": 1}
    kinds = [(row["kind"], row["minutes"]) for row in seen(home, "attendance")]
    assert kinds == [("present", 20), ("leave", None)]
    untold = shift(4, **late) | {"kind": ""}
    assert send(home, "attendance", [untold]).quarantined == {"missing_key": 1}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('kind = "kind"\n', ""), "lacks 'kind'.*derive_kind = true"),
        (
            ("[bonuses.columns]", "[bonuses]\nderive_kind = true\n[bonuses.columns]"),
            "belongs under",
        ),
        (
            ('due_in = "due_in"\n', ""),
            r"derive_kind needs due_in and in_at",
        ),
    ],
)
def test_a_profile_by_which_a_shift_has_no_kind_is_refused(
    change: tuple[str, str], said: str, tmp_path: Path
) -> None:
    """At once, with the file and what to do."""
    timed = said.startswith("derive")
    text = Path(timed_profile(tmp_path)).read_text("utf-8") if timed else TIMED
    start = text.index("[bonuses" if "bonuses" in change[0] else "[attendance")
    changed = text[:start] + text[start:].replace(*change, 1)
    if timed:
        changed = changed.replace('due_in = "%Y-%m-%d %H:%M:%S"\n', "", 1)
        changed = changed.replace('out_at = "out_at"\n', "", 1).replace(
            'out_at = "%Y-%m-%d %H:%M:%S"\n', "", 1
        )
    path = tmp_path / "changed.toml"
    path.write_text(changed, "utf-8")
    with pytest.raises(HallscoreError, match=said):
        load_profile(str(path))
