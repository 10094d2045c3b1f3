"""The inbox: what is finished is taken in, moved away and reported; the rest is left in peace."""

import json
from datetime import date
from pathlib import Path

import pytest

from data import inbox
from data.errors import HallscoreError
from data.inbox import Arrival, empty_inboxes, report_path
from data.ingest import ingest
from data.intake import Request
from data.store import snapshot
from hallscore import main
from tests.builders import counting_rows, rating, text_of, ticket, town, write

SOURCES = """
[sources.evaluators]
log = "ratings"
profile = "canonical"

[sources.evaluators.inbox]
patterns = ["pj*.csv", "*.csv.gz"]
period_from_name = '(?P<year>\\d{4})(?P<month>\\d{2})'

[sources.queue]
log = "tickets"
profile = "canonical"
inbox = {}
"""
AUGUST = [rating(n) for n in range(20)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = town(tmp_path / "home")
    (home / "sources.toml").write_text(SOURCES, "utf-8")
    for name in ("evaluators", "queue"):
        (home / "inbox" / name).mkdir(parents=True)
    return home


def run(home: Path) -> list[Arrival]:
    return empty_inboxes(home, wait_s=0.0)


def stati(arrivals: list[Arrival]) -> dict[str, str]:
    return {one.file: one.status for one in arrivals}


def lying(home: Path, name: str = "evaluators") -> list[str]:
    folder = home / "inbox" / name
    return sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


def test_a_file_is_taken_in_archived_and_reported(home: Path) -> None:
    """With its source, its period from the name, and the time at which it came."""
    write(home / "inbox/evaluators/pj201908.csv", AUGUST)
    (arrival,) = run(home)
    (batch,) = [one for one in snapshot(home).live if one.source]
    assert (batch.source, batch.log, batch.counts["accepted"]) == ("evaluators", "ratings", 20)
    assert [day.isoformat() for day in batch.covers[0]] == ["2019-08-01", "2019-09-01"]
    assert batch.received_at is not None
    assert lying(home) == ["archive/2019-08/pj201908.csv"]
    (line,) = report_path(home).read_text("utf-8").splitlines()
    noted = json.loads(line)
    assert noted["report"]["batch"] == batch.no
    assert noted["moved_to"] == "evaluators/archive/2019-08/pj201908.csv"
    assert noted == json.loads(json.dumps(arrival.line(), default=str))


def test_each_source_has_a_folder_of_its_own(home: Path) -> None:
    """The folder says the log and the profile."""
    write(home / "inbox/evaluators/pj201908.csv", AUGUST)
    write(home / "inbox/queue/q.csv", [ticket(1)])
    assert [one.source for one in run(home)] == ["evaluators", "queue"]
    assert len(counting_rows(home)["ratings"]) == 20
    assert len(counting_rows(home)["tickets"]) == 1


def test_unfinished_and_foreign_files_are_left(home: Path) -> None:
    """Hidden files, lock files of an office program, and names that the source does not use."""
    names = [".pj1.csv", "~$pj2.csv", "pj201908.csv.part", "pj201908.tmp", "notes.csv"]
    for name in names:
        (home / "inbox/evaluators" / name).write_text(text_of(AUGUST), "utf-8")
    assert set(stati(run(home)).values()) == {"ignored"}
    assert lying(home) == sorted(names)
    assert not report_path(home).exists()


def test_a_link_is_not_followed_out_of_the_inbox(home: Path, tmp_path: Path) -> None:
    """Who may write into the inbox may not read the rest of the machine by it."""
    outside = write(tmp_path / "pj201908.csv", AUGUST)
    (home / "inbox/evaluators/pj201908.csv").symlink_to(outside)
    assert run(home) == []
    assert outside.exists()


def test_a_file_that_grows_between_the_looks_is_left(home: Path) -> None:
    """The next run takes it whole."""
    path = write(home / "inbox/evaluators/pj201908.csv", AUGUST)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])

    def grows(_seconds: float) -> None:
        path.write_bytes(whole)

    assert stati(empty_inboxes(home, 5.0, sleep=grows)) == {"pj201908.csv": "growing"}
    assert lying(home) == ["pj201908.csv"]
    assert stati(run(home)) == {"pj201908.csv": "accepted"}
    assert len(counting_rows(home)["ratings"]) == 20


