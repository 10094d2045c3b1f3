"""hallscore exempt: a decision is entered, listed, and refused with a reason."""

import json
from pathlib import Path

import pytest

from data.store import snapshot
from hallscore import main
from tests.builders import send, town
from tests.data.test_exempt import finding, lifted


@pytest.fixture
def home(tmp_path: Path) -> Path:
    found = town(tmp_path / "home")
    send(found, "findings", [finding(1), finding(2, found_at="2019-08-15 10:00:00")])
    return found


def ask(home: Path, *arguments: str, fails: bool = False) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "exempt", *arguments])
    assert bool(ended.value.code) == fails


STRETCH = ("--from", "2019-08-14 09:00", "--to", "2019-08-14T12:00:00", "--cause", "power_cut")


def test_a_decision_is_added_and_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask(home, "add", "--hall", "H2", *STRETCH, "--by", "李科长", "--grounds", "停电", "--json")
    report = json.loads(capsys.readouterr().out)
    assert (report["log"], report["accepted"]) == ("exemptions", 1)
    assert lifted(home, "findings") == ["F1"]
    ask(home, "list", "--period", "2019-08", "--json")
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["hall_id"], row["cause"], row["lifted_findings"]) == ("H2", "power_cut", 1)
    ask(home, "list", "--json")  # the year of the last day with data
    assert len(json.loads(capsys.readouterr().out)) == 1
    ask(home, "list", "--period", "2019-07")
    assert "no exemption touches 2019-07" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--by", "李"), "Name one of them"),
        (("--hall", "H2", "--city", "--by", "李"), "Name one of them"),
        (("--hall", "H9", "--by", "李"), "'H9' is not in the table"),
        (("--hall", "H2", "--system", "lifts", "--by", "李"), "system code 'lifts'"),
        (("--hall", "H2", "--by", " "), "--by is empty"),
        (("--hall", "H2", "--to", "noon", "--by", "李"), "--to 'noon': not a moment"),
        (("--hall", "H2", "--to", "2019-08-14", "--by", "李"), "ends_before_it_starts"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_entered(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    count = len(snapshot(home).batches)
    ask(home, "add", *STRETCH, *arguments, fails=True)
    assert said in capsys.readouterr().err
    assert len(snapshot(home).batches) == count
