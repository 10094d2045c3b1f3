"""How a source's database is reached and what is read of it: [sources.NAME.database]."""

import os
import re
import stat
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from data.errors import HallscoreError
from data.single_select import refuse_other_than_select

LOCAL = ("localhost", "127.0.0.1", "::1")
PORTS = {"postgresql": 5432, "mariadb": 3306}
UNITS = {"minutes": 60, "hours": 3600, "days": 86400}
ONLY_OURS = 0o600
SHARED = stat.S_IRWXG | stat.S_IRWXO

Names = Annotated[
    tuple[str, ...], BeforeValidator(lambda given: [given] if isinstance(given, str) else given)
]


class DatabasePart(BaseModel):
    """A database and the rows that are read of it, always without writing.

    `overlap` is what each pull reads again before its watermark: "3 days", or "5000 rows".
    `stored_as` names columns whose bytes are in another encoding than the server believes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[
        Literal["postgresql", "mariadb"],
        BeforeValidator(lambda given: "mariadb" if given == "mysql" else given),
    ]
    database: str
    user: str
    host: str = ""
    port: int | None = Field(default=None, ge=1, le=65535)
    socket: str = ""
    password_env: str = ""
    password_file: str = ""
    tls: Literal["verify", "encrypt", "off"] | None = None
    tls_ca: str = ""
    table: str = ""
    query: str = ""
    columns: Names = ()
    watermark: str
    key: Names = ()
    overlap: str = "3 days"
    batch_rows: int = Field(default=50_000, ge=1, le=1_000_000)
    first: str | int = ""
    stored_as: dict[str, Literal["utf-8", "gb18030"]] = {}

    @model_validator(mode="after")
    def _says_where(self) -> "DatabasePart":
        if bool(self.host) == bool(self.socket):
            raise ValueError("give either `host` or `socket`")
        if self.password_env and self.password_file:
            raise ValueError("give `password_env` or `password_file`, not both")
        if self.tls_ca and self.security != "verify":
            raise ValueError('`tls_ca` is used with tls = "verify" only')
        return self

    @model_validator(mode="after")
    def _says_what(self) -> "DatabasePart":
        if bool(self.table) == bool(self.query):
            raise ValueError("give either `table` or `query`")
        if self.table and (self.table.count(".") > 1 or "" in self.table.split(".")):
            raise ValueError("`table` is NAME or SCHEMA.NAME")
        if self.query:
            refuse_other_than_select(self.query, self.kind)
        if not re.fullmatch(r"[1-9]\d* (rows|minutes|hours|days)", self.overlap):
            raise ValueError('`overlap` is written "3 days", "12 hours", "90 minutes", "5000 rows"')
        return self

    @property
    def overlap_rows(self) -> int | None:
        """So many rows are read again, where the overlap is said in rows."""
        number, unit = self.overlap.split()
        return int(number) if unit == "rows" else None

    @property
    def overlap_time(self) -> timedelta | None:
        """So long a time is read again, where the overlap is said as a time."""
        number, unit = self.overlap.split()
        return None if unit == "rows" else timedelta(seconds=int(number) * UNITS[unit])

    @property
    def security(self) -> str:
        """verify, encrypt or off: a far server is verified unless the file says otherwise."""
        if self.tls is not None:
            return self.tls
        return "off" if self.socket or self.host in LOCAL else "verify"

    @property
    def place(self) -> str:
        """The server as messages name it."""
        return self.socket or f"{self.host}:{self.port or PORTS[self.kind]}"

    @property
    def subject(self) -> str:
        """What is read, as messages name it."""
        return f"table {self.table}" if self.table else "the query"

    @property
    def fingerprint(self) -> list[str]:
        """What a stored watermark is a value of; another fingerprint, and it means nothing."""
        return [self.kind, self.database, self.table or self.query, self.watermark]


def password_of(part: DatabasePart, home: Path) -> str:
    """The password, from the environment or a file that only its owner may read; "" for none.

    A relative `password_file` lies beside sources.toml. HallscoreError says what to run.
    """
    if part.password_env:
        if part.password_env not in os.environ:
            raise HallscoreError(
                f"password_env: the environment has no variable {part.password_env!r}. Set it for "
                "the process that pulls, or name a password_file."
            )
        return os.environ[part.password_env]
    return _from_file(home / part.password_file) if part.password_file else ""


def _from_file(path: Path) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise HallscoreError(
            f"password_file {path}: {error.strerror}. A plain file with the password in its first "
            "line was expected."
        ) from None
    with os.fdopen(handle, encoding="utf-8") as file:
        seen = os.fstat(file.fileno())  # of the open file: no other can take its place in between
        if seen.st_uid != os.geteuid():
            raise HallscoreError(
                f"password_file {path}: belongs to user {seen.st_uid}, the pull runs as "
                f"{os.geteuid()}. Run: chown {os.geteuid()} {path}"
            )
        if seen.st_mode & SHARED:
            raise HallscoreError(
                f"password_file {path}: others may read it (mode {stat.S_IMODE(seen.st_mode):o}). "
                f"Run: chmod {ONLY_OURS:o} {path}"
            )
        return file.readline().rstrip("\r\n")