def test_a_file_that_grows_while_it_is_taken_in_loses_and_doubles_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that paused for longer than the wait: it stays, and the rest comes later."""
    path = write(home / "inbox/evaluators/pj201908.csv", AUGUST[:12])
    plain = inbox.ingest

    def ingest_then_grow(*given: object, **named: object) -> object:
        batch = plain(*given, **named)  # type: ignore[arg-type]
        write(path, AUGUST)
        return batch

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "ingest", ingest_then_grow)
        assert stati(run(home)) == {"pj201908.csv": "growing"}
    assert stati(run(home)) == {"pj201908.csv": "accepted"}
    assert len(counting_rows(home)["ratings"]) == 20


def test_a_new_file_during_the_wait_is_looked_at_twice_too(home: Path) -> None:
    """It was not there at the first look, so that nothing is known of it."""
    write(home / "inbox/evaluators/pj201908.csv", AUGUST)

    def arrives(_seconds: float) -> None:
        write(home / "inbox/evaluators/pj201909.csv", [rating(99, rated_at="2019-09-02 10:00:00")])

    found = stati(empty_inboxes(home, 5.0, sleep=arrives))
    assert found == {"pj201908.csv": "accepted", "pj201909.csv": "growing"}


def test_one_bad_file_is_refused_with_its_reason_and_the_others_go_on(home: Path) -> None:
    """The reason lies beside the file, for whoever sent it."""
    write(home / "inbox/evaluators/pj201908-b.csv", AUGUST)
    (home / "inbox/evaluators/pj201908-a.csv").write_text("id;grade\n1;5\n", "utf-8")
    (home / "inbox/evaluators/pj-letzte.csv").write_text(text_of(AUGUST), "utf-8")
    found = stati(run(home))
    assert found == {
        "pj-letzte.csv": "refused",
        "pj201908-a.csv": "refused",
        "pj201908-b.csv": "accepted",
    }
    assert lying(home) == [
        "archive/2019-08/pj201908-b.csv",
        *(f"refused/pj-letzte.csv{end}" for end in ("", ".txt")),
        *(f"refused/pj201908-a.csv{end}" for end in ("", ".txt")),
    ]
    refused = home / "inbox/evaluators/refused"
    assert "no column" in (refused / "pj201908-a.csv.txt").read_text("utf-8")
    assert "period_from_name" in (refused / "pj-letzte.csv.txt").read_text("utf-8")


def test_a_name_with_an_impossible_month_is_refused(home: Path) -> None:
    """Month 13 is no period."""
    write(home / "inbox/evaluators/pj201913.csv", AUGUST)
    (arrival,) = run(home)
    assert arrival.status == "refused"
    assert "year 2019, month 13" in arrival.error


def test_an_archived_name_is_never_taken_again(home: Path) -> None:
    """The same name with other rows gets its digest; the very same bytes add nothing."""
    folder = home / "inbox/evaluators"
    for rows in (AUGUST[:5], AUGUST[5:9], AUGUST[5:9], AUGUST[:5]):
        write(folder / "pj201908.csv", rows)
        run(home)
    archived = sorted((folder / "archive/2019-08").iterdir())
    assert len(archived) == 3
    assert all(one.name.startswith("pj201908") and one.name.endswith(".csv") for one in archived)
    assert len(counting_rows(home)["ratings"]) == 9
    assert [json.loads(line)["status"] for line in report_path(home).read_text().splitlines()] == [
        "accepted",
        "accepted",
        "known",
        "known",
    ]


def test_a_file_that_is_in_the_store_already_is_only_moved(home: Path) -> None:
    """As after a run that was killed between the commit and the move."""
    path = write(home / "inbox/evaluators/pj201908.csv", AUGUST)
    span = (date(2019, 8, 1), date(2019, 9, 1))
    ingest(home, Request(path, "ratings", "canonical", span=span, source="evaluators"))
    assert stati(run(home)) == {"pj201908.csv": "known"}
    assert lying(home) == ["archive/2019-08/pj201908.csv"]
    assert len([one for one in snapshot(home).live if one.source]) == 1


def test_a_half_line_of_a_killed_run_stays_alone(home: Path) -> None:
    """The next line begins on a line of its own."""
    report_path(home).write_text('{"source": "eval', "utf-8")
    write(home / "inbox/evaluators/pj201908.csv", AUGUST)
    run(home)
    half, whole = report_path(home).read_text("utf-8").splitlines()
    assert half == '{"source": "eval'
    assert json.loads(whole)["status"] == "accepted"


def test_a_wrong_profile_leaves_the_files_where_they_are(home: Path) -> None:
    """The files are not to blame; the other source goes on."""
    text = SOURCES.replace('profile = "canonical"', 'profile = "canonicle"', 1)
    (home / "sources.toml").write_text(text, "utf-8")
    write(home / "inbox/evaluators/pj201908.csv", AUGUST)
    write(home / "inbox/queue/q.csv", [ticket(1)])
    found = run(home)
    assert stati(found) == {"pj201908.csv": "failed", "q.csv": "accepted"}
    assert "Did you mean 'canonical'" in found[0].error
    assert lying(home) == ["pj201908.csv"]


def test_what_is_not_the_file_s_fault_is_tried_again(home: Path) -> None:
    """A disk that takes nothing today: the file is neither refused nor moved."""
    write(home / "inbox/evaluators/pj201908.csv", AUGUST)
    (home / "log").write_text("no folder can be made here", "utf-8")
    assert stati(run(home)) == {"pj201908.csv": "failed"}
    assert lying(home) == ["pj201908.csv"]
    (home / "log").unlink()
    assert stati(run(home)) == {"pj201908.csv": "accepted"}


def test_a_second_run_at_the_same_time_touches_nothing(home: Path) -> None:
    """Two timers must not move each other's files."""
    write(home / "inbox/evaluators/pj201908.csv", AUGUST)

    def again(_seconds: float) -> None:
        with pytest.raises(HallscoreError, match="another run"):
            run(home)

    assert stati(empty_inboxes(home, 5.0, sleep=again)) == {"pj201908.csv": "accepted"}


