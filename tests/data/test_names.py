"""A row that names its units means the same as one that gives their ids, or it waits."""

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import HallscoreError
from data.names import normalised
from data.nearest_names import Known, Near, pinyin
from data.profile import SHIPPED
from data.quarantine import waiting
from data.store import snapshot
from tests.builders import COUNTERS, HALLS, Row, case, cube_of, rating, send, ticket, town, write
from tests.named import alias, named

ODD = "\u00a0天元区政务服务中心\u3000"
SAME_NAME = [
    {"counter_id": f"C{n}", "name": "综合窗口1", "hall_id": f"H{n - 2}", "department_id": "D1"}
    for n in (3, 4)
]


def finding(number: int, **changes: Any) -> Row:
    row = {
        "finding_id": f"F{number}",
        "counter_id": "C1",
        "found_at": f"2019-08-{number % 27 + 1:02d} 11:00:00",
        "rule_code": "A",
        "points": 0.5,
    }
    return row | changes


def inspection(number: int, **changes: Any) -> Row:
    row = {"inspection_id": f"P{number}", "hall_id": "H1", "started_at": "2019-08-01 09:00:00"}
    return row | {"counters": "all", "findings_n": 0} | changes


def details(home: Path) -> list[tuple[str, str]]:
    return waiting(snapshot(home)).sort("line").select("reason", "detail").rows()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\u00a0 市民中心\u3000\u3000", "市民中心"),
        ("（综合）  窗口　１", "(综合) 窗口 1"),
        ("Ａ座\u200b２号\ufeff", "A座2号"),
        ("市民中心", "市民中心"),
        ("\u200b", ""),
    ],
)
def test_a_name_is_compared_without_what_nobody_sees(text: str, plain: str) -> None:
    """Full-width letters, odd and doubled blanks are the keyboard's, not the unit's."""
    assert normalised(text) == plain


@given(st.text(max_size=12))
def test_a_normalised_name_is_its_own_normal_form(text: str) -> None:
    """An alias is stored normalised and compared with what is normalised once more."""
    assert normalised(normalised(text)) == normalised(text)


def test_every_log_may_come_with_names(tmp_path: Path) -> None:
    """The same cube and the same content: the ids sent later are known."""
    rows: dict[str, list[Row]] = {
        "ratings": [rating(n, counter_id=f"C{n % 2 + 1}") for n in range(6)],
        "tickets": [ticket(n, desk_no="7") for n in range(6)],
        "cases": [case(n, department_id=f"D{n % 2 + 1}") for n in range(6)],
        "findings": [finding(n) for n in range(3)],
    }
    by_id, by_name = town(tmp_path / "a" / "home"), town(tmp_path / "b" / "home")
    for log, some in rows.items():
        send(by_id, log, some)
        assert send(by_name, log, [named(row) for row in some]).quarantined == {}
        assert send(by_name, log, some).counts["known"] == len(some)
    send(by_id, "inspections", [inspection(1), inspection(2, counters="C1;C2")])
    by_names = [
        inspection(1, hall_id="", hall_name="市民中心", counters="", counter_names="全部"),
        inspection(2, hall_id="", hall_name="市民中心", counters="", counter_names="公安窗口"),
    ]
    send(by_id, "inspections", [inspection(3, counters="C1")])
    by_names[1]["inspection_id"] = "P3"
    assert send(by_name, "inspections", by_names).quarantined == {}
    assert send(by_name, "inspections", [inspection(2, counters="C1;C2")]).quarantined == {}
    assert cube_of(by_id) == cube_of(by_name)


