"""[sources.NAME.database]: what is read, by whom, and never anything but a SELECT."""

import os
import stat
from pathlib import Path

import pytest

from data.database_settings import DatabasePart, password_of
from data.errors import HallscoreError
from data.single_select import refuse_other_than_select
from data.sources import source_of

GOOD = {
    "kind": '"postgresql"',
    "host": '"queue.example"',
    "database": '"queue"',
    "user": '"reader"',
    "table": '"public.tickets"',
    "watermark": '"changed_at"',
}


def part_of(home: Path, **changes: str) -> DatabasePart:
    """The settings as they stand in a sources.toml; "" leaves a line out."""
    lines = [f"{name} = {value}" for name, value in {**GOOD, **changes}.items() if value]
    text = '[sources.queue]\nlog = "tickets"\nprofile = "canonical"\n[sources.queue.database]\n'
    (home / "sources.toml").write_text(text + "\n".join(lines) + "\n", "utf-8")
    part = source_of(home, "queue").database
    assert part is not None
    return part


def test_a_far_server_is_verified_by_default(tmp_path: Path) -> None:
    """On this machine nobody listens in between."""
    assert part_of(tmp_path).security == "verify"
    assert part_of(tmp_path, host='"localhost"').security == "off"
    assert part_of(tmp_path, host="", socket='"/run/mysqld/mysqld.sock"').security == "off"
    assert part_of(tmp_path, tls='"encrypt"').security == "encrypt"


def test_mysql_is_another_name_of_mariadb(tmp_path: Path) -> None:
    assert part_of(tmp_path, kind='"mysql"').kind == "mariadb"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"socket": '"/run/s"'}, "either `host` or `socket`"),
        ({"host": ""}, "either `host` or `socket`"),
        ({"query": '"SELECT 1"'}, "either `table` or `query`"),
        ({"table": '"a.b.c"'}, "SCHEMA.NAME"),
        ({"overlap": '"three days"'}, '"5000 rows"'),
        ({"password_env": '"A"', "password_file": '"b"'}, "not both"),
        ({"tls": '"off"', "tls_ca": '"ca.pem"'}, "tls_ca"),
        ({"kind": '"oracle"'}, "'oracle'"),
        ({"watermark": ""}, r"'sources.queue.database.watermark' is missing"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, changes: dict[str, str], expected: str) -> None:
    with pytest.raises(HallscoreError, match=expected):
        part_of(tmp_path, **changes)


def test_a_password_in_the_file_is_refused_unseen(tmp_path: Path) -> None:
    """The message names the key, never its value."""
    with pytest.raises(HallscoreError, match="Did you mean 'password_env'") as told:
        part_of(tmp_path, passwort='"geheim-1"')
    assert "geheim-1" not in str(told.value)


def test_a_password_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = part_of(tmp_path, password_env='"QUEUE_PASSWORD"')
    with pytest.raises(HallscoreError, match="QUEUE_PASSWORD"):
        password_of(part, tmp_path)
    monkeypatch.setenv("QUEUE_PASSWORD", "offen")
    assert password_of(part, tmp_path) == "offen"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_password_file_is_of_its_owner_alone(tmp_path: Path, mode: int) -> None:
    """Otherwise the message has the command that mends it."""
    part, path = part_of(tmp_path, password_file='"secret"'), tmp_path / "secret"
    path.write_text("geheim-2\n", "utf-8")
    path.chmod(mode)
    with pytest.raises(HallscoreError, match=f"chmod 600 {path}") as told:
        password_of(part, tmp_path)
    assert "geheim-2" not in str(told.value)
    path.chmod(stat.S_IRUSR)
    assert password_of(part, tmp_path) == "geheim-2"


def test_a_password_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Whoever owns it could put another password, and with it another server's answer, there."""
    path = tmp_path / "secret"
    path.write_text("geheim-3\n", "utf-8")
    path.chmod(0o600)
    part = part_of(tmp_path, password_file='"secret"')
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
        with pytest.raises(HallscoreError, match=r"belongs to user 12345.*chown 0"):
            password_of(part, tmp_path)
    path.unlink()
    path.symlink_to("/etc/hostname")
    with pytest.raises(HallscoreError, match="plain file"):
        password_of(part, tmp_path)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
@pytest.mark.parametrize(
    "query",
    [
        "SELECT a, b FROM t WHERE c = 'x;y' AND d LIKE '%--%'",
        "with late as (select a from t) select a from late",
        "SELECT REPLACE(a, 'x', 'it''s; into') AS a FROM t",
        'SELECT "update" FROM t',
        "SELECT last_update, offset_n FROM t WHERE s = 'E'",
    ],
)
def test_a_select_is_taken(kind: str, query: str) -> None:
    refuse_other_than_select(query, kind)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM t",
        "SELECT 1; DROP TABLE t",
        "SELECT 1;",
        "WITH gone AS (DELETE FROM t RETURNING a) SELECT a FROM gone",
        "SELECT a INTO b FROM t",
        "SELECT a FROM t FOR UPDATE",
        "SELECT a FROM t -- all",
        "SELECT a /* all */ FROM t",
        "SELECT a FROM t) AS x, (SELECT 1",
        "SELECT $$;$$",
        "EXPLAIN SELECT 1",
        "",
    ],
)
def test_anything_else_is_refused(kind: str, query: str) -> None:
    with pytest.raises(ValueError, match="`query`"):
        refuse_other_than_select(query, kind)


def test_quotes_are_those_of_the_server() -> None:
    """A backslash hides a quote from MariaDB, and none from PostgreSQL."""
    hidden = r"SELECT '\'; DROP TABLE t; SELECT '"
    refuse_other_than_select(r"SELECT 'it\'s; fine'", "mariadb")
    with pytest.raises(ValueError, match="';'"):
        refuse_other_than_select(hidden, "postgresql")
    with pytest.raises(ValueError, match="E'"):
        refuse_other_than_select(r"SELECT E'it\'s'", "postgresql")
