"""A source for tests: a table on a real server, and the home that pulls from it."""

import itertools
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.pull import Pulled, pull
from tests.builders import Row, send, town
from tests.servers.servers import PASSWORD, Server

ROOT = Path(__file__).parent.parent.parent
NUMBERS = itertools.count(1)
TABLES = {
    "ratings": "rating_id varchar(40) PRIMARY KEY, case_id varchar(40), counter_id varchar(40), "
    "rated_at {moment}, grade int, item_id varchar(90), changed_at {moment}",
    "cases": "case_id varchar(40) PRIMARY KEY, counter_id varchar(40), received_at {moment}, "
    "accepted_at {moment}, closed_at {moment}, due_at {moment}, updated_at {moment}",
}
MARKS = {"ratings": "changed_at", "cases": "updated_at"}


@dataclass
class Source:
    """`database` is the name of its database and the tail of its users' names."""

    server: Any
    connection: Any
    database: str
    home: Path
    log: str = "ratings"
    settings: dict[str, str] = field(default_factory=dict)

    def sql(self, text: str, values: Any = None, connection: Any = None) -> Any:
        """A statement of the source's own people, who write."""
        cursor = (connection or self.connection).cursor()
        cursor.execute(text, values)
        return cursor

    def make(self, log: str = "ratings") -> None:
        """An empty table of a log, and sources.toml that names it."""
        self.log = log
        columns = TABLES[log].format(moment=self.server.MOMENT)
        self.sql(f"CREATE TABLE {log} ({columns})")
        self.write(table=f'"{log}"', watermark=f'"{MARKS[log]}"', overlap='"3 days"')

    def write(self, **settings: str) -> None:
        """sources.toml, with more or other lines of the database (each in TOML); "" leaves out."""
        base = {
            "database": f'"{self.database}"',
            "user": f'"reader_{self.database}"',
            "password_env": '"HALL_PASSWORD"',
        }
        self.settings = {**(self.settings or base), **settings}
        lines = [f"{name} = {value}" for name, value in self.settings.items() if value]
        head = f'[sources.queue]\nlog = "{self.log}"\nprofile = "canonical"\n'
        place = "" if "host" in self.settings else self.server.settings()
        text = f"{head}[sources.queue.database]\n{place}" + "\n".join(lines) + "\n"
        (self.home / "sources.toml").write_text(text, "utf-8")

    def put(self, rows: list[Row], connection: Any = None) -> None:
        """Rows into the table."""
        for row in rows:
            cells = {name: None if value == "" else value for name, value in row.items()}
            places = ", ".join(["%s"] * len(cells))
            text = f"INSERT INTO {self.log} ({', '.join(cells)}) VALUES ({places})"
            self.sql(text, list(cells.values()), connection)

    def pull(self, **options: Any) -> Pulled:
        """One pull; its batch adds up."""
        pulled = pull(self.home, "queue", **options)
        if batch := pulled.batch:
            parts = sum(batch.counts[key] for key in ("accepted", "known", "repeated", "no_rating"))
            assert batch.counts["read"] == parts + sum(batch.quarantined.values()) == pulled.read
        return pulled

    def child(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """A pull in a process of its own, which may be killed or measured."""
        return subprocess.run(
            [sys.executable, "-m", "tests.servers.child", str(self.home), *arguments],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            **options,
        )

    def once(self, folder: Path) -> Path:
        """A clean home that took the final state of the table in one go, as a file."""
        home = town(folder / "home")
        cursor = self.sql(f"SELECT * FROM {self.log}")
        names = [column[0] for column in cursor.description if column[0] != "changed_at"]
        rows = [dict(zip(names, map(written, row), strict=False)) for row in cursor.fetchall()]
        send(home, self.log, rows)
        return home

    def close(self) -> None:
        self.connection.close()


def written(cell: Any) -> str:
    return "" if cell is None else str(cell)[:19] if hasattr(cell, "hour") else str(cell)


def new_source(server: Server, folder: Path) -> Source:
    """A fresh database on a server and a fresh town beside it."""
    os.environ["HALL_PASSWORD"] = PASSWORD
    database = f"hall{next(NUMBERS)}"
    connection = server.new_database(database)  # type: ignore[attr-defined]
    return Source(server, connection, database, town(folder / "city" / "home"))
