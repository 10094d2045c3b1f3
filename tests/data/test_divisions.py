"""Editions of the divisions: what is matched, what is left to a person, what is refused."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.division_decisions import read_decisions, write_template
from data.division_import import import_divisions
from data.divisions import Diff, diff
from data.editions import read_edition
from data.errors import HallscoreError
from data.store import snapshot
from data.wayback import withdraw
from tests.builders import Row, send

DAY = date(2023, 1, 1)
CITY, NORTH, SOUTH = "430200000000", "430202000000", "430204000000"
HILL, LAKE, MILL = "430202001000", "430202002000", "430202001200"


def hall(code: str, level: str, name: str, parent: str = "") -> Row:
    return {
        "hall_id": f"h{code[:9]}" if level != "village" else f"h{code}",
        "name": name,
        "level": level,
        "division_code": code,
        "parent_id": f"h{parent[:9]}" if parent else "",
    }


HALLS = [
    hall(CITY, "city", "株洲市市民中心"),
    hall(NORTH, "county", "荷塘区政务服务中心", CITY),
    hall(SOUTH, "county", "石峰区政务服务中心", CITY),
    hall(HILL, "township", "云田镇便民服务中心", NORTH),
    hall(LAKE, "township", "学林街道便民服务中心", NORTH),
    hall(MILL, "village", "磨坊村便民服务站", HILL),
]
PLACES = [
    (CITY, "430000000000", "city", "株洲市"),
    (NORTH, CITY, "county", "荷塘区"),
    (SOUTH, CITY, "county", "石峰区"),
    (HILL, NORTH, "township", "云田镇"),
    (LAKE, NORTH, "township", "学林街道"),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    send(home, "halls", HALLS)
    counters = [
        {"counter_id": f"c{place}", "name": "综合窗口", "hall_id": one["hall_id"]}
        for place, one in enumerate(HALLS)
    ]
    send(home, "counters", counters)
    return home


def edition(path: Path, *changes: tuple[str, ...], gone: tuple[str, ...] = ()) -> Path:
    """The places above with some changed (by code), added, or gone."""
    rows = {row[0]: row for row in PLACES if row[0] not in gone} | {row[0]: row for row in changes}
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["code", "parent_code", "level", "name"])
        writer.writerows(rows.values())
    return path


def compared(home: Path, path: Path, decisions: str = "") -> Diff:
    told = None
    if decisions:
        told = path.with_name("decisions.csv")
        told.write_text(f"code,decision,note\n{decisions}\n", "utf-8")
    return diff(snapshot(home), read_edition(path), DAY, read_decisions(told))


def kinds(found: Diff) -> dict[Any, str]:
    """hall_id -> its change, those to settle too."""
    told = [change.listed() for change in (*found.changes, *found.unsettled)]
    return {row["hall_id"]: str(row["change"]) for row in told}


def standing(home: Path, hall_id: str) -> list[tuple[Any, ...]]:
    rows = snapshot(home).reference("halls").filter(hall_id=hall_id)
    return rows.select("name", "division_code", "parent_id", "valid_from", "valid_to").rows()


def test_the_same_edition_changes_nothing(home: Path, tmp_path: Path) -> None:
    """A village below its reach is neither there nor missed."""
    found = compared(home, edition(tmp_path / "same.csv"))
    assert found.edition.reach == "township"
    assert (found.changes, found.unsettled, found.unchanged, found.below) == ((), (), 5, 1)
    with pytest.raises(HallscoreError, match="changes nothing"):
        import_divisions(home, found, 0)


def test_a_township_with_another_code_in_another_county_is_the_same_hall(
    home: Path, tmp_path: Path
) -> None:
    """It keeps its hall_id and its village; only code and parent are new, from the day on."""
    new = ("430204009000", SOUTH, "township", "云田镇")
    path = edition(tmp_path / "moved.csv", new, gone=(HILL,))
    found = compared(home, path)
    assert kinds(found) == {"h430202001": "recoded+moved"}
    reports = import_divisions(home, found, 1)
    name = "云田镇便民服务中心"
    assert standing(home, "h430202001") == [
        (name, HILL, "h430202000", None, None),
        (name, "430204009000", "h430204000", DAY, None),
    ]
    assert standing(home, f"h{MILL}") == [("磨坊村便民服务站", MILL, "h430202001", None, None)]
    assert compared(home, path).changes == ()
    for report in reports:
        withdraw(home, report.no, "not yet")
    assert len(standing(home, "h430202001")) == 1


def test_names_change_with_the_division_but_not_those_of_its_own(
    home: Path, tmp_path: Path
) -> None:
    """云田镇便民服务中心 follows 云田镇; a hall whose name holds no division keeps it."""
    own = hall("430202003000", "township", "一号大厅", NORTH)
    send(home, "halls", [own])
    path = edition(
        tmp_path / "named.csv",
        (HILL, NORTH, "township", "云田街道"),
        ("430202003000", NORTH, "township", "明照街道"),
    )
    found = compared(home, path)
    assert [(row["change"], row["new_name"]) for row in found.report()["changes"]] == [  # type: ignore[attr-defined]
        ("renamed", "云田街道便民服务中心")
    ]


def test_a_place_that_is_gone_closes_with_its_counters(home: Path, tmp_path: Path) -> None:
    path = edition(tmp_path / "gone.csv", gone=(LAKE,))
    found = compared(home, path)
    assert kinds(found) == {"h430202002": "closed"}
    assert found.changes[0].counters == 1
    import_divisions(home, found, 1)
    counters = snapshot(home).reference("counters").filter(hall_id="h430202002")
    assert counters["valid_to"].to_list() == [DAY]
    assert standing(home, "h430202002")[0][-1] == DAY


def test_a_place_that_is_gone_over_open_halls_needs_a_person(home: Path, tmp_path: Path) -> None:
    """Its village stands below the reach of the edition and would lose the hall above it."""
    path = edition(tmp_path / "gone.csv", gone=(HILL,))
    found = compared(home, path)
    assert kinds(found) == {"h430202001": "ambiguous"}
    with pytest.raises(HallscoreError, match="1 open halls stand below it"):
        import_divisions(home, found, 1)
    merged = compared(home, path, f"{HILL},{LAKE},merged")
    assert kinds(merged) == {"h430202001": "merged", f"h{MILL}": "moved"}
    import_divisions(home, merged, 2)
    assert standing(home, f"h{MILL}")[-1][2] == "h430202002"
    snap = snapshot(home)
    assert snap.reference("successors").select("old_id", "new_id", "share").rows() == [
        ("h430202001", "h430202002", 1.0)
    ]
    moved = snap.reference("counters").filter(counter_id="c3").sort("valid_from")
    assert moved.select("hall_id", "valid_to").rows() == [
        ("h430202001", None),
        ("h430202002", None),
    ]
    kept = compared(home, edition(tmp_path / "again.csv"), f"{HILL},decline,")
    assert kinds(kept) == {}


def test_likeness_is_a_question_not_an_answer(home: Path, tmp_path: Path) -> None:
    """云田镇 and a new 云田街道 may be one; a person says so, by the new code."""
    new = ("430202101000", NORTH, "township", "云田街道")
    path = edition(tmp_path / "alike.csv", new, gone=(HILL,))
    found = compared(home, path)
    assert kinds(found) == {"h430202001": "ambiguous", "430202101000": "opened"}
    assert "may go on as 430202101000" in found.unsettled[0].note
    settled = compared(home, path, f"{HILL},430202101000,")
    assert kinds(settled) == {"h430202001": "recoded+renamed"}
    kept = compared(home, path, f"{HILL},keep,\n430202101000,decline,")
    assert (kinds(kept), kept.kept, len(kept.declined)) == ({}, 1, 1)


def test_two_places_of_one_name_are_not_guessed(home: Path, tmp_path: Path) -> None:
    """Both new ones stand in the county of the old one."""
    new = [(f"43020210{n}000", NORTH, "township", "学林街道") for n in (1, 2)]
    found = compared(home, edition(tmp_path / "two.csv", *new, gone=(LAKE,)))
    assert kinds(found)["h430202002"] == "ambiguous"


def test_a_place_of_the_same_name_far_away_is_a_question(home: Path, tmp_path: Path) -> None:
    """Village names repeat: a 磨坊村 that is gone here and one that is new in another county."""
    lake = hall("430204001000", "township", "清水塘街道便民服务中心", SOUTH)
    send(home, "halls", [lake])
    villages = [
        ("430204001000", SOUTH, "township", "清水塘街道"),
        ("430204001201", "430204001000", "village", "磨坊村"),
    ]
    far = compared(home, edition(tmp_path / "far.csv", *villages))
    assert kinds(far)[f"h{MILL}"] == "ambiguous"
    villages[1] = ("430202002201", LAKE, "village", "磨坊村")
    near = compared(home, edition(tmp_path / "near.csv", *villages))
    assert kinds(near) == {f"h{MILL}": "recoded+moved"}


def test_openings_are_declined_one_by_one_or_all_at_once(home: Path, tmp_path: Path) -> None:
    """A new county opens before its townships, under the names that halls of the level have."""
    new = ("430206000000", CITY, "county", "云龙区")
    park = ("430206400000", "430206000000", "township", "工业园")
    path = edition(tmp_path / "new.csv", new, park)
    found = compared(home, path)
    names = [(row["new_name"], row["new_parent"]) for row in found.report()["changes"]]  # type: ignore[attr-defined]
    assert names == [
        ("云龙区政务服务中心", "h430200000"),
        ("工业园便民服务中心", "430206000000"),
    ]
    assert compared(home, path, "*,decline,").changes == ()
    assert kinds(compared(home, path, "430206400000,decline,no hall")) == {"430206000000": "opened"}
    orphan = compared(home, path, "430206000000,decline,")
    assert kinds(orphan) == {"430206400000": "ambiguous"}
    import_divisions(home, found, 2)
    assert standing(home, "430206400000")[0][2:4] == ("430206000000", DAY)


def test_the_template_lists_what_may_be_decided(home: Path, tmp_path: Path) -> None:
    """Filled in as proposed it gives the same changes."""
    new = ("430202101000", NORTH, "township", "云田街道")
    path = edition(tmp_path / "alike.csv", new, gone=(HILL, LAKE))
    template = tmp_path / "template.csv"
    found = compared(home, path)
    write_template(template, found)
    lines = template.read_text("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [
        [LAKE, "close"],
        ["430202101000", "open"],
        [HILL, ""],
    ]
    again = diff(snapshot(home), read_edition(path), DAY, read_decisions(template))
    assert kinds(again) == kinds(found)


def test_an_import_makes_the_agreed_number_of_changes_or_none(home: Path, tmp_path: Path) -> None:
    found = compared(home, edition(tmp_path / "gone.csv", gone=(LAKE,)))
    before = snapshot(home).stamp
    for agreed in (None, 0, 2):
        with pytest.raises(HallscoreError, match=r"makes 1 changes from 2023-01-01.*--yes 1"):
            import_divisions(home, found, agreed)
    assert snapshot(home).stamp == before


def test_a_later_version_stands_in_the_way(home: Path, tmp_path: Path) -> None:
    """An edition of 2023 does not go below a change of 2024."""
    send(home, "halls", [HALLS[3] | {"name": "云田", "valid_from": "2024-01-01"}])
    new = ("430204009000", SOUTH, "township", "云田镇")
    found = compared(home, edition(tmp_path / "late.csv", new, gone=(HILL,)))
    with pytest.raises(HallscoreError, match=r"version from 2024-01-01, after 2023-01-01"):
        import_divisions(home, found, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code,parent,level,name\n1,2,city,x\n", "no column 'parent_code'"),
        ("code,parent_code,level,name\n4302,,city,株洲市\n", "line 2: code '4302'; expected 12"),
        ("code,parent_code,level,name\n430200,,town,株洲市\n", "level 'town'; expected city"),
        ("code,parent_code,level,name\n430200,,city,\n", "code '430200' has no name"),
        (
            "code,parent_code,level,name\n430200,,city,a\n430200,,city,b\n",
            "line 3: code '430200000000' stands in line 2 too",
        ),
        (
            "code,parent_code,level,name\n430200,,city,a\n430202,430300,county,b\n",
            "stands under '430300000000', which the file does not have",
        ),
        (
            "code,parent_code,level,name\n430200,,city,a\n430202,430200,county,b\n"
            "430203,430202,county,c\n",
            "county c stands under county b",
        ),
        ("code,parent_code,level,name,edition\n430200,,city,a,1\n430200,,city,a,2\n", "1, 2"),
    ],
)
def test_a_table_that_is_no_edition_is_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(HallscoreError, match=said):
        read_edition(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("430209000000,close,", "neither that of a hall nor of the edition"),
        (f"{HILL},shut,", "decision 'shut'; expected close, keep"),
        (f"{HILL},decline,", "'decline' for 430202001000, but a hall has the code"),
        (f"{HILL},close,\n{HILL},keep,", "is decided in line 2 too"),
        (f"{HILL},430209000000,", "or a code of the edition"),
    ],
)
def test_a_decision_about_nothing_is_refused(
    home: Path, tmp_path: Path, line: str, said: str
) -> None:
    with pytest.raises(HallscoreError, match=said):
        compared(home, edition(tmp_path / "same.csv"), line)


def test_halls_without_codes_cannot_be_compared(tmp_path: Path) -> None:
    home = tmp_path / "home"
    send(home, "halls", [HALLS[0] | {"division_code": ""}])
    with pytest.raises(HallscoreError, match="no hall that is open on 2023-01-01 has a division"):
        compared(home, edition(tmp_path / "same.csv"))


def run(home: Path, capsys: pytest.CaptureFixture[str], *command: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    from hallscore import main

    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "divisions", *command])
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def test_the_commands_list_first_and_change_on_request(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The list says how deep the edition reaches; without the number nothing happens."""
    path, template = str(edition(tmp_path / "gone.csv", gone=(LAKE,))), tmp_path / "template.csv"
    asked = (path, "--from", "2023-01-01")
    code, out, said = run(home, capsys, "diff", *asked, "--template", str(template))
    assert (code, "closed" in out, "学林街道便民服务中心" in out) == (0, True, True)
    assert "1 changes, 0 to settle, 4 halls unchanged" in said
    assert "it reaches down to township: 1 halls outside its levels" in said
    assert template.exists()
    code, out, said = run(home, capsys, "import", *asked)
    assert (code, out) == (2, "")
    assert "repeat with --yes 1" in said
    code, out, said = run(home, capsys, "import", *asked, "--yes", "1", "--json")
    assert [batch["log"] for batch in json.loads(out)] == ["counters", "halls"]
    code, out, said = run(home, capsys, "diff", *asked, "--json")
    assert (json.loads(out)["n"], json.loads(out)["below_reach"]) == (0, 1)
