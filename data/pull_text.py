"""Rows of a database as texts that the profile reads: NULL stays missing, nothing is rounded.

A time is written in the profile's own format, in its zone; what is no time of a calendar stays as
the server wrote it, so that the row goes to quarantine with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from data.database_settings import DatabasePart
from data.errors import HallscoreError
from data.profile import Interval, LogPart, Profile, source_columns
from data.pull_session import TIMES, Cell, Column

ZERO = "0000-00-00"  # MariaDB's way to write no date
WRITTEN = "%Y-%m-%d %H:%M:%S%.f"
PLAIN = {"date": "%Y-%m-%d", "moment": "%Y-%m-%d %H:%M:%S", "instant": "%Y-%m-%d %H:%M:%S"}


@dataclass
class Rendering:
    """The columns of one pull, their formats, and what had to be said about their values."""

    columns: tuple[Column, ...]
    profile: Profile
    part: DatabasePart
    formats: dict[str, str]
    zero_dates: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)

    def frame(self, rows: Sequence[Sequence[Cell]]) -> pl.DataFrame:
        """All columns as text; the cells after them are left out."""
        cells = list(zip(*rows, strict=True)) or [() for _ in self.columns]
        return pl.DataFrame(
            [
                self._series(column, list(values))
                for column, values in zip(self.columns, cells, strict=False)
            ]
        )

    def notes(self) -> list[str]:
        """What a person should know about the values, in sentences."""
        told = [
            f"{name}: zero dates ({ZERO}) taken as missing: {n:,}"
            for name, n in sorted(self.zero_dates.items())
        ]
        told += [
            f"{name}: parts of a second that the profile's format {self.formats[name]!r} has no "
            f"place for were cut: {n:,} (write %.f after %S to keep them)"
            for name, n in sorted(self.cut.items())
        ]
        return told

    def _series(self, column: Column, values: list[Cell]) -> pl.Series:
        encoding = self.part.stored_as.get(column.name, "utf-8")
        texts = [_text(value, column, encoding) for value in values]
        series = pl.Series(column.name, texts, dtype=pl.String)
        if column.kind in TIMES:
            return self._times(column, series)
        if column.kind in ("number", "float"):
            return series.str.replace(r"^(-?\d+)\.0+$", "$1")
        if column.kind == "clock":
            return series.str.replace(r"^(\d\d:\d\d):00(?:\.0+)?$", "$1")
        if column.kind == "flag":
            return series.replace({"t": "true", "f": "false"})
        return series

    def _times(self, column: Column, series: pl.Series) -> pl.Series:
        zero = series.str.starts_with(ZERO).fill_null(value=False)
        if zero.any():
            self.zero_dates[column.name] = self.zero_dates.get(column.name, 0) + int(zero.sum())
            series = series.set(zero, None)
        form = self.formats.get(column.name, PLAIN[column.kind])
        moments = self._moments(column, series)
        self._note_cut(column.name, form, moments)
        shown = moments.dt.to_string(form)
        return shown.to_frame().select(pl.coalesce(shown, series).alias(column.name)).to_series()

    def _moments(self, column: Column, series: pl.Series) -> pl.Series:
        """Times of the profile's zone; null where the text is none."""
        zone = self.profile.timezone
        if column.kind == "date":
            moments = series.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
        else:
            bare = series.str.strip_suffix("+00")
            moments = bare.str.to_datetime(WRITTEN, time_unit="us", strict=False)
        if column.kind == "instant":
            return moments.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
        # A local time that clocks skipped or showed twice is still written as it stands.
        if "z" in self.formats.get(column.name, ""):
            return moments.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return moments

    def _note_cut(self, name: str, form: str, moments: pl.Series) -> None:
        timed = any(mark in form for mark in ("%S", "%T", "%H"))
        if not timed or "f" in form:
            return
        n = int((moments.dt.microsecond() != 0).sum())
        if n:
            self.formats.setdefault(name, form)
            self.cut[name] = self.cut.get(name, 0) + n


def _text(value: Cell, column: Column, encoding: str) -> str | None:
    """One cell as text; bytes that are none in the encoding are shown as 0x…, never dropped."""
    if column.kind == "bits" and isinstance(value, bytes):
        return str(int.from_bytes(value, "big"))
    if isinstance(value, str) and column.kind == "bytes" and value.startswith("\\x"):
        value = bytes.fromhex(value[2:])  # how PostgreSQL writes them
    if isinstance(value, bytes):
        try:
            return value.decode(encoding)
        except UnicodeDecodeError:
            return "0x" + value.hex()
    return value


def formats_of(part: LogPart, log: str) -> dict[str, str]:
    """The format in which the profile reads each column that holds a time.

    HallscoreError where one column is read in two formats: a text has one.
    """
    found: dict[str, str] = {}
    for name, source in part.columns.items():
        form = source.format if isinstance(source, Interval) else part.dates.get(name)
        for column in source_columns(source) if form else ():
            if found.setdefault(column, str(form)) != form:
                raise HallscoreError(
                    f"column {column!r} is read in two formats, {found[column]!r} and {form!r} "
                    f"([{log}.dates]). Give both fields the same format, or use a query that "
                    "names the column twice."
                )
    return found
