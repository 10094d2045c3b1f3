"""hallscore profile: a draft from the command line, completed there, and tried out."""

import json
from pathlib import Path

import pytest

from data.errors import HallscoreError
from data.profile import load_profile
from data.store import snapshot
from hallscore import app
from tests.builders import rating, send, town, write

READ = ["--confirm", "encoding=utf-8", "--confirm", "delimiter=,", "--grade-best", "5"]
TIMES = ["--confirm", "rated_at=%Y-%m-%d %H:%M:%S"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "r.csv", [rating(number, grade=5 - number % 2) for number in range(30)])


def run(*command: str) -> None:
    app(args=["profile", *command], standalone_mode=False)


def test_a_draft_lists_what_is_open(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("draft", str(file), "--log", "ratings", "--json")
    told = json.loads(capsys.readouterr().out)
    grades = [f"ratings.codes.grade.{code}" for code in (4, 5)]
    assert told["open"] == ["encoding", "delimiter", "ratings.dates.rated_at", *grades]
    assert told["suggestions"]["grade"][0]["source"] == "grade"
    assert 'grade = "grade"' in told["toml"]


def test_decisions_complete_it_and_the_file_is_taken_in(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    run("draft", str(file), "--log", "ratings", "--out", str(out), *READ, *TIMES)
    assert load_profile(str(out)).name == "mine"
    batch = send(town(tmp_path / "home"), "ratings", file, profile=str(out))
    assert batch.counts["accepted"] == 30


def test_a_draft_never_writes_over_a_file(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    out.write_text("mine", "utf-8")
    with pytest.raises(HallscoreError, match="is there already"):
        run("draft", str(file), "--log", "ratings", "--out", str(out))
    assert out.read_text("utf-8") == "mine"


def test_a_check_shows_rows_and_takes_nothing_in(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Read and refused rows add up to the rows of the file."""
    home = town(tmp_path / "home")
    before = len(snapshot(home).batches)
    rows = [rating(1), rating(2, grade=7), rating(3, rated_at="soon"), rating(4, grade="")]
    bad = write(tmp_path / "bad.csv", rows)
    run("check", "canonical", str(bad), "--log", "ratings", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["read"], told["accepted"], told["no_rating"]) == (4, 1, 1)
    assert told["rejected"] == {"unknown_code": 1, "unparseable_time": 1}
    assert [row["line"] for row in told["rejects"]] == [3, 4]
    assert len(snapshot(home).batches) == before


def test_a_check_says_what_would_refuse_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table that is turned round is found before anything is taken in."""
    turned = write(tmp_path / "t.csv", [rating(number, grade=1) for number in range(40)])
    run("check", "canonical", str(turned), "--log", "ratings")
    assert "probably turned round" in capsys.readouterr().err


def test_a_check_without_a_file_lists_the_logs(capsys: pytest.CaptureFixture[str]) -> None:
    run("check", "national")
    assert "ratings: rating_id" in capsys.readouterr().out
