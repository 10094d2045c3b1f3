"""Each thing that can be wrong with a source is one message, and the password is in none."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import HallscoreError
from data.pull import open_session
from data.sources import source_of
from tests.builders import counting_rows
from tests.servers.servers import PASSWORD, READS, certificate, free_port
from tests.servers.source import ROOT, Source
from tests.servers.test_pull import rated

pytestmark = pytest.mark.servers
Change = Callable[[Source], None]


def unreachable(source: Source) -> None:
    source.write(host='"127.0.0.1"', port=str(free_port()), kind=f'"{source.server.kind}"')


def wrong_password(source: Source) -> None:
    (source.home / "secret").write_text("falsch-99\n", "utf-8")
    (source.home / "secret").chmod(0o600)
    source.write(password_env="", password_file='"secret"')


WRONG: dict[str, tuple[Change, str]] = {
    "unreachable": (unreachable, r"127.0.0.1:\d+: the server cannot be reached"),
    "password": (wrong_password, "refuses the password of user 'reader_"),
    "table": (lambda s: s.write(table='"rating"'), "no table 'rating'.*Did you mean 'ratings'"),
    "watermark": (
        lambda s: s.write(watermark='"change_at"'),
        "no column 'change_at', which `watermark` names.*Did you mean 'changed_at'",
    ),
    "text mark": (lambda s: s.write(watermark='"item_id"'), "'item_id'.* is a text; a time or"),
    "number by days": (lambda s: s.write(watermark='"grade"'), 'overlap = "5000 rows"'),
    "profile": (
        lambda s: s.sql("ALTER TABLE ratings RENAME COLUMN grade TO grades") and None,
        "table ratings: no column 'grade', which profile.*Did you mean 'grades'",
    ),
    "permission": (
        lambda s: s.write(user=f'"stranger_{s.database}"'),
        r"permission denied for table ratings.*GRANT SELECT|may not read database",
    ),
    "first": (lambda s: s.write(first='"yesterday"'), "yesterday(?!.*hallscore_mark)"),
    "database": (lambda s: s.write(database='"nowhere"'), r"(?i)nowhere"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_one_message(source: Source, name: str) -> None:
    """It names the place and the cure; nothing was taken in and no spool is left."""
    change, expected = WRONG[name]
    source.make()
    source.put([rated(1)])
    change(source)
    with pytest.raises(HallscoreError, match=expected) as told:
        source.pull()
    assert PASSWORD not in str(told.value)
    assert "\n" not in str(told.value)
    assert counting_rows(source.home)["ratings"] == []
    assert list(source.home.glob("pulled/queue/*.parquet")) == []


@pytest.mark.parametrize("user", ["reader", "writer"])
def test_a_write_is_refused_by_the_server(source: Source, user: str) -> None:
    """Also from a user who might, and in a table that knows no transactions."""
    source.make()
    source.put([rated(1)])
    if source.server.kind == "mariadb":
        source.sql("ALTER TABLE ratings ENGINE = MyISAM")
    source.write(user=f'"{user}_{source.database}"')
    part = source_of(source.home, "queue").database
    assert part is not None
    for sentence in ("DELETE FROM ratings", "UPDATE ratings SET grade = 1", "DROP TABLE ratings"):
        session = open_session(part, source.home)
        with pytest.raises(HallscoreError, match=r"read-only|permission denied"):
            session.one(sentence, [])
        session.close()
    assert source.sql("SELECT COUNT(*) FROM ratings WHERE grade = 5").fetchall()[0][0] == 1


def test_columns_that_nobody_reads_stay_at_the_source(source: Source) -> None:
    """A right to some columns is enough; names and comments are never asked for."""
    source.make()
    source.sql("ALTER TABLE ratings ADD citizen varchar(40)")
    source.put([rated(1)])
    rights = "rating_id, case_id, counter_id, rated_at, grade, changed_at"
    user = f"stranger_{source.database}"
    if source.server.kind == "postgresql":
        source.sql(f"GRANT SELECT ({rights}) ON ratings TO {user}")
    else:
        columns = rights.replace(" ", "")
        source.sql(f"GRANT SELECT ({columns}) ON ratings TO {user}@localhost")
    source.write(user=f'"{user}"')
    assert source.pull().report()["accepted"] == 1
    said = source.server.statements(user)
    assert said
    assert not [one for one in said if "citizen" in one]


def test_the_password_is_nowhere(source: Source) -> None:
    """Not in the output of a pull that works and of two that fail, nor in any file of the home."""
    source.make()
    source.put([rated(1)])
    secret = source.home / "secret"
    secret.write_text(PASSWORD + "\n", "utf-8")
    secret.chmod(0o600)
    source.write(password_env="", password_file='"secret"')
    said = run(source, "--json") + run(source)
    unreachable(source)
    said += run(source)
    secret.chmod(0o644)
    said += run(source)
    assert f"chmod 600 {secret}" in said
    assert "accepted" in said
    assert PASSWORD not in said
    files = [path for path in source.home.rglob("*") if path.is_file() and path != secret]
    assert len(files) > 5
    assert not [path for path in files if PASSWORD.encode() in path.read_bytes()]


def run(source: Source, *options: str) -> str:
    """All that `hallscore pull queue` says."""
    command = [sys.executable, "-m", "hallscore", "--home", str(source.home), "pull", "queue"]
    ran = subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in ran.stderr
    return ran.stdout + ran.stderr


def test_two_pulls_of_a_source_do_not_meet(source: Source) -> None:
    from data.disk import lease

    source.make()
    folder = source.home / "pulled" / "queue"
    with lease(folder), pytest.raises(HallscoreError, match="another pull of it is running"):
        source.pull()


def test_a_watermark_of_other_rows_is_refused(source: Source) -> None:
    """Until everything is read again."""
    source.make()
    source.put([rated(1)])
    source.pull()
    source.write(watermark='"rated_at"')
    with pytest.raises(HallscoreError, match="--full"):
        source.pull()
    assert source.pull(full=True).report()["known"] == 1
    assert source.pull().read == 1


def test_a_withdrawn_batch_is_read_again_by_full(source: Source) -> None:
    """The next pull says that its rows are missing."""
    from data.wayback import withdraw

    source.make()
    source.put([rated(n, rated_at=f"2019-08-{n:02d} 10:00:00") for n in range(1, 11)])
    first = source.pull()
    assert first.batch is not None
    withdraw(source.home, first.batch.no, "a test")
    second = source.pull()
    assert second.report()["accepted"] == 4
    assert [note for note in second.notes if "--full" in note]
    assert source.pull(full=True).report()["accepted"] == 6
    assert source.pull().notes == ()


def test_a_far_server_is_verified(source: Source, tmp_path: Path) -> None:
    """With its own authority it passes; with another it is refused before a password is sent."""
    source.make()
    source.put([rated(1)])
    source.write(
        kind=f'"{source.server.kind}"',
        host='"127.0.0.1"',
        port=str(source.server.port),
        tls='"verify"',
        tls_ca=f'"{readable(source.server.signed, tmp_path)}"',
    )
    assert source.pull().report()["accepted"] == 1
    _, theirs = certificate(tmp_path)
    source.write(tls_ca=f'"{theirs}"')
    with pytest.raises(HallscoreError, match=r"cannot be reached.*(?i:certificate)"):
        source.pull()


def readable(path: Path, folder: Path) -> Path:
    """A copy of a file of the server for those who pull."""
    (folder / "ours.crt").write_bytes(path.read_bytes())
    return folder / "ours.crt"


def test_the_allowed_words_are_those_of_reading() -> None:
    """The test of the server's log would see a write."""
    assert READS.match("SELECT 1")
    assert not [one for one in ("INSERT INTO t", "DELETE", "CREATE TABLE") if READS.match(one)]
