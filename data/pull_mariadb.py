"""MariaDB and MySQL: a read-only session, and rows as they arrive, as the server's own text."""

import ssl
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions
from pymysql.cursors import SSCursor

from data.database_settings import DatabasePart
from data.errors import HallscoreError, nearest
from data.pull_session import Cell, Column, Kind, Value, refusal, without_password

BINARY = 63  # the character set of what is no text
KINDS: dict[int, Kind] = {
    FIELD_TYPE.TINY: "number",
    FIELD_TYPE.SHORT: "number",
    FIELD_TYPE.INT24: "number",
    FIELD_TYPE.LONG: "number",
    FIELD_TYPE.LONGLONG: "number",
    FIELD_TYPE.DECIMAL: "number",
    FIELD_TYPE.NEWDECIMAL: "number",
    FIELD_TYPE.FLOAT: "float",
    FIELD_TYPE.DOUBLE: "float",
    FIELD_TYPE.YEAR: "number",
    FIELD_TYPE.DATE: "date",
    FIELD_TYPE.TIME: "clock",
    FIELD_TYPE.DATETIME: "moment",
    FIELD_TYPE.TIMESTAMP: "instant",
    FIELD_TYPE.BIT: "bits",
}
TEXTS = {
    FIELD_TYPE.BLOB,
    FIELD_TYPE.LONG_BLOB,
    FIELD_TYPE.MEDIUM_BLOB,
    FIELD_TYPE.TINY_BLOB,
    FIELD_TYPE.STRING,
    FIELD_TYPE.VAR_STRING,
    FIELD_TYPE.VARCHAR,
}
# TIMESTAMP is shown in the zone of the session; in UTC it means one moment.
SETTINGS = (
    "SET SESSION TRANSACTION READ ONLY",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "SET SESSION time_zone = '+00:00'",
)
BEGIN = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
READABLE = (
    "SELECT column_name FROM information_schema.columns "
    "WHERE table_schema = COALESCE(%s, DATABASE()) AND table_name = %s ORDER BY ordinal_position"
)
TABLES = (
    "SELECT table_name FROM information_schema.tables "
    "WHERE table_schema = COALESCE(%s, DATABASE()) ORDER BY table_name"
)
REFUSED = "refuses the password of user {user!r}. Correct password_env or password_file"
NO_TABLE = "knows no such table ({said}). Correct `table` or `query`"
NO_COLUMN = "knows no such column ({said}). Correct `columns`, `key`, `watermark` or `query`"
DENIED = "permission denied ({said}). Grant the user SELECT, see docs/how-to/databases.md"
WRITE = "refused a write in the read-only session ({said}). Only read in `query`"
WRONG = {
    1044: "user {user!r} may not read database {database!r} ({said}). Grant the user SELECT there",
    1045: REFUSED,
    1698: REFUSED,
    1049: "has no database {database!r} ({said}). Correct `database`",
    1142: DENIED,
    1143: DENIED,
    1370: DENIED,
    1054: NO_COLUMN,
    1146: NO_TABLE,
    1792: WRITE,
}