def test_the_first_file_of_a_new_home(tmp_path: Path) -> None:
    """sources.toml, a profile and the inbox are there before the store is."""
    home = tmp_path / "new"
    (home / "inbox/halls").mkdir(parents=True)
    (home / "sources.toml").write_text(
        '[sources.halls]\nlog = "halls"\nprofile = "canonical"\ninbox = {}\n', "utf-8"
    )
    write(home / "inbox/halls/halls.csv", [{"hall_id": "H1", "name": "一", "level": "city"}])
    assert stati(run(home)) == {"halls.csv": "accepted"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inbox = { pattern = ['*'] }", "unknown key .*pattern.*'patterns'"),
        ("inbox = { period_from_name = '(?P<yaer>\\d+)' }", "named groups are yaer"),
        ("inbox = { period_from_name = '(' }", "not a regular expression"),
        ("inbox = { patterns = [] }", "patterns"),
    ],
)
def test_a_wrong_rule_is_named(tmp_path: Path, text: str, said: str) -> None:
    """File and key, before any file is touched."""
    (tmp_path / "sources.toml").write_text(
        f'[sources.a]\nlog = "ratings"\nprofile = "canonical"\n{text}\n', "utf-8"
    )
    with pytest.raises(HallscoreError, match=said):
        run(tmp_path)


def test_a_name_of_a_source_cannot_lead_out_of_the_inbox(tmp_path: Path) -> None:
    """The name is a folder."""
    (tmp_path / "sources.toml").write_text(
        '[sources."../x"]\nlog = "ratings"\nprofile = "canonical"\ninbox = {}\n', "utf-8"
    )
    with pytest.raises(HallscoreError, match=r"'\.\./x'.*letters, digits"):
        run(tmp_path)


def called(home: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "inbox", *arguments])
    return int(ended.value.code or 0)


def test_the_command_prints_a_line_per_file_and_fails_where_one_was_refused(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 is what the timer's log shows in red."""
    write(home / "inbox/evaluators/pj201908.csv", AUGUST)
    assert called(home, "--once", "--wait", "0") == 0
    assert json.loads(capsys.readouterr().out)["status"] == "accepted"
    (home / "inbox/evaluators/pj201909.csv").write_text("x\n1\n", "utf-8")
    assert called(home, "--once", "--wait", "0", "--json") == 1
    printed = capsys.readouterr()
    assert [one["status"] for one in json.loads(printed.out)] == ["refused"]
    assert "evaluators/pj201909.csv: refused" in printed.err


def test_the_command_without_once_and_without_inboxes_says_what_to_do(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing runs for ever by accident."""
    assert called(home) == 2
    assert "inbox --once" in capsys.readouterr().err
    (home / "sources.toml").unlink()
    assert called(home, "--once") == 2
    assert "no source has an inbox" in capsys.readouterr().err
