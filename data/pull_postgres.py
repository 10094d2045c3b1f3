"""PostgreSQL: a read-only session, and rows by a named cursor, as the server's own text."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg.types.string import TextLoader

from data.database_settings import DatabasePart
from data.errors import HallscoreError, nearest
from data.pull_session import Cell, Column, Kind, Value, refusal, without_password

KINDS: dict[str, Kind] = {
    "bool": "flag",
    "int2": "number",
    "int4": "number",
    "int8": "number",
    "numeric": "number",
    "float4": "float",
    "float8": "float",
    "date": "date",
    "time": "clock",
    "timestamp": "moment",
    "timestamptz": "instant",
    "bytea": "bytes",
}
# What is compared with a column is of a type that its index serves.
TYPES = {"date": "timestamp", "moment": "timestamp", "instant": "timestamptz"}
SSL = {"verify": "verify-full", "encrypt": "require", "off": "disable"}
# Times must not be written as the server happens to be set up.
SETTINGS = (
    "SET default_transaction_read_only = on",
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO, YMD'",
)
READABLE = (
    "SELECT a.attname FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = to_regclass(%s) "
    "AND a.attnum > 0 AND NOT a.attisdropped "
    "AND has_column_privilege(a.attrelid, a.attnum, 'SELECT') ORDER BY a.attnum"
)
TABLES = (
    "SELECT c.relname FROM pg_catalog.pg_class AS c WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') "
    "AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, "
    "'pg_toast'::regnamespace) ORDER BY c.relname"
)
WRONG = {
    "28P01": "refuses the password of user {user!r}. Correct password_env or password_file",
    "28000": "refuses user {user!r} ({said}). Allow the user in pg_hba.conf, or correct the name",
    "3D000": "has no database {database!r} ({said}). Correct `database`",
    "42501": "permission denied ({said}). Grant the user SELECT, see docs/how-to/databases.md",
    "42P01": "knows no such table ({said}). Correct `table` or `query`",
    "42703": "knows no such column ({said}). Correct `columns`, `key`, `watermark` or `query`",
    "22021": "has a text that is not in its encoding ({said}). Name its column in `stored_as`",
    "25006": "refused a write in the read-only session ({said}). Only read in `query`",
}
# The client library gives no code for what fails before the session.
BEFORE = {
    "password authentication failed": "28P01",
    "no password supplied": "28P01",
    "authentication failed": "28000",
    "pg_hba.conf": "28000",
    "role": "28000",
    "database": "3D000",
}


class PostgresSession:
    """See data.pull_session.Session."""

    def __init__(self, part: DatabasePart, password: str) -> None:
        self.part, self.password = part, password
        with self._told("connect"):
            self.connection = psycopg.connect(
                host=part.socket or part.host,
                port=part.port or 5432,
                dbname=part.database,
                user=part.user,
                password=password or None,
                connect_timeout=15,
                application_name="hallscore",
                client_encoding="UTF8",
                sslmode=SSL[part.security],
                sslrootcert=(part.tls_ca or "system") if part.security == "verify" else None,
                autocommit=True,
            )
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        with self._told("open a read-only session"):
            for sentence in SETTINGS:
                self.connection.execute(sentence)
            for kind in psycopg.postgres.types:
                for oid in (kind.oid, kind.array_oid):
                    if oid:
                        self.connection.adapters.register_loader(oid, TextLoader)
            self.connection.autocommit = False
            self.connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self.connection.read_only = True
            said = self.one("SHOW transaction_read_only", [])
        if said != "on":
            raise HallscoreError(
                f"{self.part.place}: the session is not read-only (transaction_read_only is "
                f"{said!r}). Connect to the server itself, not through a pooler that drops it."
            )

    def quote(self, name: str) -> str:
        """In double quotes; `%` is doubled for the driver."""
        return '"' + name.replace('"', '""').replace("%", "%%") + '"'

    def names(self, table: str) -> list[str]:
        """Columns that the user may read, in the table's order."""
        quoted = ".".join('"' + piece.replace('"', '""') + '"' for piece in table.split("."))
        if found := self._column(READABLE, [quoted]):
            return found
        if self.one("SELECT CAST(to_regclass(%s) AS text)", [quoted]) is not None:
            raise HallscoreError(
                f"{self.part.place}: permission denied for table {table}. Run there: "
                f"GRANT SELECT ON {quoted} TO {self.quote(self.part.user)}"
            )
        known = self._column(TABLES, [])
        hint = nearest(table.split(".")[-1], known)
        listed = ", ".join(known[:20]) or "none"
        raise HallscoreError(
            f"{self.part.place}: database {self.part.database!r} has no table {table!r}; it has "
            f"{listed}.{hint}"
        )

    def describe(self, select: str) -> list[Column]:
        """The server's description of a result without rows."""
        with self._told("describe the source"):
            cursor = self.connection.execute(f"{select} LIMIT %s".encode(), [0])
        types = psycopg.postgres.types
        found = []
        for column in cursor.description or ():
            kind = types.get(column.type_code)
            found.append(Column(column.name, KINDS.get(kind.name if kind else "", "text")))
        return found

    def one(self, select: str, values: Sequence[Value]) -> str | None:
        """The first cell."""
        found = self._column(select, values)
        return found[0] if found else None

    def _column(self, select: str, values: Sequence[Value]) -> list[str]:
        with self._told("answer"):
            return [row[0] for row in self.connection.execute(select.encode(), values)]

    def stream(
        self, select: str, values: Sequence[Value], size: int
    ) -> Generator[list[list[Cell]], None, None]:
        """FETCH by FETCH: neither side holds more than one piece."""
        with self._told("send its rows"), self.connection.cursor("hallscore") as cursor:
            cursor.execute(select.encode(), values)
            while piece := cursor.fetchmany(size):
                yield [list(row) for row in piece]

    def as_bytes(self, column: str) -> str:
        """The bytes as they are stored, also where the database does not know their encoding."""
        return f"convert_to(CAST({column} AS text), getdatabaseencoding())"

    def as_text(self, column: str) -> str:
        """Exact for numbers and times."""
        return f"CAST({column} AS text)"

    def at(self, column: Column) -> str:
        """A place whose value has a type that the column's index serves."""
        return f"CAST(%s AS {TYPES[column.kind]})" if column.kind in TYPES else "%s"

    def earlier(self, column: Column, seconds: int) -> str:
        """Seconds, not days: a day may have 23 of its hours."""
        return f"CAST({self.at(column)} - make_interval(secs => {seconds}) AS text)"

    def now(self) -> str:
        """The server's time in UTC."""
        select = "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        return self.one(select, []) or ""

    def close(self) -> None:
        """Nothing to keep: the transaction only read."""
        self.connection.close()

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """An error of the driver becomes one sentence, never with the password in it."""
        try:
            yield
        except psycopg.Error as error:
            raise self._sentence(error, what) from None

    def _sentence(self, error: psycopg.Error, what: str) -> HallscoreError:
        said = without_password(error.diag.message_primary or str(error), self.password)
        code = error.sqlstate or next((BEFORE[text] for text in BEFORE if text in said), "")
        if not error.sqlstate and what == "connect" and "FATAL" not in said:
            code = "28P01" if "no password supplied" in said else ""
        return refusal(self.part, WRONG.get(code), what, said)