def test_names_with_odd_blanks_and_full_width_letters_fit(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    assert send(home, "tickets", [named(ticket(1), hall_name=ODD)]).quarantined == {}


def test_an_id_goes_before_a_name(tmp_path: Path) -> None:
    """A name beside an id is for people; nothing is compared."""
    home = town(tmp_path / "home")
    batch = send(home, "ratings", [rating(1, counter_name="不存在", hall_name="也不存在")])
    assert batch.counts["accepted"] == 1


def test_a_name_goes_before_a_desk(tmp_path: Path) -> None:
    """As the counter's id does; a ticket without either is that of its desk."""
    home = town(tmp_path / "home")
    send(home, "desks", [{"hall_id": "H2", "desk_no": "7", "counter_id": "C2"}])
    desk = {"counter_name": "", "desk_no": "7"}
    rows = [named(ticket(1), **desk), named(ticket(2), hall_name=ODD, **desk)]
    rows += [named(ticket(3), hall_name="天台区政务中心", **desk)]
    assert send(home, "tickets", rows).quarantined == {"unmatched_name": 1}


def test_a_misspelt_hall_waits_with_the_nearest_first(tmp_path: Path) -> None:
    """正务 sounds like 政务: the spelling, the nearest id and its name stand in the detail."""
    home = town(tmp_path / "home")
    near = {"hall_id": "H3", "name": "天台区政务服务中心", "level": "county", "parent_id": "H1"}
    send(home, "halls", [near])
    batch = send(home, "ratings", [named(rating(1, counter_id="C2"), hall_name="天元区正务中心")])
    assert batch.quarantined == {"unmatched_name": 1}
    ((_, said),) = details(home)
    assert "'天元区正务中心'" in said
    assert said.index("天元区政务服务中心 (H2)") < said.index("天台区政务服务中心 (H3)")


def test_a_counter_is_looked_for_in_its_hall_alone(tmp_path: Path) -> None:
    """综合窗口1 is in every hall; without a hall it waits and says why."""
    home = town(tmp_path / "home")
    send(home, "counters", SAME_NAME)
    rows = [
        named(rating(1), counter_name="综合窗口１"),
        named(rating(2), counter_name="综合窗口1", hall_name=""),
        named(rating(3), counter_name="税务窗口", hall_name=""),
        named(rating(4), counter_name="税务窗口"),
        named(rating(5), hall_name="", hall_id="H9"),
    ]
    batch = send(home, "ratings", [{"hall_id": "", **row} for row in rows])
    assert batch.counts["accepted"] == 2
    assert batch.quarantined == {"unmatched_name": 2, "unknown_hall": 1}
    found = dict(zip((3, 5, 6), details(home), strict=True))
    assert "of 2 units at once: 综合窗口1 (C3 in hall H1); 综合窗口1 (C4 in hall H2)" in found[3][1]
    assert "in hall 'H1' is no counter's name" in found[5][1]
    assert "(C2" not in found[5][1]


def test_two_halls_of_one_name_wait(tmp_path: Path) -> None:
    """Which of them is meant, only a person can say."""
    home = town(tmp_path / "home")
    send(home, "halls", [{"hall_id": "H3", "name": "市民中心", "level": "township"}])
    send(home, "ratings", [named(rating(1))])
    assert "of 2 units at once" in details(home)[0][1]


def test_a_department_may_be_named(tmp_path: Path) -> None:
    """And one that nobody knows waits, the case with it."""
    home = town(tmp_path / "home")
    rows = [case(1, department_name="税务局"), case(2, department_name="睡务局"), case(3)]
    batch = send(home, "cases", rows)
    assert (batch.counts["accepted"], batch.quarantined) == (2, {"unmatched_name": 1})
    assert "department name '睡务局'" in details(home)[0][1]
    assert "税务局 (D2); 公安局 (D1)" in details(home)[0][1]


def test_names_hold_on_the_day_of_the_row(tmp_path: Path) -> None:
    """A hall that was renamed on 10 August, and its old name given to another one."""
    home = town(tmp_path / "home")
    renamed = HALLS[1] | {"name": "新城区政务服务中心", "valid_from": "2019-08-10"}
    heir = {"hall_id": "H3", "name": HALLS[1]["name"], "level": "county", "parent_id": "H1"}
    send(home, "halls", [renamed, heir | {"valid_from": "2019-08-10"}])
    send(home, "counters", [{"counter_id": "C3", "name": "税务窗口", "hall_id": "H3"}])
    days = ("2019-08-09", "2019-08-10")
    rows = [
        named(ticket(place, counter_id="C2"), hall_name=name, **clock(day))
        for place, (name, day) in enumerate((n, d) for n in names_of(renamed) for d in days)
    ]
    assert send(home, "tickets", rows).quarantined == {"unmatched_name": 1}
    same = [
        ticket(0, counter_id="C2", **clock(days[0])),
        ticket(1, counter_id="C3", **clock(days[1])),
        ticket(3, counter_id="C2", **clock(days[1])),
    ]
    assert send(home, "tickets", same).counts["known"] == 3


def clock(day: str) -> Row:
    return {
        "taken_at": f"{day} 09:00:00",
        "called_at": f"{day} 09:07:00",
        "finished_at": f"{day} 09:20:00",
    }


def names_of(renamed: Row) -> tuple[str, str]:
    return HALLS[1]["name"], renamed["name"]


def test_the_day_of_a_rating_is_that_of_the_service(tmp_path: Path) -> None:
    """Rated in September, served in August by a counter that closed in between."""
    home = town(tmp_path / "home")
    send(home, "counters", [COUNTERS[0] | {"valid_from": "2019-01-01", "valid_to": "2019-09-01"}])
    late = rating(1, rated_at="2019-09-03 10:00:00")
    rows = [named(late, served_at="2019-08-30 10:00:00"), named(late | {"rating_id": "R2"})]
    batch = send(home, "ratings", [{"served_at": "", **row} for row in rows])
    assert (batch.counts["accepted"], batch.quarantined) == (1, {"unmatched_name": 1})


def test_a_round_with_one_unknown_name_waits_whole(tmp_path: Path) -> None:
    """It counts once in the report, whatever number of its names are unknown."""
    home = town(tmp_path / "home")
    rows = [
        inspection(1, counters="", counter_names="公安窗口；工安窗口; 不知道"),
        inspection(2, counters="", counter_names="公安窗口"),
        inspection(3, counters="", counter_names="公安窗口", hall_id="H9"),
    ]
    batch = send(home, "inspections", rows)
    assert batch.counts["accepted"] == 1
    assert batch.quarantined == {"unknown_hall": 1, "unmatched_name": 1}


def test_numbers_of_people_are_in_no_detail(tmp_path: Path) -> None:
    """A telephone number in the name of a counter is blotted out wherever it is kept."""
    phone = "138" + "1234" + "5678"
    home = town(tmp_path / "home")
    send(home, "ratings", [named(rating(1), counter_name=f"张 {phone}")])
    assert phone not in details(home)[0][1]
    for path in home.rglob("*.parquet"):
        assert phone.encode() not in path.read_bytes()


def test_a_profile_maps_an_id_or_a_name(tmp_path: Path) -> None:
    """With neither it is refused and told both."""
    text = (SHIPPED / "canonical.toml").read_text("utf-8")
    head, ratings, tail = text.partition("[ratings.columns]")
    without = tail.replace('counter_id = "counter_id"\n', "", 1)
    profile = tmp_path / "names.toml"
    profile.write_text(head + ratings + without, "utf-8")
    home = town(tmp_path / "home")
    assert send(home, "ratings", [named(rating(1))], profile=str(profile)).quarantined == {}
    profile.write_text(head + ratings + without.replace('counter_name = "counter_name"\n', "", 1))
    with pytest.raises(HallscoreError, match="neither 'counter_id' nor 'counter_name'"):
        send(home, "ratings", [named(rating(2))], profile=str(profile))


def test_a_file_has_the_ids_or_the_names(tmp_path: Path) -> None:
    """Without either column nothing of it can be taken in."""
    home = town(tmp_path / "home")
    neither = named(rating(1))
    del neither["counter_name"]
    with pytest.raises(HallscoreError, match="no column 'counter_id'"):
        send(home, "ratings", write(tmp_path / "r.csv", [neither]))


def test_nearest_is_by_sound_and_by_sight() -> None:
    """A homophone goes before another character, one other character before two."""
    names = ["政务中心", "税务中心", "正务大厅"]
    known = Known([Near(str(place), name) for place, name in enumerate(names)], names)
    assert [one.name for one in known.nearest("正务中心")] == ["政务中心", "税务中心", "正务大厅"]
    assert [one.name for one in known.nearest("瑞务中心", n=1)] == ["税务中心"]
    assert pinyin("政务") == pinyin("正务") == "zhengwu"
    assert Known([], []).nearest("正务中心") == []


def test_the_nearest_of_a_spelling_are_looked_up_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of many rows has few spellings; the work is by spelling."""
    asked: list[str] = []
    plain = Known.nearest

    def counted(self: Known, spelling: str, *more: Any) -> list[Near]:
        asked.append(spelling)
        return plain(self, spelling, *more)

    monkeypatch.setattr(Known, "nearest", counted)
    home = town(tmp_path / "home")
    spellings = ["市民中心１", "市民中兴", "天元区"]
    rows = [named(rating(n), hall_name=spellings[n % 3]) for n in range(300)]
    assert send(home, "ratings", rows).quarantined == {"unmatched_name": 300}
    assert sorted(asked) == sorted(normalised(one) for one in spellings)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_whoever_calls_whom_what_and_when_the_cube_is_that_of_the_ids(seed: int) -> None:
    """Random renamings and spellings: aliases first or rows first, the same numbers as by id."""
    from tempfile import TemporaryDirectory

    from data.quarantine import replay

    luck = random.Random(seed)
    turn = date(2019, 8, luck.randrange(5, 25)).isoformat()
    halls = [HALLS[1] | {"name": "河西政务服务中心", "valid_from": turn}]
    spellings = {"市民中心": "市民大厅", "公安窗口": "公安"}
    rows, by_name = [], []
    for n in range(luck.randrange(1, 12)):
        row = rating(n, counter_id=luck.choice(["C1", "C2"]))
        told = named(row)
        if row["counter_id"] == "C2" and row["rated_at"][:10] >= turn:
            told["hall_name"] = halls[0]["name"]
        for key in ("hall_name", "counter_name"):
            if luck.random() < 0.5:
                told[key] = spellings.get(told[key], told[key])
        rows.append(row)
        by_name.append(told)
    decided = [alias("市民大厅", "H1"), alias("公安", "C1", "counter")]
    with TemporaryDirectory() as folder:
        one, two = town(Path(folder) / "a" / "home"), town(Path(folder) / "b" / "home")
        for home in (one, two):
            send(home, "halls", halls)
        send(one, "ratings", rows)
        order = luck.sample(["rows", "aliases"], 2)
        for step in order:
            send(two, *(("ratings", by_name) if step == "rows" else ("aliases", decided)))
        if not waiting(snapshot(two)).is_empty():
            replay(two)
        assert waiting(snapshot(two)).is_empty()
        assert cube_of(one) == cube_of(two)
