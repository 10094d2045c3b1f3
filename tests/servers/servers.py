"""A PostgreSQL and a MariaDB of our own, from the system's packages, in a folder that goes away.

They log every statement, and they run as an ordinary user: as root they would refuse to start.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pymysql

PASSWORD = "Eingang-4711-streng"  # of every user; it must turn up nowhere
READS = re.compile(
    r"(SELECT|WITH|BEGIN|START TRANSACTION|SET|SHOW|COMMIT|ROLLBACK|DECLARE|FETCH|CLOSE)\b", re.I
)


def program(name: str, package: str, *folders: str) -> str:
    """Where a program of a package is; absent, the test fails with what to install."""
    path = os.pathsep.join([*folders, os.environ.get("PATH", ""), "/usr/sbin"])
    found = shutil.which(name, path=path)
    assert found, f"{name} is not installed. Run: apt-get install --no-install-recommends {package}"
    return found


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate for 127.0.0.1 that signs itself."""
    key, signed = folder / "server.key", folder / "server.crt"
    openssl = program("openssl", "openssl")
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run(
        [*made, "-keyout", str(key), "-out", str(signed)], check=True, capture_output=True
    )
    key.chmod(0o600)
    return key, signed


class Server:
    """What both have: a folder, a process, and a log of statements."""

    kind = ""
    system_user = ""

    def __init__(self) -> None:
        # A short path: a socket's name has at most 107 letters.
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.kind}-"))
        self.log = self.folder / "statements.log"
        self.port = free_port()
        self.as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.system_user, self.system_user)
            self.as_user = {"user": self.system_user, "group": self.system_user, "extra_groups": []}
        self.key, self.signed = certificate(self.folder)
        if os.geteuid() == 0:
            shutil.chown(self.key, self.system_user, self.system_user)
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *command: str) -> None:
        """A command as the server's user; its output only when it fails."""
        ran = subprocess.run(
            command, capture_output=True, text=True, cwd=self.folder, check=False, **self.as_user
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"

    def launch(self, *command: str) -> None:
        with (self.folder / "output.log").open("ab") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=out, cwd=self.folder, **self.as_user
            )

    def wait(self, door: Path, attempt: Callable[[], Any]) -> None:
        """Until the server answers at its socket, at most half a minute."""
        for _ in range(150):
            if not door.exists():  # the drivers leave a socket open when nobody answers
                time.sleep(0.2)
                continue
            try:
                attempt()
                return
            except (psycopg.OperationalError, pymysql.err.OperationalError):
                time.sleep(0.2)
        raise AssertionError((self.folder / "output.log").read_text("utf-8", "replace")[-3000:])

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Server):
    kind = "postgresql"
    system_user = "postgres"
    MOMENT, INSTANT, QUOTE = "timestamp", "timestamptz", '"'

    def start(self) -> None:
        folders = [str(one) for one in sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
        base = self.folder / "base"
        initdb = program("initdb", "postgresql", *folders)
        options = ("--username=admin", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self.run(initdb, "--no-sync", *options, f"--pgdata={base}")
        rules = "local all admin trust\nlocal all all scram-sha-256\n"
        (base / "pg_hba.conf").write_text(rules + "host all all 127.0.0.1/32 scram-sha-256\n")
        settings = {
            "unix_socket_directories": str(self.folder),
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "fsync": "off",
            "log_statement": "all",
            "log_line_prefix": "%u|",
            "max_connections": "30",
            "ssl": "on",
            "ssl_key_file": str(self.key),
            "ssl_cert_file": str(self.signed),
        }
        listed = [f"--{name}={value}" for name, value in settings.items()]
        self.launch(program("postgres", "postgresql", *folders), "-D", str(base), *listed)
        self.log = self.folder / "output.log"
        door = self.folder / f".s.PGSQL.{self.port}"
        self.wait(door, lambda: self.admin("postgres").close())

    def admin(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.folder), port=self.port, user="admin", dbname=database, autocommit=True
        )

    def settings(self) -> str:
        return f'kind = "postgresql"\nsocket = "{self.folder}"\nport = {self.port}\n'

    def new_database(self, name: str) -> Any:
        """A database with a user `reader` who may only read and one `writer` who may all."""
        with self.admin("postgres") as first:
            first.execute(f"CREATE DATABASE {name}")
            for user in ("reader", "writer", "stranger"):
                first.execute(f"DROP ROLE IF EXISTS {user}_{name}")
                first.execute(f"CREATE ROLE {user}_{name} LOGIN PASSWORD '{PASSWORD}'")
        connection = self.admin(name)
        connection.execute(
            f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader_{name}; "
            f"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO writer_{name}"
        )
        return connection

    def end_sessions(self, connection: Any, user: str) -> None:
        """Cut off a user in the middle of what he asked for."""
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [user]
        )

    def statements(self, user: str) -> list[str]:
        """What a user's sessions asked for, as the server wrote it down."""
        found = []
        for line in self.log.read_text("utf-8").splitlines():
            who, _, rest = line.partition("|")
            said = re.match(r"LOG:\s+(?:statement|execute [^:]*): (.*)", rest)
            if who == user and said:
                found.append(said[1])
        return found


class Mariadb(Server):
    kind = "mariadb"
    system_user = "mysql"
    MOMENT, INSTANT, QUOTE = "datetime(6)", "timestamp(6) NULL", "`"

    def start(self) -> None:
        base = self.folder / "base"
        install = program("mariadb-install-db", "mariadb-server")
        self.run(
            install,
            "--no-defaults",
            f"--datadir={base}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )
        self.launch(
            program("mariadbd", "mariadb-server"),
            "--no-defaults",
            f"--datadir={base}",
            f"--socket={self.folder / 's'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--port={self.port}",
            f"--ssl-key={self.key}",
            f"--ssl-cert={self.signed}",
            "--bind-address=127.0.0.1",
            "--general-log=1",
            f"--general-log-file={self.log}",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=64M",
            "--sql-mode=",
            "--skip-name-resolve",
        )
        self.wait(self.folder / "s", lambda: self.admin(None).close())

    def admin(self, database: str | None) -> Any:
        return pymysql.connect(
            unix_socket=str(self.folder / "s"), user="root", database=database, autocommit=True
        )

    def settings(self) -> str:
        return f'kind = "mysql"\nsocket = "{self.folder / "s"}"\n'

    def new_database(self, name: str) -> Any:
        connection = self.admin(None)
        cursor = connection.cursor()
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        rights = {"reader": "SELECT", "writer": "ALL", "stranger": ""}
        for user, right in rights.items():
            for host in ("localhost", "127.0.0.1"):
                cursor.execute(f"CREATE USER {user}_{name}@'{host}' IDENTIFIED BY '{PASSWORD}'")
                if right:
                    cursor.execute(f"GRANT {right} ON {name}.* TO {user}_{name}@'{host}'")
        cursor.execute(f"USE {name}")
        return connection

    def end_sessions(self, connection: Any, user: str) -> None:
        for host in ("localhost", "127.0.0.1"):
            connection.cursor().execute(f"KILL HARD USER {user}@'{host}'")

    def statements(self, user: str) -> list[str]:
        found, threads = [], set()
        for line in self.log.read_text("utf-8").splitlines():
            said = re.match(r"(?:\d{6}\s+\S+)?\s*(\d+) (\w+)\t?(.*)", line)
            if said and said[2] == "Connect":
                (threads.add if said[3].startswith(f"{user}@") else threads.discard)(said[1])
            elif said and said[2] == "Query" and said[1] in threads:
                found.append(said[3])
        return found