class MariadbSession:
    """See data.pull_session.Session."""

    def __init__(self, part: DatabasePart, password: str) -> None:
        self.part, self.password = part, password
        with self._told("connect"):
            self.connection = pymysql.connect(
                host=part.host or None,
                port=part.port or 3306,
                unix_socket=part.socket or None,
                database=part.database,
                user=part.user,
                password=password,
                charset="utf8mb4",
                connect_timeout=15,
                program_name="hallscore",
                # No decoders: '0000-00-00' and '2019-02-00' are no dates of Python.
                conv={kind: told for kind, told in conversions.items() if type(kind) is not int},
                ssl=_context(part),
                ssl_disabled=part.security == "off",
            )
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        with self._told("open a read-only session"), self.connection.cursor() as cursor:
            for sentence in (*SETTINGS, BEGIN):
                cursor.execute(sentence)
            # MariaDB's name for it, and MySQL's since version 8.
            cursor.execute(
                "SHOW SESSION VARIABLES WHERE variable_name IN "
                "('tx_read_only', 'transaction_read_only')"
            )
            said = {row[1] for row in cursor.fetchall()}
        if said != {"ON"}:
            raise HallscoreError(
                f"{self.part.place}: the session is not read-only (tx_read_only is "
                f"{', '.join(sorted(said)) or 'unknown'}). MariaDB 10.0 or MySQL 5.6 and later can."
            )

    def quote(self, name: str) -> str:
        """In backticks; `%` is doubled for the driver."""
        return "`" + name.replace("`", "``").replace("%", "%%") + "`"

    def names(self, table: str) -> list[str]:
        """Columns that the user may read, in the table's order."""
        schema, _, name = table.rpartition(".")
        if found := self._column(READABLE, [schema or None, name]):
            return found
        known = self._column(TABLES, [schema or None])
        listed = ", ".join(known[:20]) or "none"
        raise HallscoreError(
            f"{self.part.place}: database {schema or self.part.database!r} has no table {name!r} "
            f"that user {self.part.user!r} may read; there are {listed}.{nearest(name, known)} If "
            "it is there, permission is denied: grant the user SELECT on it."
        )

    def describe(self, select: str) -> list[Column]:
        """The server's description of a result without rows."""
        with self._told("describe the source"), self.connection.cursor() as cursor:
            cursor.execute(f"{select} LIMIT %s", [0])
            fields = cursor._result.fields if cursor._result else []
        return [Column(field.name, _kind(field.type_code, field.charsetnr)) for field in fields]

    def one(self, select: str, values: Sequence[Value]) -> str | None:
        """The first cell."""
        found = self._column(select, values)
        return found[0] if found else None

    def _column(self, select: str, values: Sequence[Value | None]) -> list[str]:
        with self._told("answer"), self.connection.cursor() as cursor:
            cursor.execute(select, values)
            return [row[0] for row in cursor.fetchall()]

    def stream(
        self, select: str, values: Sequence[Value], size: int
    ) -> Generator[list[list[Cell]], None, None]:
        """Row by row from the wire: neither side holds the result."""
        cursor = self.connection.cursor(SSCursor)
        try:
            with self._told("send its rows"):
                cursor.execute(select, values)
                while piece := cursor.fetchmany(size):
                    yield [list(row) for row in piece]
        except BaseException:
            self._abandon(cursor)
            raise
        cursor.close()

    def _abandon(self, cursor: SSCursor) -> None:
        """Leave in the middle of a result: the driver would read all of the rest first."""
        if cursor._result is not None:
            cursor._result.unbuffered_active = False
            cursor._result.connection = None
            cursor._result = None
        self.connection._force_close()

    def as_bytes(self, column: str) -> str:
        """The bytes as they are stored, whatever the column says they mean."""
        return f"CAST({column} AS BINARY)"

    def as_text(self, column: str) -> str:
        """Exact for numbers and times."""
        return f"CAST({column} AS CHAR)"

    def at(self, column: Column) -> str:
        """A time as the constant that it is compared as; a number stays one (no 53 bits)."""
        return "%s" if column.kind == "number" else "CAST(%s AS DATETIME(6))"

    def earlier(self, column: Column, seconds: int) -> str:
        """In the zone of the session, which is UTC: no day has 23 hours."""
        return f"CAST({self.at(column)} - INTERVAL {seconds} SECOND AS CHAR)"

    def now(self) -> str:
        """The server's time in UTC."""
        return self.one("SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)", []) or ""

    def close(self) -> None:
        """Nothing to keep: the transaction only read."""
        if self.connection.open:
            self.connection.close()

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """An error of the driver becomes one sentence, never with the password in it."""
        try:
            yield
        except pymysql.Error as error:
            raise self._sentence(error, what) from None

    def _sentence(self, error: pymysql.Error, what: str) -> HallscoreError:
        code = error.args[0] if error.args else 0
        words = str(error.args[1] if len(error.args) > 1 else error)
        return refusal(self.part, WRONG.get(code), what, without_password(words, self.password))


def _kind(code: int, charset: int) -> Kind:
    if code in TEXTS:
        return "bytes" if charset == BINARY else "text"
    return KINDS.get(code, "text")


def _context(part: DatabasePart) -> ssl.SSLContext | None:
    """What must hold of the encryption; a server that offers none is refused."""
    if part.security == "off":
        return None
    context = ssl.create_default_context(cafile=part.tls_ca or None)
    if part.security == "encrypt":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
