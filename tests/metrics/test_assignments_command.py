"""hallscore assignments and schemes drafts: what is typed is kept, listed and refused in words."""

import json
from datetime import date, datetime

import pytest
from town import COUNTERS, HALLS, Town

from data.assignments import assignments
from data.scheme_drafts import SchemeDraft, save_draft
from hallscore import main


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    town = Town(tmp_path_factory.mktemp("commands") / "home", HALLS, COUNTERS)
    rows = [
        *town.rate("n-tax", {5: 9, 1: 1}, date(2019, 8, 5)),
        *town.rate("n-tax", {5: 1}, date(2019, 9, 9)),
    ]
    town.deliver("ratings", rows)
    return town.home


def run(home, capsys, *words: str) -> tuple[int, str]:
    """The exit code and all that was printed."""
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *words])
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out + told.err


def test_an_assignment_is_given_answered_listed_and_closed_once(home, capsys):
    given = ("--unit", "n-tax", "--period", "2019-08", "--task", "查明原因", "--by", "王")
    code, told = run(
        home, capsys, "assignments", "add", "active_good_rate", *given, "--due", "2039-12-30"
    )
    assert (code, "90.00% (9 / 10)" in told) == (0, True)
    assert assignments(home)[0].figure == "90.00% (9 / 10)"
    assert run(home, capsys, "assignments", "answer", "1", "--by", "李", "--text", "已查")[0] == 0
    (row,) = json.loads(run(home, capsys, "assignments", "--json")[1])
    assert (row["unit"], row["state"], row["last"], row["due"]) == (
        "n-tax",
        "answered",
        "已查",
        "2039-12-30",
    )
    assert run(home, capsys, "assignments", "done", "1", "--by", "王", "--text", "属实")[0] == 0
    code, told = run(home, capsys, "assignments", "answer", "1", "--by", "李", "--text", "又")
    assert (code, "done already" in told) == (2, True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--unit": "n-tex"}, "Did you mean 'n-tax'"),
        ({"--due": "2019-01-01"}, "before the day of the assignment"),
        ({"--task": " "}, "--task is empty"),
    ],
)
def test_what_cannot_be_assigned_is_refused_and_not_kept(home, capsys, change, message):
    options = {
        "--unit": "n-tax",
        "--period": "2019-08",
        "--task": "查",
        "--by": "王",
        "--due": "2039-12-30",
    }
    words = [word for pair in (options | change).items() for word in pair]
    before = len(assignments(home))
    code, told = run(home, capsys, "assignments", "add", "active_good_rate", *words)
    assert (code, message in told) == (2, True)
    assert len(assignments(home)) == before


def test_drafts_are_listed_with_author_and_reason(home, capsys):
    assert "no draft" in run(home, capsys, "schemes", "drafts")[1]
    at = datetime(2019, 9, 3, 9)
    save_draft(home, SchemeDraft(0, "first", "1", {"on_time_rate": "30"}, "王", "突出时限", at))
    (row,) = json.loads(run(home, capsys, "schemes", "drafts", "--json")[1])
    assert (row["scheme"], row["weights"], row["author"], row["reason"]) == (
        "first",
        "on_time_rate 30",
        "王",
        "突出时限",
    )
